//! What all Unixes share.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use file_guard::{Lock, try_lock};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use super::meta::Meta;
use super::owner::Owner;
use super::rights;

/// What has the live file's name is always whole: one file takes the place of another in one step.
pub(crate) const REPLACES_AT_ONCE: bool = true;

/// Nothing looks otherwise in a moment.
pub(crate) fn is_passing(_error: &io::Error) -> bool {
    false
}

/// The live file has to be opened for what the new one gets from it.
pub(crate) const COPIES_METADATA: bool = true;

/// Gives `to` the owner of `from`, which only root can do.
pub(crate) fn give_as(from: &File, to: &File) -> io::Result<()> {
    match Owner::caller().is_root() {
        true => rights::give(to, Meta::of(from)?.owner),
        false => Ok(()),
    }
}

// --- the lock file ---

pub(crate) fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    file.read_exact_at(bytes, 0)
}

/// Takes the byte exclusively again. POSIX grants that to whoever holds it already; if the lock was
/// dropped behind our back and taken by another, it fails.
pub(crate) fn relock(file: &File, byte: usize) -> bool {
    match try_lock(file, Lock::Exclusive, byte, 1) {
        Ok(guard) => {
            // The lock's own guard gives it back; this one must not.
            std::mem::forget(guard);
            true
        }
        Err(_) => false,
    }
}

/// The process whose lock of `byte` is in the way.
pub(crate) fn blocker(file: &File, lock: Lock, byte: usize) -> Option<u32> {
    let wanted = Flock {
        start: byte as u64,
        length: 1,
        pid: None,
        typ: match lock {
            Lock::Shared => FlockType::ReadLock,
            Lock::Exclusive => FlockType::WriteLock,
        },
        offset_type: FlockOffsetType::Set,
    };
    let found = fcntl_getlk(file, &wanted).ok()??;
    u32::try_from(found.pid?.as_raw_nonzero().get()).ok()
}

/// Reads from an offset, wherever the file was read to.
pub(crate) fn read_part(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(bytes, offset)
}
