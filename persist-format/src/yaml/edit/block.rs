//! Reshaping block collections: their text is cut into the lines of each child and the lines between, and put together anew.
//!
//! A block collection has no brackets and no commas: columns alone say what belongs to what, and a comment belongs to no node at all. So the unit is not the node but its lines:
//! from the comments directly above it, at its own column, to the line break after it ([`chunks`](super::chunks)). Lines between children, blank or comments set apart, are no child's, and keep their
//! order. Of the children that are kept a longest run in the old order stays untouched ([`order`](super::order)); the others, and those that come from elsewhere, are copied, moved
//! to this column. Putting text next to other text can change what either says, in three ways that [`parts`](super::parts) sees to: a comment below a block scalar becomes a line of it, unless it is moved
//! left; a block scalar at the end of a text without a last line break loses its own in some readers; the first child after a dash has its
//! indentation from the dash's line. What aliases need must not go ([`guard`](super::guard)). Terms: YAML 1.2.2, chapter 8 (block styles) and 6.6 (comments); of readers that differ `serde_yaml` is asked
//! after each edit, libyaml and `PyYAML` by the tests.

use std::collections::HashSet;
use std::ops::Range;

use super::chunks::Chunk;
use super::order::{Planned, staying};
use super::parts::{End, Part};
use super::{NO_CHILDREN, Spot, YamlEditor, unsayable};
use crate::engine::{Arrival, Slot, Splice};
use crate::refusal::Refusal;
use crate::tree::Node;
use crate::value::Value;
use crate::yaml::cst::Id;
use crate::yaml::emit::Layout;

/// Where new children are written, and how.
pub(super) struct Destination {
    pub(super) column: usize,
    pub(super) layout: Layout,
}

