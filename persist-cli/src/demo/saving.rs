//! A save changes what it was asked to and nothing else, all of it or none.

use std::path::Path;

use persist_core::Outcome;

use super::files::{Told, open, read, sample, set, write};
use super::samples;
use super::steps::Steps;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    for (name, text) in samples::FILES {
        one_value(steps, dir, name, text)?;
    }
    unchanged(steps, dir)?;
    refused(steps, dir)
}

/// Only the one number differs; comments, order, blank lines and alignment stay.
fn one_value(steps: &mut Steps<'_>, dir: &Path, name: &str, text: &str) -> Told {
    let file = sample(dir, name, text)?;
    let receipt = set(&file, "window.width", 1280)?;
    let wanted = text.replacen("1024", "1280", 1);
    let kept = read(file.path())? == wanted.as_bytes();
    steps.check(
        kept,
        format!("{name}: one value changed, every other byte kept"),
    )?;
    steps.show(
        &receipt
            .changes
            .iter()
            .map(ToString::to_string)
            .collect::<String>(),
    )?;
    let backup = receipt.backup.map(|b| file.state_dir().join(b.path()));
    let backed_up = backup.is_some_and(|b| std::fs::read(b).is_ok_and(|b| b == text.as_bytes()));
    steps.check(
        backed_up,
        format!("{name}: the content before is in the backups"),
    )?;
    let stage = file.state_dir().join("stage");
    steps.check(
        !stage.exists(),
        format!("{name}: nothing half-written is left behind"),
    )?;
    Ok(())
}

/// A value that is there already costs no write: not even the modification time changes.
fn unchanged(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let path = dir.join("app.toml");
    let file = open(&path)?;
    let before = std::fs::metadata(&path).and_then(|m| m.modified());
    let records = file.verify()?.records;
    let receipt = set(&file, "window.width", 1280)?;
    let after = std::fs::metadata(&path).and_then(|m| m.modified());
    let same = before.is_ok() && before.ok() == after.ok();
    let idle = receipt.outcome == Outcome::Unchanged && same && file.verify()?.records == records;
    steps.check(
        idle,
        "the same value again: no write, no backup, no journal record",
    )?;
    Ok(())
}

/// A file that a person broke is theirs to mend: it is refused by line and column, not replaced.
fn refused(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let path = dir.join("broken.toml");
    let broken = b"theme = \"dark\"\nwidth = = 3\n";
    write(&path, broken)?;
    let error = set(&open(&path)?, "width", 4).err();
    let message = error.map(|e| e.message).unwrap_or_default();
    let named = message.contains("2:9");
    steps.check(named, "a syntax error is named by line and column")?;
    steps.show(&message)?;
    let untouched = read(&path)? == broken;
    steps.check(untouched, "and the file with it is left as it is")?;
    Ok(())
}
