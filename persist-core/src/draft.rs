//! A document as migrations see it: every step is a lossless edit, so comments follow the keys.

mod layout;

use std::borrow::Cow;
use std::sync::OnceLock;

use persist_format::{Document, Edits, Error, KeyPath, Segment, Value, merge};
use persist_migrate::{Laid, Path, Step, Tree, TreeError};

use crate::stored_value::StoredValue;

/// A document that is being migrated. This is what code edges are given.
///
/// Steps are collected and made as one edit once the text is asked for. Code can change it as a [`Tree`], or the document itself by
/// [`Draft::edit`].
#[derive(Clone, Debug)]
pub struct Draft {
    edits: Edits,
    /// The document that they make, once that was asked for. Further edits start from it, so that they are those of its text.
    made: OnceLock<Document>,
}

impl Draft {
    /// A document that no step has changed yet.
    #[must_use]
    pub fn new(document: Document) -> Self {
        Self {
            edits: Edits::new(document),
            made: OnceLock::new(),
        }
    }

    /// The value as it is now; costs nothing.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.made
            .get()
            .map_or_else(|| self.edits.value(), Document::value)
    }

    /// The document as it is now: its text is written and read, but not yet by a second parser.
    ///
    /// # Errors
    /// A step can't be made in the text.
    pub fn document(&self) -> Result<&Document, Error> {
        if let Some(document) = self.made.get() {
            return Ok(document);
        }
        let document = self.edits.draft()?;
        Ok(self.made.get_or_init(|| document))
    }

    /// Changes the document itself.
    ///
    /// # Errors
    /// What `change` returned, and as [`Draft::document`]. The draft is as it was then.
    pub fn edit<T>(
        &mut self,
        change: impl FnOnce(&mut Document) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut document = self.document()?.clone();
        let done = change(&mut document)?;
        *self = Self::new(document);
        Ok(done)
    }

    /// The document, which a second parser has read as well.
    ///
    /// # Errors
    /// A step can't be made in the text.
    pub fn finish(self) -> Result<Document, Error> {
        match self.made.into_inner() {
            Some(document) if document.check().is_ok() => Ok(document),
            _ => self.edits.finish().map(|(document, _)| document),
        }
    }

    fn edited(
        &mut self,
        path: &Path,
        edit: impl FnOnce(&mut Edits) -> Result<(), Error>,
    ) -> Result<(), TreeError> {
        if let Some(document) = self.made.take() {
            self.edits = Edits::new(document);
        }
        edit(&mut self.edits).map_err(|e| TreeError::Refused {
            path: path.clone(),
            source: Box::new(e),
        })
    }

    fn at(&self, path: &Path) -> Option<&Value> {
        self.value()
            .get(&key_path(path))
            .filter(|_| !path.is_pattern())
    }
}

/// Digits lead into sequences and maps alike when written as a key, as in a JSON Pointer.
pub(crate) fn key_path(path: &Path) -> KeyPath {
    let keys = path.steps().iter().filter_map(Step::key);
    keys.map(|k| Segment::Key(k.into_owned())).collect()
}

/// The path of lenses that leads to the same place; `None` if it has steps that count from an array's end.
pub(crate) fn lens_path(path: &KeyPath) -> Option<Path> {
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => Some(Step::from(key.as_str())),
        Segment::Index(index) => Some(Step::Index(*index)),
        _ => None,
    };
    let steps: Option<Vec<Step>> = path.segments().iter().map(step).collect();
    steps.map(Path::from)
}

impl Tree for Draft {
    type Node = StoredValue;

    fn get(&self, path: &Path) -> Option<StoredValue> {
        self.at(path).cloned().map(StoredValue)
    }

    fn set(&mut self, path: &Path, node: StoredValue) -> Result<(), TreeError> {
        self.edited(path, |edits| edits.set(&key_path(path), node.0))
    }

    fn remove(&mut self, path: &Path) -> Result<Option<StoredValue>, TreeError> {
        let Some(old) = self.get(path) else {
            return Ok(None);
        };
        if path.is_root() {
            return Err(TreeError::Root);
        }
        self.edited(path, |edits| edits.remove(&key_path(path)))?;
        Ok(Some(old))
    }

    fn rename(&mut self, path: &Path, key: &str) -> Result<(), TreeError> {
        self.edited(path, |edits| edits.rename(&key_path(path), key))
    }

    fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), TreeError> {
        if self.contains(to) {
            return Err(TreeError::Taken { path: to.clone() });
        }
        self.edited(from, |edits| edits.move_to(&key_path(from), &key_path(to)))
    }

    fn keys(&self, path: &Path) -> Option<Vec<String>> {
        match self.at(path)?.untagged() {
            Value::Map(map) => Some(
                map.keys()
                    .map(|k| k.as_key_text().unwrap_or_else(|| k.to_string()))
                    .collect(),
            ),
            _ => None,
        }
    }

    fn entries(&self, path: &Path) -> Option<usize> {
        match self.at(path)?.untagged() {
            Value::Map(map) => Some(map.len()),
            _ => None,
        }
    }

    fn len(&self, path: &Path) -> Option<usize> {
        match self.at(path)?.untagged() {
            Value::Sequence(items) => Some(items.len()),
            _ => None,
        }
    }

    fn to_json(node: &StoredValue) -> serde_json::Value {
        node.0.to_json()
    }

    fn from_json(json: &serde_json::Value) -> StoredValue {
        StoredValue(Value::from(json.clone()))
    }

    fn view(&self, path: &Path) -> Option<Cow<'_, serde_json::Value>> {
        self.at(path).map(|v| Cow::Owned(v.to_json()))
    }

    fn contains(&self, path: &Path) -> bool {
        self.at(path).is_some()
    }
}

impl Laid for Draft {
    fn layout(&self, bare: impl FnOnce() -> Self) -> Option<serde_json::Value> {
        layout::of(self.document().ok()?, bare().document().ok()?)
    }

    fn lay_out(&mut self, elsewhere: &Self, before: &Self, layout: &serde_json::Value) {
        let (Ok(document), Ok(elsewhere), Ok(before)) =
            (self.document(), elsewhere.document(), before.document())
        else {
            return;
        };
        if let Some(document) = layout::restored(document, elsewhere, before, layout) {
            *self = Self::new(document);
        }
    }

    fn lay_out_as_left(&mut self, layout: &serde_json::Value) {
        let left = self.document().ok();
        if let Some(document) = left.and_then(|document| layout::as_left(document, layout)) {
            *self = Self::new(document);
        }
    }

    fn fingerprint(&self) -> Option<String> {
        let text = self.document().ok()?.text();
        Some(persist_backup::digest(text.as_bytes()).to_string())
    }

    fn keep_comments(&mut self, from: &Self, other: &Self) {
        let (Ok(document), Ok(from), Ok(other)) =
            (self.document(), from.document(), other.document())
        else {
            return;
        };
        let mut document = document.clone();
        if merge::keep_comments(&mut document, from, other) {
            *self = Self::new(document);
        }
    }
}
