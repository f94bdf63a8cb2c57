//! Whether the keys of maps stand in an order that a side has.
//!
//! Maps are equal whatever the order of their keys, so a comparison of values doesn't see that a key that was given back to a woven text came to stand
//! behind what a side has added after it.

use super::values::same_items;
use crate::value::{Map, Value};

/// Whether, in all of `merged`, keys that one side has stand in its order, or in the other's. Of keys of both sides the neighbours among those of a side are
/// compared: the time is linear.
pub(super) fn are_ordered(merged: &Value, ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    match merged.untagged() {
        Value::Map(map) => {
            let [ours, theirs] = [ours, theirs].map(|side| side.map(Value::untagged)?.as_map());
            let inner = |(key, value): (&Value, &Value)| {
                let [ours, theirs] = [ours, theirs].map(|side| side?.get_key(key));
                are_ordered(value, ours, theirs)
            };
            are_as_in(ours, theirs, map) && are_as_in(theirs, ours, map) && map.iter().all(inner)
        }
        Value::Sequence(items) => {
            let sides = [ours, theirs].map(|side| {
                let there = side.map(Value::untagged)?.as_sequence()?;
                Some((there, same_items(items, there)))
            });
            items.iter().enumerate().all(|(at, item)| {
                let [ours, theirs] = sides.each_ref().map(|side| {
                    let (there, places) = side.as_ref()?;
                    there.get(places[at]?)
                });
                are_ordered(item, ours, theirs)
            })
        }
        _ => true,
    }
}

/// Whether the keys of `side` stand in `merged` as there, except where the `other` side has put them otherwise.
fn are_as_in(side: Option<&Map>, other: Option<&Map>, merged: &Map) -> bool {
    let Some(side) = side else {
        return true;
    };
    let is_before = |map: &Map, a: &Value, b: &Value| Some(map.index_of(a)? < map.index_of(b)?);
    let keys: Vec<_> = merged
        .keys()
        .filter(|k| side.get_key(k).is_some())
        .collect();
    keys.windows(2).all(|pair| {
        is_before(side, pair[0], pair[1]) != Some(false)
            || other.and_then(|other| is_before(other, pair[0], pair[1])) == Some(true)
    })
}
