//! Elements of arrays in the order that a person has brought them in.
//!
//! An entry of a map is known by its path, and so a text diff finds it wherever it has gone. Elements of arrays have nothing but their place. A diff of two texts takes
//! two elements that have changed places for one that went and one that came, and lines of the one that look like lines of the other (a brace, `port: 80`) for the
//! same; what the other side has changed in an element is then made in another one, or is lost. So before the texts are woven the elements of the base and of theirs
//! are brought in the order of ours, by the match of values that the merge of values goes by: after that a text diff has insertions to find, and
//! changes in place, which it is good at. What ours has removed is removed there too, since no diff could know that it is gone and not put elsewhere.
//!
//! Only arrays with maps in them are brought in order, for others say all they say on a line or so; and only outside of other arrays, whose elements have no paths
//! that would hold in all three texts. The order that theirs has brought elements in is lost in the text by that; the values say it, and the document
//! is given them afterwards.

use super::terms::Policy;
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
    policy: &Policy<'_>,
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
        let places = (policy.same_items)(&were, &are).into_iter().enumerate();
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
