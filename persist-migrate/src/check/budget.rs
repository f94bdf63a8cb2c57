//! What a check may cost as a whole.

use std::cell::Cell;

use serde_json::Value;

/// Values that all laws together may handle: some 5,000 documents of 100 values, through 10 lenses each.
const WORK: u64 = 5_000_000;

/// Work that is left, in values that are handled.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(WORK))
    }

    /// Takes from what is left; false if that is not enough.
    pub(super) fn spend(&self, work: u64) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(work));
        work <= left
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// The values in a document, with what its long texts are worth.
pub(crate) fn size(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<u64>(),
        Value::Object(map) => {
            let entry = |(key, inner): (&String, &Value)| key.len() as u64 / 64 + size(inner);
            1 + map.iter().map(entry).sum::<u64>()
        }
        Value::String(text) => 1 + text.len() as u64 / 64,
        _ => 1,
    }
}
