//! Other Unixes: neither exchange nor exclusive rename, so the fallbacks by second names and copies apply.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::displaced::How;

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

pub(crate) fn start_write_back(_file: &File) {}
