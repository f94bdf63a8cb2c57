//! From text to statements, whatever the text is: a cursor that only moves forward.
//!
//! What is opened and not closed ends where it must have: a bracket before a line that is certainly a header, or before the entry that
//! makes an array impossible; a multi-line string before the next one that is opened, else with the text.

/// What a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A blank line or a comment.
    Layout,
    /// `[table]`, or a line that begins as one.
    Header,
    /// `key = value`, or whatever else there is.
    Entry,
}

/// Whole lines that belong together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    /// Of an entry: what stands before the `=`.
    pub(super) keys: Option<&'a str>,
    /// Whether all that it opens is closed.
    pub(super) ended: bool,
    /// Whether it is a multi-line string that is not closed: anything may stand in it.
    pub(super) in_text: bool,
}

pub(super) fn statements(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line = line_end(text, at);
        let begin = text[at..line].trim_start();
        let kind = match begin.bytes().next() {
            _ if text[at..line].contains('\0') => Kind::Entry,
            None | Some(b'#') => Kind::Layout,
            Some(b'[') => Kind::Header,
            Some(_) => Kind::Entry,
        };
        let mut scan = Scan {
            text,
            at,
            open: Vec::new(),
            equals: None,
            in_text: false,
        };
        let (end, ended) = match kind {
            Kind::Entry => scan.entry(),
            _ => (line, true),
        };
        found.push(Statement {
            text: &text[at..end],
            kind,
            keys: scan.equals.map(|equals| &text[at..equals]),
            ended,
            in_text: scan.in_text,
        });
        at = end;
    }
    found
}

/// The end of the line with its line break.
fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length + 1)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<u8>,
    equals: Option<usize>,
    in_text: bool,
}

impl Scan<'_> {
    /// The end of the entry that begins here, and whether all that it opens is closed there.
    fn entry(&mut self) -> (usize, bool) {
        let start = self.at;
        let mut line = start;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let in_value = self.equals.is_some();
            match byte {
                b'\n' => {
                    line = self.at + 1;
                    if self.open.is_empty() {
                        return (line, true);
                    }
                    if is_certainly_header(&self.text[line..line_end(self.text, line)]) {
                        return (line, false);
                    }
                }
                b'#' => self.at = self.comment_end() - 1,
                b'"' | b'\'' => {
                    if let Some(end) = self.string(byte, in_value) {
                        self.in_text = true;
                        return (end, false);
                    }
                    continue;
                }
                b'=' if self.open.last() == Some(&b'[') => {
                    let end = match line > start {
                        true => line,
                        false => line_end(self.text, self.at),
                    };
                    return (end, false);
                }
                b'=' => self.equals = self.equals.or(Some(self.at)),
                b'[' | b'{' if in_value => self.open.push(byte),
                b']' | b'}' => drop(self.open.pop()),
                _ => {}
            }
            self.at += 1;
        }
        (self.text.len(), self.open.is_empty())
    }

    fn comment_end(&self) -> usize {
        let rest = &self.text[self.at..];
        self.at + rest.find('\n').unwrap_or(rest.len())
    }

    /// Goes past a string; one on a single line may end with the line. Of a multi-line string without its end, where that must have been.
    fn string(&mut self, quote: u8, in_value: bool) -> Option<usize> {
        let marks = [quote; 3];
        let is_long = in_value && self.text.as_bytes()[self.at..].starts_with(&marks);
        let begin = self.at + if is_long { 3 } else { 1 };
        self.at = begin;
        let mut line = None;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let rest = &self.text.as_bytes()[self.at..];
            match byte {
                b'\n' if !is_long => return None,
                b'\n' => line = Some(self.at + 1),
                b'\\' if quote == b'"' && rest.get(1) != Some(&b'\n') => self.at += 1,
                _ if !is_long && byte == quote => {
                    self.at += 1;
                    return None;
                }
                _ if is_long && rest.starts_with(&marks) => {
                    // `key = """` at the end of a string is the beginning of another.
                    let opens = line.filter(|&line| {
                        let before = self.text[line..self.at].trim_end();
                        before.ends_with('=') && before.len() > 1
                    });
                    let quotes = rest.iter().take(5).take_while(|b| **b == quote).count();
                    self.at += quotes;
                    return opens;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.text.len();
        is_long.then_some(self.at)
    }
}

/// Whether a line is a header and can't be part of an array: a bare name in brackets, which is no value.
fn is_certainly_header(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim();
    let inner = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let doubled = |inner: &str| Some(inner.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    let Some(name) = inner.map(|inner| doubled(inner).unwrap_or_else(|| inner.to_owned())) else {
        return false;
    };
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_bare)
        && !["true", "false", "inf", "nan"].contains(&name.as_str())
}
