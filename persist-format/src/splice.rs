//! Applying splices to text.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::engine::Splice;
use crate::lines::line_end;

/// Splices of one text that don't overlap, and so can be made in any order.
#[derive(Default)]
pub(crate) struct Batch {
    /// By start and end: what is put in at a place comes before what stands there.
    splices: BTreeMap<(usize, usize), Splice>,
    /// Whether they may touch each other. Each was planned without knowing of the other, so that two may fit less well then.
    touching: bool,
}

impl Batch {
    /// Splices that may touch each other.
    pub(crate) fn touching() -> Self {
        Self {
            touching: true,
            ..Self::default()
        }
    }

    /// Adds all of them, unless one is in the way of one that is there: `false`, and nothing added, then.
    pub(crate) fn add(&mut self, splices: Vec<Splice>) -> bool {
        let free = splices.iter().all(|splice| self.has_room(splice));
        if free {
            let place = |s: &Splice| (s.range.start, s.range.end);
            self.splices
                .extend(splices.into_iter().map(|s| (place(&s), s)));
        }
        free
    }

    fn has_room(&self, Splice { range, .. }: &Splice) -> bool {
        let apart = |a: usize, b: usize| a < b || (a == b && self.touching);
        let place = (range.start, range.end);
        let before = self.splices.range(..place).next_back();
        let after = self.splices.range(place..).next();
        !self.splices.contains_key(&place)
            && before.is_none_or(|(_, other)| apart(other.range.end, range.start))
            && after.is_none_or(|(_, other)| apart(range.end, other.range.start))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    pub(crate) fn apply(self, text: &str) -> String {
        apply(text, self.splices.into_values())
    }
}

/// Makes splices that are in order and don't overlap. Newlines put in become those of the text. Splices that can't be made leave the text as it is,
/// which does not say what they were planned for.
fn apply(text: &str, splices: impl Iterator<Item = Splice>) -> String {
    let line_end = line_end(text);
    let edits = splices.map(|Splice { range, text: new }| {
        let unix = new.replace("\r\n", "\n");
        let new = match line_end {
            "\n" => unix,
            line_end => unix.replace('\n', line_end),
        };
        (range, new)
    });
    replaced(text, edits).unwrap_or_else(|| text.to_owned())
}

/// The text with other text in the place of each range. `None` if they are not ranges of it, in order and without overlap.
pub(crate) fn replaced<S: AsRef<str>>(
    text: &str,
    edits: impl IntoIterator<Item = (Range<usize>, S)>,
) -> Option<String> {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, new) in edits {
        text.get(range.clone())?;
        out.push_str(text.get(at..range.start)?);
        out.push_str(new.as_ref());
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// A piece of a text that is laid out anew.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Bytes of the old text.
    Old(Range<usize>),
    /// New text.
    New(String),
}

/// The splices that turn the old text of `range` into the pieces. Old pieces in their old order are not touched; one that comes earlier
/// than the one before it is copied.
pub(crate) fn layout(text: &str, range: Range<usize>, pieces: Vec<Piece>) -> Vec<Splice> {
    let mut splices: Vec<Splice> = Vec::new();
    let mut at = range.start;
    let mut new = String::new();
    let mut flush = |at: usize, to: usize, new: &mut String| {
        if at < to || !new.is_empty() {
            splices.push(Splice {
                range: at..to,
                text: std::mem::take(new),
            });
        }
    };
    for piece in pieces {
        match piece {
            Piece::Old(old) if old.is_empty() => {}
            Piece::Old(old) if old.start >= at => {
                flush(at, old.start, &mut new);
                at = old.end;
            }
            Piece::Old(old) => new.push_str(&text[old]),
            Piece::New(text) => new.push_str(&text),
        }
    }
    flush(at, range.end, &mut new);
    splices
}
