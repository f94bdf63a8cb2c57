//! Other Unixes: neither exchange nor exclusive rename, so the fallbacks by second names and copies apply.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::displaced::How;
use crate::error::Error;

pub(crate) fn exchange(_stage: &Path, _live: &Path, _old: &Path) -> io::Result<(PathBuf, How)> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn rename_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Attributes have another interface on every system here; files that need them are rare.
pub(crate) fn copy_attributes(_live: &Path, _to: &File) -> Result<(), Error> {
    Ok(())
}

pub(crate) fn start_write_back(_file: &File) {}

pub(crate) fn same_mount(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev(),
        _ => false,
    }
}
