//! Arrays of tables.

use std::ops::Range;

use super::super::emit;
use super::super::scan::comments;
use super::table::{header_names, merged};
use super::{TomlEditor, lines};
use crate::engine::{Arrival, Slot, Splice};
use crate::path::{KeyPath, Segment};
use crate::plan;
use crate::refusal::Refusal;
use crate::splice::{Piece, layout};
use crate::value::{Map, Value};

impl TomlEditor<'_> {
    pub(super) fn elements(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let count = self
            .tree
            .value
            .get(path)
            .and_then(Value::as_sequence)
            .map_or(0, <[Value]>::len);
        if slots.is_empty() {
            return self.emptied(path);
        }
        let mut arrivals = slots.iter().filter_map(Slot::arrival);
        if !arrivals.all(|arrival| is_table(&arrival.value)) {
            return self.as_array(path, slots);
        }
        if slots.iter().filter_map(Slot::kept).is_sorted() {
            self.in_order(path, count, slots)
        } else {
            self.reordered(path, count, slots)
        }
    }

    /// An array without elements is written inline, in its table.
    fn emptied(&self, path: &KeyPath) -> Result<Vec<Splice>, Refusal> {
        let empty = Value::Sequence(Vec::new());
        let (parent, slots) =
            plan::replaced(&self.tree.value, path, empty).ok_or(Refusal::NO_PLACE)?;
        self.table(&parent, &slots)
    }

    /// Elements only come and go; those that stay are not touched.
    fn in_order(
        &self,
        path: &KeyPath,
        count: usize,
        slots: &[Slot],
    ) -> Result<Vec<Splice>, Refusal> {
        let mut splices = Vec::new();
        for index in plan::dropped(count, slots) {
            self.remove(&path.item(index), &mut splices);
        }
        let mut before: Option<usize> = None;
        for slot in slots {
            match slot {
                Slot::New(Arrival { value, .. }) => {
                    let at = match before {
                        Some(index) => self.end_of(&path.item(index)),
                        None => self
                            .outline
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
                Slot::Old(index, _) => before = Some(*index),
            }
        }
        Ok(merged(splices))
    }

    /// An array that is to hold something else than tables is written inline, the comments of each element above it.
    fn as_array(&self, path: &KeyPath, slots: &[Slot]) -> Result<Vec<Splice>, Refusal> {
        let (parent, last) = path.split_last().ok_or(Refusal::NO_PLACE)?;
        let Segment::Key(name) = last else {
            return Err(Refusal::Layout("the array is within another"));
        };
        let items = self
            .tree
            .value
            .get(path)
            .and_then(Value::as_sequence)
            .ok_or(Refusal::NO_PLACE)?;
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
        for index in plan::dropped(items.len(), slots) {
            // What stands apart from an element stays when it goes.
            if let Some(first) = self.outline.under(&path.item(index)).next() {
                put(
                    self.comments_start(path, first)..self.block(first).start,
                    &mut text,
                );
            }
        }
        for slot in slots {
            let value = match slot {
                Slot::Old(index, _) => {
                    for at in self.outline.under(&path.item(*index)) {
                        put(
                            self.comments_start(path, at)..self.outline.statements[at].lines.end,
                            &mut text,
                        );
                    }
                    items.get(*index).ok_or(Refusal::NO_PLACE)?
                }
                Slot::New(arrival) => &arrival.value,
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
        let before = at
            .checked_sub(1)
            .map(|before| &self.outline.statements[before]);
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
    ) -> Result<Vec<Splice>, Refusal> {
        let blocks = (0..count)
            .map(|index| self.element_block(&path.item(index)))
            .collect::<Option<Vec<_>>>();
        let blocks = blocks.ok_or(Refusal::Layout(
            "other tables are between the elements of the array",
        ))?;
        if blocks.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return Err(Refusal::Layout(
                "the elements of the array are not in order",
            ));
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
                Slot::Old(index, _) => {
                    pieces.push(Piece::Old(blocks[*index].clone()));
                    if ends_open && *index == count - 1 && place + 1 < slots.len() {
                        pieces.push(Piece::New("\n".into()));
                    }
                }
                Slot::New(Arrival { value, .. }) => {
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
        let all: Vec<usize> = self.outline.under(element).collect();
        let (first, last) = (*all.first()?, *all.last()?);
        (last - first + 1 == all.len())
            .then(|| self.block(first).start..self.outline.statements[last].lines.end)
    }
}

fn is_table(value: &Value) -> bool {
    value.as_map().is_some_and(|map: &Map| !map.is_empty())
}
