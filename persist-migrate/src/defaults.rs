//! Fields that are missing in a file.

use serde_json::Value;

use crate::path::Path;
use crate::tree::{Tree, TreeError};

/// Fills in the fields of `defaults` that the document has not, map by map, and says which.
///
/// Not a migration: the version stays. What is there stays as it is, null and empty maps included; arrays are
/// values, so their elements are not filled in.
///
/// ```
/// let mut settings = serde_json::json!({ "window": { "width": 800 } });
/// let defaults = serde_json::json!({ "window": { "width": 1024, "height": 768 }, "zoom": 1 });
/// let filled = persist_migrate::fill_defaults(&mut settings, &defaults)?;
/// assert_eq!(filled.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/window/height", "/zoom"]);
/// # Ok::<(), persist_migrate::TreeError>(())
/// ```
///
/// # Errors
/// The document refuses an edit; the fields before it have been filled.
pub fn fill_defaults<T: Tree>(document: &mut T, defaults: &Value) -> Result<Vec<Path>, TreeError> {
    let mut filled = Vec::new();
    fill(document, defaults, &Path::root(), &mut filled)?;
    Ok(filled)
}

fn fill<T: Tree>(
    document: &mut T,
    defaults: &Value,
    path: &Path,
    filled: &mut Vec<Path>,
) -> Result<(), TreeError> {
    if !document.contains(path) {
        document.set(path, T::from_json(defaults))?;
        filled.push(path.clone());
        return Ok(());
    }
    let Value::Object(fields) = defaults else {
        return Ok(());
    };
    if document.keys(path).is_none() {
        return Ok(());
    }
    fields
        .iter()
        .try_for_each(|(key, value)| fill(document, value, &path.child(key.as_str()), filled))
}
