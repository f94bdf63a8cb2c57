//! A file's history as text for people.

use std::fmt::Write as _;

use crate::history::{Entry, How};

/// The changes as a changelog in Markdown, newest first, one section a change.
///
/// Sensitive values are redacted: they were when the journal was written.
pub fn changelog(title: &str, entries: &[Entry]) -> String {
    let mut text = format!("# Changes of {title}\n");
    for entry in entries.iter().rev() {
        let (seq, how, time) = (
            entry.seq,
            entry.how,
            entry.time.strftime("%Y-%m-%d %H:%M:%S UTC"),
        );
        let heading = match how {
            How::Outside => "changed outside persist".to_owned(),
            How::Deleted => "deleted outside persist".to_owned(),
            How::Unrecorded => "saved without a record".to_owned(),
            How::Saved(kind) => kind.to_string(),
        };
        let undone = if entry.undone { ", undone later" } else { "" };
        let version = entry
            .version
            .as_ref()
            .map(|v| format!(", schema {v}"))
            .unwrap_or_default();
        let actor = entry.actor.name.replace(char::is_control, " ");
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## #{seq} {heading} ({time}, {actor}{version}{undone})\n\n"
        );
        // A quotation, for nobody's words may look like a section of their own.
        for line in entry.reason.iter().flat_map(|reason| reason.lines()) {
            let _ = writeln!(text, "> {line}");
        }
        if entry.reason.is_some() {
            text.push('\n');
        }
        if let Some(from) = &entry.from {
            let _ = write!(text, "From {from}.\n\n");
        }
        for note in &entry.changes {
            let key = note.moved().map_or_else(|| note.key(), |moved| moved.list);
            let _ = writeln!(text, "- `{key}`{}", describe(note));
        }
        if entry.changes.is_empty() && entry.new.is_some() {
            text.push_str("- no change of values\n");
        }
    }
    text
}

fn describe(note: &crate::note::Note) -> String {
    if let Some(moved) = note.moved() {
        return format!(": moved from {} to {}", moved.from, moved.to);
    }
    match (&note.old, &note.new) {
        (Some(old), Some(new)) => format!(": {old} → {new}"),
        (None, Some(new)) => format!(" added: {new}"),
        (Some(old), None) => format!(" removed, was {old}"),
        (None, None) => String::new(),
    }
}
