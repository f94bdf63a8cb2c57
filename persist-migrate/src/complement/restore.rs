//! Putting entries back, except where a person has changed something meanwhile.

use serde_json::Value;

use super::difference::value_at;
use super::{Added, Element, Entry, Kept};
use crate::path::Path;
use crate::tree::{Tree, TreeError};

/// What became of the entries.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Put back.
    pub(crate) paths: Vec<Path>,
    /// Not put back, since the document says something else there now.
    pub(crate) superseded: Vec<Path>,
}

/// Puts what was kept into `tree`, to which coming here has added nodes, written as it was.
pub(crate) fn restore<T: Tree + Clone>(
    tree: &mut T,
    kept: &Kept,
    added: &Added,
) -> Result<Restored, TreeError> {
    let mut restored = Restored::default();
    let layout = kept.layout.as_ref();
    let bare = layout.map(|layout| (layout, added.taken_out_of(tree)));
    put_all(tree, &kept.entries, &Path::root(), &mut restored)?;
    if let Some((layout, bare)) = bare {
        tree.lay_out(&bare, layout);
    }
    Ok(restored)
}

fn put_all<T: Tree>(
    tree: &mut T,
    entries: &[Entry],
    base: &Path,
    restored: &mut Restored,
) -> Result<(), TreeError> {
    for entry in entries {
        let path = base.join(entry.path().steps());
        match entry {
            Entry::Node { node, without, .. } => {
                put(tree, path, node.as_ref(), without.as_ref(), restored)?;
            }
            Entry::Elements { elements, .. } => put_elements(tree, &path, elements, restored)?,
        }
    }
    Ok(())
}

fn put<T: Tree>(
    tree: &mut T,
    path: Path,
    node: Option<&Value>,
    without: Option<&Value>,
    restored: &mut Restored,
) -> Result<(), TreeError> {
    let untouched = tree.view(&path).as_deref() == without;
    let has_place = path
        .parent()
        .is_none_or(|container| tree.keys(&container).is_some() || tree.len(&container).is_some());
    if !untouched || !has_place {
        restored.superseded.push(path);
        return Ok(());
    }
    match node {
        None => {
            tree.remove(&path)?;
        }
        // A node of an older store that this tree can't read is no reason to fail the migration.
        Some(stored) => match serde_json::from_value::<T::Node>(stored.clone()) {
            Ok(node) => tree.set(&path, node)?,
            Err(_) => {
                restored.superseded.push(path);
                return Ok(());
            }
        },
    }
    restored.paths.push(path);
    Ok(())
}

fn put_elements<T: Tree>(
    tree: &mut T,
    path: &Path,
    elements: &[Element],
    restored: &mut Restored,
) -> Result<(), TreeError> {
    let present: Vec<Value> = match &*value_at(tree, path) {
        Value::Array(items) => items.clone(),
        _ => Vec::new(),
    };
    let mut free = vec![true; present.len()];
    for (element, place) in elements.iter().zip(find_all(elements, &present, &mut free)) {
        match place {
            Some(index) => put_all(tree, &element.entries, &path.child(index), restored)?,
            None => restored.superseded.push(path.child(element.index)),
        }
    }
    Ok(())
}

/// Where each element is now: equal and at its index, else equal, else the one that is clearly most alike.
fn find_all(elements: &[Element], present: &[Value], free: &mut [bool]) -> Vec<Option<usize>> {
    let mut places = vec![None; elements.len()];
    let mut claim = |places: &mut Vec<Option<usize>>,
                     find: &dyn Fn(&Element, &[bool]) -> Option<usize>| {
        for (element, place) in elements
            .iter()
            .zip(places.iter_mut())
            .filter(|(_, place)| place.is_none())
        {
            *place = find(element, free);
            if let Some(index) = *place {
                free[index] = false;
            }
        }
    };
    claim(&mut places, &|element, free| {
        let index = element.index;
        (present.get(index) == Some(&element.without) && free[index]).then_some(index)
    });
    claim(&mut places, &|element, free| {
        (0..present.len()).find(|&index| free[index] && present[index] == element.without)
    });
    claim(&mut places, &|element, free| {
        most_alike(&element.without, present, free)
    });
    places
}

/// The one element that shares at least half of the entries with `wanted`, if no other shares as many.
fn most_alike(wanted: &Value, present: &[Value], free: &[bool]) -> Option<usize> {
    let wanted = wanted.as_object()?;
    let score = |candidate: &Value| {
        let map = candidate.as_object()?;
        let shared = wanted
            .iter()
            .filter(|(key, value)| map.get(*key) == Some(value))
            .count();
        (shared > 0 && shared * 2 >= wanted.len().max(map.len())).then_some(shared)
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
