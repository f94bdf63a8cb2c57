//! Other ways to write settings that are not read as they were asked for: in the type's own words. Pure.

use std::collections::BTreeSet;

use persist_format::{KeyPath, Value};

/// With the list around a place spelled as the type spells it: where reading orders a list and respells its items, which is which can't be
/// known. Not where that would drop keys that the application does not know.
pub(crate) fn list_respelled(
    wanted: &Value,
    original: &Value,
    after: &Value,
    path: &KeyPath,
) -> Option<Value> {
    let mut at = Some(path.clone());
    while let Some(list) = at {
        if let Some(Value::Sequence(asked)) = after.get(&list)
            && let Some(Value::Sequence(there)) = original.get(&list)
            && keys(there).is_subset(&keys(asked))
        {
            let mut way = wanted.clone();
            way.set(&list, asked.clone().into()).ok()?;
            return (way != *wanted).then_some(way);
        }
        at = list.parent();
    }
    None
}

/// With what no one has written down: a default that is another one at each load, or, where the document can't be read, one that
/// only went with what was changed beside it.
pub(crate) fn defaults_written(
    wanted: &Value,
    after: &Value,
    wrong: &[KeyPath],
    is_read: bool,
) -> Option<Value> {
    let mut way = wanted.clone();
    for path in wrong {
        let Some(around) = path.parent() else {
            continue;
        };
        let (Some(Value::Map(there)), Some(Value::Map(asked))) =
            (wanted.get(&around), after.get(&around))
        else {
            continue;
        };
        for (key, value) in asked.iter().filter(|(_, value)| !value.is_null()) {
            let place = around.child(&key.as_key_text()?);
            if there.get_key(key).is_none() && (!is_read || place == *path) {
                way.set(&place, value.clone()).ok()?;
            }
        }
    }
    (way != *wanted).then_some(way)
}

/// The keys of all maps in a list.
fn keys(items: &[Value]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut left: Vec<&Value> = items.iter().collect();
    while let Some(value) = left.pop() {
        match value.untagged() {
            Value::Map(map) => {
                keys.extend(map.keys().filter_map(Value::as_key_text));
                left.extend(map.values());
            }
            Value::Sequence(items) => left.extend(items),
            _ => {}
        }
    }
    keys
}
