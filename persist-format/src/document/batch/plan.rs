//! From the parts of a stage to operations on the text before it.

use super::part::{Content, Indices, Part, Source};
use super::stage::Stage;
use super::stages::key_path;
use crate::engine::{Op, Slot};
use crate::path::{KeyPath, Segment};
use crate::value::Value;

/// The operations that make the stage's value out of `old`: moves first, while their texts are where they were, and else inner ones first. `None` if a
/// place can't be said by a path.
pub(super) fn operations(stage: &Stage, old: &Value) -> Option<Vec<Op>> {
    let mut planner = Planner {
        root: old,
        moves: Vec::new(),
        others: Vec::new(),
    };
    planner.part(&stage.root, &stage.value, old, &KeyPath::root())?;
    let mut ops = planner.moves;
    ops.append(&mut planner.others);
    Some(ops)
}

struct Planner<'v> {
    root: &'v Value,
    moves: Vec<Op>,
    others: Vec<Op>,
}

impl Planner<'_> {
    fn part(&mut self, part: &Part, value: &Value, old: &Value, path: &KeyPath) -> Option<()> {
        let children = match &part.content {
            Content::Same => return Some(()),
            Content::New => {
                if value != old {
                    self.others.push(Op::Replace {
                        path: path.clone(),
                        value: value.clone(),
                    });
                }
                return Some(());
            }
            Content::Children(children) => children,
        };
        let mut slots = Vec::with_capacity(children.len());
        for (at, child) in children.iter().enumerate() {
            let new = value.child_at(at)?;
            let key = value.untagged().as_map().and_then(|map| map.entry_at(at));
            let key = key.map(|(key, _)| key);
            slots.push(match &child.source {
                Source::Here(index) => {
                    let was = old.child_at(*index)?;
                    if !matches!(child.content, Content::Same) {
                        let segment = Segment::of_child(old, *index);
                        if segment.find_in(old) != Some(*index) {
                            return None;
                        }
                        self.part(child, new, was, &path.join(segment))?;
                    }
                    let old_key = old.untagged().as_map().and_then(|map| map.entry_at(*index));
                    match key {
                        Some(key) if old_key.map(|(old, _)| old) != Some(key) => {
                            Slot::Old(*index, Some(key.clone()))
                        }
                        _ => Slot::keep(*index),
                    }
                }
                Source::Moved(place) => Slot::moved(key.cloned(), self.path(place)?, new.clone()),
                Source::New => Slot::new(key.cloned(), new.clone()),
            });
        }
        self.reshape(slots, old, path);
        Some(())
    }

    fn path(&self, place: &Indices) -> Option<KeyPath> {
        key_path(self.root, place)
    }

    fn reshape(&mut self, slots: Vec<Slot>, old: &Value, path: &KeyPath) {
        let keeps =
            |(at, slot): (usize, &Slot)| matches!(slot, Slot::Old(index, None) if *index == at);
        if slots.len() == old.children() && slots.iter().enumerate().all(keeps) {
            return;
        }
        let mut arrivals = slots.iter().filter_map(Slot::arrival);
        let moves = arrivals.any(|arrival| arrival.from.is_some());
        let ops = if moves {
            &mut self.moves
        } else {
            &mut self.others
        };
        ops.push(Op::Reshape {
            path: path.clone(),
            slots,
        });
    }
}
