//! The items of a side as a change of the base's, and of both sides together.

use std::collections::{HashMap, VecDeque};

use super::items::{Certainty, Pairs, pairs};
use crate::align::named;
use crate::value::Value;

/// One side's items as a change of the base's.
pub(super) struct Aligned {
    /// Where each item of the base is; `None` if it was removed.
    pub(super) places: Vec<Option<usize>>,
    /// For each item of the base that is left how certain that is.
    pub(super) certainty: Vec<Certainty>,
    /// The items of the base that are left, in this side's order.
    order: Vec<usize>,
    /// What is new, by the item of the base that it follows.
    inserted: HashMap<Option<usize>, Vec<usize>>,
}

impl Aligned {
    pub(super) fn of(base: &[Value], items: &[Value], others: &[Value]) -> Self {
        let Pairs { from, certainty } = pairs(base, items, others);
        let mut aligned = Self {
            certainty,
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

    pub(super) fn inserted_after(&self, item: Option<usize>) -> &[usize] {
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

/// Items that both sides have inserted: the same at one place, or anywhere under a name that neither has given to another.
pub(super) struct Twins {
    /// For each of our items its place among theirs.
    pub(super) in_theirs: Vec<Option<usize>>,
    /// For each of their items its place among ours.
    pub(super) in_ours: Vec<Option<usize>>,
}

impl Twins {
    pub(super) fn of(
        (us, ours): (&Aligned, &[Value]),
        (them, theirs): (&Aligned, &[Value]),
    ) -> Self {
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

/// The items of the base in the order of the result, also those that are gone from it, which hold the place of what follows them.
pub(super) fn order(ours: &Aligned, theirs: &Aligned) -> Option<Vec<usize>> {
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
