//! Compiles all crates and their tests for systems that can't be run here. Nothing is linked, which would need those
//! systems' own tools; and no dependency brings C code, which would need a C compiler for them.

use std::time::Instant;

use crate::buildstd::Builder;
use crate::cargo::run as command;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// One for each way in which the sources tell systems apart, and the crate that is not for it.
const SYSTEMS: [(&str, Option<&str>); 5] = [
    ("x86_64-apple-darwin", None),
    // There are no commands there.
    ("aarch64-apple-ios", Some("persist-cli")),
    ("aarch64-linux-android", None),
    ("x86_64-unknown-linux-musl", None),
    ("x86_64-unknown-freebsd", None),
];

pub(crate) fn run() -> Outcome {
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let mut outcomes = Vec::new();
    for (system, without) in SYSTEMS {
        let builder = match Builder::new(&workspace, system) {
            Ok(builder) => builder,
            Err(why) => return Outcome::Skipped(why),
        };
        let start = Instant::now();
        let mut check = builder.cargo("check");
        if let Some(package) = without {
            check.args(["--exclude", package]);
        }
        let outcome = command(check.args(["--quiet", "--all-targets"]));
        println!(
            "{system:26} {:>6.1} s  {outcome:?}",
            start.elapsed().as_secs_f64()
        );
        outcomes.push(outcome);
    }
    Outcome::all(outcomes)
}
