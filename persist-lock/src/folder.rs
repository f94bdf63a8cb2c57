//! Folders as capabilities: opened once, judged once, and everything in them reached through the handle.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::absent::absent_is_none;
use crate::at::At;
use crate::bounded::read_up_to;
use crate::error::Error;
use crate::keeper::{Keeper, Owners};
use crate::mark::Mark;
use crate::sharing::Sharing;
use crate::sys::{self, Access, Dir, Meta, Owner};

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
    keeper: Keeper,
}

/// A name found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// The length in bytes; `None` for what is no regular file.
    pub len: Option<u64>,
    /// What it is, where it is no regular file.
    pub kind: Option<crate::Kind>,
    /// Has it no other name, and does it belong to the folder's owner?
    pub own: bool,
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
        Ok(Self::kept(dir, path, Keeper::of(&owners)))
    }

    pub(crate) fn kept(dir: Dir, path: PathBuf, keeper: Keeper) -> Self {
        Self(Arc::new(Inner { dir, path, keeper }))
    }

    /// Another handle on this folder, for files of somebody else's.
    pub(crate) fn with_keeper(&self, keeper: Keeper) -> io::Result<Self> {
        let dir = self.dir().sub(OsStr::new("."))?;
        Ok(Self::kept(dir, self.path().to_path_buf(), keeper))
    }

    /// The path that it was opened by, without links; for messages.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.0.dir
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    /// The folder of that name in this one.
    ///
    /// # Errors
    /// Of kind [`io::ErrorKind::PermissionDenied`] too where it belongs to somebody who has no business here.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        self.folder_again(name, None)
    }

    /// The same with the handle of an earlier operation, where that is still the folder of that name.
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn folder_again(&self, name: &str, earlier: Option<&Self>) -> io::Result<Self> {
        let at = self.at(name)?;
        let again = earlier.and_then(|earlier| self.dir().sub_again(at.name(), earlier.dir()));
        let dir = again
            .map_or_else(|| self.dir().sub(at.name()), Ok)
            .map_err(|error| {
                // Links and files answer in several ways, but never that nothing is there.
                if error.kind() == io::ErrorKind::NotFound {
                    return error;
                }
                match at.look() {
                    Ok(Some(meta)) if meta.kind != Some(crate::Kind::Directory) => {
                        io::Error::new(io::ErrorKind::NotADirectory, "it is no folder")
                    }
                    _ => error,
                }
            })?;
        if !self.may_hold(&dir.known()?) {
            let message = "it belongs to somebody else";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Ok(Self::kept(dir, at.path().to_path_buf(), self.0.keeper))
    }

    fn may_hold(&self, meta: &Meta) -> bool {
        // One of root's could have been moved here to be swept.
        self.0.keeper.trusts(meta)
    }

    /// The folder of that name in this one, created where it is missing; with it, whether it is new. A new one's name is
    /// durable after [`sync`](Self::sync).
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn create_folder(&self, name: &str) -> io::Result<(Self, bool)> {
        match self.folder(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other.map(|folder| (folder, false)),
        }
        let at = self.at(name)?;
        match self.dir().create_folder(at.name(), self.0.keeper.heirs()) {
            Ok(dir) => {
                let folder = Self::kept(dir, at.path().to_path_buf(), self.0.keeper);
                Ok((folder, true))
            }
            // Somebody else was first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.folder(name).map(|folder| (folder, false))
            }
            Err(error) => Err(error),
        }
    }

    /// The bytes of a regular file of the folder's owner, at most `most`. By another name it may be anybody's text.
    ///
    /// # Errors
    /// See the type.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        match self.open_trusted(name)? {
            Some((file, meta)) => read_up_to(file, meta.len, most),
            None => Ok(Vec::new()),
        }
    }

    /// The bytes of a file that is nobody else's.
    ///
    /// # Errors
    /// As [`read`](Self::read); of kind [`io::ErrorKind::InvalidInput`] where the file has another name or owner.
    pub fn read_own(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let (file, meta) = self.open_owned(name, Access::Read)?;
        read_up_to(file, meta.len, most)
    }

    /// As [`read_own`](Self::read_own), with the opened file: for who goes on to make what was read durable, or to give it
    /// another name.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn open_own(&self, name: &str, most: u64) -> io::Result<(File, Vec<u8>)> {
        // Also for writing: not every system makes a file durable that is open for reading only.
        let (file, meta) = self.open_owned(name, Access::Lock)?;
        let bytes = read_up_to(&file, meta.len, most)?;
        Ok((file, bytes))
    }

    /// The bytes of a file as [`read`](Self::read) gives them, and whether it is nobody else's.
    ///
    /// # Errors
    /// See the type.
    pub fn read_judged(&self, name: &str, most: u64) -> io::Result<(Vec<u8>, bool)> {
        let Some((file, meta)) = self.open_trusted(name)? else {
            return Ok((Vec::new(), false));
        };
        let own = self.0.keeper.owns(&meta);
        read_up_to(file, meta.len, most).map(|bytes| (bytes, own))
    }

    /// The bytes of a file that has no other name and belongs to the very owner of the folder: their word, and nobody else's.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn read_owners(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let (file, meta) = self.open_owned(name, Access::Read)?;
        if meta.owner.user != self.owner()? {
            let message = "it belongs to somebody else than the folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        read_up_to(file, meta.len, most)
    }

    /// `None` for a file that is [not begun](At::is_not_begun).
    fn open_trusted(&self, name: &str) -> io::Result<Option<(File, Meta)>> {
        let at = self.at(name)?;
        let (file, meta) = match at.open_known(Access::Read) {
            Err(error) if at.is_not_begun(&error) => return Ok(None),
            opened => opened?,
        };
        self.trusted(&meta)?;
        Ok(Some((file, meta)))
    }

    fn trusted(&self, meta: &Meta) -> io::Result<()> {
        if self.0.keeper.trusts(meta) {
            return Ok(());
        }
        let message = "it belongs to somebody else than the folder";
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    /// As [`read_judged`](Self::read_judged), with the file opened for appending to what was read.
    ///
    /// # Errors
    /// See the type.
    pub fn read_to_append(&self, name: &str, most: u64) -> io::Result<(File, Vec<u8>, bool)> {
        let (file, meta) = self.at(name)?.open_known(Access::Extend)?;
        self.trusted(&meta)?;
        let bytes = read_up_to(&file, meta.len, most)?;
        Ok((file, bytes, self.0.keeper.owns(&meta)))
    }

    /// A file that is there and nobody else's, to be appended to.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn append_own(&self, name: &str) -> io::Result<File> {
        let (file, _) = self.open_owned(name, Access::Append)?;
        Ok(file)
    }

    fn open_owned(&self, name: &str, access: Access) -> io::Result<(File, Meta)> {
        let at = self.at(name)?;
        match at.open_known(access) {
            Err(error) if !at.is_not_begun(&error) => return Err(error),
            Ok((file, meta)) if self.0.keeper.owns(&meta) => return Ok((file, meta)),
            _ => {}
        }
        let message = "it has another name or belongs to somebody else";
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    pub(crate) fn owns(&self, file: &File) -> io::Result<bool> {
        Ok(self.0.keeper.owns(&sys::meta_of(file)?))
    }

    /// A new file. Root gives it to the owner of the folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`], or as the operating system says.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let at = self.at(name)?;
        self.dir().create(at.name(), self.0.keeper.heirs())
    }

    /// As [`create`](Self::create); what has the name so far is removed, not written into. A folder of that name stays.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn recreate(&self, name: &str) -> io::Result<File> {
        let at = self.at(name)?;
        self.dir().recreate(at.name(), self.0.keeper.heirs())
    }

    /// Removes a name; one that is free is fine.
    ///
    /// # Errors
    /// What the operating system says; a folder is not removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.at(name)?.remove()
    }

    /// Renames a file to a name that must be free, in this folder or another of the same file system.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`], or what the operating system says.
    pub fn rename_new(&self, name: &str, other: &Self, to: &str) -> io::Result<()> {
        self.at(name)?.rename_new(&other.at(to)?)
    }

    /// Renames a file over what has the name `to` in this folder.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn rename_over(&self, name: &str, to: &str) -> io::Result<()> {
        self.at(name)?.rename_over(&self.at(to)?)
    }

    /// What is in the folder, in no order.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn list(&self) -> io::Result<Vec<Entry>> {
        let mut found = Vec::new();
        for (name, _) in self.dir().names()? {
            // Gone since the folder was read: somebody else is at work here.
            if let Some(meta) = absent_is_none(self.dir().look(&name))? {
                found.push(self.entry(name, &meta));
            }
        }
        Ok(found)
    }

    /// The names in the folder, in no order, and whether each is a regular file's. Nothing is asked of the files themselves.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        let mut names = Vec::new();
        for (name, is_file) in self.dir().names()? {
            let is_file = match is_file {
                Some(known) => known,
                None => {
                    absent_is_none(self.dir().look(&name))?.is_some_and(|meta| meta.kind.is_none())
                }
            };
            names.push((name, is_file));
        }
        Ok(names)
    }

    /// What has that name; `None` if nothing.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn look(&self, name: &str) -> io::Result<Option<Entry>> {
        let at = self.at(name)?;
        let found = at.look()?;
        Ok(found.map(|meta| self.entry(at.name, &meta)))
    }

    fn entry(&self, name: OsString, meta: &Meta) -> Entry {
        Entry {
            name,
            len: meta.kind.is_none().then_some(meta.len),
            kind: meta.kind,
            own: self.0.keeper.owns(meta),
        }
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

    /// What tells the file of that name from another, and from itself after something was written to it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn mark(&self, name: &str) -> io::Result<Mark> {
        Ok(Mark::of(self.at(name)?.look()?.as_ref()))
    }

    /// Whether anything has that name.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn has(&self, name: &str) -> io::Result<bool> {
        Ok(self.at(name)?.look()?.is_some())
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
        self.0.keeper.sharing().group()
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

    pub(crate) fn at(&self, name: &str) -> io::Result<At> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == OsStr::new(name) => {
                Ok(At::new(self, name))
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no name in a folder",
            )),
        }
    }
}

/// Makes a file's content and length durable: by `fsync`, or whatever goes as far as the medium on this system.
///
/// # Errors
/// What the operating system says. After one the content is unknown, and a second call says nothing.
pub fn sync_file(file: &File) -> io::Result<()> {
    sys::sync_file(file)
}

/// Begins to bring a file's content to the medium without waiting for it, so that the [`sync_file`] to come finds less to do.
pub fn start_write_back(file: &File) {
    sys::start_write_back(file);
}
