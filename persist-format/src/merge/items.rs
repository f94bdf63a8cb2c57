//! Which items of a side come from which of the base, for a merge: what is certain, and what is a guess.
//!
//! What both sides have written for one item comes to stand together. If two items were taken for one, what was written for the one would
//! stand in the other: the secret of one server in the entry of another. So an item is recognized only by what it says: it has the same name, which no other item
//! has, or it keeps what distinguishes it from the others of its list, and none of them has anything that did ([`Facts::pair`]), or it is an equal one. Equal numbers, words and lists,
//! which say nothing of which one they are, and equal items of which there are several, must have stayed in their places ([`stayed`]), in a list in which nothing has moved.
//!
//! Where none of that holds, an equal item is a guess, and so is one that stands where another has gone. This is enough to say that a side has left the item or has changed it, which matters if the
//! other side has removed it. But nothing is merged into a guess: if both sides have changed the item, or one has changed it and of the other's equal one it is uncertain, that is a conflict.

use std::collections::HashSet;

use super::facts::Facts;
use super::in_place::{Counts, stayed};
use crate::align::{Alignment, Named, name_of, named, names_differ, similar};
use crate::value::Value;

/// For each new item the index of the old item it is.
pub(super) struct Pairs {
    pub(super) from: Vec<Option<usize>>,
    /// For each old item that is there how certain that is.
    pub(super) certainty: Vec<Certainty>,
}

/// How certain it is that an item of a side is the one of the base.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Certainty {
    /// It may be another one.
    Guess,
    /// It is equal, and only its numbers tell it from the others, but it has moved: it may have got the numbers of another.
    Moved,
    Certain,
}

impl Certainty {
    /// Whether an equal item need not be the one that the other side has changed, given how certain that is.
    pub(super) fn may_be_another(self, changed: Self) -> bool {
        match self {
            Self::Guess => true,
            Self::Moved => changed == Self::Guess,
            Self::Certain => false,
        }
    }
}

/// The items of the base in `new`, a side's; `other` is the other side's.
pub(super) fn pairs(old: &[Value], new: &[Value], other: &[Value]) -> Pairs {
    let (counts, facts) = (Counts::of(old, new), Facts::of(old, new));
    let stayed = stayed(old, new, &counts);
    let mut alignment = Alignment::of_ends(old, new);
    for (at, place) in stayed.iter().enumerate() {
        if let Some(place) = place {
            alignment.pair_if_open(at, *place);
        }
    }
    alignment.pair_equals();
    let names = named(old, new, |_| true, |_| true);
    for (at, place) in &names {
        alignment.pair_if_open(*at, *place);
    }
    facts.pair(&mut alignment);
    let mut certainty = certainty(&alignment, &stayed, &counts, &facts);
    for (at, _) in names {
        certainty[at] = Certainty::Certain;
    }
    pair_neighbours(&mut alignment, other);
    Pairs {
        from: alignment.from,
        certainty,
    }
}

/// How certain each pair is that is there for what the items say.
fn certainty(
    alignment: &Alignment<'_>,
    stayed: &[Option<usize>],
    counts: &Counts<'_>,
    facts: &Facts<'_>,
) -> Vec<Certainty> {
    let (old, new) = (alignment.old, alignment.new);
    let is_in_order = alignment.from.iter().flatten().is_sorted();
    let of_pair = |at: usize, place: usize| {
        let is_equal = old[at] == new[place];
        let has_stayed = match is_equal {
            true => stayed[at] == Some(place),
            false => at == place || old.len() - at == new.len() - place,
        };
        let is_map = old[at].untagged().as_map().is_some();
        match () {
            () if is_in_order && has_stayed => Certainty::Certain,
            () if !is_map || is_equal && !counts.is_single(&old[at]) => Certainty::Guess,
            () if facts.has_own_text(at) => Certainty::Certain,
            () if is_equal => Certainty::Moved,
            () => Certainty::Guess,
        }
    };
    let places = alignment.places().into_iter().enumerate();
    let all = places.map(|(at, place)| place.map_or(Certainty::Guess, |place| of_pair(at, place)));
    all.collect()
}

/// Pairs what stands where another has gone.
fn pair_neighbours(alignment: &mut Alignment<'_>, other: &[Value]) {
    if !alignment.has_open() {
        return;
    }
    let theirs: HashSet<Named<'_>> = other.iter().filter_map(name_of).collect();
    // The other side has an item of the name that this one has now: both have added it.
    let is_twin = |old: &Value, new: &Value| {
        let name = name_of(new).filter(|name| name_of(old) != Some(*name));
        name.is_some_and(|name| theirs.contains(&name))
    };
    alignment.pair_neighbours(|old, new| {
        similar(old, new) && (!names_differ(old, new) || is_renamed(old, new)) && !is_twin(old, new)
    });
}

/// Whether all but the name is the same.
fn is_renamed(old: &Value, new: &Value) -> bool {
    let (Value::Map(old), Value::Map(new)) = (old.untagged(), new.untagged()) else {
        return false;
    };
    let is_changed = |(key, value): &(&Value, &Value)| new.get_key(key) != Some(*value);
    old.len() == new.len() && old.iter().filter(is_changed).count() == 1
}
