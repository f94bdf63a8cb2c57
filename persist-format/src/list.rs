//! Laying out lists anew: what stands between brackets, with commas. JSON arrays and objects and TOML arrays and inline tables differ only in their comments
//! and in whether a comma may follow the last item. (Flow collections of YAML hold merge keys, anchors and pairs without a value; they have `yaml/edit/flow.rs`.)
//!
//! What is kept is each item with what is its own: the comment lines directly above, the comments on its line (before and behind its comma), and the space before it. That
//! goes where the item goes. A comment that a blank line sets apart stays when the item goes. Commas are given by place, not by item: one after each but the
//! last, and after that if the old last one had one. The list is written as pieces of the old text wherever that is possible, in the new order, so that what does not move
//! is not touched. What makes it hard is that a line comment swallows whatever comes to stand behind it, so the writer knows whether it is in one, and begins a
//! line then; and that two comments which a blank line held apart must not become one when the item between them goes. A tree with the trivia of each token (as
//! `jsonc-parser` and `toml_edit` have) was the alternative: there a comment belongs to the token beside it, and follows the wrong item.

use std::ops::Range;

use crate::engine::{Arrival, Slot, Splice};
use crate::splice::{Piece, layout};
use crate::tree::Node;
use crate::value::Value;

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
        let mut writer = Writer {
            list: self,
            chunks: &chunks,
            pieces: Vec::new(),
            in_comment: false,
            next_apart: 0,
            blank: None,
        };
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
        layout(self.text, self.open..self.close, writer.pieces)
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

struct Writer<'a> {
    list: &'a List<'a>,
    chunks: &'a [Chunk],
    pieces: Vec<Piece>,
    /// True if what was written last is a comment that only a newline ends.
    in_comment: bool,
    next_apart: usize,
    /// The blank line that set the comments written last apart from an item that is gone.
    blank: Option<Range<usize>>,
}

impl<'a> Writer<'a> {
    fn text(&self, range: &Range<usize>) -> &str {
        &self.list.text[range.clone()]
    }

    /// The item itself, whose text is no comment.
    fn body(&mut self, range: Range<usize>) {
        self.old(range.clone());
        self.in_comment &= range.is_empty();
    }

    fn old(&mut self, mut range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let text = self.text(&range);
        let rest = text.trim_start_matches([' ', '\t', '\r']);
        if self.in_comment && !rest.starts_with('\n') {
            range.start += text.len() - rest.len();
            let line = format!("\n{}", self.indent());
            self.pieces.push(Piece::New(line));
        }
        self.in_comment = self.list.is_line_comment_at_end(range.clone());
        self.pieces.push(Piece::Old(range));
    }

    fn fresh(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        if self.in_comment && !text.starts_with('\n') {
            self.pieces.push(Piece::New(format!("\n{}", self.indent())));
        }
        self.in_comment = false;
        self.pieces.push(Piece::New(text));
    }

    fn comment(&mut self, text: &str) {
        self.fresh(text.to_owned());
        self.in_comment |= !text.is_empty() && !text.ends_with("*/");
    }

    /// The indentation of items, for the rare line that must be begun to end a comment.
    fn indent(&self) -> String {
        self.chunks
            .iter()
            .find_map(|chunk| self.line_start(chunk))
            .unwrap_or_default()
            .trim_start_matches('\n')
            .to_owned()
    }

    /// The comments set apart from removed items before this one.
    fn apart(&mut self, gone: &[bool], before: usize) {
        while self.next_apart < before {
            if gone[self.next_apart] {
                self.comments_apart(&self.chunks[self.next_apart]);
            }
            self.next_apart += 1;
        }
    }

    fn comments_apart(&mut self, chunk: &'a Chunk) {
        let list = self.list;
        let apart = &list.text[chunk.apart.clone()];
        if apart.trim().is_empty() {
            return self.old(chunk.apart.clone());
        }
        self.stay_apart(apart);
        self.old(chunk.apart.clone());
        let newline = list.text[chunk.lead.clone()].find('\n');
        self.blank = newline.map(|at| chunk.lead.start..chunk.lead.start + at + 1);
    }

    /// What comes next must not take comments for its own that stood apart.
    fn stay_apart(&mut self, next: &str) {
        let line = |text: &str| text.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        if let Some(blank) = self.blank.take()
            && let Some((space, after)) = next.split_once('\n')
            && space.trim().is_empty()
            && !line(after)
        {
            self.old(blank);
        }
    }

