//! macOS and its kin: `renamex_np` with swap and exclusive flags, `F_FULLFSYNC`.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, fcntl_fullfsync, renameat_with};

use crate::displaced::How;
use crate::sys::unsupported;

/// Exchanges the names of `stage` and `live`; the old content is then where the first of the pair says.
pub(crate) fn exchange(stage: &Path, live: &Path, _old: &Path) -> io::Result<(PathBuf, How)> {
    renameat_with(CWD, stage, CWD, live, RenameFlags::EXCHANGE).map_err(unsupported)?;
    Ok((stage.to_path_buf(), How::Exchange))
}

/// Renames unless `to` exists.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(unsupported)
}

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

pub(crate) fn same_mount(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev(),
        _ => false,
    }
}
