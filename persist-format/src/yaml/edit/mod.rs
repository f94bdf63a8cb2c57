//! Planning splices of YAML text.

mod block;
mod chunks;
mod flow;
mod guard;
mod layout;
mod moved;
mod order;
mod page;
mod parts;
mod replace;
mod surroundings;

use page::Page;

use super::cst::{Cst, Entry, Id, NodeKind};
use super::emit::Layout;
use crate::engine::{Chosen, Editor, Op, Slot, Splice};
use crate::error::Error;
use crate::path::KeyPath;
use crate::plan;
use crate::refusal::{Refusal, Shared};
use crate::tree::{Node, Origin, Tree};
use crate::value::Value;

/// How new text of a stream is laid out.
pub(super) fn layout(text: &str, cst: &Cst) -> Layout {
    layout::layout(&Page::new(text), cst)
}

/// Edits of one document of a stream.
pub(super) struct YamlEditor<'a> {
    page: Page<'a>,
    cst: &'a Cst,
    tree: &'a Tree,
    which: usize,
    /// Whether what aliases repeat elsewhere may be changed.
    shared: bool,
    layout: &'a Layout,
}

impl Editor for YamlEditor<'_> {
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Refusal> {
        let splices = match op {
            Op::Replace { path, value } => self.replace(path, value),
            Op::Reshape { path, slots } => self.reshape(path, slots),
        }?;
        Ok(splices
            .into_iter()
            .filter_map(|splice| trimmed(self.page.text, splice))
            .collect())
    }
}

