//! Laying out lists anew: what stands between brackets, with commas. JSON arrays and objects and TOML arrays and inline tables differ only in their comments
//! and in whether a comma may follow the last item. (Flow collections of YAML hold merge keys, anchors and pairs without a value; they have `yaml/edit/flow.rs`.)
//!
//! What is kept is each item with what is its own: the comment lines directly above, the comments on its line (before and behind its comma), and the space before it. That
//! goes where the item goes. A comment that a blank line sets apart stays when the item goes. Commas are given by place, not by item: one after each but the
//! last, and after that if the old last one had one. The list is written as pieces of the old text wherever that is possible, in the new order, so that what does not move
//! is not touched. What makes it hard is that a line comment swallows whatever comes to stand behind it, so the writer knows whether it is in one, and begins a
//! line then; and that two comments which a blank line held apart must not become one when the item between them goes. A tree with the trivia of each token (as
//! `jsonc-parser` and `toml_edit` have) was the alternative: there a comment belongs to the token beside it, and follows the wrong item.

mod writer;

use std::ops::Range;

use crate::engine::{Arrival, Slot, Splice};
use crate::splice::layout;
use crate::tree::Node;
use crate::value::Value;

use writer::Writer;

/// A bracketed list in a text.
pub(crate) struct List<'a> {
    text: &'a str,
    /// The offset after the opening bracket.
    open: usize,
    /// The offset of the closing bracket.
    close: usize,
    /// Each item, from its key (or value) to the end of its value.
    items: Vec<Range<usize>>,
    /// The end of the comment that starts at an offset, if one does. A line comment ends before its newline.
    comment_end: fn(&str, usize) -> Option<usize>,
    /// What comes before the first item and before the closing bracket when an empty list gets items: a newline and indentation, or nothing.
    empty: (String, String),
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
    above: Vec<String>,
    /// With the space before it.
    beside: String,
}

impl Item {
    fn old(&self) -> Option<usize> {
        match self {
            Self::Keep(index) | Self::Edited(index, ..) => Some(*index),
            Self::New(_) | Self::Moved(..) => None,
        }
    }
}

/// An old item and what belongs to it.
#[derive(Clone, Debug)]
struct Chunk {
    /// Comments before it that a blank line sets apart: they stay when the item goes.
    apart: Range<usize>,
    /// Space before it, and the comment lines directly above.
    lead: Range<usize>,
    item: Range<usize>,
    /// What follows it on its line: the comma and comments.
    tail: Range<usize>,
    comma: Option<usize>,
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

    /// The splices that make the children of the list's node these, with what the format writes for a key and for what is new.
    pub(crate) fn reshape(
        &self,
        node: &Node,
        slots: &[Slot],
        key: impl Fn(&Value) -> String,
        new: impl Fn(&Arrival) -> Item,
    ) -> Vec<Splice> {
        let span = |index: usize| node.children.get(index)?.key.clone();
        let item = |slot: &Slot| match slot {
            Slot::Old(index, renamed) => match renamed.as_ref().zip(span(*index)) {
                Some((renamed, span)) => Item::Edited(*index, span, key(renamed)),
                None => Item::Keep(*index),
            },
            Slot::New(arrival) => new(arrival),
        };
        self.layout(&slots.iter().map(item).collect::<Vec<_>>())
    }

    /// The splices that make the list hold these items, or none if it does.
    fn layout(&self, items: &[Item]) -> Vec<Splice> {
        let head = self.open..self.line_comments_end(self.open);
        let chunks = self.chunks(head.end);
        let mut writer = Writer::new(self, &chunks);
        writer.old(head.clone());
        let trailing = chunks.last().is_some_and(|chunk| chunk.comma.is_some());
        let gone: Vec<bool> = {
            let mut gone = vec![true; chunks.len()];
            items
                .iter()
                .filter_map(Item::old)
                .for_each(|index| gone[index] = false);
            gone
        };
        for (at, item) in items.iter().enumerate() {
            writer.apart(&gone, item.old().unwrap_or(0));
            writer.item(items, at, trailing || at + 1 < items.len());
        }
        writer.apart(&gone, chunks.len());
        writer.close(
            chunks.last().map_or(head.end, |chunk| chunk.tail.end),
            items.is_empty(),
        );
        layout(self.text, self.open..self.close, writer.into_pieces())
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

    fn chunks(&self, mut start: usize) -> Vec<Chunk> {
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
    fn line_comments_end(&self, start: usize) -> usize {
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

    fn is_line_comment_at_end(&self, range: Range<usize>) -> bool {
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
