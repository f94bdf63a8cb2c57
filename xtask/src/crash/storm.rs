//! Many writers at once, writers that are killed, and writers beside churning readers.

use super::cli::Cli;
use super::scope::Scope;
use crate::cargo::{proof, run as command};
use crate::outcome::Outcome;

/// Lives with persist-core: its writers have many threads, which the command has not.
pub(crate) fn run(_: &Cli, scope: Scope) -> Outcome {
    let increments = scope.pick("6400", "128000");
    let kills = scope.pick("60", "500");
    let saves = scope.pick("300", "2000");
    command(proof(&["crash"]).args(["--storm", increments, kills, saves]))
}
