//! What all Unixes share.

use std::fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt,
};
use std::path::{Path, PathBuf};

use file_guard::{Lock, try_lock};
use rustix::fs::{Access, AtFlags, CWD, Gid, Mode as FileMode, OFlags, Uid, accessat};
use rustix::io::Errno;
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk, getegid, geteuid};

use crate::error::Error;
use crate::shared::Mode;
use crate::target::{Kind, parent};
use crate::trust::Distrust;

pub(crate) use super::metadata::copy_metadata;

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

pub(crate) fn file_id_at(path: &Path) -> io::Result<FileId> {
    fs::symlink_metadata(path).map(|meta| identify(&meta))
}

pub(crate) fn file_id(file: &File, _path: &Path) -> io::Result<FileId> {
    file.metadata().map(|meta| identify(&meta))
}

fn identify(meta: &Metadata) -> FileId {
    FileId {
        device: meta.dev(),
        inode: meta.ino(),
    }
}

pub(crate) fn hard_links(_path: &Path, meta: &Metadata) -> u64 {
    meta.nlink()
}

pub(crate) fn special_kind(file_type: FileType) -> Kind {
    if file_type.is_fifo() {
        Kind::Fifo
    } else if file_type.is_socket() {
        Kind::Socket
    } else if file_type.is_char_device() {
        Kind::CharDevice
    } else if file_type.is_block_device() {
        Kind::BlockDevice
    } else {
        Kind::Other
    }
}

pub(crate) fn real_folder(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

// --- creating ---

/// A new file, private from its first moment; never through a link, never one that is there.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)?;
    // Whatever the umask took away.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// For writing into a file that is there; never through a link.
pub(crate) fn open_existing(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .custom_flags(no_follow())
        .open(path)
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: &Path, live: &Path) -> io::Result<()> {
    fs::rename(new, live)
}

/// Also of a file that others have open.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// What is at the live name is always whole.
pub(crate) fn open_live(live: &Path, _old: impl Fn() -> PathBuf) -> io::Result<File> {
    File::open(live)
}

/// Exchanges and renames leave no half-done names.
pub(crate) fn heal_names(_live: &Path, _old: &Path) -> io::Result<()> {
    Ok(())
}

pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)?;
    let meta = file.metadata()?;
    if meta.len() == 0 && meta.uid() == geteuid().as_raw() {
        file.set_permissions(Permissions::from_mode(0o600))?;
        hand_over(path)?;
    }
    Ok(file)
}

/// Never through a link, and without waiting for a FIFO's other end.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits() as i32).open(path)
}

/// Whether opening failed because of a link, a folder, a socket or a FIFO that nobody reads.
pub(crate) fn is_no_file(error: &io::Error) -> bool {
    is_errno(error, &[Errno::LOOP, Errno::ISDIR, Errno::NXIO])
}

/// As [`create_new`], for appending; handed over like a folder.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    if let Some((uid, gid)) = heir(path)? {
        rustix::fs::fchown(&file, Some(uid), Some(gid))?;
    }
    Ok(file)
}

/// Whether a folder is ours, root's, that of whoever owns the live file, or of whoever owns the folder around it, who can
/// exchange what is in it anyway.
pub(crate) fn is_trusted(folder: &Path, live: &Path) -> io::Result<bool> {
    let owner = fs::symlink_metadata(folder)?.uid();
    let around = fs::metadata(parent(folder))?.uid();
    let theirs = fs::symlink_metadata(live).map_or(around, |live| live.uid());
    Ok([0, geteuid().as_raw(), around, theirs].contains(&owner))
}

fn no_follow() -> i32 {
    // The bits of a C int in either representation.
    OFlags::NOFOLLOW.bits() as i32
}

pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    hand_over(path)
}

