//! Which children a block collection is to have, and which of them stay where they are.

use std::collections::HashMap;

use super::YamlEditor;
use super::chunks::Chunk;
use crate::align::increasing;
use crate::engine::{Arrival, Slot};
use crate::refusal::{Refusal, Shared};
use crate::tree::{Node, Origin};
use crate::value::Value;

/// A child of the new container.
pub(super) enum Planned<'s> {
    Old {
        chunk: usize,
        key: Option<&'s Value>,
    },
    New(&'s Arrival),
}

impl Planned<'_> {
    pub(super) fn chunk(&self) -> Option<usize> {
        match self {
            Self::Old { chunk, .. } => Some(*chunk),
            Self::New(_) => None,
        }
    }
}

impl YamlEditor<'_> {
    /// The slots with the chunks they mean, merge keys kept where they stand.
    pub(super) fn order<'s>(
        &self,
        chunks: &[Chunk],
        node: &Node,
        slots: &'s [Slot],
    ) -> Result<Vec<Planned<'s>>, Refusal> {
        let by_index: HashMap<usize, usize> = (0..)
            .zip(chunks)
            .filter_map(|(at, chunk)| Some((chunk.index?, at)))
            .collect();
        let chunk_of = |index: usize| by_index.get(&index).copied();
        let mut order: Vec<Planned<'s>> = Vec::new();
        let mut kept_merged = 0;
        for slot in slots {
            match slot {
                Slot::Old(index, None) => match chunk_of(*index) {
                    Some(chunk) => order.push(Planned::Old { chunk, key: None }),
                    None => kept_merged += 1,
                },
                Slot::Old(index, Some(key)) => {
                    let chunk = chunk_of(*index).ok_or(Shared::Merged("the key"))?;
                    order.push(Planned::Old {
                        chunk,
                        key: Some(key),
                    });
                }
                // It may override a merged entry.
                Slot::New(arrival) => order.push(Planned::New(arrival)),
            }
        }
        let merged = node
            .children
            .iter()
            .filter(|child| child.origin == Origin::Merged)
            .count();
        let overridden = slots.iter().any(|slot| slot.arrival().is_some());
        if kept_merged < merged && !overridden {
            return Err(Shared::Merged("an entry").into());
        }
        for (chunk, _) in chunks
            .iter()
            .enumerate()
            .filter(|(_, chunk)| chunk.index.is_none())
        {
            let at = order.iter().position(
                |planned| matches!(planned, Planned::Old { chunk: other, .. } if *other > chunk),
            );
            order.insert(
                at.unwrap_or(if chunk == 0 { 0 } else { order.len() }),
                Planned::Old { chunk, key: None },
            );
        }
        Ok(order)
    }
}

/// Which of the old children stay where they are: a longest run in the old order. The others move.
pub(super) fn staying(order: &[Planned<'_>]) -> Vec<bool> {
    let chunks: Vec<usize> = order.iter().filter_map(Planned::chunk).collect();
    let mut stays = increasing(&chunks).into_iter();
    let stays = |planned: &Planned<'_>| planned.chunk().is_some() && stays.next() == Some(true);
    order.iter().map(stays).collect()
}

#[cfg(test)]
mod tests {
    use super::{Planned, staying};
    use crate::engine::Arrival;
    use crate::value::Value;

    #[test]
    fn what_is_new_neither_stays_nor_takes_the_place_of_what_does() {
        let new = Arrival {
            key: None,
            value: Value::Null,
            from: None,
        };
        let old = |chunk| Planned::Old { chunk, key: None };
        let order = [
            old(0),
            Planned::New(&new),
            old(2),
            old(1),
            Planned::New(&new),
            old(3),
        ];
        assert_eq!(staying(&order), [true, false, false, true, false, true]);
        assert_eq!(staying(&[Planned::New(&new), old(0)]), [false, true]);
    }
}
