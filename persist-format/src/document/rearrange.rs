//! Lists that lose some of their items, and have the others in another order.

use super::edit::nothing_at;
use super::{Document, Edit};
use crate::engine::{Op, Slot};
use crate::error::Error;
use crate::path::KeyPath;
use crate::value::Value;

impl Document {
    /// Leaves each of the lists the items at these places, in this order, all as one change. No list is within another of them.
    ///
    /// # Errors
    ///
    /// As [`Document::move_to`].
    pub(crate) fn rearrange(&mut self, lists: &[(KeyPath, Vec<usize>)]) -> Result<Edit, Error> {
        let mut wanted = self.value().clone();
        let mut ops = Vec::new();
        for (path, places) in lists {
            let list = wanted.get_mut(path).map(Value::untagged_mut);
            let Some(Value::Sequence(items)) = list else {
                return Err(nothing_at(self.value(), path));
            };
            if places.iter().copied().ne(0..items.len()) {
                let left = places.iter().filter_map(|&at| items.get(at).cloned());
                *items = left.collect();
                ops.push(Op::Reshape {
                    path: path.clone(),
                    slots: places.iter().copied().map(Slot::keep).collect(),
                });
            }
        }
        self.change(&wanted, &ops)
    }
}
