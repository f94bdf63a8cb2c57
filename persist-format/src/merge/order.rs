//! Elements of arrays in the order that a person has brought them in.

use super::terms::SameItems;
use crate::document::Document;
use crate::error::Error;
use crate::path::KeyPath;
use crate::value::Value;

/// Gives both documents, which have the same elements, those that `ours` still has, in its order: pieces of elements have no names, so
/// that what belongs to one would come to stand in another. The elements that only `ours` has.
pub(super) fn as_in(
    ours: &Document,
    documents: [&mut Document; 2],
    same: &SameItems<'_>,
) -> Result<Vec<KeyPath>, Error> {
    let mut new = Vec::new();
    let mut paths = Vec::new();
    arrays(documents[0].value(), &KeyPath::root(), &mut paths);
    let [one, other] = documents;
    for path in paths {
        let elements = |document: &Document| match document.get(&path).map(Value::untagged) {
            Some(Value::Sequence(items)) => items.clone(),
            _ => Vec::new(),
        };
        let (were, are) = (elements(one), elements(ours));
        if were.len() != elements(other).len() || are.is_empty() {
            continue;
        }
        let places = same(&were, &are);
        for document in [&mut *one, &mut *other] {
            arrange(document, &path, &places)?;
        }
        let is_new = |index: &usize| !places.contains(&Some(*index));
        new.extend((0..are.len()).filter(is_new).map(|i| path.item(i)));
    }
    Ok(new)
}

/// Takes away elements.
pub(super) fn without(document: &mut Document, elements: &[KeyPath]) -> Result<(), Error> {
    for path in elements.iter().rev() {
        drop(document.remove(path)?);
    }
    Ok(())
}

/// Arrays with maps in them, outside of other arrays.
fn arrays(value: &Value, path: &KeyPath, paths: &mut Vec<KeyPath>) {
    match value.untagged() {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let key = key.as_key_text().unwrap_or_default();
                arrays(value, &path.child(&key), paths);
            }
        }
        Value::Sequence(items) if items.iter().any(|i| matches!(i.untagged(), Value::Map(_))) => {
            paths.push(path.clone());
        }
        _ => {}
    }
}

/// Takes away the elements without a place, and brings the others in the order of theirs.
fn arrange(document: &mut Document, path: &KeyPath, places: &[Option<usize>]) -> Result<(), Error> {
    for (index, _) in places.iter().enumerate().rev().filter(|(_, p)| p.is_none()) {
        drop(document.remove(&path.item(index))?);
    }
    let mut left: Vec<usize> = places.iter().copied().flatten().collect();
    for index in 0..left.len() {
        let next = (index..left.len()).min_by_key(|&at| left[at]);
        if let Some(from) = next.filter(|&from| from > index) {
            drop(document.move_to(&path.item(from), &path.item(index))?);
            let place = left.remove(from);
            left.insert(index, place);
        }
    }
    Ok(())
}
