//! The model of the disk, which lives with persist-core because it opens every state through the library.

use super::cli::Cli;
use super::scope::Scope;
use crate::apt;
use crate::cargo::{proof, run as command};
use crate::outcome::Outcome;

pub(crate) fn run(cli: &Cli, scope: Scope) -> Outcome {
    if let Err(why) = apt::ensure("strace", "strace") {
        return Outcome::Skipped(why);
    }
    let part = |arguments: &[&str]| command(proof(&["crash"]).args(arguments));
    let program = cli.program.to_string_lossy();
    Outcome::all([
        part(&["--model", &program, "1000000", scope.pick("16", "1")]),
        part(&["--corruption", scope.pick("16", "1")]),
    ])
}
