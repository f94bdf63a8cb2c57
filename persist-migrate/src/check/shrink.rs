//! A counterexample made as small as it still shows the fault.

use std::ops::ControlFlow;

use serde_json::Value;

/// Tries at most this many smaller documents, so that a slow step can't make a check endless.
const BUDGET: u32 = 5_000;

/// The smallest document found for which `fault` gives something, and what it gives.
///
/// Greedy: takes the first smaller document that still shows the fault, until none does, or `fault` breaks off.
pub(super) fn shrink<F>(
    document: Value,
    found: F,
    fault: impl Fn(&Value) -> ControlFlow<(), Option<F>>,
) -> (Value, F) {
    let (mut smallest, mut result, mut budget) = (document, found, BUDGET);
    'smaller: loop {
        let mut next = None;
        for candidate in smaller(&smallest) {
            if budget == 0 {
                break 'smaller;
            }
            budget -= 1;
            match fault(&candidate) {
                ControlFlow::Break(()) => break 'smaller,
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(shown)) => {
                    next = Some((candidate, shown));
                    break;
                }
            }
        }
        match next {
            Some(next) => (smallest, result) = next,
            None => break,
        }
    }
    (smallest, result)
}

/// Documents that are a little smaller: an entry less, or a simpler value. The boldest first; each is made when it is asked for.
fn smaller(value: &Value) -> Box<dyn Iterator<Item = Value> + '_> {
    match value {
        Value::Object(map) => {
            let without = map.keys().map(|key| {
                let kept = map.iter().filter(move |(other, _)| *other != key);
                Value::Object(
                    kept.map(|(key, value)| (key.clone(), value.clone()))
                        .collect(),
                )
            });
            let simpler = map.iter().flat_map(|(key, inner)| {
                smaller(inner).map(|inner| {
                    let mut copy = map.clone();
                    copy.insert(key.clone(), inner);
                    Value::Object(copy)
                })
            });
            Box::new(without.chain(simpler))
        }
        Value::Array(items) => {
            let without = (0..items.len()).map(|gone| {
                let kept = items.iter().enumerate().filter(|(index, _)| *index != gone);
                Value::Array(kept.map(|(_, item)| item.clone()).collect())
            });
            let simpler = items.iter().enumerate().flat_map(move |(index, inner)| {
                smaller(inner).map(move |inner| {
                    let mut copy = items.clone();
                    copy[index] = inner;
                    Value::Array(copy)
                })
            });
            Box::new(without.chain(simpler))
        }
        Value::String(text) if !text.is_empty() => {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            Box::new([Value::from(""), Value::from(half)].into_iter())
        }
        Value::Number(number) if number.as_i64() != Some(0) => {
            let half = number.as_i64().map(|n| Value::from(n / 2));
            Box::new(std::iter::once(Value::from(0)).chain(half))
        }
        _ => Box::new(std::iter::empty()),
    }
}
