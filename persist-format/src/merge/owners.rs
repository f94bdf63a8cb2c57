//! What comments and blank lines belong to, by where they stand in their own text.
//!
//! A comment at the end of a line belongs to what is on the line, one above something to that. One closes what comes before it (and stays with it when
//! something else comes next) if nothing follows it in its map or list, if it is indented deeper than what follows, or if it stands directly below something
//! and a blank line follows. One at the very top that a blank line follows is of the whole text.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::document::Document;
use crate::format::Format;
use crate::path::{KeyPath, Segment};
use crate::tree::{Node, Origin};
use crate::value::Value;

/// An entry or an item.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub(super) path: KeyPath,
    /// The byte after all of it.
    pub(super) end: usize,
    /// Whether it is a TOML table or element under a header.
    pub(super) is_header: bool,
    start: usize,
    parent: Option<usize>,
}

impl Begun {
    /// The byte where it begins.
    pub(super) fn start(&self) -> usize {
        self.start
    }
}

/// What a piece is a part of.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    /// An entry or an item that begins here.
    Itself(Begun),
    /// The whole text.
    Text,
    /// What comes before it on its line.
    Line,
    /// The map or list at this path, or the value, whose end it stands at.
    EndOf(KeyPath),
    /// What comes next.
    Next,
}

/// All entries and items of a text, in the order in which they begin, outer ones first.
pub(super) struct Nodes<'t> {
    text: &'t str,
    format: Format,
    all: Vec<Begun>,
    /// Of those that begin at a byte the innermost entry, or else the outermost item.
    at: BTreeMap<usize, usize>,
    item_ends: HashSet<usize>,
}

impl<'t> Nodes<'t> {
    pub(super) fn of(document: &'t Document) -> Self {
        let mut nodes = Self {
            text: document.text(),
            format: document.format(),
            all: Vec::new(),
            at: BTreeMap::new(),
            item_ends: HashSet::new(),
        };
        let tree = document.tree();
        nodes.collect(&tree.value, &tree.node, &KeyPath::root(), None);
        let mut order: Vec<usize> = (0..nodes.all.len()).collect();
        order.sort_by_key(|&at| nodes.all[at].start);
        let mut place = vec![0; order.len()];
        for (now, &was) in order.iter().enumerate() {
            place[was] = now;
        }
        let mut sorted: Vec<Begun> = order.iter().map(|&at| nodes.all[at].clone()).collect();
        for (now, begun) in sorted.iter_mut().enumerate() {
            begun.parent = begun.parent.map(|parent| place[parent]);
            let is_entry = matches!(begun.path.segments().last(), Some(Segment::Key(_)));
            if !is_entry {
                nodes.item_ends.insert(begun.end);
            }
            if is_entry || !nodes.at.contains_key(&begun.start) {
                nodes.at.insert(begun.start, now);
            }
        }
        nodes.all = sorted;
        nodes
    }

    /// The last byte of all below.
    fn collect(
        &mut self,
        value: &Value,
        node: &Node,
        path: &KeyPath,
        parent: Option<usize>,
    ) -> usize {
        let mut end = node
            .span
            .end
            .max(node.key.as_ref().map_or(0, |key| key.end));
        if matches!(node.origin, Origin::Alias { .. }) {
            return end;
        }
        let value = value.untagged();
        let is_block = self.format == Format::Yaml
            && matches!(value, Value::Sequence(_))
            && !self.text[node.span.start..].starts_with('[');
        for (index, child) in node.children.iter().enumerate() {
            let below = match value {
                Value::Map(map) => map.entry_at(index).map(|(key, value)| {
                    (path.child(&key.as_key_text().unwrap_or_default()), value)
                }),
                _ => value.child_at(index).map(|value| (path.item(index), value)),
            };
            let Some((path, value)) = below.filter(|_| child.origin != Origin::Merged) else {
                continue;
            };
            let mut start = child.start();
            if is_block {
                let before = self.text[..start].trim_end();
                start = before.strip_suffix('-').map_or(start, str::len);
            }
            let is_table = child.key.is_some() || matches!(value.untagged(), Value::Map(_));
            let is_header =
                self.format == Format::Toml && is_table && self.text[start..].starts_with('[');
            let at = self.all.len();
            self.all.push(Begun {
                path: path.clone(),
                end: 0,
                is_header,
                start,
                parent,
            });
            let last = self.collect(value, child, &path, Some(at));
            self.all[at].end = last;
            end = end.max(last);
        }
        end
    }

    /// What begins at this byte.
    pub(super) fn beginning(&self, at: usize) -> Option<&Begun> {
        self.at.get(&at).map(|&node| &self.all[node])
    }

