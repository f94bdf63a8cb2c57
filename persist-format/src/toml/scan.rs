//! From text to statements: headers and key-value lines, with spans. Lexing and the grammar are `toml_parser`'s.

use std::ops::Range;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ParseError, Raw, Source, Span};

use super::table::{Key, place};
use crate::budget::Budget;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::tree::{Node, Tree};
use crate::value::{Float, Integer, Map, Value};

/// A line, or the lines that one value takes.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// From the first byte of the first key, or of the header's bracket, to the end of the value or header.
    pub(super) span: Range<usize>,
    pub(super) keys: Vec<Key>,
    pub(super) kind: StatementKind,
}

#[derive(Clone, Debug)]
pub(super) enum StatementKind {
    /// `[a.b]`
    Table,
    /// `[[a.b]]`
    Element,
    /// `a.b = value`
    Entry(Tree),
}

/// The spans of all comments.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let comment = |event: &Event| event.kind() == EventKind::Comment;
    events(text, 512)
        .0
        .iter()
        .filter(|event| comment(event))
        .map(|event| range(event.span()))
        .collect()
}

fn range(span: Span) -> Range<usize> {
    span.start()..span.end()
}

fn events(text: &str, depth: usize) -> (Vec<Event>, Option<ParseError>) {
    let tokens = Source::new(text).lex().into_vec();
    let (mut events, mut error) = (Vec::new(), None);
    let mut guard = RecursionGuard::new(&mut events, u32::try_from(depth).unwrap_or(u32::MAX));
    parse_document(&tokens, &mut guard, &mut error);
    (events, error)
}

/// The statements of a text that is known to be TOML.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<Vec<Statement>, Error> {
    statements(text, limits, true)
}

/// As [`scan`], for what is known to be within limits; values are null, and have their span alone.
pub(super) fn outline(text: &str) -> Vec<Statement> {
    statements(text, &Limits::none(), false).unwrap_or_default()
}

fn statements(text: &str, limits: &Limits, values: bool) -> Result<Vec<Statement>, Error> {
    let mut budget = Budget::new(limits);
    // Lexing takes no memory; the parser wants all tokens at once. Each of them has a byte at least.
    let most = budget.tokens();
    if text.len() > most && Source::new(text).lex().nth(most).is_some() {
        return Err(budget.beyond_tokens().with_span(text, 0..0));
    }
    let (events, error) = events(text, limits.max_depth());
    if let Some(error) = error {
        let span = error.unexpected().or(error.context()).map_or(0..0, range);
        return Err(Error::at(
            ErrorKind::Syntax,
            error.description(),
            text,
            span,
        ));
    }
    let mut scanner = Scanner {
        text,
        events: &events,
        at: 0,
        budget: &mut budget,
        values,
    };
    let mut statements = Vec::new();
    while let Some(event) = scanner.peek() {
        match event.kind() {
            EventKind::StdTableOpen => {
                statements.push(scanner.header(EventKind::StdTableClose, StatementKind::Table)?);
            }
            EventKind::ArrayTableOpen => {
                statements
                    .push(scanner.header(EventKind::ArrayTableClose, StatementKind::Element)?);
            }
            EventKind::SimpleKey => statements.push(scanner.entry()?),
            _ => scanner.at += 1,
        }
    }
    Ok(statements)
}

struct Scanner<'a, 'b, 'c> {
    text: &'a str,
    events: &'a [Event],
    at: usize,
    budget: &'b mut Budget<'c>,
    /// Whether values are wanted, or only where they are.
    values: bool,
}

