//! The three texts as they are woven: with what is decided already taken out of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::cut::Cut;
use super::terms::Conflict;
use super::values::Clash;
use crate::document::Document;
use crate::path::KeyPath;
use crate::reading::comment_words;
use crate::value::Value;

/// The texts with line ends of one kind; `None` if they have, or one of them has several kinds of its own. It is that of the side that has changed it, of ours if both
/// have. A block scalar, which is one piece over several lines, would else bring its own along.
pub(super) fn with_same_line_ends(texts: [&Document; 3]) -> Option<[Document; 3]> {
    let kinds = texts.map(|document| LineEnds::of(document.text()));
    let [base, ours, theirs] = kinds;
    let wanted = match (ours, theirs) {
        (LineEnds::Of(ours), LineEnds::Of(theirs)) => match base {
            LineEnds::Of(base) if base == ours => theirs,
            _ => ours,
        },
        (LineEnds::Of(one), _) | (_, LineEnds::Of(one)) => one,
        _ => return None,
    };
    let is_other =
        |kind: &LineEnds| !matches!(kind, LineEnds::None) && *kind != LineEnds::Of(wanted);
    if kinds.contains(&LineEnds::Mixed) || !kinds.iter().any(is_other) {
        return None;
    }
    let mut alike = Vec::with_capacity(3);
    for document in texts {
        let text = document.text().replace("\r\n", "\n").replace('\n', wanted);
        let other = document.with_text(&text).ok()?;
        alike.push((other.value() == document.value()).then_some(other)?);
    }
    alike.try_into().ok()
}

#[derive(Clone, Copy, PartialEq)]
enum LineEnds {
    None,
    Of(&'static str),
    Mixed,
}

impl LineEnds {
    fn of(text: &str) -> Self {
        let count = |end: &str| text.matches(end).count();
        match (count("\r\n"), count("\n"), count("\r")) {
            (0, 0, 0) => Self::None,
            (0, _, 0) => Self::Of("\n"),
            (both, new, carriage) if both == new && both == carriage => Self::Of("\r\n"),
            _ => Self::Mixed,
        }
    }
}

/// Base and theirs with what ours says at each conflict, as far as comments hang on it. Values have been decided by then, but to a weave theirs has taken away the
/// comments of an entry that stays, and written some for one that is gone.
///
/// What theirs has taken away or made something else of, the base has not or has as theirs, so that all of it is new in ours. What ours has taken away theirs has not,
/// or, where comments that ours has kept would go with it, has as the base does.
pub(super) fn decided(
    [base, ours, theirs]: [&Document; 3],
    clashes: &[Clash],
) -> Option<[Document; 2]> {
    let (mut in_base, mut in_theirs) = (Vec::new(), Vec::new());
    for clash in clashes {
        let Conflict {
            base, ours, theirs, ..
        } = &clash.conflict;
        match (base, ours, theirs) {
            (Some(_), Some(_), None) => in_base.push((&clash.base, vec![None])),
            (base, None, Some(_)) => {
                let base = base.as_ref().map(Some);
                in_theirs.push((&clash.theirs, [None].into_iter().chain(base).collect()));
            }
            (Some(base), Some(ours), Some(theirs))
                if [base, ours, theirs].into_iter().any(has_inner) =>
            {
                in_base.push((&clash.base, vec![Some(theirs)]));
            }
            _ => {}
        }
    }
    let mut decided = [base.clone(), theirs.clone()];
    let mut is_any = false;
    for (which, mut changes) in [(0, in_base), (1, in_theirs)] {
        // Items behind one that is taken away have other places then.
        changes.sort_by_key(|(path, _)| Reverse(*path));
        for (path, values) in changes {
            let made = values.into_iter().find_map(|value| {
                let mut with = decided.clone();
                make(&mut with[which], path, value)?;
                keeps_comments(&decided, ours, &with).then_some(with)
            });
            is_any |= made.is_some();
            decided = made.unwrap_or(decided);
        }
    }
    is_any.then_some(decided)
}

fn has_inner(value: &Value) -> bool {
    matches!(value.untagged(), Value::Map(_) | Value::Sequence(_))
}

fn make(document: &mut Document, path: &KeyPath, value: Option<&Value>) -> Option<()> {
    let made = match value {
        Some(value) => document.set(path, value.clone()),
        None => document.remove(path),
    };
    made.map(drop).ok()
}

/// Whether no comment of ours would look as if theirs had taken it away, and none as if both had written it, which did not before.
fn keeps_comments(from: &[Document; 2], ours: &Document, to: &[Document; 2]) -> bool {
    let [from, to] = [from, to].map(|texts| texts.each_ref().map(Document::comment_counts));
    let count =
        |counts: &BTreeMap<String, usize>, of: &String| counts.get(of).copied().unwrap_or_default();
    ours.comment_counts().keys().all(|comment| {
        let [old, theirs] = from.each_ref().map(|counts| count(counts, comment));
        let [new, other] = to.each_ref().map(|counts| count(counts, comment));
        let is_gone = other + old < theirs + new;
        let is_twice = new < old && other > new;
        !is_gone && !is_twice
    })
}

/// New comments of theirs within what is not taken at a conflict, where ours stays: there is nothing in the result that they could stand at.
pub(super) fn comments_of_what_is_not_taken(
    [base, ours, theirs]: [&Cut<'_>; 3],
    clashes: &[Clash],
) -> BTreeSet<String> {
    let there = clashes.iter().filter(|c| c.conflict.theirs.is_some());
    let extents: Vec<_> = there
        .filter_map(|clash| theirs.document.extent(&clash.theirs))
        .collect();
    if extents.is_empty() {
        return BTreeSet::new();
    }
    let text = theirs.document.text();
    let comments = theirs.document.comment_extents().into_iter();
    let within = comments.filter(|comment| {
        let is_around =
            |extent: &Range<usize>| extent.start < comment.start && comment.end < extent.end;
        extents.iter().any(is_around)
    });
    let words = within.map(|comment| comment_words(&text[comment]));
    let is_new = |words: &String| {
        let there = [base, ours].map(|cut| cut.comments.contains_key(words));
        there == [false, false] && theirs.comments.get(words) == Some(&1)
    };
    words.filter(is_new).collect()
}
