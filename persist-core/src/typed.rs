//! Settings of a type in a document, both ways: read with defaults behind it, written so that reading gives back what was asked
//! for. Pure.

use persist_format::{Defaults, Document, KeyPath, Value, Warning};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::differing::{Reading, differing};
use crate::overlay::{overlay, reads_as};
use crate::own_words::{defaults_written, list_respelled};

/// How the settings of one file are read and written.
pub(crate) struct Typed<'a> {
    pub(crate) defaults: &'a Defaults,
    /// Where the schema version stands, and which a new file gets.
    pub(crate) stamp: Option<(KeyPath, Value)>,
    /// What need not read back as it was written.
    pub(crate) unchecked: &'a [KeyPath],
    /// Takes out what is never written.
    pub(crate) without_excluded: &'a dyn Fn(Value) -> Value,
}

/// What writing had to say.
pub(crate) struct Written {
    pub(crate) warnings: Vec<Warning>,
    /// Items of lists whose unknown keys could not be kept.
    pub(crate) lost: Vec<KeyPath>,
}

/// Why settings were not written.
pub(crate) enum Trouble {
    Format(persist_format::Error),
    /// A load would give back something else. `None` is "not there".
    NotReadBack {
        path: KeyPath,
        wanted: Option<Value>,
        found: Option<Value>,
    },
    /// The schema version was to be changed as if it were a setting.
    Version(KeyPath),
}

impl From<persist_format::Error> for Trouble {
    fn from(error: persist_format::Error) -> Trouble {
        Trouble::Format(error)
    }
}

/// Whether there are no settings: an empty file is null in YAML, a table without keys in TOML.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.is_empty(),
        other => other.is_null(),
    }
}

/// What reading a document gave: the settings as a tree again, or why they can't be read.
type Read = Result<Value, persist_format::Error>;

impl Typed<'_> {
    /// Writes to `document` what differs between the settings as loaded and as wanted. An empty one gets all of them, and
    /// the schema version.
    pub(crate) fn write<T: Serialize + DeserializeOwned>(
        &self,
        document: &mut Document,
        before: Value,
        after: Value,
    ) -> Result<Written, Trouble> {
        let read = |document: &Document| -> Read {
            let settings: T = document.deserialize_with(self.defaults)?;
            Ok((self.without_excluded)(persist_format::to_value(
                &settings,
            )?))
        };
        let before = (self.without_excluded)(before);
        let after = (self.without_excluded)(after);
        if let Some((path, _)) = &self.stamp
            && before.get(path) != after.get(path)
        {
            return Err(Trouble::Version(path.clone()));
        }
        match self.at_once(document, &before, &after, &read) {
            Err(Trouble::Format(error)) => {
                let in_steps = self.in_steps(document, &before, &after, &read);
                in_steps.ok_or(Trouble::Format(error))
            }
            done => done,
        }
    }

    fn at_once(
        &self,
        document: &mut Document,
        before: &Value,
        after: &Value,
        read: &dyn Fn(&Document) -> Read,
    ) -> Result<Written, Trouble> {
        let (wanted, lost) = self.laid_over(document.value(), before, after)?;
        let writing = Writing {
            typed: self,
            original: document,
            before,
            after,
            read,
        };
        let (written, warnings) = writing.settled(wanted)?;
        *document = written;
        Ok(Written { warnings, lost })
    }

    /// Settings that may stand under aliases one after another, and then the rest: as long as one of them is there twice nothing can be
    /// read, and the others can't be told to be right.
    fn in_steps(
        &self,
        document: &mut Document,
        before: &Value,
        after: &Value,
        read: &dyn Fn(&Document) -> Read,
    ) -> Option<Written> {
        let original = Reading::new(document.value(), before);
        let mut changed = differing(original, after, original);
        changed.retain(|path| {
            let missing = first_missing(document.value(), path);
            let none = document.get(path).is_none();
            none && !unknown_beside(document.value(), before, after, &missing).is_empty()
        });
        if changed.len() < 2 {
            return None;
        }
        let mut all = Written {
            warnings: Vec::new(),
            lost: Vec::new(),
        };
        let mut stepped = document.clone();
        let mut now = before.clone();
        let mut next = before.clone();
        for path in changed.into_iter().map(Some).chain([None]) {
            match path {
                Some(path) => match after.get(&path) {
                    Some(value) => drop(next.set(&path, value.clone()).ok()?),
                    None => drop(next.remove(&path)),
                },
                None => next.clone_from(after),
            }
            let written = self.at_once(&mut stepped, &now, &next, read).ok()?;
            all.warnings.extend(written.warnings);
            all.lost.extend(written.lost);
            now.clone_from(&next);
        }
        let found = read(&stepped).ok()?;
        let last = Reading::new(stepped.value(), &found);
        self.wrong(original, after, last).is_empty().then(|| {
            *document = stepped;
            all
        })
    }

    /// Where what was written is not read as what was asked for.
    fn wrong(&self, first: Reading<'_>, after: &Value, last: Reading<'_>) -> Vec<KeyPath> {
        let stamp = self.stamp.as_ref().map(|(path, _)| path);
        let is_free = |path: &KeyPath| {
            let mut free = self.unchecked.iter().chain(stamp);
            free.any(|free| path.starts_with(free))
        };
        let mut wrong = differing(first, after, last);
        wrong.retain(|path| !is_free(path));
        wrong
    }

    fn laid_over(
        &self,
        there: &Value,
        before: &Value,
        after: &Value,
    ) -> Result<(Value, Vec<KeyPath>), Trouble> {
        if !is_empty(there) {
            let mut wanted = there.clone();
            let lost = overlay(&mut wanted, before, after);
            return Ok((wanted, lost));
        }
        let mut wanted = after.clone();
        if let Some((path, version)) = &self.stamp {
            wanted.set(path, version.clone())?;
        }
        Ok((wanted, Vec::new()))
    }
}

