//! Folders by their handles: what is in one is reached relative to it, by a single name, and never through a link.

use std::ffi::{CStr, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, fstat, linkat, mkdirat, openat, readlinkat, renameat,
    statat, unlinkat,
};
use rustix::io::{Errno, retry_on_intr};

use super::access::Access;
use super::errno::{is_errno, not_offered, unsupported};
use super::meta::Meta;
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
use super::names as renames;
use super::owner::{NewOwner, Owner};
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
use super::renames;
use super::{access_lists, names, rights};
use crate::absent::absent_is_none;
use crate::kind::Kind;
use crate::sharing;

/// A handle that names a folder and needs no permission to list it.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const HANDLE: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const HANDLE: OFlags = OFlags::RDONLY;

/// How long a holder of a lease (a Samba or NFS server) is waited for: a second.
const LEASE_TRIES: u32 = 100;
const LEASE_PAUSE: Duration = Duration::from_millis(10);

/// The ways in which file systems say that they can't sync a folder.
const CANT_SYNC_FOLDERS: [Errno; 5] = [
    Errno::INVAL,
    Errno::NOTSUP,
    Errno::OPNOTSUPP,
    Errno::NOSYS,
    Errno::BADF,
];

/// An opened folder. What is asked of it, and who asks, is known from the first time on: it is meant for one operation.
#[derive(Debug)]
pub(crate) struct Dir {
    fd: Arc<File>,
    /// Who has opened it, once that was asked.
    caller: OnceLock<Owner>,
    /// What was found of it first.
    known: OnceLock<Meta>,
    /// The same opened for reading: only so can it be listed and synced.
    readable: OnceLock<Arc<File>>,
    /// How new files begin in it, once one has told.
    new_file: OnceLock<NewFile>,
}

/// A name in a folder.
pub(crate) type NameIn<'a> = (&'a Dir, &'a OsStr);

/// How a new file begins, before anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewFile {
    /// It has got an access list from its folder.
    pub(crate) has_lists: bool,
    /// It has the mode that it was created with: no bit of that is in the umask.
    pub(crate) is_exact: bool,
}

impl Dir {
    fn opened(fd: OwnedFd) -> Self {
        Self {
            fd: Arc::new(fd.into()),
            caller: OnceLock::new(),
            known: OnceLock::new(),
            readable: OnceLock::new(),
            new_file: OnceLock::new(),
        }
    }

    /// One that is reached through this one.
    fn within(&self, fd: OwnedFd) -> Self {
        Self {
            caller: self.caller.clone(),
            ..Self::opened(fd)
        }
    }
}