impl Scanner<'_, '_, '_> {
    fn peek(&self) -> Option<&Event> {
        self.events.get(self.at)
    }

    /// The next event that says something.
    fn next(&mut self) -> Result<Event, Error> {
        while let Some(event) = self.events.get(self.at) {
            self.at += 1;
            match event.kind() {
                EventKind::Whitespace | EventKind::Comment | EventKind::Newline => {}
                _ => return Ok(*event),
            }
        }
        Err(self.wrong(self.text.len()..self.text.len()))
    }

    /// What `toml` accepts never comes here; text is never trusted to be what it was.
    fn wrong(&self, span: Range<usize>) -> Error {
        Error::at(ErrorKind::Syntax, "this is not valid TOML", self.text, span)
    }

    fn raw(&self, event: &Event) -> Raw<'_> {
        Raw::new_unchecked(
            &self.text[range(event.span())],
            event.encoding(),
            event.span(),
        )
    }

    fn key(&self, event: &Event) -> Result<Key, Error> {
        let mut name = std::borrow::Cow::Borrowed("");
        let mut error: Option<ParseError> = None;
        self.raw(event).decode_key(&mut name, &mut error);
        let span = range(event.span());
        match error {
            None => Ok(Key {
                name: name.into_owned(),
                span,
            }),
            Some(_) => Err(self.wrong(span)),
        }
    }

    fn header(&mut self, close: EventKind, kind: StatementKind) -> Result<Statement, Error> {
        let start = self.next()?.span().start();
        let mut keys = Vec::new();
        self.budget.leave_all();
        loop {
            let event = self.next()?;
            match event.kind() {
                EventKind::SimpleKey => {
                    self.count(&event)?;
                    // The lines below are within it.
                    self.enter(range(event.span()))?;
                    keys.push(self.key(&event)?);
                }
                EventKind::KeySep => {}
                found if found == close => {
                    return Ok(Statement {
                        span: start..event.span().end(),
                        keys,
                        kind,
                    });
                }
                _ => return Err(self.wrong(range(event.span()))),
            }
        }
    }

    fn entry(&mut self) -> Result<Statement, Error> {
        let (keys, tree) = self.assignment()?;
        let start = keys.first().map_or(0, |key| key.span.start);
        Ok(Statement {
            span: start..tree.node.span.end,
            keys,
            kind: StatementKind::Entry(tree),
        })
    }

    /// `a.b = value`
    fn assignment(&mut self) -> Result<(Vec<Key>, Tree), Error> {
        let mut keys = Vec::new();
        loop {
            let event = self.next()?;
            match event.kind() {
                EventKind::SimpleKey => {
                    // The last is counted with its value.
                    if !keys.is_empty() {
                        self.count(&event)?;
                        self.enter(range(event.span()))?;
                    }
                    keys.push(self.key(&event)?);
                }
                EventKind::KeySep => {}
                EventKind::KeyValSep => {
                    let event = self.next()?;
                    let value = self.value(&event)?;
                    keys.iter().skip(1).for_each(|_| self.budget.leave());
                    return Ok((keys, value));
                }
                _ => return Err(self.wrong(range(event.span()))),
            }
        }
    }

    fn value(&mut self, event: &Event) -> Result<Tree, Error> {
        let span = range(event.span());
        if !self.values {
            return self.skipped(event);
        }
        self.count(event)?;
        match event.kind() {
            EventKind::Scalar => Ok(Tree {
                value: self.scalar(event)?,
                node: Node::new(span),
            }),
            EventKind::ArrayOpen => self.nested(span, Self::array),
            EventKind::InlineTableOpen => self.nested(span, Self::inline_table),
            _ => Err(self.wrong(span)),
        }
    }

    /// Counts what makes a value: the value, or a key that opens a table.
    fn count(&mut self, event: &Event) -> Result<(), Error> {
        let counted = self.budget.node();
        counted.map_err(|e| e.with_span(self.text, range(event.span())))
    }

    /// Goes into an array or table: one in brackets, or one that a dotted key or a header opens.
    fn enter(&mut self, span: Range<usize>) -> Result<(), Error> {
        let entered = self.budget.enter();
        entered.map_err(|e| e.with_span(self.text, span))
    }

    fn skipped(&mut self, event: &Event) -> Result<Tree, Error> {
        let mut depth = 0;
        let mut last = *event;
        loop {
            match last.kind() {
                EventKind::ArrayOpen | EventKind::InlineTableOpen => depth += 1,
                EventKind::ArrayClose | EventKind::InlineTableClose => depth -= 1,
                _ => {}
            }
            if depth <= 0 {
                return Ok(Tree {
                    value: Value::Null,
                    node: Node::new(event.span().start()..last.span().end()),
                });
            }
            last = self.next()?;
        }
    }

    fn nested(
        &mut self,
        span: Range<usize>,
        read: impl FnOnce(&mut Self, usize) -> Result<Tree, Error>,
    ) -> Result<Tree, Error> {
        self.enter(span.clone())?;
        let tree = read(self, span.start);
        self.budget.leave();
        tree
    }

    fn array(&mut self, start: usize) -> Result<Tree, Error> {
        let (mut items, mut children) = (Vec::new(), Vec::new());
        loop {
            let event = self.next()?;
            match event.kind() {
                EventKind::ArrayClose => {
                    let node = Node {
                        children,
                        ..Node::new(start..event.span().end())
                    };
                    return Ok(Tree {
                        value: items.into(),
                        node,
                    });
                }
                EventKind::ValueSep => {}
                _ => {
                    let item = self.value(&event)?;
                    items.push(item.value);
                    children.push(item.node);
                }
            }
        }
    }

    fn inline_table(&mut self, start: usize) -> Result<Tree, Error> {
        let mut table = Tree {
            value: Value::Map(Map::new()),
            node: Node::default(),
        };
        loop {
            match self.peek().map(Event::kind) {
                Some(EventKind::InlineTableClose) => {
                    let end = self.next()?.span().end();
                    table.node.span = start..end;
                    return Ok(table);
                }
                Some(EventKind::SimpleKey) => {
                    let (keys, tree) = self.assignment()?;
                    place(&mut table, &keys, tree).map_err(|span| self.wrong(span))?;
                }
                Some(_) => self.at += 1,
                None => return Err(self.wrong(self.text.len()..self.text.len())),
            }
        }
    }

    fn scalar(&self, event: &Event) -> Result<Value, Error> {
        let span = range(event.span());
        let spelling = &self.text[span.clone()];
        let is_string = matches!(
            event.encoding(),
            Some(
                Encoding::BasicString
                    | Encoding::LiteralString
                    | Encoding::MlBasicString
                    | Encoding::MlLiteralString
            )
        );
        if !is_string {
            self.budget
                .digits(spelling)
                .map_err(|e| e.with_span(self.text, span.clone()))?;
        }
        let mut decoded = std::borrow::Cow::Borrowed("");
        let mut error: Option<ParseError> = None;
        let kind = self.raw(event).decode_scalar(&mut decoded, &mut error);
        if error.is_some() {
            return Err(self.wrong(span));
        }
        match kind {
            ScalarKind::String => Ok(Value::String(decoded.into_owned())),
            ScalarKind::Boolean(b) => Ok(b.into()),
            ScalarKind::DateTime => decoded
                .parse()
                .map(Value::Datetime)
                .map_err(|e: Error| e.with_span(self.text, span)),
            ScalarKind::Float => match decoded.parse::<f64>() {
                Ok(x) => Ok(Float::spelled(x, spelling).into()),
                Err(_) => Err(self.wrong(span)),
            },
            ScalarKind::Integer(radix) => match i64::from_str_radix(&decoded, radix.value()) {
                Ok(n) => Ok(Integer::from(n).into()),
                Err(_) => Err(Error::at(
                    ErrorKind::Limit,
                    "the integer is beyond the 64 bits of TOML",
                    self.text,
                    span,
                )),
            },
        }
    }
}
