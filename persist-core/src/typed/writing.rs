//! One change on its way into a document: tried, read back, and said in another way where it does not read back.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use persist_format::{Document, KeyPath, Segment, Value, Warning};

use super::terms::{Read, Trouble, Typed};
use crate::differing::ReadSettings;
use crate::rebase::{reads_as, rebase_changes};
use crate::respellings::{defaults_written, list_respelled};

/// One change on its way into a document.
pub(super) struct Writing<'a> {
    pub(super) typed: &'a Typed<'a>,
    pub(super) original: &'a Document,
    pub(super) before: &'a Value,
    pub(super) after: &'a Value,
    pub(super) read: &'a dyn Fn(&Document) -> Read,
}

/// A document with the change in it, and where it does not read back; `Err` if it does not read at all.
struct Trial {
    wanted: Value,
    document: Document,
    warnings: Vec<Warning>,
    seen: Read,
    wrong: Vec<KeyPath>,
}

/// What is to be said otherwise for a place to be right: values at paths, `None` for nothing there.
type Way = Vec<(KeyPath, Option<Value>)>;

impl Writing<'_> {
    /// The document that reads back as wanted. Nearly always that is the first one; else the places that are wrong are said in
    /// other ways: all at once, and what that does not mend one after the other.
    pub(super) fn settled(&self, wanted: Value) -> Result<(Document, Vec<Warning>), Trouble> {
        let mut best = self.tried(wanted)?;
        while let Some(path) = best.wrong.first().cloned() {
            let better = self.together(&best).or_else(|| self.alone(&best, &path));
            match (better, best.seen) {
                (Some(better), _) => best = better,
                (None, Err(error)) => return Err(error.into()),
                (None, Ok(seen)) => {
                    return Err(Trouble::NotReadBack {
                        wanted: self.after.clone(),
                        found: seen,
                        path,
                    });
                }
            }
        }
        // Also where nothing was to be changed, or nothing that is checked.
        best.seen?;
        Ok((best.document, best.warnings))
    }

    /// The document with one place said in the first way that makes it right.
    fn alone(&self, best: &Trial, path: &KeyPath) -> Option<Trial> {
        self.other_ways(best, path).iter().find_map(|way| {
            let trial = self.tried_so(best, [way])?;
            (trial.is_better_than(best) && !trial.wrong.contains(path)).then_some(trial)
        })
    }

    /// The document with every place that is wrong said in its first other way, or in its second; of these those that made their places right.
    fn together(&self, best: &Trial) -> Option<Trial> {
        let mut wrong = best.wrong.clone();
        if best.seen.is_err() {
            // Wherever something changed: the trouble is where the file had nothing.
            wrong.retain(|path| self.original.get(path).is_none());
        }
        if wrong.len() < 2 {
            return None;
        }
        // What is about more than its place goes with no other.
        let is_of_one = |way: &Way| way.iter().all(|(path, _)| !path.is_root());
        let ways = wrong.iter().map(|path| {
            let mut ways = self.other_ways(best, path);
            ways.retain(is_of_one);
            ways
        });
        let ways: Vec<Vec<Way>> = ways.collect();
        let most = ways.iter().map(Vec::len).max().unwrap_or(0);
        (0..most).find_map(|nth| {
            let mut chosen = chosen(&wrong, &ways, nth);
            let trial = self.tried_so(best, chosen.iter().map(|(_, way)| *way))?;
            let still: HashSet<&KeyPath> = trial.wrong.iter().collect();
            let all = chosen.len();
            chosen.retain(|(path, _)| !still.contains(path));
            let trial = match chosen.len() {
                0 => return None,
                some if some < all => self.tried_so(best, chosen.iter().map(|(_, way)| *way))?,
                _ => trial,
            };
            trial.is_better_than(best).then_some(trial)
        })
    }

    /// The trial with those other ways in it.
    fn tried_so<'w>(
        &self,
        trial: &Trial,
        ways: impl IntoIterator<Item = &'w Way>,
    ) -> Option<Trial> {
        let mut wanted = trial.wanted.clone();
        for (path, value) in ways.into_iter().flatten() {
            match value {
                Some(value) => drop(wanted.set(path, value.clone()).ok()?),
                None => drop(wanted.remove(path)),
            }
        }
        match wanted == trial.wanted {
            true => None,
            false => self.tried(wanted).ok(),
        }
    }

    fn tried(&self, wanted: Value) -> Result<Trial, persist_format::Error> {
        let mut document = self.original.clone();
        let edit = document.apply(&wanted)?;
        let seen = (self.read)(&document);
        let first = ReadSettings::new(self.original.value(), self.before);
        // What can't be read is wrong wherever something changed.
        let last = match &seen {
            Ok(seen) => ReadSettings::new(document.value(), seen),
            Err(_) => first,
        };
        let wrong = self.typed.wrong(first, self.after, last);
        Ok(Trial {
            wanted,
            document,
            warnings: edit.warnings,
            wrong,
            seen,
        })
    }

    /// Other ways that may say what is wanted at a path.
    fn other_ways(&self, trial: &Trial, path: &KeyPath) -> Vec<Way> {
        let (wanted, original) = (&trial.wanted, self.original.value());
        let mut ways = self.under_an_alias(path);
        let whole = |value| vec![(KeyPath::root(), Some(value))];
        ways.extend(list_respelled(wanted, original, self.after, path).map(whole));
        ways.extend(
            defaults_written(wanted, self.after, &trial.wrong, trial.seen.is_ok()).map(whole),
        );
        // Left out, and filled in by something else: say in words that it is empty.
        if self.after.get(path).is_none_or(Value::is_null) {
            let seen = trial.seen.as_ref().ok().and_then(|seen| seen.get(path));
            let kind = self.before.get(path).or(seen);
            let kind = kind.and_then(Value::emptied);
            let empty = [Some(Value::Null), kind].into_iter().flatten();
            let way = |empty| vec![(path.clone(), Some(empty))];
            ways.extend(
                empty
                    .filter(|empty| trial.wanted.get(path) != Some(empty))
                    .map(way),
            );
        }
        ways
    }

    /// With the change in a key that the file has and the application doesn't: the setting may be read from there.
    fn under_an_alias(&self, path: &KeyPath) -> Vec<Way> {
        let original = self.original.value();
        let missing = first_missing(original, path);
        let way = |alias: KeyPath| {
            let mut way = Way::new();
            if original.get(&missing).is_none() {
                way.push((missing.clone(), None));
            }
            match (self.before.get(&missing), self.after.get(&missing)) {
                (Some(before), Some(after)) => {
                    let mut place = original.get(&alias)?.clone();
                    drop(rebase_changes(&mut place, before, after));
                    way.push((alias, Some(place)));
                }
                (None, Some(after)) => way.push((alias, Some(after.clone()))),
                (_, None) => way.push((alias, None)),
            }
            Some(way)
        };
        let aliases = unknown_beside(original, self.before, self.after, &missing);
        aliases.into_iter().filter_map(way).collect()
    }
}

