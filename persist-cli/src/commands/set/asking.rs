//! Before a person is asked for a value that nobody sees.

use persist_core::format::{self as format, Segment};
use persist_core::{ConfigFile, Error, KeyPath, Value};

use super::assignment::How;
use super::looks;
use crate::failure::{Failure, of_edit};

/// Refuses what would be typed in vain, and has what is typed shown nowhere: whoever types it unseen takes it for a secret, whatever its
/// key is called.
pub(super) fn prepare(file: &ConfigFile, key: &KeyPath, how: How) -> Result<(), Failure> {
    let document = file.document_to_edit().map_err(of_edit)?;
    let held = match document.get(key).map(Value::untagged) {
        Some(Value::Map(_)) => Some("a map"),
        Some(Value::Sequence(_)) => Some("a list"),
        _ => None,
    };
    if let Some(held) = held.filter(|_| !how.json) {
        let error = holds(key, held).with_file(file.path());
        return Err(Error::Invalid(Box::new(error)).into());
    }
    file.hide([key.clone(), in_document(document.value(), key)]);
    Ok(())
}

fn holds(key: &KeyPath, what: &str) -> format::Error {
    let shell = looks::shell(key);
    format::Error::refused(format!(
        "`{key}` holds {what}, and a text can't take its place"
    ))
    .with_help(format!(
        "name a key in it; `{shell}:=` with --stdin takes JSON"
    ))
}

/// The key with indexes where the document has lists, as its values are found.
fn in_document(root: &Value, key: &KeyPath) -> KeyPath {
    let mut at = Some(root);
    let mut place = KeyPath::root();
    for segment in key.segments() {
        let items = at.and_then(|value| value.untagged().as_sequence());
        let index = items.and_then(|items| segment.index_in(items.len()));
        place.push(index.map_or_else(|| segment.clone(), Segment::Index));
        at = root.get(&place);
    }
    place
}
