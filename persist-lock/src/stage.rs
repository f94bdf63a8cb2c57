//! New content on its way to become the live file.

use std::error::Error as StdError;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use crate::at::At;
use crate::context::SaveContext;
use crate::error::Error;
use crate::former::{self, Former, Fresh};
use crate::guard::{StageClaim, WriteGuard};
use crate::plan::{self, Way};
use crate::scratch::{self, Name};
use crate::sys::{self, Meta};

/// New content in a file of its own. Dropping it rolls back: the file is removed.
#[must_use = "dropping a staged file discards it: call `commit`"]
#[derive(Debug)]
pub struct Staged<'guard> {
    pub(crate) at: At,
    pub(crate) way: Way,
    claim: StageClaim<'guard>,
    len: u64,
    former: Option<Former>,
    modified: SystemTime,
    durability: Durability,
    /// Does `at` still hold this stage, to be removed on drop?
    pub(crate) armed: bool,
}

/// The file is closed once synced: Windows can't replace by a file that is open.
#[derive(Debug)]
enum Durability {
    Pending(File),
    Done,
    Failed,
}

impl WriteGuard {
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

    /// As [`stage`](Self::stage), for the save of that number: where the previous version is [left](crate::Displaced::leave), saves of several
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
        self.verify_unshared()?;
        Staged::create(self, bytes, number, fresh)
    }
}

impl<'guard> Staged<'guard> {
    #[tracing::instrument(name = "stage", level = "debug", skip_all, fields(len = bytes.len()), err(level = "debug"))]
    fn create(
        guard: &'guard WriteGuard,
        bytes: &[u8],
        number: u64,
        fresh: Fresh<'_>,
    ) -> Result<Self, Error> {
        let claim = guard.claim()?;
        let context = guard.context();
        let (way, live) = plan::way_and_live(&context.live, context.options, guard.read_file())?;
        let at = context.scratch.at(Name::Stage(number));
        // One that gets all that the live file has needs nothing before. In a shared folder another member may have to
        // settle it any time.
        let shared = at.folder.policy().new_owner().group.is_some();
        let file = match way {
            Way::Replace if !shared => scratch::create_by(&at, At::create_bare)?,
            Way::Create if !shared && fresh == Fresh::Umask => {
                scratch::create_by(&at, At::create_by_umask)?
            }
            _ => scratch::create(&at)?,
        };
        let mut staged = Self {
            at,
            way,
            claim,
            len: bytes.len() as u64,
            former: None,
            modified: SystemTime::UNIX_EPOCH,
            durability: Durability::Failed,
            armed: true,
        };
        let former = match fresh {
            Fresh::Former(former) => Some(former),
            Fresh::Private | Fresh::Umask => None,
        };
        staged.fill(context, &file, bytes, (live.as_ref(), former))?;
        staged.durability = Durability::Pending(file);
        Ok(staged)
    }

