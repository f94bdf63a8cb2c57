//! A counterexample made as small as it still shows the fault.

use serde_json::Value;

/// Tries at most this many smaller documents, so that a slow step can't make a check endless.
const BUDGET: u32 = 5_000;

/// The smallest document found for which `fault` gives something, and what it gives.
///
/// Greedy: takes the first smaller document that still shows the fault, until none does.
pub(super) fn shrink<F>(
    document: Value,
    found: F,
    fault: impl Fn(&Value) -> Option<F>,
) -> (Value, F) {
    let (mut smallest, mut result, mut budget) = (document, found, BUDGET);
    'smaller: loop {
        for candidate in smaller(&smallest) {
            if budget == 0 {
                break 'smaller;
            }
            budget -= 1;
            if let Some(shown) = fault(&candidate) {
                (smallest, result) = (candidate, shown);
                continue 'smaller;
            }
        }
        break;
    }
    (smallest, result)
}

/// Documents that are a little smaller: an entry less, or a simpler value. The boldest first.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(map) => {
            let without = map.keys().map(|key| {
                let kept = map.iter().filter(|(other, _)| *other != key);
                Value::Object(
                    kept.map(|(key, value)| (key.clone(), value.clone()))
                        .collect(),
                )
            });
            let simpler = map.iter().flat_map(|(key, inner)| {
                smaller(inner).into_iter().map(|inner| {
                    let mut copy = map.clone();
                    copy.insert(key.clone(), inner);
                    Value::Object(copy)
                })
            });
            without.chain(simpler).collect()
        }
        Value::Array(items) => {
            let without = (0..items.len()).map(|gone| {
                let kept = items.iter().enumerate().filter(|(index, _)| *index != gone);
                Value::Array(kept.map(|(_, item)| item.clone()).collect())
            });
            let simpler = items.iter().enumerate().flat_map(|(index, inner)| {
                smaller(inner).into_iter().map(move |inner| {
                    let mut copy = items.clone();
                    copy[index] = inner;
                    Value::Array(copy)
                })
            });
            without.chain(simpler).collect()
        }
        Value::String(text) if !text.is_empty() => {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            vec![Value::from(""), Value::from(half)]
        }
        Value::Number(number) if number.as_i64() != Some(0) => {
            let half = number.as_i64().map(|n| Value::from(n / 2));
            std::iter::once(Value::from(0)).chain(half).collect()
        }
        _ => Vec::new(),
    }
}
