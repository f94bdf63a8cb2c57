//! Every fuzz target in turn.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{cargo, installed, run as command};
use crate::outcome::Outcome;
use crate::workspace::{Workspace, files};

/// An input that takes longer, or more memory, is a finding. A second is what it may take; sanitizers, assertions and
/// other work on the machine make that ten.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=4096"];

/// Ten seconds each unless told. They start from `fuzz/corpus`; what they find that is new goes to the target folder.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let seconds = args.first().copied().unwrap_or("10");
    if let Err(why) = cargo_fuzz() {
        return Outcome::Skipped(why);
    }
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let scratch = workspace.metadata.target_directory.as_std_path();
    let fuzzer = Fuzzer {
        root: &workspace.root,
        scratch: scratch.join("fuzz"),
        nightly: nightly(),
    };
    let built = command(&mut fuzzer.cargo_fuzz("build"));
    if built != Outcome::Passed {
        return built;
    }
    let targets = files(&workspace.root.join("fuzz/fuzz_targets"), "rs");
    let findings: Vec<String> = targets
        .iter()
        .filter_map(|target| match fuzzer.fuzz(target, seconds) {
            Outcome::Failed(why) => Some(why),
            _ => None,
        })
        .collect();
    Outcome::of(&findings)
}

struct Fuzzer<'a> {
    root: &'a Path,
    scratch: PathBuf,
    nightly: bool,
}

impl Fuzzer<'_> {
    fn fuzz(&self, target: &Path, seconds: &str) -> Outcome {
        let name = target.file_stem().unwrap_or_default();
        let found = self.scratch.join("corpus").join(name);
        if let Err(error) = fs::create_dir_all(&found) {
            return Outcome::Failed(format!("{}: {error}", found.display()));
        }
        let mut fuzz = self.cargo_fuzz("run");
        fuzz.arg(name)
            // New inputs are written to the first.
            .arg(found)
            .arg(self.root.join("fuzz/corpus").join(name))
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .args(LIMITS);
        command(&mut fuzz)
    }

    fn cargo_fuzz(&self, what: &str) -> Command {
        // Through rustup, which knows the word for the toolchain, not the cargo that runs us.
        let mut fuzz = Command::new("cargo");
        fuzz.current_dir(self.root);
        if self.nightly {
            fuzz.arg("+nightly");
        } else {
            fuzz.env("RUSTC_BOOTSTRAP", "1");
        }
        fuzz.args(["fuzz", what, "--target-dir"]).arg(&self.scratch);
        fuzz
    }
}

/// Sanitizers are unstable. A released compiler has them all the same, if it is told that we know.
fn nightly() -> bool {
    let version = Command::new("cargo").args(["+nightly", "-V"]).output();
    let nightly = version.is_ok_and(|output| output.status.success());
    println!(
        "fuzzing with {}",
        match nightly {
            true => "the nightly compiler",
            false => "the released compiler and RUSTC_BOOTSTRAP=1: no nightly is installed",
        }
    );
    nightly
}

/// Installed where it is missing.
fn cargo_fuzz() -> Result<(), String> {
    if installed("cargo-fuzz") {
        return Ok(());
    }
    match command(&mut cargo(&["install", "--locked", "cargo-fuzz"])) {
        Outcome::Failed(why) => Err(format!("cargo-fuzz could not be installed: {why}")),
        _ => Ok(()),
    }
}
