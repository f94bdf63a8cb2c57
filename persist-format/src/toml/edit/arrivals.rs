//! What is new to a table: as entries on its lines, or as sections of their own.

use super::super::emit::{inline, key};
use super::home::Home;
use super::table::segment;
use super::{TomlEditor, lines};
use crate::engine::{Arrival, Slot, Splice};
use crate::path::KeyPath;
use crate::refusal::Refusal;
use crate::value::{Map, Value};

impl TomlEditor<'_> {
    /// The splices that put the new slots in.
    pub(super) fn add(
        &self,
        path: &KeyPath,
        map: &Map,
        slots: &[Slot],
    ) -> Result<Vec<Splice>, Refusal> {
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
