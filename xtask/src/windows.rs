//! The suites of all crates under Wine, built for Windows on this machine.
//!
//! Debian's own compiler, because it comes with the sources of `std`: those are built for the
//! Windows 7 target, since the plain one needs a system library that Debian's Wine lacks.

use std::path::Path;
use std::process::Command;

use cargo_metadata::{Package, TargetKind};

use crate::apt;
use crate::cargo;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

const TARGET: &str = "x86_64-win7-windows-gnu";
const WINE: &str = "/usr/lib/wine/wine64";

/// What must be there, and the package that brings it.
const TOOLS: [(&str, &str); 4] = [
    ("/usr/bin/rustc", "rustc-web"),
    (
        "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
        "rust-web-src",
    ),
    ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
    (WINE, "wine64"),
];

/// Tools of this repository, which nobody runs on Windows.
const NOT_TESTED: &str = "xtask";

pub(crate) fn run() -> Outcome {
    for (file, package) in TOOLS {
        if let Err(why) = apt::ensure(file, package) {
            return Outcome::Skipped(format!("no Windows here: {why}"));
        }
    }
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let target_dir = workspace
        .metadata
        .target_directory
        .as_std_path()
        .join("windows");
    let outcomes: Vec<(String, Outcome)> = workspace
        .members()
        .into_iter()
        .filter(|package| package.name.as_str() != NOT_TESTED)
        .map(|package| (package.name.to_string(), test(package, &target_dir)))
        .collect();
    for (name, outcome) in &outcomes {
        println!("{name:16} {outcome:?}");
    }
    let failed: Vec<&String> = outcomes
        .iter()
        .filter(|(_, outcome)| *outcome != Outcome::Passed)
        .map(|(name, _)| name)
        .collect();
    Outcome::of(&failed)
}

/// Unit tests, suite and documentation of one crate. Proofs with a binary of their own have their own
/// command: power cuts, whose harness records Linux' system calls (it compiles for Windows all the
/// same), and a corpus, which is the same everywhere.
fn test(package: &Package, target_dir: &Path) -> Outcome {
    let has = |kind: &TargetKind, name: Option<&str>| {
        package
            .targets
            .iter()
            .any(|target| target.kind.contains(kind) && name.is_none_or(|name| target.name == name))
    };
    let mut tests = Vec::new();
    if has(&TargetKind::Lib, None) {
        tests.push("--lib");
    }
    if has(&TargetKind::Bin, None) {
        tests.push("--bins");
    }
    if has(&TargetKind::Test, Some("suite")) {
        tests.extend(["--test", "suite"]);
    }
    let mut runs = vec![tests];
    if has(&TargetKind::Lib, None) {
        runs.push(vec!["--doc"]);
    }
    Outcome::all(
        runs.iter()
            .map(|targets| cargo::run(&mut command(&package.name, targets, target_dir))),
    )
}

/// A target and a Wine folder of our own leave other builds and the home folder alone.
fn command(package: &str, targets: &[&str], target_dir: &Path) -> Command {
    let mut command = cargo::cargo(&[
        "test",
        "-Zbuild-std=std,panic_abort,panic_unwind,test",
        "--target",
        TARGET,
        "--package",
        package,
    ]);
    command
        .args(targets)
        .env("CARGO_TARGET_DIR", target_dir)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        // A released compiler, asked for the unstable `-Zbuild-std`.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_RUNNER", WINE)
        .env("WINEPREFIX", target_dir.join("wine"))
        .env("WINEDEBUG", "-all");
    command
}