/// Root gives what it creates in a user's folder to that user.
fn hand_over(path: &Path) -> io::Result<()> {
    if let Some((uid, gid)) = heir(path)? {
        rustix::fs::chownat(CWD, path, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(())
}

/// Who gets it, if it is to be handed over.
fn heir(path: &Path) -> io::Result<Option<(Uid, Gid)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let folder = fs::metadata(parent(path))?;
    let heir = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
    Ok(Some(heir).filter(|_| folder.uid() != 0))
}

pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::open(path, flags, FileMode::empty())?);
    match super::sync_file(&folder) {
        // The file system can't sync folders at all; nobody can do more.
        Err(error) if is_errno(&error, &[Errno::INVAL, Errno::NOTSUP]) => Ok(()),
        other => other,
    }
}

// --- asking beforehand ---

/// A file without any write permission was protected on purpose, also against root.
pub(crate) fn check_writable(path: &Path, live: &Metadata) -> Result<(), Error> {
    let read_only = |source| Error::ReadOnly {
        path: path.to_path_buf(),
        source,
    };
    if live.mode() & 0o222 == 0 {
        return Err(read_only(None));
    }
    match accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS) {
        Err(error @ (Errno::ACCESS | Errno::ROFS | Errno::PERM)) => {
            Err(read_only(Some(error.into())))
        }
        _ => Ok(()),
    }
}

/// In a sticky folder only the owner of the file or of the folder may take its name away.
pub(crate) fn check_sticky(path: &Path, live: &Metadata, folder: &Metadata) -> Result<(), Error> {
    const STICKY: u32 = 0o1000;
    let me = geteuid().as_raw();
    let mine = me == 0 || live.uid() == me || folder.uid() == me;
    if folder.mode() & STICKY == 0 || mine {
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

/// The several ways of saying "this file system does not know that kind of rename", as one.
pub(crate) fn unsupported(errno: Errno) -> io::Error {
    match errno {
        Errno::INVAL | Errno::NOSYS | Errno::NOTSUP => {
            io::Error::new(io::ErrorKind::Unsupported, io::Error::from(errno))
        }
        other => other.into(),
    }
}

pub(crate) fn refused(source: io::Error, op: &'static str, path: &Path) -> Error {
    let path = path.to_path_buf();
    if is_errno(&source, &[Errno::ACCESS, Errno::PERM, Errno::ROFS]) {
        return Error::ReadOnly {
            path,
            source: Some(source),
        };
    }
    Error::Io { op, path, source }
}

// --- whose a file is ---

/// A link's owner and where it leads; `None` for what is no link. Looked at before and after, so that both are of one link.
pub(crate) fn follow(path: &Path) -> io::Result<Option<(Metadata, PathBuf)>> {
    let before = fs::symlink_metadata(path)?;
    if !before.is_symlink() {
        return Ok(None);
    }
    let target = parent(path).join(fs::read_link(path)?);
    let after = fs::symlink_metadata(path)?;
    let version = |meta: &Metadata| (identify(meta), meta.ctime(), meta.ctime_nsec());
    if version(&before) != version(&after) {
        return Err(io::Error::other("the link was exchanged while it was read"));
    }
    Ok(Some((after, target)))
}

/// Why a file that was come upon is not believed, if it is not; `about` is the file that it says something about.
pub(crate) fn distrust_file(file: &Metadata, about: Option<&Metadata>) -> Option<Distrust> {
    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    let (uid, gid) = (file.uid(), file.gid());
    let is_known = [0, geteuid().as_raw()].contains(&uid);
    if !is_known && about.is_none_or(|about| about.uid() != uid) {
        return Some(Distrust::Owner { uid });
    }
    if file.mode() & OTHERS_WRITE != 0 {
        return Some(Distrust::Everybody);
    }
    let by_others = file.mode() & GROUP_WRITES != 0 && gid != getegid().as_raw();
    by_others.then_some(Distrust::Group { gid })
}

/// The same of a link on the way to `target`.
pub(crate) fn distrust_link(link: &Metadata, target: Option<&Metadata>) -> Option<Distrust> {
    let uid = link.uid();
    let is_known = [0, geteuid().as_raw()].contains(&uid);
    let is_known = is_known || target.is_some_and(|target| target.uid() == uid);
    (!is_known).then_some(Distrust::Link { uid })
}
