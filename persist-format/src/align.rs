//! Which items of a new sequence come from which of the old one.
//!
//! An edit keeps the text of an item, with its comments, only if the item is known again. A shortest edit script (Myers, 1986) minimizes what is written and not what is lost: it knows no
//! moves, takes a changed item for one that went and another that came, and is quadratic where much differs. So items are known by what people know them by: being
//! equal, in order of appearance; a name that is unique among what is left, as patience diff takes unique lines for anchors; and at last their place after the same neighbour.
//!
//! Heckel does so with lines ("A technique for isolating differences between files", 1978): he matches what is there once on both sides, and goes on from matches to their neighbours, up and
//! down. Here equal items match in order of appearance, however many there are: which of them is which makes no difference to what they say. And of neighbours only the one
//! after a match is looked at: the items before it that have changed nearly always follow a match of their own, or stand first.
//!
//! Whatever this gets wrong costs layout and never a value where a text is made to say the new sequence, which it says either way. A merge is more careful:
//! see `merge/items.rs`.

use std::collections::{HashMap, VecDeque};

use crate::value::Value;

/// For each new item the index of the old item it is, moved or changed or as it was; `None` for one that is new.
///
/// Equal items are matched first: those of the common beginning and end, then by hash. Of what is left over, maps with the same name are
/// changed items; what then follows a match directly in both sequences, or stands first in both, is matched in turn, if it is of the same kind. The time is linear in the size of the two sequences.
pub(crate) fn align(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let mut alignment = Alignment::of_equals(old, new);
    alignment.pair_names();
    alignment.pair_neighbours(similar);
    alignment.from
}

/// An alignment that is being made.
pub(crate) struct Alignment<'v> {
    pub(crate) old: &'v [Value],
    pub(crate) new: &'v [Value],
    /// For each new item the index of the old one, as far as it is known.
    pub(crate) from: Vec<Option<usize>>,
    taken: Vec<bool>,
    /// Where the two differ: the number of items before that, and the ends in both.
    middle: (usize, usize, usize),
}

impl<'v> Alignment<'v> {
    /// Pairs what is equal.
    pub(crate) fn of_equals(old: &'v [Value], new: &'v [Value]) -> Self {
        let mut alignment = Self::of_ends(old, new);
        alignment.pair_equals();
        alignment
    }

