//! Documents made from a JSON Schema, always the same for the same case.
//!
//! Knows what configuration schemas use: types, properties, required, items, enum, const, default, examples, bounds,
//! local `$ref`, allOf, anyOf, oneOf. What it does not know (pattern, not, if) may give documents that the schema
//! refuses; the check's judge sorts those out.
//!
//! A schema may be hostile: definitions that double, a billion `minItems`, defaults of megabytes. So a document has a budget of values, and
//! is finished with `null` when it is spent.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::budget::size;

const MAX_DEPTH: u32 = 12;

/// What one document may hold, and looking for it may cost, in values.
const BUDGET: u64 = 4_096;

/// Examples of one field that are used.
const MAX_EXAMPLES: usize = 64;

const TEXTS: [&str; 8] = [
    "",
    "a",
    "x:y",
    "1",
    "true",
    "long text with spaces",
    "ä€😀",
    "/etc/app.conf",
];

/// The document number `case` of a schema, with values that are `telling` here and there. Case 0 has only what is required, case 1 all that is named.
pub(super) fn generate(schema: &Value, telling: &[Value], case: u32) -> Value {
    let fill = match case {
        0 => Fill::Required,
        1 => Fill::All,
        _ => Fill::Some,
    };
    let state = u64::from(case).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Generator {
        root: schema,
        telling,
        state,
        fill,
        left: BUDGET,
    }
    .value(schema, 0)
}

#[derive(Clone, Copy, PartialEq)]
enum Fill {
    Required,
    All,
    Some,
}

struct Generator<'s> {
    root: &'s Value,
    telling: &'s [Value],
    state: u64,
    fill: Fill,
    /// What is left of the budget.
    left: u64,
}

