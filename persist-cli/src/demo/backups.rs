//! The versions of a file that are kept, each certified by its name.

use std::path::Path;

use persist_core::ConfigFile;
use persist_core::backup::retention::Policy;

use super::files::{Told, read, sample, set, write};
use super::samples;
use super::steps::Steps;
use crate::failure::Failure;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "app.toml", samples::TOML)?;
    let contents = rotation(steps, &file)?;
    restored(steps, &file, &contents)?;
    damaged(steps, &file)
}

/// Everything that undo may want stays; ten and no more, once somebody says so. Returns every content there was, oldest first.
fn rotation(steps: &mut Steps<'_>, file: &ConfigFile) -> Result<Vec<Vec<u8>>, Failure> {
    let mut contents = Vec::new();
    for width in 1..=15 {
        contents.push(read(file.path())?);
        set(file, "window.width", 1024 + width)?;
    }
    let all = file.backups().list().map_err(|e| backup(file, e))?.len();
    steps.check(all == 15, "after 15 saves every one can be undone")?;
    file.keep(Some(Policy::keep_last(10)))?;
    contents.push(read(file.path())?);
    set(file, "window.width", 2048)?;
    let snapshots = file.backups().list().map_err(|e| backup(file, e))?;
    let digests = snapshots.iter().rev().map(|s| s.id.digest());
    let newest = contents[6..].iter().map(|c| persist_core::digest(c));
    let good = digests.eq(newest);
    steps.check(
        good,
        "set to keep the last 10, the next save leaves the 10 newest backups, one for each save",
    )?;
    let verified = file.backups().verify_all().map_err(|e| backup(file, e))?;
    let sound = verified.iter().all(|(_, result)| result.is_ok()) && verified.len() == 10;
    steps.check(
        sound,
        "every one of them has the content that its name certifies",
    )?;
    Ok(contents)
}

fn restored(steps: &mut Steps<'_>, file: &ConfigFile, contents: &[Vec<u8>]) -> Told {
    let before = read(file.path())?;
    let receipt = file.restore("8")?;
    let same = read(file.path())? == contents[7];
    steps.check(same, "`restore 8` brings that content back byte for byte")?;
    steps.show(&receipt.from.unwrap_or_default())?;
    file.undo()?;
    let back = read(file.path())? == before;
    steps.check(
        back,
        "and the content that it replaced was also backed up: `undo` brings it back",
    )?;
    Ok(())
}

/// One flipped bit in a backup is found, and a damaged backup is never restored.
fn damaged(steps: &mut Steps<'_>, file: &ConfigFile) -> Told {
    let before = read(file.path())?;
    let backups = file.backups();
    let snapshot = backups.find("latest").map_err(|e| backup(file, e))?;
    let mut bytes = read(&snapshot.path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write(&snapshot.path, &bytes)?;
    let found = file.verify()?.damaged_backups;
    steps.check(
        found.len() == 1,
        "one flipped bit in one backup: `verify` names that backup",
    )?;
    let refused = file.restore("latest").is_err() && read(file.path())? == before;
    steps.check(refused, "and `restore` refuses it, the file stays as it is")?;
    Ok(())
}

fn backup(file: &ConfigFile, source: persist_core::backup::Error) -> Failure {
    persist_core::Error::Backup {
        file: file.path().into(),
        source,
    }
    .into()
}
