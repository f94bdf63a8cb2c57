//! Whether what a merge gave reads as what was asked for. Pure.

use std::collections::BTreeSet;

use persist_format::{KeyPath, Value, merge};

use super::terms::{Trouble, Typed};
use crate::differing::{Entries, Items, ReadSettings, in_words, key_text};
use crate::sets::Asked;

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
            wanted: wanted.get(&path).cloned(),
            found: found.get(&path).cloned(),
            path,
        };
        // What tells items apart in the file may be otherwise in the settings, which have the defaults as well.
        let certain = merge::values(&before, &left, &after);
        let by_place = |_| merge::values_by_place(&before, &left, &after);
        let mut wanted = match certain.or_else(by_place) {
            Ok(wanted) => wanted,
            Err(conflicts) => {
                let mut paths = conflicts.into_iter().map(|conflict| conflict.path);
                let path = paths.find(|path| !self.is_free(path));
                return path.map_or(Ok(()), |path| Err(not_so(path, &after)));
            }
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
