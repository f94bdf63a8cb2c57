//! The second opinion: `toml`'s own tree.

use crate::value::Value;

pub(crate) fn cross_check(text: &str, value: &Value) -> Result<(), String> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|e| e.message().to_owned())?;
    let same_root = value.as_map().is_some_and(|map| {
        map.len() == table.len()
            && table
                .iter()
                .all(|(key, theirs)| map.get(key).is_some_and(|ours| same(ours, theirs)))
    });
    if same_root {
        Ok(())
    } else {
        Err("another value".into())
    }
}

fn same(ours: &Value, theirs: &::toml::Value) -> bool {
    use ::toml::Value as Toml;
    match (ours, theirs) {
        (Value::Bool(a), Toml::Boolean(b)) => a == b,
        (Value::Integer(a), Toml::Integer(b)) => a.to_i64() == Some(*b),
        (Value::Float(a), Toml::Float(b)) => {
            a.get().to_bits() == b.to_bits() || a.get().is_nan() && b.is_nan()
        }
        (Value::String(a), Toml::String(b)) => a == b,
        (Value::Datetime(a), Toml::Datetime(b)) => b.to_string().parse().is_ok_and(|b| *a == b),
        (Value::Sequence(a), Toml::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Toml::Table(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(key, b)| a.get(key).is_some_and(|a| same(a, b)))
        }
        _ => false,
    }
}
