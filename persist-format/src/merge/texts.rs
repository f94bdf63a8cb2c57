//! Three texts of one document as one.

use std::collections::{BTreeMap, BTreeSet};

use super::comments::difference;
use super::pieces;
use super::terms::{SameItems, TextEdit, Texts, UnplacedComment};
use super::values::same_items;
use super::weave::{self, weave};
use super::{attached, commas, order};
use crate::diff;
use crate::document::Document;
use crate::format::Format;
use crate::value::Value;

/// What turns one document's text into another's, piece by piece; for [`edited`].
#[must_use]
pub fn edits(from: &Document, to: &Document) -> Vec<TextEdit> {
    weave::edits(&pieces::of(from), &pieces::of(to))
}

/// The document's text after these edits; `None` if they are not of this text.
#[must_use]
pub fn edited(document: &Document, edits: &[TextEdit]) -> Option<String> {
    weave::edited(&pieces::of(document), edits)
}

impl Texts<'_> {
    /// The merged text that says what `document` does, which is [`ours`](Self::ours) with the values that are wanted. `None` if there is none that
    /// keeps every comment and every line that `document` keeps of ours, except for blank ones and those that the base spells otherwise
    /// than theirs.
    #[must_use]
    pub fn saying(&self, document: &Document, same: &SameItems<'_>) -> Option<Document> {
        let [mut base, mut theirs] = [self.base, self.theirs].map(Document::clone);
        let shared = order::as_in(self.ours, [&mut base, &mut theirs], same).ok()?;
        let ordered = Texts {
            base: &base,
            theirs: &theirs,
            ..*self
        };
        let known = ordered.woven(document);
        let known = known.or_else(|| {
            // What a person has changed where a step had changed it as well stands in neither old text: with those values it does.
            let base = with_values(&base, self.ours.value())?;
            let theirs = with_values(&theirs, document.value())?;
            let texts = Texts {
                base: &base,
                theirs: &theirs,
                ..ordered
            };
            texts.woven(document)
        });
        known.or_else(|| {
            // A new element may look like an old one that has lost all it had; then it is written afresh, if it says no more than its values.
            let mut ours = self.ours.clone();
            drop(ours.rearrange(&shared).ok()?);
            let texts = Texts {
                ours: &ours,
                ..ordered
            };
            texts.woven(document)
        })
    }

    /// The text that has the comments that it should most nearly, and those that it lacks: the woven one, else that of one side with the values and with
    /// the new comments of the other. `plain` is ours with the values.
    pub(super) fn best(&self, plain: &Document, value: &Value) -> (Document, Vec<UnplacedComment>) {
        let woven = || self.saying(plain, &same_items);
        // Of elements that ours has replaced the ordered texts have nothing.
        let unordered = || self.woven(plain);
        let ours = || Some(self.with_new_comments(plain.clone(), self.theirs));
        let theirs = || {
            let mut theirs = self.theirs.clone();
            drop(theirs.apply(value).ok()?);
            // Somebody may have changed other documents of the stream meanwhile.
            if theirs.around() != self.ours.around() {
                return None;
            }
            Some(self.with_new_comments(theirs, self.ours))
        };
        let ways: [&dyn Fn() -> Option<Document>; 4] = [&woven, &unordered, &ours, &theirs];
        let wanted = self.wanted_comments();
        let attached =
            [self.ours, self.theirs].map(|side| attached::comments(side, &pieces::of(side)));
        let (mut best, mut least) = (plain.clone(), usize::MAX);
        for document in ways.into_iter().filter_map(|way| way()) {
            let strayed = attached::strayed(&document, &pieces::of(&document), &attached);
            let wrong = difference(&wanted, &document.comment_counts()) + 2 * strayed;
            if wrong < least {
                (best, least) = (document, wrong);
            }
            if least == 0 {
                break;
            }
        }
        let unplaced = self.unplaced(&best, wanted);
        (best, unplaced)
    }

    /// What both sides make of the base, with the values of `document`.
    fn woven(&self, document: &Document) -> Option<Document> {
        let [base, ours, theirs] = [self.base, self.ours, self.theirs].map(pieces::of);
        let woven = weave(&base, &ours, &theirs, self.first);
        let read = document.with_text(&woven);
        let mut woven = match document.format() {
            Format::Json | Format::Jsonc => {
                read.or_else(|_| document.with_text(&commas::mended(&woven)))
            }
            _ => read,
        }
        .ok()?;
        if woven.value() != document.value() {
            woven.apply(document.value()).map(drop).ok()?;
        }
        // What their side has taken away or put otherwise need not be there.
        let gone = without(self.base.comments(), self.theirs.comments());
        let comments = contains(woven.comments(), without(document.comments(), gone));
        // Nothing has come to stand within a comment, and none is there twice that was not.
        let [in_ours, in_theirs] = [self.ours, self.theirs].map(Document::comment_counts);
        let wanted = self.wanted_comments();
        let known = |(comment, count): (&String, &usize)| {
            let there = [&in_ours, &in_theirs, &wanted].map(|counts| counts.get(comment));
            there.into_iter().flatten().max() >= Some(count)
        };
        let comments = comments && woven.comment_counts().iter().all(known);
        // What giving the values to our text has left alone, this must leave alone too.
        let kept: BTreeSet<_> = lines(document).collect();
        let untouched = lines(self.ours).filter(|line| !line.is_empty() && kept.contains(line));
        let otherwise = without(lines(self.base), lines(self.theirs));
        let lines = contains(lines(&woven), without(untouched, otherwise));
        (comments && lines).then_some(woven)
    }
}

/// `document` with other values for its keys; `None` if keys come or go.
fn with_values(document: &Document, values: &Value) -> Option<Document> {
    let changes = diff::between(document.value(), values).changes;
    let stays = |change: &diff::Change| matches!(change.what, diff::What::Modified { .. });
    let mut changed = document.clone();
    drop(changed.apply(values).ok()?);
    changes.iter().all(stays).then_some(changed)
}

/// The lines without comments, which are counted, without what comes and goes with the neighbours (commas, and the dash of an item or the space in its place),
/// and without quotes and more than one space: what a migration brought in may be spelled otherwise than what stood there.
fn lines(document: &Document) -> impl Iterator<Item = String> {
    let (text, comments) = (document.text(), document.comment_extents());
    let starts = comments.iter().map(|comment| comment.end);
    let ends = comments.iter().map(|comment| comment.start);
    let between = std::iter::once(0)
        .chain(starts)
        .zip(ends.chain([text.len()]));
    let bare: String = between.map(|(start, end)| &text[start..end]).collect();
    let lines: Vec<String> = bare.lines().map(str::to_owned).collect();
    let is_dash = |c| matches!(c, ' ' | '\t' | '-');
    lines.into_iter().map(move |line| {
        let line = line.trim_start_matches(is_dash);
        let line = line.replace([',', '"', '\''], "");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// Whether `all` has everything that is in `some`, as often.
fn contains<T: Ord>(all: impl Iterator<Item = T>, some: impl Iterator<Item = T>) -> bool {
    without(some, all).next().is_none()
}

/// What is in `all` more often than in `some`.
fn without<T: Ord>(
    all: impl Iterator<Item = T>,
    some: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let mut left: BTreeMap<T, usize> = BTreeMap::new();
    for one in some {
        *left.entry(one).or_default() += 1;
    }
    all.filter(move |one| match left.get_mut(one) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}
