//! macOS and its kin: `F_FULLFSYNC`.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, fcntl_fullfsync, statat};

use super::errno::unsupported;
use super::meta::Meta;
use crate::read_only::ReadOnly;

/// `clonefile` names its copy by path and must create it; a plain copy is used instead.
pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// `fsync` leaves the bytes in the drive's cache; only `F_FULLFSYNC` gets them out.
pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    match fcntl_fullfsync(file) {
        Ok(()) => Ok(()),
        // Network file systems know no F_FULLFSYNC; there `fsync` is as far as one can go.
        Err(error) if unsupported(error).kind() == io::ErrorKind::Unsupported => {
            Ok(rustix::fs::fsync(file)?)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn start_write_back(_file: &File) {}

/// A flag that keeps a file or folder from being changed.
pub(super) fn marked(path: &Path) -> Option<ReadOnly> {
    const IMMUTABLE: u32 = 0x0002_0002;
    const APPEND_ONLY: u32 = 0x0004_0004;
    let flags = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()?.st_flags;
    match (flags & IMMUTABLE != 0, flags & APPEND_ONLY != 0) {
        (true, _) => Some(ReadOnly::Immutable),
        (_, true) => Some(ReadOnly::AppendOnly),
        _ => None,
    }
}

/// What is known of an opened folder.
pub(super) fn folder_meta(folder: impl AsFd) -> io::Result<Meta> {
    Ok(Meta::from(rustix::fs::fstat(folder)?))
}

/// Without its mount, by which it could be told from another, nothing is to be made of it.
pub(super) fn folder_meta_at(_from: impl AsFd, _path: &OsStr) -> io::Result<Meta> {
    Err(io::ErrorKind::Unsupported.into())
}
