//! The list as it is to be.

use super::bracketed::{Item, List};
use super::writer::Writer;
use crate::engine::{Arrival, Slot, Splice};
use crate::splice::layout;
use crate::tree::Node;
use crate::value::Value;

impl List<'_> {
    /// The splices that make the children of the list's node these, with what the format writes for a key and for what is new.
    pub(crate) fn reshape(
        &self,
        node: &Node,
        slots: &[Slot],
        key: impl Fn(&Value) -> String,
        new: impl Fn(&Arrival) -> Item,
    ) -> Vec<Splice> {
        let span = |index: usize| node.children.get(index)?.key.clone();
        let item = |slot: &Slot| match slot {
            Slot::Old(index, renamed) => match renamed.as_ref().zip(span(*index)) {
                Some((renamed, span)) => Item::Edited(*index, span, key(renamed)),
                None => Item::Keep(*index),
            },
            Slot::New(arrival) => new(arrival),
        };
        self.layout(&slots.iter().map(item).collect::<Vec<_>>())
    }

    /// The splices that make the list hold these items, or none if it does.
    fn layout(&self, items: &[Item]) -> Vec<Splice> {
        let head = self.open..self.line_comments_end(self.open);
        let chunks = self.chunks(head.end);
        let mut writer = Writer::new(self, &chunks);
        writer.old(head.clone());
        let trailing = chunks.last().is_some_and(|chunk| chunk.comma.is_some());
        let gone: Vec<bool> = {
            let mut gone = vec![true; chunks.len()];
            items
                .iter()
                .filter_map(Item::old)
                .for_each(|index| gone[index] = false);
            gone
        };
        for (at, item) in items.iter().enumerate() {
            writer.apart(&gone, item.old().unwrap_or(0));
            writer.item(items, at, trailing || at + 1 < items.len());
        }
        writer.apart(&gone, chunks.len());
        writer.close(
            chunks.last().map_or(head.end, |chunk| chunk.tail.end),
            items.is_empty(),
        );
        layout(self.text, self.open..self.close, writer.into_pieces())
    }
}
