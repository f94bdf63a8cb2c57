//! One integration binary per crate; its modules mirror `src`.

mod compress;
mod corruption;
mod create;
mod error;
mod id;
mod list;
mod prune;
mod retention;

use persist_backup::{Backups, Meta};
use tempfile::TempDir;

/// A folder of snapshots that goes away with the test.
fn scratch() -> (TempDir, Backups) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let backups = Backups::at(dir.path().join("backups"));
    (dir, backups)
}

/// With a snapshot of each of `contents`, oldest first.
fn filled(contents: &[&[u8]]) -> (TempDir, Backups) {
    let (dir, backups) = scratch();
    for content in contents {
        backups
            .create(content, &Meta::default())
            .expect("a snapshot");
    }
    (dir, backups)
}

/// `len` bytes that compress about as well as a settings file does.
fn settings(len: usize) -> Vec<u8> {
    let lines = (0_u32..)
        .flat_map(|n| format!("key_{n} = {}\n", n.wrapping_mul(2_654_435_761)).into_bytes());
    lines.take(len).collect()
}
