//! Which document of a stream is meant: YAML puts several into one file.

use std::fmt;
use std::str::FromStr;

use super::Document;
use crate::error::{Error, ErrorKind};
use crate::path::KeyPath;
use crate::value::Value;

/// Documents of a stream that a message describes.
const MOST_DESCRIBED: usize = 8;

/// Which document of a stream is meant.
///
/// As text it is the document's number, counted from 1, or `KEY=VALUE` for the one that has this text, number or switch there.
///
/// ```
/// use persist_format::{Choice, Document, Format};
/// let stream = Document::parse(b"kind: ConfigMap\n---\nkind: Deployment\nreplicas: 1\n", Format::Yaml)?;
/// let choice: Choice = "kind=Deployment".parse()?;
/// let mut chosen = stream.choose(&choice)?;
/// assert!(chosen.set(&"replicas".parse()?, 2)?.warnings.is_empty());
/// assert_eq!(chosen.text(), "kind: ConfigMap\n---\nkind: Deployment\nreplicas: 2\n");
/// # Ok::<(), persist_format::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// The document with this number; the first is 1.
    Number(usize),
    /// The one document that has this at a key.
    Holding {
        /// The key.
        key: KeyPath,
        /// A text as it is, anything else as JSON writes it.
        value: String,
    },
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |why: String| {
            let how = "name a document by its number, from 1, or by a value in it, such as `kind=Deployment`";
            Error::new(ErrorKind::Path, format!("{why}; {how}"))
        };
        if let Some(&(key, value)) = KeyPath::assignments(text).first() {
            let key: KeyPath = key.parse()?;
            if key.is_root() {
                return Err(wrong(format!("{text:?} does not name a key")));
            }
            let value = value.to_owned();
            return Ok(Self::Holding { key, value });
        }
        match text.parse() {
            Ok(number) if number > 0 => Ok(Self::Number(number)),
            _ => Err(wrong(format!("{text:?} does not name a document"))),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Holding { key, value } => write!(f, "{key}={value}"),
        }
    }
}

impl Document {
    /// The same text, with the document chosen that is meant; that one is read and edited from here on, and the others keep their bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`](crate::ErrorKind::Path) if there is no such document, or if several hold what was named; says which there are.
    pub fn choose(&self, choice: &Choice) -> Result<Self, Error> {
        let found: Vec<usize> = (0..self.documents())
            .filter(|&index| match choice {
                Choice::Number(number) => index + 1 == *number,
                Choice::Holding { key, value } => {
                    let found = self.content.trees[index].value.get(key);
                    found.is_some_and(|found| is_written(found, value))
                }
            })
            .collect();
        let why = match found[..] {
            [index] => {
                return Ok(Self {
                    which: index,
                    selected: true,
                    ..self.clone()
                });
            }
            [] => format!("there is no document {choice}; {}", self.there_are()),
            _ => {
                let numbers: Vec<String> = found.iter().map(|i| (i + 1).to_string()).collect();
                format!(
                    "{choice} matches several documents: {}",
                    numbers.join(" and ")
                )
            }
        };
        Err(self.to_choose(Error::new(ErrorKind::Path, why)))
    }

    /// The same text, with the document chosen that has the number of the one that `other` is, if there are so many.
    #[must_use]
    pub fn chosen_like(&self, other: &Self) -> Self {
        match other.which < self.documents() {
            true => Self {
                which: other.which,
                selected: other.selected,
                ..self.clone()
            },
            false => self.clone(),
        }
    }

    /// The same text, with the document chosen that `older`, a document of an older text, has become, as far as its place tells: there are as many documents as
    /// there were, and the ones before it are the same. `None` if not: its number may be another's by now.
    ///
    /// ```
    /// use persist_format::{Document, Format};
    /// let older = Document::parse(b"kind: A\n---\nkind: B\n", Format::Yaml)?.choose(&"2".parse()?)?;
    /// let newer = Document::parse(b"kind: A\n---\nkind: B\nreplicas: 2\n", Format::Yaml)?;
    /// assert_eq!(newer.chosen_since(&older).map(|newer| newer.number()), Some(2));
    /// let newer = Document::parse(b"kind: New\n---\nkind: A\n---\nkind: B\n", Format::Yaml)?;
    /// assert!(newer.chosen_since(&older).is_none());
    /// # Ok::<(), persist_format::Error>(())
    /// ```
    #[must_use]
    pub fn chosen_since(&self, older: &Self) -> Option<Self> {
        let before = |document: &Self| {
            let trees = document.content.trees.iter().take(older.which);
            trees.map(|tree| tree.value.clone()).collect::<Vec<_>>()
        };
        let same = self.documents() == older.documents() && before(self) == before(older);
        same.then(|| self.chosen_like(older))
    }

