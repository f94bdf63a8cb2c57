//! Other Unixes: neither exchange nor exclusive rename, so the fallbacks by second names and copies apply.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use super::dir::Meta;
use crate::at::At;
use crate::displaced::How;
use crate::error::Error;
use crate::folder::Folder;
use crate::read_only::ReadOnly;

pub(crate) fn exchange(_live: &At, _stage: &At, _old: &At) -> io::Result<(At, How)> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn rename_new(_from: &At, _to: &At) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Attributes have another interface on every system here; files that need them are rare.
pub(crate) fn copy_attributes(_path: &Path, _live: &File, _to: &File) -> Result<bool, Error> {
    Ok(false)
}

pub(crate) fn start_write_back(_file: &File) {}

/// What forbids changes here besides permissions is not asked.
pub(crate) fn marked(_path: &Path) -> Option<ReadOnly> {
    None
}

pub(crate) fn same_mount(a: &Folder, b: &Folder) -> bool {
    super::same_device(a, b)
}

/// What is known of an opened folder.
pub(crate) fn folder_meta(folder: impl AsFd) -> io::Result<Meta> {
    Ok(Meta::from(rustix::fs::fstat(folder)?))
}

/// Without its mount, by which it could be told from another, nothing is to be made of it.
pub(crate) fn folder_meta_at(_from: impl AsFd, _path: &OsStr) -> io::Result<Meta> {
    Err(io::ErrorKind::Unsupported.into())
}
