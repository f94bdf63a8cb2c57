//! How lists and maps in brackets are laid out: on one line or on several, with a comma at the end or without.
//!
//! A text that was put together from two may say the right values and yet have a line end or a comma before a closing bracket that nobody has written there. TOML 1.0
//! has neither in an inline table, so other programs would not read it.

use std::collections::BTreeSet;

use crate::document::Document;
use crate::format::Format;
use crate::path::{KeyPath, Segment};
use crate::tree::{Node, Origin};
use crate::value::Value;

/// A list or map in brackets.
struct Bracketed {
    /// Its path; any item of a list counts as the first, since items have no names.
    path: KeyPath,
    /// Whether a line ends between its entries or beside its brackets.
    is_over_lines: bool,
    /// Where the comma is before its closing bracket.
    comma: Option<usize>,
}

/// What the texts of both sides have in this way.
#[derive(Default)]
pub(super) struct Brackets {
    over_lines: BTreeSet<KeyPath>,
    with_comma: BTreeSet<KeyPath>,
}

impl Brackets {
    pub(super) fn of(sides: [&Document; 2]) -> Self {
        let mut brackets = Self::default();
        for bracketed in sides.into_iter().flat_map(bracketed) {
            let Bracketed { path, .. } = bracketed;
            if bracketed.comma.is_some() {
                brackets.with_comma.insert(path.clone());
            }
            if bracketed.is_over_lines {
                brackets.over_lines.insert(path);
            }
        }
        brackets
    }

    /// `merged` without the commas at the end of lists and maps where no side has one; `None` if any of them is over several lines and is so in neither side.
    pub(super) fn kept(&self, merged: Document) -> Option<Document> {
        let all = bracketed(&merged);
        let is_known = |one: &Bracketed| !one.is_over_lines || self.over_lines.contains(&one.path);
        if !all.iter().all(is_known) {
            return None;
        }
        let new = all
            .iter()
            .filter(|one| !self.with_comma.contains(&one.path));
        let mut commas: Vec<usize> = new.filter_map(|one| one.comma).collect();
        if commas.is_empty() {
            return Some(merged);
        }
        commas.sort_unstable();
        let mut text = merged.text().to_owned();
        for comma in commas.into_iter().rev() {
            text.remove(comma);
        }
        let without = merged.with_text(&text).ok()?;
        (without.value() == merged.value()).then_some(without)
    }
}

/// All of a document in brackets. JSON has nothing else, and anything goes there; its commas are seen to before it is read.
fn bracketed(document: &Document) -> Vec<Bracketed> {
    let mut found = Vec::new();
    if let Format::Toml | Format::Yaml = document.format() {
        let tree = document.tree();
        let gaps = Gaps::of(document);
        collect(&tree.value, &tree.node, &KeyPath::root(), &gaps, &mut found);
    }
    found
}

fn collect(
    value: &Value,
    node: &Node,
    path: &KeyPath,
    gaps: &Gaps<'_>,
    found: &mut Vec<Bracketed>,
) {
    if !matches!(node.origin, Origin::Own | Origin::Anchored) {
        return;
    }
    let value = value.untagged();
    match value {
        Value::Map(map) => {
            for ((key, value), child) in map.iter().zip(&node.children) {
                let path = path.join(Segment::Key(key.as_key_text().unwrap_or_default()));
                collect(value, child, &path, gaps, found);
            }
        }
        Value::Sequence(items) => {
            let path = path.item(0);
            for (value, child) in items.iter().zip(&node.children) {
                collect(value, child, &path, gaps, found);
            }
        }
        _ => return,
    }
    found.extend(gaps.bracketed(node, path));
}

/// What stands between the values of a text.
struct Gaps<'d> {
    text: &'d str,
    comments: Vec<std::ops::Range<usize>>,
}

impl<'d> Gaps<'d> {
    fn of(document: &'d Document) -> Self {
        Self {
            text: document.text(),
            comments: document.comment_extents(),
        }
    }

    /// The list or map as one in brackets, if it is one.
    fn bracketed(&self, node: &Node, path: &KeyPath) -> Option<Bracketed> {
        let written = &self.text[node.span.clone()];
        // Before the bracket there may be a tag and an anchor.
        let mut begins = written;
        while begins.starts_with(['!', '&']) {
            let end = begins.find(char::is_whitespace)?;
            begins = begins[end..].trim_start();
        }
        let is_in_brackets = (begins.starts_with('[') && written.ends_with(']'))
            || (begins.starts_with('{') && written.ends_with('}'));
        if !is_in_brackets {
            return None;
        }
        let (start, end) = (node.span.end - begins.len() + 1, node.span.end - 1);
        let mut children: Vec<_> = node.children.iter().collect();
        children.sort_unstable_by_key(|child| child.start());
        let (mut at, mut is_over_lines) = (start, false);
        for child in children {
            let (from, to) = (child.start(), child.extent().end);
            // What a merge key brings in stands elsewhere.
            if from < start || to > end {
                continue;
            }
            is_over_lines |= from > at && self.text[at..from].contains('\n');
            at = at.max(to);
        }
        is_over_lines |= self.text[at..end].contains('\n');
        let comma = self.comma(at, end).filter(|_| at > start);
        Some(Bracketed {
            path: path.clone(),
            is_over_lines,
            comma,
        })
    }

    /// Where the comma is there, outside of comments.
    fn comma(&self, mut from: usize, end: usize) -> Option<usize> {
        let first = self.comments.partition_point(|comment| comment.end <= from);
        for comment in &self.comments[first..] {
            let to = comment.start.min(end);
            if let Some(at) = self.text.get(from..to)?.find(',') {
                return Some(from + at);
            }
            if comment.start >= end {
                return None;
            }
            from = comment.end;
        }
        Some(from + self.text.get(from..end)?.find(',')?)
    }
}
