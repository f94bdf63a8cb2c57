//! What an application changed, laid over what its file holds. Pure.
//!
//! The file need not hold what the application was given: it may have more (keys of others), less (what
//! was filled in from the defaults), or another spelling of the same (`1` for a float).

use std::collections::{HashMap, VecDeque};

use persist_format::{Map, Value};

/// Makes to `there` the changes that lead from `before` to `after`, and no others.
pub(crate) fn overlay(there: &mut Value, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    match (there, before, after) {
        (Value::Map(there), Value::Map(before), Value::Map(after)) => maps(there, before, after),
        (Value::Sequence(there), Value::Sequence(before), Value::Sequence(after))
            if there.len() == before.len() =>
        {
            *there = items(there, before, after);
        }
        (there, _, after) => *there = after.clone(),
    }
}

fn maps(there: &mut Map, before: &Map, after: &Map) {
    let mut missing = Vec::new();
    for (key, new) in after.iter() {
        let old = before.get_key(key);
        if old == Some(new) {
            continue;
        }
        let place = there.iter_mut().find(|(k, _)| *k == key);
        match (place.map(|(_, place)| place), old) {
            (Some(place), Some(old)) => overlay(place, old, new),
            (Some(place), None) => *place = new.clone(),
            (None, _) => missing.push((key.clone(), new.clone())),
        }
    }
    for (key, new) in missing {
        drop(there.insert(key, new));
    }
    let gone = before.keys().filter(|key| after.get_key(key).is_none());
    for key in gone {
        if let Some(at) = there.index_of(key) {
            drop(there.remove_at(at));
        }
    }
}

/// Items that stayed keep what the application doesn't know of them, wherever they went; of lists of one
/// length, an item that is neither old nor moved is the one in its place, edited.
fn items(there: &[Value], before: &[Value], after: &[Value]) -> Vec<Value> {
    let mut places: HashMap<&Value, VecDeque<usize>> = HashMap::new();
    for (at, old) in before.iter().enumerate() {
        places.entry(old).or_default().push_back(at);
    }
    let stayed: Vec<Option<usize>> = after
        .iter()
        .map(|new| places.get_mut(new).and_then(VecDeque::pop_front))
        .collect();
    let mut left: Vec<bool> = vec![true; before.len()];
    stayed.iter().flatten().for_each(|at| left[*at] = false);
    let edited = |at: usize| before.len() == after.len() && left[at];
    let item = |(at, (new, stayed)): (usize, (&Value, &Option<usize>))| match stayed {
        Some(from) => there[*from].clone(),
        None if edited(at) => {
            let mut item = there[at].clone();
            overlay(&mut item, &before[at], new);
            item
        }
        None => new.clone(),
    };
    after.iter().zip(&stayed).enumerate().map(item).collect()
}
