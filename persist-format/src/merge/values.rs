//! What the result is to mean.
//!
//! A value that one side has left alone is the other side's. Where both have changed it, maps are merged key by key and sequences item by
//! item; anything else is a conflict, at which ours stays. Items are aligned with the base on either side ([`items`](super::items)), which makes a merge of sequences
//! out of two independent questions: which items stay (those that no side has removed), and in which order (that of the side that has
//! moved any). What a side has inserted follows the item that it followed there; of two insertions at one place ours comes first, and an item that
//! both have inserted stands where ours has it.

use std::collections::{HashMap, VecDeque};

use super::items::{Pairs, pairs};
use super::terms::{Conflict, Places};
use crate::align::{align, named};
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
    let mut places = vec![None; old.len()];
    for (place, from) in align(old, new).into_iter().enumerate() {
        if let Some(from) = from {
            places[from] = Some(place);
        }
    }
    places
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

    /// What is there below: in one piece if it is a guess that the three are one.
    fn child(
        &mut self,
        segments: [Segment; 3],
        [base, ours, theirs]: Sides<'_>,
        is_guess: bool,
    ) -> Option<Value> {
        for (path, segment) in self.paths.iter_mut().zip(segments) {
            path.push(segment);
        }
        let merged = match is_guess && self.guesses == Guesses::Kept {
            true => self.whole(base, ours, theirs),
            false => self.value(base, ours, theirs),
        };
        for path in &mut self.paths {
            path.pop();
        }
        merged
    }

    fn map(&mut self, base: &Map, ours: &Map, theirs: &Map) -> Map {
        let mut merged = Map::new();
        let only_theirs = theirs.keys().filter(|key| ours.get_key(key).is_none());
        for key in ours.keys().chain(only_theirs) {
            let segment = Segment::Key(key.as_key_text().unwrap_or_else(|| key.to_string()));
            let sides = [base, ours, theirs].map(|map| map.get_key(key));
            if let Some(value) =
                self.child([segment.clone(), segment.clone(), segment], sides, false)
            {
                merged.insert(key.clone(), value);
            }
        }
        merged
    }

    /// `None` if both sides have brought the items in an order of their own.
    fn sequence(&mut self, base: &[Value], ours: &[Value], theirs: &[Value]) -> Option<Vec<Value>> {
        let us = Aligned::of(base, ours, theirs);
        let them = Aligned::of(base, theirs, ours);
        let order = order(&us, &them)?;
        let twins = Twins::of((&us, ours), (&them, theirs));
        let mut out = Vec::new();
        self.inserted(None, (&us, ours), (&them, theirs), &twins, &mut out);
        for at in order {
            let places = [Some(at), us.places[at], them.places[at]];
            let items = [base, ours, theirs];
            let index = |side: usize| places[side].unwrap_or(at);
            let item = |side: usize| places[side].map(|place| &items[side][place]);
            let segments = [0, 1, 2].map(|side| Segment::Index(index(side)));
            let is_guess = us.is_guess[at] || them.is_guess[at];
            out.extend(self.child(segments, [0, 1, 2].map(item), is_guess));
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
            out.extend(self.child(segments, [None, Some(item), Some(&theirs[place])], false));
        }
        let only_theirs = them.inserted_after(after).iter();
        let only_theirs = only_theirs.filter(|at| twins.in_ours[**at].is_none());
        out.extend(only_theirs.map(|at| theirs[*at].clone()));
    }
}

/// Items that both sides have inserted: the same at one place, or anywhere under a name that neither has given to another.
struct Twins {
    /// For each of our items its place among theirs.
    in_theirs: Vec<Option<usize>>,
    /// For each of their items its place among ours.
    in_ours: Vec<Option<usize>>,
}

impl Twins {
    fn of((us, ours): (&Aligned, &[Value]), (them, theirs): (&Aligned, &[Value])) -> Self {
        let mut twins = Self {
            in_theirs: vec![None; ours.len()],
            in_ours: vec![None; theirs.len()],
        };
        for (after, mine) in &us.inserted {
            let mut same: HashMap<&Value, VecDeque<usize>> = HashMap::new();
            for &at in them.inserted_after(*after) {
                same.entry(&theirs[at]).or_default().push_back(at);
            }
            for &at in mine {
                let twin = same.get_mut(&ours[at]).and_then(VecDeque::pop_front);
                twins.in_theirs[at] = twin;
                twin.into_iter()
                    .for_each(|twin| twins.in_ours[twin] = Some(at));
            }
        }
        let [mine, other] = [us, them].map(Aligned::is_inserted);
        let free = |at: usize| mine[at] && twins.in_theirs[at].is_none();
        let free_there = |at: usize| other[at] && twins.in_ours[at].is_none();
        for (at, twin) in named(ours, theirs, free, free_there) {
            (twins.in_theirs[at], twins.in_ours[twin]) = (Some(twin), Some(at));
        }
        twins
    }
}

/// One side's items as a change of the base's.
struct Aligned {
    /// Where each item of the base is; `None` if it was removed.
    places: Vec<Option<usize>>,
    /// For each item of the base whether that is a guess.
    is_guess: Vec<bool>,
    /// The items of the base that are left, in this side's order.
    order: Vec<usize>,
    /// What is new, by the item of the base that it follows.
    inserted: HashMap<Option<usize>, Vec<usize>>,
}

impl Aligned {
    fn of(base: &[Value], items: &[Value], others: &[Value]) -> Self {
        let Pairs { from, is_guess } = pairs(base, items, others);
        let mut aligned = Self {
            is_guess,
            places: vec![None; base.len()],
            order: Vec::new(),
            inserted: HashMap::new(),
        };
        let mut after = None;
        for (place, from) in from.into_iter().enumerate() {
            match from {
                Some(from) => {
                    aligned.places[from] = Some(place);
                    aligned.order.push(from);
                    after = Some(from);
                }
                None => aligned.inserted.entry(after).or_default().push(place),
            }
        }
        aligned
    }

    fn inserted_after(&self, item: Option<usize>) -> &[usize] {
        self.inserted.get(&item).map_or(&[], Vec::as_slice)
    }

    /// For each item whether it is new.
    fn is_inserted(&self) -> Vec<bool> {
        let new = self.inserted.values().flatten();
        let mut is_inserted = vec![false; self.order.len() + new.clone().count()];
        new.for_each(|at| is_inserted[*at] = true);
        is_inserted
    }

    fn is_in_order(&self) -> bool {
        self.order.is_sorted()
    }
}

/// The items of the base in the order of the result, also those that are gone from it, which hold the place of what follows them.
fn order(ours: &Aligned, theirs: &Aligned) -> Option<Vec<usize>> {
    let leads = match (ours.is_in_order(), theirs.is_in_order()) {
        (_, true) => ours,
        (true, false) => theirs,
        (false, false) => {
            let common = |one: &Aligned, other: &Aligned| {
                let there = one.order.iter().copied();
                there
                    .filter(|at| other.places[*at].is_some())
                    .collect::<Vec<_>>()
            };
            if common(ours, theirs) != common(theirs, ours) {
                return None;
            }
            ours
        }
    };
    let removed =
        |from: usize| (from..leads.places.len()).take_while(|at| leads.places[*at].is_none());
    // What the side has removed stands behind what it stood behind in the base.
    let kept = leads
        .order
        .iter()
        .flat_map(|&at| std::iter::once(at).chain(removed(at + 1)));
    Some(removed(0).chain(kept).collect())
}
