//! The three texts as they are woven: with lines that end alike, and with what is decided already taken out of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cut::Cut;
use super::line_ends;
use super::terms::Conflict;
use super::values::Clash;
use crate::document::Document;
use crate::path::KeyPath;
use crate::reading::comment_words;
use crate::value::Value;

/// The base, ours and theirs, as they were read and as they are woven: all lines end alike, and what a side has removed or changed in vain at a conflict is not there
/// to be woven.
pub(super) struct Prepared {
    read: [Document; 3],
    woven: [Document; 3],
    /// How all lines end; `None` if they end as they were read.
    line_end: Option<&'static str>,
}

/// The same in pieces.
pub(super) struct Cuts<'p> {
    read: [Cut<'p>; 3],
    /// What is woven otherwise than it was read.
    other: [Option<Cut<'p>>; 3],
}

impl Prepared {
    pub(super) fn of(read: [&Document; 3], clashes: &[Clash]) -> Self {
        let line_end = line_ends::common(read);
        let alike = read.map(|document| line_ends::with(document, line_end?));
        let (alike, line_end) = match alike {
            [Some(base), Some(ours), Some(theirs)] => ([base, ours, theirs], line_end),
            _ => (read.map(Document::clone), None),
        };
        Self {
            read: read.map(Document::clone),
            woven: decided(alike, clashes),
            line_end,
        }
    }

    /// Another document with lines that end as in these; `None` if that can't be.
    pub(super) fn with_its_line_ends(&self, document: &Document) -> Option<Document> {
        match self.line_end {
            Some(line_end) => line_ends::with(document, line_end),
            None => Some(document.clone()),
        }
    }

    pub(super) fn cuts(&self) -> Cuts<'_> {
        let read = self.read.each_ref().map(Cut::of);
        let other = std::array::from_fn(|at| read[at].if_other(&self.woven[at]));
        Cuts { read, other }
    }
}

impl<'p> Cuts<'p> {
    pub(super) fn read(&self) -> [&Cut<'p>; 3] {
        self.read.each_ref()
    }

    pub(super) fn woven(&self) -> [&Cut<'p>; 3] {
        std::array::from_fn(|at| self.other[at].as_ref().unwrap_or(&self.read[at]))
    }
}

/// The texts with what ours says at each conflict in base and theirs too, as far as comments hang on it. Values have been decided by then, but to a weave theirs has taken away the
/// comments of an entry that stays, and written some for one that is gone.
///
/// What theirs has taken away or made something else of, the base has not or has as theirs, so that all of it is new in ours. What ours has taken away theirs has not,
/// or, where comments that ours has kept would go with it, has as the base does.
fn decided([base, ours, theirs]: [Document; 3], clashes: &[Clash]) -> [Document; 3] {
    let (mut in_base, mut in_theirs) = (Vec::new(), Vec::new());
    for clash in clashes {
        let Conflict {
            base, ours, theirs, ..
        } = &clash.conflict;
        match (base, ours, theirs) {
            (Some(_), Some(_), None) => in_base.push(Change {
                path: &clash.base,
                value: None,
                or_else: None,
            }),
            (base, None, Some(_)) => in_theirs.push(Change {
                path: &clash.theirs,
                value: None,
                or_else: base.as_ref(),
            }),
            (Some(base), Some(ours), Some(theirs))
                if [base, ours, theirs].into_iter().any(has_inner) =>
            {
                in_base.push(Change {
                    path: &clash.base,
                    value: Some(theirs),
                    or_else: None,
                });
            }
            _ => {}
        }
    }
    let mut decided = Decided {
        comments: ours.comment_counts(),
        texts: [base, theirs],
        attempts: 0,
    };
    for (which, mut changes) in [(0, in_base), (1, in_theirs)] {
        // Items behind one that is taken away have other places then.
        changes.sort_by_key(|change| Reverse(change.path));
        decided.attempts = 0;
        decided.change(which, &changes);
    }
    let [base, theirs] = decided.texts;
    [base, ours, theirs]
}

fn has_inner(value: &Value) -> bool {
    matches!(value.untagged(), Value::Map(_) | Value::Sequence(_))
}

/// A value that is given to a place, or nothing; and if that can't be, another one.
struct Change<'c> {
    path: &'c KeyPath,
    value: Option<&'c Value>,
    or_else: Option<&'c Value>,
}

/// Each attempt reads a text: so many are made at most, that they take a time linear in the size of the text, whatever the number of conflicts. What is not decided then is left
/// to the weaving, which names the comments that it can't place.
const ATTEMPTS: usize = 64;

/// Base and theirs, as far as they are decided.
struct Decided {
    /// The comments of ours, with their numbers.
    comments: BTreeMap<String, usize>,
    texts: [Document; 2],
    attempts: usize,
}

impl Decided {
    /// Makes all the changes that can be made: all at once, or else those of either half, down to one. The paths go from the last to the first.
    fn change(&mut self, which: usize, changes: &[Change<'_>]) {
        let all = changes.iter().map(|change| (change.path, change.value));
        if changes.is_empty() || self.make(which, all) {
            return;
        }
        if changes.len() > 1 && self.attempts < ATTEMPTS {
            let (last, first) = changes.split_at(changes.len() / 2);
            self.change(which, last);
            self.change(which, first);
            return;
        }
        let others = changes.iter().filter(|change| change.or_else.is_some());
        self.make(which, others.map(|change| (change.path, change.or_else)));
    }

    /// Whether the changes could be made, with all comments of ours as they should be.
    fn make<'c>(
        &mut self,
        which: usize,
        mut changes: impl Iterator<Item = (&'c KeyPath, Option<&'c Value>)>,
    ) -> bool {
        self.attempts += 1;
        let mut with = self.texts.clone();
        let made = with[which].edit(|edits| {
            changes.try_for_each(|(path, value)| match value {
                Some(value) => edits.set(path, value.clone()),
                None => edits.remove(path),
            })
        });
        let is_made = made.is_ok() && keeps_comments(&self.texts, &self.comments, &with);
        if is_made {
            self.texts = with;
        }
        is_made
    }
}

/// Whether no comment of ours would look as if theirs had taken it away, and none as if both had written it, which did not before.
fn keeps_comments(
    from: &[Document; 2],
    ours: &BTreeMap<String, usize>,
    to: &[Document; 2],
) -> bool {
    let [from, to] = [from, to].map(|texts| texts.each_ref().map(Document::comment_counts));
    let count =
        |counts: &BTreeMap<String, usize>, of: &String| counts.get(of).copied().unwrap_or_default();
    ours.keys().all(|comment| {
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
    let mut extents: Vec<_> = there
        .filter_map(|clash| theirs.document.extent(&clash.theirs))
        .collect();
    if extents.is_empty() {
        return BTreeSet::new();
    }
    // The end of each is made that of all before it, so that the last one that starts before a comment says whether one goes on after it.
    extents.sort_unstable_by_key(|extent| extent.start);
    let mut last = 0;
    for extent in &mut extents {
        last = last.max(extent.end);
        extent.end = last;
    }
    let text = theirs.document.text();
    let comments = theirs.document.comment_extents().into_iter();
    let within = comments.filter(|comment| {
        let before = extents.partition_point(|extent| extent.start < comment.start);
        extents[..before]
            .last()
            .is_some_and(|extent| comment.end < extent.end)
    });
    let words = within.map(|comment| comment_words(&text[comment]));
    let is_new = |words: &String| {
        let there = [base, ours].map(|cut| cut.comments.contains_key(words));
        there == [false, false] && theirs.comments.get(words) == Some(&1)
    };
    words.filter(is_new).collect()
}
