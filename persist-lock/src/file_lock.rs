//! The lock of one file, shared by all threads and processes, whichever state folder they were told of.

use std::path::Path;
use std::sync::Arc;

use crate::context::SaveContext;
use crate::error::Error;
use crate::folder::Folder;
use crate::guard::{ReadGuard, WriteGuard};
use crate::heal;
use crate::hold::Hold;
use crate::lock_file::{LockFile, lock_files};
use crate::options::Options;
use crate::ownership::Provenance;
use crate::paths::state_dir_for;
use crate::shared::Mode;
use crate::site::Site;
use crate::target::Target;
use crate::wait::{Deadline, Wait};

/// The lock of one file: many readers or one writer, between threads and between processes.
///
/// What is locked is a file of its own, never the live file, which is replaced at every save: `lock` in the folder beside
/// the file, which is the default state folder. Where the state folder is another, the lock in there is taken as well, always
/// second: who can't lock beside the file, and an older program, know of that one only. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FileLock {
    context: Arc<SaveContext>,
    /// In the order in which they are taken: beside the file, in the state folder. Never the other way round, or two callers
    /// could wait for each other.
    locks: Arc<[LockFile]>,
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
        let context = SaveContext::of(site, options)?;
        let locks = lock_files(site, &context.state)?;
        Ok(Self {
            context: Arc::new(context),
            locks: locks.into(),
        })
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
        self.context.site.target()
    }

    /// The state folder.
    pub fn state_dir(&self) -> &Path {
        self.context.state.path()
    }

    /// The same folder, opened.
    pub fn state(&self) -> &Folder {
        &self.context.state
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
        heal::heal(guard.context())?;
        Ok(guard)
    }

    /// The live file's bytes, at most `most`, without the lock, as [`Site::open_live`] finds them. `None` if there is no
    /// file.
    ///
    /// # Errors
    /// What the operating system says; of kind [`std::io::ErrorKind::FileTooLarge`] for a longer file.
    pub fn read_live(&self, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let opened = self.context.site.open_live();
        opened
            .and_then(|live| live.map(|live| live.read(most)).transpose())
            .map_err(Error::io("read", self.context.site.target().path()))
    }

    #[tracing::instrument(level = "debug", skip(self), fields(path = %self.context.site.target().path().display()), err(level = "debug"))]
    fn acquire(&self, mode: Mode, wait: Wait) -> Result<Hold, Error> {
        let deadline = Deadline::start(wait);
        let mut held = Vec::with_capacity(self.locks.len());
        for (number, lock) in self.locks.iter().enumerate() {
            match lock.acquire(&self.context, mode, &deadline) {
                // Nobody can lock beside this file, and the state folder may have been put elsewhere for that.
                Err(Error::Unsupported { .. }) if number + 1 < self.locks.len() => {}
                one => held.push(one?),
            }
        }
        Ok(Hold {
            context: Arc::clone(&self.context),
            held,
        })
    }
}
