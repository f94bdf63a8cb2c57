//! Checks, proofs and releases of the workspace: `cargo xtask <command>`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command prints"
)]

mod apt;
mod buildstd;
mod cargo;
mod ci;
mod compile;
mod crash;
mod fuzz;
mod hostile;
mod lossless;
mod outcome;
mod poor;
mod restic;
mod tidy;
mod versions;
mod windows;
mod workspace;

use std::process::ExitCode;

use outcome::Outcome;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci                  every check, as .ci/run calls it
  tidy                the architecture invariants
  versions --check    one version everywhere, and a manifest that holds together
  crash [PART] [--full]
                      the proof against power cuts, full disks and kill -9;
                      PART: model sweep power replay storm
  hostile [--full]    the proof against who may write into the folder; needs root
  lossless [--full]   edits of real documents against independent oracles
  fuzz [SECONDS]      every fuzz target for that long; installs cargo-fuzz
  poor                the command on file systems that offer little, such as exFAT
  restic              what our retention keeps against what Debian's restic does
  windows             the suites of all crates under Wine
  compile             all crates for the systems that can't be run here";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["versions", "--check"] => versions::run(),
        ["crash", rest @ ..] => crash::run(rest),
        ["hostile"] => hostile::run(false),
        ["hostile", "--full"] => hostile::run(true),
        ["lossless"] => lossless::run(false),
        ["lossless", "--full"] => lossless::run(true),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["poor"] => poor::run(),
        ["restic"] => restic::run(),
        ["windows"] => windows::run(),
        ["compile"] => compile::run(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Outcome::Passed => ExitCode::SUCCESS,
        Outcome::Skipped(why) => {
            println!("skipped: {why}");
            ExitCode::SUCCESS
        }
        Outcome::Failed(why) => {
            eprintln!("failed: {why}");
            ExitCode::FAILURE
        }
    }
}
