//! A value apart from its document, stored as JSON without losing what JSON has no word for.

use persist_format::{Datetime, Float, Integer, Map, Tagged, Value};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, json};

/// A value on its own, as migrations hand it around and complements keep it.
///
/// Its serialized form is JSON: null, booleans, strings and integers within `i64` as they are,
/// everything else as an object with one key that names its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredValue(pub Value);

impl Serialize for StoredValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        decode(&json)
            .map(StoredValue)
            .ok_or_else(|| D::Error::custom("no stored value"))
    }
}

fn encode(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::String(s) => json!(s),
        Value::Integer(i) => i
            .to_i64()
            .map_or_else(|| json!({"integer": i.to_string()}), Json::from),
        Value::Float(f) => json!({"float": f.to_string()}),
        Value::Bytes(b) => json!({"bytes": b}),
        Value::Datetime(d) => json!({"datetime": d.to_string()}),
        Value::Sequence(items) => items.iter().map(encode).collect(),
        Value::Map(map) => {
            let pairs = map.iter().map(|(k, v)| json!([encode(k), encode(v)]));
            json!({"map": pairs.collect::<Json>()})
        }
        Value::Tagged(t) => json!({"tag": t.tag, "value": encode(&t.value)}),
    }
}

fn decode(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Null),
        Json::Bool(b) => Some(Value::Bool(*b)),
        Json::String(s) => Some(Value::from(s.as_str())),
        Json::Number(n) => Some(Value::Integer(Integer::from_decimal(&n.to_string()).ok()?)),
        Json::Array(items) => items
            .iter()
            .map(decode)
            .collect::<Option<_>>()
            .map(Value::Sequence),
        Json::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Json::as_str);
            if let Some(tag) = text("tag") {
                let value = decode(object.get("value")?)?;
                return Some(Value::Tagged(Box::new(Tagged {
                    tag: tag.into(),
                    value,
                })));
            }
            if let Some(digits) = text("integer") {
                return Some(Value::Integer(Integer::from_decimal(digits).ok()?));
            }
            if let Some(spelling) = text("float") {
                return Some(Value::Float(float(spelling)?));
            }
            if let Some(datetime) = text("datetime") {
                return Some(Value::Datetime(datetime.parse::<Datetime>().ok()?));
            }
            if let Some(Json::Array(bytes)) = object.get("bytes") {
                let byte = |b: &Json| b.as_u64().and_then(|b| u8::try_from(b).ok());
                return bytes
                    .iter()
                    .map(byte)
                    .collect::<Option<_>>()
                    .map(Value::Bytes);
            }
            object
                .get("map")?
                .as_array()?
                .iter()
                .map(pair)
                .collect::<Option<Map>>()
                .map(Value::Map)
        }
    }
}

fn pair(json: &Json) -> Option<(Value, Value)> {
    match json.as_array()?.as_slice() {
        [key, value] => Some((decode(key)?, decode(value)?)),
        _ => None,
    }
}

fn float(spelling: &str) -> Option<Float> {
    let plain = spelling.replace('_', "");
    let value = match plain
        .trim_start_matches(['+', '-', '.'])
        .to_ascii_lowercase()
        .as_str()
    {
        "inf" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => plain.parse().ok()?,
    };
    let negative = plain.starts_with('-') && !value.is_sign_negative();
    Some(Float::spelled(
        if negative { -value } else { value },
        spelling,
    ))
}
