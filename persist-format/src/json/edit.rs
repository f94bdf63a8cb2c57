//! Planning splices of JSON text.

use super::dialect::Dialect;
use super::emit::{Layout, key_text, write};
use super::read::comment_end;
use crate::engine::{Arrival, Editor, Op, Slot, Splice};
use crate::lines;
use crate::list::{Comments, Item, List};
use crate::path::KeyPath;
use crate::refusal::Refusal;
use crate::tree::{Node, Tree};
use crate::value::Value;

pub(crate) struct JsonEditor<'a> {
    text: &'a str,
    dialect: Dialect,
    tree: &'a Tree,
    unit: String,
}

impl<'a> JsonEditor<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect, tree: &'a Tree) -> Self {
        Self {
            text,
            dialect,
            tree,
            unit: indent_unit(text, &tree.node),
        }
    }

    /// How a new value is laid out that begins on a line with this indentation: over lines if the document is.
    fn layout(&self, indent: &str) -> Layout {
        if self.text.trim_end().contains('\n') || self.text.trim().len() <= 2 {
            Layout::Lines {
                indent: indent.to_owned(),
                unit: self.unit.clone(),
            }
        } else {
            Layout::Line
        }
    }

    fn replace(&self, node: &Node, old: &Value, new: &Value) -> Splice {
        let indent = lines::indent(self.text, node.span.start);
        let on_one_line = old.is_container()
            && !self.text[node.span.clone()].contains('\n')
            && node.children.len() > 1;
        let mut text = String::new();
        write(
            new,
            &if on_one_line {
                Layout::Line
            } else {
                self.layout(indent)
            },
            &mut text,
        );
        Splice {
            range: node.span.clone(),
            text,
        }
    }

    fn reshape(&self, node: &Node, slots: &[Slot]) -> Vec<Splice> {
        let outer = lines::indent(self.text, node.span.start);
        let inner = match node.children.first() {
            Some(first) => lines::indent(self.text, first.start()).to_owned(),
            None => format!("{outer}{}", self.unit),
        };
        let over_lines = matches!(self.layout(outer), Layout::Lines { .. });
        let empty = if over_lines {
            (format!("\n{inner}"), format!("\n{outer}"))
        } else {
            (String::new(), String::new())
        };
        // A list on one line gets what is new on that line too.
        let flat = !node.children.is_empty() && !self.text[node.span.clone()].contains('\n');
        let spaced = node.children.iter().all(|child| self.is_spaced(child));
        let new = |arrival: &Arrival| {
            let key = arrival.key.as_ref();
            if let Some(from) = &arrival.from
                && let Some((_, node)) = self.tree.find(from)
            {
                let text = self.carried(key, node, &inner, spaced);
                let has_room = over_lines && !flat;
                let comments = self.comments(from).filter(|_| has_room);
                return Item::Moved(text, comments.unwrap_or_default());
            }
            let layout = match flat {
                true => Layout::Line,
                false => self.layout(&inner),
            };
            let mut text = key_and_colon(key, spaced);
            write(&arrival.value, &layout, &mut text);
            Item::New(text)
        };
        let list = self.list(node, empty);
        list.reshape(node, slots, key_text, new)
    }

    fn list(&self, node: &Node, empty: (String, String)) -> List<'a> {
        let comment_end = match self.dialect {
            Dialect::Strict => |_: &str, _| None,
            Dialect::Comments => comment_end,
        };
        List::of(self.text, node, comment_end, empty)
    }

    /// The comments of the child at a path.
    fn comments(&self, path: &KeyPath) -> Option<Comments> {
        let (parent, last) = path.split_last()?;
        let (value, node) = self.tree.find(&parent)?;
        let index = last.find_in(value)?;
        Some(self.list(node, Default::default()).comments(index))
    }

    /// The text of a value at another indentation, under another key.
    fn carried(&self, key: Option<&Value>, node: &Node, indent: &str, spaced: bool) -> String {
        let old = lines::indent(self.text, node.span.start);
        let mut out = key_and_colon(key, spaced);
        for (at, line) in self.text[node.span.clone()].split('\n').enumerate() {
            if at > 0 {
                out.push('\n');
                out.push_str(indent);
            }
            out.push_str(if at > 0 {
                line.strip_prefix(old).unwrap_or(line.trim_start())
            } else {
                line
            });
        }
        out
    }

    fn is_spaced(&self, child: &Node) -> bool {
        child.key.as_ref().is_none_or(|key| {
            let between = &self.text[key.end..child.span.start];
            !between.ends_with(':')
        })
    }
}

fn key_and_colon(key: Option<&Value>, spaced: bool) -> String {
    let colon = if spaced { ": " } else { ":" };
    key.map(|key| key_text(key) + colon).unwrap_or_default()
}

/// What one more level of nesting adds: taken from the first child on a line of its own; two spaces if there is none.
fn indent_unit(text: &str, root: &Node) -> String {
    let first = root.children.first().map(Node::start);
    let lead = first.and_then(|at| text[..at].rfind('\n').map(|newline| &text[newline + 1..at]));
    match lead {
        Some(lead) if !lead.is_empty() && lead.trim_matches([' ', '\t']).is_empty() => {
            lead.to_owned()
        }
        _ => "  ".to_owned(),
    }
}

impl Editor for JsonEditor<'_> {
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Refusal> {
        let (old, node) = self.tree.find(op.path()).ok_or(Refusal::NO_PLACE)?;
        match op {
            Op::Replace { value, .. } => Ok(vec![self.replace(node, old, value)]),
            Op::Reshape { slots, .. } if old.is_container() => Ok(self.reshape(node, slots)),
            Op::Reshape { .. } => Err(Refusal::NO_CONTAINER),
        }
    }
}
