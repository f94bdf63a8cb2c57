//! Exchange and exclusive rename, by the flags of `renameat2` (Linux) and `renameatx_np` (macOS).

use std::ffi::OsStr;
use std::fs::File;
use std::io;

use rustix::fs::{RenameFlags, renameat_with};

use super::errno::unsupported;

/// Exchanges two names, each in an opened folder.
pub(super) fn exchange(one: (&File, &OsStr), other: (&File, &OsStr)) -> io::Result<()> {
    rename(one, other, RenameFlags::EXCHANGE)
}

/// Renames unless the new name exists.
pub(super) fn rename_new(from: (&File, &OsStr), to: (&File, &OsStr)) -> io::Result<()> {
    rename(from, to, RenameFlags::NOREPLACE)
}

fn rename(from: (&File, &OsStr), to: (&File, &OsStr), flags: RenameFlags) -> io::Result<()> {
    renameat_with(from.0, from.1, to.0, to.1, flags).map_err(unsupported)
}