impl<'s> Generator<'s> {
    /// `SplitMix64` (Steele, Lea and Flood, 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        let index = self.below(items.len() as u64);
        items.get(usize::try_from(index).ok()?)
    }

    /// Takes from the budget; false if there is not enough.
    fn spend(&mut self, values: u64) -> bool {
        let enough = values <= self.left;
        self.left = self.left.saturating_sub(values);
        enough
    }

    fn copy(&mut self, value: &Value) -> Value {
        match self.spend(size(value)) {
            true => value.clone(),
            false => Value::Null,
        }
    }

    fn value(&mut self, schema: &'s Value, depth: u32) -> Value {
        let Value::Object(map) = schema else {
            return Value::from(self.below(10));
        };
        if depth > MAX_DEPTH || !self.spend(1) {
            return Value::Null;
        }
        if let Some(target) = map.get("$ref").and_then(|target| self.resolve(target)) {
            return self.value(target, depth + 1);
        }
        let list = |key: &str| map.get(key).and_then(Value::as_array);
        if let Some(constant) = map.get("const") {
            return self.copy(constant);
        }
        if let Some(value) = list("enum").and_then(|values| self.pick(values)) {
            return self.copy(value);
        }
        if !self.telling.is_empty() && self.below(2) == 0 {
            let fits = |value: &&Value| is_of_type(value, map.get("type"));
            let fitting: Vec<&Value> = self.telling.iter().filter(fits).collect();
            if let Some(value) = self.pick(&fitting) {
                return self.copy(value);
            }
        }
        let examples = list("examples").into_iter().flatten().take(MAX_EXAMPLES);
        let known: Vec<&Value> = map.get("default").into_iter().chain(examples).collect();
        if !known.is_empty()
            && !known[0].is_object()
            && (map.contains_key("pattern") || self.below(4) == 0)
        {
            return match self.pick(&known) {
                Some(value) => self.copy(value),
                None => Value::Null,
            };
        }
        let branches = list("anyOf").or_else(|| list("oneOf"));
        let chosen = branches.and_then(|branches| self.pick(branches));
        let parts = list("allOf").into_iter().flatten().chain(chosen);
        let made = self.typed(map, depth);
        parts.fold(made, |made, part| merge(made, self.value(part, depth + 1)))
    }

    fn resolve(&self, target: &Value) -> Option<&'s Value> {
        self.root.pointer(target.as_str()?.strip_prefix('#')?)
    }

    fn typed(&mut self, schema: &'s Map<String, Value>, depth: u32) -> Value {
        match self.type_of(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => Value::from(self.text(schema)),
            "boolean" => Value::from(self.below(2) == 1),
            "integer" => self.integer(schema),
            "number" => self.number(schema),
            _ => Value::Null,
        }
    }

    fn type_of(&mut self, schema: &Map<String, Value>) -> String {
        match schema.get("type") {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Array(names)) => self
                .pick(names)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            _ if schema.contains_key("properties") => "object".to_owned(),
            _ if schema.contains_key("items") => "array".to_owned(),
            _ => String::new(),
        }
    }

    fn object(&mut self, schema: &'s Map<String, Value>, depth: u32) -> Value {
        let mut made = Map::new();
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.filter(|names| self.spend(names.len() as u64 / 8));
        let required: HashSet<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (key, inner) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let wanted = match self.fill {
                Fill::All => true,
                Fill::Required => false,
                Fill::Some => self.below(3) > 0,
            };
            if self.left == 0 {
                break;
            }
            if wanted || required.contains(key.as_str()) {
                made.insert(key.clone(), self.value(inner, depth + 1));
            }
        }
        // Unknown fields are kept by migrations, so there must be some.
        if self.fill == Fill::Some && self.below(4) == 0 {
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => {}
                Some(inner @ Value::Object(_)) => {
                    made.insert("other".to_owned(), self.value(inner, depth + 1));
                }
                _ => {
                    made.insert("of_a_plugin".to_owned(), Value::from(self.below(10)));
                }
            }
        }
        Value::Object(made)
    }

    fn array(&mut self, schema: &'s Map<String, Value>, depth: u32) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        let least = bound("minItems").unwrap_or(0);
        let most = bound("maxItems")
            .unwrap_or(u64::MAX)
            .min(least.saturating_add(3));
        let len = if self.fill == Fill::Required {
            least
        } else {
            least + self.below(most.saturating_sub(least) + 1)
        };
        let mut items: Vec<Value> = Vec::new();
        for index in 0..usize::try_from(len.min(64)).unwrap_or_default() {
            let fixed = schema.get("prefixItems").and_then(|fixed| fixed.get(index));
            let item = fixed
                .or_else(|| schema.get("items"))
                .map_or(Value::Null, |inner| self.value(inner, depth + 1));
            if schema.get("uniqueItems") != Some(&Value::Bool(true)) || !items.contains(&item) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn text(&mut self, schema: &Map<String, Value>) -> String {
        let bound = |key: &str| {
            schema
                .get(key)
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
        };
        let mut text: Vec<char> = self
            .pick(&TEXTS)
            .copied()
            .unwrap_or_default()
            .chars()
            .collect();
        text.resize(
            text.len().max(bound("minLength").unwrap_or(0).min(4096)),
            'x',
        );
        self.spend(text.len() as u64 / 64);
        text.truncate(bound("maxLength").unwrap_or(usize::MAX));
        text.into_iter().collect()
    }

    fn integer(&mut self, schema: &Map<String, Value>) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
        let least =
            bound("minimum").or_else(|| bound("exclusiveMinimum").map(|n| n.saturating_add(1)));
        let most =
            bound("maximum").or_else(|| bound("exclusiveMaximum").map(|n| n.saturating_sub(1)));
        let step = bound("multipleOf").unwrap_or(1).max(1);
        let (least, most) = match (least, most) {
            (Some(least), Some(most)) => (least, most.max(least)),
            (Some(least), None) => (least, least.saturating_add(1000)),
            (None, Some(most)) => (most.saturating_sub(1000), most),
            (None, None) => (-10, 1000),
        };
        let lowest = least.div_euclid(step) + i64::from(least.rem_euclid(step) != 0);
        let count = (i128::from(most.div_euclid(step)) - i128::from(lowest)).max(0) + 1;
        let offset = self.below(u64::try_from(count).unwrap_or(u64::MAX));
        Value::from(lowest.saturating_add_unsigned(offset).saturating_mul(step))
    }

    fn number(&mut self, schema: &Map<String, Value>) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let least = bound("minimum").or_else(|| bound("exclusiveMinimum"));
        let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
        let least = least.unwrap_or_else(|| most.map_or(-10.0, |most| most - 1000.0));
        let most = most.unwrap_or(least + 1000.0);
        // Quarters are exact in binary, and never the bounds, which may be excluded.
        let part = f64::from(u8::try_from(self.below(255)).unwrap_or_default() + 1) / 257.0;
        Value::from(least + (most - least) * part)
    }
}

/// Whether a value is of a type that a schema asks for by name.
fn is_of_type(value: &Value, wanted: Option<&Value>) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| wanted == name || (wanted == "number" && name == "integer");
    match wanted {
        Some(Value::Array(names)) => names.iter().any(is),
        Some(wanted) => is(wanted),
        None => false,
    }
}

fn merge(into: Value, more: Value) -> Value {
    match (into, more) {
        (Value::Object(mut map), Value::Object(more)) => {
            map.extend(more);
            Value::Object(map)
        }
        (Value::Null, more) => more,
        (made, _) => made,
    }
}
