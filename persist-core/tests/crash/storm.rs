//! Many writers in many processes, and writers that are killed in the middle of a save.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use persist_core::{ConfigFile, KeyPath, Options, Value, Wait};

use crate::check::{chain, text};
use crate::churn;
use crate::worker::in_memory;

const PROCESSES: usize = 16;
const THREADS: usize = 8;
/// Writers that are killed together, each with a key of its own.
const VICTIMS: usize = 3;

/// A writer: adds one to `key`, `count` times in each of its threads, and says each value once it is saved.
pub(crate) fn increment(path: &Path, key: &str, count: &str, threads: &str) -> Result<(), String> {
    let count: u64 = count.parse().map_err(text("count"))?;
    let threads: usize = threads.parse().map_err(text("threads"))?;
    let file = Arc::new(open(path)?);
    let key: KeyPath = key.parse().map_err(text("key"))?;
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (file, key) = (Arc::clone(&file), key.clone());
            thread::spawn(move || (0..count).try_for_each(|_| add_one(&file, &key)))
        })
        .collect();
    workers.into_iter().try_for_each(|worker| {
        worker
            .join()
            .unwrap_or_else(|_| Err("a thread panicked".to_owned()))
    })
}

fn open(path: &Path) -> Result<ConfigFile, String> {
    let mut options = Options::default();
    options.wait = Wait::For(Duration::from_secs(600));
    ConfigFile::open(path, options).map_err(text("open"))
}

fn add_one(file: &ConfigFile, key: &KeyPath) -> Result<(), String> {
    let mut next = 0;
    let saved = file.edit(None, |document| {
        next = number(document.get(key)) + 1;
        let _edit = document.set(key, Value::from(next))?;
        Ok(Vec::new())
    });
    saved.map_err(|error| chain(&error))?;
    println!("{next}");
    Ok(())
}

fn number(value: Option<&Value>) -> i64 {
    value
        .and_then(Value::as_integer)
        .and_then(persist_core::format::Integer::to_i64)
        .unwrap_or(-1)
}

fn read(path: &Path, key: &str) -> Result<i64, String> {
    let document = open(path)?.document().map_err(text("read"))?;
    Ok(number(document.get(&key.parse().map_err(text("key"))?)))
}

/// So many increments, rounds of kills, and saves beside churning readers.
pub(crate) fn run(increments: &str, kills: &str, saves: &str) -> Result<(), String> {
    let increments: usize = increments.parse().map_err(text("increments"))?;
    let kills: usize = kills.parse().map_err(text("kills"))?;
    let scratch = tempfile::tempdir_in(in_memory()).map_err(text("scratch folder"))?;
    let each = increments.div_ceil(PROCESSES * THREADS);
    count_up(&scratch.path().join("count.toml"), each)?;
    kill(&scratch.path().join("kill.toml"), kills)?;
    churn::run(saves.parse().map_err(text("saves"))?)
}

fn count_up(path: &Path, each: usize) -> Result<(), String> {
    let start = Instant::now();
    fs::write(path, "n = 0 # counted\n").map_err(text("write"))?;
    let writers: Vec<_> = (0..PROCESSES)
        .map(|_| spawn(path, "n", each, THREADS, Stdio::null()))
        .collect::<Result<_, _>>()?;
    for mut writer in writers {
        let status = writer.wait().map_err(text("wait"))?;
        if !status.success() {
            return Err(format!("a writer failed: {status}"));
        }
    }
    let wanted = i64::try_from(each * PROCESSES * THREADS).map_err(text("count"))?;
    let found = read(path, "n")?;
    verified(path)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "storm: {PROCESSES} processes of {THREADS} threads, {wanted} increments, {} lost, {seconds:.0} s",
        wanted - found
    );
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{wanted} increments, {found} are there"))
    }
}

fn kill(path: &Path, rounds: usize) -> Result<(), String> {
    let keys: Vec<_> = (0..VICTIMS).map(|victim| format!("n{victim}")).collect();
    let text_of = |key: &String| format!("{key} = 0\n");
    fs::write(path, keys.iter().map(text_of).collect::<String>()).map_err(text("write"))?;
    let mut saves = 0;
    for round in 0..rounds {
        let before: Vec<_> = keys
            .iter()
            .map(|key| read(path, key))
            .collect::<Result<_, _>>()?;
        let writers: Vec<_> = keys
            .iter()
            .map(|key| spawn(path, key, usize::MAX >> 1, 1, Stdio::piped()))
            .collect::<Result<_, _>>()?;
        thread::sleep(Duration::from_micros(
            2000 + (round as u64).wrapping_mul(2_654_435_761) % 40_000,
        ));
        let acknowledged: Vec<_> = writers.into_iter().map(killed).collect::<Result<_, _>>()?;
        open(path)?
            .recover(None)
            .map_err(|error| format!("round {round}: {}", chain(&error)))?;
        verified(path).map_err(|error| format!("round {round}: {error}"))?;
        for ((key, before), last) in keys.iter().zip(before).zip(acknowledged) {
            let (last, found) = (last.unwrap_or(before), read(path, key)?);
            if found != last && found != last + 1 {
                return Err(format!(
                    "round {round}: {key} was acknowledged as {last}, {found} is there"
                ));
            }
            saves += found - before;
        }
    }
    println!("storm: {rounds} rounds of {VICTIMS} writers killed, {saves} saves, 0 bad files");
    Ok(())
}

fn spawn(
    path: &Path,
    key: &str,
    count: usize,
    threads: usize,
    output: Stdio,
) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(text("our own path"))?;
    let mut command = Command::new(program);
    command
        .arg("--increment")
        .arg(path)
        .arg(key)
        .args([count.to_string(), threads.to_string()]);
    command.stdout(output).spawn().map_err(text("spawn"))
}

/// Kills a writer without warning; gives the last value that it acknowledged.
fn killed(mut writer: Child) -> Result<Option<i64>, String> {
    writer.kill().map_err(text("kill"))?;
    let output = writer.stdout.take().map(BufReader::new);
    let lines = output
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(Result::ok);
    let last = lines.filter_map(|line| line.parse().ok()).last();
    writer.wait().map_err(text("wait"))?;
    Ok(last)
}

fn verified(path: &Path) -> Result<(), String> {
    let verification = open(path)?.verify().map_err(text("verify"))?;
    if verification.passed() {
        Ok(())
    } else {
        Err(verification.problems().join("; "))
    }
}
