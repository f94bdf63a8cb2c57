//! The suites of all crates under Wine, built for Windows on this machine.
//!
//! For the Windows 7 target, since the plain one needs a system library that Debian's Wine lacks.

use std::time::Instant;

use crate::apt;
use crate::buildstd::Builder;
use crate::cargo;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

const WINE: &str = "/usr/lib/wine/wine64";

/// What must be there besides the compiler, and the package that brings it.
const TOOLS: [(&str, &str); 2] = [
    ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
    (WINE, "wine64"),
];

/// Unit tests and suites, then documentation. Proofs with a binary of their own have their own command: power cuts, whose
/// harness records Linux' system calls (it compiles for Windows all the same), and a corpus, which is the same everywhere.
const RUNS: [(&str, &[&str]); 2] = [
    ("suites", &["--lib", "--bins", "--test", "suite"]),
    ("docs", &["--doc"]),
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
    Outcome::all(RUNS.map(|(name, targets)| {
        let start = Instant::now();
        let outcome = test(&builder, targets);
        let seconds = start.elapsed().as_secs_f64();
        println!("windows {name:8} {seconds:>6.1} s  {outcome:?}");
        outcome
    }))
}

/// The tests of all crates; one that fails keeps none of the others from running.
fn test(builder: &Builder, targets: &[&str]) -> Outcome {
    let mut command = builder.cargo("test");
    command
        .args(["--quiet", "--no-fail-fast"])
        .args(targets)
        .env("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_RUNNER", WINE)
        // A Wine folder of our own leaves the home folder alone.
        .env("WINEPREFIX", builder.target_dir().join("wine"))
        .env("WINEDEBUG", "-all")
        // Python judges in the suites of this machine; Wine has none.
        .env_remove("PERSIST_JUDGED");
    cargo::run(&mut command)
}
