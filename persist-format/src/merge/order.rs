//! Elements of arrays in the order that a person has brought them in.

use super::terms::SameItems;
use crate::document::Document;
use crate::error::Error;
use crate::path::KeyPath;
use crate::value::Value;

/// For each of some arrays, the places of some of its elements.
pub(super) type Elements = Vec<(KeyPath, Vec<usize>)>;

/// Gives both documents, which have the same elements, those that `ours` still has, in its order: pieces of elements have no names, so
/// that what belongs to one would come to stand in another. Says which elements of `ours` they have.
pub(super) fn as_in(
    ours: &Document,
    documents: [&mut Document; 2],
    same: &SameItems<'_>,
) -> Result<Elements, Error> {
    let mut paths = Vec::new();
    arrays(documents[0].value(), &KeyPath::root(), &mut paths);
    let [one, other] = documents;
    let (mut shared, mut there) = (Vec::new(), Vec::new());
    for path in paths {
        let elements = |document: &Document| match document.get(&path).map(Value::untagged) {
            Some(Value::Sequence(items)) => items.clone(),
            _ => Vec::new(),
        };
        let (were, are) = (elements(one), elements(ours));
        if were.len() != elements(other).len() || are.is_empty() {
            continue;
        }
        let places = same(&were, &are).into_iter().enumerate();
        let mut left: Vec<_> = places
            .filter_map(|(at, place)| Some((place?, at)))
            .collect();
        left.sort_unstable();
        let (in_ours, in_both) = left.into_iter().unzip();
        shared.push((path.clone(), in_ours));
        there.push((path, in_both));
    }
    for document in [one, other] {
        drop(document.rearrange(&there)?);
    }
    Ok(shared)
}

/// Arrays outside of other arrays.
fn arrays(value: &Value, path: &KeyPath, paths: &mut Vec<KeyPath>) {
    match value.untagged() {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let key = key.as_key_text().unwrap_or_default();
                arrays(value, &path.child(&key), paths);
            }
        }
        Value::Sequence(_) => paths.push(path.clone()),
        _ => {}
    }
}
