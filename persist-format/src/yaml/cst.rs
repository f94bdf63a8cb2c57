//! What a YAML stream looks like on the page: its nodes with every indicator's place.

use std::ops::Range;

use granit_parser::ScalarStyle;

/// A stream of documents, their nodes in one arena in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Cst {
    pub(super) nodes: Vec<Node>,
    pub(super) documents: Vec<Document>,
    /// Every comment from its `#` to the end of its line, in order.
    pub(super) comments: Vec<Range<usize>>,
    /// Every alias and what it stands for.
    pub(super) aliases: Vec<(Id, Id)>,
}

/// A node's place in the arena.
pub(super) type Id = usize;

/// One document of the stream.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Id,
    /// After the `---`, or where the text of the document begins.
    pub(super) start: usize,
    pub(super) explicit_start: bool,
}

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    // Boxed, since few nodes have any.
    pub(super) anchor: Option<Box<Anchor>>,
    pub(super) tag: Option<Box<Tag>>,
    /// First byte, that of the anchor or tag if there is one.
    pub(super) start: usize,
    /// First byte after the anchor and tag: of a block scalar its `|`, of a block collection its first `-`, `?` or key.
    pub(super) content: usize,
    /// One past the last byte, without line break, blank lines or comments after it.
    pub(super) end: usize,
}

#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    /// Whether an alias refers to it.
    pub(super) aliased: bool,
}

/// A tag, its handle resolved.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Scalar { text: String, style: ScalarStyle },
    Alias { target: Id },
    Sequence { flow: bool, items: Vec<Item> },
    Mapping { flow: bool, entries: Vec<Entry> },
}

/// An item of a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// The `-`, in block style.
    pub(super) dash: Option<usize>,
    pub(super) node: Id,
}

/// An entry of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The `?`, where there is one.
    pub(super) question: Option<usize>,
    pub(super) key: Id,
    /// The `:`, where there is one.
    pub(super) colon: Option<usize>,
    pub(super) value: Id,
}

impl Node {
    pub(super) fn is_flow(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Sequence { flow: true, .. } | NodeKind::Mapping { flow: true, .. }
        )
    }

    pub(super) fn is_block_collection(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Sequence { flow: false, .. } | NodeKind::Mapping { flow: false, .. }
        )
    }

    pub(super) fn is_block_scalar(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Scalar {
                style: ScalarStyle::Literal | ScalarStyle::Folded,
                ..
            }
        )
    }

    /// True if nothing is written for the value itself: `a:`.
    pub(super) fn is_absent(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Scalar {
                style: ScalarStyle::Plain,
                ..
            }
        ) && self.content == self.end
    }
}

impl Cst {
    /// The bytes of a document of a stream of `len` bytes, from its `---` up to that of the next one.
    pub(super) fn extent(&self, which: usize, len: usize) -> Range<usize> {
        let begin = |document: &Document| match document.explicit_start {
            true => document.start.saturating_sub("---".len()),
            false => document.start,
        };
        let at = |which: usize| self.documents.get(which).map_or(len, begin);
        let start = if which == 0 { 0 } else { at(which) };
        start..at(which + 1).max(start)
    }

    /// The bytes after tag and anchor of the scalar whose node has this span, and whether it has a tag.
    pub(super) fn scalar_at(&self, span: &Range<usize>) -> Option<(Range<usize>, bool)> {
        let first = self.nodes.partition_point(|node| node.start < span.start);
        let mut here = self.nodes[first..]
            .iter()
            .take_while(|node| node.start == span.start);
        let is_it =
            |node: &&Node| matches!(node.kind, NodeKind::Scalar { .. }) && node.end == span.end;
        let found = here.find(is_it)?;
        Some((found.content..found.end, found.tag.is_some()))
    }

    /// The same of the scalar that begins at a byte, with its tag or anchor.
    pub(super) fn scalar_from(&self, start: usize) -> Option<(Range<usize>, bool)> {
        let first = self.nodes.partition_point(|node| node.start < start);
        let mut here = self.nodes[first..]
            .iter()
            .take_while(|node| node.start == start);
        let found = here.find(|node| matches!(node.kind, NodeKind::Scalar { .. }))?;
        Some((found.content..found.end, found.tag.is_some()))
    }

    /// True for a plain `<<` key: its value's entries are merged into the mapping.
    pub(super) fn is_merge_key(&self, id: Id) -> bool {
        let node = &self.nodes[id];
        let untagged = node
            .tag
            .as_ref()
            .is_none_or(|tag| tag.name == "tag:yaml.org,2002:merge");
        untagged
            && matches!(&node.kind, NodeKind::Scalar { text, style: ScalarStyle::Plain } if text == "<<")
    }
}

impl Entry {
    /// The first byte of the entry: its `?`, or else its key's.
    pub(super) fn start(&self, cst: &Cst) -> usize {
        self.question.unwrap_or(cst.nodes[self.key].start)
    }

    /// One past the last byte of the entry.
    pub(super) fn end(&self, cst: &Cst) -> usize {
        cst.nodes[self.value]
            .end
            .max(cst.nodes[self.key].end)
            .max(self.colon.map_or(0, |colon| colon + 1))
    }
}
