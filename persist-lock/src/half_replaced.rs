//! The live name where a replacement passes through a moment without it: on Windows.

use std::fs::File;
use std::io;
use std::thread;
use std::time::Duration;

use crate::at::At;
use crate::sys::{self, Access, Meta};

/// Opens the live file; waits for the end of a replacement that seems to be going on. Where a writer died in it, the file at
/// `old` is what the next writer will put back.
pub(crate) fn open_live(live: &At, old: impl Fn() -> Option<At>) -> io::Result<(File, Meta)> {
    if sys::REPLACES_AT_ONCE {
        return live.open_known(Access::Read);
    }
    let is_there = || old().is_some_and(|old| old.exists()) || live.exists();
    for pause in [1, 2, 5, 10, 20, 50] {
        match live.open_known(Access::Read) {
            Err(error) if is_absent(&error) && is_there() => {}
            Err(error) if sys::is_passing(&error) => {}
            other => return other,
        }
        thread::sleep(Duration::from_millis(pause));
    }
    live.open_known(Access::Read).or_else(|error| match old() {
        Some(old) if is_absent(&error) => old.open_known(Access::Read),
        _ => Err(error),
    })
}

/// A crash in that moment leaves the live name free and the old file at its backup name.
pub(crate) fn heal_names(live: &At, old: &At) -> io::Result<()> {
    let is_half_replaced = !sys::REPLACES_AT_ONCE && !live.exists() && old.exists();
    match is_half_replaced {
        true => old.rename_new_at_once(live),
        false => Ok(()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
