//! How a document was written, kept beside the values that a migration drops, so that they come back where they were.

use persist_format::merge::{self, Policy, Side, TextEdits};
use persist_format::{Document, Format, Value};
use persist_migrate::same_elements;
use serde::{Deserialize, Serialize};

/// A text, and what makes of it the one that coming back alone gives.
#[derive(Serialize, Deserialize)]
struct Layout {
    format: String,
    text: String,
    bare: TextEdits,
}

/// What is to be kept of the way `full` is written.
pub(super) fn of(full: &Document, bare: &Document) -> Option<serde_json::Value> {
    let layout = Layout {
        format: full.format().to_string(),
        text: full.text().to_owned(),
        bare: TextEdits::between(full, bare),
    };
    serde_json::to_value(layout).ok()
}

/// `document`, which has all its values, written as it was, with what a person has changed meanwhile. `before` is the document before
/// values were put back, come from `elsewhere`. `None` if that can't be done without a loss.
///
/// A merge: of the old text without the values, of today's without them, and of the old one with them.
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
    let full = document.with_text(&layout.text).ok()?;
    let bare = layout.bare.apply(&full)?;
    let bare = document.with_text(&bare).ok()?;
    let mut ours = before.clone();
    merge::keep_comments(&mut ours, elsewhere, &full);
    let json = |items: &[Value]| items.iter().map(Value::to_json).collect::<Vec<_>>();
    let policy = Policy {
        first: Side::Theirs, // which stood there
        same_items: &|old, new| same_elements(&json(old), &json(new)),
    };
    merge::texts(&bare, &ours, &full, document, &policy)
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
