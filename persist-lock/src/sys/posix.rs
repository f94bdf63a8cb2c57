//! Other Unixes: neither exchange nor exclusive rename, so the fallbacks by second names and copies apply.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use super::meta::Meta;
use crate::error::Error;
use crate::read_only::ReadOnly;

pub(super) fn exchange(_one: (&File, &OsStr), _other: (&File, &OsStr)) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn rename_new(_from: (&File, &OsStr), _to: (&File, &OsStr)) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Attributes have another interface on every system here; files that need them are rare.
pub(super) fn copy_attributes(_path: &Path, _live: &File, _to: &File) -> Result<bool, Error> {
    Ok(false)
}

pub(crate) fn start_write_back(_file: &File) {}

/// What forbids changes here besides permissions is not asked.
pub(super) fn marked(_path: &Path) -> Option<ReadOnly> {
    None
}

/// What is known of an opened folder.
pub(super) fn folder_meta(folder: impl AsFd) -> io::Result<Meta> {
    Ok(Meta::from(rustix::fs::fstat(folder)?))
}

/// Without its mount, by which it could be told from another, nothing is to be made of it.
pub(super) fn folder_meta_at(_from: impl AsFd, _path: &OsStr) -> io::Result<Meta> {
    Err(io::ErrorKind::Unsupported.into())
}
