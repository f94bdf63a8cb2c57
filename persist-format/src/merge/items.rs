//! Which items of a side come from which of the base, for a merge: what is certain, and what is a guess.
//!
//! What both sides have written for one item comes to stand together. If two items were taken for one, what was written for the one would
//! stand in the other: the secret of one server in the entry of another. So an item is recognized only by what it says. It is an equal one; it has the same
//! name; or it keeps everything that distinguishes it from the others of its list ([`ItemFacts::distinguishing`]). Where none of that holds, an item that stands
//! where another has gone is a guess. This is enough to say that a side has changed the item, which matters if the other side has removed it. But nothing is
//! merged into a guess: if both sides have changed the item, that is a conflict.

use std::collections::{HashMap, HashSet};

use crate::align::{Alignment, Named, name_of, names_differ, similar};
use crate::value::Value;

/// For each new item the index of the old item it is.
pub(super) struct Pairs {
    pub(super) from: Vec<Option<usize>>,
    /// For each old item whether the new one that it has become is no more than a guess.
    pub(super) is_guess: Vec<bool>,
}

/// The items of the base in `new`, a side's; `other` is the other side's.
pub(super) fn pairs(old: &[Value], new: &[Value], other: &[Value]) -> Pairs {
    let mut alignment = Alignment::of_equals(old, new);
    alignment.pair_names();
    let mut is_guess = vec![false; old.len()];
    if alignment.has_open() {
        pair_by_content(&mut alignment);
        let theirs: HashSet<Named<'_>> = other.iter().filter_map(name_of).collect();
        // The other side has an item of the name that this one has now: both have added it.
        let is_twin = |old: &Value, new: &Value| {
            let name = name_of(new).filter(|name| name_of(old) != Some(*name));
            name.is_some_and(|name| theirs.contains(&name))
        };
        let may_be = |old: &Value, new: &Value| {
            similar(old, new)
                && (!names_differ(old, new) || is_renamed(old, new))
                && !is_twin(old, new)
        };
        for at in alignment.pair_neighbours(may_be) {
            is_guess[at] = true;
        }
    }
    Pairs {
        from: alignment.from,
        is_guess,
    }
}

/// Whether all but the name is the same.
fn is_renamed(old: &Value, new: &Value) -> bool {
    let (Value::Map(old), Value::Map(new)) = (old.untagged(), new.untagged()) else {
        return false;
    };
    let is_changed = |(key, value): &(&Value, &Value)| new.get_key(key) != Some(*value);
    old.len() == new.len() && old.iter().filter(is_changed).count() == 1
}

/// Pairs items that keep what distinguishes them. An item that has that of several is none of them.
fn pair_by_content(alignment: &mut Alignment<'_>) {
    let mut paths = Paths::default();
    let (old, new) = (alignment.old, alignment.new);
    let [old_facts, new_facts] = [old, new].map(|items| paths.facts_of_all(items));
    let [old_owners, new_owners] = [&old_facts, &new_facts].map(|facts| sole_owners(facts));
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut claims = vec![0; new.len()];
    for at in alignment.open_old() {
        let facts = old_facts[at].distinguishing(|fact| old_owners[fact] == Some(at));
        let mut places = facts
            .iter()
            .map(|fact| new_owners.get(fact).copied().flatten());
        let Some(place) = places.next().flatten() else {
            continue;
        };
        let are_all_there = places.all(|other| other == Some(place));
        if are_all_there && alignment.from[place].is_none() && keeps_name(&old[at], &new[place]) {
            found.push((at, place));
            claims[place] += 1;
        }
    }
    for (at, place) in found.into_iter().filter(|(_, place)| claims[*place] == 1) {
        alignment.pair(at, place);
    }
}

/// Whether the new item has the name of the old one, if that has one.
fn keeps_name(old: &Value, new: &Value) -> bool {
    let Some((key, name)) = name_of(old) else {
        return true;
    };
    !names_differ(old, new) && new.untagged().as_map().and_then(|map| map.get(key)) == Some(name)
}

/// A scalar, and the number of the path where it stands within its item.
type Fact<'v> = (usize, &'v Value);

/// What an item says.
#[derive(Default)]
struct ItemFacts<'v> {
    /// The texts in its maps.
    texts: Vec<Fact<'v>>,
    /// All numbers, and the texts in its lists.
    others: Vec<Fact<'v>>,
}

impl<'v> ItemFacts<'v> {
    /// The facts that distinguish it from others, given which ones no other item has: its texts, or where there are none all others. Texts are mostly names,
    /// numbers mostly amounts, which change.
    fn distinguishing(&self, is_own: impl Fn(&Fact<'v>) -> bool) -> Vec<Fact<'v>> {
        let own = |facts: &[Fact<'v>]| facts.iter().copied().filter(&is_own).collect::<Vec<_>>();
        let texts = own(&self.texts);
        match texts.is_empty() {
            true => own(&self.others),
            false => texts,
        }
    }
}

/// For each fact the item that alone has it; `None` if several have.
fn sole_owners<'v>(items: &[ItemFacts<'v>]) -> HashMap<Fact<'v>, Option<usize>> {
    let mut owners = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        for fact in item.texts.iter().chain(&item.others) {
            let owner = owners.entry(*fact).or_insert(Some(at));
            *owner = owner.filter(|first| *first == at);
        }
    }
    owners
}

/// Paths within items by number: the number of the path before, and the key or, in a list, none.
#[derive(Default)]
struct Paths<'v>(HashMap<(usize, Option<&'v Value>), usize>);

impl<'v> Paths<'v> {
    fn facts_of_all(&mut self, items: &'v [Value]) -> Vec<ItemFacts<'v>> {
        let facts = |item| {
            let mut facts = ItemFacts::default();
            self.collect(item, 0, false, &mut facts);
            facts
        };
        items.iter().map(facts).collect()
    }

    fn collect(&mut self, value: &'v Value, path: usize, in_list: bool, to: &mut ItemFacts<'v>) {
        match value.untagged() {
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    let path = self.step(path, Some(key));
                    self.collect(value, path, in_list, to);
                }
            }
            Value::Sequence(items) => {
                let path = self.step(path, None);
                for item in items {
                    self.collect(item, path, true, to);
                }
            }
            text @ Value::String(_) if !in_list => to.texts.push((path, text)),
            other @ (Value::String(_) | Value::Integer(_)) => to.others.push((path, other)),
            _ => {}
        }
    }

    fn step(&mut self, path: usize, key: Option<&'v Value>) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry((path, key)).or_insert(next)
    }
}
