//! The lock of one file, shared by all threads and processes that agree on its state folder.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::folder::{create_dir_private, state_dir_for};
use crate::guard::{ReadGuard, WriteGuard};
use crate::options::Options;
use crate::registry;
use crate::shared::{Mode, Outcome, Shared};
use crate::sys::{self, FileId};
use crate::target::Target;
use crate::wait::{Deadline, Wait};

/// The lock of one file: many readers or one writer, between threads and between processes.
///
/// What is locked is a file of its own in the state folder, never the live file, which is replaced
/// at every save. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FileLock {
    place: Arc<Place>,
}

/// Where everything lies; shared by the lock and its guards.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) target: Target,
    pub(crate) state_dir: PathBuf,
    pub(crate) lock_path: PathBuf,
    /// Is the state folder on another mount, so that nothing can be renamed from there?
    pub(crate) scratch_beside: bool,
    pub(crate) options: Options,
}

/// The lock as taken: given back on drop.
pub(crate) struct Hold {
    pub(crate) place: Arc<Place>,
    shared: Arc<Shared>,
    id: FileId,
    mode: Mode,
}

impl FileLock {
    /// The lock whose file is `lock` in `state_dir`, which is created (0700) where missing.
    ///
    /// # Errors
    /// As [`create_dir_private`].
    pub fn open(target: &Target, state_dir: &Path) -> Result<Self, Error> {
        Self::open_with(target, state_dir, Options::new())
    }

    /// As [`open`](Self::open), with more allowed than by default.
    ///
    /// # Errors
    /// As [`create_dir_private`].
    pub fn open_with(target: &Target, state_dir: &Path, options: Options) -> Result<Self, Error> {
        create_dir_private(state_dir)?;
        let state_dir =
            sys::real_folder(state_dir).map_err(Error::io("find the folder", state_dir))?;
        let place = Arc::new(Place {
            target: target.clone(),
            lock_path: state_dir.join("lock"),
            scratch_beside: !sys::same_mount(target.folder(), &state_dir),
            state_dir,
            options,
        });
        // Opened now so that a folder in which nothing can be locked is refused early.
        registry::get(&place.lock_path)?;
        Ok(Self { place })
    }

    /// The lock of the file behind `path`, with the default state folder beside it.
    ///
    /// # Errors
    /// As [`Target::resolve`] and [`create_dir_private`].
    pub fn beside(path: &Path) -> Result<Self, Error> {
        let target = Target::resolve(path)?;
        let state_dir = state_dir_for(target.path());
        Self::open(&target, &state_dir)
    }

    /// The file that this lock protects.
    pub fn target(&self) -> &Target {
        &self.place.target
    }

    /// The folder that holds the lock file and the stage.
    pub fn state_dir(&self) -> &Path {
        &self.place.state_dir
    }

    /// Takes the lock together with other readers.
    ///
    /// Waiting is fair: readers that come after a waiting writer wait behind it. A thread that holds
    /// a guard and asks for another of the same file may wait for itself until the time is over.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Unsupported`], or what the operating system says.
    pub fn read(&self, wait: Wait) -> Result<ReadGuard, Error> {
        self.acquire(Mode::Read, wait).map(ReadGuard::new)
    }

    /// Takes the lock alone.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Unsupported`], or what the operating system says.
    pub fn write(&self, wait: Wait) -> Result<WriteGuard, Error> {
        let guard = self.acquire(Mode::Write, wait).map(WriteGuard::new)?;
        guard.heal()?;
        Ok(guard)
    }

    /// The live file's bytes, without the lock, as [`Target::open`] finds them. `None` if there is no
    /// file.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read_live(&self) -> Result<Option<Vec<u8>>, Error> {
        let target = &self.place.target;
        let read = |mut file: File| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map(|_| bytes)
        };
        let opened = target.open(&self.place.state_dir);
        opened
            .and_then(|file| file.map(read).transpose())
            .map_err(Error::io("read", target.path()))
    }

    #[tracing::instrument(level = "debug", skip(self), fields(path = %self.place.target.path().display()), err(level = "debug"))]
    fn acquire(&self, mode: Mode, wait: Wait) -> Result<Hold, Error> {
        let deadline = Deadline::start(wait);
        let path = &self.place.lock_path;
        loop {
            let (id, shared) = registry::get(path)?;
            let outcome = shared
                .acquire(mode, &deadline, self.place.options.unlocked)
                .map_err(|source| self.refused(source))?;
            if let Outcome::TimedOut(own) = outcome {
                return Err(Error::Timeout {
                    path: self.place.target.path().to_path_buf(),
                    holder: shared.holder(mode, own),
                    waited: deadline.waited(),
                });
            }
            let hold = Hold {
                place: Arc::clone(&self.place),
                shared,
                id,
                mode,
            };
            // The lock file may have been deleted and made anew while we waited: then others lock
            // another file, and what we hold protects nothing.
            if registry::is_at(path, &hold.id) {
                return Ok(hold);
            }
        }
    }

    fn refused(&self, source: std::io::Error) -> Error {
        let path = self.place.lock_path.clone();
        if sys::is_unsupported(&source) {
            return Error::Unsupported { path, source };
        }
        Error::Io {
            op: "lock",
            path,
            source,
        }
    }
}

impl Hold {
    /// Is the lock still ours?
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let path = self.place.target.path().to_path_buf();
        if self.shared.is_inherited() {
            return Err(Error::NotInherited { path });
        }
        if registry::is_at(&self.place.lock_path, &self.id) && self.shared.verify_writer() {
            return Ok(());
        }
        Err(Error::Lost { path })
    }

    pub(crate) fn is_inherited(&self) -> bool {
        self.shared.is_inherited()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shared.release(self.mode);
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold")
            .field("place", &self.place)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
