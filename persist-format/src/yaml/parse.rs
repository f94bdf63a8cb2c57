//! From the parser's events to the [`Cst`].
//!
//! The events say where nodes stand but not the indicators between them (`-`, `?`, `:`, `|`), where values that
//! are not written would stand, or where block scalars really end; a cursor that follows the events through the text finds those.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::cst::{Anchor, Cst, Document, Entry, Id, Item, Node, NodeKind, Tag};
use super::refusal::{limit, syntax_error};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// Lines that may begin with `%`.
const DIRECTIVES: usize = 50_000;

/// Reads a whole stream.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Cst, Error> {
    if text.len() > limits.bytes {
        return Err(Error::new(
            ErrorKind::Limit,
            format!(
                "the text has {} bytes, more than the limit of {}",
                text.len(),
                limits.bytes
            ),
        ));
    }
    // The parser takes long over each directive, also over those it doesn't know.
    let directives = text.lines().filter(|line| line.starts_with('%')).count();
    if directives > DIRECTIVES {
        let message = format!("more than {DIRECTIVES} lines that begin with %");
        return Err(Error::new(ErrorKind::Limit, message));
    }
    let options = granit_parser::options! {
        strict_indentation: true,
        emit_anchor_events: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: limits.max_depth(),
        block_nesting_limit: limits.max_depth(),
    };
    let events = Parser::new_from_str_with_options(text, options);
    Builder {
        text,
        limits,
        events,
        cst: Cst::default(),
        values: 0,
        open: Vec::new(),
        anchors: HashMap::new(),
        cursor: 0,
    }
    .run()
}

struct Builder<'t> {
    text: &'t str,
    limits: &'t Limits,
    events: Parser<'t, StrInput<'t>>,
    cst: Cst,
    /// How many nodes there were that are no keys.
    values: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
    /// One past the last token seen.
    cursor: usize,
}

/// A collection whose end has not been seen.
struct Open {
    id: Id,
    /// Of a mapping: the entry whose key has been read and whose value has not.
    pending: Option<Entry>,
}

/// What precedes a node within its parent.
enum Role {
    Root,
    Item { dash: Option<usize> },
    Key { question: Option<usize> },
    Value { colon: Option<usize> },
}

