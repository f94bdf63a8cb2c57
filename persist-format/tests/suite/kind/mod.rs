//! What is typed keeps the kind of what is there: judged by other readers than ours.

#![expect(
    clippy::print_stdout,
    reason = "who runs the tests is told which of them were not judged"
)]

mod oracle;
mod real;
mod spelled;
mod table;

use persist_format::kind::{self, Meant, Place};
use persist_format::{Document, Edits, Error, Format, KeyPath};

fn document(format: Format, text: &str) -> Document {
    Document::parse(text.as_bytes(), format).unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

fn path(text: &str) -> KeyPath {
    text.parse().expect("a path")
}

/// Sets what was meant, spelled so where that can be.
fn put(edits: &mut Edits, at: &KeyPath, meant: Meant) -> Result<(), Error> {
    match &meant.spelling {
        Some(spelling) => edits.set_spelled(at, meant.value, spelling),
        None => edits.set(at, meant.value),
    }
}

/// The text after a value was typed; `None` if it was refused.
fn typed(before: &Document, at: &KeyPath, text: &str, allowed: kind::Kinds) -> Option<String> {
    let place: Place<'_> = before.place(at).allowing(allowed);
    let meant = kind::read(text, &place).ok()?;
    let mut after = before.clone();
    let edit = after.edit(|edits| put(edits, at, meant));
    assert!(edit.is_ok(), "{:?} {at} {text:?}: {edit:?}", before.text());
    Some(after.text().to_owned())
}
