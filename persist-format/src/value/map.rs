//! Mappings that keep the order of their entries.

use indexmap::{Equivalent, IndexMap};
use std::hash::{Hash, Hasher};

use super::Value;

/// A mapping that keeps the order of its entries. Keys are usually strings, but YAML allows any value.
///
/// Two maps are equal if they have the same entries, in whatever order: no format gives the order a meaning.
#[derive(Clone, Debug, Default)]
pub struct Map(Box<IndexMap<Value, Value>>); // Boxed, so that other values are not made as large as a map is.

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        // Nearly always the order is the same too, and comparing takes no looking up.
        let same_key = |(at, key): (usize, &Value)| {
            let theirs = other.0.get_index(at).filter(|(theirs, _)| *theirs == key);
            theirs.map(|(_, value)| value).or_else(|| other.0.get(key))
        };
        self.len() == other.len()
            && self
                .iter()
                .enumerate()
                .all(|(at, (key, value))| same_key((at, key)).is_some_and(|theirs| theirs == value))
    }
}

impl Eq for Map {}

/// Looks a string key up without allocating; must hash as [`Value::String`] does.
struct Text<'a>(&'a str);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        super::hash_string(self.0, state);
    }
}

impl Equivalent<Value> for Text<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        matches!(key, Value::String(s) if s == self.0)
    }
}

impl Map {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value under a string key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&Text(key))
    }

    /// The value under a string key, to change it.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.get_mut(&Text(key))
    }

    /// The value under any key.
    #[must_use]
    pub fn get_key(&self, key: &Value) -> Option<&Value> {
        self.0.get(key)
    }

    /// True if the string is a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(&Text(key))
    }

    /// The place of a key in the order of entries.
    #[must_use]
    pub fn index_of(&self, key: &Value) -> Option<usize> {
        self.0.get_index_of(key)
    }

    /// The place of a string key.
    pub(crate) fn find_str(&self, key: &str) -> Option<usize> {
        self.0.get_index_of(&Text(key))
    }

    /// The place of the key that `text` names: the string itself, or else the one scalar that prints so (`8080`).
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        let named = |key: &Value| !key.is_string() && key.as_key_text().as_deref() == Some(text);
        self.0
            .get_index_of(&Text(text))
            .or_else(|| self.0.keys().position(named))
    }

    /// The entry at a place.
    #[must_use]
    pub fn entry_at(&self, index: usize) -> Option<(&Value, &Value)> {
        self.0.get_index(index)
    }

    pub(crate) fn value_at_mut(&mut self, index: usize) -> Option<&mut Value> {
        self.0.get_index_mut(index).map(|(_, value)| value)
    }

    /// Sets the value under a key, at the end of the order if the key is new; returns the value before.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(key.into(), value.into())
    }

    /// As [`Map::insert`], and says at which place.
    pub(crate) fn put(&mut self, key: Value, value: Value) -> (usize, Option<Value>) {
        self.0.insert_full(key, value)
    }

    /// Removes a string key; the order of the others stays.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(&Text(key))
    }

    /// Removes the entry at a place; the order of the others stays.
    pub fn remove_at(&mut self, index: usize) -> Option<(Value, Value)> {
        self.0.shift_remove_index(index)
    }

    /// Puts an entry at a place in the order (at most the length). `false`, and nothing done, if the key is there already.
    pub fn insert_at(&mut self, index: usize, key: Value, value: Value) -> bool {
        if self.0.contains_key(&key) {
            return false;
        }
        self.0.shift_insert(index.min(self.0.len()), key, value);
        true
    }

    /// Gives the entry at a place another key; it stays where it is. `false`, and nothing done, if the key is there already.
    pub(crate) fn rename_at(&mut self, index: usize, key: Value) -> bool {
        index < self.0.len() && self.0.replace_index(index, key).is_ok()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> + DoubleEndedIterator {
        self.0.iter()
    }

    /// The entries in order, values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Value, &mut Value)> {
        self.0.iter_mut()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.keys()
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.values()
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(k, v)| (k.into(), v.into()));
        Self(Box::new(entries.collect()))
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = indexmap::map::IntoIter<Value, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
