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
    let mut test = cargo(&[
        "test",
        "--release",
        "--quiet",
        "--package",
        "persist-core",
        "--test",
        "crash",
    ]);
    test.env("PERSIST_BIN", &cli.program)
        .env("PERSIST_STATES", scope.pick("1000000", "3000000"));
    command(&mut test)
}
