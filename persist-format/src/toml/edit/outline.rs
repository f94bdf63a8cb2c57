//! Which statement of a text speaks of which place in its tree.

use std::collections::HashMap;
use std::ops::Range;

use super::super::scan::{Statement, StatementKind, outline};
use super::lines;
use crate::path::KeyPath;

/// The statements of a text.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(super) statements: Vec<Line>,
    /// The statements that are entries, by the path they set.
    pub(super) entries: HashMap<KeyPath, usize>,
    /// The explicit headers, by the table they open.
    pub(super) headers: HashMap<KeyPath, usize>,
}

/// A statement and where in the tree it is.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) statement: Statement,
    /// The table or value it speaks of, array indexes included.
    pub(super) path: KeyPath,
    /// For each of its own keys, the length of the path up to and including it.
    pub(super) depths: Vec<usize>,
    /// The whole lines it takes.
    pub(super) lines: Range<usize>,
}

impl Line {
    pub(super) fn is_entry(&self) -> bool {
        matches!(self.statement.kind, StatementKind::Entry(_))
    }
}

impl Outline {
    /// Finds for each statement the place in the tree that it speaks of.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self::default();
        let mut elements: HashMap<KeyPath, usize> = HashMap::new();
        let mut table = KeyPath::root();
        for statement in outline(text) {
            let is_entry = matches!(statement.kind, StatementKind::Entry(_));
            let mut path = if is_entry {
                table.clone()
            } else {
                KeyPath::root()
            };
            let mut depths = Vec::with_capacity(statement.keys.len());
            for (at, part) in statement.keys.iter().enumerate() {
                path.push(part.name.as_str());
                depths.push(path.segments().len());
                let opens = matches!(statement.kind, StatementKind::Element)
                    && at + 1 == statement.keys.len();
                if opens {
                    let count = elements.entry(path.clone()).or_insert(0);
                    *count += 1;
                }
                if !is_entry && let Some(count) = elements.get(&path) {
                    path.push(count - 1);
                }
            }
            let known = if is_entry {
                &mut found.entries
            } else {
                &mut found.headers
            };
            known.insert(path.clone(), found.statements.len());
            if !is_entry {
                table = path.clone();
            }
            let span = &statement.span;
            found.statements.push(Line {
                lines: lines::start(text, span.start)..lines::end(text, span.end),
                statement,
                path,
                depths,
            });
        }
        found
    }

    /// True if the value at the path is written within one entry's value.
    pub(super) fn is_inline(&self, path: &KeyPath) -> bool {
        let mut prefix = path.clone();
        loop {
            if self.entries.contains_key(&prefix) {
                return true;
            }
            if prefix.pop().is_none() {
                return false;
            }
        }
    }

    /// The statements that speak of the path or of something below it.
    pub(super) fn under<'s>(
        &'s self,
        path: &'s KeyPath,
    ) -> impl DoubleEndedIterator<Item = usize> + 's {
        (0..self.statements.len()).filter(move |&at| self.statements[at].path.starts_with(path))
    }

    /// The lines of a statement and its own comments above.
    pub(super) fn block(&self, text: &str, at: usize) -> Range<usize> {
        let floor = at
            .checked_sub(1)
            .map_or(0, |before| self.statements[before].lines.end);
        let line = &self.statements[at];
        if at == 0 && !line.is_entry() {
            // What stands above the first header is the file's comment, as in a lock file.
            return line.lines.clone();
        }
        lines::own_start(text, line.lines.start, floor)..line.lines.end
    }
}
