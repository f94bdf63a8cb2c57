//! The second opinion: `toml`'s own tree, and whether the text is TOML at all.

use ::toml::de::{DeInteger, DeTable, DeValue};

use crate::value::{Map, Value};

pub(crate) fn cross_check(text: &str, value: &Value) -> Result<(), String> {
    let table = DeTable::parse(text).map_err(|e| e.message().to_owned())?;
    let same_root = value
        .as_map()
        .is_some_and(|map| same_table(map, table.get_ref()));
    if same_root {
        Ok(())
    } else {
        Err("another value".into())
    }
}

fn same_table(ours: &Map, theirs: &DeTable<'_>) -> bool {
    ours.len() == theirs.len()
        && theirs.iter().all(|(key, theirs)| {
            ours.get(key.get_ref())
                .is_some_and(|ours| same(ours, theirs.get_ref()))
        })
}

fn same(ours: &Value, theirs: &DeValue<'_>) -> bool {
    match (ours, theirs) {
        (Value::Bool(a), DeValue::Boolean(b)) => a == b,
        (Value::Integer(a), DeValue::Integer(b)) => {
            a.to_i64().is_some_and(|a| integer(b) == Some(a))
        }
        (Value::Float(a), DeValue::Float(b)) => b
            .as_str()
            .parse()
            .is_ok_and(|b: f64| a.get().to_bits() == b.to_bits() || a.get().is_nan() && b.is_nan()),
        (Value::String(a), DeValue::String(b)) => a == b,
        (Value::Datetime(a), DeValue::Datetime(b)) => b.to_string().parse().is_ok_and(|b| *a == b),
        (Value::Sequence(a), DeValue::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b.get_ref()))
        }
        (Value::Map(a), DeValue::Table(b)) => same_table(a, b),
        _ => false,
    }
}

fn integer(theirs: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(theirs.as_str(), theirs.radix()).ok()
}
