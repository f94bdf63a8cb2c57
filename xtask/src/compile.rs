//! Compiles all crates and their tests for systems that can't be run here. Nothing is linked, which would need those
//! systems' own tools.

use crate::buildstd::{Builder, crates};
use crate::cargo::run as command;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

const SYSTEMS: [&str; 2] = ["x86_64-apple-darwin", "x86_64-unknown-freebsd"];

pub(crate) fn run() -> Outcome {
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    Outcome::all(SYSTEMS.map(|system| {
        println!("==> {system}");
        let builder = match Builder::new(&workspace, system) {
            Ok(builder) => builder,
            Err(why) => return Outcome::Skipped(why),
        };
        Outcome::all(crates(&workspace).into_iter().map(|package| {
            let mut check = builder.cargo("check", package);
            command(check.args(["--quiet", "--all-targets"]))
        }))
    }))
}
