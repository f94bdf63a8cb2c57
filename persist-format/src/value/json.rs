//! To and from `serde_json::Value`, and serde's `Serialize`.

use base64::Engine as _;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Map, Value};

pub(crate) fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A JSON string with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Value {
    /// The nearest JSON, for programs that read our output. Lossy, silently, in these ways: integers beyond `i64` and `u64` become
    /// floats, or strings beyond those; NaN and infinities become strings; datetimes and bytes (base64) become strings; keys that are no strings
    /// become their text; tags are dropped. Use [`convert`](crate::convert) to be told of losses.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::from(*b),
            Self::Integer(n) => match (n.to_i64(), n.to_u64()) {
                (Some(i), _) => Json::from(i),
                (None, Some(u)) => Json::from(u),
                (None, None) => finite(n.to_f64(), n),
            },
            Self::Float(x) => finite(x.get(), x),
            Self::String(s) => Json::from(s.as_str()),
            Self::Bytes(b) => Json::from(base64(b)),
            Self::Datetime(d) => Json::from(d.to_string()),
            Self::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(map) => map
                .iter()
                .map(|(k, v)| (key_text(k), v.to_json()))
                .collect(),
            Self::Tagged(t) => t.value.to_json(),
        }
    }
}

fn finite(x: f64, text: &impl ToString) -> serde_json::Value {
    serde_json::Number::from_f64(x).map_or_else(|| text.to_string().into(), Into::into)
}

fn key_text(key: &Value) -> String {
    key.as_key_text().unwrap_or_else(|| key.to_string())
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::from(b),
            Json::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(i), _) => Self::from(i),
                (None, Some(u)) => Self::from(u),
                (None, None) => Self::from(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(s) => Self::from(s),
            Json::Array(items) => items.into_iter().map(Self::from).collect::<Vec<_>>().into(),
            Json::Object(map) => Self::Map(map.into_iter().collect::<Map>()),
        }
    }
}

impl Serialize for Value {
    /// Datetimes go as strings, tags are dropped; all else as serde has it.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => s.serialize_unit(),
            Self::Bool(b) => s.serialize_bool(*b),
            Self::Integer(n) => match (n.to_i64(), n.to_u64(), n.to_i128()) {
                (Some(i), _, _) => s.serialize_i64(i),
                (_, Some(u), _) => s.serialize_u64(u),
                (_, _, Some(i)) => s.serialize_i128(i),
                _ => s.serialize_f64(n.to_f64()),
            },
            Self::Float(x) => s.serialize_f64(x.get()),
            Self::String(text) => s.serialize_str(text),
            Self::Bytes(b) => s.serialize_str(&base64(b)),
            Self::Datetime(d) => s.collect_str(d),
            Self::Sequence(items) => s.collect_seq(items),
            Self::Map(map) => {
                let mut out = s.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    match key {
                        Self::String(text) => out.serialize_entry(text, value)?,
                        other => out.serialize_entry(&key_text(other), value)?,
                    }
                }
                out.end()
            }
            Self::Tagged(t) => t.value.serialize(s),
        }
    }
}
