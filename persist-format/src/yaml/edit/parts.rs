//! Putting the lines of a block collection together anew.

use std::ops::Range;

use super::YamlEditor;
use crate::engine::Splice;
use crate::splice::{self, Piece};
use crate::yaml::cst::Node;

/// A part of the new text: whole lines.
pub(super) struct Part {
    pub(super) text: String,
    /// The place of the old text that these lines are, if they are.
    pub(super) source: Option<Range<usize>>,
    pub(super) end: End,
}

/// What the last value of a part is: what follows must not run into it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum End {
    Other,
    /// It may be a block scalar, to which deep comments would belong.
    Scalar,
    /// A block scalar with `+`, to which blank lines would belong, too.
    KeptScalar,
}

impl Part {
    /// Lines without a block scalar at the end.
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            source: None,
            end: End::Other,
        }
    }

    /// True if the old text goes on at this place after the part.
    fn is_followed_by(&self, place: usize) -> bool {
        self.source
            .as_ref()
            .is_some_and(|source| source.end == place)
    }
}

impl YamlEditor<'_> {
    pub(super) fn verbatim(&self, lines: Range<usize>) -> Part {
        Part {
            text: self.page.slice(lines.clone()).to_owned(),
            end: self.end_of(&lines),
            source: Some(lines),
        }
    }

    /// The splices that make the region these parts; what stays is not touched.
    pub(super) fn put_together(
        &self,
        region: &Range<usize>,
        column: usize,
        parts: Vec<Part>,
    ) -> Vec<Splice> {
        let mut parts = Self::apart(parts, column);
        self.fit_ends(region, &mut parts);
        let end = region.end + self.blanks_after(region.end, parts.last());
        let piece = |part: Part| match part.source {
            Some(source) => Piece::Old(source),
            None => Piece::New(part.text),
        };
        let pieces = parts.into_iter().map(piece).collect();
        splice::layout(self.page.text, region.start..end, pieces)
    }

    /// What comes to stand below a block scalar would become lines of it: comments, unless they are moved left, and with `+` blank lines, which go.
    fn apart(parts: Vec<Part>, column: usize) -> Vec<Part> {
        let mut apart: Vec<Part> = Vec::new();
        for part in parts {
            let part = match (apart.last(), &part.source) {
                (Some(before), Some(source)) if !before.is_followed_by(source.start) => {
                    let text = match before.end {
                        End::Other => part.text.clone(),
                        End::Scalar => comments_no_deeper(&part.text, column),
                        End::KeptScalar => {
                            let rest = &part.text[blank_lines(&part.text)..];
                            comments_no_deeper(rest, column)
                        }
                    };
                    match text == part.text {
                        true => part,
                        false => Part {
                            end: part.end,
                            ..Part::new(text)
                        },
                    }
                }
                _ => part,
            };
            if !part.text.is_empty() {
                apart.push(part);
            }
        }
        apart
    }

    /// The length of the blank lines at a place that would become lines of the block scalar which comes to stand above.
    fn blanks_after(&self, place: usize, above: Option<&Part>) -> usize {
        match above {
            Some(above) if above.end == End::KeptScalar && !above.is_followed_by(place) => {
                blank_lines(&self.page.text[place..])
            }
            _ => 0,
        }
    }

    /// What the last value of these lines is.
    pub(super) fn end_of(&self, lines: &Range<usize>) -> End {
        // Nodes are in the order of the text.
        let before = self
            .cst
            .nodes
            .partition_point(|node| node.start < lines.end);
        let last = self.cst.nodes[..before].last();
        let is_last = |node: &&Node| {
            node.start >= lines.start
                && node.is_block_scalar()
                && self.page.next_line(node.end) == lines.end
        };
        let Some(scalar) = last.filter(is_last) else {
            return End::Other;
        };
        let header = self.page.slice(scalar.content..scalar.end);
        match header.split([' ', '\t', '\n', '\r']).next() {
            Some(indicators) if indicators.contains('+') => End::KeptScalar,
            _ => End::Scalar,
        }
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
        let ends_in_scalar = parts.last().is_some_and(|part| part.end != End::Other);
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
                    end: part.end,
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

/// The length of the blank lines at the beginning of a text.
fn blank_lines(text: &str) -> usize {
    let lines = text.split_inclusive(['\n', '\r']);
    let blank = lines.take_while(|line| line.ends_with(['\n', '\r']) && line.trim().is_empty());
    blank.map(str::len).sum()
}
