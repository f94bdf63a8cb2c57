//! Anchors that were kept, so that a block with aliases of them can be read alone.

use std::collections::{BTreeSet, HashSet};

use super::lines::indent;

#[derive(Default)]
pub(super) struct Anchors(HashSet<String>);

impl Anchors {
    pub(super) fn define(&mut self, text: &str) {
        self.0.extend(names(text, '&').map(str::to_owned));
    }

    /// A line to be put before the block if it has aliases of known anchors: an empty map for each, which also a merge key can take.
    pub(super) fn stand_ins(&self, block: &str, is_item: bool) -> Option<String> {
        let is_known = |name: &&str| self.0.contains(*name);
        let used: BTreeSet<&str> = names(block, '*').filter(is_known).collect();
        if used.is_empty() {
            return None;
        }
        let margin = " ".repeat(indent(block));
        let before = if is_item { "-" } else { "\"(stand-ins)\":" };
        let maps: Vec<String> = used.iter().map(|name| format!("&{name} {{}}")).collect();
        Some(format!("{margin}{before} [{}]\n", maps.join(", ")))
    }
}

/// The names after a mark where a node may begin. Some may stand in strings, which does no harm.
fn names(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let begins = text[..at].ends_with([' ', '\t', '\n', '[', '{', ',']) || at == 0;
        let rest = &text[at + 1..];
        let ends = |c: char| c.is_whitespace() || "[]{},".contains(c);
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        (begins && !name.is_empty()).then_some(name)
    })
}
