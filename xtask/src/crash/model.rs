//! The model of the disk, which lives with persist-core because it opens every state through the library.

use super::Scope;
use super::cli::Cli;
use crate::apt;
use crate::cargo::{cargo, run as command};
use crate::outcome::Outcome;

pub(crate) fn run(cli: &Cli, scope: Scope) -> Outcome {
    if let Err(why) = apt::ensure("strace", "strace") {
        return Outcome::Skipped(why);
    }
    let test = [
        "test",
        "--release",
        "--quiet",
        "--package",
        "persist-core",
        "--test",
        "crash",
        "--",
    ];
    let part = |arguments: &[&str]| command(cargo(&test).args(arguments));
    let program = cli.program.to_string_lossy();
    Outcome::all([
        part(&["--model", &program, scope.pick("60000", "1000000")]),
        part(&["--corruption", scope.pick("16", "1")]),
    ])
}
