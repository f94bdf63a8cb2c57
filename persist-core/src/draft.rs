//! A document as migrations see it: every step is a lossless edit, so comments follow the keys.

mod commas;
mod groups;
mod layout;
mod order;
mod pieces;
mod weave;

use std::borrow::Cow;

use persist_format::{Document, KeyPath, Segment, Value};
use persist_migrate::{Path, Step, Tree, TreeError};

use crate::detached::Detached;

/// A document that is being migrated. This is what code edges are given.
#[derive(Clone, Debug)]
pub struct Draft(pub Document);

impl Draft {
    fn edited(
        path: &Path,
        done: Result<persist_format::Edit, persist_format::Error>,
    ) -> Result<(), TreeError> {
        done.map(drop).map_err(|e| TreeError::Refused {
            path: path.clone(),
            source: Box::new(e),
        })
    }
}

/// Digits lead into sequences and maps alike when written as a key, as in a JSON Pointer.
fn key_path(path: &Path) -> KeyPath {
    let keys = path.steps().iter().filter_map(Step::key);
    keys.map(|k| Segment::Key(k.into_owned())).collect()
}

impl Tree for Draft {
    type Node = Detached;

    fn get(&self, path: &Path) -> Option<Detached> {
        if path.is_pattern() {
            return None;
        }
        self.0.get(&key_path(path)).cloned().map(Detached)
    }

    fn set(&mut self, path: &Path, node: Detached) -> Result<(), TreeError> {
        Self::edited(path, self.0.set(&key_path(path), node.0))
    }

    fn remove(&mut self, path: &Path) -> Result<Option<Detached>, TreeError> {
        let Some(old) = self.get(path) else {
            return Ok(None);
        };
        if path.is_root() {
            return Err(TreeError::Root);
        }
        Self::edited(path, self.0.remove(&key_path(path)))?;
        Ok(Some(old))
    }

    fn rename(&mut self, path: &Path, key: &str) -> Result<(), TreeError> {
        Self::edited(path, self.0.rename(&key_path(path), key))
    }

    fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), TreeError> {
        if self.contains(to) {
            return Err(TreeError::Taken { path: to.clone() });
        }
        Self::edited(from, self.0.move_to(&key_path(from), &key_path(to)))
    }

    fn keys(&self, path: &Path) -> Option<Vec<String>> {
        match self.0.get(&key_path(path))?.untagged() {
            Value::Map(map) => Some(
                map.keys()
                    .map(|k| k.as_key_text().unwrap_or_else(|| k.to_string()))
                    .collect(),
            ),
            _ => None,
        }
    }

    fn len(&self, path: &Path) -> Option<usize> {
        match self.0.get(&key_path(path))?.untagged() {
            Value::Sequence(items) => Some(items.len()),
            _ => None,
        }
    }

    fn to_json(node: &Detached) -> serde_json::Value {
        node.0.to_json()
    }

    fn from_json(json: &serde_json::Value) -> Detached {
        Detached(Value::from(json.clone()))
    }

    fn layout(&self, bare: impl FnOnce() -> Self) -> Option<serde_json::Value> {
        layout::of(&self.0, &bare().0)
    }

    fn lay_out(&mut self, elsewhere: &Self, before: &Self, layout: &serde_json::Value) {
        if let Some(document) = layout::restored(&self.0, &elsewhere.0, &before.0, layout) {
            self.0 = document;
        }
    }

    fn lay_out_as_left(&mut self, layout: &serde_json::Value) {
        if let Some(document) = layout::as_left(&self.0, layout) {
            self.0 = document;
        }
    }

    fn fingerprint(&self) -> Option<String> {
        Some(persist_backup::digest(self.0.text().as_bytes()).to_string())
    }

    fn keep_comments(&mut self, from: &Self, other: &Self) {
        layout::keep_comments(&mut self.0, &from.0, &other.0);
    }

    fn view(&self, path: &Path) -> Option<Cow<'_, serde_json::Value>> {
        self.0.get(&key_path(path)).map(|v| Cow::Owned(v.to_json()))
    }

    fn contains(&self, path: &Path) -> bool {
        !path.is_pattern() && self.0.get(&key_path(path)).is_some()
    }
}
