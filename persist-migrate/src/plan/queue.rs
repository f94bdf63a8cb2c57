//! A priority queue for searches in which many entries weigh the same.
//!
//! Most edges cost the same, so a search sees few different weights at a time: a map of buckets beats a heap of entries.

use std::collections::BTreeMap;

use super::index::Weight;

#[derive(Default)]
pub(super) struct Queue {
    buckets: BTreeMap<Weight, Vec<usize>>,
    /// Emptied buckets, to be used again: a long chain would else allocate one for each version.
    spare: Vec<Vec<usize>>,
}

impl Queue {
    pub(super) fn push(&mut self, weight: Weight, node: usize) {
        let spare = &mut self.spare;
        self.buckets
            .entry(weight)
            .or_insert_with(|| spare.pop().unwrap_or_default())
            .push(node);
    }

    /// The smallest weight and all its nodes, in no certain order.
    pub(super) fn pop(&mut self) -> Option<(Weight, Vec<usize>)> {
        self.buckets.pop_first()
    }

    pub(super) fn recycle(&mut self, mut bucket: Vec<usize>) {
        bucket.clear();
        self.spare.push(bucket);
    }
}
