//! A name in an opened folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::absent::absent_is_none;
use crate::folder::Folder;
use crate::sharing::Sharing;
use crate::sys::{Access, Meta, NameIn, NewOwner};

/// Where a file is or will be: reached by the folder's handle. The path is for messages.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub(crate) folder: Folder,
    pub(crate) name: OsString,
    path: PathBuf,
}

impl At {
    pub(crate) fn new(folder: &Folder, name: impl Into<OsString>) -> Self {
        let name = name.into();
        Self {
            path: folder.path().join(&name),
            folder: folder.clone(),
            name,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is there; `None` if nothing.
    pub(crate) fn look(&self) -> io::Result<Option<Meta>> {
        absent_is_none(self.folder.dir().look(&self.name))
    }

    pub(crate) fn exists(&self) -> bool {
        matches!(self.look(), Ok(Some(_)))
    }

    pub(crate) fn open(&self, access: Access) -> io::Result<File> {
        self.open_known(access).map(|(file, _)| file)
    }

    /// With what is known of the opened file.
    pub(crate) fn open_known(&self, access: Access) -> io::Result<(File, Meta)> {
        self.folder.dir().open(&self.name, access)
    }

    /// The file that is locked, created where it is missing. Something else of that name is not opened.
    pub(crate) fn open_lock(&self) -> io::Result<File> {
        loop {
            match self.open(Access::Lock) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
            match self.create_for_owner() {
                // Somebody else was first.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other,
            }
        }
    }

    /// A new file of whoever calls, and of nobody else but the group that the folder is shared with.
    pub(crate) fn create(&self) -> io::Result<File> {
        let new = NewOwner {
            owner: None,
            ..self.folder.policy().new_owner()
        };
        self.folder.dir().create(&self.name, new)
    }

    /// A new file that nobody else may open, for whoever gives it mode and access lists next.
    pub(crate) fn create_bare(&self) -> io::Result<File> {
        self.folder.dir().create_bare(&self.name)
    }

    /// A new file with the mode that the umask gives it.
    pub(crate) fn create_by_umask(&self) -> io::Result<File> {
        self.folder.dir().create_by_umask(&self.name)
    }

    /// A new file that root gives to the owner of the folder.
    pub(crate) fn create_for_owner(&self) -> io::Result<File> {
        let new = self.folder.policy().new_owner();
        self.folder.dir().create(&self.name, new)
    }

    /// Whether a file could not be opened because another member of the group was stopped just after creating it: it is
    /// empty, and still private.
    pub(crate) fn is_not_begun(&self, error: &io::Error) -> bool {
        let is_shared = self.folder.policy().sharing() != Sharing::Private;
        let is_empty = |meta: &Meta| meta.kind.is_none() && meta.len == 0 && meta.links == 1;
        error.kind() == io::ErrorKind::PermissionDenied
            && is_shared
            && matches!(self.look(), Ok(Some(meta)) if is_empty(&meta))
    }

    /// Removes a file that may be gone already.
    pub(crate) fn remove(&self) -> io::Result<()> {
        absent_is_none(self.folder.dir().remove(&self.name)).map(|_| ())
    }

    pub(crate) fn rename_over(&self, to: &Self) -> io::Result<()> {
        let (from, other) = (self.folder.dir(), to.folder.dir());
        from.rename(&self.name, other, &to.name)
    }

    /// Renames to a name that must be free, by whichever way the file system has: exclusively, by a second name, or, where
    /// it has neither, by looking first. Then somebody who takes the name between the look and the rename loses theirs.
    pub(crate) fn rename_new(&self, to: &Self) -> io::Result<()> {
        let unsupported = |error: &io::Error| error.kind() == io::ErrorKind::Unsupported;
        match self.rename_new_at_once(to) {
            Err(error) if unsupported(&error) => {}
            other => return other,
        }
        match self.link_to(to) {
            // This name is a leftover if that fails; the file has its other all the same.
            Ok(()) => return self.remove().or(Ok(())),
            Err(error) if unsupported(&error) => {}
            Err(error) => return Err(error),
        }
        if to.look()?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        tracing::debug!(to = %to.path().display(), "renamed without a way to make sure that the name is free");
        self.rename_over(to)
    }

    /// The same in one step, or not at all: of kind [`io::ErrorKind::Unsupported`] where the system or the file system has none.
    pub(crate) fn rename_new_at_once(&self, to: &Self) -> io::Result<()> {
        let (from, other) = (self.folder.dir(), to.folder.dir());
        from.rename_new(&self.name, other, &to.name)
    }

    pub(crate) fn link_to(&self, to: &Self) -> io::Result<()> {
        let (from, other) = (self.folder.dir(), to.folder.dir());
        from.link(&self.name, other, &to.name)
    }

    /// As the system takes it.
    pub(crate) fn name_in(&self) -> NameIn<'_> {
        (self.folder.dir(), &self.name)
    }

    pub(crate) fn name(&self) -> &OsStr {
        &self.name
    }
}

impl Folder {
    /// A single name in it.
    pub(crate) fn at(&self, name: &str) -> io::Result<At> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == OsStr::new(name) => {
                Ok(At::new(self, name))
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a file name",
            )),
        }
    }
}