impl<'t> Builder<'t> {
    fn run(mut self) -> Result<Cst, Error> {
        while let Some(event) = self.events.next_event() {
            let (event, span) = event.map_err(|e| syntax_error(self.text, self.limits, &e))?;
            let range = span.byte_range().unwrap_or(0..0);
            match event {
                Event::DocumentStart(explicit, _) => self.start_document(explicit, &range),
                Event::Comment(..) => {
                    self.cst.comments.push(range);
                    if self.cst.comments.len() > self.limits.nodes {
                        let message = format!("more than {} comments", self.limits.nodes);
                        return Err(limit(self.text, &span, message));
                    }
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(&range),
                Event::DocumentEnd => self.cursor = self.cursor.max(range.end),
                event if event.is_node() => self.node(event, span)?,
                _ => {}
            }
        }
        self.cst.comments.sort_by_key(|range| range.start);
        Ok(self.cst)
    }

    fn start_document(&mut self, explicit: bool, marker: &Range<usize>) {
        self.cursor = if explicit { marker.end } else { self.cursor };
        self.anchors.clear();
        let root = self.cst.nodes.len();
        self.cst.documents.push(Document {
            root,
            start: self.cursor,
            explicit_start: explicit,
        });
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<(), Error> {
        let id = self.cst.nodes.len();
        let range = span.byte_range().unwrap_or(0..0);
        let place = self.place(&event, &range);
        // A key is counted with its value.
        self.values += usize::from(!matches!(place, Role::Key { .. }));
        if self.values > self.limits.nodes {
            return Err(limit(
                self.text,
                &span,
                format!("more than {} values", self.limits.nodes),
            ));
        }
        let tag = self.tag(&event, &span);
        let anchor = self.anchor(&event, id)?;
        let properties = [
            tag.as_ref().map(|t| &t.span),
            anchor.as_ref().map(|a| &a.span),
        ];
        let start = properties.iter().flatten().map(|span| span.start).min();
        if let Some(end) = properties.iter().flatten().map(|span| span.end).max() {
            self.cursor = self.cursor.max(end);
        }
        let (kind, content) = self.content(event, &range);
        let opens = matches!(kind, NodeKind::Sequence { .. } | NodeKind::Mapping { .. });
        let start = start.unwrap_or(content.start);
        if let NodeKind::Alias { target } = kind {
            self.cst.aliases.push((id, target));
        }
        self.cst.nodes.push(Node {
            kind,
            anchor: anchor.map(Box::new),
            tag: tag.map(Box::new),
            start,
            content: content.start,
            end: content.end,
        });
        self.cursor = self.cursor.max(content.end);
        self.attach(id, place);
        if opens {
            self.open.push(Open { id, pending: None });
            if self.open.len() > self.limits.max_depth() {
                return Err(limit(
                    self.text,
                    &span,
                    format!("collections nested deeper than {}", self.limits.max_depth()),
                ));
            }
        }
        Ok(())
    }

    /// Finds the indicator before the node, and moves the cursor past it.
    fn place(&mut self, event: &Event<'_>, span: &Range<usize>) -> Role {
        let Some(open) = self.open.last() else {
            return Role::Root;
        };
        let absent = is_absent(event, span);
        match (&self.cst.nodes[open.id].kind, open.pending) {
            (NodeKind::Mapping { .. }, Some(entry)) => {
                let colon = self.find(b':').filter(|&at| self.is_colon_of(&entry, at));
                self.cursor = colon.map_or(self.cursor, |at| at + 1);
                Role::Value { colon }
            }
            (NodeKind::Mapping { .. }, None) => {
                let question = self
                    .find(b'?')
                    .filter(|&at| absent || at < self.first_byte(event, span));
                if let Some(at) = question {
                    self.cursor = at + 1;
                } else if absent {
                    self.cursor = self.skip(self.cursor, true);
                }
                Role::Key { question }
            }
            (NodeKind::Sequence { flow: false, .. }, _) => {
                let dash = self.find(b'-');
                self.cursor = dash.map_or(self.cursor, |at| at + 1);
                Role::Item { dash }
            }
            _ => Role::Item { dash: None },
        }
    }

    /// A `?` of a pair in a flow sequence is within its mapping event's own span.
    fn first_byte(&self, event: &Event<'_>, span: &Range<usize>) -> usize {
        match event {
            // The start of block collections is only known by their first child.
            Event::SequenceStart(StructureStyle::Block, ..)
            | Event::MappingStart(StructureStyle::Block, ..) => self.text.len(),
            _ => span.start,
        }
    }

    /// In block style the `:` of an explicit key stands below its `?`; another belongs to an enclosing mapping.
    fn is_colon_of(&self, entry: &Entry, colon: usize) -> bool {
        let Some(question) = entry.question else {
            return true;
        };
        let Some(open) = self.open.last() else {
            return true;
        };
        let line = |at: usize| self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        self.cst.nodes[open.id].is_flow()
            || line(question) == line(colon)
            || colon - line(colon) == question - line(question)
    }

    fn tag(&self, event: &Event<'_>, span: &Span) -> Option<Tag> {
        let tag = event.tag()?;
        let span = span.tag_span()?.byte_range()?;
        Some(Tag {
            name: format!("{}{}", tag.handle(), tag.suffix()),
            span,
        })
    }

    /// The parser tells of a node's anchor just after the node.
    fn anchor(&mut self, event: &Event<'_>, id: Id) -> Result<Option<Anchor>, Error> {
        if event.anchor_id().is_none()
            || !matches!(self.events.peek(), Some(Ok((Event::Anchor(..), _))))
        {
            return Ok(None);
        }
        let Some(next) = self.events.next_event() else {
            return Ok(None);
        };
        let (event, span) = next.map_err(|e| syntax_error(self.text, self.limits, &e))?;
        let (Event::Anchor(number, name), Some(span)) = (event, span.byte_range()) else {
            return Ok(None);
        };
        self.anchors.insert(number, id);
        Ok(Some(Anchor {
            name: name.into_owned(),
            span,
            aliased: false,
        }))
    }

    fn content(&mut self, event: Event<'t>, span: &Range<usize>) -> (NodeKind, Range<usize>) {
        let absent = is_absent(&event, span);
        match event {
            Event::Scalar(_, style, ..) if absent => {
                let at = self.cursor;
                (
                    NodeKind::Scalar {
                        text: String::new(),
                        style,
                    },
                    at..at,
                )
            }
            Event::Scalar(text, style @ (ScalarStyle::Literal | ScalarStyle::Folded), ..) => {
                let header = self.skip(self.cursor, false);
                let range = header..self.block_scalar_end(header, span);
                let mut text = text.into_owned();
                // A last line without a line break gives the value none (YAML 1.2.2, 8.1.1.2).
                let unended = range.end == self.text.len() && !self.text.ends_with(['\n', '\r']);
                let last_line = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
                if unended
                    && !last_line.trim_matches([' ', '\t']).is_empty()
                    && text.ends_with('\n')
                {
                    text.pop();
                }
                (NodeKind::Scalar { text, style }, range)
            }
            Event::Scalar(text, style, ..) => (
                NodeKind::Scalar {
                    text: text.into_owned(),
                    style,
                },
                span.clone(),
            ),
            Event::Alias(number) => {
                // An unknown alias has been an error of the parser.
                let target = self.anchors.get(&number).copied().unwrap_or_default();
                if let Some(anchor) = self
                    .cst
                    .nodes
                    .get_mut(target)
                    .and_then(|node| node.anchor.as_mut())
                {
                    anchor.aliased = true;
                }
                (NodeKind::Alias { target }, span.clone())
            }
            Event::SequenceStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                (
                    NodeKind::Sequence {
                        flow,
                        items: Vec::new(),
                    },
                    self.opening(flow, span),
                )
            }
            Event::MappingStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                (
                    NodeKind::Mapping {
                        flow,
                        entries: Vec::new(),
                    },
                    self.opening(flow, span),
                )
            }
            _ => (
                NodeKind::Scalar {
                    text: String::new(),
                    style: ScalarStyle::Plain,
                },
                self.cursor..self.cursor,
            ),
        }
    }

