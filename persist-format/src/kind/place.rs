//! What is known of the place that a value is for.

use super::{Kind, Kinds};
use crate::document::{Document, Edits};
use crate::format::Format;
use crate::path::KeyPath;
use crate::value::Value;

/// A value and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held<'a> {
    /// The value.
    pub value: &'a Value,
    /// Its text, as [`Document::spelling`] gives it; for an alias the text of what it stands for.
    pub spelling: Option<&'a str>,
}

/// What decides the meaning of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Place<'a> {
    /// The format that the value will be written in.
    pub format: Format,
    /// What the key holds; `None` if it is new.
    pub held: Option<Held<'a>>,
    /// Of a new item in a list whose items are all of one kind: the last of them.
    pub beside: Option<Held<'a>>,
    /// The kinds that a schema allows; [`Kinds::ALL`] without one.
    pub allowed: Kinds,
}

impl<'a> Place<'a> {
    /// The place of a new key.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            held: None,
            beside: None,
            allowed: Kinds::ALL,
        }
    }

    /// What the key holds.
    #[must_use]
    pub fn holding(mut self, value: &'a Value, spelling: Option<&'a str>) -> Self {
        self.held = Some(Held { value, spelling });
        self
    }

    /// The kinds that a schema allows.
    #[must_use]
    pub fn allowing(mut self, allowed: Kinds) -> Self {
        self.allowed = allowed;
        self
    }

    /// The kind of what is there.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.held.map(|held| held.kind(self.format))
    }

    /// The kinds before and after in words, if a value there is of another kind than the one that it replaces: also where an integer
    /// becomes a float, which programs that read an integer refuse, unless the schema allows both.
    #[must_use]
    pub fn changed(&self, meant: &super::meant::Meant) -> Option<(String, String)> {
        let new = Kind::spelled(&meant.value, meant.spelling.as_deref(), self.format);
        let old = self.kind().filter(|kind| *kind != Kind::Null)?;
        if old != new {
            return Some((old.to_string(), new.to_string()));
        }
        let held = self.held.map(|held| held.value.untagged());
        let was_integer = matches!(held, Some(Value::Integer(_)));
        let is_float = matches!(meant.value.untagged(), Value::Float(_));
        let both =
            self.allowed.only() == Some(Kind::Number) && !self.allowed.has_whole_numbers_alone();
        let changed = was_integer && is_float && !both;
        changed.then(|| ("an integer".to_owned(), "a float".to_owned()))
    }
}

impl<'a> Held<'a> {
    pub(super) fn kind(self, format: Format) -> Kind {
        Kind::spelled(self.value, self.spelling, format)
    }

    /// The text that a reader of YAML resolves: that of a scalar without quotes.
    pub(super) fn plain(self, format: Format) -> Option<&'a str> {
        let spelling = self.spelling.filter(|_| format == Format::Yaml)?;
        let quoted = spelling.starts_with(['"', '\'', '|', '>']);
        (!quoted).then_some(spelling)
    }
}

impl Document {
    /// What decides the meaning of a text that is typed as the value at a path: what is there now. A schema's word is to be added.
    #[must_use]
    pub fn place(&self, path: &KeyPath) -> Place<'_> {
        place(self.value(), path, self.format(), |path| {
            self.spelling_seen(path)
        })
    }
}

impl Edits {
    /// As [`Document::place`], with the edits so far.
    #[must_use]
    pub fn place(&self, path: &KeyPath) -> Place<'_> {
        let format = self.document().format();
        place(self.value(), path, format, |path| self.spelling_seen(path))
    }
}

fn place<'a>(
    root: &'a Value,
    path: &KeyPath,
    format: Format,
    spelling: impl Fn(&KeyPath) -> Option<&'a str>,
) -> Place<'a> {
    let held = |path: &KeyPath| {
        let value = root.get(path)?;
        let spelling = spelling(path);
        Some(Held { value, spelling })
    };
    Place {
        held: held(path),
        beside: siblings(root, path).and_then(|(parent, count)| {
            let items = (0..count).filter_map(|index| held(&parent.item(index)));
            of_one_kind(items, format)
        }),
        ..Place::new(format)
    }
}

/// The list that a path adds an item to, and how many it has.
fn siblings(root: &Value, path: &KeyPath) -> Option<(KeyPath, usize)> {
    let (parent, last) = path.split_last()?;
    let Value::Sequence(items) = root.get(&parent)?.untagged() else {
        return None;
    };
    let adds = last.index_in(items.len()) == Some(items.len());
    adds.then_some((parent, items.len()))
}

fn of_one_kind<'a>(items: impl Iterator<Item = Held<'a>>, format: Format) -> Option<Held<'a>> {
    let mut last: Option<Held<'a>> = None;
    for item in items {
        if last.is_some_and(|last| last.kind(format) != item.kind(format)) {
            return None;
        }
        last = Some(item);
    }
    last.filter(|last| last.kind(format) != Kind::Null)
}
