//! The fields of a document that hold no map.

use serde_json::Value;

use crate::path::Path;
use crate::tree::Tree;

#[derive(Default)]
pub(super) struct Leaves {
    /// Each leaf, in the document's order. Arrays and empty maps are leaves.
    pub(super) entries: Vec<(Path, Value)>,
}

impl Leaves {
    pub(super) fn of(document: &Value) -> Self {
        let mut leaves = Self::default();
        leaves.collect(document, &Path::root());
        leaves
    }

    fn collect(&mut self, value: &Value, path: &Path) {
        match value {
            Value::Object(map) if !map.is_empty() || path.is_root() => {
                for (key, inner) in map {
                    self.collect(inner, &path.child(key.as_str()));
                }
            }
            leaf => self.entries.push((path.clone(), leaf.clone())),
        }
    }

    /// The leaves of each document at whose place the other has nothing.
    pub(super) fn only_in(a: &Value, b: &Value) -> (Self, Self) {
        let missing = |from: &Value, other: &Value| {
            let entries = Self::of(from)
                .entries
                .into_iter()
                .filter(|(path, _)| !other.contains(path));
            Self {
                entries: entries.collect(),
            }
        };
        (missing(a, b), missing(b, a))
    }

    /// How many leaves hold this value.
    pub(super) fn count(&self, value: &Value) -> usize {
        self.entries
            .iter()
            .filter(|(_, other)| other == value)
            .count()
    }
}
