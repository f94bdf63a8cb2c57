//! Values that are secrets by their type.

use persist_format::{KeyPath, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rules::REDACTED;
use super::walk::key_text;

/// A value that is sensitive by its type: `Debug` hides it, and a store that saves it knows its path.
///
/// It is written to the file like the value inside.
///
/// ```
/// use persist_core::Secret;
/// let key = Secret::new("hunter2".to_string());
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Secret<T> {
        Secret(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Secret)
    }
}

const MARK: &str = "\u{0}persist secret";

thread_local! {
    static MARKING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !MARKING.get() {
            return self.0.serialize(serializer);
        }
        // In the shape of the secret, so that it can be flattened as the secret itself can.
        let tree = persist_format::to_value(&self.0).map_err(serde::ser::Error::custom)?;
        marked(&tree).serialize(serializer)
    }
}

fn marked(secret: &Value) -> Value {
    match secret {
        Value::Map(map) if !map.is_empty() => {
            let entries = map.iter().map(|(key, value)| (key.clone(), marked(value)));
            entries.collect::<persist_format::Map>().into()
        }
        _ => Value::from(MARK),
    }
}

/// The paths of all [`Secret`]s in `value`: it is serialized once with a mark in their place.
///
/// # Errors
/// Where that can't be done: then nobody knows where the secrets are, and nothing is saved. Also as the type's own `Serialize`.
pub(crate) fn secrets<T: Serialize>(value: &T) -> Result<Vec<KeyPath>, persist_format::Error> {
    struct Marking;
    impl Drop for Marking {
        fn drop(&mut self) {
            MARKING.set(false);
        }
    }
    MARKING.set(true);
    let marking = Marking;
    let tree = persist_format::to_value(value);
    drop(marking);
    let mut found = Vec::new();
    collect(&KeyPath::root(), &tree?, &mut found);
    Ok(found)
}

fn collect(path: &KeyPath, value: &Value, found: &mut Vec<KeyPath>) {
    match value {
        Value::String(text) if text == MARK => found.push(path.clone()),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                collect(&path.child(&key_text(key)), value, found);
            }
        }
        // Items move: a secret in one marks them all.
        Value::Sequence(items) => {
            let mut inside = Vec::new();
            items
                .iter()
                .for_each(|item| collect(path, item, &mut inside));
            if !inside.is_empty() {
                found.push(path.clone());
            }
        }
        _ => {}
    }
}