impl Dir {
    /// The folder at an absolute path in which no part is a link; `None` where that can't be had in one step.
    #[cfg(target_os = "linux")]
    pub(crate) fn straight(path: &Path) -> Option<Self> {
        use rustix::fs::{ResolveFlags, openat2};
        let flags = HANDLE | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS);
        opened.ok().map(Self::opened)
    }

    #[cfg(not(target_os = "linux"))] // Android kills those who ask for it
    pub(crate) fn straight(_path: &Path) -> Option<Self> {
        None
    }

    pub(crate) fn root() -> io::Result<Self> {
        let opened = open(CWD, OsStr::new("/"), HANDLE | OFlags::DIRECTORY)?;
        Ok(Self::opened(opened))
    }

    /// The folder of that name in this one; also `..`.
    pub(crate) fn sub(&self, name: &OsStr) -> io::Result<Self> {
        open(
            &self.fd,
            name,
            HANDLE | OFlags::DIRECTORY | OFlags::NOFOLLOW,
        )
        .map(|fd| self.within(fd))
    }

    /// The folder at an absolute path by the handle of an earlier operation, if that is what a new one would lead to; asks once instead
    /// of opening it. A link on the way that would not be followed can lead there, too, but nowhere else.
    pub(crate) fn straight_again(path: &Path, earlier: &Self) -> Option<Self> {
        let found = names::folder_meta_at(CWD, path.as_os_str()).ok()?;
        earlier.again(found, Owner::caller())
    }

    /// The same of a folder in this one.
    pub(crate) fn sub_again(&self, name: &OsStr, earlier: &Self) -> Option<Self> {
        let found = names::folder_meta_at(&self.fd, name).ok()?;
        earlier.again(found, self.caller())
    }

    /// The handle for another operation of the same caller, where `found` is the same folder on the same mount, and owner and mode are as
    /// they were. All else is looked at anew.
    fn again(&self, found: Meta, caller: Owner) -> Option<Self> {
        let known = self.known.get()?;
        let same = found.is_same(known)
            && found.mount.is_some()
            && found.mount == known.mount
            && found.owner == known.owner
            && found.mode == known.mode
            && found.kind == Some(Kind::Directory)
            && self.caller.get() == Some(&caller);
        let readable = self.readable.get();
        same.then(|| Self {
            fd: Arc::clone(readable.unwrap_or(&self.fd)),
            caller: OnceLock::from(caller),
            known: OnceLock::from(found),
            readable: readable.cloned().map_or_else(OnceLock::new, OnceLock::from),
            new_file: OnceLock::new(),
        })
    }

    /// What it is at this moment.
    pub(crate) fn meta(&self) -> io::Result<Meta> {
        names::folder_meta(&self.fd)
    }

    /// What it was when that was asked first.
    pub(crate) fn known(&self) -> io::Result<Meta> {
        match self.known.get() {
            Some(known) => Ok(known.clone()),
            None => {
                let meta = self.meta()?;
                Ok(self.known.get_or_init(|| meta).clone())
            }
        }
    }

    /// Who asks.
    pub(crate) fn caller(&self) -> Owner {
        *self.caller.get_or_init(Owner::caller)
    }

    /// It is known to be the caller's, and nobody else can create things in it.
    fn is_callers_alone(&self) -> bool {
        let known = self.known.get();
        known.is_some_and(|meta| meta.owner.user == self.caller().user && !meta.is_shared())
    }

    /// Whether this very folder is what was found somewhere.
    pub(crate) fn is(&self, found: &Meta) -> io::Result<bool> {
        Ok(self.known()?.id == found.id)
    }

    /// What stands under the name, a link itself included.
    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Meta> {
        let stat = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Meta::from(stat))
    }

    pub(crate) fn read_link(&self, name: &OsStr) -> io::Result<PathBuf> {
        let target = readlinkat(&self.fd, name, Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Whether the kernel follows this link: it may refuse others' links in shared folders (`fs.protected_symlinks`),
    /// which reading the link by hand would get around.
    pub(crate) fn kernel_follows(&self, name: &OsStr) -> io::Result<()> {
        match statat(&self.fd, name, AtFlags::empty()) {
            Err(refused @ (Errno::ACCESS | Errno::LOOP)) => Err(refused.into()),
            _ => Ok(()),
        }
    }

    /// A regular file that is there. Nothing is waited for: not the other end of a FIFO, nor a device.
    pub(crate) fn open(&self, name: &OsStr, access: Access) -> io::Result<(File, Meta)> {
        // Looked at first, for opening some devices does something. In a folder of their own callers have put them there themselves.
        let alone = self.is_callers_alone();
        if !alone {
            regular(self.look(name)?.kind)?;
        }
        let access = match access {
            Access::Read => OFlags::RDONLY,
            Access::Append => OFlags::WRONLY | OFlags::APPEND,
            Access::Extend => OFlags::RDWR | OFlags::APPEND,
            Access::Lock => OFlags::RDWR,
        };
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match open(&self.fd, name, flags) {
            Ok(file) => File::from(file),
            Err(error) => {
                // Links and sockets answer in several ways.
                if alone && error.kind() != io::ErrorKind::NotFound {
                    regular(self.look(name)?.kind)?;
                }
                return Err(error);
            }
        };
        let meta = Meta::from(fstat(&file)?);
        regular(meta.kind)?;
        Ok((file, meta))
    }

    /// A new file, 0600 from its first moment whatever the umask, and from then on its new owner's and their group's.
    pub(crate) fn create(&self, name: &OsStr, owner: NewOwner) -> io::Result<File> {
        let file = self.create_bare(name)?;
        let new = *self.new_file.get_or_init(|| NewFile {
            has_lists: access_lists::has_any(&file),
            is_exact: false,
        });
        if new.has_lists {
            access_lists::clear(&file);
        }
        let ready = match new.is_exact && !new.has_lists {
            true => rights::pass_on(&file, sharing::FILE, owner),
            false => rights::hand_over(&file, 0o600, sharing::FILE, owner),
        };
        // In a container even root may not give everything away; what can't be is not left half-made.
        ready
            .inspect_err(|_| drop(self.remove(name)))
            .map(|()| file)
    }

    /// A new file that nobody else may open, for whoever gives it mode and access lists next.
    pub(crate) fn create_bare(&self, name: &OsStr) -> io::Result<File> {
        self.create_with(name, 0o600)
    }

    fn create_with(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let flags = flags | OFlags::CLOEXEC;
        Ok(openat(&self.fd, name, flags, Mode::from_raw_mode(mode as _))?.into())
    }

    /// A new file with the mode that the umask gives it; 0600 where the folder hands access lists to new files, which would have
    /// their say in the mode, and where modes can't be changed: each later save creates its file with 0600 and could not give it
    /// this one's.
    pub(crate) fn create_by_umask(&self, name: &OsStr) -> io::Result<File> {
        let file = self.create_with(name, 0o666)?;
        if !rights::can_change(&file).inspect_err(|_| drop(self.remove(name)))? {
            self.remove(name)?;
            return self.create_bare(name);
        }
        if access_lists::has_any(&file) {
            access_lists::clear(&file);
            rights::set_mode(&file, 0o600).inspect_err(|_| drop(self.remove(name)))?;
        }
        Ok(file)
    }

    /// A file that was just created in this folder tells how others begin.
    pub(crate) fn tell_of_new(&self, new: NewFile) {
        self.new_file.get_or_init(|| new);
    }

    /// A new folder that only its new owner and their group may enter.
    pub(crate) fn create_folder(&self, name: &OsStr, owner: NewOwner) -> io::Result<Self> {
        mkdirat(&self.fd, name, Mode::from_raw_mode(0o700))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let made = open(&self.fd, name, flags).inspect_err(|_| {
            unlinkat(&self.fd, name, AtFlags::REMOVEDIR).ok();
        })?;
        // Somebody may have put another folder in its place meanwhile, to have it given away.
        if !entries(&made)?.is_empty() || !rights::is_callers_doing(&made)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        access_lists::clear(&made);
        if let Err(refused) = rights::hand_over(&made, 0o700, sharing::SUBFOLDER, owner) {
            unlinkat(&self.fd, name, AtFlags::REMOVEDIR).ok();
            return Err(refused);
        }
        // The one that was judged, not what has its name by now.
        open(&made, ".", HANDLE | OFlags::DIRECTORY).map(|fd| self.within(fd))
    }

    /// Gives the folder another mode, and a group, if one is named. No access list stays. Whether it has that mode now:
    /// setgid is dropped in silence where the caller is no member.
    pub(crate) fn set_permission(&self, mode: u32, group: Option<u32>) -> io::Result<bool> {
        let folder = self.readable()?;
        rights::set_permission(folder, mode, group)?;
        Ok(Meta::of(folder)?.mode == mode)
    }

    /// A new file in place of what has the name.
    pub(crate) fn recreate(&self, name: &OsStr, owner: NewOwner) -> io::Result<File> {
        absent_is_none(self.remove(name))?;
        self.create(name, owner)
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Renames over what has the name `to`.
    pub(crate) fn rename(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.fd, name, &other.fd, to)?)
    }

    /// Renames unless `to` exists. Of kind [`io::ErrorKind::Unsupported`] where that can't be done in one step.
    pub(crate) fn rename_new(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        renames::rename_new((&self.fd, name), (&other.fd, to))
    }

    /// Exchanges two names. Of kind [`io::ErrorKind::Unsupported`] where that can't be done.
    pub(crate) fn exchange(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        renames::exchange((&self.fd, name), (&other.fd, to))
    }

    /// A second name for a file; a link is not followed. Of kind [`io::ErrorKind::Unsupported`] where there are none.
    pub(crate) fn link(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        linkat(&self.fd, name, &other.fd, to, AtFlags::empty()).map_err(|errno| match errno {
            // As many names as a file can have: it gets none here, either.
            Errno::MLINK => not_offered(errno),
            other => unsupported(other),
        })
    }

    /// Every name but `.` and `..`, in no order; whether it is a regular file's, where the folder itself tells.
    pub(crate) fn names(&self) -> io::Result<Vec<(OsString, Option<bool>)>> {
        entries(&self.fd)
    }

    /// Makes the names in it durable, as far as the file system lets anybody do that.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match names::sync_file(self.readable()?) {
            // The file system can't sync folders at all; nobody can do more.
            Err(error) if is_errno(&error, &CANT_SYNC_FOLDERS) => Ok(()),
            other => other,
        }
    }

    pub(crate) fn fd(&self) -> &File {
        &self.fd
    }

    fn readable(&self) -> io::Result<&File> {
        if let Some(readable) = self.readable.get() {
            return Ok(readable);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let opened = open(&self.fd, OsStr::new("."), flags)?;
        let opened = Arc::new(opened.into());
        Ok(self.readable.get_or_init(|| opened))
    }
}

