//! Changes of sets whose items come in another order at each load: told so that the order says nothing. Pure but for reading.
//!
//! In the settings as a tree a hashed set looks like a list. Taken for one, a new item that happens to come first would be written
//! before those that stayed. One reading does not tell: of two items every second one has the file's order by chance. So where the
//! order of a list is part of a change, what was asked for is read again: once with an item twice, which no set keeps, and then until
//! a hashed one would have shown itself ([`CHANCES`]). A set that is sorted reads the same each time, and its new items go where its
//! order has them, as a list's do.

use persist_format::{KeyPath, Segment, Value, diff};

use crate::differing::in_words;
use crate::pairing::{Pairing, is_reordered, partners};

/// What an application asks for: settings as it was given them, and as it wants them.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// One hashed set in this many is taken for a list.
const CHANCES: u64 = 1 << 32;

impl Asked {
    /// With the items of hashed sets in an order of which nothing is to be taken but which ones stayed. `again` reads what is asked for.
    pub(crate) fn new(
        mut before: Value,
        mut after: Value,
        again: impl Fn(&Value) -> Option<Value>,
    ) -> Asked {
        let mut lists = Vec::new();
        let mut at = [KeyPath::root(), KeyPath::root()];
        changed_lists(&before, &after, &mut at, &mut lists);
        // What is within others comes after them, and is put in order before them.
        for list in hashed(lists, &after, again).iter().rev() {
            arrange(&mut before, &list.places[0], &list.orders[0]);
            arrange(&mut after, &list.places[1], &list.orders[1]);
        }
        Asked { before, after }
    }
}

/// A list whose order is part of its change; before and after.
struct List {
    places: [KeyPath; 2],
    /// What went, what stayed; what stayed, what is new: then no neighbour is taken for what it was before.
    orders: [Vec<usize>; 2],
    /// How many sets of as many items would not have shown themselves yet: one of these.
    chances: u64,
    is_hashed: bool,
}

fn changed_lists(before: &Value, after: &Value, at: &mut [KeyPath; 2], lists: &mut Vec<List>) {
    if before == after {
        return;
    }
    let mut below = |steps: [Segment; 2], before, after, lists: &mut Vec<List>| {
        for (path, step) in at.iter_mut().zip(steps) {
            path.push(step);
        }
        changed_lists(before, after, at, lists);
        for path in at.iter_mut() {
            path.pop();
        }
    };
    match (before, after) {
        (Value::Map(before), Value::Map(after)) => {
            for (key, new) in after.iter() {
                if let (Some(old), Some(text)) = (before.get_key(key), key.as_key_text()) {
                    let step = Segment::from(text);
                    below([step.clone(), step], old, new, lists);
                }
            }
        }
        (Value::Sequence(before), Value::Sequence(after)) => {
            let at_list = lists.len();
            for (new, old) in diff::items(before, after).into_iter().enumerate() {
                if let Some(old) = old {
                    let steps = [Segment::from(old), Segment::from(new)];
                    below(steps, &before[old], &after[new], lists);
                }
            }
            let orders = orders_of_a_set(before, after);
            if let Some(orders) = orders.filter(|_| after.len() > 1) {
                let list = List {
                    places: at.clone(),
                    orders,
                    chances: 1,
                    is_hashed: false,
                };
                lists.insert(at_list, list);
            }
        }
        _ => {}
    }
}

