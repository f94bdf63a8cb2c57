//! What all Unixes share.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use file_guard::{Lock, try_lock};
use rustix::io::Errno;
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use super::dir::{Access, Meta, Owner};
use crate::at::At;
use crate::error::Error;
use crate::former::Former;
use crate::kind::Kind;
use crate::shared::Mode;
use crate::trust::Distrust;

pub(crate) use super::metadata::{copy_metadata, copy_shared_metadata};

/// The live file has to be opened for what the new one gets from it.
pub(crate) const COPIES_METADATA: bool = true;

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn new(device: u64, inode: u64) -> Self {
        Self { device, inode }
    }
}

pub(crate) fn file_id_at(at: &At) -> io::Result<(FileId, Meta)> {
    let meta = at.folder.dir().look(at.name())?;
    Ok((meta.id.clone(), meta))
}

pub(crate) fn file_id(file: &File, _at: &At) -> io::Result<FileId> {
    Meta::of(file).map(|meta| meta.id)
}

pub(crate) fn meta_of(file: &File) -> io::Result<Meta> {
    Meta::of(file)
}

/// Which file it is, how long, when it was written last, and when anything of it was changed last.
pub(crate) type Mark = (FileId, u64, SystemTime, SystemTime);

pub(crate) fn mark(meta: &Meta) -> Mark {
    (meta.id.clone(), meta.len, meta.modified, meta.changed)
}

pub(crate) fn marked_change(mark: &Mark) -> SystemTime {
    mark.2.max(mark.3)
}

pub(crate) fn marked_len(mark: &Mark) -> u64 {
    mark.1
}

pub(crate) fn former(meta: &Meta) -> Option<Former> {
    Some(Former {
        mode: meta.mode & 0o777,
        user: meta.owner.user,
        group: meta.owner.group,
    })
}

/// Gives `to` the owner of `from`, which only root can do.
pub(crate) fn give_as(from: &File, to: &File) -> io::Result<()> {
    match Owner::caller().is_root() {
        true => super::dir::give(to, Meta::of(from)?.owner),
        false => Ok(()),
    }
}

impl Meta {
    /// Whether both are of one file.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    pub(crate) fn is_link(&self) -> bool {
        self.kind == Some(Kind::Symlink)
    }
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: &At, live: &At) -> io::Result<()> {
    new.rename_over(live)
}

/// What is at the live name is always whole.
pub(crate) fn open_live(live: &At, _old: impl Fn() -> Option<At>) -> io::Result<(File, Meta)> {
    live.open_known(Access::Read)
}

/// Exchanges and renames leave no half-done names.
pub(crate) fn heal_names(_live: &At, _old: &At) -> io::Result<()> {
    Ok(())
}

/// Are two folders on one file system?
pub(crate) fn same_device(a: &crate::Folder, b: &crate::Folder) -> bool {
    match (a.dir().known(), b.dir().known()) {
        (Ok(a), Ok(b)) => a.id.device == b.id.device,
        _ => false,
    }
}

// --- asking beforehand ---

/// In a sticky folder only the owner of the file or of the folder may take its name away.
pub(crate) fn check_sticky(at: &At, live: &Meta) -> Result<(), Error> {
    const STICKY: u32 = 0o1000;
    let path = at.path();
    let folder = at.folder.dir().known();
    let folder = folder.map_err(Error::io("examine the folder", at.folder.path()))?;
    let me = at.folder.dir().caller();
    let mine = me.is_root() || live.owner.user == me.user || folder.owner.user == me.user;
    if folder.mode & STICKY == 0 || mine {
        return Ok(());
    }
    Err(Error::Sticky {
        path: path.to_path_buf(),
        source: Errno::PERM.into(),
    })
}

// --- the lock file ---

pub(crate) fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    file.read_exact_at(bytes, 0)
}

/// Takes the byte exclusively again. POSIX grants that to whoever holds it already; if the lock was
/// dropped behind our back and taken by another, it fails.
pub(crate) fn relock(file: &File, byte: usize) -> bool {
    match try_lock(file, Lock::Exclusive, byte, 1) {
        Ok(guard) => {
            // The lock's own guard gives it back; this one must not.
            std::mem::forget(guard);
            true
        }
        Err(_) => false,
    }
}

/// The process whose lock of `byte` is in the way.
pub(crate) fn blocker(file: &File, mode: Mode, byte: usize) -> Option<u32> {
    let wanted = Flock {
        start: byte as u64,
        length: 1,
        pid: None,
        typ: match mode {
            Mode::Read => FlockType::ReadLock,
            Mode::Write => FlockType::WriteLock,
        },
        offset_type: FlockOffsetType::Set,
    };
    let found = fcntl_getlk(file, &wanted).ok()??;
    u32::try_from(found.pid?.as_raw_nonzero().get()).ok()
}

/// Reads from an offset, wherever the file was read to.
pub(crate) fn read_part(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(bytes, offset)
}

// --- errors ---

pub(crate) fn is_errno(error: &io::Error, numbers: &[Errno]) -> bool {
    Errno::from_io_error(error).is_some_and(|errno| numbers.contains(&errno))
}

pub(crate) fn is_contended(error: &io::Error) -> bool {
    is_errno(error, &[Errno::AGAIN, Errno::ACCESS])
}

/// The file system has no locks, or none that work.
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    is_errno(
        error,
        &[
            Errno::NOLCK,
            Errno::NOTSUP,
            Errno::OPNOTSUPP,
            Errno::NOSYS,
            Errno::INVAL,
        ],
    )
}

pub(crate) fn is_symlink_loop(error: &io::Error) -> bool {
    is_errno(error, &[Errno::LOOP])
}

pub(crate) fn is_busy(error: &io::Error) -> bool {
    is_errno(error, &[Errno::BUSY])
}

/// Whether a file system may have meant that it does not know an operation. Some of FUSE say that they do not permit it.
pub(super) fn lacks(errno: Errno) -> bool {
    [
        Errno::INVAL,
        Errno::NOSYS,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::PERM,
    ]
    .contains(&errno)
}

/// The several ways of saying "this file system does not know that", as one. It may not be meant: what is tried instead
/// tells, for it then fails, too.
pub(super) fn unsupported(errno: Errno) -> io::Error {
    match lacks(errno) {
        true => not_offered(errno),
        false => errno.into(),
    }
}

pub(super) fn not_offered(errno: Errno) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, io::Error::from(errno))
}

// --- whose a file is ---

/// Why a file that was come upon is not believed, if it is not; `about` owns the file that it says something about.
pub(crate) fn distrust_file(file: &Meta, about: Option<Owner>) -> Option<Distrust> {
    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    let Owner { user, group } = file.owner;
    let caller = Owner::caller();
    let is_known = [0, caller.user].contains(&user);
    if !is_known && about.is_none_or(|about| about.user != user) {
        return Some(Distrust::Owner { uid: user });
    }
    if file.mode & OTHERS_WRITE != 0 {
        return Some(Distrust::Everybody);
    }
    let by_others = file.mode & GROUP_WRITES != 0 && group != caller.group;
    by_others.then_some(Distrust::Group { gid: group })
}
