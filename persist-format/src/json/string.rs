//! JSON strings.

use std::ops::Range;

/// The text of the string that starts here, if it is closed and nothing in it is escaped or has to be.
pub(super) fn plain(text: &str, start: usize) -> Option<&str> {
    let inner = text.get(start + 1..)?;
    let end = inner
        .bytes()
        .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))?;
    (inner.as_bytes()[end] == b'"').then(|| &inner[..end])
}

/// The offset after the closing quote of the string that starts here, or the end of the text.
pub(super) fn end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

type Wrong = (Range<usize>, &'static str);

/// The text of a string literal with its quotes; on failure where in the literal and why.
pub(super) fn decode(literal: &str) -> Result<String, Wrong> {
    let inner = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    // A literal that ends in `\"` has its last quote escaped: it is not closed.
    let inner = inner
        .filter(|inner| !ends_escaped(inner))
        .ok_or((0..1, "unclosed string"))?;
    let mut out = String::with_capacity(inner.len());
    let mut at = 0;
    while let Some(c) = inner[at..].chars().next() {
        let (decoded, len) = match c {
            '\\' => escape(&inner[at..]).map_err(|(len, why)| (at + 1..at + 1 + len, why))?,
            '\0'..='\u{1f}' => {
                return Err((
                    at + 1..at + 2,
                    "control characters must be escaped in a string",
                ));
            }
            c => (c, c.len_utf8()),
        };
        out.push(decoded);
        at += len;
    }
    Ok(out)
}

fn ends_escaped(inner: &str) -> bool {
    inner.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1
}

fn escape(rest: &str) -> Result<(char, usize), (usize, &'static str)> {
    let simple = |c| Ok((c, 2));
    match rest.as_bytes().get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => unicode(rest),
        _ => Err((1, "this escape is not valid in JSON")),
    }
}

fn unicode(rest: &str) -> Result<(char, usize), (usize, &'static str)> {
    let first = hex(rest).ok_or((2, "expected four hexadecimal digits after `\\u`"))?;
    let lone = (6, "an unpaired surrogate is not a character");
    match first {
        0xD800..=0xDBFF => {
            let second = rest[6..]
                .starts_with("\\u")
                .then(|| hex(&rest[6..]))
                .flatten()
                .ok_or(lone)?;
            if !(0xDC00..=0xDFFF).contains(&second) {
                return Err(lone);
            }
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            char::from_u32(code).map(|c| (c, 12)).ok_or(lone)
        }
        code => char::from_u32(code).map(|c| (c, 6)).ok_or(lone),
    }
}

fn hex(escape: &str) -> Option<u32> {
    let digits = escape
        .get(2..6)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
