//! What a graph is checked with: documents, and who judges them.

use std::collections::BTreeMap;
use std::fmt;

use semver::Version;
use serde_json::Value;

use super::budget::{Budget, size};
use super::generate::generate;
use crate::path::Path;
use crate::tree::Tree;

/// Judges a document of a version: `Err` with a message if its schema does not allow it.
pub(super) type Judge<'a> = dyn Fn(&Version, &Value) -> Result<(), String> + 'a;

/// Values with a meaning of their own that are tried; more would not fit into the documents.
const MAX_TELLING: usize = 256;

/// What a graph is checked with.
///
/// ```
/// use persist_migrate::{Check, Manifest};
/// let manifest = Manifest::parse(r#"{
///     "app": "a",
///     "versions": [
///         { "version": "1.0.0", "schema": { "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } } } },
///         { "version": "1.1.0" }
///     ],
///     "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [{ "rename": { "path": "/a", "to": "b" } }] }]
/// }"#)?;
/// let report = manifest.check(&Check::new())?;
/// assert!(!report.is_ok(), "1.0.0 has a `b` already");
/// # Ok::<(), persist_migrate::ManifestError>(())
/// ```
pub struct Check<'a> {
    pub(super) cases: u32,
    pub(super) schemas: BTreeMap<Version, &'a Value>,
    pub(super) samples: BTreeMap<Version, Vec<Value>>,
    pub(super) telling: Vec<Value>,
    pub(super) version_path: Option<Path>,
    pub(super) judge: Option<Box<Judge<'a>>>,
    pub(super) stop: Option<Box<dyn Fn() -> bool + 'a>>,
}

impl Default for Check<'_> {
    fn default() -> Self {
        Self {
            cases: 64,
            schemas: BTreeMap::new(),
            samples: BTreeMap::new(),
            telling: Vec::new(),
            version_path: None,
            judge: None,
            stop: None,
        }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<_> = self.schemas.keys().chain(self.samples.keys()).collect();
        f.debug_struct("Check")
            .field("cases", &self.cases)
            .field("versions", &versions)
            .finish_non_exhaustive()
    }
}

impl<'a> Check<'a> {
    /// A check with 64 documents of each version that has a schema, and no judge.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many documents of each version are made from its schema. The same number gives the same documents.
    #[must_use]
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// The JSON Schema that documents of a version are made from.
    #[must_use]
    pub fn schema(mut self, version: Version, schema: &'a Value) -> Self {
        self.schemas.insert(version, schema);
        self
    }

    /// A document of a version, tried before those that are made.
    #[must_use]
    pub fn sample(mut self, version: Version, document: Value) -> Self {
        self.samples.entry(version).or_default().push(document);
        self
    }

    /// A value that edges treat in a way of its own, such as one in a table: documents that are made hold it wherever the
    /// schema allows, now and then. The first 256 are used.
    #[must_use]
    pub fn telling(mut self, value: Value) -> Self {
        if self.telling.len() < MAX_TELLING && !self.telling.contains(&value) {
            self.telling.push(value);
        }
        self
    }

    /// Where documents hold their version, so that it is right when they are judged.
    #[must_use]
    pub fn version_path(mut self, path: Path) -> Self {
        self.version_path = Some(path);
        self
    }

    /// Who says whether a document is valid, such as a JSON Schema validator. Without one all are.
    #[must_use]
    pub fn judge(mut self, judge: impl Fn(&Version, &Value) -> Result<(), String> + 'a) -> Self {
        self.judge = Some(Box::new(judge));
        self
    }

    /// When to try no more, asked before each document: a judge may cost more than this crate can know. What was not tried is
    /// [`super::Finding::NotTried`].
    #[must_use]
    pub fn stop_when(mut self, stop: impl Fn() -> bool + 'a) -> Self {
        self.stop = Some(Box::new(stop));
        self
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop())
    }

    /// The documents of a version that its judge allows, and how many it did not.
    pub(super) fn documents(&self, version: &Version, budget: &Budget) -> (Vec<Value>, usize) {
        let samples = self.samples.get(version).into_iter().flatten().cloned();
        let schema = self.schemas.get(version);
        let made = schema
            .into_iter()
            .flat_map(|schema| (0..self.cases).map(|case| generate(schema, &self.telling, case)));
        // A schema that only says that the version is a text is no reason to try another one's documents.
        let made = made.map(|mut document| {
            self.stamp(version, &mut document);
            document
        });
        let (mut valid, mut refused) = (Vec::new(), 0);
        for document in samples.chain(made) {
            if self.is_stopped() || !budget.spend(size(&document)) {
                break;
            }
            match self.judged(version, &document) {
                Ok(()) => valid.push(document),
                Err(_) => refused += 1,
            }
        }
        (valid, refused)
    }

    pub(super) fn judged(&self, version: &Version, document: &Value) -> Result<(), String> {
        self.judge
            .as_ref()
            .map_or(Ok(()), |judge| judge(version, document))
    }

    /// Writes the version into a document that has one.
    pub(super) fn stamp(&self, version: &Version, document: &mut Value) {
        if let Some(path) = self
            .version_path
            .as_ref()
            .filter(|path| document.contains(path))
        {
            // Of an existing node this can't fail; if it did, the judge would speak.
            let _stamped = document.set(path, Value::from(version.to_string()));
        }
    }
}
