//! The schemas of a manifest, as judges of the documents that `migrate check` makes up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use persist_core::format::schema::Compiled;
use persist_core::migrate::Manifest;
use persist_core::{Document, Format, Value, Version, format};

use crate::exit::Exit;
use crate::failure::Failure;

/// Looks of a schema at a value that one check may take: under a second at the worst. Sixty versions of fifty settings each take a quarter.
const LOOKS: u64 = 8_000_000;

/// A judge for each version that has a schema, compiled once.
pub(super) struct Judges<'m> {
    schemas: BTreeMap<&'m Version, (usize, Compiled<'m>)>,
    looks: Cell<u64>,
    /// What stood in the way of judging at all.
    failed: RefCell<Option<String>>,
}

impl<'m> Judges<'m> {
    /// Fails where a schema can't be used: its documents would all be refused, and none of its edges tried.
    pub(super) fn new(path: &Path, manifest: &'m Manifest) -> Result<Self, Failure> {
        let mut schemas = BTreeMap::new();
        for (index, entry) in manifest.versions.iter().enumerate() {
            let Some(schema) = &entry.schema else {
                continue;
            };
            let compiled = Compiled::new(schema);
            let compiled = compiled.map_err(|error| unusable(path, &told(index, &error)))?;
            schemas.insert(&entry.version, (index, compiled));
        }
        Ok(Self {
            schemas,
            looks: Cell::new(0),
            failed: RefCell::new(None),
        })
    }

    /// Whether a made-up document is what its version's schema asks for.
    pub(super) fn valid(
        &self,
        version: &Version,
        document: &serde_json::Value,
    ) -> Result<(), String> {
        let Some((index, schema)) = self.schemas.get(version) else {
            return Ok(());
        };
        let value = Value::from(document.clone());
        let (document, _) = Document::encode(&value, Format::Json).map_err(|e| e.to_string())?;
        let (violations, looks) = schema.check_counted(&document).map_err(|error| {
            let message = told(*index, &error);
            self.failed.borrow_mut().get_or_insert(message.clone());
            message
        })?;
        self.looks.set(self.looks.get().saturating_add(looks));
        match violations.first() {
            Some(violation) if violation.path.is_root() => Err(violation.message.clone()),
            Some(violation) => Err(format!("{}: {}", violation.path, violation.message)),
            None => Ok(()),
        }
    }

    /// Whether nothing more should be judged.
    pub(super) fn are_done(&self) -> bool {
        self.looks.get() > LOOKS || self.failed.borrow().is_some()
    }

    /// What stood in the way of judging at all.
    pub(super) fn failure(&self, path: &Path) -> Result<(), Failure> {
        match self.failed.borrow().as_deref() {
            Some(message) => Err(unusable(path, message)),
            None => Ok(()),
        }
    }
}

fn told(index: usize, error: &format::Error) -> String {
    format!("at `/versions/{index}/schema`: {error}")
}

fn unusable(path: &Path, message: &str) -> Failure {
    Failure::new(Exit::Invalid, format!("{}: {message}", path.display()))
}
