//! Reshaping block collections: their text is cut into the lines of each child and the lines between, and put together anew.

use std::ops::Range;

use super::page::shifted;
use super::{Plan, Spot};
use crate::engine::{Slot, Splice, Unfit};
use crate::path::KeyPath;
use crate::tree::{Node, Origin};
use crate::value::Value;
use crate::yaml::cst::{Id, Kind};

/// One child as it is written.
struct Chunk {
    /// Its index in the value; `None` for a merge key, which is no child there.
    index: Option<usize>,
    /// Its lines, from its own comments above to its last line break.
    lines: Range<usize>,
    /// Where it begins itself.
    start: usize,
    key: Option<Id>,
}

/// A part of the new text: whole lines, with the place of the old text that they are, if they are.
struct Part {
    text: String,
    source: Option<Range<usize>>,
}

impl Part {
    fn new(text: String) -> Self {
        Self { text, source: None }
    }
}

impl Plan<'_> {
    pub(super) fn reshape_block(
        &self,
        spot: Spot,
        value: &Value,
        node: &Node,
        slots: &[Slot],
    ) -> Result<Vec<Splice>, Unfit> {
        let chunks = self.chunks(spot.id, node)?;
        let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else {
            return Err(Unfit::new("it has no children"));
        };
        let column = self.page.column(first.start);
        let region = first.lines.start..last.lines.end;
        let order = self.order(&chunks, node, slots)?;
        let stays = longest_increasing(&order);
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
                _ => parts.push(Part::new(self.part(planned, &chunks, column, value)?)),
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
            splices.extend(self.emptied(spot, &region, empty, &mut parts));
        }
        splices.extend(self.put_together(&region, column, parts));
        Ok(splices)
    }

    /// The children as they are written.
    fn chunks(&self, id: Id, node: &Node) -> Result<Vec<Chunk>, Unfit> {
        let cst = self.cst;
        let own = node
            .children
            .iter()
            .enumerate()
            .filter(|(_, child)| child.origin != Origin::Merged)
            .map(|(index, _)| index);
        let mut own = own.into_iter();
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut push = |index: Option<usize>, key: Option<Id>, start: usize, end: usize| {
            let after = chunks.last().map(|chunk| chunk.lines.end);
            let lines = self.chunk_lines(start, end, after);
            if after.is_some_and(|after| lines.start < after) {
                return Err(Unfit::new("two children are on one line"));
            }
            chunks.push(Chunk {
                index,
                lines,
                start,
                key,
            });
            Ok(())
        };
        match &cst.nodes[id].kind {
            Kind::Sequence { items, .. } => {
                for item in items {
                    let dash = item.dash.ok_or_else(|| Unfit::new("an item has no dash"))?;
                    push(
                        own.next(),
                        None,
                        dash,
                        cst.nodes[item.node].end.max(dash + 1),
                    )?;
                }
            }
            Kind::Mapping { entries, .. } => {
                for entry in entries {
                    let index = if cst.is_merge_key(entry.key) {
                        None
                    } else {
                        own.next()
                    };
                    push(index, Some(entry.key), entry.start(cst), entry.end(cst))?;
                }
            }
            _ => {}
        }
        Ok(chunks)
    }

    /// The lines of a child that stands at these places: with its comments just above, unless it is the first of the whole text, whose comments
    /// may be the file's own, or stands after a dash.
    fn chunk_lines(&self, start: usize, end: usize, after: Option<usize>) -> Range<usize> {
        let next = self.page.next_line(end);
        if !self.page.begins_line(start) {
            return start..next;
        }
        let column = self.page.column(start);
        let mut first = self.page.line_start(start);
        while let Some(above) = self.page.previous_line(first) {
            let is_own = self.page.comment_column(above) == Some(column)
                && after.is_none_or(|after| above >= after)
                && self.is_comment(above);
            if !is_own {
                break;
            }
            first = above;
        }
        let is_file_header = after.is_none() && first == 0;
        if is_file_header {
            self.page.line_start(start)..next
        } else {
            first..next
        }
    }

    /// True if the line is a comment, not a line of a block scalar that looks like one.
    fn is_comment(&self, line: usize) -> bool {
        let end = self.page.line_end(line);
        let at = self
            .cst
            .comments
            .partition_point(|comment| comment.start < line);
        self.cst
            .comments
            .get(at)
            .is_some_and(|comment| comment.start < end)
    }

    /// The slots with the chunks they mean, merge keys kept where they stand.
    fn order<'s>(
        &self,
        chunks: &[Chunk],
        node: &Node,
        slots: &'s [Slot],
    ) -> Result<Vec<Planned<'s>>, Unfit> {
        let chunk_of = |index: usize| chunks.iter().position(|chunk| chunk.index == Some(index));
        let mut order: Vec<Planned<'s>> = Vec::new();
        let mut kept_merged = 0;
        for slot in slots {
            match slot {
                Slot::Keep(index) => match chunk_of(*index) {
                    Some(chunk) => order.push(Planned::Old { chunk, key: None }),
                    None => kept_merged += 1,
                },
                Slot::Rename(index, key) => {
                    let chunk = chunk_of(*index)
                        .ok_or_else(|| Unfit::new("the key comes in by a merge key"))?;
                    order.push(Planned::Old {
                        chunk,
                        key: Some(key),
                    });
                }
                Slot::New(key, value) => {
                    // A new entry that overrides a merged one.
                    order.push(Planned::New {
                        key: key.as_ref(),
                        value,
                        from: None,
                    });
                }
                Slot::Moved(key, from, value) => order.push(Planned::New {
                    key: key.as_ref(),
                    value,
                    from: Some(from),
                }),
            }
        }
        let merged = node
            .children
            .iter()
            .filter(|child| child.origin == Origin::Merged)
            .count();
        let overridden = slots
            .iter()
            .any(|slot| matches!(slot, Slot::New(..) | Slot::Moved(..)));
        if kept_merged < merged && !overridden {
            return Err(Unfit::new("an entry comes in by a merge key"));
        }
        for (chunk, _) in chunks
            .iter()
            .enumerate()
            .filter(|(_, chunk)| chunk.index.is_none())
        {
            let at = order.iter().position(
                |planned| matches!(planned, Planned::Old { chunk: other, .. } if *other > chunk),
            );
            order.insert(
                at.unwrap_or(if chunk == 0 { 0 } else { order.len() }),
                Planned::Old { chunk, key: None },
            );
        }
        Ok(order)
    }

    /// The lines of one child in the new text.
    fn part(
        &self,
        planned: &Planned<'_>,
        chunks: &[Chunk],
        column: usize,
        container: &Value,
    ) -> Result<String, Unfit> {
        match planned {
            Planned::Old { chunk, key } => self.old_part(&chunks[*chunk], *key, column),
            Planned::New { key, value, from } => {
                if let Some(text) =
                    from.and_then(|from| self.moved_part(from, *key, column, container))
                {
                    return Ok(text);
                }
                let lines = match key {
                    Some(key) => self.layout.entry(key, value, column),
                    None => self.layout.item(value, column),
                };
                let lines = lines.map_err(|e| Self::unfit(&e))?;
                Ok(format!("{}{}", self.page.join(&lines), self.page.newline))
            }
        }
    }

    fn old_part(&self, chunk: &Chunk, key: Option<&Value>, column: usize) -> Result<String, Unfit> {
        let mut text = self.page.slice(chunk.lines.clone()).to_owned();
        if let (Some(key), Some(id)) = (key, chunk.key) {
            let splice = self.renamed(id, key)?;
            text.replace_range(
                splice.range.start - chunk.lines.start..splice.range.end - chunk.lines.start,
                &splice.text,
            );
        }
        // The first child of a mapping on a dash's line has no indentation of its own.
        if chunk.lines.start == chunk.start {
            text.insert_str(0, &" ".repeat(column));
        }
        if !text.ends_with(['\n', '\r']) {
            text.push_str(self.page.newline);
        }
        Ok(text)
    }

    /// The key's text as the new key, in the old one's quotes.
    pub(super) fn renamed(&self, id: Id, key: &Value) -> Result<Splice, Unfit> {
        let node = &self.cst.nodes[id];
        let mut text = self
            .layout_like(node)
            .key(key)
            .map_err(|e| Self::unfit(&e))?;
        let needs_space = node.is_absent()
            && !self.page.text[..node.content].ends_with([' ', '\n', '\r'])
            && node.content > 0;
        if needs_space {
            text.insert(0, ' ');
        }
        let start = if node.tag.is_some() {
            node.start
        } else {
            node.content
        };
        if node.tag.is_some() && node.anchor.is_some() {
            return Err(Unfit::new("the key has an anchor and a tag"));
        }
        Ok(Splice {
            range: start..node.end,
            text,
        })
    }

    /// A child of another block collection, its lines moved to this one's column; `None` if they would not fit.
    fn moved_part(
        &self,
        from: &KeyPath,
        key: Option<&Value>,
        column: usize,
        container: &Value,
    ) -> Option<String> {
        let (parent, last) = from.split_last()?;
        let (spot, value, node) = self.find(&parent).ok()?;
        let is_map = matches!(value.untagged(), Value::Map(_));
        if !self.cst.nodes[spot.id].is_block_collection()
            || is_map != matches!(container.untagged(), Value::Map(_))
        {
            return None;
        }
        let index = last.find_in(value)?;
        let chunks = self.chunks(spot.id, node).ok()?;
        let chunk = chunks.iter().find(|chunk| chunk.index == Some(index))?;
        let old_column = self.page.column(chunk.start);
        let same_key = matches!(value.untagged(), Value::Map(map) if map.entry_at(index).map(|(key, _)| key) == key);
        let text = self
            .old_part(chunk, key.filter(|_| !same_key), old_column)
            .ok()?;
        Some(shifted(&text, old_column, column))
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

    fn verbatim(&self, lines: Range<usize>) -> Part {
        Part {
            text: self.page.slice(lines.clone()).to_owned(),
            source: Some(lines),
        }
    }

    /// The splices that make the region these parts; what stays is not touched.
    fn put_together(
        &self,
        region: &Range<usize>,
        column: usize,
        mut parts: Vec<Part>,
    ) -> Vec<Splice> {
        parts.retain(|part| !part.text.is_empty());
        self.keep_comments(&mut parts, column);
        self.fit_ends(region, &mut parts);
        let mut splices = Vec::new();
        let mut at = region.start;
        let mut new = String::new();
        for part in parts {
            match part.source {
                Some(source) if source.start >= at => {
                    splices.push(Splice {
                        range: at..source.start,
                        text: std::mem::take(&mut new),
                    });
                    at = source.end;
                }
                _ => new.push_str(&part.text),
            }
        }
        splices.push(Splice {
            range: at..region.end,
            text: new,
        });
        splices.retain(|splice| !splice.range.is_empty() || !splice.text.is_empty());
        splices
    }

    /// A comment that comes to stand below a block scalar would become a line of it, unless it is moved left.
    fn keep_comments(&self, parts: &mut [Part], column: usize) {
        for at in 1..parts.len() {
            let (before, part) = (&parts[at - 1], &parts[at]);
            let Some(source) = &part.source else { continue };
            let after_other = before
                .source
                .as_ref()
                .is_none_or(|before| before.end != source.start);
            if after_other
                && self.page.comment_column(source.start).is_some()
                && self.ends_in_block_scalar(before)
            {
                let lines = part.text.split_inclusive('\n');
                let pad = " ".repeat(column);
                parts[at] = Part::new(
                    lines
                        .map(|line| format!("{pad}{}", line.trim_start_matches([' ', '\t'])))
                        .collect(),
                );
            }
        }
    }

    /// True if the part's last value is a block scalar, or may be one because it is new.
    fn ends_in_block_scalar(&self, part: &Part) -> bool {
        let Some(source) = &part.source else {
            return part.text.trim_end().contains('\n');
        };
        let ends_here = |node: &crate::yaml::cst::Node| {
            source.contains(&node.content) && self.page.next_line(node.end) == source.end
        };
        self.cst
            .nodes
            .iter()
            .any(|node| node.is_block_scalar() && ends_here(node))
    }

    /// The first part may have to begin on the line of a dash; and a text that does not end with a line break still does not.
    fn fit_ends(&self, region: &Range<usize>, parts: &mut Vec<Part>) {
        if self.page.line_start(region.start) != region.start {
            while parts
                .first()
                .is_some_and(|part| part.text.trim().is_empty())
            {
                parts.remove(0);
            }
            if let Some(first) = parts.first_mut() {
                let text = first.text.trim_start();
                let cut = first.text.len() - text.len();
                first.source = first
                    .source
                    .clone()
                    .map(|source| source.start + cut..source.end);
                first.text = text.to_owned();
            }
        }
        if region.end < self.page.text.len() || self.page.text.ends_with(['\n', '\r']) {
            return;
        }
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.iter_mut().enumerate() {
            let text = part.text.trim_end_matches(['\n', '\r']);
            let wanted = if at == last {
                text.to_owned()
            } else {
                format!("{text}{}", self.page.newline)
            };
            let blank = text.is_empty();
            if !blank && wanted != part.text && (at == last || !part.text.ends_with(['\n', '\r'])) {
                *part = Part::new(wanted);
            }
        }
    }
}

/// A child of the new container.
enum Planned<'s> {
    Old {
        chunk: usize,
        key: Option<&'s Value>,
    },
    New {
        key: Option<&'s Value>,
        value: &'s Value,
        from: Option<&'s KeyPath>,
    },
}

/// Which of the old children stay where they are: a longest run in the old order. The others move.
fn longest_increasing(order: &[Planned<'_>]) -> Vec<bool> {
    // `ends[n]` is the place that ends a run of n + 1 with the least chunk; `before` leads back along each run.
    let chunk = |at: usize| match order[at] {
        Planned::Old { chunk, .. } => chunk,
        Planned::New { .. } => usize::MAX,
    };
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; order.len()];
    for at in (0..order.len()).filter(|&at| chunk(at) != usize::MAX) {
        let length = ends.partition_point(|&end| chunk(end) < chunk(at));
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        ends.truncate(length.max(ends.len()));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut stays = vec![false; order.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        stays[at] = true;
        next = before[at];
    }
    stays
}
