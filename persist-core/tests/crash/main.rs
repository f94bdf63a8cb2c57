//! The proof that a power cut at any moment of a save, a migration, a restore or a recovery leaves the old content or the
//! new, keeps what was acknowledged, and keeps the previous version.
//!
//! The system calls of real commands are recorded and run on an in-memory disk that keeps synced and unsynced apart. Every
//! state that a cut could leave is laid out in memory and opened by the library, in a process of its own.
//! `cargo xtask crash` runs it whole; under `cargo test` it only shows that the harness tells right from wrong.

mod check;
mod corruption;
mod disk;
mod explore;
mod harness;
mod necessity;
mod scenario;
mod states;
mod storm;
mod trace;
mod worker;
mod writers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["--worker", judge, live] => worker::serve(judge, live).map_err(|error| error.to_string()),
        ["--writer", way, path, content] => writers::save(way, Path::new(path), content.as_bytes())
            .map_err(|error| error.to_string()),
        ["--increment", path, key, count, threads] => {
            storm::increment(Path::new(path), key, count, threads)
        }
        ["--storm", increments, kills] => storm::run(increments, kills),
        ["--corruption"] => corruption::run(),
        _ => run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// With `PERSIST_BIN` the real command is explored; `PERSIST_STATES` bounds the states (1,000,000).
fn run() -> Result<(), String> {
    if std::process::Command::new("strace")
        .arg("-V")
        .output()
        .is_err()
    {
        println!("skipped: strace is not installed");
        return Ok(());
    }
    harness::tells_right_from_wrong()?;
    let Some(cli) = std::env::var_os("PERSIST_BIN").map(PathBuf::from) else {
        println!("the command itself is explored by `cargo xtask crash`");
        return Ok(());
    };
    corruption::run()?;
    let states = std::env::var("PERSIST_STATES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let recordings = explore::run(&cli, states)?;
    necessity::run(&recordings)
}
