//! Strings in double quotes.

use std::fmt::Write as _;

/// How a format writes what may not stand in a string as it is.
pub(crate) struct Escapes {
    /// Characters that have a letter of their own after the backslash; `"` and `\` always stand for themselves.
    pub(crate) short: &'static [(char, char)],
    /// Which others are written as a number.
    pub(crate) must: fn(char) -> bool,
    /// Whether a number below 256 is written `\xFF`, and not `\u00FF`.
    pub(crate) bytes: bool,
}

impl Escapes {
    pub(crate) fn quoted(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 2);
        out.push('"');
        for c in text.chars() {
            let short = self.short.iter().find(|(short, _)| *short == c);
            match (c, short) {
                ('"' | '\\', _) => out.extend(['\\', c]),
                (_, Some((_, letter))) => out.extend(['\\', *letter]),
                _ if (self.must)(c) => self.number(u32::from(c), &mut out),
                _ => out.push(c),
            }
        }
        out.push('"');
        out
    }

    fn number(&self, code: u32, out: &mut String) {
        // Writing to a string can't fail.
        let _ = match code {
            0..=0xff if self.bytes => write!(out, "\\x{code:02X}"),
            0..=0xffff => write!(out, "\\u{code:04X}"),
            _ => write!(out, "\\U{code:08X}"),
        };
    }
}
