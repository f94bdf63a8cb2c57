//! Many writers at once, and writers that are killed.

use super::Scope;
use super::cli::Cli;
use crate::cargo::{cargo, run as command};
use crate::outcome::Outcome;

/// Lives with persist-core: its writers have many threads, which the command has not.
pub(crate) fn run(_: &Cli, scope: Scope) -> Outcome {
    let arguments = [
        "test",
        "--release",
        "--quiet",
        "--package",
        "persist-core",
        "--test",
        "crash",
        "--",
    ];
    let increments = scope.pick("6400", "128000");
    let kills = scope.pick("60", "500");
    command(cargo(&arguments).args(["--storm", increments, kills]))
}