    fn fill(
        &mut self,
        context: &SaveContext,
        mut file: &File,
        bytes: &[u8],
        (live, former): (Option<&(plan::Source<'_>, Meta)>, Option<&Former>),
    ) -> Result<(), Error> {
        let path = self.at.path().to_path_buf();
        file.write_all(bytes)
            .map_err(Error::io("write the stage", &path))?;
        let mut known = None;
        match (self.way, live) {
            (Way::Replace, Some((live, meta))) => {
                let copied = match context.state.policy().sharing().group() {
                    Some(_) => sys::copy_shared_metadata(context.live.path(), (live, meta), file),
                    None => sys::copy_metadata(context.live.path(), (live, meta), file),
                };
                match copied {
                    Err(Error::NotKept { .. }) if context.options.in_place => {
                        self.way = Way::InPlace;
                    }
                    copied => {
                        let copied = copied?;
                        self.at.folder.dir().tell_of_new(copied.created);
                        known = Some(copied.meta);
                    }
                }
            }
            (Way::Create, _) => former::apply(file, former, &context.live.folder, &context.state)
                .map_err(Error::io("give its owner and mode to", &path))?,
            (Way::Replace | Way::InPlace, _) => {}
        }
        sys::start_write_back(file);
        let meta = known.map_or_else(|| sys::meta_of(file), Ok);
        let meta = meta.map_err(Error::io("examine the stage", &path))?;
        self.modified = meta.modified;
        if self.way != Way::InPlace {
            self.former = Former::known(&meta);
        }
        Ok(())
    }

    /// Shows the staged file to `check` before it may go live.
    ///
    /// # Errors
    /// [`Error::Rejected`] with what the check said.
    pub fn check(
        &self,
        check: impl FnOnce(&Path) -> Result<(), Box<dyn StdError + Send + Sync>>,
    ) -> Result<(), Error> {
        check(self.path()).map_err(|source| Error::Rejected {
            path: self.target().to_path_buf(),
            source,
        })
    }

    /// Makes the new content durable. Once done, doing it again is free.
    ///
    /// # Errors
    /// [`Error::SyncFailed`]; then and ever after, because the kernel forgets what it failed to
    /// write: a second sync of the same file would report success falsely. Stage afresh.
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    pub fn sync(&mut self) -> Result<(), Error> {
        let failed = |staged: &Self, source| Error::SyncFailed {
            path: staged.target().to_path_buf(),
            source,
        };
        let file = match std::mem::replace(&mut self.durability, Durability::Failed) {
            Durability::Pending(file) => file,
            Durability::Done => {
                self.durability = Durability::Done;
                return Ok(());
            }
            Durability::Failed => return Err(failed(self, None)),
        };
        sys::sync_file(&file).map_err(|error| failed(self, Some(error)))?;
        self.durability = Durability::Done;
        Ok(())
    }

    /// The stage's file is no longer its own to remove; the claim to the guard goes on.
    pub(crate) fn into_claim(mut self) -> StageClaim<'guard> {
        self.armed = false;
        self.claim.pass_on()
    }

    pub(crate) fn guard(&self) -> &'guard WriteGuard {
        self.claim.guard
    }

    pub(crate) fn not_replaced(self, source: Error) -> CommitError<'guard> {
        CommitError::NotReplaced {
            staged: Box::new(self),
            source,
        }
    }

    /// The live file that this is for.
    pub fn target(&self) -> &Path {
        self.guard().target().path()
    }

    /// Where the staged bytes lie.
    pub fn path(&self) -> &Path {
        self.at.path()
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Is the new content empty?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The mode and owner that the live file will have; `None` where the system has neither, and where it will be written
    /// into and keeps its own.
    pub fn former(&self) -> Option<Former> {
        self.former
    }

    /// The modification time that the live file will have.
    pub fn modified(&self) -> SystemTime {
        self.modified
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // A forked child has a copy of this value but not the lock: the file is its parent's.
        if self.armed && !self.guard().is_inherited() {
            // What stays is taken for a leftover by the next writer.
            self.at.remove().ok();
        }
    }
}

/// Why [`Staged::commit`] did not end well.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CommitError<'guard> {
    /// The live file is what it was. The staged content is handed back for another try.
    #[error("{source}")]
    NotReplaced {
        /// The staged content.
        staged: Box<Staged<'guard>>,
        /// Why.
        source: Error,
    },
    /// The new content is in place, but a power cut may undo it or (in-place mode) tear it.
    #[error("{source}")]
    InPlaceNotDurable {
        /// Why.
        source: Error,
    },
}

impl fmt::Debug for CommitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReplaced { source, .. } => f.debug_tuple("NotReplaced").field(source).finish(),
            Self::InPlaceNotDurable { source } => {
                f.debug_tuple("InPlaceNotDurable").field(source).finish()
            }
        }
    }
}

impl From<CommitError<'_>> for Error {
    /// Drops the staged content, which removes its file.
    fn from(error: CommitError<'_>) -> Self {
        match error {
            CommitError::NotReplaced { source, .. } | CommitError::InPlaceNotDurable { source } => {
                source
            }
        }
    }
}
