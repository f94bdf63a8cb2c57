//! Tables that are spread over lines: under headers, by dotted keys, or both.

use super::super::emit::{self, inline, key};
use super::{Edit, lines};
use crate::engine::{Arrival, Slot, Splice};
use crate::path::{KeyPath, Segment};
use crate::plan;
use crate::refusal::Refusal;
use crate::value::{Map, Value};

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

impl Edit<'_> {
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
    fn names_after_header(&self, path: &KeyPath, at: usize) -> Option<String> {
        let line = &self.outline.statements[at];
        let own = line.statement.keys.len();
        let header = line.path.segments().len() - own;
        let names: KeyPath = path.segments().get(header..)?.iter().cloned().collect();
        (!names.is_root()).then(|| dotted(&names))
    }

    /// The splices that put the new slots in.
    fn add(&self, path: &KeyPath, map: &Map, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let mut splices = Vec::new();
        let mut body = String::new();
        let mut sections = String::new();
        let home = self.home(path);
        let mut after: Option<usize> = None;
        for slot in slots {
            let Arrival { key, value, from } = match slot {
                Slot::Old(index, _) => {
                    after = self.direct_entry(&path.join(segment(map, *index)), &home);
                    continue;
                }
                Slot::New(arrival) => arrival,
            };
            let (name, from) = (key.as_ref(), from.as_ref());
            let name = name.ok_or(Refusal::Missing("an entry needs a key"))?;
            let is_section = self.as_section(path, map, value) || self.is_section(from);
            if home.prefix.is_empty() && is_section {
                self.section(path, name, value, from, &mut sections);
                continue;
            }
            let line = self.entry_lines(&home, name, value, from);
            // Behind a sibling of the same section the new entry stands where it stands in the wanted order.
            match after.filter(|_| body.is_empty() && !is_last_entry(slots, slot)) {
                Some(at) => push(&mut splices, at, lines::at(self.text, at, &line)),
                None => body.push_str(&line),
            }
        }
        if !body.is_empty() {
            let text = lines::at(
                self.text,
                home.at,
                &format!("{}{body}{}", home.head, home.foot),
            );
            push(&mut splices, home.at, text);
        }
        if !sections.is_empty() {
            let at = self.end_of(path);
            let blank = if self.text[..at].trim().is_empty() && body.is_empty() {
                ""
            } else {
                "\n"
            };
            push(
                &mut splices,
                at,
                lines::at(self.text, at, &format!("{blank}{sections}")),
            );
        }
        Ok(splices)
    }

    /// The place after a child's line, if it is one plain line of the table's own section.
    fn direct_entry(&self, child: &KeyPath, home: &Home) -> Option<usize> {
        let line = &self.outline.statements[*self.outline.entries.get(child)?];
        let plain =
            line.statement.keys.len() == 1 && home.prefix.is_empty() && home.head.is_empty();
        (plain && line.lines.end <= home.at).then_some(line.lines.end)
    }

    /// A new entry's lines, with the old text and comments of one that was moved here.
    fn entry_lines(
        &self,
        home: &Home,
        name: &Value,
        value: &Value,
        from: Option<&KeyPath>,
    ) -> String {
        let (indent, prefix, name) = (&home.indent, &home.prefix, key(name));
        let from = from
            .and_then(|from| self.tree.value.resolve(from))
            .and_then(|from| self.outline.entries.get(&from));
        let Some(&at) = from else {
            return format!("{indent}{prefix}{name} = {}\n", inline(value));
        };
        let line = &self.outline.statements[at];
        let comments: String = self.text[self.block(at).start..line.lines.start]
            .lines()
            .map(|comment| format!("{indent}{}\n", comment.trim_start()))
            .collect();
        let keys_end = line
            .statement
            .keys
            .last()
            .map_or(line.statement.span.start, |key| key.span.end);
        let rest = self.text[keys_end..line.lines.end].trim_end();
        format!("{comments}{indent}{prefix}{name}{rest}\n")
    }

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
    fn dotted_home(&self, path: &KeyPath) -> Option<Home> {
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

    /// True if a new child is better written under a header of its own than on the table's lines.
    fn as_section(&self, path: &KeyPath, map: &Map, value: &Value) -> bool {
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
    fn section(
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
    fn is_section(&self, from: Option<&KeyPath>) -> bool {
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

/// Adds a splice; one more at the same place goes behind.
fn push(splices: &mut Vec<Splice>, at: usize, text: String) {
    match splices.iter_mut().find(|splice| splice.range == (at..at)) {
        Some(there) => there.text.push_str(&text),
        None => splices.push(Splice {
            range: at..at,
            text,
        }),
    }
}

/// True if only new entries come after this one.
fn is_last_entry(slots: &[Slot], slot: &Slot) -> bool {
    let place = slots
        .iter()
        .position(|other| std::ptr::eq(other, slot))
        .unwrap_or(0);
    slots[place..].iter().all(|slot| slot.arrival().is_some())
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

fn segment(map: &Map, index: usize) -> Segment {
    map.entry_at(index).map_or_else(
        || Segment::Key(String::new()),
        |(name, _)| key_segment(name),
    )
}

fn key_segment(name: &Value) -> Segment {
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
