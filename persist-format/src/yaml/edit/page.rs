//! The text as lines and columns.

use std::ops::Range;

use crate::lines::line_end;

/// A text with its line breaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    /// The line break that new lines get: [`line_end`].
    pub(super) newline: &'static str,
}

impl<'t> Page<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let newline = line_end(text);
        Self { text, newline }
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind(['\n', '\r']).map_or(0, |at| at + 1)
    }

    /// The end of the line, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find(['\n', '\r'])
            .map_or(self.text.len(), |i| at + i)
    }

    /// The start of the next line, or the end of the text.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let end = self.line_end(at);
        let rest = &self.text[end..];
        end + if rest.starts_with("\r\n") {
            2
        } else {
            rest.len().min(1)
        }
    }

    /// The start of the line before, if there is one.
    pub(super) fn previous_line(&self, line_start: usize) -> Option<usize> {
        let before = self.text[..line_start]
            .strip_suffix('\n')
            .unwrap_or(&self.text[..line_start]);
        let before = before.strip_suffix('\r').unwrap_or(before);
        (before.len() < line_start).then(|| self.line_start(before.len()))
    }

    /// The column, counted from 0 in characters.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    /// What stands before the place on its line.
    pub(super) fn before(&self, at: usize) -> &'t str {
        &self.text[self.line_start(at)..at]
    }

    /// True if nothing but spaces stands before the place on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.before(at).trim_matches(' ').is_empty()
    }

    /// The column of the comment that is all of the line, if it is one.
    pub(super) fn comment_column(&self, line_start: usize) -> Option<usize> {
        let line = &self.text[line_start..self.line_end(line_start)];
        let text = line.trim_start_matches([' ', '\t']);
        text.starts_with('#').then(|| line.len() - text.len())
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        // Spans of complex keys may come in another order than the text; what is planned with them is checked afterwards.
        self.text.get(range).unwrap_or_default()
    }

    /// Lines joined by the text's line break.
    pub(super) fn join(&self, lines: &[String]) -> String {
        lines.join(self.newline)
    }
}

/// The text with every line moved right or left by so many columns, but for blank lines; a line with less indentation
/// than that loses all it has.
pub(super) fn shifted(text: &str, from: usize, to: usize) -> String {
    text.split_inclusive('\n')
        .map(|line| shifted_line(line, from, to))
        .collect()
}

fn shifted_line(line: &str, from: usize, to: usize) -> String {
    if line.trim().is_empty() {
        return line.to_owned();
    }
    if to >= from {
        return format!("{}{line}", " ".repeat(to - from));
    }
    let indentation = line.len() - line.trim_start_matches(' ').len();
    line[indentation.min(from - to)..].to_owned()
}
