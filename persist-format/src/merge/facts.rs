//! What the items of a list say, and which of it tells one from the others.

use std::collections::HashMap;

use crate::align::{Alignment, name_of, names_differ};
use crate::value::Value;

/// What the items of two lists say, of the base and of a side.
pub(super) struct Facts<'v> {
    items: Vec<ItemFacts<'v>>,
    /// How many items the side has.
    count: usize,
    old: Owners<'v>,
    new: Owners<'v>,
}

impl<'v> Facts<'v> {
    pub(super) fn of(old: &'v [Value], new: &'v [Value]) -> Self {
        let mut paths = Paths::default();
        let [items, others] = [old, new].map(|items| paths.facts_of_all(items));
        Self {
            old: Owners::of(&items),
            new: Owners::of(&others),
            count: others.len(),
            items,
        }
    }

    /// Whether no other item of the base has it.
    fn is_own(&self, at: usize, fact: &Fact<'v>) -> bool {
        sole(self.old.get(fact)) == Some(at)
    }

    /// Whether a text tells the item of the base from the others.
    pub(super) fn has_own_text(&self, at: usize) -> bool {
        self.items[at]
            .texts
            .iter()
            .any(|fact| self.is_own(at, fact))
    }

    /// Pairs items that keep what distinguishes them. An item that has that of several is none of them, and one that has anything else of another is a guess.
    pub(super) fn pair(&self, alignment: &mut Alignment<'v>) {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut claims = vec![0; self.count];
        for at in alignment.open_old() {
            if let Some(place) = self.place(at, alignment) {
                found.push((at, place));
                claims[place] += 1;
            }
        }
        found.retain(|(_, place)| claims[*place] == 1);
        let mut places = alignment.places();
        for (at, place) in &found {
            places[*at] = Some(*place);
        }
        let taken_over = TakenOver::of(self, &places);
        found.retain(|(at, place)| {
            let is_taken_over = taken_over.from[*at] || taken_over.by[*place];
            !is_taken_over && !self.is_contested(*place, &places)
        });
        found
            .into_iter()
            .for_each(|(at, place)| alignment.pair(at, place));
    }

    /// Whether an item of the base that stood in that place, and is nowhere, has all that it says there.
    fn is_contested(&self, place: usize, places: &[Option<usize>]) -> bool {
        let is_there = |fact| self.new.get(fact).binary_search(&place).is_ok();
        let stood_there = [Some(place), (place + places.len()).checked_sub(self.count)];
        let mut gone = stood_there.into_iter().flatten();
        gone.any(|at| places.get(at) == Some(&None) && self.items[at].all().all(is_there))
    }

    /// Where all is that distinguishes the item of the base, in one that is not paired yet.
    fn place(&self, at: usize, alignment: &Alignment<'v>) -> Option<usize> {
        let facts = self.items[at].distinguishing(|fact| self.is_own(at, fact));
        let mut places = facts.iter().map(|fact| sole(self.new.get(fact)));
        let place = places.next()??;
        let are_all_there = places.all(|other| other == Some(place));
        let is_open = alignment.from[place].is_none();
        let keeps_name = || keeps_name(&alignment.old[at], &alignment.new[place]);
        (are_all_there && is_open && keeps_name()).then_some(place)
    }
}

/// What told an item of the base from the others, and another one has now: it may have gone there, or may be what has stayed of the item.
struct TakenOver {
    /// For each item of the base whether another one has something of it.
    from: Vec<bool>,
    /// For each item of the side whether it has something of another one.
    by: Vec<bool>,
}

impl TakenOver {
    /// `places` says for each item of the base where it is, as far as that is known.
    fn of(facts: &Facts<'_>, places: &[Option<usize>]) -> Self {
        let mut taken_over = Self {
            from: vec![false; places.len()],
            by: vec![false; facts.count],
        };
        for (at, owners) in own(&facts.old.scalars, &facts.new.scalars) {
            if !places[at].is_some_and(|place| owners.contains(&place)) {
                taken_over.note(at, owners.iter().copied());
            }
        }
        // What is in the list of an item may go to that of another. But where both have lost all that only they had in theirs, these may have been exchanged.
        let mut keeps = vec![false; places.len()];
        let mut place_keeps = vec![false; facts.count];
        let members = || own(&facts.old.members, &facts.new.members);
        for (at, owners) in members() {
            if let Some(place) = places[at].filter(|place| owners.contains(place)) {
                (keeps[at], place_keeps[place]) = (true, true);
            }
        }
        for (at, owners) in members().filter(|(at, _)| !keeps[*at]) {
            let by = owners.iter().copied();
            taken_over.note(at, by.filter(|owner| !place_keeps[*owner]));
        }
        taken_over
    }