fn open(
    dir: impl std::os::fd::AsFd,
    name: impl AsRef<OsStr>,
    flags: OFlags,
) -> io::Result<OwnedFd> {
    let name = name.as_ref();
    let open = || openat(&dir, name, flags | OFlags::CLOEXEC, Mode::empty());
    for _ in 0..LEASE_TRIES {
        match retry_on_intr(open) {
            // Somebody has a lease on the file, and is asked to give it back.
            Err(Errno::AGAIN) => std::thread::sleep(LEASE_PAUSE),
            other => return Ok(other?),
        }
    }
    Ok(retry_on_intr(open)?)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn entries(folder: impl std::os::fd::AsFd) -> io::Result<Vec<(OsString, Option<bool>)>> {
    // Room for a few hundred names, or each dozen costs another call.
    let mut buffer = Vec::with_capacity(32 * 1024);
    let opened = open(folder, ".", OFlags::RDONLY | OFlags::DIRECTORY)?;
    let mut listed = rustix::fs::RawDir::new(&opened, buffer.spare_capacity_mut());
    let mut names = Vec::new();
    while let Some(entry) = listed.next() {
        let entry = entry?;
        names.extend(named(entry.file_name(), entry.file_type()));
    }
    Ok(names)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn entries(folder: impl std::os::fd::AsFd) -> io::Result<Vec<(OsString, Option<bool>)>> {
    let mut names = Vec::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    for entry in rustix::fs::Dir::new(open(folder, ".", flags)?)? {
        let entry = entry?;
        names.extend(named(entry.file_name(), entry.file_type()));
    }
    Ok(names)
}

/// A name, and whether it is a regular file's, where that is told.
fn named(name: &CStr, file_type: FileType) -> Option<(OsString, Option<bool>)> {
    let is_file = match file_type {
        FileType::Unknown => None,
        file_type => Some(file_type == FileType::RegularFile),
    };
    let is_itself = matches!(name.to_bytes(), b"." | b"..");
    (!is_itself).then(|| (OsStr::from_bytes(name.to_bytes()).to_owned(), is_file))
}

fn regular(kind: Option<Kind>) -> io::Result<()> {
    kind.map_or(Ok(()), |kind| Err(kind.not_regular()))
}
