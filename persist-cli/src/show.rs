//! Receipts, notes and failures in words.

use persist_core::backup::Id;
use persist_core::{BackupFolder, BackupId, Note, Outcome as Saved, Receipt};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BAD, BOLD, DIM, GOOD, KEY, Out, WARN, paint};

/// Says what went wrong, on standard error; as JSON on standard output with `--json`.
pub(crate) fn failure(out: &mut Out, failure: &Failure) -> Exit {
    let mut lines = vec![match &failure.drawn {
        Some(drawn) => drawn.clone(),
        None => format!("{} {}", paint(BAD.bold(), "error:"), failure.message),
    }];
    for cause in &failure.causes {
        lines.push(format!("  {} {cause}", paint(DIM, "because:")));
    }
    // Where the text is drawn the help is drawn with it.
    if let Some(hint) = failure.hint.as_ref().filter(|_| failure.drawn.is_none()) {
        let hints = hint.lines();
        lines.extend(hints.map(|hint| format!("  {} {hint}", paint(GOOD, "help:"))));
    }
    let json = json::Failed {
        failure: failure.into(),
    };
    let written = out
        .json(&json)
        .and_then(|()| out.complaint(&lines.join("\n")));
    // With standard error gone there is only the exit code left to tell.
    drop(written);
    failure.exit
}

/// What a change did.
///
/// What was saved is saved, whether or not it can be told.
pub(crate) fn receipt(out: &mut Out, receipt: &Receipt) -> Outcome {
    match tell(out, receipt) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => {
            let is = match receipt.outcome {
                Saved::Saved => "is saved",
                _ => "is as it was",
            };
            let file = receipt.file.display();
            let message = format!("{file} {is}, but the receipt could not be written: {error}");
            Err(Failure::new(Exit::Done, message))
        }
    }
}

fn tell(out: &mut Out, receipt: &Receipt) -> std::io::Result<()> {
    out.json(receipt)?;
    let file = paint(BOLD, receipt.file.display());
    match (receipt.outcome, receipt.seq) {
        (Saved::Saved, Some(seq)) => {
            let took = out.lap(); // all that a person has waited for
            let took = paint(DIM, format!("({} #{seq}, {took:.1?})", receipt.kind));
            out.line(format!("{} {file} {took}", paint(GOOD, "saved")))?;
        }
        (Saved::Adopted, _) => out.line(format!("{} {file}", paint(GOOD, "adopted")))?,
        _ => out.line(format!("{} {file}", paint(DIM, "unchanged")))?,
    }
    for note in &receipt.changes {
        out.line(format!("  {}", self::note(note)))?;
    }
    let details = [
        ("from", receipt.from.clone()),
        receipt.backup.map_or(("kept", None), kept),
        ("version", receipt.version.clone()),
    ];
    for (label, text) in details {
        if let Some(text) = text {
            out.line(format!("  {} {text}", paint(DIM, format!("{label:8}"))))?;
        }
    }
    for notice in &receipt.notices {
        out.line(format!("  {} {notice}", paint(WARN, "note    ")))?;
    }
    Ok(())
}

/// The content before: a backup by the number that `persist restore` takes, damaged bytes by name.
fn kept(copy: BackupId) -> (&'static str, Option<String>) {
    match copy.folder {
        BackupFolder::Backups => ("backup", Some(format!("#{}", copy.id.seq()))),
        _ => ("kept", Some(copy.to_string())),
    }
}

/// One change: the key, then what happened to it.
pub(crate) fn note(note: &Note) -> String {
    if let Some(moved) = note.moved() {
        let (from, to) = (paint(BAD, moved.from), paint(GOOD, moved.to));
        return format!("{}: moved from {from} to {to}", paint(KEY, moved.list));
    }
    let key = paint(KEY, note.key());
    match (&note.old, &note.new) {
        (Some(old), Some(new)) => format!("{key}: {} -> {}", paint(BAD, old), paint(GOOD, new)),
        (None, Some(new)) => format!("{key}: {} {}", paint(GOOD, "added"), paint(GOOD, new)),
        (Some(old), None) => format!("{key}: {} {}", paint(BAD, "removed"), paint(BAD, old)),
        (None, None) => key,
    }
}

/// Backups by number and time, the last of many.
pub(crate) fn copies(ids: &[Id]) -> String {
    const MOST: usize = 5;
    let shown = ids.iter().rev().take(MOST).map(|id| {
        let taken = id.taken().strftime("%Y-%m-%d %H:%M:%S UTC");
        format!("#{} of {taken}", id.seq())
    });
    let shown: Vec<String> = shown.collect();
    let more = match ids.len().checked_sub(MOST + 1) {
        Some(more) => format!(", and {} before", more + 1),
        None => String::new(),
    };
    format!("backup {}{more}", shown.join(", "))
}
