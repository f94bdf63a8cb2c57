//! Places in the text, for people.

use std::ops::Range;

/// A place in a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters (Unicode scalar values).
    pub column: usize,
    /// The byte offset from the start of the text, after a byte order mark if there is one.
    pub offset: usize,
}

impl Location {
    /// The place of a byte of the text.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let offset = floor(text, offset);
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|&b| b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            offset,
        }
    }

    /// The places of bytes of the text, in ascending order: in one pass.
    pub(crate) fn of_each(text: &str, offsets: impl Iterator<Item = usize>) -> Vec<Self> {
        let mut last = Self {
            line: 1,
            column: 1,
            offset: 0,
        };
        let next = |offset| {
            let offset = floor(text, offset).max(last.offset);
            let between = &text[last.offset..offset];
            let Self { line, column, .. } = Self::of(between, between.len());
            last = Self {
                line: last.line + line - 1,
                column: if line == 1 {
                    last.column + column - 1
                } else {
                    column
                },
                offset,
            };
            last
        };
        offsets.map(next).collect()
    }
}

/// The nearest character boundary at or before the offset.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The few lines around an error, kept so that it can be drawn after the document is gone.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    location: Location,
    text: String,
    first_line: usize,
    span: Range<usize>,
}

/// Bytes of text kept on each side of the place, so that a one-line file of megabytes makes a short message.
const REACH: usize = 120;

impl Excerpt {
    pub(crate) fn new(text: &str, span: Range<usize>) -> Self {
        let location = Location::of(text, span.start);
        let at = location.offset;
        let line_start = text[..at].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let before = text[..line_start.saturating_sub(1)]
            .rfind('\n')
            .map_or(0, |i| i + 1);
        // One line before, for context, unless it is too far away.
        let start = floor(
            text,
            if line_start - before < REACH {
                before
            } else {
                line_start
            }
            .max(at.saturating_sub(2 * REACH)),
        );
        let end = floor(text, line_end.min(at + REACH)).max(at);
        let span_end = floor(text, span.end.clamp(at, end));
        let first_line = location.line - text[start..at].bytes().filter(|&b| b == b'\n').count();
        Self {
            location,
            text: text[start..end].to_owned(),
            first_line,
            span: at - start..span_end - start,
        }
    }

    /// Rewrites every line; the marked span stays within the text.
    pub(crate) fn mask(&mut self, mask: impl Fn(&str) -> String) {
        let lines: Vec<String> = self.text.split('\n').map(mask).collect();
        self.text = lines.join("\n");
        let clamp = |at: usize, text: &str| floor(text, at);
        self.span = clamp(self.span.start, &self.text)..clamp(self.span.end, &self.text);
    }

    pub(crate) fn location(&self) -> Location {
        self.location
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn first_line(&self) -> usize {
        self.first_line
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}
