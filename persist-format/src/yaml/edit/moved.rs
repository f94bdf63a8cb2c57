//! Children that come from another place of the text, as they are written there.

use super::block::Destination;
use super::page::shifted;
use super::parts::Part;
use super::{Indicator, NO_CHILDREN, Parent, Spot, YamlEditor};
use crate::engine::{Slot, Splice};
use crate::path::KeyPath;
use crate::refusal::Refusal;
use crate::value::Value;
use crate::yaml::cst::NodeKind;
use crate::yaml::emit::Text;

impl YamlEditor<'_> {
    /// The lines of a child of another collection, at this one's column; `None` if they would not fit.
    ///
    /// Out of a block collection of the same kind its comments come along, out of any other its value as it is spelled.
    pub(super) fn moved_part(
        &self,
        from: &KeyPath,
        key: Option<&Value>,
        place: &Destination,
        container: &Value,
    ) -> Option<Part> {
        let (parent, last) = from.split_last()?;
        let (spot, value, node) = self.find(&parent).ok()?;
        let is_map = matches!(value.untagged(), Value::Map(_));
        if !self.cst.nodes[spot.id].is_block_collection()
            || is_map != matches!(container.untagged(), Value::Map(_))
        {
            let text = self.moved_text(from)?;
            let head = match key {
                Some(key) => format!("{}:", place.layout.key(key).ok()?),
                None => "-".to_owned(),
            };
            let pad = " ".repeat(place.column);
            return Some(Part::new(format!(
                "{pad}{head} {text}{}",
                self.page.newline
            )));
        }
        let index = last.find_in(value)?;
        let chunks = self.chunks(spot.id, node).ok()?;
        let chunk = chunks.iter().find(|chunk| chunk.index == Some(index))?;
        let old_column = self.page.column(chunk.start);
        let same_key = matches!(value.untagged(), Value::Map(map) if map.entry_at(index).map(|(key, _)| key) == key);
        let part = self
            .old_part(chunk, key.filter(|_| !same_key), old_column)
            .ok()?;
        Some(Part {
            text: shifted(&part.text, old_column, place.column),
            ..part
        })
    }

    /// A value as it is written, if it is on one line and can stand between brackets.
    pub(super) fn moved_text(&self, from: &KeyPath) -> Option<&str> {
        let (spot, ..) = self.find(from).ok()?;
        let node = &self.cst.nodes[spot.id];
        let text = self.page.slice(node.start..node.end);
        let is_scalar = matches!(node.kind, NodeKind::Scalar { .. });
        let marks: &[char] = match is_scalar && !text.starts_with(['"', '\'']) {
            true => &['\n', '\r', ',', '[', ']', '{', '}'],
            false => &['\n', '\r'],
        };
        let is_lines = node.is_block_collection() || node.is_block_scalar();
        let fits = !is_lines && !node.is_absent() && !text.contains(marks);
        fits.then_some(text)
    }

    /// The splices that give the empty `{}` or `[]` its first children, if any of them comes from elsewhere and lines can stand there.
    pub(super) fn filled(
        &self,
        spot: Spot,
        slots: &[Slot],
        reshaped: &Value,
    ) -> Option<Result<Vec<Splice>, Refusal>> {
        let mut arrivals = slots.iter().filter_map(Slot::arrival);
        let is_map = match reshaped {
            Value::Map(_) => true,
            Value::Sequence(_) => false,
            _ => return None,
        };
        let layout = self.layout_for(spot, &self.cst.nodes[spot.id]);
        let step = if is_map { layout.step } else { layout.dash };
        let (column, compact) = match spot.parent {
            Parent::Document => (0, false),
            Parent::Block(Indicator::Entry { column, .. }) => (column + step, false),
            Parent::Block(Indicator::Dash { column, .. }) => (column + 2, true),
            Parent::Flow(_) => return None,
        };
        let place = Destination { column, layout };
        arrivals.any(|arrival| arrival.from.is_some()).then(|| {
            let mut lines = Vec::new();
            for slot in slots {
                let arrival = slot.arrival().ok_or(NO_CHILDREN)?;
                let part = self.new_part(arrival, &place, reshaped)?;
                let newline = self.page.newline;
                let text = part.text.strip_suffix(newline).unwrap_or(&part.text);
                lines.extend(text.split(newline).map(str::to_owned));
            }
            self.put_in_block(spot, Text::of_lines(lines, column, compact))
        })
    }
}
