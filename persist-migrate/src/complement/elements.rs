//! Elements of an array known again after a person has edited it.

use serde_json::Value;

/// Where each of the `old` elements of an array is among the `new` ones; `None` for one that is gone or not to be known again.
///
/// The same element is an equal one, at its index first; else the one that clearly shares most entries with it; else, as
/// long as the array has as many elements, the one at its index, unless it has two entries or more and shares none.
///
/// ```
/// use persist_migrate::same_elements;
/// use serde_json::json;
///
/// let old = [json!({"name": "a", "port": 1}), json!({"name": "b", "port": 2})];
/// let new = [json!({"name": "c"}), json!({"name": "b", "port": 3}), json!({"name": "a", "port": 1})];
/// assert_eq!(same_elements(&old, &new), [Some(2), Some(1)]);
/// ```
pub fn same_elements(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let old: Vec<_> = old.iter().enumerate().collect();
    find_all(&old, new)
}

/// Finds the element with this index and value among those that are free.
type Search<'s> = dyn Fn(usize, &Value, &[bool]) -> Option<usize> + 's;

/// The same with the index of each.
pub(super) fn find_all(old: &[(usize, &Value)], present: &[Value]) -> Vec<Option<usize>> {
    let mut places = vec![None; old.len()];
    let mut free = vec![true; present.len()];
    let mut claim = |find: &Search<'_>| {
        let unclaimed = old.iter().zip(&mut places).filter(|(_, p)| p.is_none());
        for ((index, element), place) in unclaimed {
            *place = find(*index, element, &free);
            if let Some(index) = *place {
                free[index] = false;
            }
        }
    };
    claim(&|index, element, free| {
        (present.get(index) == Some(element) && free[index]).then_some(index)
    });
    claim(&|_, element, free| {
        (0..present.len()).find(|&index| free[index] && present[index] == *element)
    });
    claim(&|_, element, free| most_alike(element, present, free));
    if old.len() == present.len() {
        claim(&|index, element, free| {
            let edited = |new: &Value| shared(element, new) > 0 || length(element) < 2;
            (free.get(index) == Some(&true) && edited(&present[index])).then_some(index)
        });
    }
    places
}

/// The one element that shares at least half of the entries with `wanted`, if no other shares as many.
fn most_alike(wanted: &Value, present: &[Value], free: &[bool]) -> Option<usize> {
    let score = |candidate: &Value| {
        let shared = shared(wanted, candidate);
        (shared > 0 && shared * 2 >= length(wanted).max(length(candidate))).then_some(shared)
    };
    let mut scored: Vec<(usize, usize)> = (0..present.len())
        .filter(|&index| free[index])
        .filter_map(|index| Some((score(&present[index])?, index)))
        .collect();
    scored.sort_unstable_by(|a, b| b.cmp(a));
    match scored.as_slice() {
        [(_, index)] => Some(*index),
        [(first, index), (second, _), ..] if first > second => Some(*index),
        _ => None,
    }
}

/// How many entries two maps have in common.
fn shared(one: &Value, other: &Value) -> usize {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return 0;
    };
    one.iter()
        .filter(|(key, value)| other.get(*key) == Some(value))
        .count()
}

fn length(value: &Value) -> usize {
    value.as_object().map_or(0, serde_json::Map::len)
}
