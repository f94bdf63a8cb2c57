//! Which child of a value a segment of a key path means.

use super::{Map, Value};
use crate::path::Segment;

impl Segment {
    /// The segment that leads to the child at `index` of a container.
    pub(crate) fn of_child(container: &Value, index: usize) -> Self {
        match container.untagged() {
            Value::Map(map) => Self::of_key(map, index),
            _ => Self::Index(index),
        }
    }

    fn of_key(map: &Map, index: usize) -> Self {
        let key = map.entry_at(index).map(|(key, _)| key);
        Self::Key(
            key.map(|key| key.as_key_text().unwrap_or_else(|| key.to_string()))
                .unwrap_or_default(),
        )
    }

    /// The place of the existing child that the segment means.
    pub(crate) fn find_in(&self, container: &Value) -> Option<usize> {
        match container.untagged() {
            Value::Sequence(items) => self.index_in(items.len()).filter(|&i| i < items.len()),
            Value::Map(map) => match self {
                Self::Key(key) => map.find(key),
                _ => None,
            },
            _ => None,
        }
    }
}
