//! The files that are locked: one in each state folder.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::at::At;
use crate::context::SaveContext;
use crate::error::Error;
use crate::folder::Folder;
use crate::registry::{self, OpenLock};
use crate::shared::{Attempt, Mode, Shared};
use crate::site::Site;
use crate::sys::{self, FileId};
use crate::wait::Deadline;

/// A file that is locked.
pub(crate) struct LockFile {
    at: At,
    /// As it was found on opening, for who takes the lock first: whether it still has its name is asked once it is held.
    found: Mutex<Option<OpenLock>>,
}

/// The name of the file that is locked.
const LOCK: &str = "lock";

/// How often the lock file may be another one by the time that it is locked. Each costs a descriptor for as long as the process lives.
const MOST_LOCK_FILES: usize = 64;

/// One lock file as locked: given back on drop.
pub(crate) struct Held {
    at: At,
    shared: Arc<Shared>,
    id: FileId,
    mode: Mode,
}

/// The lock files of a site, opened now so that a folder in which nothing can be locked is refused early.
pub(crate) fn lock_files(site: &Site, state: &Folder) -> Result<Vec<LockFile>, Error> {
    let last = LockFile::open(state)?;
    let mut locks = Vec::with_capacity(2);
    if let Some(beside) = site.beside().and_then(Site::state) {
        match LockFile::open(beside) {
            // On a read-only mount, say: nobody who comes this way can lock there.
            Err(Error::ReadOnly { .. }) => {}
            // The same file by another name: nobody waits for themselves.
            Ok(first) if first.is(&last) => {}
            Ok(first) => locks.push(first),
            Err(error) => return Err(error),
        }
    }
    locks.push(last);
    Ok(locks)
}

impl LockFile {
    fn open(state: &Folder) -> Result<Self, Error> {
        let at = At::new(state, LOCK);
        let found = Mutex::new(Some(registry::get(&at)?));
        Ok(Self { at, found })
    }

    /// The lock file as it was found, or, where somebody has had that, as it is found now.
    fn take(&self) -> Result<OpenLock, Error> {
        let found = self.found().take();
        found
            .filter(|found| !found.shared.is_inherited())
            .map_or_else(|| registry::get(&self.at), Ok)
    }

    fn is(&self, other: &Self) -> bool {
        let id = |file: &Self| file.found().as_ref().map(|found| found.id.clone());
        id(self) == id(other)
    }

    fn found(&self) -> MutexGuard<'_, Option<OpenLock>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock. For a writer it is in a file that is ours alone; where it was not, it gets one.
    pub(crate) fn acquire(
        &self,
        context: &SaveContext,
        mode: Mode,
        deadline: &Deadline,
    ) -> Result<Held, Error> {
        let lock = &self.at;
        for _ in 0..MOST_LOCK_FILES {
            let OpenLock { id, shared, own } = self.take()?;
            let outcome = shared
                .acquire(mode, deadline, context.options.unlocked, own)
                .map_err(|source| refused(lock, source))?;
            if let Attempt::TimedOut(own) = outcome {
                return Err(Error::Timeout {
                    path: context.site.target().path().to_path_buf(),
                    holder: shared.holder(mode, own),
                    waited: deadline.waited(),
                });
            }
            let held = Held {
                at: lock.clone(),
                shared,
                id,
                mode,
            };
            // The lock file may have been deleted and made anew while we waited: then others lock
            // another file, and what we hold protects nothing.
            context.site.check_state()?;
            if !held.has_its_name() {
                continue;
            }
            if own || mode == Mode::Read {
                return Ok(held);
            }
            // The exclusive lock is held, so that nobody relies on the file that is replaced.
            renew(lock)?;
        }
        Err(Error::Io {
            op: "hold the lock, since its file keeps being replaced:",
            path: lock.path().to_path_buf(),
            source: io::ErrorKind::ResourceBusy.into(),
        })
    }
}

impl fmt::Debug for LockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

/// Gives the lock a file of its own, where the one that is there has other names or belongs to somebody else: a copy of
/// the folder made by links, say. Nothing is written into that.
fn renew(lock: &At) -> Result<(), Error> {
    const NEW: &str = "lock.new";
    // Closed before it is the lock: closing any descriptor of that drops the locks of this process.
    let renewed = lock
        .folder
        .recreate(NEW)
        .map(drop)
        .and_then(|()| lock.folder.rename_over(NEW, LOCK));
    renewed.map_err(|error| sys::refused(error, "renew the lock", lock.path()))
}

fn refused(lock: &At, source: io::Error) -> Error {
    let path = lock.path().to_path_buf();
    if sys::is_unsupported(&source) {
        return Error::Unsupported { path, source };
    }
    Error::Io {
        op: "lock",
        path,
        source,
    }
}

impl Held {
    /// Does it belong to the process that this one was forked from?
    pub(crate) fn is_inherited(&self) -> bool {
        self.shared.is_inherited()
    }

    fn has_its_name(&self) -> bool {
        registry::is_at(&self.at, &self.id)
    }

    /// As far as it can have been lost to another writer.
    pub(crate) fn is_unshared(&self) -> bool {
        self.has_its_name() && self.shared.is_still_signed()
    }

    /// Was it ours alone all the time?
    pub(crate) fn is_ours(&self) -> bool {
        self.has_its_name() && self.shared.verify_writer()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.release(self.mode);
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("at", &self.at)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
