//! Putting the lines of a block collection together anew.

use std::ops::Range;

use super::Plan;
use crate::engine::Splice;
use crate::splice::{self, Piece};

/// A part of the new text: whole lines.
pub(super) struct Part {
    pub(super) text: String,
    /// The place of the old text that these lines are, if they are.
    pub(super) source: Option<Range<usize>>,
    /// Whether the last value may be a block scalar, which what follows must not run into.
    pub(super) ends_in_scalar: bool,
}

impl Part {
    /// Lines without a block scalar at the end.
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            source: None,
            ends_in_scalar: false,
        }
    }
}

impl Plan<'_> {
    pub(super) fn verbatim(&self, lines: Range<usize>) -> Part {
        Part {
            text: self.page.slice(lines.clone()).to_owned(),
            ends_in_scalar: self.ends_in_scalar(&lines),
            source: Some(lines),
        }
    }

    /// The splices that make the region these parts; what stays is not touched.
    pub(super) fn put_together(
        &self,
        region: &Range<usize>,
        column: usize,
        mut parts: Vec<Part>,
    ) -> Vec<Splice> {
        parts.retain(|part| !part.text.is_empty());
        self.keep_comments(&mut parts, column);
        self.fit_ends(region, &mut parts);
        let piece = |part: Part| match part.source {
            Some(source) => Piece::Old(source),
            None => Piece::New(part.text),
        };
        let pieces = parts.into_iter().map(piece).collect();
        splice::layout(self.page.text, region.clone(), pieces)
    }

    /// A comment that comes to stand below a block scalar would become a line of it, unless it is moved left.
    fn keep_comments(&self, parts: &mut [Part], column: usize) {
        for at in 1..parts.len() {
            let (before, part) = (&parts[at - 1], &parts[at]);
            let Some(source) = &part.source else { continue };
            let after_other = before
                .source
                .as_ref()
                .is_none_or(|before| before.end != source.start);
            if after_other && before.ends_in_scalar {
                let text = comments_no_deeper(&part.text, column);
                if text != part.text {
                    parts[at] = Part::new(text);
                }
            }
        }
    }

    /// True if the last value of these lines is a block scalar.
    pub(super) fn ends_in_scalar(&self, lines: &Range<usize>) -> bool {
        // Nodes are in the order of the text.
        let before = self
            .cst
            .nodes
            .partition_point(|node| node.start < lines.end);
        let last = self.cst.nodes[..before]
            .iter()
            .rev()
            .take_while(|node| node.start >= lines.start);
        last.take(1)
            .any(|node| node.is_block_scalar() && self.page.next_line(node.end) == lines.end)
    }

    /// True if the place is the end of a text that does not end with a line break.
    pub(super) fn is_unfinished(&self, end: usize) -> bool {
        end == self.page.text.len() && !self.page.text.ends_with(['\n', '\r'])
    }

    /// The first part may have to begin on the line of a dash; and a text that does not end with a line break still does not.
    fn fit_ends(&self, region: &Range<usize>, parts: &mut Vec<Part>) {
        if self.page.line_start(region.start) != region.start {
            while parts
                .first()
                .is_some_and(|part| part.text.trim().is_empty())
            {
                parts.remove(0);
            }
            if let Some(first) = parts.first_mut() {
                let text = first.text.trim_start();
                let cut = first.text.len() - text.len();
                first.source = first
                    .source
                    .clone()
                    .map(|source| source.start + cut..source.end);
                first.text = text.to_owned();
            }
        }
        if !self.is_unfinished(region.end) {
            return;
        }
        while parts.last().is_some_and(|part| part.text.trim().is_empty()) {
            parts.pop();
        }
        // Of a block scalar at the very end some readers would drop the line break, if the text had none.
        let ends_in_scalar = parts.last().is_some_and(|part| part.ends_in_scalar);
        let last = if ends_in_scalar {
            parts.len()
        } else {
            parts.len().saturating_sub(1)
        };
        for (at, part) in parts.iter_mut().enumerate() {
            let text = part.text.trim_end_matches(['\n', '\r']);
            let wanted = if at == last {
                text.to_owned()
            } else {
                format!("{text}{}", self.page.newline)
            };
            let blank = text.is_empty();
            if !blank && wanted != part.text && (at == last || !part.text.ends_with(['\n', '\r'])) {
                *part = Part {
                    ends_in_scalar: part.ends_in_scalar,
                    ..Part::new(wanted)
                };
            }
        }
    }
}

/// The lines with the comments at their beginning no further right than the column.
fn comments_no_deeper(text: &str, column: usize) -> String {
    let mut lines = text.split_inclusive('\n');
    let mut out = String::with_capacity(text.len());
    for line in lines.by_ref() {
        let comment = line.trim_start_matches([' ', '\t']);
        let is_comment = comment.starts_with('#');
        if is_comment && line.len() - comment.len() > column {
            out.extend([&" ".repeat(column), comment]);
        } else {
            out.push_str(line);
        }
        if !is_comment && !line.trim().is_empty() {
            break;
        }
    }
    out.extend(lines);
    out
}
