//! What all Unixes share.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use file_guard::{Lock, try_lock};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use super::dir::{Dir, NameIn};
use super::meta::{FileId, Meta};
use super::owner::Owner;
use super::rights;
use crate::how::How;

/// What has the live file's name is always whole: one file takes the place of another in one step.
pub(crate) const REPLACES_AT_ONCE: bool = true;

/// Nothing looks otherwise in a moment.
pub(crate) fn is_passing(_error: &io::Error) -> bool {
    false
}

/// The live file has to be opened for what the new one gets from it.
pub(crate) const COPIES_METADATA: bool = true;

/// Exchanges the names of `live` and `stage`, which is where the old content is then: another place for it is not needed. In
/// this order, because who watches the folder is told first of the one that loses its name and then of the one that gets it:
/// the last word on `live` is that it is there.
pub(crate) fn exchange(live: NameIn<'_>, stage: NameIn<'_>, _old: NameIn<'_>) -> io::Result<How> {
    live.0.exchange(live.1, stage.0, stage.1)?;
    Ok(How::Exchange)
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: NameIn<'_>, live: NameIn<'_>) -> io::Result<()> {
    new.0.rename(new.1, live.0, live.1)
}

/// Can files be renamed from one folder to the other? One file system mounted twice is not enough, where that is told.
pub(crate) fn same_mount(a: &Dir, b: &Dir) -> bool {
    match (a.known(), b.known()) {
        (Ok(a), Ok(b)) => a.id.is_same_device(&b.id) && a.mount == b.mount,
        _ => false,
    }
}

pub(crate) fn file_id_at((dir, name): NameIn<'_>) -> io::Result<(FileId, Meta)> {
    let meta = dir.look(name)?;
    Ok((meta.id.clone(), meta))
}

pub(crate) fn file_id(file: &File, _at: NameIn<'_>) -> io::Result<FileId> {
    Meta::of(file).map(|meta| meta.id)
}

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
