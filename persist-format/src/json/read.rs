//! The spanned reader. It accepts exactly RFC 8259 (and in the other dialect comments and trailing commas), within limits.

use std::ops::Range;

use super::dialect::Dialect;
use super::string;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::path::{KeyPath, Segment};
use crate::tree::{Node, Tree};
use crate::value::{Float, Integer, Map, Value};

/// Reads the one value of the text.
pub(crate) fn read(text: &str, dialect: Dialect, limits: &Limits) -> Result<Tree, Error> {
    let mut reader = Reader {
        text,
        at: 0,
        dialect,
        budget: Budget::new(limits),
    };
    reader.gap()?;
    let tree = reader.value()?;
    reader.gap()?;
    if reader.at < text.len() {
        return Err(reader.wrong("expected the end of the file after the value"));
    }
    Ok(tree)
}

/// The spans of all comments of a text that reads.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string::end(text, at),
            b'/' => {
                let end = comment_end(text, at).unwrap_or(text.len());
                found.push(at..end);
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// The end of the comment that starts here, a line comment's without its newline.
pub(super) fn comment_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    if rest.starts_with("//") {
        let end = rest.find('\n').unwrap_or(rest.len());
        Some(start + rest[..end].trim_end_matches('\r').len())
    } else if let Some(inner) = rest.strip_prefix("/*") {
        inner.find("*/").map(|end| start + end + 4)
    } else {
        None
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    budget: Budget<'a>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn wrong(&self, message: &str) -> Error {
        let found = match self.text[self.at..].chars().next() {
            None => "the end of the file".to_owned(),
            Some(c) => format!("{c:?}"),
        };
        let width = self.text[self.at..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
        self.error(
            ErrorKind::Syntax,
            format!("{message}, found {found}"),
            self.at..self.at + width,
        )
    }

    /// An error at the value that is read; the containers around it add their steps to its path.
    fn error(&self, kind: ErrorKind, message: impl Into<String>, span: Range<usize>) -> Error {
        Error::at(kind, message, self.text, span).with_path(KeyPath::root())
    }

    /// Whitespace and, where they are allowed, comments.
    fn gap(&mut self) -> Result<(), Error> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Error> {
        let Some(end) = comment_end(self.text, self.at) else {
            return Err(self.error(ErrorKind::Syntax, "unclosed comment", self.at..self.at + 1));
        };
        if self.dialect == Dialect::Strict {
            let error = self.error(
                ErrorKind::Syntax,
                "comments are not part of JSON",
                self.at..end,
            );
            return Err(error.with_help("remove the comment, or name the file .jsonc"));
        }
        self.at = end;
        Ok(())
    }

    fn value(&mut self) -> Result<Tree, Error> {
        let start = self.at;
        self.budget.node().map_err(|e| {
            e.with_span(self.text, start..start)
                .with_path(KeyPath::root())
        })?;
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self
                .string()
                .map(|text| self.scalar(start, Value::String(text))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn scalar(&self, start: usize, value: Value) -> Tree {
        Tree {
            value,
            node: Node::new(start..self.at),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Tree, Error>,
    ) -> Result<Tree, Error> {
        self.budget
            .enter()
            .map_err(|e| e.with_span(self.text, self.at..self.at + 1))?;
        self.at += 1;
        let tree = read(self);
        self.budget.leave();
        tree
    }

    fn array(&mut self) -> Result<Tree, Error> {
        let start = self.at - 1;
        let (mut items, mut children) = (Vec::new(), Vec::new());
        self.gap()?;
        while !self.eat(b']') {
            let item = self.value();
            let item = item.map_err(|e| e.within(Segment::Index(items.len())))?;
            items.push(item.value);
            children.push(item.node);
            self.separator(b']', "expected `,` or `]` after an array's item")?;
        }
        Ok(Tree {
            value: Value::Sequence(items),
            node: Node {
                children,
                ..Node::new(start..self.at)
            },
        })
    }

    fn object(&mut self) -> Result<Tree, Error> {
        let start = self.at - 1;
        let (mut map, mut children) = (Map::new(), Vec::new());
        self.gap()?;
        while !self.eat(b'}') {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("expected a key in double quotes"));
            }
            let key_start = self.at;
            let key = self.string()?;
            let key_span = key_start..self.at;
            let child = self.after_key();
            let child = child.map_err(|e| e.within(Segment::from(key.as_str())))?;
            let node = Node {
                key: Some(key_span.clone()),
                ..child.node
            };
            match map.put(key.into(), child.value) {
                (at, None) => {
                    debug_assert_eq!(at, children.len(), "a new key comes last");
                    children.push(node);
                }
                (twin, Some(_)) if self.budget.allows_duplicate_keys() => children[twin] = node,
                (twin, Some(_)) => {
                    let message = "duplicate key in the object";
                    let error = self.error(ErrorKind::DuplicateKey, message, key_span);
                    let key = map.entry_at(twin).and_then(|(key, _)| key.as_str());
                    return Err(error
                        .within(Segment::from(key.unwrap_or_default()))
                        .with_help("keep one of the two; parsers disagree on which one counts"));
                }
            }
            self.separator(b'}', "expected `,` or `}` after an object's value")?;
        }
        Ok(Tree {
            value: Value::Map(map),
            node: Node {
                children,
                ..Node::new(start..self.at)
            },
        })
    }

    /// An entry's colon and value.
    fn after_key(&mut self) -> Result<Tree, Error> {
        self.gap()?;
        if !self.eat(b':') {
            return Err(self.wrong("expected `:` after a key"));
        }
        self.gap()?;
        self.value()
    }

    /// What may stand between a child and the next or the closing bracket, which is left to the caller.
    fn separator(&mut self, close: u8, expected: &str) -> Result<(), Error> {
        self.gap()?;
        let comma = self.at;
        if self.eat(b',') {
            self.gap()?;
            if self.peek() == Some(close) && self.dialect == Dialect::Strict {
                let error = self.error(
                    ErrorKind::Syntax,
                    "trailing commas are not part of JSON",
                    comma..comma + 1,
                );
                return Err(error.with_help("remove the comma"));
            }
            if self.peek().is_none() {
                return Err(self.wrong(expected));
            }
        } else if self.peek() != Some(close) {
            return Err(self.wrong(expected));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, Error> {
        let start = self.at;
        if let Some(text) = string::plain(self.text, start) {
            self.at += text.len() + 2;
            return Ok(text.to_owned());
        }
        let end = string::end(self.text, start);
        let text = string::decode(&self.text[start..end]).map_err(|(span, why)| {
            self.error(ErrorKind::Syntax, why, start + span.start..start + span.end)
        })?;
        self.at = end;
        Ok(text)
    }

    fn word(&mut self) -> Result<Tree, Error> {
        let start = self.at;
        let words = [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ];
        let letters = self.text[start..]
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        let word = &self.text[start..start + letters];
        match words.into_iter().find(|(name, _)| *name == word) {
            Some((name, value)) => {
                self.at += name.len();
                Ok(self.scalar(start, value))
            }
            None if letters == 0 => Err(self.wrong("expected a value")),
            None => Err(self
                .error(
                    ErrorKind::Syntax,
                    "expected a value, found text without quotes",
                    start..start + letters,
                )
                .with_help("put text in double quotes")),
        }
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.wrong("expected a digit"))
        } else {
            Ok(())
        }
    }

    fn number(&mut self) -> Result<Tree, Error> {
        let start = self.at;
        self.eat(b'-');
        if self.eat(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.wrong("a number can't begin with 0"));
            }
        } else {
            self.digits()?;
        }
        let whole = self.at;
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        let spelling = &self.text[start..self.at];
        let span = start..self.at;
        self.budget.digits(spelling).map_err(|e| {
            e.with_span(self.text, span.clone())
                .with_path(KeyPath::root())
        })?;
        if self.at == whole && spelling != "-0" {
            return Ok(self.scalar(start, Integer::from_decimal(spelling)?.into()));
        }
        let number: f64 = spelling.parse().unwrap_or(f64::INFINITY);
        if number.is_infinite() {
            return Err(self.error(
                ErrorKind::Limit,
                "the number is beyond the range of a 64-bit float",
                span,
            ));
        }
        Ok(self.scalar(start, Float::spelled(number, spelling).into()))
    }
}
