//! One document with all the properties of a JSON Schema.

use serde_json::{Map, Value};

const MAX_DEPTH: u32 = 32;

pub(super) fn skeleton(schema: &Value) -> Value {
    build(schema, schema, 0)
}

fn build(root: &Value, schema: &Value, depth: u32) -> Value {
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| root.pointer(target.strip_prefix('#')?));
    match target {
        _ if depth > MAX_DEPTH => Value::Null,
        Some(target) => build(root, target, depth + 1),
        None => match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                let entries = properties
                    .iter()
                    .map(|(key, inner)| (key.clone(), build(root, inner, depth + 1)));
                Value::Object(entries.collect())
            }
            None => {
                let items = schema.get("items").filter(|_| depth < MAX_DEPTH);
                let element = items.map(|items| build(root, items, depth + 1));
                example(schema, element.filter(Value::is_object))
            }
        },
    }
}

/// The most typical value that the schema names, else an empty one of its type.
fn example(schema: &Value, element: Option<Value>) -> Value {
    let first = |key: &str| schema.get(key).and_then(|values| values.get(0));
    let named = schema
        .get("default")
        .or_else(|| schema.get("const"))
        .or_else(|| first("examples"))
        .or_else(|| first("enum"));
    let kind = schema.get("type");
    let kind = kind
        .and_then(Value::as_str)
        .or_else(|| kind.and_then(|kinds| kinds.get(0)).and_then(Value::as_str));
    named.cloned().unwrap_or_else(|| match kind {
        Some("object") => Value::Object(Map::new()),
        Some("array") => Value::Array(element.into_iter().collect()),
        Some("string") => Value::from(""),
        Some("boolean") => Value::from(false),
        Some("integer") => Value::from(0),
        Some("number") => Value::from(0.5),
        _ => Value::Null,
    })
}
