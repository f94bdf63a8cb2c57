//! What the result is to mean.
//!
//! A value that one side has left alone is the other side's. Where both have changed it, maps are merged key by key and sequences item by
//! item; anything else is a conflict, at which ours stays. Items are aligned with the base on either side ([`items`](super::items)), which makes a merge of sequences
//! out of two independent questions: which items stay (those that no side has removed), and in which order (that of the side that has
//! moved any). What a side has inserted follows the item that it followed there; of two insertions at one place ours comes first, and an item that
//! both have inserted stands where ours has it.

use super::aligned::{Aligned, Twins, order};
use super::items::Certainty;
use super::terms::{Conflict, Places};
use crate::align::{self, align};
use crate::document::Document;
use crate::location::Location;
use crate::path::{KeyPath, Segment};
use crate::value::{Map, Tagged, Value};

/// A conflict, and the path of its value in the base and on either side.
pub(super) struct Clash {
    pub(super) conflict: Conflict,
    pub(super) base: KeyPath,
    pub(super) theirs: KeyPath,
}

/// The conflicts with their places in the texts.
pub(super) fn placed(clashes: Vec<Clash>, [base, ours, theirs]: [&Document; 3]) -> Vec<Conflict> {
    let all = clashes.iter();
    let places = [
        places(
            base,
            all.clone()
                .map(|c| c.conflict.base.as_ref().map(|_| &c.base)),
        ),
        places(
            ours,
            all.clone()
                .map(|c| c.conflict.ours.as_ref().map(|_| &c.conflict.path)),
        ),
        places(
            theirs,
            all.map(|c| c.conflict.theirs.as_ref().map(|_| &c.theirs)),
        ),
    ];
    let placed = |(at, clash): (usize, Clash)| {
        let [base, ours, theirs] = places.each_ref().map(|places| places[at]);
        Conflict {
            places: Places { base, ours, theirs },
            ..clash.conflict
        }
    };
    clashes.into_iter().enumerate().map(placed).collect()
}

/// Where each of these paths is in the text, in one pass.
fn places<'c>(
    document: &Document,
    paths: impl Iterator<Item = Option<&'c KeyPath>>,
) -> Vec<Option<Location>> {
    let starts = paths.map(|path| Some(document.span(path?, false)?.start));
    let starts: Vec<Option<usize>> = starts.collect();
    let mut order: Vec<usize> = starts.iter().flatten().copied().collect();
    order.sort_unstable();
    let there = Location::of_each(document.text(), order.iter().copied());
    let place = |start: usize| there[order.partition_point(|other| *other < start)];
    starts.into_iter().map(|start| start.map(place)).collect()
}

/// What is done with an item of which it is a guess that both sides have it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Guesses {
    /// Nothing is merged into it.
    Kept,
    /// What both have changed of it is merged.
    Merged,
}

/// Both sides' changes, ours where they are in each other's way; and where that is.
pub(super) fn merged(
    base: &Value,
    ours: &Value,
    theirs: &Value,
    guesses: Guesses,
) -> (Value, Vec<Clash>) {
    let mut merger = Merger {
        guesses,
        paths: <[KeyPath; 3]>::default(),
        clashes: Vec::new(),
    };
    let merged = merger.value(Some(base), Some(ours), Some(theirs));
    (merged.unwrap_or(Value::Null), merger.clashes)
}

/// For each of the old items its place among the new ones.
pub(super) fn same_items(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    align::places(&align(old, new), old.len())
}

struct Merger {
    guesses: Guesses,
    /// In the base, ours and theirs.
    paths: [KeyPath; 3],
    clashes: Vec<Clash>,
}

type Sides<'v> = [Option<&'v Value>; 3];

