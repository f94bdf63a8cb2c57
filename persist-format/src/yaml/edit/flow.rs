//! Reshaping flow collections.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Spot, YamlEditor, unsayable};
use crate::engine::{Arrival, Slot, Splice};
use crate::refusal::{Refusal, Shared};
use crate::tree::{Node, Origin};
use crate::value::Value;
use crate::yaml::cst::{Id, NodeKind};

/// One child as it is written between the brackets.
#[derive(Clone, Debug)]
struct FlowChild {
    index: Option<usize>,
    key: Option<Id>,
    /// The white space and comments before it, from the line break after the child before.
    lead: Range<usize>,
    core: Range<usize>,
    /// One past the child itself, before the comma.
    end: usize,
    /// The rest of its last line after its comma: a comment.
    tail: Range<usize>,
}

/// A flow collection as it is written.
struct Inside {
    pieces: Vec<FlowChild>,
    /// After the opening bracket on its line.
    opening: Range<usize>,
    /// From the line break before the closing bracket.
    closing: Range<usize>,
    trailing_comma: bool,
    /// Whether any child has a comment on its line.
    comments: bool,
}

impl YamlEditor<'_> {
    pub(super) fn reshape_flow(
        &self,
        spot: Spot,
        node: &Node,
        slots: &[Slot],
        reshaped: &Value,
    ) -> Result<Vec<Splice>, Refusal> {
        let written = &self.cst.nodes[spot.id];
        let bracketed = self
            .page
            .slice(written.content..written.end)
            .starts_with(['[', '{']);
        let empty = written.content + 2 >= written.end || self.children(spot.id).is_empty();
        if !bracketed || empty || slots.is_empty() {
            let filled = self.filled(spot, slots, reshaped);
            return filled.unwrap_or_else(|| self.replace_at(spot, reshaped));
        }
        let inside = self.inside(spot.id, node);
        let kept: HashSet<usize> = slots.iter().filter_map(Slot::kept).collect();
        for piece in inside
            .pieces
            .iter()
            .filter(|piece| piece.index.is_some_and(|index| !kept.contains(&index)))
        {
            self.guard_dropped(&piece.core)?;
            if self.has_comment(&(piece.end..piece.core.end)) {
                return Err(Refusal::Layout(
                    "there is a comment between a value and its comma",
                ));
            }
        }
        let mut splice = self.fill(&inside, slots)?;
        splice.range = written.content + 1..written.end - 1;
        Ok(vec![splice])
    }

    /// Start, end and key of each child.
    fn children(&self, id: Id) -> Vec<(usize, usize, Option<Id>)> {
        let cst = self.cst;
        match &cst.nodes[id].kind {
            NodeKind::Sequence { items, .. } => items
                .iter()
                .map(|item| (cst.nodes[item.node].start, cst.nodes[item.node].end, None))
                .collect(),
            NodeKind::Mapping { entries, .. } => entries
                .iter()
                .map(|entry| (entry.start(cst), entry.end(cst), Some(entry.key)))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn inside(&self, id: Id, node: &Node) -> Inside {
        let written = &self.cst.nodes[id];
        let (open, close) = (written.content + 1, written.end - 1);
        let children = self.children(id);
        let mut own =
            (0..node.children.len()).filter(|&index| node.children[index].origin != Origin::Merged);
        let first = children.first().map_or(close, |child| child.0);
        let split = self.first_break(open..first);
        let mut inside = Inside {
            pieces: Vec::new(),
            opening: open..split,
            closing: close..close,
            trailing_comma: false,
            comments: false,
        };
        let mut lead = split..first;
        for (at, &(start, end, key)) in children.iter().enumerate() {
            let next = children.get(at + 1).map_or(close, |child| child.0);
            let comma = self.comma(end..next);
            let index = if key.is_some_and(|key| self.cst.is_merge_key(key)) {
                None
            } else {
                own.next()
            };
            let after = comma.map_or(end, |comma| comma + 1);
            let split = self.first_break(after..next);
            inside.pieces.push(FlowChild {
                index,
                key,
                lead,
                core: start..comma.unwrap_or(end),
                end,
                tail: after..split,
            });
            inside.trailing_comma = comma.is_some();
            inside.comments |= self.page.slice(after..split).contains('#');
            lead = split..next;
        }
        inside.closing = lead;
        inside
    }

    /// The end of the part that is on this line: where white space has no line break, nothing of it.
    fn first_break(&self, range: Range<usize>) -> usize {
        let at = self.page.slice(range.clone()).find(['\n', '\r']);
        at.map_or(range.start, |i| range.start + i)
    }

    fn comma(&self, range: Range<usize>) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            match self.page.text.as_bytes()[at] {
                b',' => return Some(at),
                b'#' => at = self.page.line_end(at),
                _ => at += 1,
            }
        }
        None
    }

    fn fill(&self, inside: &Inside, slots: &[Slot]) -> Result<Splice, Refusal> {
        let pieces = &inside.pieces;
        let mut text = self.page.slice(inside.opening.clone()).to_owned();
        let count = slots.len() + pieces.iter().filter(|piece| piece.index.is_none()).count();
        let by_index: HashMap<usize, &FlowChild> = pieces
            .iter()
            .filter_map(|piece| Some((piece.index?, piece)))
            .collect();
        let layout = self.layout_among(pieces.iter().filter_map(|piece| piece.key));
        let mut written = 0;
        for piece in pieces.iter().filter(|piece| piece.index.is_none()) {
            written += 1;
            self.push_piece(&mut text, inside, piece, None, written, count)?;
        }
        for slot in slots {
            written += 1;
            match slot {
                Slot::Old(index, key) => {
                    let piece = by_index.get(index).ok_or(Shared::Merged("an entry"))?;
                    let key = key.as_ref();
                    self.push_piece(&mut text, inside, piece, key, written, count)?;
                }
                Slot::New(Arrival { key, value, from }) => {
                    let lead = self.new_lead(inside, written - 1);
                    self.break_after_comment(&mut text, inside, &lead);
                    text.push_str(&lead);
                    // What is written of it where it comes from.
                    let old = from.as_ref().and_then(|from| self.moved_text(from));
                    let new = match (old, key) {
                        (Some(old), Some(key)) => {
                            layout.key(key).map(|key| format!("{key}: {old}"))
                        }
                        (Some(old), None) => Ok(old.to_owned()),
                        (None, Some(key)) => layout.pair(key, value),
                        (None, None) => layout.flow(value),
                    };
                    text.push_str(&new.map_err(|e| unsayable(&e))?);
                    if written < count || inside.trailing_comma {
                        text.push(',');
                    }
                }
            }
        }
        let closing = self.page.slice(inside.closing.clone());
        self.break_after_comment(&mut text, inside, closing);
        text.push_str(closing);
        Ok(Splice { range: 0..0, text })
    }

    fn push_piece(
        &self,
        text: &mut String,
        inside: &Inside,
        piece: &FlowChild,
        key: Option<&Value>,
        written: usize,
        count: usize,
    ) -> Result<(), Refusal> {
        let own_lead = self.page.slice(piece.lead.clone());
        let first_lead = inside
            .pieces
            .first()
            .map_or("", |first| self.page.slice(first.lead.clone()));
        // On one line the space is that of the place, on lines of their own the lead goes along.
        let lead = match (
            written == 1,
            own_lead.trim().is_empty() && !own_lead.contains(['\n', '\r']),
        ) {
            (true, true) if !first_lead.contains('#') => first_lead.to_owned(),
            (false, true) if piece.lead == inside.pieces[0].lead => {
                self.new_lead(inside, written - 1)
            }
            _ => own_lead.to_owned(),
        };
        self.break_after_comment(text, inside, &lead);
        text.push_str(&lead);
        let mut core = self.page.slice(piece.core.clone()).to_owned();
        if let (Some(key), Some(id)) = (key, piece.key) {
            let splice = self.renamed(id, key)?;
            core.replace_range(
                splice.range.start - piece.core.start..splice.range.end - piece.core.start,
                &splice.text,
            );
        }
        text.push_str(&core);
        if written < count || inside.trailing_comma {
            text.push(',');
        }
        text.push_str(self.page.slice(piece.tail.clone()));
        Ok(())
    }

    /// What goes before a new child: the white space before the others, without their comments.
    fn new_lead(&self, inside: &Inside, at: usize) -> String {
        let like = if at == 0 {
            inside.pieces.first()
        } else {
            inside.pieces.get(1).or(inside.pieces.first())
        };
        let lead = like.map_or("", |piece| self.page.slice(piece.lead.clone()));
        match lead.rfind(['\n', '\r']) {
            Some(last) => format!("{}{}", self.page.newline, &lead[last + 1..]),
            None if at == 0 => lead.to_owned(),
            None if inside.pieces.len() > 1 => lead.to_owned(),
            None => " ".to_owned(),
        }
    }

    /// A comment ends with its line.
    fn break_after_comment(&self, text: &mut String, inside: &Inside, next: &str) {
        if !inside.comments || next.starts_with(['\n', '\r']) {
            return;
        }
        let last_line = text.rsplit(['\n', '\r']).next().unwrap_or_default();
        if last_line.contains('#') {
            text.push_str(self.page.newline);
        }
    }
}
