//! Tables under headers of their own.

use super::super::emit;
use super::table::{dotted, header_names, key_segment};
use super::{TomlEditor, lines};
use crate::path::{KeyPath, Segment};
use crate::value::{Map, Value};

impl TomlEditor<'_> {
    /// True if a new child is better written under a header of its own than on the table's lines.
    pub(super) fn as_section(&self, path: &KeyPath, map: &Map, value: &Value) -> bool {
        if emit::is_tables(value) {
            return true;
        }
        let Value::Map(new) = value else { return false };
        let siblings = map
            .iter()
            .filter(|(_, value)| value.is_map())
            .map(|(name, _)| path.child(name.as_str().unwrap_or_default()));
        let (inline, sections): (Vec<_>, Vec<_>) =
            siblings.partition(|child| self.outline.is_inline(child) || self.is_dotted(child));
        if !sections.is_empty() || !inline.is_empty() {
            return sections.len() >= inline.len();
        }
        path.is_root() || new.len() > 4 || new.values().any(Value::is_container)
    }

    fn is_dotted(&self, path: &KeyPath) -> bool {
        !self.outline.headers.contains_key(path) && self.dotted_home(path).is_some()
    }

    /// A new child under its own header; the old lines of one that was moved here, with its headers changed.
    pub(super) fn section(
        &self,
        path: &KeyPath,
        name: &Value,
        value: &Value,
        from: Option<&KeyPath>,
        out: &mut String,
    ) {
        if !out.is_empty() {
            out.push('\n');
        }
        let carried = from
            .and_then(|from| self.tree.value.resolve(from))
            .and_then(|from| self.carried(&from, &path.join(key_segment(name))));
        if let Some(lines) = carried {
            out.push_str(&lines);
            return;
        }
        let mut fresh = String::new();
        emit::section(&mut header_names(path), name, value, &mut fresh);
        out.push_str(&fresh);
    }

    /// True if what is moved here stands under headers.
    pub(super) fn is_section(&self, from: Option<&KeyPath>) -> bool {
        let from = from.and_then(|from| self.tree.value.resolve(from));
        let first = from.and_then(|from| self.outline.under(&from).next());
        first.is_some_and(|first| self.is_header(first))
    }

    fn is_header(&self, at: usize) -> bool {
        !self.outline.statements[at].is_entry()
    }

    /// The lines of a table under headers, or of an array of such tables, as they are under others.
    fn carried(&self, from: &KeyPath, to: &KeyPath) -> Option<String> {
        let all: Vec<usize> = self.outline.under(from).collect();
        let (&first, &last) = (all.first()?, all.last()?);
        if !self.is_header(first) || last - first + 1 != all.len() {
            return None;
        }
        let mut out = String::new();
        let mut at = self.block(first).start;
        for index in all {
            let line = &self.outline.statements[index];
            if line.is_entry() {
                continue;
            }
            let rest = line.path.segments()[from.segments().len()..].iter();
            let rest = rest.filter(|segment| matches!(segment, Segment::Key(_)));
            let keys = &line.statement.keys;
            let (start, end) = (keys.first()?.span.start, keys.last()?.span.end);
            out.push_str(&self.text[at..start]);
            out.push_str(&dotted(
                &to.segments().iter().chain(rest).cloned().collect(),
            ));
            at = end;
        }
        out.push_str(&self.text[at..self.outline.statements[last].lines.end]);
        if !out.ends_with('\n') {
            out.push('\n');
        }
        Some(out)
    }

    /// The place after all that is written of a table, comments that follow its last line included.
    pub(super) fn end_of(&self, path: &KeyPath) -> usize {
        let last = if path.is_root() {
            self.outline.statements.len().checked_sub(1)
        } else {
            self.outline.under(path).last()
        };
        let Some(last) = last else {
            return self.text.len();
        };
        let from = self.outline.statements[last].lines.end;
        let to = if last + 1 < self.outline.statements.len() {
            self.block(last + 1).start
        } else {
            self.text.len()
        };
        lines::last_written(self.text, from..to)
    }
}
