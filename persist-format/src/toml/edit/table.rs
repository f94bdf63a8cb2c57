//! Tables that are spread over lines: under headers, by dotted keys, or both.
//!
//! A table of TOML need not stand in one place. `[a]`, `a.b = 1` further up and `[a.c]` at the end of the file all speak of `a`, with other tables in between, and
//! people order them for reading. What is kept is therefore each *statement* (a header, or an entry with the lines of its value) with the comment lines directly above it, where it stands.
//! The outline says which place of the tree each of them speaks of; an edit of a table is an edit of the statements under its path: those of a child that goes are cut
//! out in runs, a renamed child has its key changed in every statement that spells it, and what is new is put where the table keeps such things: an entry on the lines of the
//! table's own section (or, where dotted keys make the table, behind the last of them), a table as a section of its own if its siblings have some. Nothing is gathered or sorted:
//! a table that is written in three places stays so. What TOML forbids (a header twice, an entry below another table's header) is not ruled out here but by reading the
//! result. `toml_edit`, which was the alternative, has a tree of tables that it prints: by that alone the byte order mark, CRLF and interleaved dotted
//! keys are lost, and it takes all that stands above a statement for its own, where here a blank line sets a comment apart. Terms: TOML 1.1, "Table" and "Array of Tables".

use super::super::emit::key;
use super::{TomlEditor, lines};
use crate::engine::{Slot, Splice};
use crate::path::{KeyPath, Segment};
use crate::plan;
use crate::refusal::Refusal;
use crate::value::{Map, Value};

impl TomlEditor<'_> {
    pub(super) fn table(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let map = self
            .tree
            .value
            .get(path)
            .and_then(Value::as_map)
            .ok_or(Refusal::NO_PLACE)?;
        let mut splices = Vec::new();
        for slot in slots {
            if let Slot::Old(index, Some(name)) = slot {
                self.rename(&path.join(segment(map, *index)), name, &mut splices);
            }
        }
        let removed = plan::dropped(map.len(), slots);
        let removed: Vec<KeyPath> = removed
            .map(|index| path.join(segment(map, index)))
            .collect();
        for child in &removed {
            self.remove(child, &mut splices);
        }
        let mut added = self.add(path, map, slots)?;
        if !removed.is_empty() && added.is_empty() && !self.survives(path, &removed) {
            added = self.keep_empty(path)?;
        }
        splices.extend(added);
        let mut splices = merged(splices);
        self.end_without_blank(&mut splices);
        Ok(splices)
    }

    /// Where nothing is left below, no blank line is wanted.
    fn end_without_blank(&self, splices: &mut [Splice]) {
        let Some((last, before)) = splices.split_last_mut() else {
            return;
        };
        if last.range.end < self.text.len() {
            return;
        }
        if last.text.ends_with("\n\n") {
            last.text.pop();
        }
        if last.text.is_empty() && lines::start(self.text, last.range.start) == last.range.start {
            let floor = before.last().map_or(0, |splice| splice.range.end);
            last.range.start = lines::last_written(self.text, floor..last.range.start);
        }
    }

    /// Changes the key in each statement that spells it.
    fn rename(&self, child: &KeyPath, name: &Value, splices: &mut Vec<Splice>) {
        let depth = child.segments().len();
        for at in self.outline.under(child) {
            let line = &self.outline.statements[at];
            if let Some(place) = line.depths.iter().position(|&d| d == depth) {
                splices.push(Splice {
                    range: line.statement.keys[place].span.clone(),
                    text: key(name),
                });
            }
        }
    }

    /// Takes out all statements below a path, in runs.
    pub(super) fn remove(&self, child: &KeyPath, splices: &mut Vec<Splice>) {
        let mut run: Option<(std::ops::Range<usize>, usize)> = None;
        for at in self.outline.under(child) {
            let block = self.block(at);
            run = match run.take() {
                // Statements next to each other go with all that is between them.
                Some((range, last)) if last + 1 == at => Some((range.start..block.end, at)),
                other => {
                    splices.extend(other.map(|(range, _)| self.cut(range)));
                    Some((block, at))
                }
            };
        }
        splices.extend(run.map(|(range, _)| self.cut(range)));
    }

    fn cut(&self, lines: std::ops::Range<usize>) -> Splice {
        Splice {
            range: lines::removal(self.text, lines),
            text: String::new(),
        }
    }

    /// True if something still speaks of the table when these children are gone.
    fn survives(&self, path: &KeyPath, removed: &[KeyPath]) -> bool {
        path.is_root()
            || self.outline.under(path).any(|at| {
                let line = &self.outline.statements[at].path;
                !removed.iter().any(|child| line.starts_with(child))
            })
    }

    /// A table that no statement speaks of any more gets one.
    fn keep_empty(&self, path: &KeyPath) -> Result<Vec<Splice>, Refusal> {
        let first = self.outline.under(path).next().ok_or(Refusal::NO_PLACE)?;
        let line = &self.outline.statements[first];
        let at = self.block(first).start;
        let text = match line.is_entry() {
            true => {
                let names = self
                    .names_after_header(path, first)
                    .ok_or(Refusal::Layout("the table has no place of its own"))?;
                format!(
                    "{}{names} = {{}}\n",
                    lines::indent(self.text, line.statement.span.start)
                )
            }
            false => format!("[{}]\n", dotted(path)),
        };
        Ok(vec![Splice {
            range: at..at,
            text,
        }])
    }

    /// The keys from the header above a statement down to a path, dotted; none if the path is at or above the header's.
    pub(super) fn names_after_header(&self, path: &KeyPath, at: usize) -> Option<String> {
        let line = &self.outline.statements[at];
        let own = line.statement.keys.len();
        let header = line.path.segments().len() - own;
        let names: KeyPath = path.segments().get(header..)?.iter().cloned().collect();
        (!names.is_root()).then(|| dotted(&names))
    }
}

/// Splices that touch become one, insertions before what is cut.
pub(super) fn merged(mut splices: Vec<Splice>) -> Vec<Splice> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut merged: Vec<Splice> = Vec::with_capacity(splices.len());
    for splice in splices {
        match merged.last_mut() {
            Some(last) if splice.range.start <= last.range.end => {
                last.range.end = last.range.end.max(splice.range.end);
                last.text.push_str(&splice.text);
            }
            _ => merged.push(splice),
        }
    }
    merged
}

pub(super) fn segment(map: &Map, index: usize) -> Segment {
    map.entry_at(index).map_or_else(
        || Segment::Key(String::new()),
        |(name, _)| key_segment(name),
    )
}

pub(super) fn key_segment(name: &Value) -> Segment {
    Segment::Key(name.as_key_text().unwrap_or_else(|| name.to_string()))
}

/// The keys of a path as they are written in headers: indexes are not.
pub(super) fn header_names(path: &KeyPath) -> Vec<String> {
    let name = |segment: &Segment| match segment {
        Segment::Key(name) => Some(key(&name.as_str().into())),
        _ => None,
    };
    path.segments().iter().filter_map(name).collect()
}

pub(super) fn dotted(path: &KeyPath) -> String {
    header_names(path).join(".")
}
