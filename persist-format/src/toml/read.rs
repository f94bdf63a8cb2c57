//! From statements to the spanned tree.

use std::ops::Range;

use super::scan::{Statement, StatementKind, scan};
use super::table::{Key, entry, last_element, place_at, walk};
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
        m if m.contains("duplicate key") => (ErrorKind::DuplicateKey, "duplicate key in the table"),
        m if is_without_value(m, text, &span) => {
            (ErrorKind::Syntax, "there is no value after the `=`")
        }
        m => (ErrorKind::Syntax, m),
    };
    Error::at(kind, message, text, span)
}

/// Whether the parser complains of a value that is not there: it takes it for a text without quotes of no length, and in braces for a quote.
fn is_without_value(message: &str, text: &str, span: &Range<usize>) -> bool {
    let (before, after) = text.split_at_checked(span.start).unwrap_or_default();
    let is_none = span.is_empty() && message.starts_with("string values must be quoted");
    let is_in_braces = after.starts_with('}') && message.starts_with("invalid literal string");
    before.trim_end_matches([' ', '\t']).ends_with('=') && (is_none || is_in_braces)
}

fn build(text: &str, statements: Vec<Statement>) -> Result<Tree, Error> {
    let mut root = Tree {
        value: Value::Map(Map::new()),
        node: Node::new(0..0),
    };
    let mut current: Vec<Key> = Vec::new();
    let wrong =
        |span: Range<usize>| Error::at(ErrorKind::Syntax, "this is not valid TOML", text, span);
    for statement in statements {
        match statement.kind {
            StatementKind::Entry(tree) => {
                let table = walk(&mut root.value, &mut root.node, &current)
                    .ok_or_else(|| wrong(statement.span))?;
                place_at(table, &statement.keys, tree).map_err(wrong)?;
            }
            StatementKind::Table | StatementKind::Element => {
                header(&mut root, &statement).map_err(wrong)?;
                current = statement.keys;
            }
        }
    }
    Ok(root)
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
    if let StatementKind::Element = statement.kind {
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
