//! How a document was written, kept beside the values that a migration drops, so that they come back where they were.

use std::collections::BTreeMap;

use persist_format::{Document, Format};
use serde::{Deserialize, Serialize};

use super::weave::{edited, edits, weave};
use super::{commas, pieces};

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
/// values were put back. `None` if that can't be done without a loss.
pub(super) fn restored(
    document: &Document,
    before: &Document,
    layout: &serde_json::Value,
) -> Option<Document> {
    let layout = Layout::deserialize(layout).ok()?;
    let same: Option<Format> = layout.format.parse().ok();
    if same != Some(document.format()) {
        return None; // converted meanwhile
    }
    let full = document.with_text(&layout.text).ok()?;
    let bare = edited(&layout.text, &layout.bare)?;
    let bare = document.with_text(&bare).ok()?;
    let [base, ours, theirs] = [&bare, before, &full].map(pieces::of);
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
    keeps_comments(&woven, document).then_some(woven)
}

/// Whether all comments of `before` are in `after`.
fn keeps_comments(after: &Document, before: &Document) -> bool {
    let mut there: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in after.comments() {
        *there.entry(comment).or_default() += 1;
    }
    before.comments().all(|comment| {
        there.get_mut(comment).is_some_and(|left| {
            let any = *left > 0;
            *left -= usize::from(any);
            any
        })
    })
}
