//! The lock as held.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::at::At;
use crate::displaced::Displaced;
use crate::error::Error;
use crate::file_lock::Hold;
use crate::folder::Folder;
use crate::former::Fresh;
use crate::site::LiveFile;
use crate::stage::Staged;
use crate::target::Target;
use crate::{heal, scratch, sys};

/// The lock, held together with other readers.
#[must_use = "the lock is given back at once when the guard is dropped"]
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
        &self.hold.place.target
    }
}

/// The lock, held alone; the way to replace the file.
#[must_use = "the lock is given back at once when the guard is dropped"]
#[derive(Debug)]
pub struct WriteGuard {
    pub(crate) hold: Hold,
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
        &self.hold.place.target
    }

    /// Keeps the live file open that was read under this lock: as long as it has its name it need not be opened again to be replaced,
    /// nor after that to see whether somebody has written into it. The first one is kept.
    pub fn keep_open(&self, read: LiveFile) {
        // Windows can't replace a file that is open.
        if sys::COPIES_METADATA {
            self.read.set(read).ok();
        }
    }

    pub(crate) fn read_file(&self) -> Option<&LiveFile> {
        self.read.get()
    }

    /// Writes `bytes` to a file of their own, ready to take the live file's place; owner, mode,
    /// access list and attributes are copied from it. A first creation gets mode 0600.
    ///
    /// What a dead writer left at the stage's name is removed: look at
    /// [`leftovers`](Self::leftovers) first to keep it.
    ///
    /// # Errors
    /// The live file can't be replaced ([`Error::ReadOnly`], [`Error::Sticky`], [`Error::NotKept`],
    /// [`Error::HardLinked`], [`Error::ForeignName`], [`Error::NotRegular`]), the lock is no longer held, another stage of this
    /// guard lives, or the disk is full; nothing is left behind.
    pub fn stage(&self, bytes: &[u8]) -> Result<Staged<'_>, Error> {
        self.stage_as(bytes, 0, Fresh::Private)
    }

    /// As [`stage`](Self::stage), for the save of that number: where the previous version is [left](Displaced::leave), saves of several
    /// numbers don't get into each other's way, and the number tells which of them a leftover belongs to. 0 is no number.
    ///
    /// Where there is no file to copy mode and owner from it gets what `fresh` says, unless it is shared with a group. Root gives it to
    /// the owner of the state folder or, where that is root's, to the former owner if that is the owner of the folder. It
    /// gets the former mode if the state folder is root's or that of its owner. What is known of the former file may be
    /// forged by whoever keeps it, for themselves alone.
    ///
    /// # Errors
    /// As [`stage`](Self::stage).
    pub fn stage_as(
        &self,
        bytes: &[u8],
        number: u64,
        fresh: Fresh<'_>,
    ) -> Result<Staged<'_>, Error> {
        self.hold.verify_unshared()?;
        Staged::create(self, bytes, number, fresh)
    }

    /// The state folder.
    pub fn state(&self) -> &Folder {
        &self.hold.place.state
    }

    /// Is the lock still held, and has it been all the time?
    ///
    /// # Errors
    /// [`Error::Lost`] or [`Error::NotInherited`].
    pub fn verify(&self) -> Result<(), Error> {
        self.hold.verify()
    }

    /// What earlier writers left behind: a staged file that never went live, the previous version that was left or had not got
    /// its backup name, or [what an interrupted write in place was finished over](Displaced::was_written_over). Tell them apart by their content, and by their numbers, in the order of which they come.
    ///
    /// # Errors
    /// What the operating system says, or [`Error::NotRegular`] for something that is not ours.
    pub fn leftovers(&self) -> Result<Vec<Displaced<'_>>, Error> {
        self.leftovers_and_names().map(|(leftovers, _)| leftovers)
    }

    /// The same, with all names in the state folder, which is listed for it; `None` where the leftovers lie elsewhere.
    ///
    /// # Errors
    /// As [`leftovers`](Self::leftovers).
    pub fn leftovers_and_names(
        &self,
    ) -> Result<(Vec<Displaced<'_>>, Option<Vec<OsString>>), Error> {
        let place = &*self.hold.place;
        let listed = scratch::leftovers(place)?;
        let leftover = |(name, at)| Displaced::leftover(self, at, name);
        let leftovers = listed.leftovers.into_iter().map(leftover).collect();
        Ok((leftovers, (!place.scratch_beside).then_some(listed.names)))
    }

    pub(crate) fn heal(&self) -> Result<(), Error> {
        heal::heal(&self.hold.place)
    }

    /// The one stage that a guard can have; an error while another lives.
    pub(crate) fn claim(&self) -> Result<Slot<'_>, Error> {
        if self.staged.swap(true, Ordering::AcqRel) {
            return Err(Error::Io {
                op: "stage a second time",
                path: self.target().path().to_path_buf(),
                source: std::io::ErrorKind::ResourceBusy.into(),
            });
        }
        Ok(Slot {
            guard: self,
            passed_on: false,
        })
    }

    pub(crate) fn scratch(&self, name: scratch::Name) -> At {
        scratch::at(&self.hold.place, name)
    }
}

/// The claim to a guard's one stage, given up on drop.
#[derive(Debug)]
pub(crate) struct Slot<'guard> {
    pub(crate) guard: &'guard WriteGuard,
    passed_on: bool,
}

impl<'guard> Slot<'guard> {
    /// The same claim for another owner; dropping this one then does nothing.
    pub(crate) fn pass_on(&mut self) -> Slot<'guard> {
        self.passed_on = true;
        Slot {
            guard: self.guard,
            passed_on: false,
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.passed_on {
            self.guard.staged.store(false, Ordering::Release);
        }
    }
}
