//! One change as people read it: in receipts, the journal and changelogs.

use std::collections::BTreeMap;

use persist_format::diff::{self, Change, What};
use persist_format::{KeyPath, Value};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;

use crate::sensitive::{Sensitive, Told};

/// Longest text of a value that a note carries, in characters.
const VALUE_CHARS: usize = 120;
/// Most notes kept of one save.
const MOST: usize = 200;

/// What happened to one key. Sensitive values were redacted when the note was made.
///
/// Serialised `old` and `new` are values, not texts. Of long ones, which were cut, there is the beginning, as `old_begins` and
/// `new_begins`; what no JSON can say (infinities, tags within) is text, as `old_text` and `new_text`. A tag of YAML is `old_tag` or
/// `new_tag`.
///
/// ```
/// use persist_core::Note;
/// let note = Note { path: "/a".into(), old: Some("[1]".into()), new: Some("!t [1,2…".into()), ..Note::default() };
/// assert_eq!(serde_json::to_value(&note)?, serde_json::json!({"path": "/a", "old": [1], "new_tag": "!t", "new_begins": "[1,2"}));
/// let note = Note { path: "/a".into(), new: Some("inf".into()), ..Note::default() };
/// assert_eq!(serde_json::to_value(&note)?, serde_json::json!({"path": "/a", "new_text": "inf"}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The key, as a JSON Pointer (RFC 6901).
    pub path: String,
    /// The value before, as JSON with a tag of YAML before it, cut with `…` where it is long; absent for an added key.
    pub old: Option<String>,
    /// The value after, as JSON, cut with `…` where it is long; absent for a removed key.
    pub new: Option<String>,
    /// For an item of a list that only has another place: where it was, as a JSON Pointer.
    pub from: Option<String>,
    /// Of a stream of several documents: which, counted from 1.
    pub doc: Option<usize>,
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        let values = [
            (["old", "old_begins", "old_text", "old_tag"], &self.old),
            (["new", "new_begins", "new_text", "new_tag"], &self.new),
        ];
        for ([whole, begins, other, tag], text) in values {
            let Some(text) = text else { continue };
            let tagged = text.split_once(' ').filter(|_| text.starts_with('!'));
            let text = match tagged {
                Some((named, text)) => {
                    map.serialize_entry(tag, named)?;
                    text
                }
                None => text,
            };
            match (
                serde_json::from_str::<&RawValue>(text),
                text.strip_suffix('…'),
            ) {
                (Ok(value), _) => map.serialize_entry(whole, value)?,
                (_, Some(begin)) => map.serialize_entry(begins, begin)?,
                _ => map.serialize_entry(other, text)?,
            }
        }
        if let Some(from) = &self.from {
            map.serialize_entry("from", from)?;
        }
        if let Some(doc) = &self.doc {
            map.serialize_entry("doc", doc)?;
        }
        map.end()
    }
}

/// What is serialised, as a JSON Schema.
#[cfg(feature = "schemars")]
mod described {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator};

    /// What happened to one key; sensitive values are redacted.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "described, not filled in")]
    struct Note {
        /// The key, as a JSON Pointer (RFC 6901); words at the end of a list that is not whole.
        path: String,
        /// The value before; absent for an added key.
        #[schemars(skip_serializing_if = "Option::is_none", with = "serde_json::Value")]
        old: Option<serde_json::Value>,
        /// The value after; absent for a removed key.
        #[schemars(skip_serializing_if = "Option::is_none", with = "serde_json::Value")]
        new: Option<serde_json::Value>,
        /// How the JSON of a long value before begins.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        old_begins: Option<String>,
        /// How the JSON of a long value after begins.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        new_begins: Option<String>,
        /// A value before that is not JSON, such as `inf`.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        old_text: Option<String>,
        /// A value after that is not JSON, such as `inf`.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        new_text: Option<String>,
        /// The tag of a value of YAML before.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        old_tag: Option<String>,
        /// The tag of a value of YAML after.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        new_tag: Option<String>,
        /// For an item of a list that only has another place: where it was.
        #[schemars(skip_serializing_if = "Option::is_none", with = "String")]
        from: Option<String>,
        /// Of a stream of several documents: which, counted from 1.
        #[schemars(skip_serializing_if = "Option::is_none", with = "usize")]
        doc: Option<usize>,
    }

    impl JsonSchema for super::Note {
        fn schema_name() -> Cow<'static, str> {
            Note::schema_name()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            Note::json_schema(generator)
        }
    }
}

