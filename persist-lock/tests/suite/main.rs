//! One integration binary per crate; its modules mirror `src`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "clippy spares tests, but not the functions they call"
)]

mod child;
#[cfg(target_os = "linux")]
mod commit;
mod error;
mod file_lock;
#[cfg(unix)]
mod folder;
#[cfg(target_os = "linux")]
mod in_place;
#[cfg(target_os = "linux")]
mod metadata;
#[cfg(unix)]
mod plan;
#[cfg(unix)]
mod registry;
mod replace;
mod stage;
mod storm;
mod target;
#[cfg(windows)]
mod windows;

/// Runs every child role; see `child`. Does nothing in a normal run.
#[test]
fn child_role() {
    child::run_role();
}
