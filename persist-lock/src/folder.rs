//! Folders as capabilities: opened once, judged once, and everything in them reached through the handle.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::absent::absent_is_none;
use crate::error::Error;
use crate::ownership::{OwnerPolicy, Owners};
use crate::sharing::Sharing;
use crate::sys::{self, Dir, Owner};

/// An opened folder, in which somebody else may have put anything.
///
/// Names are single: one with a separator, `.` and `..` are errors. Links in the folder are never followed, what is created
/// is new and private (0600, folders 0700), and only regular files are opened, so that nothing waits for a FIFO or a device.
/// Whatever is renamed or swapped meanwhile, the handle stays with the folder that was opened. Cheap to clone.
///
/// A file of somebody else's than the folder's owner may have been put there so that the caller reads it out or writes into
/// it, and is neither read nor written. One that has another name, too, may be anybody's text:
/// [`read_own`](Self::read_own) and [`append_own`](Self::append_own) refuse it, [`read`](Self::read) does not: what it gives is
/// for those who can tell by a digest that it is theirs.
///
/// The operating system's errors are passed on; what is no regular file is one of kind [`io::ErrorKind::InvalidInput`], a
/// longer one than allowed of kind [`io::ErrorKind::FileTooLarge`].
#[derive(Debug, Clone)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: Dir,
    path: PathBuf,
    policy: OwnerPolicy,
}

impl Folder {
    /// Opens the folder at `path`.
    ///
    /// Symbolic links on the way are followed if they belong to root, to the caller, or to the owner of what they lead to.
    ///
    /// # Errors
    /// [`Error::ParentMissing`] where it or a folder above it is missing, [`Error::ForeignLink`],
    /// [`Error::SymlinkLoop`], or what the operating system says.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path();
    /// use std::io::Write;
    ///
    /// let folder = persist_lock::Folder::open(path)?;
    /// folder.create("note")?.write_all(b"mine")?;
    /// assert_eq!(folder.read_own("note", 100)?, b"mine");
    /// assert!(folder.read("note", 3).is_err(), "longer than that");
    /// assert!(folder.read("../note", 100).is_err(), "no name in this folder");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self, Error> {
        let (dir, real) = sys::folder(path)?;
        Self::over(dir, real, None).map_err(Error::io("examine", path))
    }

    /// The same with the handle of an earlier operation, where the path still leads to that folder, and its owner, its mode, its mount and
    /// the caller are who and what they were.
    pub(crate) fn open_again(path: &Path, earlier: &Self) -> Result<Self, Error> {
        match Dir::straight_again(path, earlier.dir()) {
            Some(dir) => {
                let real = earlier.path().to_path_buf();
                Self::over(dir, real, None).map_err(Error::io("examine", path))
            }
            None => Self::open(path),
        }
    }

    /// A folder whose files belong to its owner, or to `live`'s.
    pub(crate) fn over(dir: Dir, path: PathBuf, live: Option<Owner>) -> io::Result<Self> {
        let owner = dir.known()?.owner;
        let owners = Owners {
            caller: dir.caller(),
            state: owner,
            live,
            around: owner,
            shared: false,
            sharing: Sharing::Private,
            around_is_groups: false,
        };
        Ok(Self::kept(dir, path, OwnerPolicy::of(&owners)))
    }

    pub(crate) fn kept(dir: Dir, path: PathBuf, policy: OwnerPolicy) -> Self {
        Self(Arc::new(Inner { dir, path, policy }))
    }

    /// Another handle on this folder, for files of somebody else's.
    pub(crate) fn with_policy(&self, policy: OwnerPolicy) -> io::Result<Self> {
        let dir = self.dir().sub(OsStr::new("."))?;
        Ok(Self::kept(dir, self.path().to_path_buf(), policy))
    }

    /// The path that it was opened by, without links; for messages.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.0.dir
    }

    pub(crate) fn policy(&self) -> &OwnerPolicy {
        &self.0.policy
    }

    pub(crate) fn owns(&self, file: &File) -> io::Result<bool> {
        Ok(self.0.policy.owns(&sys::meta_of(file)?))
    }

    /// Whether this very folder has that name in `around`.
    pub(crate) fn is_at(&self, around: &Self, name: &OsStr) -> io::Result<bool> {
        let found = absent_is_none(around.dir().look(name))?;
        found.map_or(Ok(false), |found| self.dir().is(&found))
    }

    /// Whether both are one folder, by whichever paths they were opened.
    pub(crate) fn is_same(&self, other: &Self) -> io::Result<bool> {
        if cfg!(windows) {
            // A folder can't be told from another there but by its path, in which case says nothing.
            let path = |folder: &Self| folder.path().to_string_lossy().to_lowercase();
            return Ok(path(self) == path(other));
        }
        Ok(self.dir().known()?.is_same(&other.dir().known()?))
    }

    /// Whether the folder is the caller's own.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn is_callers(&self) -> io::Result<bool> {
        Ok(self.dir().meta()?.owner.user == Owner::caller().user)
    }

    /// The number of the folder's owner; 0 where the system has none.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn owner(&self) -> io::Result<u32> {
        Ok(self.dir().meta()?.owner.user)
    }

    /// The group that the folder is shared with.
    pub fn shared_with(&self) -> Option<u32> {
        self.0.policy.sharing().group()
    }

    /// Makes the names in it durable: what was created, renamed or removed there survives a power cut.
    ///
    /// Does as much as the system lets it: file systems that say they can't sync a folder, and some on
    /// Windows, are taken at their word.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn sync(&self) -> io::Result<()> {
        self.dir().sync()
    }
}
