//! How a document was written, kept beside the values that a migration drops, so that they come back where they were.

use std::collections::{BTreeMap, BTreeSet};

use persist_format::{Document, Format, Value, diff};
use serde::{Deserialize, Serialize};

use super::weave::{edited, edits, leave, weave};
use super::{commas, order, pieces};

/// A text, and what makes of it the one that coming back alone gives.
#[derive(Serialize, Deserialize)]
struct Layout {
    format: String,
    text: String,
    bare: Vec<(usize, usize, String)>,
}

/// What is to be kept of the way `full` is written.
pub(super) fn of(full: &Document, bare: &Document) -> Option<serde_json::Value> {
    let layout = Layout {
        format: full.format().to_string(),
        text: full.text().to_owned(),
        bare: edits(&pieces::of(full), &pieces::of(bare)),
    };
    serde_json::to_value(layout).ok()
}

/// `document`, which has all its values, written as it was, with what a person has changed meanwhile. `before` is the document before
/// values were put back, come from `elsewhere`. `None` if that can't be done without a loss.
pub(super) fn restored(
    document: &Document,
    elsewhere: &Document,
    before: &Document,
    layout: &serde_json::Value,
) -> Option<Document> {
    let layout = Layout::deserialize(layout).ok()?;
    let same: Option<Format> = layout.format.parse().ok();
    if same != Some(document.format()) {
        return None; // converted meanwhile
    }
    let mut full = document.with_text(&layout.text).ok()?;
    let bare = edited(&pieces::of(&full), &layout.bare)?;
    let mut bare = document.with_text(&bare).ok()?;
    let new = order::as_in(before, [&mut bare, &mut full]).ok()?;
    let mut ours = before.clone();
    keep_comments(&mut ours, elsewhere, &full);
    let known = merged(document, before, [&bare, &ours, &full]);
    let known = known.or_else(|| {
        // What a person has changed where a step had changed it as well stands in neither old text: with those values it does.
        let bare = with_values(&bare, before.value())?;
        let full = with_values(&full, document.value())?;
        merged(document, before, [&bare, &ours, &full])
    });
    known.or_else(|| {
        // A new element may look like an old one that has lost all it had; then it is written afresh, if it says no more than its values.
        order::without(&mut ours, &new).ok()?;
        merged(document, before, [&bare, &ours, &full])
    })
}

/// `document`, which has all its values, written as it was.
pub(super) fn as_left(document: &Document, layout: &serde_json::Value) -> Option<Document> {
    let layout = Layout::deserialize(layout).ok()?;
    let same: Option<Format> = layout.format.parse().ok();
    let mut left = document.with_text(&layout.text).ok()?;
    // The version, which nobody has written.
    if left.value() != document.value() {
        drop(left.apply(document.value()).ok()?);
    }
    (same == Some(document.format())).then_some(left)
}

/// `document` with other values for its keys; `None` if keys come or go.
fn with_values(document: &Document, values: &Value) -> Option<Document> {
    let changes = diff::between(document.value(), values).changes;
    let stays = |change: &diff::Change| matches!(change.what, diff::What::Modified { .. });
    let mut changed = document.clone();
    drop(changed.apply(values).ok()?);
    changes.iter().all(stays).then_some(changed)
}

/// What both make of the first of the three texts, with the values of `document`.
fn merged(document: &Document, before: &Document, texts: [&Document; 3]) -> Option<Document> {
    let [bare, today, full] = texts;
    let [base, ours, theirs] = texts.map(pieces::of);
    let woven = weave(&base, &ours, &theirs);
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
    let comments = contains(woven.comments(), document.comments());
    // Nothing has come to stand within a comment, and none is there twice that was not.
    let [in_today, in_full] = [today, full].map(counted);
    let known = |(comment, count): (&&str, &usize)| {
        in_today.get(comment).max(in_full.get(comment)) >= Some(count)
    };
    let comments = comments && counted(&woven).iter().all(known);
    // What putting the values back has left alone, this must leave alone too; except for blank lines, which migrations leave behind, and for
    // what coming back alone writes otherwise than it stood.
    let kept: BTreeSet<_> = lines(document).collect();
    let untouched = lines(before).filter(|line| !line.is_empty() && kept.contains(line));
    let otherwise = without(lines(bare), lines(full));
    let lines = contains(lines(&woven), without(untouched, otherwise));
    (comments && lines).then_some(woven)
}

/// Gives `document`, which was made of `from`, the comments back that both `from` and `other` have, where `from` has them. False if it has
/// them all.
pub(super) fn keep_comments(document: &mut Document, from: &Document, other: &Document) -> bool {
    let left = {
        let [shared, from, to] = [other, from, document].map(pieces::of);
        leave(&from, &to, &shared)
    };
    let left = left.and_then(|text| document.with_text(&text).ok());
    match left.filter(|left| left.value() == document.value()) {
        Some(left) => {
            *document = left;
            true
        }
        None => false,
    }
}

/// The lines without what comes and goes with the neighbours (commas, and the dash of an item or the space in its place), and without
/// quotes and more than one space: what a migration brought in may be spelled otherwise than what stood there.
fn lines(document: &Document) -> impl Iterator<Item = String> {
    let lines = document.text().lines();
    let is_dash = |c| matches!(c, ' ' | '\t' | '-');
    lines.map(move |line| {
        let line = line.trim_start_matches(is_dash);
        let line = line.replace([',', '"', '\''], "");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// How often each comment is there.
fn counted(document: &Document) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for comment in document.comments() {
        *counted.entry(comment).or_default() += 1;
    }
    counted
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