/// For each place its `nth` way, or the first after it that writes no place which another's has taken.
fn chosen<'w>(
    places: &'w [KeyPath],
    ways: &'w [Vec<Way>],
    nth: usize,
) -> Vec<(&'w KeyPath, &'w Way)> {
    let mut taken: HashMap<&KeyPath, &Way> = HashMap::new();
    let mut chosen = Vec::new();
    for (place, ways) in places.iter().zip(ways) {
        let is_free = |way: &&Way| {
            let of_others = way.iter().filter_map(|(path, _)| taken.get(path));
            of_others.into_iter().all(|other| other == way)
        };
        if let Some(way) = ways.iter().skip(nth).find(is_free) {
            taken.extend(way.iter().map(|(path, _)| (path, way)));
            chosen.push((place, way));
        }
    }
    chosen
}

impl Trial {
    fn is_better_than(&self, other: &Trial) -> bool {
        self.wrong.len() < other.wrong.len() || (other.seen.is_err() && self.seen.is_ok())
    }
}

/// The first part of a path that is not there; all of it where it is.
pub(super) fn first_missing(there: &Value, path: &KeyPath) -> KeyPath {
    let mut missing = KeyPath::root();
    for segment in path.segments() {
        missing.push(segment.clone());
        if there.get(&missing).is_none() {
            break;
        }
    }
    missing
}

/// The keys beside a place that the file has and the application doesn't, and from which its setting may have been read.
pub(super) fn unknown_beside(
    there: &Value,
    before: &Value,
    after: &Value,
    place: &KeyPath,
) -> Vec<KeyPath> {
    let Some(around) = place.parent() else {
        return Vec::new();
    };
    let is_known = |key: &str| {
        let has = |root: &Value| matches!(root.get(&around), Some(Value::Map(map)) if map.contains_key(key));
        has(before) || has(after)
    };
    let Some(Value::Map(there)) = there.get(&around) else {
        return Vec::new();
    };
    let may_be = |value: &Value| match before.get(place) {
        Some(before) => reads_as(value, before),
        // A setting that is absent is read from nothing.
        None => value.is_null() || Some(value) == value.emptied().as_ref(),
    };
    let entries = there.iter().filter(|(_, value)| may_be(value));
    let keys = entries.filter_map(|(key, value)| Some((key.as_str()?, value)));
    let mut keys: Vec<(&str, &Value)> = keys.filter(|(key, _)| !is_known(key)).collect();
    // The likely ones first: with the very value, and with a name that begins alike.
    let name = match place.segments().last() {
        Some(Segment::Key(name)) => name.as_str(),
        _ => "",
    };
    let alike = |key: &str| {
        let pairs = key.chars().zip(name.chars());
        pairs.take_while(|(a, b)| a == b).count()
    };
    keys.sort_by_cached_key(|(key, value)| (before.get(place) != Some(value), Reverse(alike(key))));
    keys.iter().map(|(key, _)| around.child(key)).collect()
}
