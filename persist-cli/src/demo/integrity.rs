//! Damage is found, told from editing, and mended; secrets stay where they belong.

use std::path::Path;

use persist_core::{ConfigFile, Note, Notice, Receipt};

use super::files::{Told, read, sample, set, write};
use super::samples;
use super::steps::Steps;
use crate::failure::Failure;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "app.toml", samples::TOML)?;
    set(&file, "window.width", 1280)?;
    let good = read(file.path())?;
    cut_off(steps, dir, &file, &good)?;
    let zeroed = vec![0; good.len()];
    recovers(
        steps,
        &file,
        &good,
        &zeroed,
        "filled with NULs, as a power cut leaves a file",
    )?;
    recovers(steps, &file, &good, b"", "emptied")?;
    flipped(steps, &file, &good)?;
    secrets(steps, &file)
}

/// Every length that a torn write could have left.
fn cut_off(steps: &mut Steps<'_>, dir: &Path, file: &ConfigFile, good: &[u8]) -> Told {
    let small = sample(dir, "small.toml", "a = 1\n")?;
    set(&small, "b", 2)?;
    let whole = read(small.path())?;
    let mut back = 0;
    for len in 0..whole.len() {
        write(small.path(), &whole[..len])?;
        small.recover(None)?;
        back += usize::from(read(small.path())? == whole);
    }
    let what = format!(
        "cut off after 0 to {} bytes: brought back every time",
        whole.len() - 1
    );
    steps.check(back == whole.len(), what)?;
    let digit = number(good) + 2;
    let how = "cut off within a number, `width = 12`, still valid TOML";
    recovers(steps, file, good, &good[..digit], how)
}

/// Where the sample's width stands.
fn number(good: &[u8]) -> usize {
    good.windows(4).position(|w| w == b"1280").unwrap_or(0)
}

/// Damages the file, recovers it, and looks whether the damaged bytes were kept.
fn recovers(steps: &mut Steps<'_>, file: &ConfigFile, good: &[u8], bad: &[u8], how: &str) -> Told {
    write(file.path(), bad)?;
    let detected = file.document().is_err();
    let receipt = file.recover(None)?;
    let back = read(file.path())? == good;
    steps.check(
        detected && back,
        format!("{how}: found, and brought back byte for byte"),
    )?;
    steps.show(&format!(
        "from {}",
        receipt.from.clone().unwrap_or_default()
    ))?;
    let kept = kept(file, &receipt)?;
    steps.check(
        kept == Some(bad.to_vec()),
        "the damaged bytes are in quarantine, nothing was deleted",
    )?;
    Ok(())
}

/// One bit, the modification time left as it was: only a digest can tell.
fn flipped(steps: &mut Steps<'_>, file: &ConfigFile, good: &[u8]) -> Told {
    let modified = std::fs::metadata(file.path()).and_then(|m| m.modified());
    let mut bad = good.to_vec();
    bad[number(good)] ^= 2; // 1280 becomes 3280: valid TOML, and wrong
    write(file.path(), &bad)?;
    let opened = std::fs::File::options().write(true).open(file.path());
    let restored = opened.and_then(|f| f.set_modified(modified?));
    let told = file.document().err().map(|e| e.to_string());
    steps.check(
        restored.is_ok() && told.is_some(),
        "one bit flipped by the disk, still valid TOML: found by its digest",
    )?;
    steps.show(&told.unwrap_or_default())?;
    file.recover(None)?;
    steps.check(read(file.path())? == good, "and brought back byte for byte")?;
    Ok(())
}

/// A password is in the file, where it was put, and in nothing that is shown or logged.
fn secrets(steps: &mut Steps<'_>, file: &ConfigFile) -> Told {
    let receipt = set(file, "security.api_key", samples::SECRET)?;
    let shown = receipt.changes.iter().map(Note::to_string);
    let shown = shown.collect::<String>() + &format!("{:?}", file.history()?);
    steps.check(
        !shown.contains(samples::SECRET),
        "an API key is redacted in receipt and log",
    )?;
    steps.show(
        &receipt
            .changes
            .iter()
            .map(ToString::to_string)
            .collect::<String>(),
    )?;
    let journal = journal(file)?;
    let hidden = !journal.is_empty() && !contains(&journal, samples::SECRET.as_bytes());
    steps.check(hidden, "and no byte of it is in the journal")?;
    let saved = contains(&read(file.path())?, samples::SECRET.as_bytes());
    steps.check(saved, "while the file has it, as the application needs it")?;
    Ok(())
}

/// The damaged bytes that a recovery put aside.
fn kept(file: &ConfigFile, receipt: &Receipt) -> Result<Option<Vec<u8>>, Failure> {
    let noted = receipt.notices.iter().find_map(|n| match n {
        Notice::Quarantined { kept, .. } => Some(kept.clone()),
        _ => None,
    });
    let name = noted.or_else(|| receipt.backup.map(|copy| copy.to_string()));
    name.map(|name| read(&file.state_dir().join(name)))
        .transpose()
}

fn journal(file: &ConfigFile) -> Result<Vec<u8>, Failure> {
    let dir = file.state_dir().join("journal");
    let mut bytes = Vec::new();
    let entries = std::fs::read_dir(&dir)?;
    for entry in entries {
        bytes.extend(read(&entry?.path())?);
    }
    Ok(bytes)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
