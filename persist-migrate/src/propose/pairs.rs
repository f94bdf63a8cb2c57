//! Which field of the old document is which of the new one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::leaves::Leaves;
use crate::lens::Lens;
use crate::path::Path;
use crate::tree::Tree;

const SEPARATORS: [&str; 8] = [":", ",", ";", "/", "x", "-", "|", " "];

/// Maps that are only in the old document, and the one map only in the new with the same keys.
pub(super) fn containers(old: &Value, new: &Value) -> Vec<(Path, Path)> {
    let (gone, added) = (topmost(old, new), topmost(new, old));
    let keys = |document: &Value, path: &Path| -> Option<BTreeSet<String>> {
        document
            .keys(path)
            .filter(|keys| !keys.is_empty())
            .map(|keys| keys.into_iter().collect())
    };
    let mut pairs = Vec::new();
    for from in gone {
        let Some(wanted) = keys(old, &from) else {
            continue;
        };
        let mut same = added
            .iter()
            .filter(|to| keys(new, to).as_ref() == Some(&wanted));
        if let (Some(to), None) = (same.next(), same.next()) {
            pairs.push((from, to.clone()));
        }
    }
    pairs
}

/// The topmost nodes of `a` at whose place `b` has nothing.
pub(super) fn topmost(a: &Value, b: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    descend(a, b, &Path::root(), &mut found);
    found
}

fn descend(a: &Value, b: &Value, path: &Path, found: &mut Vec<Path>) {
    for key in a.keys(path).unwrap_or_default() {
        let inner = path.child(key);
        if b.contains(&inner) {
            descend(a, b, &inner, found);
        } else {
            found.push(inner);
        }
    }
}

/// Fields that are elsewhere: the surest pairs first, each field once.
pub(super) fn fields(old: &Value, new: &Value) -> Vec<(Path, Path)> {
    let (gone, added) = Leaves::only_in(old, new);
    let mut scored: Vec<(u32, &Path, &Path)> = Vec::new();
    let names: Vec<String> = added.entries.iter().map(|(to, _)| plain(to)).collect();
    for (from, value) in &gone.entries {
        // Counted once a field, not once a pair.
        let telling = is_telling(value) && gone.count(value) == 1 && added.count(value) == 1;
        let name = plain(from);
        for ((to, wanted), other) in added.entries.iter().zip(&names) {
            let score = score((from, value), (to, wanted), name == *other, telling);
            if score >= 3 {
                scored.push((score, from, to));
            }
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken, mut pairs) = (BTreeSet::new(), Vec::new());
    for (_, from, to) in scored {
        // A path of the old and one of the new document are never equal here, so one set does for both.
        if !taken.contains(from) && !taken.contains(to) {
            taken.extend([from, to]);
            pairs.push((from.clone(), to.clone()));
        }
    }
    pairs.sort();
    pairs
}

/// How much speaks for one field being the other: its name, its place, its value.
fn score(
    (from, value): (&Path, &Value),
    (to, wanted): (&Path, &Value),
    same_name: bool,
    telling: bool,
) -> u32 {
    let same_value = value == wanted;
    let same_kind = std::mem::discriminant(value) == std::mem::discriminant(wanted);
    let near = from.parent() == to.parent();
    match (same_name, same_value && telling, same_kind) {
        (true, _, true) => 4 + u32::from(same_value) + u32::from(near),
        (true, _, false) if near => 3,
        (false, true, _) => 3 + u32::from(near),
        _ => 0,
    }
}

/// A name without its spelling: `fontSize`, `font_size` and `font-size` are one.
fn plain(path: &Path) -> String {
    let name = path
        .last()
        .and_then(crate::Step::key)
        .unwrap_or_default()
        .to_lowercase();
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether two fields with this value are likely to be the same: not true, 0, "" and the like.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => number.as_i64().is_none_or(|n| n.unsigned_abs() > 1),
        Value::String(text) => text.chars().count() > 1,
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// Strings of `whole` that are two or more fields of `parts` with a separator between: path, separator, parts.
pub(super) fn cut(whole: &Leaves, parts: &Leaves) -> Vec<(Path, String, Vec<Path>)> {
    let mut found = Vec::new();
    for (path, value) in &whole.entries {
        let Value::String(text) = value else { continue };
        let cuts = SEPARATORS.iter().filter_map(|separator| {
            let pieces: Vec<&str> = text.split(separator).collect();
            let field = |piece: &&str| {
                let mut same = parts
                    .entries
                    .iter()
                    .filter(|(_, part)| as_text(part).as_deref() == Some(piece));
                same.next().map(|(path, _)| path.clone())
            };
            let fields: Vec<Path> = pieces.iter().map(field).collect::<Option<_>>()?;
            let distinct = fields.iter().collect::<BTreeSet<_>>().len() == fields.len();
            (fields.len() > 1 && distinct).then(|| (path.clone(), (*separator).to_owned(), fields))
        });
        found.extend(cuts.take(1));
    }
    found
}

/// A string that became an array at the same place, or the reverse.
pub(super) fn cut_in_place(path: Path, old: &Value, new: &Value) -> Option<Lens> {
    let (text, items, splits) = match (old, new) {
        (Value::String(text), Value::Array(items)) => (text, items, true),
        (Value::Array(items), Value::String(text)) => (text, items, false),
        _ => return None,
    };
    let parts: Vec<String> = items.iter().map(as_text).collect::<Option<_>>()?;
    let separator = SEPARATORS
        .iter()
        .find(|separator| parts.len() > 1 && parts.join(separator) == *text);
    match (separator, splits) {
        (Some(separator), true) => Some(Lens::Split {
            path,
            separator: (*separator).to_owned(),
            into: Vec::new(),
        }),
        (Some(separator), false) => Some(Lens::Join {
            path,
            separator: (*separator).to_owned(),
            from: Vec::new(),
        }),
        (None, true) => Some(Lens::Wrap { path, key: None }),
        (None, false) => Some(Lens::Unwrap { path, key: None }),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
