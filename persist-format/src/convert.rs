//! Fitting a value to what a format can say, with every loss listed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::path::{KeyPath, Segment};
use crate::value::json::base64;
use crate::value::{Integer, Map, Tagged, Value};
use crate::vocabulary::Vocabulary;

/// What could not be carried exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// A null was left out of a map: TOML has none.
    NullDropped,
    /// A date or time became a string.
    DatetimeAsString,
    /// Bytes became base64 in a string.
    BytesAsBase64,
    /// A key that is no string became one.
    KeyAsString,
    /// A tag was dropped.
    TagDropped,
    /// An integer beyond 64 bits, which many readers turn into a float.
    LargeInteger,
    /// All comments were dropped, so many of them: the format has none.
    CommentsDropped(usize),
    /// The comment that begins on a line, counted from 1, was dropped: what it is about has no line of its own.
    CommentDropped {
        /// The line of the old text.
        line: usize,
    },
    /// The comment that names the schema for editors was dropped.
    SchemaReferenceDropped,
    /// Aliases and merge keys were written out.
    AliasesExpanded(usize),
}

/// One loss, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Where in the tree; the root for what concerns the document.
    pub path: KeyPath,
    /// What.
    pub loss: Loss,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NullDropped => f.write_str("null left out"),
            Self::DatetimeAsString => f.write_str("datetime written as a string"),
            Self::BytesAsBase64 => f.write_str("bytes written as a base64 string"),
            Self::KeyAsString => f.write_str("key written as a string"),
            Self::TagDropped => f.write_str("tag dropped"),
            Self::LargeInteger => {
                f.write_str("integer beyond 64 bits, which many programs read as a float")
            }
            Self::CommentsDropped(1) => f.write_str("1 comment left out"),
            Self::CommentsDropped(n) => write!(f, "{n} comments left out"),
            Self::CommentDropped { line } => write!(f, "the comment on line {line} left out"),
            Self::SchemaReferenceDropped => {
                f.write_str("the comment that names the schema left out")
            }
            Self::AliasesExpanded(1) => f.write_str("1 alias or merge key written out"),
            Self::AliasesExpanded(n) => write!(f, "{n} aliases and merge keys written out"),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            write!(f, "{}", self.loss)
        } else {
            write!(f, "{} at {}", self.loss, self.path)
        }
    }
}

/// The value as the format can say it, and what was lost on the way. A value that was read in the format fits it unchanged.
///
/// # Errors
///
/// [`ErrorKind::Unrepresentable`] where nothing near enough can be said: an infinity in JSON, a null in a TOML array, an integer
/// beyond 64 bits in TOML, keys that would collide, a root that is no map in TOML.
pub fn fit(value: &Value, format: Format) -> Result<(Value, Vec<Warning>), Error> {
    let mut fitter = Fitter::at(KeyPath::root(), format);
    if !fitter.words.any_root && !matches!(value.untagged(), Value::Map(_)) {
        let found = value.a_kind();
        return Err(fitter.cannot(format!("a {format} document is a table, not {found}")));
    }
    let fitted = fitter.value(value)?;
    Ok((fitted, fitter.warnings))
}

/// As [`fit`], without a copy of a value that fits.
pub(crate) fn fitted(
    value: &Value,
    format: Format,
) -> Result<(Cow<'_, Value>, Vec<Warning>), Error> {
    let words = format.vocabulary();
    let root = words.any_root || value.is_map();
    if root && fits(value, words) {
        return Ok((Cow::Borrowed(value), Vec::new()));
    }
    fit(value, format).map(|(value, warnings)| (Cow::Owned(value), warnings))
}

/// The integers of a value that [`Loss::LargeInteger`] warns of.
pub(crate) fn large_integers(value: &Value, format: Format) -> Vec<(Warning, Value)> {
    let Ok((_, mut warnings)) = fitted(value, format) else {
        return Vec::new();
    };
    warnings.retain(|warning| warning.loss == Loss::LargeInteger);
    let at = |warning: Warning| value.get(&warning.path).cloned().map(|n| (warning, n));
    warnings.into_iter().filter_map(at).collect()
}

