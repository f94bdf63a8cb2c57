//! Every fuzz target in turn.

use std::path::Path;
use std::process::Command;

use crate::cargo::{installed, run as command};
use crate::outcome::Outcome;
use crate::workspace::files;

/// Ten seconds each unless told; the corpora in `fuzz/corpus` are the start.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let seconds = args.first().copied().unwrap_or("10");
    if !installed("cargo-fuzz") {
        return Outcome::Skipped(
            "cargo-fuzz is not installed (cargo install cargo-fuzz)".to_owned(),
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let targets = files(&root.join("fuzz/fuzz_targets"), "rs");
    let limit = format!("-max_total_time={seconds}");
    Outcome::all(targets.iter().map(|target| {
        let name = target.file_stem().unwrap_or_default();
        let mut fuzz = Command::new("cargo");
        fuzz.current_dir(&root)
            .args(["+nightly", "fuzz", "run"])
            .arg(name)
            .args(["--", &limit]);
        command(&mut fuzz)
    }))
}
