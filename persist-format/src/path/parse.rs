//! Reading key paths: the dotted form and JSON Pointers.

use std::str::FromStr;

use super::{KeyPath, Segment};
use crate::error::{Error, ErrorKind};

impl FromStr for KeyPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix('/') {
            Some(tokens) => tokens
                .split('/')
                .map(|token| pointer_token(text, token))
                .collect(),
            None => Dotted { text, rest: text }.read(),
        }
    }
}

impl KeyPath {
    /// The ways to take `KEY=VALUE` apart, the shortest key first: what stands before and after the `=`. A `=` within a quoted key is none. A JSON Pointer may
    /// have `=` in it and is not quoted: each may be the one. Whether what stands before is a path is not looked at.
    ///
    /// ```
    /// use persist_format::KeyPath;
    /// assert_eq!(KeyPath::assignments(r#"a."b=c"=d=e"#), [(r#"a."b=c""#, "d=e")]);
    /// assert_eq!(KeyPath::assignments("it's=1"), [("it's", "1")]);
    /// assert_eq!(KeyPath::assignments("/a=b=c"), [("/a", "b=c"), ("/a=b", "c")]);
    /// assert!(KeyPath::assignments("a").is_empty());
    /// ```
    #[must_use]
    pub fn assignments(text: &str) -> Vec<(&str, &str)> {
        let signs: Vec<usize> = match text.starts_with('/') {
            true => text.match_indices('=').map(|(at, _)| at).collect(),
            false => outside_quotes(text).into_iter().collect(),
        };
        let ways = signs.into_iter().map(|at| (&text[..at], &text[at + 1..]));
        ways.collect()
    }
}

/// The first `=` that is not in a quoted key. Quotes are some where a key begins, and only there.
fn outside_quotes(text: &str) -> Option<usize> {
    let mut begins = true;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(b'"') if byte == b'\\' => escaped = true,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'=' => return Some(at),
            None if begins && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None => {}
        }
        begins = quote.is_none() && byte == b'.';
    }
    None
}

fn wrong(text: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Path, format!("{why} in the key path {text:?}"))
        .with_help(r#"write keys as in TOML, `a."key with. dots".list[0]`, or a JSON Pointer, `/a/key with. dots/list/0`"#)
}

fn pointer_token(text: &str, token: &str) -> Result<Segment, Error> {
    let mut key = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        key.push(match c {
            '~' => match chars.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(wrong(text, "`~` is not followed by 0 or 1")),
            },
            c => c,
        });
    }
    Ok(Segment::Key(key))
}

struct Dotted<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Dotted<'_> {
    fn read(mut self) -> Result<KeyPath, Error> {
        let mut path = KeyPath::root();
        if self.rest.is_empty() {
            return Ok(path);
        }
        loop {
            if !(path.is_root() && self.rest.starts_with('[')) {
                path.push(self.key()?);
            }
            while self.rest.starts_with('[') {
                path.push(self.index()?);
            }
            if self.rest.is_empty() {
                return Ok(path);
            }
            self.rest = self.rest.strip_prefix('.').ok_or_else(|| {
                match self.rest.starts_with(['"', '\'']) {
                    true => wrong(self.text, "a quote in an unquoted key"),
                    false => wrong(self.text, "a `.` is missing"),
                }
            })?;
        }
    }

    fn key(&mut self) -> Result<Segment, Error> {
        match self.rest.as_bytes().first() {
            Some(b'"') => self.basic(),
            Some(b'\'') => self.literal(),
            _ => self.bare(),
        }
    }

    /// Wider than TOML's bare keys: anything but the characters that have a meaning here.
    fn bare(&mut self) -> Result<Segment, Error> {
        let special = |c: char| matches!(c, '.' | '[' | ']' | '"' | '\'') || c.is_control();
        let end = self.rest.find(special).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(wrong(self.text, "a key is missing"));
        }
        let (key, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Segment::from(key))
    }

    fn literal(&mut self) -> Result<Segment, Error> {
        let inner = &self.rest[1..];
        let end = inner
            .find('\'')
            .ok_or_else(|| wrong(self.text, "a closing `'` is missing"))?;
        self.rest = &inner[end + 1..];
        Ok(Segment::from(&inner[..end]))
    }

    fn basic(&mut self) -> Result<Segment, Error> {
        let mut key = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Segment::Key(key));
                }
                '\\' => {
                    let (_, escape) = chars
                        .next()
                        .ok_or_else(|| wrong(self.text, "a closing `\"` is missing"))?;
                    key.push(self.escape(escape, &mut chars)?);
                }
                c => key.push(c),
            }
        }
        Err(wrong(self.text, "a closing `\"` is missing"))
    }

    fn escape(
        &self,
        escape: char,
        chars: &mut impl Iterator<Item = (usize, char)>,
    ) -> Result<char, Error> {
        let digits = match escape {
            'b' => return Ok('\u{8}'),
            't' => return Ok('\t'),
            'n' => return Ok('\n'),
            'f' => return Ok('\u{c}'),
            'r' => return Ok('\r'),
            'e' => return Ok('\u{1b}'),
            '"' | '\\' => return Ok(escape),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                return Err(wrong(
                    self.text,
                    format!("`\\{escape}` is not a valid escape"),
                ));
            }
        };
        let hex: String = chars.take(digits).map(|(_, c)| c).collect();
        let code = u32::from_str_radix(&hex, 16)
            .ok()
            .filter(|_| hex.len() == digits && !hex.starts_with('+'));
        code.and_then(char::from_u32)
            .ok_or_else(|| wrong(self.text, format!("`\\{escape}{hex}` is not a character")))
    }

    fn index(&mut self) -> Result<Segment, Error> {
        let end = self
            .rest
            .find(']')
            .ok_or_else(|| wrong(self.text, "a closing `]` is missing"))?;
        let inner = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let number = |digits: &str| {
            digits
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| digits.parse::<usize>().ok())
                .flatten()
        };
        let segment = match inner.strip_prefix('-') {
            _ if inner == "+" => Some(Segment::Append),
            Some(back) => number(back).filter(|&n| n > 0).map(Segment::FromEnd),
            None => number(inner).map(Segment::Index),
        };
        segment.ok_or_else(|| wrong(self.text, format!("`[{inner}]` is not a valid index")))
    }
}
