//! The lock of one file, shared by all threads and processes that agree on its state folder.

use std::path::Path;
use std::sync::Arc;

use crate::at::At;
use crate::error::Error;
use crate::folder::{Folder, state_dir_for};
use crate::guard::{ReadGuard, WriteGuard};
use crate::keeper::Provenance;
use crate::options::Options;
use crate::registry;
use crate::shared::{Mode, Outcome, Shared};
use crate::site::Site;
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
    pub(crate) site: Site,
    pub(crate) live: At,
    pub(crate) state: Folder,
    pub(crate) lock: At,
    /// Where a save's own files are: the state folder or the live file's.
    pub(crate) scratch: Folder,
    /// Is the state folder on another mount, so that nothing can be renamed from there?
    pub(crate) scratch_beside: bool,
    pub(crate) options: Options,
}

/// How often the lock file may be another one by the time that it is locked. Each costs a descriptor for good.
const MOST_LOCK_FILES: usize = 64;

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
    /// As [`Site::open`].
    pub fn open(target: &Target, state_dir: &Path) -> Result<Self, Error> {
        Self::open_with(target, state_dir, Options::new())
    }

    /// As [`open`](Self::open), with more allowed than by default.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn open_with(target: &Target, state_dir: &Path, options: Options) -> Result<Self, Error> {
        let mut site = Site::without_state(target, state_dir)?;
        site.create_state(Provenance::Caller)?;
        Self::at(&site, options)
    }

    /// The lock of the file of an opened site that has a state folder.
    ///
    /// # Errors
    /// [`Error::ParentMissing`] where there is none; or what the operating system says.
    pub fn at(site: &Site, options: Options) -> Result<Self, Error> {
        let state = site.state().cloned().ok_or_else(|| Error::ParentMissing {
            path: site.state_path().to_path_buf(),
        })?;
        let scratch_beside = !sys::same_mount(site.folder(), &state);
        let scratch = match scratch_beside {
            false => state.clone(),
            true => site
                .folder()
                .with_keeper(*state.keeper())
                .map_err(Error::io("examine", site.folder().path()))?,
        };
        let place = Arc::new(Place {
            target: site.target().clone(),
            live: site.live(),
            lock: At::new(&state, "lock"),
            site: site.clone(),
            scratch,
            scratch_beside,
            state,
            options,
        });
        // Opened now so that a folder in which nothing can be locked is refused early.
        registry::get(&place.lock)?;
        Ok(Self { place })
    }

    /// The lock of the file behind `path`, with the default state folder beside it.
    ///
    /// # Errors
    /// As [`Target::resolve`] and [`Site::open`].
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
        self.place.state.path()
    }

    /// The same folder, opened.
    pub fn state(&self) -> &Folder {
        &self.place.state
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

    /// The live file's bytes, at most `most`, without the lock, as [`Site::open_live`] finds them. `None` if there is no
    /// file.
    ///
    /// # Errors
    /// What the operating system says; of kind [`std::io::ErrorKind::FileTooLarge`] for a longer file.
    pub fn read_live(&self, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let opened = self.place.site.open_live();
        opened
            .and_then(|live| live.map(|live| live.read(most)).transpose())
            .map_err(Error::io("read", self.place.target.path()))
    }

    #[tracing::instrument(level = "debug", skip(self), fields(path = %self.place.target.path().display()), err(level = "debug"))]
    fn acquire(&self, mode: Mode, wait: Wait) -> Result<Hold, Error> {
        let deadline = Deadline::start(wait);
        let lock = &self.place.lock;
        for _ in 0..MOST_LOCK_FILES {
            let (id, shared) = registry::get(lock)?;
            let own = shared.is_own(&self.place.state);
            let outcome = shared
                .acquire(mode, &deadline, self.place.options.unlocked, own)
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
            self.place.site.check_state()?;
            if !registry::is_at(lock, &hold.id) {
                continue;
            }
            if own || mode == Mode::Read {
                return Ok(hold);
            }
            // The exclusive lock is held, so that nobody relies on the file that is replaced.
            self.renew()?;
        }
        Err(Error::Io {
            op: "keep, because somebody replaces it all the time,",
            path: lock.path().to_path_buf(),
            source: std::io::ErrorKind::ResourceBusy.into(),
        })
    }

    /// Gives the lock a file of its own, where the one that is there has other names or belongs to somebody else: a copy of
    /// the folder made by links, say. Nothing is written into that.
    fn renew(&self) -> Result<(), Error> {
        const NEW: &str = "lock.new";
        let state = &self.place.state;
        // Closed before it is the lock: closing any descriptor of that drops the locks of this process.
        let renewed = state
            .recreate(NEW)
            .map(drop)
            .and_then(|()| state.rename_over(NEW, "lock"));
        renewed.map_err(|error| sys::refused(error, "renew the lock", self.place.lock.path()))
    }

    fn refused(&self, source: std::io::Error) -> Error {
        let path = self.place.lock.path().to_path_buf();
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
        // Who comes by the name of a state folder that was moved away meanwhile locks another file.
        self.place.site.check_state()?;
        if registry::is_at(&self.place.lock, &self.id) && self.shared.verify_writer() {
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
