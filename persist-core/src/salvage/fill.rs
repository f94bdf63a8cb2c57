//! Defaults for what could not be read.

use persist_format::{Document, KeyPath, Map, OnLoss, Value};

/// Puts in the fields that `defaults` has and the document has not, in one edit; returns their paths.
pub(super) fn fill(document: &mut Document, defaults: &Value) -> Vec<String> {
    let mut wanted = document.value().clone();
    let mut missing = Vec::new();
    if let (Value::Map(there), Value::Map(defaults)) = (&mut wanted, defaults) {
        add(there, defaults, &KeyPath::root(), &mut missing);
    }
    if missing.is_empty() {
        return Vec::new();
    }
    if document.apply(&wanted).is_err() {
        // What can't be added in place is worth more than the layout of a damaged file.
        let mut rewritten = document.clone().on_loss(OnLoss::Reemit);
        if rewritten.apply(&wanted).is_ok() {
            *document = rewritten.on_loss(OnLoss::Refuse);
        }
    }
    // A format may be unable to say a default, as TOML is of null.
    missing.retain(|path| document.get(path).is_some());
    missing.iter().map(KeyPath::to_string).collect()
}

fn add(there: &mut Map, defaults: &Map, at: &KeyPath, missing: &mut Vec<KeyPath>) {
    for (key, value) in defaults.iter() {
        let path = at.child(&key.as_key_text().unwrap_or_else(|| key.to_string()));
        match there.index_of(key) {
            Some(index) => {
                let found = there.iter_mut().nth(index);
                if let (Some((_, Value::Map(inner))), Value::Map(defaults)) = (found, value) {
                    add(inner, defaults, &path, missing);
                }
            }
            None => {
                there.insert(key.clone(), value.clone());
                missing.push(path);
            }
        }
    }
}
