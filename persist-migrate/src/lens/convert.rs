//! Scalars from one type to another.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::tree::kind;

/// The type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction, within the 64-bit integers.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
}

/// A value can't be converted. Says no value, for it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} can't be converted to {}; give the lens an `otherwise` or correct the file", self.wanted.words())]
pub struct ConvertError {
    /// What is there, with its article.
    pub found: &'static str,
    /// What was wanted.
    pub wanted: Type,
}

impl Type {
    /// The type of a value; `None` for null, arrays and maps.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) => Some(Self::Boolean),
            Value::Number(number) if number.is_f64() => Some(Self::Number),
            Value::Number(_) => Some(Self::Integer),
            Value::String(_) => Some(Self::String),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
        }
    }

    /// Whether each value of this type comes back from `to`.
    pub(crate) const fn survives(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Boolean, _)
                | (Self::Integer, Self::Integer | Self::Number | Self::String)
                | (Self::Number, Self::Number | Self::String)
                | (Self::String, Self::String)
        )
    }

    /// `value` as this type. Null, and what is of this type already, stays.
    ///
    /// # Errors
    /// The value has no counterpart: text that is no number, a fraction to an integer, a map.
    pub fn convert(self, value: &Value) -> Result<Value, ConvertError> {
        let converted = match (self, value) {
            (_, Value::Null) => Some(Value::Null),
            (Self::Boolean, _) => to_boolean(value).map(Value::Bool),
            (Self::Integer, _) => to_integer(value).map(Value::Number),
            (Self::Number, _) => to_number(value).map(Value::Number),
            (Self::String, _) => to_text(value).map(Value::String),
        };
        converted.ok_or_else(|| ConvertError {
            found: kind(value),
            wanted: self,
        })
    }
}

fn to_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_u64() == Some(0) => Some(false),
        Value::Number(number) if number.as_u64() == Some(1) => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn to_integer(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(flag) => Some(Number::from(u8::from(*flag))),
        Value::Number(number) if number.is_f64() => {
            number.as_f64().and_then(whole).map(Number::from)
        }
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => match text.parse::<i64>() {
            Ok(signed) => Some(Number::from(signed)),
            Err(_) => text.parse::<u64>().ok().map(Number::from),
        },
        _ => None,
    }
}

fn to_number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(flag) => Some(Number::from(u8::from(*flag))),
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            to_integer(value).or_else(|| text.parse().ok().and_then(Number::from_f64))
        }
        _ => None,
    }
}

/// The integer that a float is exactly, within the range where floats tell neighbours apart.
fn whole(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded and without a fraction, so the cast is exact"
    )]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

/// A scalar as text; `None` for null, arrays and maps.
pub(super) fn to_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
