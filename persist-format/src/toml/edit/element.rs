//! Arrays of tables.

use std::ops::Range;

use super::super::emit;
use super::super::scan::comments;
use super::table::{header_names, merged};
use super::{Edit, lines, no_place};
use crate::engine::{Slot, Splice, Unfit};
use crate::path::{KeyPath, Segment};
use crate::splice::{Piece, layout};
use crate::value::{Map, Value};

impl Edit<'_> {
    pub(super) fn elements(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Unfit> {
        let count = self
            .tree
            .value
            .get(path)
            .and_then(Value::as_sequence)
            .map_or(0, <[Value]>::len);
        if slots.is_empty() {
            return self.emptied(path);
        }
        let can_stay = |slot: &Slot| match slot {
            Slot::New(_, value) | Slot::Moved(_, _, value) => is_table(value),
            Slot::Keep(_) | Slot::Rename(..) => true,
        };
        if !slots.iter().all(can_stay) {
            return self.as_array(path, slots);
        }
        let kept: Vec<usize> = slots.iter().filter_map(old).collect();
        if kept.is_sorted() {
            self.in_order(path, count, slots)
        } else {
            self.reordered(path, count, slots)
        }
    }

    /// An array without elements is written inline, in its table.
    fn emptied(&self, path: &KeyPath) -> Result<Vec<Splice>, Unfit> {
        let (parent, _) = path.split_last().ok_or_else(no_place)?;
        let container = self.tree.value.get(&parent).ok_or_else(no_place)?;
        let index = path
            .segments()
            .last()
            .and_then(|last| last.find_in(container))
            .ok_or_else(no_place)?;
        let name = container
            .as_map()
            .and_then(|map| map.entry_at(index))
            .map(|(name, _)| name.clone());
        let mut slots = crate::plan::keep_all(container);
        slots[index] = Slot::New(name, Value::Sequence(Vec::new()));
        self.table(&parent, &slots)
    }

    /// Elements only come and go; those that stay are not touched.
    fn in_order(&self, path: &KeyPath, count: usize, slots: &[Slot]) -> Result<Vec<Splice>, Unfit> {
        let mut splices = Vec::new();
        let mut gone = vec![true; count];
        slots
            .iter()
            .filter_map(old)
            .for_each(|index| gone[index] = false);
        for index in (0..count).filter(|&index| gone[index]) {
            self.remove(&path.item(index), &mut splices);
        }
        let mut before: Option<usize> = None;
        for slot in slots {
            match slot {
                Slot::New(_, value) | Slot::Moved(_, _, value) => {
                    let at = match before {
                        Some(index) => self.end_of(&path.item(index)),
                        None => self
                            .under(&path.item(0))
                            .next()
                            .map_or(self.text.len(), |first| self.block(first).start),
                    };
                    let fresh = self.fresh(path, value);
                    let text = if before.is_some() {
                        format!("\n{fresh}")
                    } else {
                        format!("{fresh}\n")
                    };
                    match splices
                        .iter_mut()
                        .find(|s: &&mut Splice| s.range == (at..at))
                    {
                        Some(there) => there.text.push_str(&text),
                        None => splices.push(Splice {
                            range: at..at,
                            text: lines::at(self.text, at, &text),
                        }),
                    }
                }
                kept => before = old(kept),
            }
        }
        Ok(merged(splices))
    }

    /// An array that is to hold something else than tables is written inline, the comments of each element above it.
    fn as_array(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Unfit> {
        let (parent, last) = path.split_last().ok_or_else(no_place)?;
        let Segment::Key(name) = last else {
            return Err(Unfit::new("the array is within another"));
        };
        let items = self
            .tree
            .value
            .get(path)
            .and_then(Value::as_sequence)
            .ok_or_else(no_place)?;
        let home = self.home(&parent);
        let mut text = format!(
            "{}{}{}{} = [\n",
            home.head,
            home.indent,
            home.prefix,
            emit::key(&name.as_str().into())
        );
        let put = |range: Range<usize>, text: &mut String| {
            for comment in comments(&self.text[range.clone()]) {
                let comment = &self.text[range.start + comment.start..range.start + comment.end];
                text.push_str(&format!("{}  {comment}\n", home.indent));
            }
        };
        let kept: Vec<usize> = slots.iter().filter_map(old).collect();
        for index in (0..items.len()).filter(|index| !kept.contains(index)) {
            // What stands apart from an element stays when it goes.
            if let Some(first) = self.under(&path.item(index)).next() {
                put(
                    self.comments_start(path, first)..self.block(first).start,
                    &mut text,
                );
            }
        }
        for slot in slots {
            let value = match slot {
                Slot::Keep(index) | Slot::Rename(index, _) => {
                    for at in self.under(&path.item(*index)) {
                        put(
                            self.comments_start(path, at)..self.statements[at].lines.end,
                            &mut text,
                        );
                    }
                    items.get(*index).ok_or_else(no_place)?
                }
                Slot::New(_, value) | Slot::Moved(_, _, value) => value,
            };
            text.push_str(&format!("{}  {},\n", home.indent, emit::inline(value)));
        }
        text.push_str(&format!("{}]\n{}", home.indent, home.foot));
        let mut splices = vec![Splice {
            range: home.at..home.at,
            text: lines::at(self.text, home.at, &text),
        }];
        self.remove(path, &mut splices);
        Ok(merged(splices))
    }

    /// Where the comments begin that go when the statement goes with its neighbours of the same array.
    fn comments_start(&self, path: &KeyPath, at: usize) -> usize {
        let before = at.checked_sub(1).map(|before| &self.statements[before]);
        match before.filter(|line| line.path.starts_with(path)) {
            Some(line) => line.lines.end,
            None => self.block(at).start,
        }
    }

    fn fresh(&self, path: &KeyPath, value: &Value) -> String {
        let mut out = String::new();
        emit::element(&mut header_names(path), value, &mut out);
        out
    }

    /// Elements change places; what stands between them stays where it is.
    fn reordered(
        &self,
        path: &KeyPath,
        count: usize,
        slots: &[Slot],
    ) -> Result<Vec<Splice>, Unfit> {
        let blocks = (0..count)
            .map(|index| self.element_block(&path.item(index)))
            .collect::<Option<Vec<_>>>();
        let blocks = blocks
            .ok_or_else(|| Unfit::new("other tables stand between the elements of the array"))?;
        if blocks.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return Err(Unfit::new("the elements of the array are not in order"));
        }
        let ends_open = !self.text[..blocks[count - 1].end].ends_with('\n');
        let mut gaps = blocks.windows(2).map(|pair| pair[0].end..pair[1].start);
        let mut pieces = Vec::new();
        for (place, slot) in slots.iter().enumerate() {
            if place > 0 {
                match gaps.next() {
                    Some(gap) if !gap.is_empty() => pieces.push(Piece::Old(gap)),
                    _ => pieces.push(Piece::New("\n".into())),
                }
            }
            match slot {
                Slot::Keep(index) | Slot::Rename(index, _) => {
                    pieces.push(Piece::Old(blocks[*index].clone()));
                    if ends_open && *index == count - 1 && place + 1 < slots.len() {
                        pieces.push(Piece::New("\n".into()));
                    }
                }
                Slot::New(_, value) | Slot::Moved(_, _, value) => {
                    pieces.push(Piece::New(self.fresh(path, value)));
                }
            }
        }
        // Gaps that are left over stay only for their comments.
        pieces.extend(
            gaps.filter(|gap| !self.text[gap.clone()].trim().is_empty())
                .map(Piece::Old),
        );
        Ok(layout(
            self.text,
            blocks[0].start..blocks[count - 1].end,
            pieces,
        ))
    }

    /// The lines of an element, if nothing else stands among them.
    fn element_block(&self, element: &KeyPath) -> Option<Range<usize>> {
        let all: Vec<usize> = self.under(element).collect();
        let (first, last) = (*all.first()?, *all.last()?);
        (last - first + 1 == all.len())
            .then(|| self.block(first).start..self.statements[last].lines.end)
    }
}

fn is_table(value: &Value) -> bool {
    value.as_map().is_some_and(|map: &Map| !map.is_empty())
}

fn old(slot: &Slot) -> Option<usize> {
    match slot {
        Slot::Keep(index) | Slot::Rename(index, _) => Some(*index),
        Slot::New(..) | Slot::Moved(..) => None,
    }
}
