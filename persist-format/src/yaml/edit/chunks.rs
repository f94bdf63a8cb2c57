//! Cutting a block collection into the lines of each child.

use std::ops::Range;

use super::YamlEditor;
use crate::refusal::Refusal;
use crate::tree::{Node, Origin};
use crate::yaml::cst::{Id, NodeKind};

/// One child as it is written.
pub(super) struct Chunk {
    /// Its index in the value; `None` for a merge key, which is no child there.
    pub(super) index: Option<usize>,
    /// Its lines, from its own comments above to its last line break.
    pub(super) lines: Range<usize>,
    /// Where it begins itself.
    pub(super) start: usize,
    pub(super) key: Option<Id>,
}

impl YamlEditor<'_> {
    /// The children as they are written.
    pub(super) fn chunks(&self, id: Id, node: &Node) -> Result<Vec<Chunk>, Refusal> {
        let cst = self.cst;
        let own = node
            .children
            .iter()
            .enumerate()
            .filter(|(_, child)| child.origin != Origin::Merged)
            .map(|(index, _)| index);
        let mut own = own.into_iter();
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut push = |index: Option<usize>, key: Option<Id>, start: usize, end: usize| {
            let after = chunks.last().map(|chunk| chunk.lines.end);
            let lines = self.chunk_lines(start, end, after);
            if after.is_some_and(|after| lines.start < after) {
                return Err(Refusal::Layout("two children are on one line"));
            }
            chunks.push(Chunk {
                index,
                lines,
                start,
                key,
            });
            Ok(())
        };
        match &cst.nodes[id].kind {
            NodeKind::Sequence { items, .. } => {
                for item in items {
                    let dash = item.dash.ok_or(Refusal::Layout("an item has no dash"))?;
                    push(
                        own.next(),
                        None,
                        dash,
                        cst.nodes[item.node].end.max(dash + 1),
                    )?;
                }
            }
            NodeKind::Mapping { entries, .. } => {
                for entry in entries {
                    let index = if cst.is_merge_key(entry.key) {
                        None
                    } else {
                        own.next()
                    };
                    push(index, Some(entry.key), entry.start(cst), entry.end(cst))?;
                }
            }
            _ => {}
        }
        Ok(chunks)
    }

    /// The lines of a child that stands at these places: with its comments just above, unless it is the first of the whole text, whose comments
    /// may be the file's own, or stands after a dash.
    fn chunk_lines(&self, start: usize, end: usize, after: Option<usize>) -> Range<usize> {
        let next = self.page.next_line(end);
        if !self.page.begins_line(start) {
            return start..next;
        }
        let column = self.page.column(start);
        let mut first = self.page.line_start(start);
        while let Some(above) = self.page.previous_line(first) {
            let is_own = self.page.comment_column(above) == Some(column)
                && after.is_none_or(|after| above >= after)
                && self.is_comment(above);
            if !is_own {
                break;
            }
            first = above;
        }
        let is_file_header = after.is_none() && first == 0;
        if is_file_header {
            self.page.line_start(start)..next
        } else {
            first..next
        }
    }

    /// True if the line is a comment, not a line of a block scalar that looks like one.
    fn is_comment(&self, line: usize) -> bool {
        self.has_comment(&(line..self.page.line_end(line)))
    }

    /// True if a comment begins there.
    pub(super) fn has_comment(&self, range: &Range<usize>) -> bool {
        let at = self
            .cst
            .comments
            .partition_point(|comment| comment.start < range.start);
        self.cst
            .comments
            .get(at)
            .is_some_and(|comment| comment.start < range.end)
    }
}
