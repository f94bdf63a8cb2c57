//! The lock of one file, shared by all threads and processes, whichever state folder they were told of.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::guard::{ReadGuard, WriteGuard};
use crate::keeper::Provenance;
use crate::options::Options;
use crate::paths::state_dir_for;
use crate::registry::{self, Found};
use crate::shared::{Mode, Outcome, Shared};
use crate::site::Site;
use crate::sys::{self, FileId};
use crate::target::Target;
use crate::wait::{Deadline, Wait};

/// The lock of one file: many readers or one writer, between threads and between processes.
///
/// What is locked is a file of its own, never the live file, which is replaced at every save: `lock` in the folder beside
/// the file, which is the default state folder. Where the state folder is another, the lock in there is taken as well, always
/// second: who can't lock beside the file, and an older program, know of that one only. Cheap to clone.
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
    /// In the order in which they are taken: beside the file, in the state folder. Never the other way round, or two callers
    /// could wait for each other.
    locks: Vec<LockFile>,
    /// Where a save's own files are: the state folder or the live file's.
    pub(crate) scratch: Folder,
    /// Is the state folder on another mount, so that nothing can be renamed from there?
    pub(crate) scratch_beside: bool,
    pub(crate) options: Options,
}

/// A file that is locked.
struct LockFile {
    at: At,
    /// As it was found on opening, for who takes the lock first: whether it still has its name is asked once it is held.
    found: Mutex<Option<Found>>,
}

/// The name of the file that is locked.
const LOCK: &str = "lock";

/// How often the lock file may be another one by the time that it is locked. Each costs a descriptor for good.
const MOST_LOCK_FILES: usize = 64;

/// The lock as taken: given back on drop.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) place: Arc<Place>,
    held: Vec<Held>,
}

/// One lock file as locked: given back on drop.
struct Held {
    at: At,
    shared: Arc<Shared>,
    id: FileId,
    mode: Mode,
}

impl FileLock {
    /// The lock of a file whose state folder is `state_dir`, which is created (0700) where missing, and so is the folder
    /// beside the file.
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
        if !site.is_beside()? {
            // One that can't be used leaves nothing beside the file.
            site = Site::open(target, state_dir)?;
            let mut beside = Site::without_state(target, &state_dir_for(target.path()))?;
            if beside.create_lock_folder(Provenance::Caller)?.is_some() {
                site = site.locked_beside(beside);
            }
        }
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
        let scratch_beside = !sys::same_mount(site.folder().dir(), state.dir());
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
            locks: lock_files(site, &state)?,
            site: site.clone(),
            scratch,
            scratch_beside,
            state,
            options,
        });
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

    /// The state folder.
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
        let mut held = Vec::with_capacity(self.place.locks.len());
        for (number, lock) in self.place.locks.iter().enumerate() {
            match self.acquire_one(lock, mode, &deadline) {
                // Nobody can lock beside this file, and the state folder may have been put elsewhere for that.
                Err(Error::Unsupported { .. }) if number + 1 < self.place.locks.len() => {}
                one => held.push(one?),
            }
        }
        Ok(Hold {
            place: Arc::clone(&self.place),
            held,
        })
    }

    fn acquire_one(&self, file: &LockFile, mode: Mode, deadline: &Deadline) -> Result<Held, Error> {
        let lock = &file.at;
        for _ in 0..MOST_LOCK_FILES {
            let Found { id, shared, own } = file.take()?;
            let outcome = shared
                .acquire(mode, deadline, self.place.options.unlocked, own)
                .map_err(|source| refused(lock, source))?;
            if let Outcome::TimedOut(own) = outcome {
                return Err(Error::Timeout {
                    path: self.place.target.path().to_path_buf(),
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
            self.place.site.check_state()?;
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
            op: "keep, because somebody replaces it all the time,",
            path: lock.path().to_path_buf(),
            source: std::io::ErrorKind::ResourceBusy.into(),
        })
    }
}

/// The lock files of a site, opened now so that a folder in which nothing can be locked is refused early.
fn lock_files(site: &Site, state: &Folder) -> Result<Vec<LockFile>, Error> {
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
    fn take(&self) -> Result<Found, Error> {
        let found = self.found().take();
        found
            .filter(|found| !found.shared.is_inherited())
            .map_or_else(|| registry::get(&self.at), Ok)
    }

    fn is(&self, other: &Self) -> bool {
        let id = |file: &Self| file.found().as_ref().map(|found| found.id.clone());
        id(self) == id(other)
    }

    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for LockFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

fn refused(lock: &At, source: std::io::Error) -> Error {
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

impl Hold {
    /// Is the lock still ours?
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let path = self.place.target.path().to_path_buf();
        if self.is_inherited() {
            return Err(Error::NotInherited { path });
        }
        // Who comes by the name of a state folder that was moved away meanwhile locks another file.
        self.place.site.check_state()?;
        match self.held.iter().all(Held::is_ours) {
            true => Ok(()),
            false => Err(Error::Lost { path }),
        }
    }

    /// The same as far as it can have been lost to another writer: enough before anything is written that is nobody's yet.
    pub(crate) fn verify_unshared(&self) -> Result<(), Error> {
        let path = self.place.target.path().to_path_buf();
        if self.is_inherited() {
            return Err(Error::NotInherited { path });
        }
        match self.held.iter().all(Held::is_unshared) {
            true => Ok(()),
            false => Err(Error::Lost { path }),
        }
    }

    pub(crate) fn is_inherited(&self) -> bool {
        self.held.iter().any(|held| held.shared.is_inherited())
    }
}

impl Held {
    fn has_its_name(&self) -> bool {
        registry::is_at(&self.at, &self.id)
    }

    fn is_unshared(&self) -> bool {
        self.has_its_name() && self.shared.is_still_signed()
    }

    fn is_ours(&self) -> bool {
        self.has_its_name() && self.shared.verify_writer()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.release(self.mode);
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("at", &self.at)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
