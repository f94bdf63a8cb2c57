//! Lines of YAML by their indentation, and which of them are certain.

use super::super::pieces::HOLE_MARK;

/// The spaces that a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Whether a line between blocks says nothing of the values: blank, a comment, or the mark between documents.
pub(super) fn is_layout(line: &str) -> bool {
    is_blank_or_comment(line) || ["---", "..."].contains(&line.trim_end())
}

/// Whether a line is an item of a sequence.
pub(super) fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("- ") || line.trim_end() == "-"
}

/// The lines without those that may stand under something that is lost: after a hole up to the next key at the margin, and before a hole
/// or the end of the text what may have gone on.
pub(in super::super) fn certain_lines(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut in_place = true;
    for line in text.split_inclusive('\n') {
        if line.contains(HOLE_MARK) {
            drop_unfinished(&mut kept);
            in_place = false;
        } else if in_place || is_key_at_margin(line) {
            in_place = true;
            kept.push(line);
        }
    }
    let is_cut = |line: &&str| !line.ends_with('\n') && !is_blank_or_comment(line);
    if kept.last().is_some_and(is_cut) {
        kept.pop();
    }
    drop_unfinished(&mut kept);
    kept
}

fn is_key_at_margin(line: &str) -> bool {
    let begins = !line.starts_with([' ', '\t', '\r', '\n', '-', '#', ']', '}']);
    begins && line.contains(':')
}

/// Drops the block scalar that the lines end in, and keys whose values would follow. Goes back no further than to the margin.
fn drop_unfinished(kept: &mut Vec<&str>) {
    let written = |kept: &[&str]| kept.iter().rposition(|line| !is_blank_or_comment(line));
    let Some(last) = written(kept) else { return };
    let mut level = usize::MAX;
    let mut begin = None;
    for (at, line) in kept.iter().enumerate().take(last + 1).rev() {
        if level == 0 {
            break;
        }
        if !is_blank_or_comment(line) && indent(line) < level {
            level = indent(line);
            if opens_text(line) {
                begin = Some(at);
            }
        }
    }
    kept.truncate(begin.unwrap_or(kept.len()));
    while let Some(last) = written(kept)
        && opens_block(kept[last])
    {
        kept.truncate(last);
    }
}

/// The line without a comment at its end.
fn content(line: &str) -> &str {
    line.split(" #").next().unwrap_or_default().trim()
}

/// Whether a block scalar begins at the end of the line.
fn opens_text(line: &str) -> bool {
    let is_mark = |c: char| matches!(c, '+' | '-') || c.is_ascii_digit();
    let before = content(line)
        .trim_end_matches(is_mark)
        .strip_suffix(['|', '>']);
    before.is_some_and(|before| before.ends_with([' ', '\t']))
}

/// Whether the value stands on the lines below.
fn opens_block(line: &str) -> bool {
    let content = content(line);
    let last = content.split([' ', '\t']).next_back().unwrap_or_default();
    let is_property = last.starts_with(['&', '!']);
    content.ends_with(':') || last == "-" || last == "?" || is_property
}

/// The lines in blocks: a line with those that are indented further, or one line of layout.
pub(super) fn blocks<'l, 't>(lines: &'l [&'t str]) -> impl Iterator<Item = &'l [&'t str]> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let (block, after) = rest.split_at(block_length(rest)?);
        rest = after;
        Some(block)
    })
}

fn block_length(lines: &[&str]) -> Option<usize> {
    let (first, below) = lines.split_first()?;
    let mut length = 1;
    if is_layout(first) {
        return Some(length);
    }
    for (at, line) in below.iter().enumerate() {
        // The items of a key may stand at its own column.
        let is_own_item = is_item(line) && !is_item(first) && indent(line) == indent(first);
        if indent(line) > indent(first) && !line.trim().is_empty() || is_own_item {
            length = at + 2;
        } else if !is_blank_or_comment(line) {
            break;
        }
    }
    Some(length)
}
