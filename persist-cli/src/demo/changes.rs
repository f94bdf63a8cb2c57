//! Who changed what, and the way back.

use std::path::Path;

use persist_core::{ConfigFile, How, changelog};

use super::files::{Told, read, sample, set, write};
use super::samples;
use super::steps::Steps;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "app.yaml", samples::YAML)?;
    recorded(steps, &file)?;
    undone(steps, &file)?;
    by_hand(steps, &file)
}

fn recorded(steps: &mut Steps<'_>, file: &ConfigFile) -> Told {
    set(file, "theme", "light")?;
    file.edit(Some("a bigger screen"), |document| {
        Ok(document.set(&"window.width".parse()?, 1920)?.warnings)
    })?;
    let history = file.history()?;
    let told = history.last().is_some_and(|last| {
        last.reason.as_deref() == Some("a bigger screen")
            && last.actor.name == "demo"
            && last
                .changes
                .iter()
                .map(ToString::to_string)
                .eq(["window.width: 1024 -> 1920"])
    });
    steps.check(
        told && history.len() == 2,
        "the journal tells who changed what, when and why",
    )?;
    steps.show(&changelog("app.yaml", &history))?;
    let old = file.document_of(samples::YAML.as_bytes())?;
    let notes = file.notes(&old, &file.document()?);
    let keys = notes.iter().map(persist_core::Note::key);
    steps.check(
        keys.eq(["theme", "window.width"]),
        "`diff` names both keys that differ from the start",
    )?;
    Ok(())
}

fn undone(steps: &mut Steps<'_>, file: &ConfigFile) -> Told {
    file.undo()?;
    file.undo()?;
    let same = read(file.path())? == samples::YAML.as_bytes();
    steps.check(same, "`undo` twice: byte for byte the file it was")?;
    let none = file.undo().err().map(|e| e.to_string());
    steps.check(
        none.is_some(),
        "a third one has nothing left to undo, and says so",
    )?;
    steps.show(&none.unwrap_or_default())?;
    Ok(())
}

/// An edit behind persist's back is not overwritten but becomes part of the history.
fn by_hand(steps: &mut Steps<'_>, file: &ConfigFile) -> Told {
    let edited = samples::YAML.replace("height: 768", "height: 900");
    write(file.path(), edited.as_bytes())?;
    set(file, "theme", "system")?;
    let both = edited.replacen("dark", "system", 1);
    let kept = read(file.path())? == both.as_bytes();
    steps.check(
        kept,
        "an edit by hand and a `set` after it: both are in the file",
    )?;
    let history = file.history()?;
    let outside = history.iter().rev().find(|e| e.how == How::Outside);
    let noted = outside.is_some_and(|e| e.changes.iter().any(|n| n.key() == "window.height"));
    steps.check(
        noted,
        "and the edit by hand is in the log, with what it changed",
    )?;
    file.undo()?;
    file.undo()?;
    let same = read(file.path())? == samples::YAML.as_bytes();
    steps.check(same, "so that `undo` can undo even that")?;
    Ok(())
}