impl YamlEditor<'_> {
    pub(super) fn reshape_block(
        &self,
        spot: Spot,
        value: &Value,
        node: &Node,
        slots: &[Slot],
    ) -> Result<Vec<Splice>, Refusal> {
        let chunks = self.chunks(spot.id, node)?;
        let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else {
            return Err(NO_CHILDREN);
        };
        let column = self.page.column(first.start);
        let region = first.lines.start..last.lines.end;
        let mut layout = self.layout_among(chunks.iter().filter_map(|chunk| chunk.key));
        // Some readers drop the line break of a block scalar at the very end of a text that has none.
        layout.literals &= !self.is_unfinished(region.end);
        let place = Destination { column, layout };
        let order = self.order(&chunks, node, slots)?;
        let kept: HashSet<usize> = order.iter().filter_map(Planned::chunk).collect();
        for (_, dropped) in (0..).zip(&chunks).filter(|(at, _)| !kept.contains(at)) {
            self.guard_dropped(&dropped.lines)?;
            self.guard_merged(spot.id, dropped.key)?;
        }
        let stays = staying(&order);
        let mut parts: Vec<Part> = Vec::new();
        // The lines between chunks stay in their order: those before a chunk that stays come before it, the rest at the end.
        let mut gaps = chunks
            .windows(2)
            .map(|pair| pair[0].lines.end..pair[1].lines.start)
            .enumerate()
            .peekable();
        for (at, planned) in order.iter().enumerate() {
            if let (Planned::Old { chunk, .. }, true) = (planned, stays[at]) {
                while let Some((_, gap)) = gaps.next_if(|(before, _)| before < chunk) {
                    parts.push(self.verbatim(gap));
                }
            }
            match planned {
                Planned::Old { chunk, key: None } if stays[at] => {
                    let Chunk { lines, start, .. } = &chunks[*chunk];
                    // The first child on a dash's line has no indentation of its own.
                    if lines.start == *start && !parts.is_empty() {
                        parts.push(Part::new(" ".repeat(column)));
                    }
                    parts.push(self.verbatim(lines.clone()));
                }
                _ => parts.push(self.part(planned, &chunks, &place, value)?),
            }
        }
        parts.extend(gaps.map(|(_, gap)| self.verbatim(gap)));
        let mut splices = Vec::new();
        if order.is_empty() {
            let empty = if matches!(value.untagged(), Value::Map(_)) {
                "{}"
            } else {
                "[]"
            };
            let written = self.emptied(spot, &region, empty, &mut parts);
            if let (Some(written), true) = (&written, parts.is_empty())
                && self.is_unfinished(region.end)
            {
                return Ok(self.last_line(written, &region));
            }
            splices.extend(written);
        }
        splices.extend(self.put_together(&region, column, parts));
        Ok(splices)
    }

    /// The lines of one child in the new text.
    fn part(
        &self,
        planned: &Planned<'_>,
        chunks: &[Chunk],
        place: &Destination,
        container: &Value,
    ) -> Result<Part, Refusal> {
        match planned {
            Planned::Old { chunk, key } => self.old_part(&chunks[*chunk], *key, place.column),
            Planned::New(arrival) => self.new_part(arrival, place, container),
        }
    }

    /// The lines of a child that is new to the container: those that it has elsewhere, if it comes `from` there and they fit.
    pub(super) fn new_part(
        &self,
        Arrival { key, value, from }: &Arrival,
        place: &Destination,
        container: &Value,
    ) -> Result<Part, Refusal> {
        let key = key.as_ref();
        let from = from.as_ref();
        if let Some(part) = from.and_then(|from| self.moved_part(from, key, place, container)) {
            return Ok(part);
        }
        let lines = match key {
            Some(key) => place.layout.entry(key, value, place.column),
            None => place.layout.item(value, place.column),
        };
        let lines = lines.map_err(|e| unsayable(&e))?;
        Ok(Part {
            end: match place.layout.literals && lines.len() > 1 {
                true => End::Scalar,
                false => End::Other,
            },
            ..Part::new(format!("{}{}", self.page.join(&lines), self.page.newline))
        })
    }

    pub(super) fn old_part(
        &self,
        chunk: &Chunk,
        key: Option<&Value>,
        column: usize,
    ) -> Result<Part, Refusal> {
        let mut text = self.page.slice(chunk.lines.clone()).to_owned();
        if let (Some(key), Some(id)) = (key, chunk.key) {
            let splice = self.renamed(id, key)?;
            let range =
                splice.range.start - chunk.lines.start..splice.range.end - chunk.lines.start;
            text.replace_range(range, &splice.text);
        }
        // The first child of a mapping on a dash's line has no indentation of its own.
        if chunk.lines.start == chunk.start {
            text.insert_str(0, &" ".repeat(column));
        }
        if !text.ends_with(['\n', '\r']) {
            text.push_str(self.page.newline);
        }
        Ok(Part {
            end: self.end_of(&chunk.lines),
            ..Part::new(text)
        })
    }

    /// The key's text as the new key, in the old one's quotes.
    pub(super) fn renamed(&self, id: Id, key: &Value) -> Result<Splice, Refusal> {
        let node = &self.cst.nodes[id];
        let mut text = self
            .layout_like_key(node)
            .key(key)
            .map_err(|e| unsayable(&e))?;
        let needs_space = node.is_absent()
            && !self.page.text[..node.content].ends_with([' ', '\n', '\r'])
            && node.content > 0;
        if needs_space {
            text.insert(0, ' ');
        }
        // A tag would make the new key another value; the anchor has to stay.
        let start = if node.tag.is_some() {
            node.start
        } else {
            node.content
        };
        if let (Some(anchor), Some(_)) = (&node.anchor, &node.tag) {
            text.insert_str(0, &format!("&{} ", anchor.name));
        }
        Ok(Splice {
            range: start..node.end,
            text,
        })
    }

    /// The line above the region becomes the last of a text that does not end with a line break, and still does not.
    fn last_line(&self, written: &Splice, region: &Range<usize>) -> Vec<Splice> {
        let above = &self.page.text[..region.start];
        let above = above.strip_suffix('\n').unwrap_or(above);
        let start = above.strip_suffix('\r').unwrap_or(above).len();
        if written.range.end < start {
            let cut = Splice {
                range: start..region.end,
                text: String::new(),
            };
            return vec![written.clone(), cut];
        }
        vec![Splice {
            range: written.range.start..region.end,
            text: written.text.clone(),
        }]
    }

    /// Writes `{}` or `[]` where the last child went; comments that were between the children stay below.
    fn emptied(
        &self,
        spot: Spot,
        region: &Range<usize>,
        empty: &str,
        parts: &mut Vec<Part>,
    ) -> Option<Splice> {
        parts.retain(|part| !part.text.trim().is_empty());
        let indicator = self.indicator_end(spot);
        let node = &self.cst.nodes[spot.id];
        let compact = !self.page.begins_line(region.start)
            && self.page.line_start(region.start) != region.start;
        if compact || (indicator >= node.content && node.start == node.content) {
            parts.insert(0, Part::new(format!("{empty}{}", self.page.newline)));
            return None;
        }
        let properties = [
            node.anchor.as_ref().map(|a| a.span.end),
            node.tag.as_ref().map(|t| t.span.end),
        ];
        let at = properties
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(indicator)
            .max(indicator);
        Some(Splice {
            range: at..at,
            text: format!(" {empty}"),
        })
    }
}
