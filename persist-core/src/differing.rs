//! Where settings that were read back are not the ones that were wanted. Pure.

use std::collections::BTreeMap;

use persist_format::{KeyPath, Map, Value};

/// The places that were changed from `before` to `after` and are not so in `found`, and those that were not changed and are gone.
pub(crate) fn differing(before: &Value, after: &Value, found: &Value) -> Vec<KeyPath> {
    let mut places = Vec::new();
    walk(
        &mut KeyPath::root(),
        (Some(before), Some(after), Some(found)),
        &mut places,
    );
    places
}

type Three<'a> = (Option<&'a Value>, Option<&'a Value>, Option<&'a Value>);

fn walk(path: &mut KeyPath, (before, after, found): Three<'_>, places: &mut Vec<KeyPath>) {
    if after == found {
        return;
    }
    if before == after {
        return lost(path, after, found, places);
    }
    match (before, after, found) {
        (Some(Value::Map(before)), Some(Value::Map(after)), Some(Value::Map(found))) => {
            maps(path, (before, after, found), places);
        }
        (None, Some(Value::Map(after)), Some(Value::Map(found))) => {
            maps(path, (&Map::new(), after, found), places);
        }
        (
            Some(Value::Sequence(before)),
            Some(Value::Sequence(after)),
            Some(Value::Sequence(found)),
        ) if before.len() == after.len() && after.len() == found.len() => {
            let wrong = places.len();
            for (at, ((before, after), found)) in before.iter().zip(after).zip(found).enumerate() {
                path.push(at);
                walk(path, (Some(before), Some(after), Some(found)), places);
                path.pop();
            }
            if same(after, found) {
                places.truncate(wrong);
            }
        }
        (_, Some(after), Some(found)) if in_some_order(after) == in_some_order(found) => {}
        _ => places.push(path.clone()),
    }
}

/// What was not changed may be another value, if the type cleans it up, but it must be there.
fn lost(
    path: &mut KeyPath,
    after: Option<&Value>,
    found: Option<&Value>,
    places: &mut Vec<KeyPath>,
) {
    match (after, found) {
        (Some(_), None) => places.push(path.clone()),
        (Some(Value::Map(after)), Some(Value::Map(found))) => {
            for (key, after) in after.iter() {
                path.push(key_text(key));
                lost(path, Some(after), found.get_key(key), places);
                path.pop();
            }
        }
        (Some(Value::Sequence(after)), Some(Value::Sequence(found)))
            if after.len() > found.len() =>
        {
            places.push(path.clone());
        }
        _ => {}
    }
}

fn maps(path: &mut KeyPath, (before, after, found): (&Map, &Map, &Map), places: &mut Vec<KeyPath>) {
    let gone = before.keys().filter(|key| after.get_key(key).is_none());
    for key in after.keys().chain(gone) {
        path.push(key_text(key));
        let three = (before.get_key(key), after.get_key(key), found.get_key(key));
        walk(path, three, places);
        path.pop();
    }
    // What is in neither was not there before the change, for that had the same origin.
    let known = |key: &Value| before.get_key(key).is_some() || after.get_key(key).is_some();
    let more = found.keys().filter(|key| !known(key));
    places.extend(more.map(|key| path.child(&key_text(key))));
}

fn key_text(key: &Value) -> String {
    key.as_key_text().unwrap_or_else(|| key.to_string())
}

/// Lists that are a set's have their items in whichever order.
fn same(a: &[Value], b: &[Value]) -> bool {
    let order = |items: &[Value]| in_some_order(&Value::Sequence(items.to_vec()));
    order(a) == order(b)
}

/// With the items of lists sorted, so that the lists of equal sets are equal.
fn in_some_order(value: &Value) -> Value {
    match value {
        Value::Sequence(items) => {
            let sorted = items.iter().map(in_some_order);
            let mut sorted: Vec<(String, Value)> =
                sorted.map(|item| (in_words(&item), item)).collect();
            sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
            sorted
                .into_iter()
                .map(|(_, item)| item)
                .collect::<Vec<_>>()
                .into()
        }
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.clone(), in_some_order(value)));
            entries.collect::<Map>().into()
        }
        other => other.clone(),
    }
}

/// The same words for the same value, in whichever order its entries are.
fn in_words(value: &Value) -> String {
    match value {
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.to_string(), in_words(value)));
            format!("{:?}", entries.collect::<BTreeMap<_, _>>())
        }
        other => other.to_string(),
    }
}