/// In which order the items of a set are best told; `None` if nothing would be changed by that.
fn orders_of_a_set(before: &[Value], after: &[Value]) -> Option<[Vec<usize>; 2]> {
    let from = stayed(before, after);
    let mut kept: Vec<(usize, usize)> = Vec::new();
    kept.extend((0..after.len()).filter_map(|new| Some((from[new]?, new))));
    kept.sort_unstable();
    let in_order = |items: &[Value], mut places: Vec<usize>| {
        places.sort_by_cached_key(|at| in_order_of_words(&items[*at]));
        places
    };
    let new = (0..after.len()).filter(|at| from[*at].is_none());
    let new = in_order(after, new.collect());
    let gone =
        (0..before.len()).filter(|at| kept.binary_search_by_key(at, |(old, _)| *old).is_err());
    let gone = in_order(before, gone.collect());
    let is_replaced = !new.is_empty() && !gone.is_empty();
    let olds: Vec<usize> = gone
        .into_iter()
        .chain(kept.iter().map(|(old, _)| *old))
        .collect();
    let news: Vec<usize> = kept.iter().map(|(_, new)| *new).chain(new).collect();
    (is_replaced || !news.is_sorted()).then_some([olds, news])
}

/// For each item the one that it was: an equal one, one of the same name, or the only one that it can have been. In a set neighbours say
/// nothing.
fn stayed(before: &[Value], after: &[Value]) -> Vec<Option<usize>> {
    let mut from = partners(after, before, Some);
    let (old_names, new_names) = (diff::names(before), diff::names(after));
    for (new, old) in partners(&new_names, &old_names, |name| *name)
        .into_iter()
        .enumerate()
    {
        if from[new].is_none() && !from.contains(&old) {
            from[new] = old;
        }
    }
    let news: Vec<usize> = (0..after.len()).filter(|at| from[*at].is_none()).collect();
    let gone: Vec<usize> = (0..before.len())
        .filter(|at| !from.contains(&Some(*at)))
        .collect();
    if let ([new], [old]) = (news.as_slice(), gone.as_slice())
        && after[*new].is_container()
    {
        from[*new] = Some(*old);
    }
    from
}

fn in_order_of_words(value: &Value) -> (Option<i128>, String) {
    let number = match value {
        Value::Integer(number) => number.to_i128(),
        _ => None,
    };
    (number, in_words(value))
}

/// Those of the lists that are read in another order than they are written in.
fn hashed(
    mut lists: Vec<List>,
    after: &Value,
    again: impl Fn(&Value) -> Option<Value>,
) -> Vec<List> {
    if lists.is_empty() {
        return lists;
    }
    let twice = with_items_twice(after, &lists);
    if let Some(read) = again(&twice) {
        lists.retain(|list| {
            let found = list_at(&twice, &read, &list.places[1]);
            found.is_none_or(|(asked, read)| read.len() < asked.len())
        });
    }
    let is_open = |list: &List| !list.is_hashed && list.chances < CHANCES;
    while lists.iter().any(is_open) {
        let Some(read) = again(after) else {
            break; // not what its type reads: then there is no more to learn of it
        };
        for list in lists.iter_mut().filter(|list| is_open(list)) {
            let Some((asked, read)) = list_at(after, &read, &list.places[1]) else {
                list.chances = CHANCES;
                continue;
            };
            list.is_hashed = is_reordered(asked, read);
            let orders = (1..=asked.len() as u64).fold(1, u64::saturating_mul);
            list.chances = list.chances.saturating_mul(orders);
        }
    }
    lists.retain(|list| list.is_hashed);
    lists
}

fn with_items_twice(after: &Value, lists: &[List]) -> Value {
    let mut twice = after.clone();
    // What is within others first, so that it is twice in both.
    for list in lists.iter().rev() {
        if let Some(Value::Sequence(items)) = twice.get_mut(&list.places[1]) {
            items.extend(items.last().cloned());
        }
    }
    twice
}

/// A list that was asked for, and as it was read.
fn list_at<'v>(
    mut asked: &'v Value,
    mut read: &'v Value,
    place: &KeyPath,
) -> Option<(&'v [Value], &'v [Value])> {
    for segment in place.segments() {
        (asked, read) = match (asked, read) {
            (Value::Sequence(items), Value::Sequence(found)) => {
                let Segment::Index(at) = *segment else {
                    return None;
                };
                let sources = Pairing::of(items, found).sources;
                let found_at = sources.iter().position(|source| *source == Some(at))?;
                (items.get(at)?, found.get(found_at)?)
            }
            (asked, read) => {
                let step = KeyPath::root().join(segment.clone());
                (asked.get(&step)?, read.get(&step)?)
            }
        };
    }
    Some((asked.as_sequence()?, read.as_sequence()?))
}

