//! Putting entries back, except where a person has changed something meanwhile.

use serde_json::Value;

use super::difference::value_at;
use super::elements::find_all;
use super::entry::{Difference, Element};
use super::{Added, SetAside};
use crate::path::Path;
use crate::tree::{Laid, Tree, TreeError};

/// What became of the entries.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Put back.
    pub(crate) paths: Vec<Path>,
    /// Not put back, since the document says something else there now.
    pub(crate) superseded: Vec<Path>,
}

/// Puts what was kept into `tree`, to which coming here from `elsewhere` has added nodes, written as it was.
pub(crate) fn restore<T: Laid>(
    elsewhere: &T,
    tree: &mut T,
    kept: &SetAside,
    added: &Added,
) -> Result<Restored, TreeError> {
    let mut restored = Restored::default();
    let layout = kept.layout.as_ref();
    if let (Some(layout), Some(left)) = (layout, &kept.elsewhere)
        && elsewhere.fingerprint().as_ref() == Some(left)
    {
        put_all(tree, &kept.entries, &Path::root(), &mut restored)?;
        tree.lay_out_as_left(layout);
        return Ok(restored);
    }
    let bare = layout.map(|layout| (layout, added.taken_out_of(tree)));
    put_all(tree, &kept.entries, &Path::root(), &mut restored)?;
    if let Some((layout, bare)) = bare {
        tree.lay_out(elsewhere, &bare, layout);
    }
    Ok(restored)
}

fn put_all<T: Tree>(
    tree: &mut T,
    entries: &[Difference],
    base: &Path,
    restored: &mut Restored,
) -> Result<(), TreeError> {
    for entry in entries {
        let path = base.join(entry.path().steps());
        match entry {
            Difference::Node { node, without, .. } => {
                put(tree, path, node.as_ref(), without.as_ref(), restored)?;
            }
            Difference::Elements { elements, .. } => put_elements(tree, &path, elements, restored)?,
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
    let has_place = path.parent().is_none_or(|container| {
        tree.entries(&container).is_some() || tree.len(&container).is_some()
    });
    if !untouched || !has_place {
        let node = node.and_then(|stored| serde_json::from_value::<T::Node>(stored.clone()).ok());
        let node = node.as_ref().map(T::to_json);
        if let Some(typed) = typed_as(node.as_ref(), without, tree.view(&path).as_deref()) {
            tree.set(&path, T::from_json(&typed))?;
        }
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

/// The text that a person has written where a number or a switch came back as its text, as such a one: a step such as `split` does not
/// know that it was one.
fn typed_as(node: Option<&Value>, without: Option<&Value>, now: Option<&Value>) -> Option<Value> {
    let (node, Value::String(without), Value::String(now)) = (node?, without?, now?) else {
        return None;
    };
    let as_text = node.to_string();
    let is_scalar = node.is_number() || node.is_boolean();
    let typed: Value = serde_json::from_str(now).ok()?;
    let same_kind = std::mem::discriminant(&typed) == std::mem::discriminant(node)
        && typed.is_f64() == node.is_f64();
    (is_scalar && as_text == *without && same_kind).then_some(typed)
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
    let were: Vec<(usize, &Value)> = elements.iter().map(|e| (e.index, &e.without)).collect();
    for (element, place) in elements.iter().zip(find_all(&were, &present)) {
        match place {
            Some(index) => put_all(tree, &element.entries, &path.child(index), restored)?,
            None if element.entries.is_empty() => {}
            None => restored.superseded.push(path.child(element.index)),
        }
    }
    Ok(())
}
