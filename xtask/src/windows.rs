//! The suites of all crates under Wine, built for Windows on this machine.
//!
//! For the Windows 7 target, since the plain one needs a system library that Debian's Wine lacks.

use std::time::Instant;

use cargo_metadata::{Package, TargetKind};

use crate::apt;
use crate::buildstd::{Builder, crates};
use crate::cargo;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

const WINE: &str = "/usr/lib/wine/wine64";

/// What must be there besides the compiler, and the package that brings it.
const TOOLS: [(&str, &str); 2] = [
    ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
    (WINE, "wine64"),
];

pub(crate) fn run() -> Outcome {
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let tools = TOOLS
        .iter()
        .try_for_each(|(file, package)| apt::ensure(file, package));
    let builder = tools.and_then(|()| Builder::new(&workspace, "x86_64-win7-windows-gnu"));
    let builder = match builder {
        Ok(builder) => builder,
        Err(why) => return Outcome::Skipped(format!("no Windows here: {why}")),
    };
    let mut outcomes = Vec::new();
    for package in crates(&workspace) {
        let start = Instant::now();
        let outcome = test(package, &builder);
        outcomes.push((&package.name, start.elapsed().as_secs(), outcome));
    }
    for (name, seconds, outcome) in &outcomes {
        println!("{name:16} {seconds:>5} s  {outcome:?}");
    }
    outcomes.retain(|(_, _, outcome)| *outcome != Outcome::Passed);
    let failed: Vec<_> = outcomes.iter().map(|(name, ..)| name).collect();
    Outcome::of(&failed)
}

/// Unit tests, suite and documentation of one crate. Proofs with a binary of their own have their own
/// command: power cuts, whose harness records Linux' system calls (it compiles for Windows all the
/// same), and a corpus, which is the same everywhere.
fn test(package: &Package, builder: &Builder) -> Outcome {
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
    Outcome::all(runs.iter().map(|targets| {
        let mut command = builder.cargo("test", package);
        command
            .args(targets)
            .env("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_RUNNER", WINE)
            // A Wine folder of our own leaves the home folder alone.
            .env("WINEPREFIX", builder.target_dir().join("wine"))
            .env("WINEDEBUG", "-all");
        cargo::run(&mut command)
    }))
}