    /// Where a collection begins. Block collections, and pairs in a flow sequence, have no opening of their own: their first child's indicator or
    /// key is what [`Builder::attach`] takes for their start.
    fn opening(&self, flow: bool, span: &Range<usize>) -> Range<usize> {
        let opened = flow && self.text[span.clone()].starts_with(['[', '{']);
        if opened {
            span.clone()
        } else {
            self.cursor..self.cursor
        }
    }

    /// A block scalar's span goes on through the blank lines after it and the next line's indentation. With `+` the blank lines are its own.
    fn block_scalar_end(&self, header: usize, span: &Range<usize>) -> usize {
        let line_end = |from: usize| {
            self.text[from..]
                .find(['\n', '\r'])
                .map_or(self.text.len(), |i| from + i)
        };
        let indicators = self.text[header..line_end(header)]
            .split([' ', '\t'])
            .next()
            .unwrap_or_default();
        let body_end = span.end.max(line_end(header));
        let body = &self.text[line_end(header)..body_end];
        let written = line_end(header) + body.trim_end().len();
        if indicators.contains('+') {
            let tail = &self.text[written..body_end];
            let last_break = tail
                .rfind('\n')
                .map_or(tail.len(), |i| i - usize::from(tail[..i].ends_with('\r')));
            return written + last_break;
        }
        if body.trim().is_empty() {
            header + indicators.len()
        } else {
            line_end(written).min(body_end)
        }
    }

    fn attach(&mut self, id: Id, place: Role) {
        let start = self.cst.nodes[id].start;
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let parent = &mut self.cst.nodes[open.id];
        let first = match (&mut parent.kind, place) {
            (NodeKind::Sequence { items, .. }, Role::Item { dash }) => {
                items.push(Item { dash, node: id });
                (items.len() == 1).then(|| dash.unwrap_or(start))
            }
            (NodeKind::Mapping { entries, .. }, Role::Key { question }) => {
                open.pending = Some(Entry {
                    question,
                    key: id,
                    colon: None,
                    value: id,
                });
                entries.is_empty().then(|| question.unwrap_or(start))
            }
            (NodeKind::Mapping { entries, .. }, Role::Value { colon }) => {
                if let Some(entry) = open.pending.take() {
                    entries.push(Entry {
                        colon,
                        value: id,
                        ..entry
                    });
                }
                None
            }
            _ => None,
        };
        // Flow collections begin with their own bracket.
        if let (Some(first), true) = (first, parent.end == parent.content) {
            parent.content = first;
            parent.end = first;
            if parent.anchor.is_none() && parent.tag.is_none() {
                parent.start = first;
            }
        }
    }

    fn close(&mut self, span: &Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        let closed =
            self.text[span.clone()].ends_with([']', '}']) && self.cst.nodes[open.id].is_flow();
        let end = if closed { span.end } else { self.cursor };
        self.cst.nodes[open.id].end = end;
        self.cursor = self.cursor.max(end);
    }

    /// The place of the indicator, if it is what comes next. Only a `:` can't have a comma before it.
    fn find(&self, indicator: u8) -> Option<usize> {
        let at = self.skip(self.cursor, indicator != b':');
        (self.text.as_bytes().get(at) == Some(&indicator)).then_some(at)
    }

    /// Past white space, line breaks, comments and, between the items of flow collections, commas.
    fn skip(&self, from: usize, commas: bool) -> usize {
        let bytes = self.text.as_bytes();
        let in_flow = self
            .open
            .last()
            .is_some_and(|open| self.cst.nodes[open.id].is_flow());
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                b',' if in_flow && commas => at += 1,
                b'#' => {
                    at = self.text[at..]
                        .find(['\n', '\r'])
                        .map_or(bytes.len(), |i| at + i);
                }
                _ => break,
            }
        }
        at
    }
}

/// The parser reports a value that is not written as a plain scalar of no length.
fn is_absent(event: &Event<'_>, span: &Range<usize>) -> bool {
    matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..)) && span.is_empty()
}
