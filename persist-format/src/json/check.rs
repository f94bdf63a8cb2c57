//! The second opinion: `serde_json` on JSON, `jsonc-parser` on JSON with comments.

use std::fmt;

use jsonc_parser::{JsonValue, ParseOptions};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::dialect::Dialect;
use crate::value::{Integer, Map, Value};

pub(crate) fn cross_check(text: &str, value: &Value, dialect: Dialect) -> Result<(), String> {
    let agreed = match dialect {
        Dialect::Strict => {
            let mut read = serde_json::Deserializer::from_str(text);
            let agreed = Same(value).deserialize(&mut read);
            match agreed.and_then(|agreed| read.end().map(|()| agreed)) {
                // Its recursion limit can't be raised, and has no kind but its words; our own reader has its own.
                Err(e) if e.to_string().starts_with("recursion limit") => Ok(true),
                agreed => agreed.map_err(|e| e.to_string()),
            }
        }
        Dialect::Comments => match jsonc_parser::parse_to_value(text, &options()) {
            Ok(seen) => Ok(seen.is_some_and(|seen| same_jsonc(value, &seen))),
            Err(e) => Err(e.to_string()),
        },
    };
    if agreed? {
        Ok(())
    } else {
        Err("another value".into())
    }
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

/// Compares what `serde_json` reads with our value while it reads, which takes no second tree.
struct Same<'v>(&'v Value);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind())
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.0.is_null())
    }

    fn visit_bool<E>(self, seen: bool) -> Result<bool, E> {
        Ok(self.0.as_bool() == Some(seen))
    }

    fn visit_i64<E>(self, seen: i64) -> Result<bool, E> {
        Ok(self.0.as_integer().and_then(Integer::to_i64) == Some(seen))
    }

    fn visit_u64<E>(self, seen: u64) -> Result<bool, E> {
        Ok(self.0.as_integer().and_then(Integer::to_u64) == Some(seen))
    }

    fn visit_f64<E>(self, seen: f64) -> Result<bool, E> {
        Ok(match self.0 {
            Value::Float(ours) => close(ours.get(), seen),
            // Beyond 64 bits.
            Value::Integer(ours) => ours.to_u64().is_none() && close(ours.to_f64(), seen),
            _ => false,
        })
    }

    fn visit_str<E>(self, seen: &str) -> Result<bool, E> {
        Ok(self.0.as_str() == Some(seen))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seen: A) -> Result<bool, A::Error> {
        let mut same = self.0.is_sequence();
        let mut ours = self.0.as_sequence().unwrap_or_default().iter();
        loop {
            let ours = ours.next();
            let agreed = match ours {
                Some(item) => seen.next_element_seed(Same(item))?,
                None => seen.next_element::<IgnoredAny>()?.map(|_| false),
            };
            match agreed {
                Some(agreed) => same &= agreed,
                None => return Ok(same && ours.is_none()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut seen: A) -> Result<bool, A::Error> {
        let empty = Map::new();
        let ours = self.0.as_map().unwrap_or(&empty);
        // Of a key that stands twice the last one counts.
        let mut agreed = vec![false; ours.len()];
        let mut same = self.0.is_map();
        let mut next = 0;
        while let Some(place) = seen.next_key_seed(FindKey { ours, next })? {
            match place.and_then(|at| Some((at, ours.entry_at(at)?.1))) {
                Some((at, value)) => {
                    agreed[at] = seen.next_value_seed(Same(value))?;
                    next = at + 1;
                }
                None => {
                    seen.next_value::<IgnoredAny>()?;
                    same = false;
                }
            }
        }
        Ok(same && agreed.into_iter().all(|agreed| agreed))
    }
}

/// Finds a key's place in our map, which most likely is the next one.
struct FindKey<'v> {
    ours: &'v Map,
    next: usize,
}

impl<'de> DeserializeSeed<'de> for FindKey<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FindKey<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        let is_next = |(ours, _): (&Value, &Value)| ours.as_str() == Some(key);
        if self.ours.entry_at(self.next).is_some_and(is_next) {
            return Ok(Some(self.next));
        }
        Ok(self.ours.find_str(key))
    }
}

fn same_jsonc(ours: &Value, theirs: &JsonValue<'_>) -> bool {
    match (ours, theirs) {
        (Value::Null, JsonValue::Null) => true,
        (Value::Bool(a), JsonValue::Boolean(b)) => a == b,
        (Value::String(a), JsonValue::String(b)) => a == b.as_ref(),
        (Value::Integer(a), JsonValue::Number(b)) => a.to_string() == *b,
        (Value::Float(a), JsonValue::Number(b)) => a.spelling() == Some(b),
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

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::{Dialect, cross_check};
    use crate::limits::Limits;

    /// Whether both parsers read the same, were the texts one.
    fn agree(ours: &str, theirs: &str, dialect: Dialect) -> bool {
        let ours = read(ours, dialect, &Limits::none()).expect("it is JSON");
        cross_check(theirs, &ours.value, dialect).is_ok()
    }

    #[test]
    fn any_difference_is_seen() {
        let values = [
            "null",
            "true",
            "false",
            "0",
            "-1",
            "1",
            "1.0",
            "\"1\"",
            "\"\"",
            "[]",
            "[1]",
            "[2]",
            "[1, 1]",
            "[[1]]",
            "{}",
            "{\"a\": 1}",
            "{\"a\": 2}",
            "{\"b\": 1}",
            "{\"a\": 1, \"b\": 1}",
            "{\"a\": {\"a\": 1}}",
            "18446744073709551615",
            "18446744073709551616",
            "1e300",
            "9007199254740993",
        ];
        for dialect in [Dialect::Strict, Dialect::Comments] {
            for ours in values {
                for theirs in values {
                    let agree = agree(ours, theirs, dialect);
                    assert_eq!(agree, ours == theirs, "{ours} and {theirs}");
                }
            }
            assert!(agree(
                "{\"a\": 1, \"b\": [2]}",
                "{\"b\": [2], \"a\": 1}",
                dialect
            ));
            assert!(!agree("1", "1 1", dialect));
            assert!(!agree("[1]", "[1", dialect));
        }
    }
}
