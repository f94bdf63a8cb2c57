//! The proof that a power cut at any moment of a save, a migration, a restore or a recovery leaves the old content or the
//! new, keeps what was acknowledged, and keeps the previous version.
//!
//! The system calls of real commands are recorded and run on an in-memory disk that keeps synced and unsynced apart. Every
//! state that a cut could leave is laid out in memory and opened by the library, in a process of its own.
//! `cargo xtask crash` runs it whole; under `cargo test` it only shows that the harness tells right from wrong.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that reports"
)]

mod check;
mod churn;
mod corruption;
mod disk;
mod explore;
mod folder;
mod harness;
mod necessity;
mod scenario;
mod states;
mod storm;
mod trace;
mod worker;
mod writers;

use std::path::Path;
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
        ["--churn", path] => churn::read_for_ever(Path::new(path)),
        ["--storm", increments, kills, saves] => storm::run(increments, kills, saves),
        ["--corruption", every] => corruption::run(every),
        ["--model", cli, states, afterwards] => model(Path::new(cli), states, afterwards),
        _ => harness::tells_right_from_wrong(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Explores so many states of the command `cli`, then shows that each of its syncs is needed.
fn model(cli: &Path, states: &str, afterwards: &str) -> Result<(), String> {
    harness::tells_right_from_wrong()?;
    let states = states.parse().map_err(check::text("states"))?;
    let afterwards = afterwards.parse().map_err(check::text("each so many-th"))?;
    let recordings = explore::record_all(cli)?;
    let explored = explore::run(&recordings, states, afterwards);
    necessity::run(&recordings)?;
    explored
}
