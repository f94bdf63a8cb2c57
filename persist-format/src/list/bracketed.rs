//! A list as it stands in a text: which bytes are which item's.

use std::ops::Range;

use crate::tree::Node;

/// A bracketed list in a text.
pub(crate) struct List<'a> {
    pub(super) text: &'a str,
    /// The offset after the opening bracket.
    pub(super) open: usize,
    /// The offset of the closing bracket.
    pub(super) close: usize,
    /// Each item, from its key (or value) to the end of its value.
    items: Vec<Range<usize>>,
    /// The end of the comment that starts at an offset, if one does. A line comment ends before its newline.
    comment_end: fn(&str, usize) -> Option<usize>,
    /// What comes before the first item and before the closing bracket when an empty list gets items: a newline and indentation, or nothing.
    pub(super) empty: (String, String),
}

/// An item of the list as it is to be.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// The old item.
    Keep(usize),
    /// The old item with these bytes of it replaced.
    Edited(usize, Range<usize>, String),
    /// A new one.
    New(String),
    /// A new one with the comments of another place.
    Moved(String, Comments),
}

/// The comments of an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comments {
    pub(super) above: Vec<String>,
    /// With the space before it.
    pub(super) beside: String,
}

impl Item {
    pub(super) fn old(&self) -> Option<usize> {
        match self {
            Self::Keep(index) | Self::Edited(index, ..) => Some(*index),
            Self::New(_) | Self::Moved(..) => None,
        }
    }
}

/// An old item and what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// Comments before it that a blank line sets apart: they stay when the item goes.
    pub(super) apart: Range<usize>,
    /// Space before it, and the comment lines directly above.
    pub(super) lead: Range<usize>,
    pub(super) item: Range<usize>,
    /// What follows it on its line: the comma and comments.
    pub(super) tail: Range<usize>,
    pub(super) comma: Option<usize>,
}

impl<'a> List<'a> {
    /// The list that a node is, whose brackets are one byte each.
    pub(crate) fn of(
        text: &'a str,
        node: &Node,
        comment_end: fn(&str, usize) -> Option<usize>,
        empty: (String, String),
    ) -> Self {
        let items = node.children.iter();
        Self {
            text,
            open: node.span.start + 1,
            close: node.span.end - 1,
            items: items.map(|child| child.start()..child.span.end).collect(),
            comment_end,
            empty,
        }
    }

    /// The comments that belong to the item at the index.
    pub(crate) fn comments(&self, index: usize) -> Comments {
        let chunks = self.chunks(self.line_comments_end(self.open));
        let Some(chunk) = chunks.get(index) else {
            return Comments::default();
        };
        let mut above = Vec::new();
        let mut at = chunk.lead.start;
        while at < chunk.lead.end {
            match (self.comment_end)(self.text, at) {
                Some(end) => {
                    above.push(self.text[at..end].trim_end().to_owned());
                    at = end;
                }
                None => at += 1,
            }
        }
        let (end, from) = match chunk.comma {
            Some(comma) => (comma, comma + 1),
            None => (chunk.tail.end, chunk.tail.end),
        };
        let beside = [chunk.tail.start..end, from..chunk.tail.end].map(|range| &self.text[range]);
        let beside = beside.concat().trim_end().to_owned();
        Comments { above, beside }
    }

    pub(super) fn chunks(&self, mut start: usize) -> Vec<Chunk> {
        let ends = self
            .items
            .iter()
            .skip(1)
            .map(|item| item.start)
            .chain([self.close]);
        let mut chunks = Vec::with_capacity(self.items.len());
        for (item, next) in self.items.iter().zip(ends) {
            let (comma, end) = self.tail(item.end, next);
            let own = self.own_start(start, item.start);
            chunks.push(Chunk {
                apart: start..own,
                lead: own..item.start,
                item: item.clone(),
                tail: item.end..end,
                comma,
            });
            start = end;
        }
        chunks
    }

    /// The comma between an item's end and what comes next, and the end of what belongs to the item.
    fn tail(&self, start: usize, next: usize) -> (Option<usize>, usize) {
        let comma = self.find_comma(start, next);
        let from = comma.map_or(start, |comma| comma + 1);
        (comma, self.line_comments_end(from).min(next))
    }

    fn find_comma(&self, start: usize, next: usize) -> Option<usize> {
        let mut at = start;
        while at < next {
            match (self.comment_end)(self.text, at) {
                Some(end) => at = end,
                None if self.text.as_bytes()[at] == b',' => return Some(at),
                None => at += 1,
            }
        }
        None
    }

    /// The end of the comments that follow on the line, if nothing else does but the closing bracket; else the start.
    pub(super) fn line_comments_end(&self, start: usize) -> usize {
        let (mut at, mut end) = (start, start);
        while at < self.close {
            match self.text.as_bytes()[at] {
                b' ' | b'\t' => at += 1,
                b'\n' | b'\r' => return end,
                _ => match (self.comment_end)(self.text, at) {
                    Some(after) => (at, end) = (after, after),
                    None => return start,
                },
            }
        }
        end
    }

    /// Where the part of the space before an item begins that is its own: after the last blank line that follows a comment.
    fn own_start(&self, from: usize, to: usize) -> usize {
        let space = &self.text[from..to];
        let blank = |lines: &str| lines.rfind("\n\n").max(lines.rfind("\n\r\n"));
        let Some(at) = blank(space) else { return from };
        if space[..at].trim().is_empty() {
            return from;
        }
        // The blank lines themselves go with the item.
        from + space[..at].trim_end().len()
    }

    pub(super) fn is_line_comment_at_end(&self, range: Range<usize>) -> bool {
        let mut at = range.start;
        let mut open = false;
        while at < range.end {
            match (self.comment_end)(self.text, at) {
                Some(end) => {
                    open = !self.text[at..end].starts_with("/*");
                    at = end;
                }
                None => {
                    open &= self.text.as_bytes()[at] != b'\n';
                    at += 1;
                }
            }
        }
        open
    }
}
