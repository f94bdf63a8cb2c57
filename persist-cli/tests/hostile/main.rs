//! The proof that who may write into a folder can't make somebody with more rights read, write, delete or hang through it.
//!
//! *Planted*: at every name that persist uses, and at some that it doesn't, lies every kind of thing that is not what
//! persist would have put there; then every command runs as root, or as another user. *Races*: while root saves, the
//! owner of the folder exchanges it, and what is around and within it, for links. Both times a tree of canaries outside
//! has to stay as it is, and its words have to stay in it. *Self-test*: the harness sees what it is there to see.
//!
//! A sample runs by default, the same each time; `PERSIST_HOSTILE=full` runs everything. Needs root.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "clippy spares tests, but not the functions they call"
)]
#![expect(clippy::print_stdout, reason = "a proof reports")]

mod canary;
mod case;
mod commands;
mod judge;
mod kinds;
mod names;
mod planted;
mod races;
mod report;
mod run;
mod self_test;
mod snapshot;
mod tree;
mod user;
mod world;

/// How much of the proof to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Sample,
    Full,
}

impl Scope {
    fn of_environment() -> Self {
        match std::env::var("PERSIST_HOSTILE").as_deref() {
            Ok("full") => Self::Full,
            _ => Self::Sample,
        }
    }
}

#[test]
fn planted() {
    if user::is_root("what is planted") {
        report::settle("planted", &planted::run(Scope::of_environment()));
    }
}

#[test]
fn races() {
    if user::is_root("races") {
        report::settle("races", &races::run(Scope::of_environment()));
    }
}

#[test]
fn self_test() {
    if user::is_root("the self-test") {
        self_test::run();
    }
}