/// One change on its way into a document.
struct Writing<'a> {
    typed: &'a Typed<'a>,
    original: &'a Document,
    before: &'a Value,
    after: &'a Value,
    read: &'a dyn Fn(&Document) -> Read,
}

/// A document with the change in it, and where it does not read back; `Err` if it does not read at all.
struct Trial {
    wanted: Value,
    document: Document,
    warnings: Vec<Warning>,
    seen: Read,
    wrong: Vec<KeyPath>,
}

impl Writing<'_> {
    /// The document that reads back as wanted. Nearly always that is the first one; else each place that is wrong is tried in the
    /// other ways to say the same.
    fn settled(&self, wanted: Value) -> Result<(Document, Vec<Warning>), Trouble> {
        let mut best = self.tried(wanted)?;
        while let Some(path) = best.wrong.first().cloned() {
            let better = self.other_ways(&best, &path);
            let better = better.into_iter().find_map(|wanted| {
                let trial = self.tried(wanted).ok()?;
                let is_better = trial.wrong.len() < best.wrong.len()
                    || (best.seen.is_err() && trial.seen.is_ok());
                (is_better && !trial.wrong.contains(&path)).then_some(trial)
            });
            match (better, best.seen) {
                (Some(better), _) => best = better,
                (None, Err(error)) => return Err(error.into()),
                (None, Ok(seen)) => {
                    return Err(Trouble::NotReadBack {
                        wanted: self.after.get(&path).cloned(),
                        found: seen.get(&path).cloned(),
                        path,
                    });
                }
            }
        }
        // Also where nothing was to be changed, or nothing that is checked.
        best.seen?;
        Ok((best.document, best.warnings))
    }

    fn tried(&self, wanted: Value) -> Result<Trial, persist_format::Error> {
        let mut document = self.original.clone();
        let edit = document.apply(&wanted)?;
        let seen = (self.read)(&document);
        let first = Reading::new(self.original.value(), self.before);
        // What can't be read is wrong wherever something changed.
        let last = match &seen {
            Ok(seen) => Reading::new(document.value(), seen),
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

    /// Other documents that may say what is wanted at a path.
    fn other_ways(&self, trial: &Trial, path: &KeyPath) -> Vec<Value> {
        let wanted = &trial.wanted;
        let mut ways = self.under_an_alias(wanted, path);
        ways.extend(list_respelled(
            wanted,
            self.original.value(),
            self.after,
            path,
        ));
        ways.extend(defaults_written(
            wanted,
            self.after,
            &trial.wrong,
            trial.seen.is_ok(),
        ));
        // Left out, and filled in by something else: say in words that it is empty.
        if self.after.get(path).is_none_or(Value::is_null) {
            let seen = trial.seen.as_ref().ok().and_then(|seen| seen.get(path));
            let kind = self.before.get(path).or(seen);
            let kind = kind.and_then(Value::emptied);
            for empty in [Some(Value::Null), kind].into_iter().flatten() {
                let mut way = wanted.clone();
                if way.set(path, empty).is_ok() && way != *wanted {
                    ways.push(way);
                }
            }
        }
        ways
    }

    /// With the change in a key that the file has and the application doesn't: the setting may be read from there.
    fn under_an_alias(&self, wanted: &Value, path: &KeyPath) -> Vec<Value> {
        let original = self.original.value();
        let missing = first_missing(original, path);
        let way = |alias: KeyPath| {
            let mut way = wanted.clone();
            if original.get(&missing).is_none() {
                drop(way.remove(&missing));
            }
            match (self.before.get(&missing), self.after.get(&missing)) {
                (Some(before), Some(after)) => {
                    let mut place = original.get(&alias)?.clone();
                    drop(overlay(&mut place, before, after));
                    way.set(&alias, place).ok()?;
                }
                (None, Some(after)) => drop(way.set(&alias, after.clone()).ok()?),
                (_, None) => drop(way.remove(&alias)),
            }
            Some(way)
        };
        let aliases = unknown_beside(original, self.before, self.after, &missing);
        aliases.into_iter().filter_map(way).collect()
    }
}

/// The first part of a path that is not there; all of it where it is.
fn first_missing(there: &Value, path: &KeyPath) -> KeyPath {
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
fn unknown_beside(there: &Value, before: &Value, after: &Value, place: &KeyPath) -> Vec<KeyPath> {
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
    let keys = entries.filter_map(|(key, _)| key.as_str());
    keys.filter(|key| !is_known(key))
        .map(|key| around.child(key))
        .collect()
}

#[cfg(test)]
mod tests;
