//! Every state of the medium itself: the block writes and flushes of a file system are logged, and prefixes of that log,
//! with unflushed writes left out as well, are mounted.

use std::fs;
use std::path::Path;

use super::cli::Cli;
use super::scope::Scope;
use crate::apt;
use crate::outcome::Outcome;

use super::disk::{BTRFS, EXT4, Kind, Mount, Scratch, XFS, on_each};
use super::writer::History;

mod log;
mod logged;

use log::{Log, State};
use logged::LoggedDisk;

/// Enough for 500 states of the least talkative file system.
const SAVES: u64 = 80;

pub(crate) fn run(cli: &Cli, scope: Scope) -> Outcome {
    if let Err(why) =
        apt::ensure("qemu-storage-daemon", "qemu-system-common").and_then(|()| logged::usable())
    {
        return Outcome::Skipped(why);
    }
    on_each(&[EXT4, XFS, BTRFS], |kind| {
        states(cli, kind, scope.pick(60, 500))
    })
}

fn states(cli: &Cli, kind: Kind, count: usize) -> Result<(), String> {
    let scratch = Scratch::new(&format!("replay-{}", kind.name))?;
    let base = scratch.0.join("base");
    kind.make(&base)?;
    let recording = record(cli, &base, &scratch.0)?;
    let chosen = recording.log.states(recording.from, count);
    if chosen.len() < count {
        return Err(format!(
            "{}: the log of {SAVES} saves has only {} states",
            kind.name,
            chosen.len()
        ));
    }
    let image = scratch.0.join("image");
    let mut checked = 0;
    for state in &chosen {
        recording.log.lay_out(&base, state, &image)?;
        recording
            .check(cli, &image, state, &scratch.0.join("mounted"))
            .map_err(|error| {
                format!(
                    "{} after {} of {} block operations: {error}",
                    kind.name,
                    state.prefix,
                    recording.log.len()
                )
            })?;
        checked += 1;
    }
    let (operations, saves) = (recording.log.len(), recording.history.acknowledged);
    println!(
        "replay: {:<5} {checked} states of {operations} block operations, {saves} saves, 0 violations",
        kind.name
    );
    Ok(())
}

/// What was written to the medium, and how long the log was at each acknowledgement.
struct Recording {
    log: Log,
    history: History,
    /// Block operations before the first save.
    from: usize,
    /// `acknowledged[n]` operations had been logged when save n was acknowledged.
    acknowledged: Vec<usize>,
}

fn record(cli: &Cli, base: &Path, scratch: &Path) -> Result<Recording, String> {
    let disk = LoggedDisk::start(base, scratch)?;
    let point = scratch.join("recorded");
    let mount = Mount::new(&disk.path, &point)?;
    fs::create_dir(point.join("work")).map_err(|error| error.to_string())?;
    let file = point.join("work/app.toml");
    let mut history = History::begin(&file)?;
    cli.must("set FILE probe=1", &file)?;
    let mut history_from = History::resume(&file)?;
    std::mem::swap(&mut history, &mut history_from);
    let mut lengths = vec![disk.log_len()?];
    for number in 1..=SAVES {
        if !history.save(cli, &file, number) {
            return Err(format!("save {number} failed"));
        }
        lengths.push(disk.log_len()?);
    }
    drop(mount);
    let log = disk.finish()?;
    let acknowledged: Vec<_> = lengths
        .iter()
        .map(|len| log.operations_within(*len))
        .collect();
    Ok(Recording {
        from: acknowledged[0],
        log,
        history,
        acknowledged,
    })
}

impl Recording {
    fn check(&self, cli: &Cli, image: &Path, state: &State, point: &Path) -> Result<(), String> {
        let acknowledged = self
            .acknowledged
            .iter()
            .rposition(|operations| *operations <= state.prefix)
            .unwrap_or(0);
        let mount = Mount::new(image, point)?;
        let outcome = self
            .history
            .check(cli, &point.join("work/app.toml"), acknowledged);
        drop(mount);
        outcome
    }
}