impl Merger {
    /// The value of the side that has changed it; a conflict if both have.
    fn whole(
        &mut self,
        base: Option<&Value>,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Option<Value> {
        if base == ours {
            return theirs.cloned();
        }
        if ours != theirs && base != theirs {
            self.clash([base, ours, theirs].map(Option::<&Value>::cloned));
        }
        ours.cloned()
    }

    fn value(
        &mut self,
        base: Option<&Value>,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Option<Value> {
        if ours == theirs || base == theirs || base == ours {
            return self.whole(base, ours, theirs);
        }
        match (base, ours, theirs) {
            (base, Some(Value::Map(a)), Some(Value::Map(b))) => {
                let none = Map::new();
                let base = base.and_then(Value::as_map).unwrap_or(&none);
                Some(self.map(base, a, b).into())
            }
            (Some(Value::Sequence(base)), Some(Value::Sequence(a)), Some(Value::Sequence(b))) => {
                self.sequence(base, a, b).map(Value::Sequence).or_else(|| {
                    self.clash(
                        [Some(base), Some(a), Some(b)]
                            .map(|items| items.map(|i| Value::Sequence(i.clone()))),
                    );
                    ours.cloned()
                })
            }
            (base, Some(Value::Tagged(a)), Some(Value::Tagged(b))) if a.tag == b.tag => {
                let base = match base {
                    Some(Value::Tagged(base)) if base.tag == a.tag => Some(&base.value),
                    _ => None,
                };
                let value = self.value(base, Some(&a.value), Some(&b.value))?;
                let tag = a.tag.clone();
                Some(Value::Tagged(Box::new(Tagged { tag, value })))
            }
            _ => self.whole(base, ours, theirs),
        }
    }

    fn clash(&mut self, [base, ours, theirs]: [Option<Value>; 3]) {
        let [base_path, path, theirs_path] = self.paths.clone();
        let path = match ours {
            Some(_) => path,
            None => base_path.clone(),
        };
        self.clashes.push(Clash {
            conflict: Conflict {
                path,
                base,
                ours,
                theirs,
                places: Places::default(),
            },
            base: base_path,
            theirs: theirs_path,
        });
    }

    /// Merges what is there below.
    fn at<T>(&mut self, segments: [Segment; 3], merge: impl FnOnce(&mut Self) -> T) -> T {
        for (path, segment) in self.paths.iter_mut().zip(segments) {
            path.push(segment);
        }
        let merged = merge(self);
        for path in &mut self.paths {
            path.pop();
        }
        merged
    }

    /// An item of the base. Where it is a guess that ours or theirs is the same, it is merged in one piece; and an equal one that may be another stands for none, if the other side has
    /// changed the item.
    fn item(&mut self, sides: Sides<'_>, certainty: [Certainty; 2]) -> Option<Value> {
        let [base, ours, theirs] = sides;
        let sides = match may_be_others(sides, certainty) {
            _ if self.guesses == Guesses::Merged => return self.value(base, ours, theirs),
            [true, _] => [base, None, theirs],
            [_, true] => [base, ours, None],
            _ if certainty.contains(&Certainty::Guess) => return self.whole(base, ours, theirs),
            _ => return self.value(base, ours, theirs),
        };
        self.clash(sides.map(Option::<&Value>::cloned));
        ours.cloned()
    }

    /// An item that both have added under one name: what one of them has written, if that says all that the other says.
    fn twin(&mut self, ours: &Value, theirs: &Value) -> Option<Value> {
        if self.guesses == Guesses::Merged || says_all(ours, theirs) || says_all(theirs, ours) {
            return self.value(None, Some(ours), Some(theirs));
        }
        self.whole(None, Some(ours), Some(theirs))
    }

    fn map(&mut self, base: &Map, ours: &Map, theirs: &Map) -> Map {
        let mut merged = Map::new();
        let only_theirs = theirs.keys().filter(|key| ours.get_key(key).is_none());
        for key in ours.keys().chain(only_theirs) {
            let segment = Segment::Key(key.as_key_text().unwrap_or_else(|| key.to_string()));
            let sides = [base, ours, theirs].map(|map| map.get_key(key));
            let segments = [segment.clone(), segment.clone(), segment];
            let [base, ours, theirs] = sides;
            if let Some(value) = self.at(segments, |merger| merger.value(base, ours, theirs)) {
                merged.insert(key.clone(), value);
            }
        }
        merged
    }

    /// `None` if both sides have brought the items in an order of their own, or one has changed an item that has nothing but its place to tell which one it is, and the other may have
    /// it elsewhere.
    fn sequence(&mut self, base: &[Value], ours: &[Value], theirs: &[Value]) -> Option<Vec<Value>> {
        let us = Aligned::of(base, ours, theirs);
        let them = Aligned::of(base, theirs, ours);
        let order = order(&us, &them)?;
        let places = |at: usize| [Some(at), us.places[at], them.places[at]];
        let sides = |at: usize| {
            let [base_at, ours_at, theirs_at] = places(at);
            [
                base_at.map(|at| &base[at]),
                ours_at.map(|at| &ours[at]),
                theirs_at.map(|at| &theirs[at]),
            ]
        };
        let certainty = |at: usize| [us.certainty[at], them.certainty[at]];
        let is_open = |at: usize| {
            base[at].untagged().as_map().is_none()
                && may_be_others(sides(at), certainty(at)) != [false; 2]
        };
        if self.guesses == Guesses::Kept && (0..base.len()).any(is_open) {
            return None;
        }
        let twins = Twins::of((&us, ours), (&them, theirs));
        let mut out = Vec::new();
        self.inserted(None, (&us, ours), (&them, theirs), &twins, &mut out);
        for at in order {
            let segments = places(at).map(|place| Segment::Index(place.unwrap_or(at)));
            out.extend(self.at(segments, |merger| merger.item(sides(at), certainty(at))));
            self.inserted(Some(at), (&us, ours), (&them, theirs), &twins, &mut out);
        }
        Some(out)
    }

    /// What both sides have inserted after that item of the base; what both have, where ours has it.
    fn inserted(
        &mut self,
        after: Option<usize>,
        (us, ours): (&Aligned, &[Value]),
        (them, theirs): (&Aligned, &[Value]),
        twins: &Twins,
        out: &mut Vec<Value>,
    ) {
        for &at in us.inserted_after(after) {
            let item = &ours[at];
            let Some(place) = twins.in_theirs[at] else {
                out.push(item.clone());
                continue;
            };
            let segments = [at, at, place].map(Segment::Index);
            out.extend(self.at(segments, |merger| merger.twin(item, &theirs[place])));
        }
        let only_theirs = them.inserted_after(after).iter();
        let only_theirs = only_theirs.filter(|at| twins.in_ours[**at].is_none());
        out.extend(only_theirs.map(|at| theirs[*at].clone()));
    }
}

/// Whether our item, and theirs, is as in the base and may be another than the one that the other side has changed.
fn may_be_others([base, ours, theirs]: Sides<'_>, [mine, other]: [Certainty; 2]) -> [bool; 2] {
    let is_changed = |side: Option<&Value>| side.is_some() && side != base;
    [
        base == ours && is_changed(theirs) && mine.may_be_another(other),
        base == theirs && is_changed(ours) && other.may_be_another(mine),
    ]
}

/// Whether all that is said under the keys of the one is said there by the other.
fn says_all(value: &Value, of: &Value) -> bool {
    match (value, of) {
        (Value::Map(map), Value::Map(of)) => {
            let is_there = |(key, of): (&Value, &Value)| {
                map.get_key(key).is_some_and(|value| says_all(value, of))
            };
            of.iter().all(is_there)
        }
        (Value::Tagged(value), Value::Tagged(of)) if value.tag == of.tag => {
            says_all(&value.value, &of.value)
        }
        (value, of) => value == of,
    }
}
