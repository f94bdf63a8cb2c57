//! What all Unixes have in `unix.rs`, `rights.rs`, `metadata.rs` and `refusal.rs`, on Windows: most of it is not there.

use std::fs::{self, File};
use std::io;
use std::os::windows::fs::FileExt;
use std::path::Path;

use file_guard::Lock;

use super::calls_windows::is_shared;
use super::dir_windows::{Dir, NameIn, NewFile, path};
use super::meta_windows::{FileId, Meta, meta_of};
use super::owner::Owner;
use super::replace_file::is_not_moved;
use crate::error::Error;
use crate::read_only::ReadOnly;

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

pub(crate) fn start_write_back(_file: &File) {}

/// On the same drive, as far as the names tell.
pub(crate) fn same_mount(a: &Dir, b: &Dir) -> bool {
    match (fs::canonicalize(a.path()), fs::canonicalize(b.path())) {
        (Ok(a), Ok(b)) => a.components().next() == b.components().next(),
        _ => false,
    }
}

pub(crate) fn file_id_at(at: NameIn<'_>) -> io::Result<(FileId, Meta)> {
    let id = FileId::of(&path(at))?;
    let meta = at.0.look(at.1)?;
    // As of an opened file, of which the number of names is not asked.
    Ok((id, Meta { links: 1, ..meta }))
}

/// By name, which costs nothing here: closing another handle does not drop a lock.
pub(crate) fn file_id(_file: &File, at: NameIn<'_>) -> io::Result<FileId> {
    file_id_at(at).map(|(id, _)| id)
}

// --- asking beforehand ---

pub(crate) fn check_writable(_: NameIn<'_>, live: &Meta, path: &Path) -> Result<(), Error> {
    if live.read_only {
        return Err(Error::ReadOnly {
            path: path.to_path_buf(),
            cause: ReadOnly::Protected,
            source: None,
        });
    }
    Ok(())
}

pub(crate) fn check_sticky(_: &Dir, _: &Meta, _: &Path) -> Result<(), Error> {
    Ok(())
}

/// `ReplaceFileW` is not atomic: for a moment the live name is free.
pub(crate) const REPLACES_AT_ONCE: bool = false;

/// `ReplaceFileW` itself gives the new file the old one's attributes and access list, and somebody may have that open for a
/// moment.
pub(crate) const COPIES_METADATA: bool = false;

pub(crate) struct Copied {
    pub(crate) meta: Meta,
    pub(crate) created: NewFile,
}

pub(crate) fn copy_metadata(live: &Path, _: (&File, &Meta), to: &File) -> Result<Copied, Error> {
    Ok(Copied {
        meta: meta_of(to).map_err(Error::io("examine the stage for", live))?,
        created: NewFile,
    })
}

pub(crate) fn copy_shared_metadata(
    live: &Path,
    from: (&File, &Meta),
    to: &File,
) -> Result<Copied, Error> {
    copy_metadata(live, from, to)
}

pub(crate) fn set_permission(_file: &File, _mode: u32, _group: Option<u32>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

pub(crate) fn give(_file: &File, _heir: Owner) -> io::Result<()> {
    Ok(())
}

pub(crate) fn give_as(_from: &File, _to: &File) -> io::Result<()> {
    Ok(())
}

// --- the lock file ---

pub(crate) fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    let written = file.seek_write(bytes, 0)?;
    if written == bytes.len() {
        return Ok(());
    }
    Err(io::ErrorKind::WriteZero.into())
}

/// Reads from an offset, wherever the file was read to.
pub(crate) fn read_part(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    let read = file.seek_read(bytes, 0)?;
    if read == bytes.len() {
        return Ok(());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Windows' locks belong to the handle, which nobody else in the process has.
pub(crate) fn relock(_file: &File, _byte: usize) -> bool {
    true
}

/// Windows does not tell who holds a lock.
pub(crate) fn blocker(_file: &File, _lock: Lock, _byte: usize) -> Option<u32> {
    None
}

// --- errors ---

pub(crate) fn is_busy(_error: &io::Error) -> bool {
    false
}

pub(crate) fn refused(source: io::Error, op: &'static str, path: &Path) -> Error {
    let path = path.to_path_buf();
    if is_shared(&source) || is_not_moved(&source) {
        return Error::InUse { path, source };
    }
    if source.kind() == io::ErrorKind::PermissionDenied {
        return Error::ReadOnly {
            path,
            cause: ReadOnly::Refused,
            source: Some(source),
        };
    }
    Error::Io { op, path, source }
}
