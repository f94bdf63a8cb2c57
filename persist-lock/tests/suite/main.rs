//! One integration binary per crate; its modules mirror `src`.

#![expect(
    clippy::unwrap_used,
    reason = "clippy spares tests, but not the functions they call"
)]

mod child;
mod file_lock;
mod replace;
mod stage;
mod target;

/// Runs every child role; see `child`. Does nothing in a normal run.
#[test]
fn child_role() {
    child::run_role();
}
