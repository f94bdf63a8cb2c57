//! New comments at what they belong to, where no text put together from both sides has them there.
//!
//! A weave knows lines by what they say. An item that has got another value is to it one that went and one that came, and a comment that the other side has put above
//! the old one comes to stand where that was. By the values it is known which item it is now ([`same`](super::same)): the comment is put there. If what it belongs to is
//! gone it is left out, for above anything else it would say what nobody has said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::attached::{Attachments, Comment, Within};
use super::comments::Counts;
use super::cut::Cut;
use super::owners::Begun;
use super::pieces::{Piece, without_line_end};
use crate::document::Document;
use crate::lines::line_end;
use crate::path::KeyPath;
use crate::splice::replaced;

/// What is wrong with the comments of a merged document, and what mends it.
#[derive(Default)]
pub(super) struct Findings {
    /// How many comments are attached to something else than on either side.
    pub(super) strays: usize,
    /// New ones of these.
    removed: Vec<Removed>,
    /// New ones that have a place and are not there.
    missing: Vec<Missing>,
}

/// A comment that is to be left out: the bytes of its piece.
struct Removed {
    words: String,
    range: Range<usize>,
}

/// A comment that is to be put before a byte, and how it reads there.
struct Missing {
    words: String,
    at: usize,
    text: String,
}

impl Findings {
    pub(super) fn of(merged: &Cut<'_>, attachments: &Attachments<'_>, wanted: &Counts) -> Self {
        let mut within = attachments.within(merged);
        let strays = within.strayed();
        let is_new = |words: &String| !attachments.in_base().contains_key(words);
        let ranges = merged.ranges();
        let new = strays.iter().filter(|(words, _)| is_new(words));
        let removed: Vec<Removed> = new
            .map(|(words, piece)| Removed {
                words: words.clone(),
                range: ranges[*piece].clone(),
            })
            .collect();
        let missing = missing(merged, attachments, &mut within, wanted, &removed);
        Self {
            strays: strays.len(),
            removed,
            missing,
        }
    }

    /// The document without the new comments that are attached to something else, and with those that have a place.
    pub(super) fn mended(&self, merged: Document, attachments: &Attachments<'_>) -> Document {
        if self.removed.is_empty() && self.missing.is_empty() {
            return merged;
        }
        // A comment that comes to its place may show that another one is not at its own.
        let is_better = |mended: &Document| {
            let cut = Cut::of(mended);
            let strays = attachments.within(&cut).strayed().len();
            strays + self.removed.len() <= self.strays
        };
        let mended = match self.missing.is_empty() {
            true => None,
            false => self.with(&merged, &self.missing).filter(is_better),
        };
        let mended = mended.or_else(|| self.with(&merged, &[]));
        mended.unwrap_or(merged)
    }

    /// The document with some of the missing comments; `None` if it would say something else.
    fn with(&self, merged: &Document, missing: &[Missing]) -> Option<Document> {
        let removed = self
            .removed
            .iter()
            .map(|removed| (removed.range.clone(), ""));
        let added = missing
            .iter()
            .map(|missing| (missing.at..missing.at, &*missing.text));
        let mut edits: Vec<_> = added.chain(removed).collect();
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let text = [line_end(merged.text()), merged.text()].concat();
        let text = without_line_end(replaced(&text, edits)?);
        let mended = merged.with_text(&text).ok()?;
        let mut counts = merged.comment_counts();
        for words in missing.iter().map(|missing| &missing.words) {
            *counts.entry(words.clone()).or_default() += 1;
        }
        for words in self.removed.iter().map(|removed| &removed.words) {
            counts.entry(words.clone()).and_modify(|count| *count -= 1);
        }
        counts.retain(|_, count| *count > 0);
        let is_right = mended.value() == merged.value() && mended.comment_counts() == counts;
        is_right.then_some(mended)
    }
}

/// The new comments that a document lacks, where they have a place in it; but not what a side has put in the place of another comment, unless the document has it
/// elsewhere: the other side may have put that otherwise as well.
fn missing(
    merged: &Cut<'_>,
    attachments: &Attachments<'_>,
    within: &mut Within<'_>,
    wanted: &Counts,
    removed: &[Removed],
) -> Vec<Missing> {
    let mut lacking = lacking(merged, attachments, wanted, removed);
    if lacking.is_empty() {
        return Vec::new();
    }
    let strays: BTreeSet<&String> = removed.iter().map(|removed| &removed.words).collect();
    let lines = Lines::of(merged);
    let mut missing = Vec::new();
    for (side, comments) in attachments.in_sides().into_iter().enumerate() {
        let from = Lines::of(attachments.of_side(side));
        for (words, left) in &mut lacking {
            for comment in comments.get(words).into_iter().flatten() {
                let may_be =
                    strays.contains(words) || !within.is_rewording(side, &comment.attached);
                let to = within.place_of(side, &comment.attached);
                let to = to.filter(|to| may_be && *left > 0 && !within.is_there(words, to));
                let place = to.flatten().and_then(|to| lines.place(&to, &from, comment));
                if let Some((at, text)) = place {
                    *left -= 1;
                    missing.push(Missing {
                        words: words.clone(),
                        at,
                        text,
                    });
                }
            }
        }
    }
    missing.sort_by_key(|missing| missing.at);
    missing
}