/// Notes in the journal, where values are the texts that people read.
pub(crate) mod journaled {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Note;

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "Note")]
    struct Written {
        path: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doc: Option<usize>,
    }

    #[derive(Serialize)]
    struct Borrowed<'n>(#[serde(with = "Written")] &'n Note);

    #[derive(Deserialize)]
    struct Owned(#[serde(with = "Written")] Note);

    pub(crate) fn serialize<S: Serializer>(notes: &[Note], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(notes.iter().map(Borrowed))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Note>, D::Error> {
        let notes = Vec::<Owned>::deserialize(from)?;
        Ok(notes.into_iter().map(|note| note.0).collect())
    }
}

impl Note {
    /// The key path in dotted form, as people write it, with the document that it is in where there are several.
    pub fn key(&self) -> String {
        match self.doc {
            Some(number) => format!("{} (document {number})", self.key_alone()),
            None => self.key_alone(),
        }
    }

    fn key_alone(&self) -> String {
        if self.path.is_empty() {
            return "the whole document".into();
        }
        if !self.path.starts_with('/') {
            return self.path.clone(); // the root, or words
        }
        let path = self.path.parse::<persist_format::KeyPath>();
        path.map_or_else(|_| self.path.clone(), |p| p.to_string())
    }
}

/// A list and two of its indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Move {
    /// The list's key path in dotted form.
    pub list: String,
    /// Where the item was.
    pub from: String,
    /// Where it is.
    pub to: String,
}

impl Note {
    /// The list and the places, where an item of one was moved.
    pub fn moved(&self) -> Option<Move> {
        let (_, from) = self.from.as_deref()?.rsplit_once('/')?;
        let (list, to) = self.path.rsplit_once('/')?;
        let list = Note {
            path: list.to_owned(),
            doc: self.doc,
            ..Note::default()
        };
        Some(Move {
            list: list.key(),
            from: from.to_owned(),
            to: to.to_owned(),
        })
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Move { list, from, to }) = self.moved() {
            return write!(f, "{list}: moved from {from} to {to}");
        }
        let key = self.key();
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{key}: {old} -> {new}"),
            (None, Some(new)) => write!(f, "{key}: added {new}"),
            (Some(old), None) => write!(f, "{key}: removed {old}"),
            (None, None) => write!(f, "{key}"),
        }
    }
}

/// What is to be told of a difference.
#[derive(Default)]
pub(crate) struct ChangeNotes {
    /// Sensitive values redacted, at most 200 of them.
    pub(crate) notes: Vec<Note>,
    /// Where secrets are that were not there before. Empty ones are none.
    pub(crate) secrets: Vec<KeyPath>,
}

impl ChangeNotes {
    pub(crate) fn of(old: &Value, new: &Value, sensitive: &Sensitive) -> ChangeNotes {
        let mut notes = ChangeNotes::of_all(&[[old, new]], &[], sensitive);
        notes.pop().unwrap_or_default()
    }

