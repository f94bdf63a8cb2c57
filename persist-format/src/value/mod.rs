//! The value model: everything the three formats can say, nothing lost.

pub(crate) mod access;
mod datetime;
mod from;
pub(crate) mod json;
mod map;
mod number;
mod segment;
mod show;

use std::hash::{Hash, Hasher};

pub use datetime::Datetime;
pub use map::Map;
pub use number::{Float, Integer};

/// A value of any of the formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// JSON and YAML `null`; TOML has none.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of any size. `1` is not equal to `1.0`.
    Integer(Integer),
    /// A floating point number with its spelling.
    Float(Float),
    /// Text.
    String(String),
    /// YAML `!!binary`.
    Bytes(Vec<u8>),
    /// A TOML date or time.
    Datetime(Datetime),
    /// An array.
    Sequence(Vec<Value>),
    /// A mapping.
    Map(Map),
    /// A value under a YAML application tag, `!name value`.
    Tagged(Box<Tagged>),
}

/// A YAML value under an application tag.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tagged {
    /// The tag with its `!`, handles resolved: `!Point`, `tag:example.org,2024:point`.
    pub tag: String,
    /// What the tag stands before.
    pub value: Value,
}

impl Value {
    /// What kind of value it is, as messages say it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Datetime(_) => "datetime",
            Self::Sequence(_) => "array",
            Self::Map(_) => "table",
            Self::Tagged(_) => "tagged value",
        }
    }

    /// The kind with its article, for messages that want one: "an array".
    pub fn a_kind(&self) -> String {
        match self.kind() {
            kind @ ("null" | "bytes") => kind.to_owned(),
            kind @ ("integer" | "array") => format!("an {kind}"),
            kind => format!("a {kind}"),
        }
    }

    /// True for sequences and maps, tagged or not.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self.untagged(), Self::Sequence(_) | Self::Map(_))
    }

    /// The empty value of the same kind: `[]`, `{}`, `""`, `false`, 0. `None` where there is none.
    #[must_use]
    pub fn emptied(&self) -> Option<Self> {
        Some(match self {
            Self::Sequence(_) => Self::Sequence(Vec::new()),
            Self::Map(_) => Self::Map(Map::new()),
            Self::String(_) => "".into(),
            Self::Bool(_) => false.into(),
            Self::Integer(_) => 0.into(),
            Self::Float(_) => 0.0.into(),
            _ => return None,
        })
    }

    /// The value without the tags before it.
    #[must_use]
    pub fn untagged(&self) -> &Self {
        match self {
            Self::Tagged(tagged) => tagged.value.untagged(),
            other => other,
        }
    }

    pub(crate) fn untagged_mut(&mut self) -> &mut Self {
        match self {
            Self::Tagged(tagged) => tagged.value.untagged_mut(),
            other => other,
        }
    }

    /// The text that stands for a scalar key where keys are strings: `8080`, `true`, `null`.
    #[must_use]
    pub fn as_key_text(&self) -> Option<String> {
        match self {
            Self::Null => Some("null".into()),
            Self::Bool(b) => Some(b.to_string()),
            Self::Integer(n) => Some(n.to_string()),
            Self::Float(x) => Some(x.to_string()),
            Self::String(s) => Some(s.clone()),
            Self::Datetime(d) => Some(d.to_string()),
            Self::Tagged(t) => t.value.as_key_text(),
            Self::Bytes(_) | Self::Sequence(_) | Self::Map(_) => None,
        }
    }
}

pub(crate) fn hash_string<H: Hasher>(text: &str, state: &mut H) {
    state.write_u8(4);
    text.hash(state);
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => state.write_u8(0),
            Self::Bool(b) => (1u8, b).hash(state),
            Self::Integer(n) => (2u8, n).hash(state),
            Self::Float(x) => (3u8, x).hash(state),
            Self::String(s) => hash_string(s, state),
            Self::Bytes(b) => (5u8, b).hash(state),
            Self::Datetime(d) => (6u8, d).hash(state),
            Self::Sequence(items) => (7u8, items).hash(state),
            // Maps are equal in any order, so their hash must not see the order.
            Self::Map(map) => {
                let entry = |(key, value): (&Self, &Self)| {
                    let mut hasher = std::hash::DefaultHasher::new();
                    (key, value).hash(&mut hasher);
                    hasher.finish()
                };
                (8u8, map.iter().map(entry).fold(0u64, u64::wrapping_add)).hash(state);
            }
            Self::Tagged(t) => (9u8, t).hash(state),
        }
    }
}