/// How many of each new comment a document lacks once some are removed.
fn lacking(
    merged: &Cut<'_>,
    attachments: &Attachments<'_>,
    wanted: &Counts,
    removed: &[Removed],
) -> Counts {
    let mut there = merged.comments.clone();
    for removed in removed {
        there
            .entry(removed.words.clone())
            .and_modify(|count| *count -= 1);
    }
    let new = wanted
        .iter()
        .filter(|(words, _)| !attachments.in_base().contains_key(*words));
    let lacking = new.map(|(words, wanted)| {
        let there = there.get(words).copied().unwrap_or_default();
        (words.clone(), wanted.saturating_sub(there))
    });
    lacking.filter(|(_, lacking)| *lacking > 0).collect()
}

/// The lines of a text and what begins on them.
struct Lines<'c> {
    cut: &'c Cut<'c>,
    begun: HashMap<&'c KeyPath, &'c Begun>,
    /// Where entries, items and comments begin.
    starts: BTreeMap<usize, &'c Piece<'c>>,
}

impl<'c> Lines<'c> {
    fn of(cut: &'c Cut<'c>) -> Self {
        let begun = cut.pieces.iter().filter_map(Piece::begun);
        let starts = cut
            .pieces
            .iter()
            .filter(|p| p.begun().is_some() || p.is_comment());
        Self {
            cut,
            begun: begun.map(|begun| (&begun.path, begun)).collect(),
            starts: starts.map(|piece| (piece.start(), piece)).collect(),
        }
    }

    /// The byte where a comment of another text can stand that is to be attached to this, as [`Cut::ranges`] counts them, and how it reads there; `None` if there is no place
    /// for it.
    fn place(
        &self,
        to: &(KeyPath, bool),
        from: &Lines<'_>,
        comment: &Comment,
    ) -> Option<(usize, String)> {
        let (at, text) = self.place_in_text(to, from, comment)?;
        Some((at + self.cut.line_end().len(), text))
    }

    fn place_in_text(
        &self,
        to: &(KeyPath, bool),
        from: &Lines<'_>,
        comment: &Comment,
    ) -> Option<(usize, String)> {
        let (path, is_end) = to;
        let (begun, piece) = (self.begun.get(path)?, &from.cut.pieces[comment.piece]);
        let (old, _) = comment.attached.as_ref()?;
        let old = from.begun.get(old)?;
        let (space, words) = piece.space_and_words();
        match () {
            () if *is_end => None,
            () if piece.is_beside() => {
                let is_after = piece.start() >= old.end;
                let at = match is_after {
                    true => self.after(begun.end, piece.is_line_comment())?,
                    false => self.on_line_of(begun.start())?,
                };
                let space = if space.contains(['\n', '\r']) || space.is_empty() {
                    " "
                } else {
                    space
                };
                Some((at, [space, words].concat()))
            }
            () if piece.is_comment_line() => {
                let (line, indent) = self.line_of(begun.start())?;
                Some((line, [indent, words, self.cut.line_end()].concat()))
            }
            () => (!piece.is_line_comment()).then(|| (begun.start(), format!("{words} "))),
        }
    }

    /// The line that begins with this byte, and the space that it is indented by.
    fn line_of(&self, at: usize) -> Option<(usize, &'c str)> {
        let before = &self.text()[..at];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let indent = &before[line..];
        indent.trim().is_empty().then_some((line, indent))
    }

    /// The end of the line that this byte is on, if nothing else begins on it.
    fn on_line_of(&self, at: usize) -> Option<usize> {
        let rest = self.text()[at..].lines().next()?.trim_end();
        let end = at + rest.len();
        self.starts
            .range(at + 1..end)
            .next()
            .is_none()
            .then_some(end)
    }

    /// The end of the line that this byte is on, if nothing but a comma follows; if something does, this byte for a comment that does not take the rest of the line.
    fn after(&self, at: usize, takes_line: bool) -> Option<usize> {
        let rest = self.text()[at..]
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end();
        match matches!(rest.trim(), "" | ",") {
            true => Some(at + rest.len()),
            false => (!takes_line).then_some(at),
        }
    }

    fn text(&self) -> &'c str {
        self.cut.document.text()
    }
}
