//! What becomes of comments: which have a place in the result, and which have not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::brackets::Brackets;
use super::cut::Cut;
use super::pieces::{Piece, joined};
use super::terms::{Side, UnplacedComment};
use super::weave::leave;
use crate::document::Document;
use crate::location::Location;
use crate::reading::comment_words;

/// Gives `document`, which was made of `from`, the comments back that both `from` and `other` have, where `from` has them. False if it has
/// them all.
pub fn keep_comments(document: &mut Document, from: &Document, other: &Document) -> bool {
    let with = {
        let [from, other] = [from, other].map(Cut::of);
        let shared = comment_lines(&other);
        with_comments(document, &from, &|words| shared.contains(words))
    };
    let is_changed = with.is_some();
    if let Some(with) = with {
        *document = with;
    }
    is_changed
}

/// The document with the comments of `from` that are wanted and that it lacks, where they stand in `from`; `None` if it has them all.
fn with_comments(
    document: &Document,
    from: &Cut<'_>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<Document> {
    let with = leave(from, &Cut::of(document), is_wanted)?;
    let with = document.with_text(&with).ok()?;
    let with = (with.value() == document.value()).then_some(with)?;
    Brackets::of([document, document]).kept(with)
}

/// What the comments on lines of their own say.
fn comment_lines(cut: &Cut<'_>) -> BTreeSet<String> {
    let lines = cut.pieces.iter().filter(|piece| piece.is_comment_line());
    lines.map(|piece| comment_words(&piece.text)).collect()
}

/// `document` with the comments of `side` that the base has not, as far as they have a place there.
pub(super) fn with_new_comments(document: Document, side: &Cut<'_>, base: &Cut<'_>) -> Document {
    let old = comment_lines(base);
    let with = with_comments(&document, side, &|words| !old.contains(words));
    with.unwrap_or(document)
}

/// The document without the comments that say this.
pub(super) fn without_comments(document: &Document, words: &BTreeSet<String>) -> Option<Document> {
    let cut = Cut::of(document);
    let is_left =
        |piece: &&Piece<'_>| !(piece.is_comment() && words.contains(&*comment_words(&piece.text)));
    let left = cut.pieces.iter().filter(is_left).map(|piece| &*piece.text);
    let left = document.with_text(&joined(left)).ok()?;
    (left.value() == document.value()).then_some(left)
}

/// The comments of both sides that `merged` has less often than wanted, by the texts as they were `read` or as they were `woven`.
pub(super) fn unplaced(
    read: [&Cut<'_>; 3],
    woven: [&Cut<'_>; 3],
    merged: &Document,
) -> Vec<UnplacedComment> {
    let mut wanted = wanted_comments(read);
    for (comment, count) in wanted_comments(woven) {
        let most = wanted.entry(comment).or_default();
        *most = count.max(*most);
    }
    let ([_, ours, theirs], there) = (read, merged.comment_counts());
    let mut missing: [Counts; 2] = Default::default();
    for (comment, wanted) in wanted {
        let [in_ours, there] = [&ours.comments, &there].map(|counts| count(counts, &comment));
        let side = usize::from(in_ours < wanted);
        missing[side].insert(comment, wanted.saturating_sub(there));
    }
    let [of_ours, of_theirs] = &mut missing;
    let mut unplaced = last_of(ours.document, Side::Ours, of_ours);
    unplaced.extend(last_of(theirs.document, Side::Theirs, of_theirs));
    unplaced
}

/// How often each comment is there, by what it says.
pub(super) type Counts = BTreeMap<String, usize>;

/// How often each comment is to be there: a three-way merge of multisets, for comments have no names and several may say the same.
///
/// A side's change is what it has more of than the base, or less. Both changes made, a comment is there base + (ours − base) + (theirs − base) = ours + theirs −
/// base times; where only one side has changed the number, that is the number of this side. Where both have, the changes may be the same one, made twice:
///
/// - Both have added some. Those that both have put at one place are one comment each: so many are `alike`, which is the sum over the places of what
///   both have there and the base has not. They are taken off. A comment that both have put elsewhere counts as alike too, though neither has one more of it
///   for that; hence never fewer than either side has.
/// - Both have removed some. By their words it can't be told whether these were the same ones. That they were loses nothing: so it is as if all removals of the side
///   that has removed less were the other's too, and the smaller number is left (`min`), not ours + theirs − base.
///
/// Numbers say nothing of where a comment is to stand; where it comes to stand is the texts' matter.
pub(super) fn wanted_comments([base, ours, theirs]: [&Cut<'_>; 3]) -> Counts {
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for (comment, there) in &ours.placed {
        let [old, other] = [&base.placed, &theirs.placed].map(|counts| count(counts, comment));
        *alike.entry(&comment.0).or_default() += (*there).min(other).saturating_sub(old);
    }
    let counts = [base, ours, theirs].map(|cut| &cut.comments);
    let all: BTreeSet<&String> = counts.into_iter().flat_map(BTreeMap::keys).collect();
    let wanted = all.into_iter().map(|comment| {
        let [old, ours, theirs] = counts.map(|counts| count(counts, comment));
        let alike = alike.get(&**comment).copied().unwrap_or_default();
        let both = (ours + theirs).saturating_sub(old);
        let wanted = match () {
            () if ours > old && theirs > old => both.saturating_sub(alike).max(ours).max(theirs),
            () if ours < old && theirs < old => ours.min(theirs),
            () => both,
        };
        (comment.clone(), wanted)
    });
    wanted.collect()
}

/// How far the comments that are there are from those that are wanted. One too many counts twice: one that is missing is named, one that a person has taken
/// away and that is back is not.
pub(super) fn faults(wanted: &Counts, there: &Counts) -> usize {
    let all: BTreeSet<&String> = wanted.keys().chain(there.keys()).collect();
    let faults = all.into_iter().map(|comment| {
        let [wanted, there] = [wanted, there].map(|counts| count(counts, comment));
        wanted.saturating_sub(there) + 2 * there.saturating_sub(wanted)
    });
    faults.sum()
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
