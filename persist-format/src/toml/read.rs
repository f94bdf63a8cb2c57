//! From statements to the spanned tree.

use std::ops::Range;

use super::scan::{Key, Kind, Statement, scan};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::tree::{Node, Tree};
use crate::value::{Map, Value};

/// Reads a document. `toml` decides what is TOML; the tree is built from the same parser's events.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Tree, Error> {
    if text.starts_with('\u{feff}') {
        // The file's own mark is gone by now; `toml` would overlook another.
        return Err(Error::at(
            ErrorKind::Syntax,
            "a second byte order mark",
            text,
            0..3,
        ));
    }
    // First what is bounded: `toml` reads a text whole, whatever it takes.
    let statements = match scan(text, limits) {
        Err(error) if error.kind() == ErrorKind::Limit => return Err(error),
        scanned => scanned,
    };
    ::toml::de::DeTable::parse(text).map_err(|e| refused(text, &e))?;
    build(text, statements?)
}

/// Reads a document that `toml` has accepted, or is going to judge.
pub(crate) fn reread(text: &str, limits: &Limits) -> Result<Tree, Error> {
    let statements = scan(text, limits)?;
    build(text, statements)
}

/// `toml` has no kinds of errors, so that its words are all there is to tell them by.
fn refused(text: &str, error: &::toml::de::Error) -> Error {
    let span = error.span().unwrap_or(text.len()..text.len());
    let message = error.message();
    let (kind, message) = match message {
        m if m.contains("recursion limit") || m.contains("cannot recurse") => {
            (ErrorKind::Limit, "nested more than 80 deep")
        }
        m if m.contains("duplicate key") => {
            (ErrorKind::DuplicateKey, "the key stands twice in its table")
        }
        m => (ErrorKind::Syntax, m),
    };
    Error::at(kind, message, text, span)
}

fn build(text: &str, statements: Vec<Statement>) -> Result<Tree, Error> {
    let mut root = Tree {
        value: Value::Map(Map::new()),
        node: Node::new(0..0),
    };
    let mut current: Vec<Key> = Vec::new();
    let wrong = |span: Range<usize>| Error::at(ErrorKind::Syntax, "this is not TOML", text, span);
    for statement in statements {
        match statement.kind {
            Kind::Entry(tree) => {
                let table = walk(&mut root.value, &mut root.node, &current)
                    .ok_or_else(|| wrong(statement.span))?;
                place_at(table, &statement.keys, tree).map_err(wrong)?;
            }
            Kind::Table | Kind::Element => {
                header(&mut root, &statement).map_err(wrong)?;
                current = statement.keys;
            }
        }
    }
    Ok(root)
}

/// A table in the tree that is being built.
type Place<'a> = (&'a mut Value, &'a mut Node);

/// The table that header keys lead to now: through the last element of each array of tables.
fn walk<'a>(value: &'a mut Value, node: &'a mut Node, keys: &[Key]) -> Option<Place<'a>> {
    let mut place = last_element((value, node))?;
    for key in keys {
        let index = place.0.as_map()?.find_str(&key.name)?;
        place = last_element(child(place, index)?)?;
    }
    Some(place)
}

fn child((value, node): Place<'_>, index: usize) -> Option<Place<'_>> {
    Some((value.child_at_mut(index)?, node.children.get_mut(index)?))
}

fn last_element(place: Place<'_>) -> Option<Place<'_>> {
    match place.0.as_sequence().map(<[Value]>::len) {
        Some(len) => child(place, len.checked_sub(1)?),
        None => Some(place),
    }
}

/// The entry of a table under a key, made as an empty table if it isn't there.
fn entry<'a>((value, node): Place<'a>, key: &Key) -> Result<Place<'a>, Range<usize>> {
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

fn header(root: &mut Tree, statement: &Statement) -> Result<(), Range<usize>> {
    let wrong = || statement.span.clone();
    let (last, before) = statement.keys.split_last().ok_or_else(wrong)?;
    let mut place = (&mut root.value, &mut root.node);
    for key in before {
        place = last_element(entry(place, key)?).ok_or_else(wrong)?;
    }
    let is_new = place
        .0
        .as_map()
        .is_some_and(|map| map.find_str(&last.name).is_none());
    let (value, node) = entry(place, last)?;
    if let Kind::Element = statement.kind {
        if is_new {
            *value = Value::Sequence(Vec::new());
        }
        let Value::Sequence(items) = value else {
            return Err(wrong());
        };
        items.push(Value::Map(Map::new()));
        node.children.push(Node::new(statement.span.clone()));
    } else {
        node.span = statement.span.clone();
        node.key = Some(last.span.clone());
    }
    Ok(())
}

/// Puts a value under dotted keys; the error is the place that is taken.
pub(super) fn place(table: &mut Tree, keys: &[Key], tree: Tree) -> Result<(), Range<usize>> {
    place_at((&mut table.value, &mut table.node), keys, tree)
}

fn place_at(table: Place<'_>, keys: &[Key], tree: Tree) -> Result<(), Range<usize>> {
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
