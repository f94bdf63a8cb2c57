//! What an application changed, laid over what its file holds. Pure.
//!
//! The file need not hold what the application was given: it may have more (keys of others), less (what was filled in from the
//! defaults), or another spelling of the same (`1` for a float, `"1"` for a key that is a number, a date where a text is).

use std::cell::OnceCell;
use std::collections::HashMap;

use persist_format::{KeyPath, Map, Value, diff};

use crate::pairing::{Pairing, content};

/// Makes to `there` the changes that lead from `before` to `after`, and no others. Says which items of lists had keys that the
/// application does not know, and could not keep them.
pub(crate) fn rebase_changes(there: &mut Value, before: &Value, after: &Value) -> Vec<KeyPath> {
    let mut layer = Layer {
        path: KeyPath::root(),
        unknown_lost: Vec::new(),
    };
    layer.value(there, before, after);
    layer.unknown_lost
}

struct Layer {
    path: KeyPath,
    unknown_lost: Vec<KeyPath>,
}

impl Layer {
    fn value(&mut self, there: &mut Value, before: &Value, after: &Value) {
        if before == after {
            return;
        }
        if let Value::Tagged(tagged) = &*there
            && is_of(before, tagged.tag.trim_start_matches('!'))
            && !is_of(after, tagged.tag.trim_start_matches('!'))
        {
            // Another variant of an enum.
            *there = after.clone();
            return;
        }
        match (there, before, after) {
            (Value::Map(there), Value::Map(before), Value::Map(after)) => {
                self.map(there, before, after);
            }
            (Value::Sequence(there), Value::Sequence(before), Value::Sequence(after)) => {
                *there = self.items(there, before, after);
            }
            (Value::Tagged(there), before, after) => {
                let name = there.tag.trim_start_matches('!');
                match (content(before, name), content(after, name)) {
                    (Some(before), Some(after)) => self.value(&mut there.value, before, after),
                    (_, _) => self.value(&mut there.value, before, after),
                }
            }
            (there @ Value::Datetime(_), _, after) => *there = dated(after),
            (there, _, after) => *there = after.clone(),
        }
    }

    fn map(&mut self, there: &mut Map, before: &Map, after: &Map) {
        let places = Places::of(there);
        let changed = after
            .iter()
            .filter(|(key, new)| before.get_key(key) != Some(new));
        let changed: Vec<_> = changed
            .map(|(key, new)| (key, new, places.find(key)))
            .collect();
        let gone = before.keys().filter(|key| after.get_key(key).is_none());
        let mut gone: Vec<usize> = gone.filter_map(|key| places.find(key)).collect();
        for (key, new, at) in &changed {
            let place = at.and_then(|at| there.iter_mut().nth(at));
            match (place, before.get_key(key)) {
                (Some((_, place)), Some(old)) => {
                    self.path.push(key.as_key_text().unwrap_or_default());
                    self.value(place, old, new);
                    self.path.pop();
                }
                (Some((_, place)), None) => place.clone_from(new),
                (None, _) => {}
            }
        }
        gone.sort_unstable();
        for at in gone.into_iter().rev() {
            drop(there.remove_at(at));
        }
        for (key, new, _) in changed.into_iter().filter(|(_, _, at)| at.is_none()) {
            drop(there.insert(key.clone(), new.clone()));
        }
    }

