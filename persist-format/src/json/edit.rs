//! Planning splices of JSON text.

use super::Dialect;
use super::emit::{Layout, key_text, write};
use super::read::comment_end;
use crate::engine::{Editor, Op, Slot, Splice, Unfit};
use crate::list::{Comments, Item, List};
use crate::path::KeyPath;
use crate::tree::{Node, Tree};
use crate::value::Value;

pub(crate) struct Edit<'a> {
    text: &'a str,
    dialect: Dialect,
    tree: &'a Tree,
    unit: String,
}

impl<'a> Edit<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect, tree: &'a Tree) -> Self {
        Self {
            text,
            dialect,
            tree,
            unit: indent_unit(text, &tree.node),
        }
    }

    /// The white space at the beginning of the line that holds the offset.
    fn indent_at(&self, offset: usize) -> &'a str {
        let line = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.text[line..offset];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
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

    fn render(&self, key: Option<&Value>, value: &Value, indent: &str, spaced: bool) -> String {
        let mut out = String::new();
        if let Some(key) = key {
            out.push_str(&key_text(key));
            out.push_str(if spaced { ": " } else { ":" });
        }
        write(value, &self.layout(indent), &mut out);
        out
    }

    fn replace(&self, node: &Node, old: &Value, new: &Value) -> Splice {
        let indent = self.indent_at(node.span.start);
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
        let outer = self.indent_at(node.span.start);
        let inner = match node.children.first() {
            Some(first) => self.indent_at(start_of(first)).to_owned(),
            None => format!("{outer}{}", self.unit),
        };
        let lines = matches!(self.layout(outer), Layout::Lines { .. });
        let empty = if lines {
            (format!("\n{inner}"), format!("\n{outer}"))
        } else {
            (String::new(), String::new())
        };
        // A list on one line gets what is new on that line too.
        let flat = !node.children.is_empty() && !self.text[node.span.clone()].contains('\n');
        let spaced = node.children.iter().all(|child| self.is_spaced(child));
        let list = self.list(node, empty);
        let new = |key: Option<&Value>, value: &Value| {
            if !flat {
                return self.render(key, value, &inner, spaced);
            }
            let mut text = key
                .map(|key| key_text(key) + if spaced { ": " } else { ":" })
                .unwrap_or_default();
            write(value, &Layout::Line, &mut text);
            text
        };
        let item = |slot: &Slot| match slot {
            Slot::Keep(index) => Item::Keep(*index),
            Slot::Rename(index, key) => match node
                .children
                .get(*index)
                .and_then(|child| child.key.clone())
            {
                Some(span) => Item::Edited(*index, span, key_text(key)),
                None => Item::Keep(*index),
            },
            Slot::New(key, value) => Item::New(new(key.as_ref(), value)),
            Slot::Moved(key, from, value) => match self.tree.find(from) {
                Some((_, node)) => {
                    let text = self.carried(key.as_ref(), node, &inner, spaced);
                    let has_room = lines && !flat;
                    Item::Moved(
                        text,
                        self.comments(from).filter(|_| has_room).unwrap_or_default(),
                    )
                }
                None => Item::New(new(key.as_ref(), value)),
            },
        };
        list.layout(&slots.iter().map(item).collect::<Vec<_>>())
    }

    fn list(&self, node: &Node, empty: (String, String)) -> List<'a> {
        List {
            text: self.text,
            open: node.span.start + 1,
            close: node.span.end - 1,
            items: node
                .children
                .iter()
                .map(|child| start_of(child)..child.span.end)
                .collect(),
            comment_end: if self.dialect == Dialect::Strict {
                |_, _| None
            } else {
                comment_end
            },
            empty,
        }
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
        let old = self.indent_at(node.span.start);
        let mut out = key
            .map(|key| key_text(key) + if spaced { ": " } else { ":" })
            .unwrap_or_default();
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

fn start_of(child: &Node) -> usize {
    child.key.as_ref().map_or(child.span.start, |key| key.start)
}

/// What one more level of nesting adds: taken from the first child on a line of its own; two spaces if there is none.
fn indent_unit(text: &str, root: &Node) -> String {
    let first = root.children.first().map(start_of);
    let lead = first.and_then(|at| text[..at].rfind('\n').map(|newline| &text[newline + 1..at]));
    match lead {
        Some(lead) if !lead.is_empty() && lead.trim_matches([' ', '\t']).is_empty() => {
            lead.to_owned()
        }
        _ => "  ".to_owned(),
    }
}

impl Editor for Edit<'_> {
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Unfit> {
        let (old, node) = self
            .tree
            .find(op.path())
            .ok_or_else(|| Unfit::new("there is no such place"))?;
        match op {
            Op::Replace { value, .. } => Ok(vec![self.replace(node, old, value)]),
            Op::Reshape { slots, .. } if old.is_container() => Ok(self.reshape(node, slots)),
            Op::Reshape { .. } => Err(Unfit::new("it is no container")),
        }
    }
}