    /// Pairs what is equal at the beginning and the end.
    pub(crate) fn of_ends(old: &'v [Value], new: &'v [Value]) -> Self {
        let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
        let suffix = old_rest
            .iter()
            .rev()
            .zip(new_rest.iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        let (old_end, new_end) = (old.len() - suffix, new.len() - suffix);
        let mut alignment = Self {
            old,
            new,
            from: vec![None; new.len()],
            taken: vec![false; old.len()],
            middle: (prefix, old_end, new_end),
        };
        let ends = (0..prefix).map(|at| (at, at));
        let ends = ends.chain((old_end..old.len()).zip(new_end..new.len()));
        ends.for_each(|(old_at, new_at)| alignment.pair(old_at, new_at));
        alignment
    }

    /// Pairs what is equal and not paired yet, in order of appearance.
    pub(crate) fn pair_equals(&mut self) {
        let (old, new) = (self.old, self.new);
        let (prefix, old_end, new_end) = self.middle;
        let mut places: HashMap<&Value, VecDeque<usize>> = HashMap::with_capacity(old_end - prefix);
        for at in (prefix..old_end).filter(|at| !self.taken[*at]) {
            places.entry(&old[at]).or_default().push_back(at);
        }
        for (at, item) in new.iter().enumerate().take(new_end).skip(prefix) {
            if self.from[at].is_none()
                && let Some(old_at) = places.get_mut(item).and_then(VecDeque::pop_front)
            {
                self.pair(old_at, at);
            }
        }
    }

    /// Pairs two items, unless one of them is paired.
    pub(crate) fn pair_if_open(&mut self, old_at: usize, new_at: usize) {
        if !self.taken[old_at] && self.from[new_at].is_none() {
            self.pair(old_at, new_at);
        }
    }

    pub(crate) fn pair(&mut self, old_at: usize, new_at: usize) {
        self.from[new_at] = Some(old_at);
        self.taken[old_at] = true;
    }

    /// Pairs what has the same name.
    pub(crate) fn pair_names(&mut self) {
        let (prefix, old_end, new_end) = self.middle;
        let (old, new) = (&self.old[prefix..old_end], &self.new[prefix..new_end]);
        let old_counts = |at: usize| !self.taken[prefix + at];
        let new_counts = |at: usize| self.from[prefix + at].is_none();
        for (old_at, new_at) in named(old, new, old_counts, new_counts) {
            self.pair(prefix + old_at, prefix + new_at);
        }
    }

    /// Pairs what follows the same neighbour as before, or stands first as before, and may be the same.
    pub(crate) fn pair_neighbours(&mut self, may_be: impl Fn(&Value, &Value) -> bool) {
        let (prefix, old_end, new_end) = self.middle;
        for at in prefix..new_end {
            let candidate = match at.checked_sub(1) {
                None => Some(0),
                Some(before) => self.from[before].map(|index| index + 1),
            };
            let candidate = candidate
                .filter(|&i| i < old_end && !self.taken[i] && may_be(&self.old[i], &self.new[at]));
            if let (None, Some(index)) = (self.from[at], candidate) {
                self.pair(index, at);
            }
        }
    }

    /// For each old item its place among the new ones, as far as it is known.
    pub(crate) fn places(&self) -> Vec<Option<usize>> {
        places(&self.from, self.old.len())
    }

    /// The old items that are not paired.
    pub(crate) fn open_old(&self) -> impl Iterator<Item = usize> + use<> {
        let open = self.taken.iter().enumerate();
        let open: Vec<usize> = open
            .filter(|(_, taken)| !**taken)
            .map(|(at, _)| at)
            .collect();
        open.into_iter()
    }

    /// Whether there is something to pair on both sides.
    pub(crate) fn has_open(&self) -> bool {
        self.taken.contains(&false) && self.from.contains(&None)
    }
}

/// Keys by which people tell the items of a list apart.
const NAMES: [&str; 3] = ["id", "name", "key"];

/// The items that count and bear a name which no other of their list that counts does, old and new place of each.
pub(crate) fn named(
    old: &[Value],
    new: &[Value],
    old_counts: impl Fn(usize) -> bool,
    new_counts: impl Fn(usize) -> bool,
) -> Vec<(usize, usize)> {
    let olds = by_name(old, old_counts);
    let news = by_name(new, new_counts);
    let pair = |(name, old_at): (Named<'_>, Option<usize>)| {
        let new_at = news.get(&name).copied().flatten()?;
        Some((old_at?, new_at))
    };
    olds.into_iter().filter_map(pair).collect()
}

/// The names that one item of a sequence alone bears, and which.
pub(crate) fn unique_names(items: &[Value]) -> impl Iterator<Item = (Named<'_>, usize)> {
    let names = by_name(items, |_| true).into_iter();
    names.filter_map(|(name, at)| Some((name, at?)))
}

/// Under which key, and the name.
pub(crate) type Named<'a> = (&'static str, &'a Value);

/// `None` for a name that several bear.
fn by_name<'a>(
    items: &'a [Value],
    counts: impl Fn(usize) -> bool,
) -> HashMap<Named<'a>, Option<usize>> {
    let mut names = HashMap::new();
    for (at, item) in items.iter().enumerate().filter(|(at, _)| counts(*at)) {
        if let Some(name) = name_of(item) {
            let only = names.entry(name).or_insert(Some(at));
            *only = only.filter(|first| *first == at);
        }
    }
    names
}

/// Whether both bear a name, and not the same one.
pub(crate) fn names_differ(one: &Value, other: &Value) -> bool {
    let (Value::Map(one), Value::Map(other)) = (one.untagged(), other.untagged()) else {
        return false;
    };
    let names = NAMES.map(|key| one.get(key).zip(other.get(key)));
    let name = names.into_iter().flatten().next();
    name.is_some_and(|(one, other)| one != other)
}

pub(crate) fn name_of(item: &Value) -> Option<Named<'_>> {
    let Value::Map(map) = item.untagged() else {
        return None;
    };
    let name = NAMES.into_iter().find_map(|key| Some((key, map.get(key)?)));
    let is_name =
        |name: &Value| matches!(name, Value::String(_) | Value::Integer(_) | Value::Float(_));
    name.filter(|(_, name)| is_name(name))
}

/// For each of `count` old items its place among the new ones, of which `from` says which old one each is.
pub(crate) fn places(from: &[Option<usize>], count: usize) -> Vec<Option<usize>> {
    let mut places = vec![None; count];
    for (place, from) in from.iter().enumerate() {
        if let Some(at) = from {
            places[*at] = Some(place);
        }
    }
    places
}

pub(crate) fn similar(old: &Value, new: &Value) -> bool {
    old.is_container() == new.is_container() && (!old.is_container() || old.kind() == new.kind())
}

/// The members of a longest increasing run, by place: which items may stay where they are while the others move, which is as few as possible. By patience
/// sorting (Fredman, 1975): `tails[n]` is where the run of n + 1 members ends that ends lowest. The time is n log n.
pub(crate) fn increasing(sequence: &[usize]) -> Vec<bool> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before = vec![None; sequence.len()];
    for (at, &value) in sequence.iter().enumerate() {
        let place = tails.partition_point(|&t| sequence[t] < value);
        before[at] = place.checked_sub(1).map(|p| tails[p]);
        if place == tails.len() {
            tails.push(at);
        } else {
            tails[place] = at;
        }
    }
    let mut stays = vec![false; sequence.len()];
    let mut at = tails.last().copied();
    while let Some(i) = at {
        stays[i] = true;
        at = before[i];
    }
    stays
}
