//! Which children a block collection is to have, and which of them stay where they are.

use std::collections::HashMap;

use super::Plan;
use super::chunks::Chunk;
use crate::engine::{Slot, Unfit};
use crate::path::KeyPath;
use crate::tree::{Node, Origin};
use crate::value::Value;

/// A child of the new container.
pub(super) enum Planned<'s> {
    Old {
        chunk: usize,
        key: Option<&'s Value>,
    },
    New {
        key: Option<&'s Value>,
        value: &'s Value,
        from: Option<&'s KeyPath>,
    },
}

impl Planned<'_> {
    pub(super) fn chunk(&self) -> Option<usize> {
        match self {
            Self::Old { chunk, .. } => Some(*chunk),
            Self::New { .. } => None,
        }
    }
}

impl Plan<'_> {
    /// The slots with the chunks they mean, merge keys kept where they stand.
    pub(super) fn order<'s>(
        &self,
        chunks: &[Chunk],
        node: &Node,
        slots: &'s [Slot],
    ) -> Result<Vec<Planned<'s>>, Unfit> {
        let by_index: HashMap<usize, usize> = (0..)
            .zip(chunks)
            .filter_map(|(at, chunk)| Some((chunk.index?, at)))
            .collect();
        let chunk_of = |index: usize| by_index.get(&index).copied();
        let mut order: Vec<Planned<'s>> = Vec::new();
        let mut kept_merged = 0;
        for slot in slots {
            match slot {
                Slot::Keep(index) => match chunk_of(*index) {
                    Some(chunk) => order.push(Planned::Old { chunk, key: None }),
                    None => kept_merged += 1,
                },
                Slot::Rename(index, key) => {
                    let chunk = chunk_of(*index)
                        .ok_or_else(|| Unfit::new("the key comes in by a merge key"))?;
                    order.push(Planned::Old {
                        chunk,
                        key: Some(key),
                    });
                }
                Slot::New(key, value) => {
                    // A new entry that overrides a merged one.
                    order.push(Planned::New {
                        key: key.as_ref(),
                        value,
                        from: None,
                    });
                }
                Slot::Moved(key, from, value) => order.push(Planned::New {
                    key: key.as_ref(),
                    value,
                    from: Some(from),
                }),
            }
        }
        let merged = node
            .children
            .iter()
            .filter(|child| child.origin == Origin::Merged)
            .count();
        let overridden = slots
            .iter()
            .any(|slot| matches!(slot, Slot::New(..) | Slot::Moved(..)));
        if kept_merged < merged && !overridden {
            return Err(Unfit::new("an entry comes in by a merge key"));
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
pub(super) fn longest_increasing(order: &[Planned<'_>]) -> Vec<bool> {
    // `ends[n]` is the place that ends a run of n + 1 with the least chunk; `before` leads back along each run.
    let chunk = |at: usize| match order[at] {
        Planned::Old { chunk, .. } => chunk,
        Planned::New { .. } => usize::MAX,
    };
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; order.len()];
    for at in (0..order.len()).filter(|&at| chunk(at) != usize::MAX) {
        let length = ends.partition_point(|&end| chunk(end) < chunk(at));
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        ends.truncate(length.max(ends.len()));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut stays = vec![false; order.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        stays[at] = true;
        next = before[at];
    }
    stays
}
