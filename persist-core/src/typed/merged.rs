//! Whether what a merge gave reads as what was asked for. Pure.

use std::collections::BTreeSet;

use persist_format::{KeyPath, Value, merge};

use super::terms::{Trouble, Typed};
use crate::differing::{Entries, Items, ReadSettings, in_words, key_text};
use crate::sets::Asked;

/// How items of lists are taken for one.
type MergeOf = fn(&Value, &Value, &Value) -> Result<Value, Vec<merge::Conflict>>;

impl Typed<'_> {
    /// What a merge gave reads as it should: what changed here since `base`, merged with the settings as somebody else has left them,
    /// `theirs`. Where those were none of this type, only what changed here is looked for: `theirs` is `merged` then.
    pub(crate) fn judge_merged(
        &self,
        asked: &Asked,
        [base, theirs, merged]: [ReadSettings<'_>; 3],
    ) -> Result<(), Trouble> {
        // A set shows another order at each load, which is no change that anyone has made.
        let mut sets = Sets::default();
        for reading in [base, theirs, merged] {
            sets.find(reading, &mut Vec::new());
        }
        let plain = |tree: &Value| {
            let mut tree = (self.without_excluded)(tree.clone());
            sets.sort(&mut tree, &mut Vec::new());
            tree
        };
        let [before, after] = [&asked.before, &asked.after].map(plain);
        let read = |reading: ReadSettings<'_>| reading.read.map_or(Value::Null, plain);
        let [left, found] = [theirs, merged].map(read);
        let not_so = |path: KeyPath, wanted: &Value| Trouble::NotReadBack {
            wanted: wanted.clone(),
            found: found.clone(),
            path,
        };
        let wanted = self.wanted(merge::values, before.clone(), &left, after.clone());
        // What tells items apart in the file may be otherwise in the settings, which have the defaults as well.
        let by_place = |_| self.wanted(merge::values_by_place, before, &left, after.clone());
        let mut wanted = match wanted.or_else(by_place) {
            Ok(wanted) => wanted,
            Err(path) => return Err(not_so(path, &after)),
        };
        sets.sort(&mut wanted, &mut Vec::new());
        let first = ReadSettings {
            text: theirs.text,
            read: Some(&left),
        };
        let last = ReadSettings {
            text: merged.text,
            read: Some(&found),
        };
        match self.wrong(first, &wanted, last).into_iter().next() {
            None => Ok(()),
            Some(path) => Err(not_so(path, &wanted)),
        }
    }

    /// What a merge should give, or where it can't. Where both have changed what need not read back, `left` is as good as anything there, and the rest is merged.
    fn wanted(
        &self,
        merged: MergeOf,
        mut before: Value,
        left: &Value,
        mut after: Value,
    ) -> Result<Value, KeyPath> {
        let is_checked = |path: &&KeyPath| !self.is_free(path);
        let conflicts = match merged(&before, left, &after) {
            Ok(wanted) => return Ok(wanted),
            Err(conflicts) => conflicts,
        };
        let mut paths = conflicts.iter().map(|conflict| &conflict.path);
        if let Some(path) = paths.find(is_checked) {
            return Err(path.clone());
        }
        for free in self.free() {
            for tree in [&mut before, &mut after] {
                // What has no place in it is in conflict once more.
                match left.get(free) {
                    Some(value) => drop(tree.set(free, value.clone())),
                    None => drop(tree.remove(free)),
                }
            }
        }
        merged(&before, left, &after).map_err(|conflicts| {
            let mut paths = conflicts.iter().map(|conflict| &conflict.path);
            paths.next().cloned().unwrap_or_default()
        })
    }
}

/// A place in a type: the keys that lead there, `None` for any item of a list.
type Place = Vec<Option<String>>;

/// Where a type has lists whose order reading does not keep.
#[derive(Default)]
struct Sets(BTreeSet<Place>);

impl Sets {
    fn find(&mut self, reading: ReadSettings<'_>, at: &mut Place) {
        match reading.read {
            Some(Value::Map(read)) => {
                let entries = Entries::of(reading, read, &|_| true);
                for key in read.keys() {
                    at.push(Some(key_text(key)));
                    self.find(entries.get(key), at);
                    at.pop();
                }
            }
            Some(Value::Sequence(read)) => {
                if reading.is_reordered() || reading.drops_what_is_there_twice() {
                    self.0.insert(at.clone());
                }
                let items = Items::of(reading);
                at.push(None);
                (0..read.len()).for_each(|item| self.find(items.get(item), at));
                at.pop();
            }
            _ => {}
        }
    }

    /// Puts their items in one order, each once.
    fn sort(&self, tree: &mut Value, at: &mut Place) {
        match tree {
            Value::Map(map) => {
                for (key, value) in map.iter_mut() {
                    at.push(Some(key_text(key)));
                    self.sort(value, at);
                    at.pop();
                }
            }
            Value::Sequence(items) => {
                at.push(None);
                items.iter_mut().for_each(|item| self.sort(item, at));
                at.pop();
                if self.0.contains(at) {
                    items.sort_by_cached_key(in_words);
                    items.dedup();
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use persist_format::Defaults;

    use super::*;

    /// Where the merge is found wrong of settings that read as `found`, of which `free` need not read back.
    fn check([before, left, after]: [&str; 3], found: &str, free: &str) -> Option<String> {
        let [before, left, after, found] = [before, left, after, found].map(|json| {
            Value::from(serde_json::from_str::<serde_json::Value>(json).expect("JSON"))
        });
        let defaults = Defaults::new(&()).expect("it holds");
        let typed = Typed {
            defaults: &defaults,
            stamp: None,
            unchecked: &[free.parse().expect("a path")],
            without_excluded: &|tree| tree,
        };
        let asked = Asked {
            before: before.clone(),
            after,
        };
        let readings = [&before, &left, &found].map(|tree| ReadSettings::new(tree, tree));
        match typed.judge_merged(&asked, readings) {
            Ok(()) => None,
            Err(Trouble::NotReadBack { path, .. }) => Some(path.to_string()),
            Err(_) => panic!("nothing else is judged"),
        }
    }

    #[test]
    fn a_conflict_where_nothing_is_checked_hides_no_wrong_value_elsewhere() {
        let sides = [
            r#"{"at": 1, "name": "a"}"#,
            r#"{"at": 2, "name": "a"}"#,
            r#"{"at": 3, "name": "b"}"#,
        ];
        let wrong = check(sides, r#"{"at": 2, "name": "a"}"#, "at");
        assert_eq!(wrong.as_deref(), Some("name"));
        for at in [2, 3, 9] {
            let found = format!(r#"{{"at": {at}, "name": "b"}}"#);
            assert_eq!(check(sides, &found, "at"), None);
        }
        let wrong = check(sides, r#"{"at": 2, "name": "b"}"#, "name");
        assert_eq!(wrong.as_deref(), Some("at"));
    }

    #[test]
    fn what_is_not_checked_may_come_and_go() {
        let sides = [
            r#"{"at": {"n": 1}, "name": "a"}"#,
            r#"{"name": "a"}"#,
            r#"{"at": {"n": 2}, "name": "b"}"#,
        ];
        assert_eq!(check(sides, r#"{"name": "b"}"#, "at"), None);
        let wrong = check(sides, r#"{"name": "a"}"#, "at");
        assert_eq!(wrong.as_deref(), Some("name"));
    }
}
