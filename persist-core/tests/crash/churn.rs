//! How long a writer waits for its turn while readers take the lock again and again.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use persist_core::lock::FileLock;
use persist_core::{ConfigFile, Options, Value, Wait};

use crate::check::{chain, text};
use crate::worker::in_memory;

const PROCESSES: usize = 4;
const THREADS: usize = 2;
/// How long a reader keeps the lock, so that the turns of eight overlap without a gap.
const TURN: Duration = Duration::from_millis(2);
/// What 99 of 100 saves may wait at most.
const MOST: Duration = Duration::from_millis(50);

/// A reader process, until it is killed.
pub(crate) fn read_for_ever(path: &Path) -> Result<(), String> {
    let lock = FileLock::beside(path).map_err(text("the lock"))?;
    let read = || -> Result<(), String> {
        loop {
            let wait = Wait::For(Duration::from_secs(60));
            let guard = lock.read(wait).map_err(text("the read lock"))?;
            thread::sleep(TURN);
            drop(guard);
        }
    };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..THREADS).map(|_| scope.spawn(read)).collect();
        readers
            .into_iter()
            .try_for_each(|reader| reader.join().unwrap_or_else(|_| Err("a panic".to_owned())))
    })
}

pub(crate) fn run(saves: usize) -> Result<(), String> {
    let scratch = tempfile::tempdir_in(in_memory()).map_err(text("scratch folder"))?;
    let path = scratch.path().join("churn.toml");
    fs::write(&path, "n = 0\n").map_err(text("write"))?;
    let program = std::env::current_exe().map_err(text("our own path"))?;
    let mut readers: Vec<Child> = Vec::new();
    for _ in 0..PROCESSES {
        let mut command = Command::new(&program);
        readers.push(
            command
                .arg("--churn")
                .arg(&path)
                .spawn()
                .map_err(text("spawn"))?,
        );
    }
    let waits = waits(&path, saves);
    for reader in &mut readers {
        if let Some(status) = reader.try_wait().map_err(text("a reader"))? {
            return Err(format!("a reader gave up: {status}"));
        }
        reader.kill().map_err(text("kill"))?;
        reader.wait().map_err(text("wait"))?;
    }
    let mut waits = waits?;
    waits.sort();
    let part = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!(
        "storm: {} churning readers, a writer waits {:.1?} (median), {:.1?} (p99), {:.1?} at most",
        PROCESSES * THREADS,
        part(50),
        part(99),
        part(100)
    );
    if part(99) < MOST {
        Ok(())
    } else {
        Err(format!("a writer waits longer than {MOST:?}"))
    }
}

/// How long each save waited for the lock.
fn waits(path: &Path, saves: usize) -> Result<Vec<Duration>, String> {
    let file = ConfigFile::open(path, Options::default()).map_err(text("open"))?;
    // The readers start up.
    thread::sleep(Duration::from_millis(100));
    let mut waits = Vec::new();
    for number in 1..=saves {
        let saved = file.edit(None, |document| {
            let _edit = document.set(&"n".parse()?, Value::from(number as u64))?;
            Ok(Vec::new())
        });
        waits.push(saved.map_err(|error| chain(&error))?.timings.lock);
        thread::sleep(Duration::from_millis(1));
    }
    Ok(waits)
}