fn arrange(tree: &mut Value, place: &KeyPath, order: &[usize]) {
    if let Some(Value::Sequence(items)) = tree.get_mut(place) {
        *items = order.iter().map(|at| items[*at].clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn value(json: &str) -> Value {
        Value::from(serde_json::from_str::<serde_json::Value>(json).expect("JSON"))
    }

    /// What is asked for where sets drop what is there twice and the `turn`th reading shows them turned round, and how often it was
    /// read. Of lists there is no turn.
    fn check(before: &str, after: &str, turn: Option<usize>, wanted: [&str; 2], reads: usize) {
        let read = Cell::new(0);
        let asked = Asked::new(value(before), value(after), |tree| {
            read.set(read.get() + 1);
            let mut tree = tree.clone();
            if turn.is_some() {
                as_set(&mut tree, turn == Some(read.get()));
            }
            Some(tree)
        });
        let wanted = wanted.map(value);
        assert_eq!([asked.before, asked.after], wanted, "{before} to {after}");
        assert_eq!(read.get(), reads, "{before} to {after}");
    }

    fn as_set(tree: &mut Value, is_turned: bool) {
        match tree {
            Value::Sequence(items) => {
                items.iter_mut().for_each(|item| as_set(item, is_turned));
                items.dedup();
                if is_turned {
                    items.reverse();
                }
            }
            Value::Map(map) => {
                for (_, value) in map.iter_mut() {
                    as_set(value, is_turned);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn what_stays_comes_first_in_a_hashed_set() {
        for (before, after, [old, new]) in [
            ("[2]", "[3, 10, 2]", ["[2]", "[2, 3, 10]"]),
            (
                r#"["b", "c"]"#,
                r#"["c", "a", "b"]"#,
                [r#"["b", "c"]"#, r#"["b", "c", "a"]"#],
            ),
            ("[1, 2, 3]", "[4, 3, 1]", ["[2, 1, 3]", "[1, 3, 4]"]),
            (
                r#"{"a": [{"id": 1, "x": [1]}, {"id": 2}]}"#,
                r#"{"a": [{"id": 2}, {"id": 1, "x": [0, 1]}]}"#,
                [
                    r#"{"a": [{"id": 1, "x": [1]}, {"id": 2}]}"#,
                    r#"{"a": [{"id": 1, "x": [1, 0]}, {"id": 2}]}"#,
                ],
            ),
        ] {
            check(before, after, Some(2), [old, new], 2);
            check(before, after, Some(4), [old, new], 4);
        }
    }

    #[test]
    fn lists_stay_as_they_are_asked_for() {
        for (before, after, reads) in [
            ("[1]", "[1, 2]", 0),
            ("[1, 2]", "[2]", 0),
            (r#"[{"id": 1, "x": 1}, 2]"#, r#"[{"id": 1, "x": 2}, 2]"#, 0),
            ("[1]", "[2]", 0),
            ("[1]", "[2, 1]", 1),
            ("[1, 2]", "[1, 3]", 1),
            (r#"[[1]]"#, r#"[[2, 1], [3]]"#, 1),
        ] {
            check(before, after, None, [before, after], reads);
        }
    }

    #[test]
    fn a_sorted_set_shows_one_order_as_often_as_it_is_read() {
        for (before, after, reads) in [
            ("[2]", "[1, 2]", 33),
            ("[1, 3, 4, 5]", "[1, 2, 3, 4, 5]", 6),
        ] {
            check(before, after, Some(0), [before, after], reads);
        }
    }
}
