//! From a wanted value to the operations that make it, and from a caller's words to operations.

use crate::align::align;
use crate::engine::{Arrival, Op, Slot};
use crate::path::{KeyPath, Segment};
use crate::value::{Map, Value};

/// The operations that turn `old` at `path` into `new`, inner ones first: an operation never changes what the path of a later one means.
pub(crate) fn between(path: &KeyPath, old: &Value, new: &Value) -> Vec<Op> {
    let mut ops = Vec::new();
    Planner {
        path: path.clone(),
        ops: &mut ops,
    }
    .value(old, new);
    ops
}

struct Planner<'a> {
    path: KeyPath,
    ops: &'a mut Vec<Op>,
}

impl Planner<'_> {
    fn value(&mut self, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Map(a), Value::Map(b)) if addressable(old) => self.map(a, b),
            (Value::Sequence(a), Value::Sequence(b)) => self.sequence(a, b),
            (Value::Tagged(a), Value::Tagged(b)) if a.tag == b.tag => {
                self.value(&a.value, &b.value);
            }
            _ => self.ops.push(Op::Replace {
                path: self.path.clone(),
                value: new.clone(),
            }),
        }
    }

    fn child(&mut self, segment: Segment, old: &Value, new: &Value) {
        self.path.push(segment);
        self.value(old, new);
        self.path.pop();
    }

    fn reshape(&mut self, slots: Vec<Slot>) {
        self.ops.push(Op::Reshape {
            path: self.path.clone(),
            slots,
        });
    }

    fn map(&mut self, old: &Map, new: &Map) {
        for (key, value) in old.iter() {
            if let Some(wanted) = new.get_key(key) {
                self.child(
                    Segment::Key(key.as_key_text().unwrap_or_default()),
                    value,
                    wanted,
                );
            }
        }
        let kept = old.keys().filter(|key| new.get_key(key).is_some()).count();
        if kept < old.len() || kept < new.len() {
            self.reshape(map_slots(old, new));
        }
    }

    fn sequence(&mut self, old: &[Value], new: &[Value]) {
        let from = align(old, new);
        for (item, place) in new.iter().zip(&from) {
            if let Some(index) = place {
                self.child(Segment::Index(*index), &old[*index], item);
            }
        }
        let same_places = from
            .iter()
            .enumerate()
            .all(|(at, place)| *place == Some(at));
        if !same_places || old.len() != new.len() {
            let slot = |(item, place): (&Value, Option<usize>)| {
                place.map_or_else(|| Slot::new(None, item.clone()), Slot::keep)
            };
            self.reshape(new.iter().zip(from).map(slot).collect());
        }
    }
}

/// True if each key can be said in a key path.
pub(crate) fn addressable(map: &Value) -> bool {
    let keys = map.as_map().map_or(0, Map::len);
    (0..keys).all(|i| {
        map.as_map()
            .and_then(|m| m.entry_at(i))
            .is_some_and(|(key, _)| key.is_string())
            || Segment::of_child(map, i).find_in(map) == Some(i)
    })
}

/// Old entries in their old order; a new one after the one it follows in the wanted order.
pub(crate) fn map_slots(old: &Map, new: &Map) -> Vec<Slot> {
    let mut first = Vec::new();
    let mut followers: Vec<Vec<Slot>> = vec![Vec::new(); old.len()];
    let mut before: Option<usize> = None;
    for (key, value) in new.iter() {
        match old.index_of(key) {
            Some(index) => before = Some(index),
            None => {
                let slot = Slot::new(Some(key.clone()), value.clone());
                before
                    .map_or(&mut first, |index| &mut followers[index])
                    .push(slot);
            }
        }
    }
    let mut slots = first;
    for (index, following) in followers.into_iter().enumerate() {
        if old
            .entry_at(index)
            .is_some_and(|(key, _)| new.get_key(key).is_some())
        {
            slots.push(Slot::keep(index));
        }
        slots.extend(following);
    }
    slots
}

/// All children of a container as they are.
pub(crate) fn keep_all(container: &Value) -> Vec<Slot> {
    (0..container.children()).map(Slot::keep).collect()
}

/// The reshape that puts another value in the place of the one at a path, which is written as a new child: container and slots.
pub(crate) fn replaced(root: &Value, path: &KeyPath, value: Value) -> Option<(KeyPath, Vec<Slot>)> {
    let (parent, last) = path.split_last()?;
    let container = root.get(&parent)?;
    let index = last.find_in(container)?;
    let map = container.untagged().as_map();
    let key = map.and_then(|map| map.entry_at(index));
    let mut slots = keep_all(container);
    slots[index] = Slot::new(key.map(|(key, _)| key.clone()), value);
    Some((parent, slots))
}

/// Which of so many children are none of the slots, in their order.
pub(crate) fn dropped(count: usize, slots: &[Slot]) -> impl Iterator<Item = usize> + use<> {
    let mut gone = vec![true; count];
    let kept = slots.iter().filter_map(Slot::kept);
    kept.for_each(|index| gone[index] = false);
    (0..count).filter(move |&index| gone[index])
}

/// The container's value with these children.
pub(crate) fn reshaped(value: &Value, slots: &[Slot]) -> Option<Value> {
    let old = value.untagged();
    let child = |index: usize| old.child_at(index).cloned();
    let inner = match old {
        Value::Map(map) => {
            let mut new = Map::new();
            for slot in slots {
                let (key, value) = match slot {
                    Slot::Old(index, None) => (map.entry_at(*index)?.0.clone(), child(*index)?),
                    Slot::Old(index, Some(key)) => (key.clone(), child(*index)?),
                    Slot::New(Arrival { key, value, .. }) => (key.clone()?, value.clone()),
                };
                new.insert(key, value);
            }
            Value::Map(new)
        }
        _ => Value::Sequence(
            slots
                .iter()
                .map(|slot| match slot {
                    Slot::Old(index, _) => child(*index),
                    Slot::New(arrival) => Some(arrival.value.clone()),
                })
                .collect::<Option<Vec<_>>>()?,
        ),
    };
    let mut value = value.clone();
    *value.untagged_mut() = inner;
    Some(value)
}
