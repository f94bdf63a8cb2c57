//! What becomes of comments: which have a place in the result, and which have not.

use std::collections::{BTreeMap, BTreeSet};

use super::pieces::{self, Piece};
use super::terms::{Side, Texts, UnplacedComment};
use super::weave::leave;
use crate::document::Document;
use crate::location::Location;

/// Gives `document`, which was made of `from`, the comments back that both `from` and `other` have, where `from` has them. False if it has
/// them all.
pub fn keep_comments(document: &mut Document, from: &Document, other: &Document) -> bool {
    let is_shared = {
        let shared = pieces::of(other);
        let shared: BTreeSet<String> = comment_lines(&shared).map(str::to_owned).collect();
        move |comment: &str| shared.contains(comment)
    };
    match with_comments(document, from, &is_shared) {
        Some(left) => {
            *document = left;
            true
        }
        None => false,
    }
}

/// The document with the comments of `from` that are wanted and that it lacks, where they stand in `from`; `None` if it has them all.
fn with_comments(
    document: &Document,
    from: &Document,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<Document> {
    let left = {
        let [from, to] = [from, document].map(pieces::of);
        leave(&from, &to, is_wanted)
    };
    let left = document.with_text(&left?).ok()?;
    (left.value() == document.value()).then_some(left)
}

fn comment_lines<'p>(pieces: &'p [Piece<'_>]) -> impl Iterator<Item = &'p str> {
    pieces
        .iter()
        .filter(|p| p.is_comment_line())
        .map(|piece| &*piece.text)
}

impl Texts<'_> {
    /// `document` with the comments of `side` that the base has not, as far as they have a place there.
    pub(super) fn with_new_comments(&self, document: Document, side: &Document) -> Document {
        let base = pieces::of(self.base);
        let old: BTreeSet<&str> = comment_lines(&base).collect();
        let with = with_comments(&document, side, &|comment| !old.contains(comment));
        with.unwrap_or(document)
    }

    /// The comments that a side wrote and that the document has not.
    pub(super) fn unplaced(&self, document: &Document) -> Vec<UnplacedComment> {
        let [base, ours, theirs, there] =
            [self.base, self.ours, self.theirs, document].map(counted);
        let count = |in_text: &BTreeMap<&str, usize>, comment: &str| {
            in_text.get(comment).copied().unwrap_or_default()
        };
        let old: BTreeSet<&str> = base.keys().flat_map(|comment| words(comment)).collect();
        // A comment that both have put otherwise may have become one that neither has.
        let woven = there
            .keys()
            .filter(|c| count(&ours, c) + count(&theirs, c) == 0);
        let woven: Vec<BTreeSet<&str>> = woven.map(|comment| words(comment).collect()).collect();
        let is_woven = |comment: &str| {
            let new: Vec<&str> = words(comment).filter(|word| !old.contains(word)).collect();
            let has_all = |words: &BTreeSet<&str>| new.iter().all(|word| words.contains(word));
            !new.is_empty() && woven.iter().any(has_all)
        };
        let mut unplaced = Vec::new();
        let all: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
        for comment in all {
            let [old, mine, other] = [&base, &ours, &theirs].map(|text| count(text, comment));
            let wanted = match () {
                () if mine == old => other,
                () if other == old => mine,
                () => mine.max(other),
            };
            let missing = wanted.saturating_sub(count(&there, comment));
            if missing == 0 || is_woven(comment) {
                continue;
            }
            let (side, text) = match mine >= wanted {
                true => (Side::Ours, self.ours),
                false => (Side::Theirs, self.theirs),
            };
            let extents = text.comment_extents().into_iter().rev();
            let extents =
                extents.filter(|extent| text.text()[extent.clone()].trim_end() == comment);
            unplaced.extend(extents.take(missing).map(|extent| UnplacedComment {
                side,
                text: comment.to_owned(),
                place: Location::of(text.text(), extent.start),
            }));
        }
        unplaced
    }
}

fn words(comment: &str) -> impl Iterator<Item = &str> {
    comment.split_whitespace()
}

/// How often each comment is there, blanks after it left out.
pub(super) fn counted(document: &Document) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for comment in document.comments() {
        *counted.entry(comment.trim_end()).or_default() += 1;
    }
    counted
}
