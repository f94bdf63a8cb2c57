//! Planning splices of TOML text.

mod arrivals;
mod element;
mod home;
mod lines;
mod outline;
mod section;
mod table;

use std::ops::Range;

pub(crate) use outline::Outline;

use super::emit::{inline, key};
use crate::engine::{Arrival, Editor, Op, Slot, Splice};
use crate::list::{Item, List};
use crate::path::KeyPath;
use crate::plan;
use crate::refusal::Refusal;
use crate::tree::{Node, Tree};
use crate::value::Value;

/// Edits of a text.
pub(crate) struct TomlEditor<'a> {
    text: &'a str,
    tree: &'a Tree,
    outline: &'a Outline,
}

impl<'a> TomlEditor<'a> {
    pub(crate) fn new(text: &'a str, tree: &'a Tree, outline: &'a Outline) -> Self {
        Self {
            text,
            tree,
            outline,
        }
    }

    /// The lines of a statement and its own comments above.
    fn block(&self, at: usize) -> Range<usize> {
        self.outline.block(self.text, at)
    }

    fn replace(&self, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, Refusal> {
        if self.outline.is_inline(path) {
            let (_, node) = self.tree.find(path).ok_or(Refusal::NO_PLACE)?;
            if !self.is_written(node) {
                return Err(Refusal::Layout("the table is made by dotted keys"));
            }
            return Ok(vec![Splice {
                range: node.span.clone(),
                text: self.restyled(node, value),
            }]);
        }
        // A table under a header, or made by dotted keys: it goes, and its parent gets a new child.
        if path.is_root() {
            return Err(Refusal::Layout("it is the whole document"));
        }
        let (parent, slots) =
            plan::replaced(&self.tree.value, path, value.clone()).ok_or(Refusal::NO_PLACE)?;
        self.reshape(&parent, &slots)
    }

    /// A new value in the old one's place and, for strings, quotes.
    fn restyled(&self, node: &Node, value: &Value) -> String {
        match value {
            Value::String(text) if self.text[node.span.clone()].starts_with('\'') => {
                let literal = !text.contains(|c: char| c == '\'' || c.is_control());
                if literal {
                    format!("'{text}'")
                } else {
                    inline(value)
                }
            }
            _ => inline(value),
        }
    }

    /// False for a table inside an inline one that only dotted keys speak of.
    fn is_written(&self, node: &Node) -> bool {
        node.key.as_ref() != Some(&node.span)
    }

    fn reshape(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let (value, node) = self.tree.find(path).ok_or(Refusal::NO_PLACE)?;
        match value {
            Value::Map(_) | Value::Sequence(_) if self.outline.is_inline(path) => {
                self.list(node, slots)
            }
            Value::Map(_) => self.table(path, slots),
            Value::Sequence(_) => self.elements(path, slots),
            _ => Err(Refusal::NO_CONTAINER),
        }
    }

    /// An array or inline table.
    fn list(&self, node: &Node, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let dotted = |child: &Node| {
            child
                .key
                .as_ref()
                .is_some_and(|key| !self.is_assigned(key.end, child.span.start))
        };
        if !self.is_written(node) || node.children.iter().any(dotted) {
            return Err(Refusal::Layout("the inline table has dotted keys"));
        }
        let is_table = self.text[node.span.start..].starts_with('{');
        let pad = if is_table { " " } else { "" };
        let new = |Arrival {
                       key: name, value, ..
                   }: &Arrival| {
            Item::New(match name {
                Some(name) => format!("{} = {}", key(name), inline(value)),
                None => inline(value),
            })
        };
        let empty = (pad.to_owned(), pad.to_owned());
        let list = List::of(self.text, node, comment_end, empty);
        Ok(list.reshape(node, slots, key, new))
    }

    /// True if only `=` and space stand between a key and its value: the key is not dotted.
    fn is_assigned(&self, key_end: usize, value_start: usize) -> bool {
        self.text
            .get(key_end..value_start)
            .is_some_and(|between| between.trim() == "=")
    }
}

fn comment_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix('#')?;
    let line = rest.split('\n').next().unwrap_or(rest);
    Some(at + 1 + line.trim_end_matches('\r').len())
}

impl Editor for TomlEditor<'_> {
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Refusal> {
        let path = self
            .tree
            .value
            .resolve(op.path())
            .ok_or(Refusal::NO_PLACE)?;
        match op {
            Op::Replace { value, .. } => self.replace(&path, value),
            Op::Reshape { slots, .. } => self.reshape(&path, slots),
        }
    }
}
