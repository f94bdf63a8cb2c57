//! Which places of a TOML document are taken, so that statements that contradict earlier ones are found without reading the document.

use std::collections::{HashMap, HashSet};

use persist_format::KeyPath;

enum Place {
    Value,
    /// A table that dotted keys made.
    Dotted,
    /// A table that stands in a header of a table within it.
    Implied,
    /// A table with its own header.
    Table,
    /// An array of tables, and when its last one began.
    Array {
        tables: usize,
        epoch: usize,
    },
}

pub(super) struct Places {
    known: HashMap<KeyPath, Place>,
    /// What is an array of tables anywhere in the text, by keys alone.
    arrays: HashSet<KeyPath>,
    table: KeyPath,
    /// Counts lost headers. After one it is not known which table of an array is the last.
    epoch: usize,
}

fn path(keys: &[String]) -> KeyPath {
    keys.iter()
        .fold(KeyPath::root(), |path, key| path.child(key))
}

impl Places {
    pub(super) fn new<'a>(arrays: impl Iterator<Item = &'a [String]>) -> Places {
        Places {
            known: HashMap::new(),
            arrays: arrays.map(path).collect(),
            table: KeyPath::root(),
            epoch: 0,
        }
    }

    /// A header could not be read: it may have been one of an array of tables.
    pub(super) fn lose(&mut self) {
        self.epoch += 1;
    }

    /// Goes into the table of a header. `false` if that can't stand here, or its place isn't certain.
    pub(super) fn enter(&mut self, keys: &[String], array: bool) -> bool {
        let entered = self.entered(keys, array);
        if entered.is_none() && array {
            // The tables below it in the text are not those of the one before.
            self.lose();
        }
        let is_known = entered.is_some();
        self.table = entered.unwrap_or_default();
        is_known
    }

    fn entered(&mut self, keys: &[String], array: bool) -> Option<KeyPath> {
        let (last, before) = keys.split_last()?;
        let (mut at, mut by_keys) = (KeyPath::root(), KeyPath::root());
        for key in before {
            at.push(key.as_str());
            by_keys.push(key.as_str());
            match self.known.get(&at) {
                // The header of its first table is lost.
                None if self.arrays.contains(&by_keys) => return None,
                None => {
                    self.known.insert(at.clone(), Place::Implied);
                }
                Some(Place::Array { tables, epoch }) if *epoch == self.epoch => {
                    at.push(tables - 1);
                }
                Some(Place::Array { .. } | Place::Value) => return None,
                Some(Place::Dotted | Place::Implied | Place::Table) => {}
            }
        }
        at.push(last.as_str());
        let place = match (self.known.get(&at), array) {
            (None | Some(Place::Implied), false) => Place::Table,
            (None, true) => self.array(1),
            (Some(Place::Array { tables, .. }), true) => self.array(tables + 1),
            _ => return None,
        };
        let item = match place {
            Place::Array { tables, .. } => Some(tables - 1),
            _ => None,
        };
        self.known.insert(at.clone(), place);
        if let Some(item) = item {
            at.push(item);
        }
        Some(at)
    }

    fn array(&self, tables: usize) -> Place {
        Place::Array {
            tables,
            epoch: self.epoch,
        }
    }

    /// Takes the place of an entry in the table. `false` if it is taken.
    pub(super) fn add(&mut self, keys: &[String]) -> bool {
        let Some((last, before)) = keys.split_last() else {
            return false;
        };
        let mut at = self.table.clone();
        for key in before {
            at.push(key.as_str());
            match self.known.get(&at) {
                None => {
                    self.known.insert(at.clone(), Place::Dotted);
                }
                Some(Place::Dotted) => {}
                Some(_) => return false,
            }
        }
        at.push(last.as_str());
        let is_free = !self.known.contains_key(&at);
        if is_free {
            self.known.insert(at, Place::Value);
        }
        is_free
    }
}
