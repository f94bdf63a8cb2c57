//! What the schema says of a value that is to be set.

use persist_format::schema::Expected;
use persist_format::{Document, KeyPath, Value};

use super::ConfigFile;
use crate::error::Error;

impl ConfigFile {
    /// What the schema that the manifest has for the document's version says of one place in `value`, which the document is to become;
    /// nothing without such a schema.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the schema itself can't be used.
    pub fn expected(
        &self,
        document: &Document,
        value: &Value,
        path: &KeyPath,
    ) -> Result<Expected, Error> {
        let manifest = self.options.manifest.as_ref();
        let version = self.version_or_assumed(document);
        let version = version.and_then(|v| v.parse().ok());
        let Some((manifest, version)) = manifest.zip(version) else {
            return Ok(Expected::default());
        };
        let expected = self.judges.expected(manifest, version, value, path);
        expected.map_err(|e| self.invalid(e))
    }
}
