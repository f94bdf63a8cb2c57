//! The kinds that people tell apart, and sets of them.

use std::fmt;

use super::yaml11;
use crate::format::Format;
use crate::value::Value;

/// What kind of thing a value is to a person: whole and other numbers are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Null,
    /// Text.
    Text,
    /// A number.
    Number,
    /// On or off: `true`, `False`, and in YAML plain `yes`, `off` and the like.
    Switch,
    /// A TOML date or time.
    Date,
    /// Bytes, YAML's `!!binary`.
    Bytes,
    /// A list.
    List,
    /// A map of keys to values.
    Map,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Null,
        Self::Text,
        Self::Number,
        Self::Switch,
        Self::Date,
        Self::Bytes,
        Self::List,
        Self::Map,
    ];

    /// The kind of a value, under its tag.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value.untagged() {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Switch,
            Value::Integer(_) | Value::Float(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Bytes(_) => Self::Bytes,
            Value::Datetime(_) => Self::Date,
            Value::Sequence(_) => Self::List,
            Value::Map(_) | Value::Tagged(_) => Self::Map,
        }
    }

    /// The kind of a value that is spelled so: plain `yes` is a switch in YAML.
    pub(super) fn spelled(value: &Value, spelling: Option<&str>, format: Format) -> Self {
        match (value, spelling) {
            (Value::String(text), Some(plain))
                if format == Format::Yaml && plain == text && yaml11::is_switch(plain) =>
            {
                Self::Switch
            }
            _ => Self::of(value),
        }
    }
}

impl fmt::Display for Kind {
    /// With its article: "a number", "text".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Text => "text",
            Self::Number => "a number",
            Self::Switch => "a switch",
            Self::Date => "a date or time",
            Self::Bytes => "bytes",
            Self::List => "a list",
            Self::Map => "a map",
        })
    }
}

/// A set of kinds: what a schema allows at a place. Of numbers it may have whole ones alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kinds(u16);

impl Kinds {
    /// Every kind: there is no schema, or it says nothing.
    pub const ALL: Self = Self(u16::MAX);
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Whole numbers.
    pub const WHOLE: Self = Self(1 << Kind::Number as u16);
    /// Set beside that of numbers where others than whole ones are among them.
    const FRACTIONS: Self = Self(1 << 8);

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the kind is one of them.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Whether, of numbers, whole ones alone are allowed.
    #[must_use]
    pub const fn has_whole_numbers_alone(self) -> bool {
        self.has(Kind::Number) && self.0 & Self::FRACTIONS.0 == 0
    }

    /// The kind, if there is but one. Whether null is allowed as well says nothing of what a text means; to a schema, dates and bytes are text.
    #[must_use]
    pub fn only(self) -> Option<Kind> {
        let beside = |kind: &Kind| !matches!(kind, Kind::Null | Kind::Date | Kind::Bytes);
        let mut kinds = self.iter().filter(beside);
        let first = kinds.next();
        first.filter(|_| kinds.next().is_none())
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Number => Self::WHOLE.or(Self::FRACTIONS),
            kind => Self(1 << kind as u16),
        }
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds
            .into_iter()
            .fold(Self::NONE, |all, kind| all.or(kind.into()))
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
