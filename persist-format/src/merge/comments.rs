//! What becomes of comments: which have a place in the result, and which have not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::pieces::{self, Piece};
use super::terms::{Side, Texts, UnplacedComment};
use super::weave::leave;
use crate::document::Document;
use crate::location::Location;
use crate::reading::comment_words;

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

    /// The comments that the document has less often than it should.
    pub(super) fn unplaced(
        &self,
        document: &Document,
        wanted: BTreeMap<String, usize>,
    ) -> Vec<UnplacedComment> {
        let [ours, there] = [self.ours, document].map(Document::comment_counts);
        let mut missing: [BTreeMap<String, usize>; 2] = Default::default();
        for (comment, wanted) in wanted {
            let [ours, there] = [&ours, &there].map(|counts| count(counts, &comment));
            let side = usize::from(ours < wanted);
            missing[side].insert(comment, wanted.saturating_sub(there));
        }
        let [ours, theirs] = &mut missing;
        let mut unplaced = last_of(self.ours, Side::Ours, ours);
        unplaced.extend(last_of(self.theirs, Side::Theirs, theirs));
        unplaced
    }

    /// How often each comment is to be there: as often as the side has it that has changed that. Where both have put it somewhere, it is one comment if that is
    /// the same place.
    pub(super) fn wanted_comments(&self) -> BTreeMap<String, usize> {
        let texts = [self.base, self.ours, self.theirs];
        let placed = texts.map(|text| pieces::comments(&pieces::of(text)));
        let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
        for (comment, there) in &placed[1] {
            let [old, other] = [&placed[0], &placed[2]].map(|counts| count(counts, comment));
            *alike.entry(&comment.0).or_default() += (*there).min(other).saturating_sub(old);
        }
        let counts = texts.map(Document::comment_counts);
        let all: BTreeSet<&String> = counts.iter().flat_map(BTreeMap::keys).collect();
        let wanted = all.into_iter().map(|comment| {
            let [old, ours, theirs] = counts.each_ref().map(|counts| count(counts, comment));
            let alike = alike.get(&**comment).copied().unwrap_or_default();
            let both = (ours + theirs).saturating_sub(old);
            let wanted = match () {
                () if ours > old && theirs > old => {
                    both.saturating_sub(alike).max(ours).max(theirs)
                }
                () if ours < old && theirs < old => ours.min(theirs),
                () => both,
            };
            (comment.clone(), wanted)
        });
        wanted.collect()
    }
}

/// How many comments one has and the other has not.
pub(super) fn difference(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> usize {
    let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = all
        .into_iter()
        .map(|comment| count(one, comment).abs_diff(count(other, comment)));
    differ.sum()
}

fn count<K: Ord>(counts: &BTreeMap<K, usize>, of: &K) -> usize {
    counts.get(of).copied().unwrap_or_default()
}

/// So many of each of these comments of a side, the last ones, in the order of the text.
fn last_of(
    document: &Document,
    side: Side,
    wanted: &mut BTreeMap<String, usize>,
) -> Vec<UnplacedComment> {
    let text = document.text();
    let mut extents = document.comment_extents();
    extents.reverse();
    extents.retain(|extent| {
        let left = wanted.get_mut(&*comment_words(&text[extent.clone()]));
        let left = left.filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    extents.reverse();
    let places = Location::of_each(text, extents.iter().map(|extent| extent.start));
    let comment = |(extent, place): (&Range<usize>, Location)| UnplacedComment {
        side,
        text: text[extent.clone()].trim_end().to_owned(),
        place,
    };
    extents.iter().zip(places).map(comment).collect()
}
