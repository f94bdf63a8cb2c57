//! What a folder holds, by its names.

use std::ffi::OsString;
use std::io;

use crate::absent::absent_is_none;
use crate::folder::Folder;
use crate::kind::Kind;
use crate::mark::Mark;
use crate::sys::Meta;

/// A name found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// The length in bytes; `None` for what is no regular file.
    pub len: Option<u64>,
    /// What it is, where it is no regular file.
    pub kind: Option<Kind>,
    /// Has it no other name, and does it belong to the folder's owner?
    pub own: bool,
}

impl Folder {
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
                    Ok(Some(meta)) if meta.kind != Some(Kind::Directory) => {
                        io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder")
                    }
                    _ => error,
                }
            })?;
        if !self.may_hold(&dir.known()?) {
            let message = "it belongs to another user";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Ok(Self::kept(dir, at.path().to_path_buf(), *self.policy()))
    }

    fn may_hold(&self, meta: &Meta) -> bool {
        // One of root's could have been moved here to be swept.
        self.policy().trusts(meta)
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
        match self
            .dir()
            .create_folder(at.name(), self.policy().new_owner())
        {
            Ok(dir) => {
                let folder = Self::kept(dir, at.path().to_path_buf(), *self.policy());
                Ok((folder, true))
            }
            // Somebody else was first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.folder(name).map(|folder| (folder, false))
            }
            Err(error) => Err(error),
        }
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
            own: self.policy().owns(meta),
        }
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
}
