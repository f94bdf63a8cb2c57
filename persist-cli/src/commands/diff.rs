//! `persist diff`.

use std::path::Path;

use persist_core::{ConfigFile, Document, Error, KeyPath, Options};
use serde_json::json;

use super::Outcome;
use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{BAD, DIM, GOOD, Out, paint};
use crate::show;

/// What is compared, where it was said.
pub(super) struct Sides<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) with: Option<&'a Path>,
}

pub(super) fn diff(
    args: &Args,
    out: &mut Out,
    path: &Path,
    sides: &Sides<'_>,
    text: bool,
    exit_code: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let (old, new) = documents(&file, sides)?;
    let (Some(old), new) = (old, new) else {
        out.json(&json!({ "changes": [] }))?;
        out.line(paint(DIM, "nothing to compare with: no backup yet"))?;
        return Ok(Exit::Done);
    };
    let notes = file.notes(&old, &new);
    out.json(&json!({ "changes": notes }))?;
    if text {
        show_text(out, &file, &old, &new)?;
    } else {
        for note in &notes {
            out.line(show::note(note))?;
        }
    }
    let differs = old.bytes() != new.bytes();
    if notes.is_empty() && !text {
        out.line(paint(
            DIM,
            if differs {
                "same values, different text"
            } else {
                "no difference"
            },
        ))?;
    }
    Ok(if exit_code && differs {
        Exit::No
    } else {
        Exit::Done
    })
}

fn documents(
    file: &ConfigFile,
    sides: &Sides<'_>,
) -> Result<(Option<Document>, Document), Failure> {
    if let Some(other) = sides.with {
        let other = ConfigFile::open(other, Options::default())?;
        return Ok((Some(file.document()?), other.document()?));
    }
    let new = match sides.to {
        Some(backup) => backup_document(file, backup)?,
        None => file.document()?,
    };
    let old = match sides.from {
        Some(backup) => Some(backup_document(file, backup)?),
        None => before_last(file)?,
    };
    Ok((old, new))
}

fn backup_document(file: &ConfigFile, what: &str) -> Result<Document, Failure> {
    let backups = file.backups();
    let read = backups.find(what).and_then(|s| backups.read(&s.id));
    let bytes = read.map_err(|source| Error::Backup {
        file: file.path().into(),
        source,
    })?;
    Ok(file.document_of(&bytes)?)
}

/// The content before the last change; where the last change was an undo, before that.
fn before_last(file: &ConfigFile) -> Result<Option<Document>, Failure> {
    let history = file.history()?;
    match history.last() {
        Some(last) if last.old.is_some() => {
            Ok(Some(file.document_of(&file.content_before(last)?)?))
        }
        _ => Ok(None),
    }
}

/// Lines that differ, with three lines around them. Sensitive values are masked in both texts.
fn show_text(
    out: &mut Out,
    file: &ConfigFile,
    old: &Document,
    new: &Document,
) -> std::io::Result<()> {
    let (old, new) = (masked(file, old), masked(file, new));
    let diff = similar::TextDiff::from_lines(&old, &new);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        out.content_line(paint(DIM, hunk.header()))?;
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches(['\r', '\n']);
            match change.tag() {
                similar::ChangeTag::Delete => out.content_line(paint(BAD, format!("-{line}")))?,
                similar::ChangeTag::Insert => out.content_line(paint(GOOD, format!("+{line}")))?,
                similar::ChangeTag::Equal => out.content_line(format!(" {line}"))?,
            }
        }
    }
    Ok(())
}

fn masked(file: &ConfigFile, document: &Document) -> String {
    let value = document.value();
    let sensitive = file.sensitive().following(value, value);
    let mut copy = document.clone();
    // One edit for all: each is read back. A value that can't be masked in place hides the whole text rather than show itself.
    let masked = sensitive.redact(&KeyPath::root(), value);
    if copy.apply(&masked).is_err() {
        return String::new();
    }
    // What is left may be in addresses.
    let shown = |line: &str| match line.contains(persist_core::REDACTED) {
        true => line.to_owned(),
        false => sensitive.mask_line(line),
    };
    copy.text().split_inclusive('\n').map(shown).collect()
}
