//! Where a table's own entries are written.

use super::table::dotted;
use super::{TomlEditor, lines};
use crate::path::KeyPath;

/// Where and how new entries of a table are written.
pub(super) struct Home {
    /// The offset, at a line's start, or the end of the text.
    pub(super) at: usize,
    /// What comes before the lines, once.
    pub(super) head: String,
    /// What comes after the lines, once.
    pub(super) foot: String,
    pub(super) indent: String,
    /// The dotted keys before the entry's own.
    pub(super) prefix: String,
}

impl TomlEditor<'_> {
    /// Where the table's own entries are written.
    pub(super) fn home(&self, path: &KeyPath) -> Home {
        let plain = |at: usize, indent: &str| Home {
            at,
            head: String::new(),
            foot: String::new(),
            indent: indent.to_owned(),
            prefix: String::new(),
        };
        let header = self.outline.headers.get(path).copied();
        if header.is_some() || path.is_root() {
            let first = header.map_or(0, |at| at + 1);
            let entries = (first..self.outline.statements.len())
                .take_while(|&at| self.outline.statements[at].is_entry());
            if let Some(last) = entries.last().map(|at| &self.outline.statements[at]) {
                return plain(
                    last.lines.end,
                    lines::indent(self.text, last.statement.span.start),
                );
            }
            if let Some(header) = header.map(|at| &self.outline.statements[at]) {
                return plain(
                    header.lines.end,
                    lines::indent(self.text, header.statement.span.start),
                );
            }
            return self.top();
        }
        self.dotted_home(path)
            .unwrap_or_else(|| self.new_header(path))
    }

    /// Before the first header of a file that has no entries above it.
    fn top(&self) -> Home {
        let at = if self.outline.statements.is_empty() {
            self.text.len()
        } else {
            self.block(0).start
        };
        let foot = if self.outline.statements.is_empty() {
            ""
        } else {
            "\n"
        };
        Home {
            at,
            head: String::new(),
            foot: foot.into(),
            indent: String::new(),
            prefix: String::new(),
        }
    }

    /// After the last dotted entry of a table that dotted keys make.
    pub(super) fn dotted_home(&self, path: &KeyPath) -> Option<Home> {
        let entry = |at: &usize| {
            self.outline.statements[*at].is_entry() && self.names_after_header(path, *at).is_some()
        };
        let last = self.outline.under(path).rfind(entry)?;
        let line = &self.outline.statements[last];
        Some(Home {
            at: line.lines.end,
            head: String::new(),
            foot: String::new(),
            indent: lines::indent(self.text, line.statement.span.start).to_owned(),
            prefix: format!("{}.", self.names_after_header(path, last)?),
        })
    }

    /// A table that only the headers of its children speak of gets its own before the first of them.
    fn new_header(&self, path: &KeyPath) -> Home {
        let at = self
            .outline
            .under(path)
            .next()
            .map_or(self.text.len(), |first| self.block(first).start);
        Home {
            at,
            head: format!("[{}]\n", dotted(path)),
            foot: "\n".into(),
            indent: String::new(),
            prefix: String::new(),
        }
    }
}