    /// The numbers of the other documents of the text, which is a later one of `older`, that are not as they were there: by what they say, or how.
    ///
    /// ```
    /// use persist_format::{Document, Format};
    /// let read = |text: &str| Document::parse(text.as_bytes(), Format::Yaml)?.choose(&"1".parse()?);
    /// let (older, newer) = (read("a: 1\n---\nb: 1\n")?, read("a: 2\n---\nb: 2\n---\nc: 1\n")?);
    /// assert_eq!(newer.changed_beside(&older), [2, 3]);
    /// # Ok::<(), persist_format::Error>(())
    /// ```
    #[must_use]
    pub fn changed_beside(&self, older: &Self) -> Vec<usize> {
        let part = |document: &Self, which: usize| {
            let there = which < document.documents();
            let chosen = there.then(|| Self {
                which,
                ..document.clone()
            })?;
            let extent = chosen.extent(&KeyPath::root());
            let text = extent.map(|extent| chosen.text()[extent].to_owned());
            Some((chosen.value().clone(), text))
        };
        let count = self.documents().max(older.documents());
        let others = (0..count).filter(|&which| which != self.which);
        let changed = others.filter(|&which| part(self, which) != part(older, which));
        changed.map(|which| which + 1).collect()
    }

    /// The chosen document's number, counted from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.which + 1
    }

    /// Whether it is clear which document of the text this is: one was chosen, or there is no other.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.selected || self.documents() == 1
    }

    /// Why nothing can be written as long as no document is chosen; which there are is its help.
    #[must_use]
    pub fn unchosen(&self) -> Error {
        let message = format!("{}, and none was chosen", self.there_are());
        self.to_choose(Error::new(ErrorKind::Refused, message))
    }

    /// An error of who has to choose, with what there is.
    fn to_choose(&self, error: Error) -> Error {
        let choices = self.described();
        let help = format!("`Document::choose` takes one of: {choices}");
        error.with_help(help).with_choices(choices)
    }

    fn there_are(&self) -> String {
        match self.documents() {
            1 => "the file holds one".to_owned(),
            count => format!("the file holds {count} documents"),
        }
    }

    /// The documents of the text by number and by what tells them apart, for people: `1 (kind=ConfigMap), 2 (keys a, b)`. No values but those of `kind` and `name`.
    #[must_use]
    pub fn described(&self) -> String {
        let trees = self.content.trees.iter().take(MOST_DESCRIBED);
        let mut all: Vec<String> = trees
            .enumerate()
            .map(|(index, tree)| format!("{} ({})", index + 1, told(&tree.value)))
            .collect();
        if self.documents() > MOST_DESCRIBED {
            all.push(format!("and so on, up to {}", self.documents()));
        }
        all.join(", ")
    }
}

/// Whether a text is what is written for a value.
fn is_written(value: &Value, text: &str) -> bool {
    match value.untagged() {
        Value::String(string) => string == text,
        other => format!("{}", other.to_json()) == text,
    }
}

/// What a document is known by.
fn told(value: &Value) -> String {
    const MOST_KEYS: usize = 3;
    let known = ["kind", "metadata.name", "name"].iter().filter_map(|key| {
        let path: KeyPath = key.parse().ok()?;
        match value.get(&path)?.untagged() {
            Value::String(text) if text.len() < 80 => Some(format!("{key}={text}")),
            _ => None,
        }
    });
    let known: Vec<String> = known.collect();
    let Value::Map(map) = value.untagged() else {
        return match value {
            Value::Null => "empty".to_owned(),
            _ => "not a map".to_owned(),
        };
    };
    if !known.is_empty() {
        return known.join(", ");
    }
    let keys = map.keys().filter_map(|key| match key {
        Value::String(key) => Some(key.as_str()),
        _ => None,
    });
    let keys: Vec<&str> = keys.take(MOST_KEYS).collect();
    match keys[..] {
        [] => "empty".to_owned(),
        [key] => format!("key {key}"),
        _ => format!("keys {}", keys.join(", ")),
    }
}
