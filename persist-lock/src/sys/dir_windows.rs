//! Folders by their paths, with the same functions as where there are handles to open things in.
//!
//! Links (reparse points) are not followed; access comes from the folder's inherited list, so nothing is given to anybody.
//! Only administrators and those whom they allow may make symbolic links here.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::access::Access;
use super::calls_windows::{
    ACCESS_DENIED, INVALID_FUNCTION, INVALID_HANDLE, NOT_SUPPORTED, is_passing, is_shared,
    is_symlink_loop, move_new, patiently,
};
use super::meta_windows::Meta;
use super::owner::{NewOwner, Owner};
use crate::absent::absent_is_none;
use crate::error::Error;
use crate::kind::Kind;

const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// A folder.
#[derive(Debug)]
pub(crate) struct Dir(PathBuf);

/// A name in a folder.
pub(crate) type NameIn<'a> = (&'a Dir, &'a OsStr);

/// Where a name in a folder is.
pub(super) fn path((dir, name): NameIn<'_>) -> PathBuf {
    dir.0.join(name)
}

impl Dir {
    /// A folder that is open here can't be told from another by what is known of it.
    pub(crate) fn is(&self, _found: &Meta) -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn sub(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.0.join(name);
        match self.look(name)?.kind {
            Some(Kind::Directory) => Ok(Self(path)),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(crate) fn meta(&self) -> io::Result<Meta> {
        Ok(Meta::at(&self.0, &fs::symlink_metadata(&self.0)?))
    }

    /// There are no handles to go on with.
    pub(crate) fn straight_again(_path: &Path, _earlier: &Self) -> Option<Self> {
        None
    }

    pub(crate) fn sub_again(&self, _name: &OsStr, _earlier: &Self) -> Option<Self> {
        None
    }

    /// Asked anew each time here.
    pub(crate) fn known(&self) -> io::Result<Meta> {
        self.meta()
    }

    pub(crate) fn caller(&self) -> Owner {
        Owner::caller()
    }

    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Meta> {
        let path = self.0.join(name);
        Ok(Meta::at(&path, &fs::symlink_metadata(&path)?))
    }

    pub(crate) fn read_link(&self, name: &OsStr) -> io::Result<PathBuf> {
        fs::read_link(self.0.join(name))
    }

    pub(crate) fn open(&self, name: &OsStr, access: Access) -> io::Result<(File, Meta)> {
        let meta = self.look(name)?;
        if let Some(kind) = meta.kind {
            return Err(kind.not_regular());
        }
        let mut options = OpenOptions::new();
        match access {
            Access::Read => options.read(true),
            Access::Append => options.append(true),
            Access::Extend => options.read(true).append(true),
            Access::Lock => options.read(true).write(true),
        };
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
        let file = options.open(self.0.join(name))?;
        Ok((file, meta))
    }

    pub(crate) fn create_bare(&self, name: &OsStr) -> io::Result<File> {
        self.create(name, NewOwner::default())
    }

    /// The folder says who may read it.
    pub(crate) fn create_by_umask(&self, name: &OsStr) -> io::Result<File> {
        self.create(name, NewOwner::default())
    }

    pub(crate) fn create(&self, name: &OsStr, _owner: NewOwner) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options.open(self.0.join(name))
    }

    /// A new file in place of what has the name. What was removed keeps its name here until the last reader closes it,
    /// which is waited for.
    pub(crate) fn recreate(&self, name: &OsStr, owner: NewOwner) -> io::Result<File> {
        absent_is_none(self.remove(name))?;
        let kept = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        let again = |error: &io::Error| kept(error) || is_passing(error);
        patiently(again, || self.create(name, owner))
    }

    /// What is created is its folder's, and nothing more is to be known of it.
    pub(crate) fn tell_of_new(&self, _new: NewFile) {}

    pub(crate) fn create_folder(&self, name: &OsStr, _owner: NewOwner) -> io::Result<Self> {
        fs::create_dir(self.0.join(name))?;
        self.sub(name)
    }

    pub(crate) fn set_permission(&self, _mode: u32, _group: Option<u32>) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        // A leftover that a scanner has open can be removed a moment later.
        let path = self.0.join(name);
        patiently(is_passing, || fs::remove_file(&path))
    }

    pub(crate) fn rename(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        let (from, to) = (self.0.join(name), other.0.join(to));
        patiently(is_passing, || fs::rename(&from, &to))
    }

    /// Renames unless `to` exists.
    pub(crate) fn rename_new(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        move_new(&self.0.join(name), &other.0.join(to))
    }

    pub(crate) fn link(&self, name: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        fs::hard_link(self.0.join(name), other.0.join(to))
    }

    pub(crate) fn names(&self) -> io::Result<Vec<(OsString, Option<bool>)>> {
        fs::read_dir(&self.0)?
            .map(|entry| {
                let entry = entry?;
                let is_file = entry.file_type().ok().map(|kind| kind.is_file());
                Ok((entry.file_name(), is_file))
            })
            .collect()
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_folder_at(&self.0)
    }
}

/// How a new file begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewFile;

/// Flushes the folder's handle, which makes NTFS write its journal of names out.
///
/// File systems that refuse that for folders journal names by themselves, sooner or later; nobody
/// can do more there.
fn sync_folder_at(path: &Path) -> io::Result<()> {
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    let open = || {
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        options.open(path)
    };
    let flushed = patiently(is_shared, open).and_then(|folder| folder.sync_all());
    match flushed {
        Err(error) if is_refusal(&error) => Ok(()),
        other => other,
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(INVALID_FUNCTION | ACCESS_DENIED | INVALID_HANDLE | NOT_SUPPORTED)
    )
}

/// The folder as given, if it is one: the "verbatim" form of `canonicalize` would surprise in messages.
pub(crate) fn folder(path: &Path) -> Result<(Dir, PathBuf), Error> {
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Error::ParentMissing {
            path: path.to_path_buf(),
        },
        _ if is_symlink_loop(&error) => Error::SymlinkLoop {
            path: path.to_path_buf(),
        },
        _ => Error::io("find the folder", path)(error),
    };
    if !fs::metadata(path).map_err(missing)?.is_dir() {
        let error = io::ErrorKind::NotADirectory.into();
        return Err(Error::io("find the folder", path)(error));
    }
    let absolute = std::path::absolute(path).map_err(Error::io("find", path))?;
    Ok((Dir(absolute.clone()), absolute))
}

pub(crate) fn folder_from(
    (_, at): (Dir, PathBuf),
    target: &Path,
    _given: &Path,
) -> Result<(Dir, PathBuf), Error> {
    folder(&at.join(target))
}

pub(crate) fn may_follow(_link: &Meta, _end: Owner) -> bool {
    true
}

/// Refuses a link that the system would not follow.
pub(crate) fn allowed(_dir: &Dir, _name: &OsStr, path: &Path) -> Result<(), Error> {
    match fs::metadata(path) {
        Err(error) if is_symlink_loop(&error) => Err(Error::SymlinkLoop {
            path: path.to_path_buf(),
        }),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Error::io("follow the link", path)(error))
        }
        _ => Ok(()),
    }
}
