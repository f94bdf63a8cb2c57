//! Writing a list: which part of the old text, or which new text, comes next.

use std::ops::Range;

use super::bracketed::{Chunk, Item, List};
use crate::splice::Piece;

/// The list as far as it is written.
pub(super) struct Writer<'a> {
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
    pub(super) fn new(list: &'a List<'a>, chunks: &'a [Chunk]) -> Self {
        Self {
            list,
            chunks,
            pieces: Vec::new(),
            in_comment: false,
            next_apart: 0,
            blank: None,
        }
    }

    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }

    fn text(&self, range: &Range<usize>) -> &str {
        &self.list.text[range.clone()]
    }

    /// The item itself, whose text is no comment.
    fn body(&mut self, range: Range<usize>) {
        self.old(range.clone());
        self.in_comment &= range.is_empty();
    }

    pub(super) fn old(&mut self, mut range: Range<usize>) {
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
    pub(super) fn apart(&mut self, gone: &[bool], before: usize) {
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

    pub(super) fn item(&mut self, items: &[Item], at: usize, comma: bool) {
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

    pub(super) fn close(&mut self, from: usize, empty: bool) {
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