    /// Whether an item ends at this byte.
    pub(super) fn is_end_of_item(&self, at: usize) -> bool {
        self.item_ends.contains(&at)
    }

    fn column(&self, at: usize) -> usize {
        at - self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// The map, list or value that a comment at this byte stands at the end of, `next` being where the next thing begins; `None` if it is not at
    /// the end of any.
    fn ended(&self, at: usize, next: Option<usize>, is_apart: bool) -> Option<KeyPath> {
        let last = self
            .all
            .partition_point(|begun| begun.start < at)
            .checked_sub(1);
        let up = |node: &usize| self.all[*node].parent;
        let chain: Vec<usize> = std::iter::successors(last, up).collect();
        let open = chain.iter().position(|&node| self.all[node].end > at);
        let (closed, open) = chain.split_at(open.unwrap_or(chain.len()));
        let root = KeyPath::root();
        let around = open.first().map_or(&root, |&node| &self.all[node].path);
        let is_last = next.is_none_or(|next| self.text[next..].starts_with([']', '}']));
        let (column, is_yaml) = (self.column(at), self.format == Format::Yaml);
        let is_deeper = is_yaml && next.is_some_and(|next| column > self.column(next));
        let Some(&innermost) = closed.first() else {
            return is_last.then(|| around.clone());
        };
        if !(is_last || is_deeper || is_apart) {
            return None;
        }
        let parent = |node: usize| self.all[node].path.parent().unwrap_or_default();
        Some(match self.format {
            Format::Toml if next.is_some_and(|next| self.text[next..].starts_with(']')) => {
                around.clone()
            }
            Format::Toml => {
                let table = closed.iter().find(|node| self.all[**node].is_header);
                table.map_or(around, |&table| &self.all[table].path).clone()
            }
            Format::Yaml => {
                let mut deeper = closed.iter().rev();
                let outermost = deeper.find(|node| self.column(self.all[**node].start) >= column);
                outermost.map_or_else(|| self.all[innermost].path.clone(), |&node| parent(node))
            }
            Format::Json | Format::Jsonc => around.clone(),
        })
    }

    /// Whose each of these comments is, by the byte where it begins.
    pub(super) fn owners(&self, comments: &[Range<usize>]) -> HashMap<usize, Owner> {
        let blocks = self.blocks(comments);
        let (mut owners, mut next) = (HashMap::new(), None);
        let (mut after, mut is_apart) = (self.text.len(), false);
        // From the last one on: what comes after a comment is known then.
        for (comment, block) in comments.iter().zip(blocks).rev() {
            let between = &self.text[comment.end..after];
            let written = between.trim_start();
            let gap = &between[..between.len() - written.len()];
            if !written.is_empty() {
                next = Some(after - written.len());
            }
            let lines = gap.matches('\n').count();
            if lines > 1 || !written.is_empty() {
                is_apart = lines > 1;
            }
            let closes = |next: usize| self.text[next..].starts_with([',', ']', '}']);
            let owner = match block {
                None if lines > 0 || next.is_none_or(closes) => Owner::Line,
                Some(_) if lines > 0 || next.is_none() => self.of_line(
                    comment.start,
                    next,
                    is_apart,
                    block == Some(Below::Something),
                ),
                _ => Owner::Next,
            };
            owners.insert(comment.start, owner);
            after = comment.start;
        }
        owners
    }

    /// What the lines stand below that each comment is one of; `None` if it stands on the line of something else.
    fn blocks(&self, comments: &[Range<usize>]) -> Vec<Option<Below>> {
        let (mut blocks, mut before, mut last) = (Vec::new(), 0, Some(Below::Nothing));
        for comment in comments {
            let gap = &self.text[before..comment.start];
            let space = &gap[gap.trim_end().len()..];
            let is_after_text = space.len() < gap.len();
            let is_after_comment = !is_after_text && before > 0;
            last = match space.matches('\n').count() {
                0 if is_after_text => None,
                1 if is_after_text => Some(Below::Something),
                0 if is_after_comment => last,
                1 if is_after_comment => Some(last.unwrap_or(Below::Something)),
                _ => Some(Below::Nothing),
            };
            blocks.push(last);
            before = comment.end;
        }
        blocks
    }

    fn of_line(&self, at: usize, next: Option<usize>, is_apart: bool, is_below: bool) -> Owner {
        let is_first = self.all.first().is_none_or(|first| at < first.start);
        if is_first && is_apart && next.is_some() {
            return Owner::Text;
        }
        match self.ended(at, next, is_apart && is_below) {
            Some(path) => Owner::EndOf(path),
            None => Owner::Next,
        }
    }
}

/// What a block of comments stands directly below.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    /// A blank line, or the start of the text.
    Nothing,
    Something,
}
