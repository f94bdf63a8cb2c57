//! The schemas of a manifest, each compiled once, when it is needed first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use persist_format::Document;
use persist_format::schema::{Compiled, Violation};
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
        if manifest.schema_for(&version).is_none() {
            return Ok(Vec::new());
        }
        let mut judges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let judge = match judges.get(&version) {
            Some(judge) => Arc::clone(judge),
            None => {
                let source = Source {
                    manifest: Arc::clone(manifest),
                    version: version.clone(),
                };
                let judge = Judge::try_new(source, |source| Compiled::new(source.schema()))?;
                let judge = Arc::new(judge);
                judges.insert(version, Arc::clone(&judge));
                judge
            }
        };
        drop(judges);
        judge.with_dependent(|_, compiled| compiled.check(document))
    }
}

impl std::fmt::Debug for Judges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judges").finish_non_exhaustive()
    }
}
