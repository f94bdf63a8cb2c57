//! Which entry or item of one document is which of another that was made of it.

use std::collections::HashMap;

use super::items::pairs;
use crate::align;
use crate::path::{KeyPath, Segment};
use crate::value::Value;

/// Two documents. An entry of a map is the one with its key; an item of a list the one that a merge takes for it ([`pairs`]), whatever it says now and wherever it stands.
pub(super) struct Same<'v> {
    from: &'v Value,
    to: &'v Value,
    /// For each list that has been looked into the places of its items.
    places: HashMap<KeyPath, Vec<Option<usize>>>,
}

impl<'v> Same<'v> {
    pub(super) fn of(from: &'v Value, to: &'v Value) -> Self {
        Self {
            from,
            to,
            places: HashMap::new(),
        }
    }

    /// Where that is in the other document; `None` if it is gone.
    pub(super) fn place_of(&mut self, path: &KeyPath) -> Option<KeyPath> {
        let (mut from, mut to) = (self.from, self.to);
        let (mut before, mut after) = (KeyPath::root(), KeyPath::root());
        for segment in path.segments() {
            let index = segment.find_in(from)?;
            let place = match (from.untagged(), to.untagged()) {
                (Value::Sequence(old), Value::Sequence(new)) => {
                    let places = self.places.entry(before.clone());
                    let places = places.or_insert_with(|| {
                        let from = pairs(old, new, &[]).from;
                        align::places(&from, old.len())
                    });
                    after.push(Segment::Index(places[index]?));
                    places[index]?
                }
                _ => {
                    after.push(segment.clone());
                    segment.find_in(to)?
                }
            };
            before.push(segment.clone());
            (from, to) = (from.child_at(index)?, to.child_at(place)?);
        }
        Some(after)
    }
}
