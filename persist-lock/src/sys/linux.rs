//! Linux: exchange and exclusive rename (`renameat2`), shared blocks (`FICLONE`), early write-back.

use std::fs::File;
use std::io;

use rustix::fs::{
    Advice, AtFlags, RenameFlags, StatxFlags, fadvise, ioctl_ficlone, renameat_with, statx,
};

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

/// Can files be renamed from one folder to the other? One file system mounted twice is not enough.
pub(crate) fn same_mount(a: &Folder, b: &Folder) -> bool {
    let mount = |folder: &Folder| {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
        statx(folder.dir().fd(), "", AtFlags::EMPTY_PATH, wanted)
            .map(|found| (found.stx_dev_major, found.stx_dev_minor, found.stx_mnt_id))
    };
    match (mount(a), mount(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Lets `copy` share the blocks of `source`.
pub(crate) fn reflink(source: &File, copy: &File) -> io::Result<()> {
    Ok(ioctl_ficlone(copy, source)?)
}

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Starts writing dirty pages out without waiting, so that the sync to come finds less to do.
///
/// `DONTNEED` does that first of all (and forgets no dirty page); `sync_file_range` has no safe
/// wrapper.
pub(crate) fn start_write_back(file: &File) {
    fadvise(file, 0, None, Advice::DontNeed).ok();
}
