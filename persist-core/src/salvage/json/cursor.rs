//! Reading JSON token by token. Every step goes forward, past what is malformed as well.

use super::super::pieces::HOLE_MARK;

pub(super) const HOLE: u8 = HOLE_MARK as u8;

/// Digits of one number that [`persist_format::Limits`] allow.
const MOST_DIGITS: usize = 4_300;

/// What is wrong with an entry.
pub(super) enum Trouble {
    /// The entry itself.
    Malformed,
    /// What it stands in: brackets before it may be lost.
    PlaceUnknown,
}

pub(super) struct Cursor<'a> {
    text: &'a str,
    pub(super) at: usize,
    /// Whether comments are kept.
    pub(super) comments: bool,
    /// Whether a `*/` may still follow. It is looked for in vain once only.
    comments_end: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, comments: bool) -> Cursor<'a> {
        Cursor {
            text,
            at: 0,
            comments,
            comments_end: true,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// White space and comments, into what is kept.
    pub(super) fn gap(&mut self, out: &mut String) {
        while let Some(byte) = self.peek() {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' => match self.comment() {
                    Some(true) if self.comments => {}
                    Some(_) => continue,
                    None => return,
                },
                _ => return,
            }
            out.push_str(self.since(start));
        }
    }

    /// Goes past a comment and says whether it is whole. `None`, and nothing done, if there is none.
    fn comment(&mut self) -> Option<bool> {
        let rest = self.rest();
        let is_block = rest.starts_with("/*");
        if !is_block && !rest.starts_with("//") {
            return None;
        }
        let end = match is_block && self.comments_end {
            true => rest[2..].find("*/").map(|end| end + 4),
            false => None,
        };
        self.comments_end &= end.is_some() || !is_block;
        let length = end.or_else(|| rest.find('\n')).unwrap_or(rest.len());
        let whole = end.is_some() || !is_block;
        // What follows a hole may be no comment any more.
        let hole = rest[..length].find(char::from(HOLE));
        self.at += hole.unwrap_or(length);
        Some(whole && hole.is_none())
    }

    /// A key with its colon, up to the value.
    pub(super) fn key(&mut self) -> Result<String, Trouble> {
        let key = self.string()?;
        self.inner_gap()?;
        self.expect(b':')?;
        self.inner_gap()?;
        Ok(key)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Trouble> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// White space within an entry, which is kept or dropped with it. Comments too, where there may be any.
    fn inner_gap(&mut self) -> Result<(), Trouble> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if self.comment() == Some(true) && self.comments => {}
                b'/' => return Err(Trouble::Malformed),
                _ => break,
            }
        }
        Ok(())
    }

    /// A string, number or word, and nothing behind it that makes it doubtful.
    pub(super) fn scalar(&mut self) -> Result<(), Trouble> {
        let is_string = self.peek() == Some(b'"');
        if is_string {
            self.string()?;
        } else {
            self.word()?;
        }
        let behind = self.rest().trim_start_matches([' ', '\t', '\r']);
        match behind.bytes().next() {
            Some(b',' | b'}' | b']' | b'\n' | b'/') => Ok(()),
            // A number at the end may have had more digits.
            None if is_string => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    fn string(&mut self) -> Result<String, Trouble> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(unexpected(self.peek()));
        }
        self.step();
        let literal = self.since(start);
        if literal.contains(char::from(HOLE)) {
            return Err(Trouble::PlaceUnknown);
        }
        serde_json::from_str(literal).map_err(|_| Trouble::Malformed)
    }

    fn word(&mut self) -> Result<(), Trouble> {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let length = self.rest().bytes().take_while(is_part).count();
        if length == 0 {
            return Err(unexpected(self.peek()));
        }
        let word = &self.rest()[..length];
        self.at += length;
        let reads = serde_json::from_str::<serde_json::Value>(word).is_ok();
        if reads && length <= MOST_DIGITS {
            Ok(())
        } else {
            Err(Trouble::Malformed)
        }
    }

    /// Past one character, a comment, or a string: to its closing quote, or to the end of the line if it has none.
    pub(super) fn step(&mut self) {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                while let Some(byte) = self.peek().filter(|b| *b != b'\n') {
                    let is_escaped = byte == b'\\' && self.rest().as_bytes().get(1) != Some(&b'\n');
                    self.at = (self.at + 1 + usize::from(is_escaped)).min(self.text.len());
                    if byte == b'"' {
                        break;
                    }
                }
                // An escape may have gone into the middle of a character.
                self.go_to_boundary();
            }
            Some(b'/') if self.comment().is_some() => {}
            Some(_) => {
                self.at += 1;
                self.go_to_boundary();
            }
            None => {}
        }
    }

    fn go_to_boundary(&mut self) {
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    /// The column, if nothing but white space stands before it on its line.
    pub(super) fn column(&self) -> Option<usize> {
        let before = &self.text[..self.at];
        let line = before.trim_end_matches([' ', '\t']);
        (line.is_empty() || line.ends_with('\n')).then_some(before.len() - line.len())
    }

    pub(super) fn go_to_end(&mut self) {
        self.at = self.text.len();
    }

    /// Back over the white space that the line begins with, if nothing else stands before.
    pub(super) fn go_to_line_start(&mut self) {
        self.at -= self.column().unwrap_or(0);
    }

    /// `false`, and at the end, if there is none.
    pub(super) fn go_to_next_line(&mut self) -> bool {
        match self.rest().find('\n') {
            Some(end) => {
                self.at += end + 1;
                true
            }
            None => {
                self.go_to_end();
                false
            }
        }
    }

    /// Whether the line that begins here has a string as its first token, at this column.
    pub(super) fn line_has_string_at(&self, column: usize) -> bool {
        let rest = self.rest();
        let after = rest.trim_start_matches([' ', '\t']);
        self.column() == Some(0) && rest.len() - after.len() == column && after.starts_with('"')
    }
}

fn unexpected(found: Option<u8>) -> Trouble {
    match found {
        Some(HOLE) => Trouble::PlaceUnknown,
        _ => Trouble::Malformed,
    }
}