/// The splice without what the old and new text have in common at either end; `None` if that is all.
fn trimmed(text: &str, splice: Splice) -> Option<Splice> {
    let Splice { range, text: new } = splice;
    let old = text.get(range.clone())?;
    let same = |(a, b): &(char, char)| a == b;
    let before: usize = old
        .chars()
        .zip(new.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let new = new_rest[..new_rest.len() - after].to_owned();
    let range = range.start + before..range.end - after;
    (!range.is_empty() || !new.is_empty()).then_some(Splice { range, text: new })
}

/// A node with what surrounds it.
#[derive(Clone, Copy, Debug)]
struct Spot {
    id: Id,
    parent: Parent,
}

/// What a node is within.
#[derive(Clone, Copy, Debug)]
enum Parent {
    Document,
    Block(Indicator),
    Flow(Option<Entry>),
}

/// Where the value's place begins in block style.
#[derive(Clone, Copy, Debug)]
enum Indicator {
    /// After the `-`, which stands at `column`.
    Dash { dash: usize, column: usize },
    /// After the `:` of an entry that begins at `column`.
    Entry { entry: Entry, column: usize },
}

impl<'a> YamlEditor<'a> {
    pub(super) fn new(
        text: &'a str,
        cst: &'a Cst,
        layout: &'a Layout,
        document: Chosen<'a>,
        shared: bool,
    ) -> Self {
        Self {
            page: Page::new(text),
            cst,
            tree: document.tree,
            which: document.which,
            shared,
            layout,
        }
    }

    /// The node at the path, with its place in the tree; a refusal where its text is another place's.
    fn find(&self, path: &KeyPath) -> Result<(Spot, &'a Value, &'a Node), Refusal> {
        let document = self
            .cst
            .documents
            .get(self.which)
            .ok_or(Refusal::Missing("the document is empty"))?;
        let mut spot = Spot {
            id: document.root,
            parent: Parent::Document,
        };
        let (mut value, mut node) = (&self.tree.value, &self.tree.node);
        self.guard(spot.id)?;
        for segment in path.segments() {
            let nowhere = || Refusal::NO_PLACE;
            let index = segment.find_in(value).ok_or_else(nowhere)?;
            spot = self.child(spot, node, index)?;
            self.guard(spot.id)?;
            value = value.child_at(index).ok_or_else(nowhere)?;
            node = node.children.get(index).ok_or_else(nowhere)?;
        }
        Ok((spot, value, node))
    }

    /// The node of the child at an index of the value, which counts merged entries too.
    fn child(&self, spot: Spot, node: &Node, index: usize) -> Result<Spot, Refusal> {
        let in_flow = self.is_in_flow(spot);
        match &self.cst.nodes[spot.id].kind {
            NodeKind::Alias { .. } => Err(Shared::Alias.into()),
            NodeKind::Sequence { items, .. } => {
                let item = items
                    .get(index)
                    .ok_or(Refusal::Missing("there is no such item"))?;
                let parent = match item.dash {
                    Some(dash) if !in_flow => Parent::Block(Indicator::Dash {
                        dash,
                        column: self.page.column(dash),
                    }),
                    _ => Parent::Flow(None),
                };
                Ok(Spot {
                    id: item.node,
                    parent,
                })
            }
            NodeKind::Mapping { .. } => {
                let entry = self
                    .own_entry(spot.id, node, index)
                    .ok_or(Shared::Merged("it"))?;
                let column = self.page.column(entry.start(self.cst));
                let parent = if in_flow {
                    Parent::Flow(Some(entry))
                } else {
                    Parent::Block(Indicator::Entry { entry, column })
                };
                Ok(Spot {
                    id: entry.value,
                    parent,
                })
            }
            NodeKind::Scalar { .. } => Err(Refusal::NO_PLACE),
        }
    }

    /// True if the children of the node are in flow style.
    fn is_in_flow(&self, spot: Spot) -> bool {
        matches!(spot.parent, Parent::Flow(_)) || self.cst.nodes[spot.id].is_flow()
    }

    /// The entry that the child at an index is written by; `None` for merged ones.
    fn own_entry(&self, mapping: Id, node: &Node, index: usize) -> Option<Entry> {
        let child = node.children.get(index)?;
        let NodeKind::Mapping { entries, .. } = &self.cst.nodes[mapping].kind else {
            return None;
        };
        if child.origin == Origin::Merged {
            return None;
        }
        let key = child.key.as_ref().map(|key| key.start);
        let same = |entry: &&Entry| Some(self.cst.nodes[entry.key].start) == key;
        // Without merge keys before it, the entry is at the child's own index.
        let at_index = entries.get(index).filter(same);
        at_index.or_else(|| entries.iter().find(same)).copied()
    }

    /// Children are told from entries by their order, which a key that stands twice upsets.
    fn guard_twins(&self, mapping: Id, node: &Node) -> Result<(), Refusal> {
        let NodeKind::Mapping { entries, .. } = &self.cst.nodes[mapping].kind else {
            return Ok(());
        };
        let own = |child: &&Node| child.origin != Origin::Merged;
        let written = |entry: &&Entry| !self.cst.is_merge_key(entry.key);
        if node.children.iter().filter(own).count() == entries.iter().filter(written).count() {
            Ok(())
        } else {
            Err(Refusal::Layout("the mapping has a duplicate key"))
        }
    }

    /// Makes the children of a container these.
    fn reshape(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let (spot, value, node) = self.find(path)?;
        let reshaped =
            plan::reshaped(value, slots).ok_or(Refusal::Missing("there are no such children"))?;
        self.guard_twins(spot.id, node)?;
        let container = &self.cst.nodes[spot.id];
        match &container.kind {
            NodeKind::Alias { .. } => Err(Shared::Alias.into()),
            NodeKind::Scalar { .. } => Err(Refusal::NO_CONTAINER),
            _ if container.is_flow() => self.reshape_flow(spot, node, slots, &reshaped),
            _ => self.reshape_block(spot, value, node, slots),
        }
    }
}

const NO_CHILDREN: Refusal = Refusal::Missing("it has no children");

/// YAML can't say the value.
fn unsayable(error: &Error) -> Refusal {
    Refusal::Unsayable(error.message().to_owned())
}
