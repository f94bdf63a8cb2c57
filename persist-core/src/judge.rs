//! The schemas of a manifest, each compiled once, when it is needed first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use persist_format::schema::{Compiled, Expected, Violation};
use persist_format::{Document, KeyPath, Value};
use persist_migrate::{Manifest, Version};
use self_cell::self_cell;

/// A manifest's schema, which the compiled one refers to.
struct Source {
    manifest: Arc<Manifest>,
    version: Version,
}

impl Source {
    fn schema(&self) -> &serde_json::Value {
        let schema = self.manifest.schema_for(&self.version);
        schema.unwrap_or(&serde_json::Value::Bool(true))
    }
}

self_cell!(
    struct Judge {
        owner: Source,
        #[covariant]
        dependent: Compiled,
    }
);

/// What judges documents of each version.
#[derive(Default)]
pub(crate) struct Judges(Mutex<HashMap<Version, Arc<Judge>>>);

impl Judges {
    /// Violations of the schema that the manifest has for this version; none without one.
    pub(crate) fn violations(
        &self,
        manifest: &Arc<Manifest>,
        version: Version,
        document: &Document,
    ) -> Result<Vec<Violation>, persist_format::Error> {
        match self.judge(manifest, version)? {
            Some(judge) => judge.with_dependent(|_, compiled| compiled.check(document)),
            None => Ok(Vec::new()),
        }
    }

    /// What that schema says of one place; nothing without one.
    pub(crate) fn expected(
        &self,
        manifest: &Arc<Manifest>,
        version: Version,
        value: &Value,
        path: &KeyPath,
    ) -> Result<Expected, persist_format::Error> {
        let judge = self.judge(manifest, version)?;
        let expected =
            judge.map(|judge| judge.with_dependent(|_, compiled| compiled.expected(value, path)));
        Ok(expected.unwrap_or_default())
    }

    fn judge(
        &self,
        manifest: &Arc<Manifest>,
        version: Version,
    ) -> Result<Option<Arc<Judge>>, persist_format::Error> {
        if manifest.schema_for(&version).is_none() {
            return Ok(None);
        }
        let mut judges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(judge) = judges.get(&version) {
            return Ok(Some(Arc::clone(judge)));
        }
        let source = Source {
            manifest: Arc::clone(manifest),
            version: version.clone(),
        };
        let judge = Judge::try_new(source, |source| Compiled::new(source.schema()))?;
        let judge = Arc::new(judge);
        judges.insert(version, Arc::clone(&judge));
        Ok(Some(judge))
    }
}

impl std::fmt::Debug for Judges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judges").finish_non_exhaustive()
    }
}
