//! The second opinion: `serde_yaml`, another parser by other people.

use serde::Deserialize as _;
use serde_yaml::Value as Seen;

use super::cst::Cst;
use crate::tree::Tree;
use crate::value::{Float, Map, Value};

/// Compares what `serde_yaml` sees with what we do.
///
/// It reads fewer texts than YAML has (255 of the official suite's 308) and none with large integers, so a text that it
/// can't read says nothing; what it does read must have the same structure and the same strings.
pub(super) fn cross_check(text: &str, cst: &Cst, trees: &[Tree]) -> Result<(), String> {
    let seen: Result<Vec<Seen>, _> = serde_yaml::Deserializer::from_str(text)
        .map(Seen::deserialize)
        .collect();
    let Ok(mut seen) = seen else { return Ok(()) };
    // It takes a quoted `<<` for a merge key as well, which leaves nothing to compare.
    if trees.iter().any(|tree| has_literal_merge_key(&tree.value))
        || seen.iter_mut().any(|value| value.apply_merge().is_err())
    {
        return Ok(());
    }
    let unfinished = text.ends_with([' ', '\t']);
    if seen.is_empty() && trees.iter().all(|tree| tree.value == Value::Null) {
        return Ok(());
    }
    if seen.len() != trees.len() {
        return Err(format!("{} documents, not {}", seen.len(), trees.len()));
    }
    let differs = |(tree, seen): &(&Tree, &Seen)| !same(&tree.value, seen, unfinished);
    match trees.iter().zip(&seen).find(differs) {
        Some((_, seen)) if !is_read_otherwise(cst) => Err(excerpt(seen)),
        _ => Ok(()),
    }
}

fn has_literal_merge_key(value: &Value) -> bool {
    match value.untagged() {
        Value::Sequence(items) => items.iter().any(has_literal_merge_key),
        Value::Map(map) => map.contains_key("<<") || map.values().any(has_literal_merge_key),
        _ => false,
    }
}

/// True if the text has what `serde_yaml` is known to read otherwise than YAML 1.2 says: `&a:` is an anchor called `a:`, not `a`.
fn is_read_otherwise(cst: &Cst) -> bool {
    let mut anchors = cst.nodes.iter().filter_map(|node| node.anchor.as_ref());
    anchors.any(|anchor| anchor.name.contains(':'))
}

fn excerpt(seen: &Seen) -> String {
    const LONGEST: usize = 80;
    let text = serde_yaml::to_string(seen).unwrap_or_default();
    let short: String = text.trim_end().chars().take(LONGEST).collect();
    format!("{short:?}")
}

/// `unfinished`: the text ends in white space that is no line, for which the suite has a block scalar's line break and `serde_yaml` none (L24T).
fn same(ours: &Value, theirs: &Seen, unfinished: bool) -> bool {
    match (ours, theirs) {
        (Value::Tagged(tagged), Seen::Tagged(other)) => {
            same(&tagged.value, &other.value, unfinished)
        }
        // Tags of YAML's own types are known to us alone, or to it alone.
        (Value::Tagged(tagged), theirs) => same(&tagged.value, theirs, unfinished),
        (Value::Sequence(ours), Seen::Sequence(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(ours, theirs)| same(ours, theirs, unfinished))
        }
        (Value::Map(ours), Seen::Mapping(theirs)) => same_map(ours, theirs, unfinished),
        (Value::Bytes(_), Seen::String(_) | Seen::Tagged(_)) => true,
        (ours, Seen::Tagged(other)) => same(ours, &other.value, unfinished),
        (Value::Sequence(_) | Value::Map(_), _) | (_, Seen::Sequence(_) | Seen::Mapping(_)) => {
            false
        }
        (ours, theirs) => same_scalar(ours, theirs, unfinished),
    }
}

fn same_map(ours: &Map, theirs: &serde_yaml::Mapping, unfinished: bool) -> bool {
    if ours.len() != theirs.len() {
        return false;
    }
    let in_order = ours
        .iter()
        .zip(theirs)
        .all(|((key, value), (k, v))| same(key, k, unfinished) && same(value, v, unfinished));
    // Merged entries come in another order.
    in_order
        || ours.iter().all(|(key, value)| {
            let Value::String(key) = key else { return true };
            theirs
                .get(key.as_str())
                .is_some_and(|theirs| same(value, theirs, unfinished))
        })
}

fn same_scalar(ours: &Value, theirs: &Seen, unfinished: bool) -> bool {
    match (ours, theirs) {
        (Value::String(a), Seen::String(b)) => {
            a == b || (unfinished && a.strip_suffix('\n') == Some(b))
        }
        (Value::Null, Seen::Null) => true,
        (Value::Bool(a), Seen::Bool(b)) => a == b,
        (Value::Integer(n), Seen::Number(b)) => match (b.as_i64(), b.as_u64()) {
            (Some(i), _) => n.to_i64() == Some(i),
            (_, Some(u)) => n.to_u64() == Some(u),
            _ => b
                .as_f64()
                .is_some_and(|b| close(&Float::from(n.to_f64()), b)),
        },
        (Value::Float(a), Seen::Number(b)) => b.as_f64().is_some_and(|b| close(a, b)),
        // Where it knows no number (`017`, large ones) it sees a string, and the other way round for `0b1`.
        (Value::Integer(_) | Value::Float(_), Seen::String(b))
        | (Value::String(b), Seen::Number(_)) => {
            b.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        }
        _ => false,
    }
}

fn close(a: &Float, b: f64) -> bool {
    let a = a.get();
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
}