    /// Items that stayed or were changed keep what the application doesn't know of them, wherever they went.
    fn items(&mut self, there: &[Value], before: &[Value], after: &[Value]) -> Vec<Value> {
        let Pairing { sources, reordered } = Pairing::of(there, before);
        let unknown =
            |at: &usize| sources[*at].is_some_and(|source| has_more(&there[source], &before[*at]));
        let mut from = diff::items(before, after);
        for other in renamed(before, after, &from) {
            // What is said of the one in keys that nobody here knows need not hold of the other.
            from[other] = from[other].filter(|old| !unknown(old));
        }
        let mut left: Vec<bool> = vec![true; before.len()];
        from.iter().flatten().for_each(|at| left[*at] = false);
        if from.contains(&None) {
            let gone = (0..before.len()).filter(|at| left[*at]).filter(unknown);
            self.unknown_lost.extend(gone.map(|at| self.path.item(at)));
        }
        let dates =
            !there.is_empty() && there.iter().all(|item| matches!(item, Value::Datetime(_)));
        let item = |(at, (new, from)): (usize, (&Value, &Option<usize>))| {
            let old = from.and_then(|old| Some((old, sources[old]?)));
            let item = match old {
                Some((old, source)) => {
                    let mut item = there[source].clone();
                    self.path.push(at);
                    self.value(&mut item, &before[old], new);
                    self.path.pop();
                    item
                }
                None if dates => dated(new),
                None => new.clone(),
            };
            (old.map(|(_, source)| source), item)
        };
        let items = after.iter().zip(&from).enumerate().map(item);
        let mut items: Vec<(Option<usize>, Value)> = items.collect();
        if reordered {
            // A set, whose order says nothing: the file's stays.
            items.sort_by_key(|(source, _)| source.unwrap_or(usize::MAX));
        }
        items.into_iter().map(|(_, item)| item).collect()
    }
}

/// The items that took the place of another, of which the names tell that they are not the same.
fn renamed(before: &[Value], after: &[Value], from: &[Option<usize>]) -> Vec<usize> {
    let names = |items| -> Vec<_> { diff::names(items) };
    let (old_names, new_names) = (names(before), names(after));
    let is_renamed = |at: &usize| {
        let old = from[*at].and_then(|old| old_names[old]);
        old.is_some() && new_names[*at].is_some() && old != new_names[*at]
    };
    (0..after.len()).filter(is_renamed).collect()
}

/// The places of the keys of a map: also by their text, for in JSON and TOML every key is one.
pub(crate) struct Places<'a> {
    map: &'a Map,
    /// Made where a key is not there as it is.
    by_text: OnceCell<HashMap<String, usize>>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(map: &'a Map) -> Self {
        let by_text = OnceCell::new();
        Self { map, by_text }
    }

    pub(crate) fn find(&self, key: &Value) -> Option<usize> {
        let text = |(at, key): (usize, &Value)| Some((key.as_key_text()?, at));
        let texts = || self.map.keys().enumerate().filter_map(text).collect();
        let same_text = || {
            self.by_text
                .get_or_init(texts)
                .get(&key.as_key_text()?)
                .copied()
        };
        self.map.index_of(key).or_else(same_text)
    }
}

/// Whether the value is of the enum's variant of that name.
fn is_of(value: &Value, variant: &str) -> bool {
    value.as_str() == Some(variant) || content(value, variant).is_some()
}

/// A date or time if it reads as one.
fn dated(value: &Value) -> Value {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.map_or_else(|| value.clone(), Value::Datetime)
}

/// Whether `given` may have been read from `there`. Another kind may be another spelling.
pub(crate) fn reads_as(there: &Value, given: &Value) -> bool {
    match (there, given) {
        (Value::Tagged(tagged), given) => {
            let name = tagged.tag.trim_start_matches('!');
            reads_as(&tagged.value, content(given, name).unwrap_or(given))
        }
        (Value::Map(there), Value::Map(given)) => given.iter().all(|(key, given)| {
            let there = there.get_key(key);
            there.is_none_or(|there| reads_as(there, given))
        }),
        (Value::Sequence(there), Value::Sequence(given)) => {
            there.len() != given.len() || there.iter().zip(given).all(|(t, g)| reads_as(t, g))
        }
        (there, given) => there == given || there.kind() != given.kind(),
    }
}

/// Whether there are keys that the application does not know.
fn has_more(there: &Value, given: &Value) -> bool {
    match (there.untagged(), given) {
        (Value::Map(there), Value::Map(given)) => {
            let places = Places::of(given);
            there.iter().any(|(key, value)| {
                let known = places.find(key).and_then(|at| given.entry_at(at));
                known.is_none_or(|(_, known)| has_more(value, known))
            })
        }
        (Value::Sequence(there), Value::Sequence(given)) => {
            there.iter().zip(given).any(|(t, g)| has_more(t, g))
        }
        _ => false,
    }
}