    fn note(&mut self, from: usize, by: impl Iterator<Item = usize>) {
        for by in by {
            (self.from[from], self.by[by]) = (true, true);
        }
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

/// What an item says, but for `null`, which says nothing.
#[derive(Default)]
struct ItemFacts<'v> {
    /// The texts in its maps.
    texts: Vec<Fact<'v>>,
    /// The whole numbers in its maps.
    numbers: Vec<Fact<'v>>,
    /// All other scalars in its maps.
    others: Vec<Fact<'v>>,
    /// The texts and whole numbers in its lists.
    members: Vec<Fact<'v>>,
}

impl<'v> ItemFacts<'v> {
    /// The facts that distinguish it from others, given which ones no other item has: its texts, or where there are none its numbers and what is in its lists. Texts are
    /// mostly names, numbers mostly amounts, which change.
    fn distinguishing(&self, is_own: impl Fn(&Fact<'v>) -> bool) -> Vec<Fact<'v>> {
        let own = |facts: &[Fact<'v>]| facts.iter().copied().filter(&is_own).collect::<Vec<_>>();
        let texts = own(&self.texts);
        match texts.is_empty() {
            true => [own(&self.numbers), own(&self.members)].concat(),
            false => texts,
        }
    }

    fn scalars(&self) -> impl Iterator<Item = &Fact<'v>> {
        let scalars = [&self.texts, &self.numbers, &self.others];
        scalars.into_iter().flatten()
    }

    fn all(&self) -> impl Iterator<Item = &Fact<'v>> {
        self.scalars().chain(&self.members)
    }
}

/// For each fact the items that have it.
struct Owners<'v> {
    /// What their maps say.
    scalars: OwnersOf<'v>,
    /// What is in their lists.
    members: OwnersOf<'v>,
}

type OwnersOf<'v> = HashMap<Fact<'v>, Vec<usize>>;

impl<'v> Owners<'v> {
    fn of(items: &[ItemFacts<'v>]) -> Self {
        let mut owners = Self {
            scalars: HashMap::new(),
            members: HashMap::new(),
        };
        for (at, item) in items.iter().enumerate() {
            for fact in item.scalars() {
                owners.scalars.entry(*fact).or_default().push(at);
            }
            for fact in &item.members {
                let owners = owners.members.entry(*fact).or_default();
                if owners.last() != Some(&at) {
                    owners.push(at);
                }
            }
        }
        owners
    }

    fn get(&self, fact: &Fact<'v>) -> &[usize] {
        let scalars = self.scalars.get(fact);
        let owners = scalars.or_else(|| self.members.get(fact));
        owners.map_or(&[], Vec::as_slice)
    }
}

/// For each fact of which an old item is the only owner that one, with its owners among the new ones.
fn own<'o>(
    old: &'o OwnersOf<'_>,
    new: &'o OwnersOf<'_>,
) -> impl Iterator<Item = (usize, &'o [usize])> {
    let owned = old
        .iter()
        .filter_map(|(fact, owners)| Some((fact, sole(owners)?)));
    owned.filter_map(|(fact, at)| Some((at, new.get(fact)?.as_slice())))
}

/// The item, if it is one alone.
fn sole(owners: &[usize]) -> Option<usize> {
    match owners {
        [owner] => Some(*owner),
        _ => None,
    }
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
            Value::Null => {}
            said @ (Value::String(_) | Value::Integer(_)) if in_list => {
                to.members.push((path, said));
            }
            _ if in_list => {}
            text @ Value::String(_) => to.texts.push((path, text)),
            number @ Value::Integer(_) => to.numbers.push((path, number)),
            other => to.others.push((path, other)),
        }
    }

    fn step(&mut self, path: usize, key: Option<&'v Value>) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry((path, key)).or_insert(next)
    }
}
