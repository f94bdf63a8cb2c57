//! Every fuzz target in turn.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{cargo, installed, run as command};
use crate::outcome::Outcome;
use crate::workspace::{Workspace, files};

/// An input that takes longer, or more memory, is a finding.
const LIMITS: [&str; 3] = ["-timeout=20", "-rss_limit_mb=2048", "-max_len=4096"];

/// Ten seconds each unless told; `fuzz/corpus` is where they start from, what they find goes to the target folder.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let seconds = args.first().copied().unwrap_or("10");
    if let Err(why) = tools() {
        return Outcome::Skipped(why);
    }
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let scratch = workspace
        .metadata
        .target_directory
        .as_std_path()
        .join("fuzz");
    let targets = files(&workspace.root.join("fuzz/fuzz_targets"), "rs");
    Outcome::all(
        targets
            .iter()
            .map(|target| fuzz(&workspace.root, &scratch, target, seconds)),
    )
}

fn fuzz(root: &Path, scratch: &Path, target: &Path, seconds: &str) -> Outcome {
    let name = target.file_stem().unwrap_or_default();
    let found: PathBuf = scratch.join("corpus").join(name);
    if let Err(error) = fs::create_dir_all(&found) {
        return Outcome::Failed(format!("{}: {error}", found.display()));
    }
    let mut fuzz = Command::new("cargo");
    fuzz.current_dir(root)
        .args(["+nightly", "fuzz", "run", "--target-dir"])
        .arg(scratch)
        .arg(name)
        // New inputs are written to the first.
        .arg(found)
        .arg(root.join("fuzz/corpus").join(name))
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args(LIMITS);
    command(&mut fuzz)
}

/// A nightly compiler and cargo-fuzz, installed where they are missing.
fn tools() -> Result<(), String> {
    let nightly = || {
        let version = Command::new("cargo").args(["+nightly", "-V"]).output();
        version.is_ok_and(|output| output.status.success())
    };
    if !nightly() {
        let mut rustup = Command::new("rustup");
        rustup.args(["toolchain", "install", "nightly", "--profile", "minimal"]);
        wanted(command(&mut rustup))?;
    }
    if !installed("cargo-fuzz") {
        wanted(command(&mut cargo(&["install", "--locked", "cargo-fuzz"])))?;
    }
    Ok(())
}

fn wanted(outcome: Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Failed(why) => Err(format!("could not be installed: {why}")),
        _ => Ok(()),
    }
}
