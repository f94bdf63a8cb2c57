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
//! Whatever this gets wrong costs layout and never a value: the text is made to say the new sequence either way.

use std::collections::{HashMap, VecDeque};

use crate::value::Value;

/// For each new item the index of the old item it is, moved or changed or as it was; `None` for one that is new.
///
/// Equal items are matched first: those of the common beginning and end, then by hash. Of what is left over, maps with the same name are
/// changed items; what then follows a match directly in both sequences, or stands first in both, is matched in turn, if it is of the same kind. The time is linear in the size of the two sequences.
pub(crate) fn align(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let old_middle = &old_rest[..old_rest.len() - suffix];
    let new_middle = &new_rest[..new_rest.len() - suffix];

    let mut from: Vec<Option<usize>> = (0..prefix).map(Some).collect();
    from.extend(
        middle(old_middle, new_middle)
            .into_iter()
            .map(|i| i.map(|i| i + prefix)),
    );
    from.extend((old.len() - suffix..old.len()).map(Some));
    from
}

fn middle(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let mut places: HashMap<&Value, VecDeque<usize>> = HashMap::with_capacity(old.len());
    for (index, item) in old.iter().enumerate() {
        places.entry(item).or_default().push_back(index);
    }
    let mut from: Vec<Option<usize>> = new
        .iter()
        .map(|item| places.get_mut(item).and_then(VecDeque::pop_front))
        .collect();
    let mut taken = vec![false; old.len()];
    for index in from.iter().flatten() {
        taken[*index] = true;
    }
    for (old_at, new_at) in named(old, new, |at| !taken[at], |at| from[at].is_none()) {
        from[new_at] = Some(old_at);
        taken[old_at] = true;
    }
    // A changed item follows the same neighbour as before, or stands first as before.
    for at in 0..new.len() {
        let candidate = match at.checked_sub(1) {
            None => Some(0),
            Some(before) => from[before].map(|index| index + 1),
        };
        let candidate =
            candidate.filter(|&i| i < old.len() && !taken[i] && similar(&old[i], &new[at]));
        if let (None, Some(index)) = (from[at], candidate) {
            from[at] = Some(index);
            taken[index] = true;
        }
    }
    from
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

fn name_of(item: &Value) -> Option<Named<'_>> {
    let Value::Map(map) = item.untagged() else {
        return None;
    };
    let name = NAMES.into_iter().find_map(|key| Some((key, map.get(key)?)));
    name.filter(|(_, name)| matches!(name, Value::String(_) | Value::Integer(_)))
}

fn similar(old: &Value, new: &Value) -> bool {
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
