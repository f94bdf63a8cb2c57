//! One document with all the properties of a JSON Schema.

use serde_json::{Map, Value};

use crate::check::size;

/// Values in each of two documents that are compared: the work grows with the product of the two.
pub(super) const MAX_VALUES: u64 = 2_000;

const MAX_DEPTH: u32 = 32;

/// The document; `None` if it would have too many values, as where definitions name others twice.
pub(super) fn skeleton(schema: &Value) -> Option<Value> {
    let mut left = MAX_VALUES;
    build(schema, schema, 0, &mut left)
}

fn build(root: &Value, schema: &Value, depth: u32, left: &mut u64) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| root.pointer(target.strip_prefix('#')?));
    match target {
        _ if depth > MAX_DEPTH => Some(Value::Null),
        Some(target) => build(root, target, depth + 1, left),
        None => match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                let mut entries = Map::new();
                for (key, inner) in properties {
                    entries.insert(key.clone(), build(root, inner, depth + 1, left)?);
                }
                Some(Value::Object(entries))
            }
            None => {
                let element = match schema.get("items").filter(|_| depth < MAX_DEPTH) {
                    Some(items) => Some(build(root, items, depth + 1, left)?),
                    None => None,
                };
                let made = example(schema, element.filter(Value::is_object));
                *left = left.checked_sub(size(&made))?;
                Some(made)
            }
        },
    }
}

/// The most typical value that the schema names, else an empty one of its type. A named one of more than [`MAX_VALUES`] is not typical.
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
    let named = named.filter(|named| size(named) <= MAX_VALUES);
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