    /// Of each of these pairs of an old and a new document. What is a secret in any of them, or of the documents beside them, is one in all.
    pub(crate) fn of_all(
        pairs: &[[&Value; 2]],
        beside: &[&Value],
        sensitive: &Sensitive,
    ) -> Vec<ChangeNotes> {
        let all = pairs.iter().map(|[old, new]| diff::between(old, new));
        let all: Vec<Vec<Change>> = all.map(|diff| diff.changes).collect();
        if all.iter().all(Vec::is_empty) {
            return pairs.iter().map(|_| ChangeNotes::default()).collect();
        }
        let told = pairs.iter().zip(&all);
        let told = told.map(|(pair, changes)| Told::difference(*pair, first(changes)));
        let beside = beside.iter().map(|value| Told::nothing(value));
        let told: Vec<Told<'_>> = told.chain(beside).collect();
        let rules = sensitive.of_told(&told);
        let all = pairs.iter().zip(&all).zip(&rules);
        all.map(|((pair, changes), rules)| ChangeNotes::of_changes(changes, *pair, rules))
            .collect()
    }

    fn of_changes(changes: &[Change], pair: [&Value; 2], rules: &Sensitive) -> ChangeNotes {
        let told = first(changes);
        let mut notes: Vec<Note> = told.iter().map(|c| note(c, rules)).collect();
        if changes.len() > told.len() {
            let more = changes.len() - told.len();
            notes.push(Note {
                path: format!("and {more} more changes"),
                ..Note::default()
            });
        }
        let secrets = changes.iter();
        let secrets = secrets.flat_map(|change| new_secrets(change, rules, pair));
        ChangeNotes {
            secrets: secrets.collect(),
            notes,
        }
    }
}

/// Those of the changes that are told.
fn first(changes: &[Change]) -> &[Change] {
    &changes[..changes.len().min(MOST)]
}

/// Where a change puts a secret that was not there.
fn new_secrets(change: &Change, sensitive: &Sensitive, [old, new]: [&Value; 2]) -> Vec<KeyPath> {
    let (What::Added(added) | What::Modified { new: added, .. }) = &change.what else {
        return Vec::new();
    };
    let is_filled = |root: &Value, path: &KeyPath| match root.get(path).map(Value::untagged) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(value) => !value.is_null(),
        None => false,
    };
    let was_there = |path: &KeyPath| {
        let before = old.get(path).filter(|_| is_filled(old, path));
        before.is_some_and(|before| !sensitive.found(path, before).is_empty())
    };
    let mut found = sensitive.found(&change.path, added);
    found.retain(|path| is_filled(new, path) && !was_there(path));
    found
}

fn note(change: &Change, sensitive: &Sensitive) -> Note {
    let text = |value: &Value| Some(brief(&sensitive.redact(&change.path, value)));
    let (old, new) = match &change.what {
        What::Added(new) => (None, text(new)),
        What::Removed(old) => (text(old), None),
        What::Modified { old, new } => (text(old), text(new)),
        _ => (None, None),
    };
    Note {
        path: change.path.pointer(),
        old,
        new,
        from: match &change.what {
            What::Moved { from } => Some(from.pointer()),
            _ => None,
        },
        doc: None,
    }
}

/// A value as JSON, cut to a readable length.
pub(crate) fn brief(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    match text.char_indices().nth(VALUE_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// JSON with all digits of integers, infinities, and with tags, which are a part of what was changed.
fn write(value: &Value, text: &mut String) {
    match value {
        // To be told from text.
        Value::Float(x) if !x.get().is_finite() => text.push_str(&x.to_string()),
        Value::Integer(n) => text.push_str(&n.to_string()),
        Value::Tagged(tagged) => {
            text.push_str(&tagged.tag);
            text.push(' ');
            write(&tagged.value, text);
        }
        Value::Sequence(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write(item, text);
            }
            text.push(']');
        }
        Value::Map(map) => {
            text.push('{');
            let named = |key: &Value| key.as_key_text().unwrap_or_else(|| key.to_string());
            let entries: BTreeMap<_, _> = map.iter().map(|(k, v)| (named(k), v)).collect();
            for (index, (key, item)) in entries.into_iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&serde_json::Value::from(key).to_string());
                text.push(':');
                write(item, text);
            }
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_json().to_string()),
    }
}
