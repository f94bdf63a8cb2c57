//! The spanned tree: every value of a document and where in the text it stands.

use std::ops::Range;

use crate::path::KeyPath;
use crate::value::Value;

/// A document's value and, in the same shape, where its parts stand in the text.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) value: Value,
    pub(crate) node: Node,
}

/// Where one value stands. `children` has one node for each item or entry of the value, in the value's order; a
/// [`Value::Tagged`] has no node of its own: its node is that of the value under the tag, with the tag within `span`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The value's own bytes, without comments around it. Of a TOML table with a header: the header line's name.
    /// Empty, at the place where it would stand, for a value that is not written (YAML `a:`).
    pub(crate) span: Range<usize>,
    /// The bytes of its key, with quotes, if it is an entry of a map.
    pub(crate) key: Option<Range<usize>>,
    pub(crate) children: Vec<Node>,
    pub(crate) origin: Origin,
}

/// Whether the text of a value is its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The value is written here and only here.
    #[default]
    Own,
    /// The value is written here and anchored, and at least one alias repeats it elsewhere.
    Anchored,
    /// The value stands elsewhere; `span` is the alias, children lie in the anchored text.
    Alias {
        /// The first byte of the anchored node.
        of: usize,
    },
    /// The entry comes in by a merge key; its spans lie in the merged mapping's text.
    Merged,
}

impl Node {
    pub(crate) fn new(span: Range<usize>) -> Self {
        Self {
            span,
            ..Self::default()
        }
    }
}

impl Node {
    /// Where it begins, with its key.
    pub(crate) fn start(&self) -> usize {
        let key = self.key.as_ref().map_or(self.span.start, |key| key.start);
        key.min(self.span.start)
    }

    /// From the first byte of it and all below it to the last: of a TOML table, all its lines.
    pub(crate) fn extent(&self) -> Range<usize> {
        self.children
            .iter()
            .map(Self::extent)
            .fold(self.span.clone(), |a, b| {
                a.start.min(b.start)..a.end.max(b.end)
            })
    }
}

impl Tree {
    pub(crate) fn find(&self, path: &KeyPath) -> Option<(&Value, &Node)> {
        path.segments()
            .iter()
            .try_fold((&self.value, &self.node), |(value, node), segment| {
                let index = segment.find_in(value)?;
                Some((value.child_at(index)?, node.children.get(index)?))
            })
    }
}
