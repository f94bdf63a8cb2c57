//! Anchors that were kept, so that a block with aliases of them can be read alone.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use super::lines::indent;

#[derive(Default)]
pub(super) struct Anchors(HashSet<String>);

/// Entries to be put before a block.
pub(super) struct StandIns {
    pub(super) text: String,
    pub(super) count: usize,
}

impl Anchors {
    pub(super) fn define(&mut self, text: &str) {
        self.0.extend(names(text, '&').map(str::to_owned));
    }

    /// An empty map for each anchor that the block has an alias of, which also a merge key can take.
    pub(super) fn stand_ins(&self, block: &str, is_item: bool) -> StandIns {
        let used: BTreeSet<&str> = names(block, '*')
            .filter(|name| self.0.contains(*name))
            .collect();
        let margin = " ".repeat(indent(block));
        let mut text = String::new();
        for (number, name) in used.iter().enumerate() {
            let written = match is_item {
                true => writeln!(text, "{margin}- &{name} {{}}"),
                false => writeln!(text, "{margin}\"anchor {number}\": &{name} {{}}"),
            };
            debug_assert!(written.is_ok(), "a string takes all text");
        }
        StandIns {
            text,
            count: used.len(),
        }
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
