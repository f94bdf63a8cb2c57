//! The geometry of lines: what belongs to a statement besides itself.

use std::ops::Range;

pub(super) use crate::lines::{end, indent, start};

/// The line before the one that starts here.
fn before(text: &str, line: usize) -> Option<Range<usize>> {
    let last = line.checked_sub(1)?;
    Some(start(text, last)..line)
}

fn is_comment(line: &str) -> bool {
    line.trim_start_matches([' ', '\t']).starts_with('#')
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The start of the comment lines directly above the line that starts here, or that start. `floor` is where the statement
/// before ends: nothing above it is looked at.
pub(super) fn own_start(text: &str, line: usize, floor: usize) -> usize {
    let mut at = line;
    while let Some(above) = before(text, at) {
        if above.start < floor || !is_comment(&text[above.clone()]) {
            break;
        }
        at = above.start;
    }
    // A comment block at the very top of the file, with code directly below, is as likely about the file: a shebang,
    // a licence, an editor's directive.
    if at == 0 && at < line && is_directive(text) {
        end(text, 0).min(line)
    } else {
        at
    }
}

/// True if the first line speaks to programs.
fn is_directive(text: &str) -> bool {
    text.starts_with("#!") || text.starts_with("#:schema")
}

/// The range of whole lines to take out so that no two blank lines are left where there was one.
pub(super) fn removal(text: &str, lines: Range<usize>) -> Range<usize> {
    let mut range = lines;
    let blank_above = before(text, range.start).is_none_or(|line| is_blank(&text[line]));
    let below = range.end..end(text, range.end);
    if range.end >= text.len() {
        // The end of the file: the blank lines above would be left dangling.
        while let Some(line) =
            before(text, range.start).filter(|line| is_blank(&text[line.clone()]))
        {
            range.start = line.start;
        }
    } else if blank_above && !below.is_empty() && is_blank(&text[below.clone()]) {
        range.end = below.end;
    }
    range
}

/// The place after the last line with anything on it in a range of whole lines.
pub(super) fn last_written(text: &str, range: Range<usize>) -> usize {
    let mut at = range.end;
    while let Some(line) = before(text, at).filter(|line| line.start >= range.start) {
        if !is_blank(&text[line.clone()]) {
            break;
        }
        at = line.start;
    }
    at
}

/// `lines`, which end with a newline, as they are put in at `at`: after a line without a newline they begin with one and end without.
pub(super) fn at(text: &str, at: usize, lines: &str) -> String {
    if at > 0 && !text[..at].ends_with('\n') {
        format!("\n{}", lines.strip_suffix('\n').unwrap_or(lines))
    } else {
        lines.to_owned()
    }
}
