//! The second opinion: `serde_json` on JSON, `jsonc-parser` on JSON with comments.

use jsonc_parser::{JsonValue, ParseOptions};

use super::Dialect;
use crate::value::Value;

pub(crate) fn cross_check(text: &str, value: &Value, dialect: Dialect) -> Result<(), String> {
    match dialect {
        Dialect::Strict => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(seen) => agree(same(value, &seen), &seen),
            // Its recursion limit can't be raised; our own reader has its own.
            Err(e) if e.to_string().starts_with("recursion limit") => Ok(()),
            Err(e) => Err(e.to_string()),
        },
        Dialect::Comments => match jsonc_parser::parse_to_value(text, &options()) {
            Ok(Some(seen)) => agree(same_jsonc(value, &seen), &"another value"),
            Ok(None) => Err("nothing".into()),
            Err(e) => Err(e.to_string()),
        },
    }
}

fn agree(same: bool, seen: &impl ToString) -> Result<(), String> {
    if same { Ok(()) } else { Err(seen.to_string()) }
}

fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
        allow_non_finite_numbers: false,
    }
}

/// `serde_json` reads floats to within one unit in the last place, and large integers as floats.
fn close(a: f64, b: f64) -> bool {
    a == b
        || (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
        || (a.abs() < f64::MIN_POSITIVE * 4.0 && b.abs() < f64::MIN_POSITIVE * 4.0)
}

fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (ours, theirs) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(a), Json::Bool(b)) => a == b,
        (Value::String(a), Json::String(b)) => a == b,
        (Value::Integer(a), Json::Number(b)) => match (b.as_i64(), b.as_u64()) {
            (Some(i), _) => a.to_i64() == Some(i),
            (_, Some(u)) => a.to_u64() == Some(u),
            _ => b.as_f64().is_some_and(|b| close(a.to_f64(), b)),
        },
        (Value::Float(a), Json::Number(b)) => b.as_f64().is_some_and(|b| close(a.get(), b)),
        (Value::Sequence(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Json::Object(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(key, b)| a.get(key).is_some_and(|a| same(a, b)))
        }
        _ => false,
    }
}

fn same_jsonc(ours: &Value, theirs: &JsonValue<'_>) -> bool {
    match (ours, theirs) {
        (Value::Null, JsonValue::Null) => true,
        (Value::Bool(a), JsonValue::Boolean(b)) => a == b,
        (Value::String(a), JsonValue::String(b)) => a == b.as_ref(),
        (Value::Integer(a), JsonValue::Number(b)) => a.to_string() == *b,
        (Value::Float(a), JsonValue::Number(b)) => b.parse().is_ok_and(|b: f64| a.get() == b),
        (Value::Sequence(a), JsonValue::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_jsonc(a, b))
        }
        (Value::Map(a), JsonValue::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| {
                    key.as_str()
                        .and_then(|key| b.get(key))
                        .is_some_and(|b| same_jsonc(a, b))
                })
        }
        _ => false,
    }
}
