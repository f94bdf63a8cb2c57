//! The pieces of a text that a pass keeps, and the holes in a text that it can't see through.

use std::borrow::Cow;

/// NULs or broken characters in a row that are taken for a hole: a block that was never written, or overwritten.
const HOLE: usize = 4;

/// What stands for a hole in the text that the passes read. No format allows it anywhere.
pub(super) const HOLE_MARK: char = '\0';

/// A part of the text that is kept or dropped as a whole.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether it is a header of TOML: the pieces after it, up to the next header, stand under it.
    pub(super) header: bool,
}

impl<'a> Piece<'a> {
    pub(super) fn new(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
        Piece {
            text: text.into(),
            header: false,
        }
    }
}

/// The text without single NULs and broken characters. Many in a row become one [`HOLE_MARK`]: a header or a bracket may have stood there.
pub(super) fn with_holes_marked(text: &str) -> String {
    let is_damage = |c: char| matches!(c, '\0' | '\u{FFFD}');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_damage) {
        let after = rest[start..].trim_start_matches(is_damage);
        let run = &rest[start..rest.len() - after.len()];
        out.push_str(&rest[..start]);
        if run.chars().count() >= HOLE {
            out.push(HOLE_MARK);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
