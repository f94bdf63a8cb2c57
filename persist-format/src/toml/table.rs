//! Tables of the tree while it is being built.

use std::ops::Range;

use crate::tree::{Node, Tree};
use crate::value::{Map, Value};

/// One part of a dotted key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// A table in the tree that is being built.
pub(super) type TableMut<'a> = (&'a mut Value, &'a mut Node);

/// The table that header keys lead to now: through the last element of each array of tables.
pub(super) fn walk<'a>(
    value: &'a mut Value,
    node: &'a mut Node,
    keys: &[Key],
) -> Option<TableMut<'a>> {
    let mut place = last_element((value, node))?;
    for key in keys {
        let index = place.0.as_map()?.find_str(&key.name)?;
        place = last_element(child(place, index)?)?;
    }
    Some(place)
}

fn child((value, node): TableMut<'_>, index: usize) -> Option<TableMut<'_>> {
    Some((value.child_at_mut(index)?, node.children.get_mut(index)?))
}

pub(super) fn last_element(place: TableMut<'_>) -> Option<TableMut<'_>> {
    match place.0.as_sequence().map(<[Value]>::len) {
        Some(len) => child(place, len.checked_sub(1)?),
        None => Some(place),
    }
}

/// The entry of a table under a key, made as an empty table if it isn't there.
pub(super) fn entry<'a>(
    (value, node): TableMut<'a>,
    key: &Key,
) -> Result<TableMut<'a>, Range<usize>> {
    let Value::Map(map) = value else {
        return Err(key.span.clone());
    };
    let index = match map.find_str(&key.name) {
        Some(index) => index,
        None => {
            map.insert(key.name.as_str(), Value::Map(Map::new()));
            node.children.push(Node {
                key: Some(key.span.clone()),
                ..Node::new(key.span.clone())
            });
            map.len() - 1
        }
    };
    child((value, node), index).ok_or_else(|| key.span.clone())
}

/// Puts a value under dotted keys; the error is the place that is taken.
pub(super) fn place(table: &mut Tree, keys: &[Key], tree: Tree) -> Result<(), Range<usize>> {
    place_at((&mut table.value, &mut table.node), keys, tree)
}

pub(super) fn place_at(table: TableMut<'_>, keys: &[Key], tree: Tree) -> Result<(), Range<usize>> {
    let Some((last, before)) = keys.split_last() else {
        return Err(tree.node.span);
    };
    let mut place = table;
    for key in before {
        place = entry(place, key)?;
    }
    let (value, node) = place;
    let Value::Map(map) = value else {
        return Err(last.span.clone());
    };
    if map.find_str(&last.name).is_some() {
        return Err(last.span.clone());
    }
    map.insert(last.name.as_str(), tree.value);
    node.children.push(Node {
        key: Some(last.span.clone()),
        ..tree.node
    });
    Ok(())
}
