//! Planning splices of TOML text.

mod element;
mod lines;
mod table;

use std::collections::HashMap;
use std::ops::Range;

use super::emit::{inline, key};
use super::scan::{Kind, Statement, outline};
use crate::engine::{Editor, Op, Slot, Splice, Unfit};
use crate::list::{Item, List};
use crate::path::KeyPath;
use crate::tree::{Node, Tree};
use crate::value::Value;

pub(crate) struct Edit<'a> {
    text: &'a str,
    tree: &'a Tree,
    statements: Vec<Line>,
    /// The statements that are entries, by the path they set.
    entries: HashMap<KeyPath, usize>,
    /// The explicit headers, by the table they open.
    headers: HashMap<KeyPath, usize>,
}

/// A statement and where in the tree it is.
struct Line {
    statement: Statement,
    /// The table or value it speaks of, array indexes included.
    path: KeyPath,
    /// For each of its own keys, the length of the path up to and including it.
    depths: Vec<usize>,
    /// The whole lines it takes.
    lines: Range<usize>,
}

impl<'a> Edit<'a> {
    pub(crate) fn new(text: &'a str, tree: &'a Tree) -> Self {
        let mut edit = Self {
            text,
            tree,
            statements: Vec::new(),
            entries: HashMap::new(),
            headers: HashMap::new(),
        };
        edit.resolve(outline(text));
        edit
    }

    /// Finds for each statement the place in the tree that it speaks of.
    fn resolve(&mut self, scanned: Vec<Statement>) {
        let mut elements: HashMap<KeyPath, usize> = HashMap::new();
        let mut table = KeyPath::root();
        for statement in scanned {
            let is_entry = matches!(statement.kind, Kind::Entry(_));
            let mut path = if is_entry {
                table.clone()
            } else {
                KeyPath::root()
            };
            let mut depths = Vec::with_capacity(statement.keys.len());
            for (at, part) in statement.keys.iter().enumerate() {
                path.push(part.name.as_str());
                depths.push(path.segments().len());
                let opens =
                    matches!(statement.kind, Kind::Element) && at + 1 == statement.keys.len();
                if opens {
                    let count = elements.entry(path.clone()).or_insert(0);
                    *count += 1;
                }
                if !is_entry && let Some(count) = elements.get(&path) {
                    path.push(count - 1);
                }
            }
            let lines = lines::start(self.text, statement.span.start)
                ..lines::end(self.text, statement.span.end);
            let known = if is_entry {
                &mut self.entries
            } else {
                &mut self.headers
            };
            known.insert(path.clone(), self.statements.len());
            if !is_entry {
                table = path.clone();
            }
            self.statements.push(Line {
                statement,
                path,
                depths,
                lines,
            });
        }
    }

    /// True if the value at the path is written within one entry's value.
    fn is_inline(&self, path: &KeyPath) -> bool {
        let mut prefix = path.clone();
        loop {
            if self.entries.contains_key(&prefix) {
                return true;
            }
            if prefix.pop().is_none() {
                return false;
            }
        }
    }

    /// The statements that speak of the path or of something below it.
    fn under<'s>(&'s self, path: &'s KeyPath) -> impl DoubleEndedIterator<Item = usize> + 's {
        (0..self.statements.len()).filter(move |&at| self.statements[at].path.starts_with(path))
    }

    /// The lines of a statement and its own comments above.
    fn block(&self, at: usize) -> Range<usize> {
        let floor = at
            .checked_sub(1)
            .map_or(0, |before| self.statements[before].lines.end);
        let lines = &self.statements[at].lines;
        if at == 0 && !matches!(self.statements[at].statement.kind, Kind::Entry(_)) {
            // What stands above the first header is the file's comment, as in a lock file.
            return lines.clone();
        }
        lines::own_start(self.text, lines.start, floor)..lines.end
    }

    fn replace(&self, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, Unfit> {
        if self.is_inline(path) {
            let (_, node) = self.tree.find(path).ok_or_else(no_place)?;
            if !self.is_written(node) {
                return Err(Unfit::new("the table is made by dotted keys"));
            }
            return Ok(vec![Splice {
                range: node.span.clone(),
                text: self.restyled(node, value),
            }]);
        }
        // A table under a header, or made by dotted keys: it goes, and its parent gets a new child.
        let (parent, _) = path
            .split_last()
            .ok_or_else(|| Unfit::new("it is the whole document"))?;
        let container = self.tree.value.get(&parent).ok_or_else(no_place)?;
        let index = path
            .segments()
            .last()
            .and_then(|last| last.find_in(container))
            .ok_or_else(no_place)?;
        let name = container
            .as_map()
            .and_then(|map| map.entry_at(index))
            .map(|(name, _)| name.clone());
        let mut slots = crate::plan::keep_all(container);
        slots[index] = Slot::New(name, value.clone());
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

    fn reshape(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Unfit> {
        let (value, node) = self.tree.find(path).ok_or_else(no_place)?;
        match value {
            Value::Map(_) | Value::Sequence(_) if self.is_inline(path) => self.list(node, slots),
            Value::Map(_) => self.table(path, slots),
            Value::Sequence(_) => self.elements(path, slots),
            _ => Err(Unfit::new("it is no container")),
        }
    }

    /// An array or inline table.
    fn list(&self, node: &Node, slots: &[Slot]) -> Result<Vec<Splice>, Unfit> {
        let dotted = |child: &Node| {
            child
                .key
                .as_ref()
                .is_some_and(|key| !self.is_assigned(key.end, child.span.start))
        };
        if !self.is_written(node) || node.children.iter().any(dotted) {
            return Err(Unfit::new("the inline table has dotted keys"));
        }
        let is_table = self.text[node.span.start..].starts_with('{');
        let pad = if is_table { " " } else { "" };
        let start = |child: &Node| child.key.as_ref().map_or(child.span.start, |key| key.start);
        let list = List {
            text: self.text,
            open: node.span.start + 1,
            close: node.span.end - 1,
            items: node
                .children
                .iter()
                .map(|child| start(child)..child.span.end)
                .collect(),
            comment_end,
            empty: (pad.to_owned(), pad.to_owned()),
        };
        let new = |name: &Option<Value>, value: &Value| match name {
            Some(name) => format!("{} = {}", key(name), inline(value)),
            None => inline(value),
        };
        let item = |slot: &Slot| match slot {
            Slot::Keep(index) => Item::Keep(*index),
            Slot::Rename(index, name) => match node
                .children
                .get(*index)
                .and_then(|child| child.key.clone())
            {
                Some(span) => Item::Edited(*index, span, key(name)),
                None => Item::Keep(*index),
            },
            Slot::New(name, value) | Slot::Moved(name, _, value) => Item::New(new(name, value)),
        };
        Ok(list.layout(&slots.iter().map(item).collect::<Vec<_>>()))
    }

    /// True if only `=` and space stand between a key and its value: the key is not dotted.
    fn is_assigned(&self, key_end: usize, value_start: usize) -> bool {
        self.text
            .get(key_end..value_start)
            .is_some_and(|between| between.trim() == "=")
    }
}

fn no_place() -> Unfit {
    Unfit::new("there is no such place")
}

fn comment_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix('#')?;
    let line = rest.split('\n').next().unwrap_or(rest);
    Some(at + 1 + line.trim_end_matches('\r').len())
}

impl Editor for Edit<'_> {
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Unfit> {
        let path = self.tree.value.resolve(op.path()).ok_or_else(no_place)?;
        match op {
            Op::Replace { value, .. } => self.replace(&path, value),
            Op::Reshape { slots, .. } => self.reshape(&path, slots),
        }
    }
}
