//! macOS and its kin: `renamex_np` with swap and exclusive flags, `F_FULLFSYNC`.

use std::fs::File;
use std::io;

use rustix::fs::{RenameFlags, fcntl_fullfsync, renameat_with};

use crate::at::At;
use crate::displaced::How;
use crate::folder::Folder;
use crate::sys::unsupported;

/// Exchanges the names of `live` and `stage`; with the place of the old content. In this order, because who watches the folder is told first of the one that
/// loses its name and then of the one that gets it: the last word on `live` is that it is there.
pub(crate) fn exchange(live: &At, stage: &At, _old: &At) -> io::Result<(At, How)> {
    rename(live, stage, RenameFlags::EXCHANGE)?;
    Ok((stage.clone(), How::Exchange))
}

/// Renames unless `to` exists.
pub(crate) fn rename_new(from: &At, to: &At) -> io::Result<()> {
    rename(from, to, RenameFlags::NOREPLACE)
}

fn rename(from: &At, to: &At, flags: RenameFlags) -> io::Result<()> {
    let (dir, other) = (from.folder.dir().fd(), to.folder.dir().fd());
    renameat_with(dir, from.name(), other, to.name(), flags).map_err(unsupported)
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

pub(crate) fn same_mount(a: &Folder, b: &Folder) -> bool {
    super::same_device(a, b)
}
