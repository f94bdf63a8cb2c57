//! Many writers at once, and writers that are killed.

use super::cli::Cli;
use super::{Scope, proof};
use crate::cargo::run as command;
use crate::outcome::Outcome;

/// Lives with persist-core: its writers have many threads, which the command has not.
pub(crate) fn run(_: &Cli, scope: Scope) -> Outcome {
    let increments = scope.pick("3200", "128000");
    let kills = scope.pick("30", "500");
    command(proof(scope).args(["--storm", increments, kills]))
}
