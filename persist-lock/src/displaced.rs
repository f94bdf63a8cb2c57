//! The previous version, after the live file was replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::guard::{Slot, WriteGuard};
use crate::scratch;
use crate::stage::Staged;
use crate::sys;
use crate::target::parent;

/// How the old content got out of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// Old and new file exchanged their names in one step.
    Exchange,
    /// `ReplaceFileW` (Windows): the old file was renamed to a backup name.
    ReplaceFile,
    /// A copy that shares blocks was kept, then the new file renamed over the old.
    Reflink,
    /// A second name was kept, then the new file renamed over the old.
    Link,
    /// A copy was kept, then the new file renamed over the old.
    Copy,
    /// There was nothing to displace.
    Created,
    /// A copy was kept, then the new bytes written into the file.
    InPlace,
    /// Nothing was displaced now: found after a writer had died.
    Leftover,
}

/// The previous version, which still has no name to stay under.
///
/// The live file is new already, but only [`keep_as`](Self::keep_as) or [`discard`](Self::discard)
/// make that durable. Merely dropped, the old file stays for [`WriteGuard::leftovers`].
#[must_use = "the save is durable only after `keep_as` or `discard`"]
#[derive(Debug)]
pub struct Displaced<'guard> {
    guard: &'guard WriteGuard,
    old: Option<PathBuf>,
    how: How,
    /// Held so that nothing new is staged over the old file; leftovers have none.
    _slot: Option<Slot<'guard>>,
}

impl<'guard> Displaced<'guard> {
    pub(crate) fn new(staged: Staged<'guard>, old: Option<PathBuf>, how: How) -> Self {
        let guard = staged.slot.guard;
        let slot = staged.into_slot();
        Self {
            guard,
            old,
            how,
            _slot: Some(slot),
        }
    }

    pub(crate) fn leftover(guard: &'guard WriteGuard, path: PathBuf) -> Result<Self, Error> {
        Ok(Self {
            guard,
            old: Some(path),
            how: How::Leftover,
            _slot: None,
        })
    }

    /// Where the previous version lies now; `None` after a first creation.
    pub fn path(&self) -> Option<&Path> {
        self.old.as_deref()
    }

    /// The previous version's bytes; `None` after a first creation.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some(path) = &self.old else {
            return Ok(None);
        };
        fs::read(path).map(Some).map_err(Error::io("read", path))
    }

    /// How the old content got out of the way.
    pub fn how(&self) -> How {
        self.how
    }

    /// Renames the previous version to `backup`, which must be free, and makes everything durable:
    /// the live file's folder and the backup's. (A rename names two folders and is one step, so that
    /// syncing the one it leads to is enough.)
    ///
    /// After a first creation there is nothing to rename.
    ///
    /// # Errors
    /// The new content is in place in any case: [`Error::InPlaceNotDurable`] when a sync failed,
    /// [`Error::BackupNotNamed`] when the previous version stays where it is.
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    pub fn keep_as(self, backup: &Path) -> Result<(), Error> {
        let Some(old) = &self.old else {
            return self.sync(&[]);
        };
        let named = name(old, backup);
        self.sync(&[parent(backup)])?;
        // What was copied goes only now that the copy's name is durable.
        let done = named.and_then(|named| match named {
            Named::Renamed => Ok(()),
            Named::Copied => scratch::remove(old),
        });
        done.map_err(|source| Error::BackupNotNamed {
            path: self.live().to_path_buf(),
            kept: old.clone(),
            backup: backup.to_path_buf(),
            source,
        })
    }

    /// Removes the previous version and makes the change durable.
    ///
    /// # Errors
    /// [`Error::InPlaceNotDurable`].
    pub fn discard(self) -> Result<(), Error> {
        // Durable first: until then the old version is the only one that surely survives.
        self.sync(&[])?;
        if let Some(old) = &self.old {
            scratch::remove(old).map_err(Error::io("remove the previous version", old))?;
        }
        Ok(())
    }

    fn live(&self) -> &Path {
        self.guard.target().path()
    }

    fn sync(&self, more: &[&Path]) -> Result<(), Error> {
        let mut folders = vec![parent(self.live())];
        folders.extend(more);
        for (at, folder) in folders.iter().enumerate() {
            if folders[..at].contains(folder) {
                continue;
            }
            sys::sync_folder(folder).map_err(|source| Error::InPlaceNotDurable {
                path: self.live().to_path_buf(),
                source,
            })?;
        }
        Ok(())
    }
}

/// How a backup came by its name.
enum Named {
    Renamed,
    /// The original is there still.
    Copied,
}

/// Gives `old` the name `backup`, by copy where it must be.
fn name(old: &Path, backup: &Path) -> io::Result<Named> {
    let shared = fs::symlink_metadata(old).is_ok_and(|meta| sys::hard_links(old, &meta) > 1);
    if !shared {
        match sys::rename_new(old, backup) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            other => return other.map(|()| Named::Renamed),
        }
    }
    // Another file system; or a file with other names, through which somebody could change the backup.
    copy_to(old, backup).map(|()| Named::Copied)
}

fn copy_to(old: &Path, backup: &Path) -> io::Result<()> {
    let mut source = fs::File::open(old)?;
    let mut copy = sys::create_new(backup)?;
    let done = io::copy(&mut source, &mut copy).and_then(|_| sys::sync_file(&copy));
    if done.is_err() {
        scratch::remove(backup).ok();
    }
    done
}