/// The warnings of those that are new: not there before, at the same or another place.
pub(crate) fn new_integers(
    before: Vec<(Warning, Value)>,
    mut after: Vec<(Warning, Value)>,
) -> Vec<Warning> {
    let entries = before.into_iter().map(|(warning, n)| (warning.path, n));
    let mut left: HashMap<KeyPath, Value> = entries.collect();
    after.retain(|(warning, n)| {
        let stays = left.get(&warning.path) == Some(n);
        drop(stays.then(|| left.remove(&warning.path)));
        !stays
    });
    let mut moved: HashMap<String, usize> = HashMap::new();
    left.values()
        .for_each(|n| *moved.entry(n.to_string()).or_default() += 1);
    after.retain(|(_, n)| match moved.get_mut(&n.to_string()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    after.into_iter().map(|(warning, _)| warning).collect()
}

/// As [`fit`], for a value that stands somewhere within a document.
pub(crate) fn fitted_within(value: &Value, format: Format) -> Result<(Value, Vec<Warning>), Error> {
    let mut fitter = Fitter::at(KeyPath::root(), format);
    let fitted = fitter.value(value)?;
    Ok((fitted, fitter.warnings))
}

/// As [`fit`], for the value that is to stand at a path.
pub(crate) fn fitted_at(
    value: Value,
    path: &KeyPath,
    format: Format,
) -> Result<(Value, Vec<Warning>), Error> {
    if path.is_root() {
        return fit(&value, format);
    }
    if fits(&value, format.vocabulary()) {
        return Ok((value, Vec::new()));
    }
    let mut fitter = Fitter::at(path.clone(), format);
    let fitted = fitter.value(&value)?;
    Ok((fitted, fitter.warnings))
}

/// True if the format says the value exactly, without a word to the user. A false `false` costs a copy, a false `true` a loss.
fn fits(value: &Value, words: Vocabulary) -> bool {
    match value {
        Value::Bool(_) | Value::String(_) => true,
        Value::Null => words.null,
        Value::Integer(n) => n.to_i64().is_some(),
        Value::Float(x) => x.get().is_finite() || words.non_finite,
        Value::Bytes(_) => words.bytes,
        Value::Datetime(_) => words.datetimes,
        Value::Sequence(items) => items.iter().all(|item| fits(item, words)),
        Value::Map(map) => map
            .iter()
            .all(|(key, value)| key.is_string() && fits(value, words)),
        Value::Tagged(tagged) => words.tags && fits(&tagged.value, words),
    }
}

struct Fitter {
    format: Format,
    words: Vocabulary,
    path: KeyPath,
    warnings: Vec<Warning>,
}

impl Fitter {
    fn at(path: KeyPath, format: Format) -> Self {
        Self {
            format,
            words: format.vocabulary(),
            path,
            warnings: Vec::new(),
        }
    }

    fn cannot(&self, why: impl Into<String>) -> Error {
        Error::new(ErrorKind::Unrepresentable, why).with_path(self.path.clone())
    }

    fn warn(&mut self, loss: Loss) {
        self.warnings.push(Warning {
            path: self.path.clone(),
            loss,
        });
    }

    fn value(&mut self, value: &Value) -> Result<Value, Error> {
        let words = self.words;
        match value {
            Value::Null if !words.null => Err(self.cannot(format!("{} has no null", self.format))),
            Value::Null | Value::Bool(_) | Value::String(_) => Ok(value.clone()),
            Value::Integer(n) => self.integer(n),
            Value::Float(x) if !x.get().is_finite() && !words.non_finite => {
                Err(self.cannot(format!("{} has no {x}", self.format)))
            }
            Value::Float(_) => Ok(value.clone()),
            Value::Bytes(_) if words.bytes => Ok(value.clone()),
            Value::Bytes(bytes) => {
                self.warn(Loss::BytesAsBase64);
                Ok(base64(bytes).into())
            }
            Value::Datetime(_) if words.datetimes => Ok(value.clone()),
            Value::Datetime(d) => {
                self.warn(Loss::DatetimeAsString);
                Ok(d.to_string().into())
            }
            Value::Sequence(items) => self.sequence(items),
            Value::Map(map) => self.map(map),
            Value::Tagged(t) if words.tags => Ok(Value::Tagged(Box::new(Tagged {
                tag: t.tag.clone(),
                value: self.value(&t.value)?,
            }))),
            Value::Tagged(t) => {
                self.warn(Loss::TagDropped);
                self.untagged(t)
            }
        }
    }

    /// `!Variant value` is how serde writes an enum in YAML; elsewhere that is `{Variant: value}`, or the name alone.
    fn untagged(&mut self, tagged: &Tagged) -> Result<Value, Error> {
        let name = tagged.tag.trim_start_matches('!');
        let is_variant =
            tagged.tag.starts_with('!') && name.starts_with(|c: char| c.is_ascii_uppercase());
        match &tagged.value {
            Value::Null if is_variant => Ok(name.into()),
            value if is_variant => Ok(Map::from_iter([(name, self.value(value)?)]).into()),
            value => self.value(value),
        }
    }

    fn integer(&mut self, n: &Integer) -> Result<Value, Error> {
        if !self.words.wide_integers && n.to_i64().is_none() {
            let message = format!("{n} does not fit the 64-bit integers of {}", self.format);
            return Err(self.cannot(message));
        }
        if n.to_i64().is_none() && n.to_u64().is_none() {
            self.warn(Loss::LargeInteger);
        }
        Ok(n.clone().into())
    }

    fn sequence(&mut self, items: &[Value]) -> Result<Value, Error> {
        let mut fitted = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push(index);
            fitted.push(self.value(item)?);
            self.path.pop();
        }
        Ok(fitted.into())
    }

    fn map(&mut self, map: &Map) -> Result<Value, Error> {
        let mut fitted = Map::new();
        for (key, value) in map.iter() {
            self.path.push(Segment::Key(
                key.as_key_text().unwrap_or_else(|| key.to_string()),
            ));
            if value.is_null() && !self.words.null {
                self.warn(Loss::NullDropped);
            } else {
                let key = self.key(key)?;
                let value = self.value(value)?;
                if fitted.insert(key, value).is_some() {
                    return Err(self.cannot("two keys would be the same as text"));
                }
            }
            self.path.pop();
        }
        Ok(fitted.into())
    }

    fn key(&mut self, key: &Value) -> Result<Value, Error> {
        if key.is_string() {
            return Ok(key.clone());
        }
        if self.words.any_key {
            let warnings = self.warnings.len();
            let fitted = self.value(key);
            self.warnings.truncate(warnings);
            return fitted;
        }
        let text = key.as_key_text().ok_or_else(|| {
            self.cannot(format!(
                "{} can't be a key in {}",
                key.a_kind(),
                self.format
            ))
        })?;
        self.warn(Loss::KeyAsString);
        Ok(text.into())
    }
}
