//! The lock as held.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::context::SaveContext;
use crate::error::Error;
use crate::folder::Folder;
use crate::hold::Hold;
use crate::live_file::LiveFile;
use crate::sys;
use crate::target::Target;

/// The lock, held together with other readers.
#[must_use = "the lock is released as soon as the guard is dropped"]
#[derive(Debug)]
pub struct ReadGuard {
    hold: Hold,
}

impl ReadGuard {
    pub(crate) fn new(hold: Hold) -> Self {
        Self { hold }
    }

    /// The file that the lock protects.
    pub fn target(&self) -> &Target {
        self.hold.context.site.target()
    }
}

/// The lock, held alone; the way to replace the file.
#[must_use = "the lock is released as soon as the guard is dropped"]
#[derive(Debug)]
pub struct WriteGuard {
    hold: Hold,
    staged: AtomicBool,
    /// The live file as it was read under the lock.
    read: OnceLock<LiveFile>,
}

impl WriteGuard {
    pub(crate) fn new(hold: Hold) -> Self {
        Self {
            hold,
            staged: AtomicBool::new(false),
            read: OnceLock::new(),
        }
    }

    /// The file that the lock protects.
    pub fn target(&self) -> &Target {
        self.hold.context.site.target()
    }

    /// Keeps the live file open that was read under this lock: as long as it has its name it need not be opened again to be replaced,
    /// nor after that to see whether somebody has written into it. The first one is kept.
    pub fn keep_open(&self, read: LiveFile) {
        // Windows can't replace a file that is open.
        if sys::COPIES_METADATA {
            self.read.set(read).ok();
        }
    }

    pub(crate) fn context(&self) -> &SaveContext {
        &self.hold.context
    }

    pub(crate) fn read_file(&self) -> Option<&LiveFile> {
        self.read.get()
    }

    /// The state folder.
    pub fn state(&self) -> &Folder {
        &self.hold.context.state
    }

    /// The same as far as it can have been lost to another writer: enough before anything is written that is nobody's yet.
    pub(crate) fn verify_unshared(&self) -> Result<(), Error> {
        self.hold.verify_unshared()
    }

    /// Does it belong to the process that this one was forked from?
    pub(crate) fn is_inherited(&self) -> bool {
        self.hold.is_inherited()
    }

    /// Is the lock still held, and has it been all the time?
    ///
    /// # Errors
    /// [`Error::Lost`] or [`Error::NotInherited`].
    pub fn verify(&self) -> Result<(), Error> {
        self.hold.verify()
    }

    /// The one stage that a guard can have; an error while another lives.
    pub(crate) fn claim(&self) -> Result<StageClaim<'_>, Error> {
        if self.staged.swap(true, Ordering::AcqRel) {
            return Err(Error::Io {
                op: "stage a second time",
                path: self.target().path().to_path_buf(),
                source: std::io::ErrorKind::ResourceBusy.into(),
            });
        }
        Ok(StageClaim {
            guard: self,
            passed_on: false,
        })
    }
}

/// The claim to a guard's one stage, given up on drop.
#[derive(Debug)]
pub(crate) struct StageClaim<'guard> {
    pub(crate) guard: &'guard WriteGuard,
    passed_on: bool,
}

impl<'guard> StageClaim<'guard> {
    /// The same claim for another owner; dropping this one then does nothing.
    pub(crate) fn pass_on(&mut self) -> StageClaim<'guard> {
        self.passed_on = true;
        StageClaim {
            guard: self.guard,
            passed_on: false,
        }
    }
}

impl Drop for StageClaim<'_> {
    fn drop(&mut self) {
        if !self.passed_on {
            self.guard.staged.store(false, Ordering::Release);
        }
    }
}