    fn item(&mut self, items: &[Item], at: usize, comma: bool) {
        match &items[at] {
            Item::New(text) => {
                let lead = self.new_lead(items, at);
                self.stay_apart(&lead);
                self.fresh(lead);
                self.fresh(format!("{text}{}", if comma { "," } else { "" }));
            }
            Item::Moved(text, comments) => {
                let lead = self.new_lead(items, at);
                self.stay_apart(&lead);
                for comment in &comments.above {
                    self.fresh(lead.clone());
                    self.comment(comment);
                }
                self.fresh(lead);
                self.fresh(format!("{text}{}", if comma { "," } else { "" }));
                self.comment(&comments.beside);
            }
            Item::Keep(index) => self.kept(*index, at, comma, None),
            Item::Edited(index, range, text) => self.kept(*index, at, comma, Some((range, text))),
        }
    }

    fn kept(
        &mut self,
        index: usize,
        at: usize,
        comma: bool,
        edit: Option<(&Range<usize>, &String)>,
    ) {
        let (list, chunks) = (self.list, self.chunks);
        let chunk = &chunks[index];
        self.stay_apart(&list.text[chunk.apart.start..chunk.item.start]);
        self.old(chunk.apart.clone());
        let inline = self.text(&chunk.lead).trim_matches([' ', '\t']).is_empty();
        if inline && (at == 0) != (index == 0) {
            let lead = self.inline_lead(at == 0);
            self.fresh(lead);
        } else {
            self.old(chunk.lead.clone());
        }
        match edit {
            Some((range, text)) => {
                self.body(chunk.item.start..range.start);
                self.fresh(text.clone());
                self.body(range.end..chunk.item.end);
            }
            None => self.body(chunk.item.clone()),
        }
        match chunk.comma {
            Some(place) if !comma => {
                self.old(chunk.tail.start..place);
                self.old(place + 1..chunk.tail.end);
            }
            None if comma => {
                self.fresh(",".into());
                self.old(chunk.tail.clone());
            }
            _ => self.old(chunk.tail.clone()),
        }
    }

    /// The newline and indentation before an item that begins a line.
    fn line_start(&self, chunk: &Chunk) -> Option<String> {
        let lead = self.text(&chunk.lead);
        let newline = lead.rfind('\n')?;
        let indent: String = lead[newline + 1..]
            .chars()
            .take_while(|c| matches!(c, ' ' | '\t'))
            .collect();
        Some(format!("\n{indent}"))
    }

    /// The space before an item within a line, as others have it.
    fn inline_lead(&self, first: bool) -> String {
        let inline = |chunk: &Chunk| {
            Some(self.text(&chunk.lead)).filter(|lead| lead.trim_matches([' ', '\t']).is_empty())
        };
        let example = if first {
            self.chunks.first()
        } else {
            self.chunks.get(1)
        };
        let fallback = if first { "" } else { " " };
        example.and_then(inline).unwrap_or(fallback).to_owned()
    }

    /// The space before a new item: as its neighbour has it.
    fn new_lead(&self, items: &[Item], at: usize) -> String {
        if self.chunks.is_empty() {
            let inline = !self.list.empty.0.contains('\n');
            return if at > 0 && inline {
                " ".into()
            } else {
                self.list.empty.0.clone()
            };
        }
        let before = items[..at].iter().rev().find_map(Item::old);
        let neighbour = before
            .or_else(|| items[at..].iter().find_map(Item::old))
            .unwrap_or(0);
        let line = self.line_start(&self.chunks[neighbour]);
        // In a list whose lines hold one item each the first may yet share the bracket's line.
        let line = line.or_else(|| {
            (neighbour == 0)
                .then(|| self.chunks.get(1).and_then(|c| self.line_start(c)))
                .flatten()
        });
        line.unwrap_or_else(|| self.inline_lead(at == 0))
    }

    fn close(&mut self, from: usize, empty: bool) {
        let closing = from..self.list.close;
        let blank = self.text(&closing).trim().is_empty();
        let written = self
            .pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Old(old) if !old.is_empty()));
        if empty && blank && !written && !self.in_comment {
            return;
        }
        if self.chunks.is_empty() && blank && !empty {
            let text = self.list.empty.1.clone();
            return self.fresh(text);
        }
        if self.in_comment && closing.is_empty() {
            self.pieces.push(Piece::New("\n".into()));
        }
        self.old(closing);
    }
}
