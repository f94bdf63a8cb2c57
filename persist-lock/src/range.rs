//! The lock between processes: two byte ranges of the lock file, taken by `file-guard`.
//!
//! Both lie far past the text, so that Windows' mandatory locks leave it readable. The *data* byte is
//! the lock. The *gate* byte is held only on the way in: a waiting writer keeps it exclusively, so
//! that no new reader can slip in before it; waiting readers keep it shared, so that a chain of
//! writers can't shut them out.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::Deref;
use std::thread;
use std::time::Duration;

use file_guard::{FileGuard, Lock, try_lock};

use crate::sys;
use crate::wait::Deadline;

pub(crate) const GATE: usize = 0x4000_0000;
pub(crate) const DATA: usize = GATE + 1;

/// Shortest and longest pause between two tries.
const SHORT: Duration = Duration::from_micros(50);
const LONG: Duration = Duration::from_millis(1);

/// One try; `None` when somebody else has the byte.
pub(crate) fn attempt<F: Deref<Target = File>>(
    file: F,
    lock: Lock,
    byte: usize,
) -> io::Result<Option<FileGuard<F>>> {
    match try_lock(file, lock, byte, 1) {
        Ok(guard) => Ok(Some(guard)),
        Err(error) if sys::is_contended(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tries until it succeeds or the time is over.
///
/// Never a blocking wait: the kernel sees processes, not threads, and reports deadlocks that are
/// none. Pauses grow to a short cap and no further, so who has waited long does not come off worse.
pub(crate) fn poll<F: Deref<Target = File> + Clone>(
    file: &F,
    lock: Lock,
    byte: usize,
    deadline: &Deadline,
) -> io::Result<Option<FileGuard<F>>> {
    let mut pause = SHORT;
    loop {
        if let Some(guard) = attempt(file.clone(), lock, byte)? {
            return Ok(Some(guard));
        }
        let Some(left) = deadline.left() else {
            return Ok(None);
        };
        let time = jitter(pause);
        thread::sleep(left.map_or(time, |left| time.min(left)));
        pause = (pause * 2).min(LONG);
    }
}

/// Between half and the whole of `pause`, so that processes that lost together do not return together.
fn jitter(pause: Duration) -> Duration {
    let part = RandomState::new().hash_one(0u8) % 512;
    pause / 2 + pause * u32::try_from(part).unwrap_or(0) / 1024
}
