//! The previous version, after the live file was replaced.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::at::At;
use crate::bounded::{FromStart, read_up_to};
use crate::certified;
use crate::error::Error;
use crate::folder::Folder;
use crate::guard::{StageClaim, WriteGuard};
use crate::how::How;
use crate::scratch::Name;
use crate::stage::Staged;
use crate::sys::{self, Access};

/// Content that was displaced, and whose it is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Judged {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// It has no other name, and nobody else has put it there.
    pub own: bool,
    /// It has another name.
    pub shared: bool,
}

/// The previous version, which still has no name to stay under.
///
/// The live file is new already, but only [`leave`](Self::leave), [`keep_as`](Self::keep_as) or [`discard`](Self::discard)
/// make that durable. Merely dropped, the old file stays for [`WriteGuard::leftovers`].
///
/// Somebody may still have the old file open, or mounted, and write into it. So it is no safe backup: keep a copy of what
/// was read before the replacement, and leave the file itself to the next writer, who looks at it once more.
#[must_use = "the save is durable only after `leave`, `keep_as` or `discard`"]
#[derive(Debug)]
pub struct Displaced<'guard> {
    guard: &'guard WriteGuard,
    old: Option<At>,
    how: How,
    /// What a leftover is called.
    name: Option<Name>,
    /// Held so that nothing new is staged over the old file; leftovers have none.
    _claim: Option<StageClaim<'guard>>,
}

impl WriteGuard {
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
        let scratch = &self.context().scratch;
        let listed = scratch.leftovers()?;
        let leftover = |(name, at)| Displaced::leftover(self, at, name);
        let leftovers = listed.leftovers.into_iter().map(leftover).collect();
        Ok((
            leftovers,
            (!scratch.is_beside_live()).then_some(listed.names),
        ))
    }
}

impl<'guard> Displaced<'guard> {
    pub(crate) fn new(staged: Staged<'guard>, old: Option<At>, how: How) -> Self {
        let guard = staged.guard();
        let claim = staged.into_claim();
        Self {
            guard,
            old,
            how,
            name: None,
            _claim: Some(claim),
        }
    }

    /// With the old content at `old`. It takes the stage's name, which is free by now and says which save this is the old version
    /// of; where it can't, it is found also there.
    pub(crate) fn renamed(staged: Staged<'guard>, old: At, how: How) -> Self {
        let place = match old.rename_over(&staged.at) {
            Ok(()) => staged.at.clone(),
            Err(_) => old,
        };
        Self::new(staged, Some(place), how)
    }

    fn leftover(guard: &'guard WriteGuard, at: At, name: Name) -> Self {
        Self {
            guard,
            old: Some(at),
            how: How::Leftover,
            name: Some(name),
            _claim: None,
        }
    }

    /// Where the previous version lies now; `None` after a first creation.
    pub fn path(&self) -> Option<&Path> {
        self.old.as_ref().map(At::path)
    }

    /// The previous version's bytes, at most `most`; `None` after a first creation.
    ///
    /// # Errors
    /// What the operating system says; of kind [`io::ErrorKind::FileTooLarge`] for a longer file.
    pub fn read(&self, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(old) = &self.old else {
            return Ok(None);
        };
        let bytes = old
            .open_known(Access::Read)
            .and_then(|(file, meta)| self.content(&file, meta.len, most));
        bytes.map(Some).map_err(Error::io("read", old.path()))
    }

    /// As [`read`](Self::read), and whose it is: what has another name, or belongs to somebody who has no
    /// business here, may have been put there so that it is kept where its content can be read. Not even its digest is to
    /// be told.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_judged(&self, most: u64) -> Result<Option<Judged>, Error> {
        let Some(old) = &self.old else {
            return Ok(None);
        };
        if let Some(known) = self.read_again(old, most) {
            return known.map(Some).map_err(Error::io("read", old.path()));
        }
        let opened = match old.open_known(Access::Read) {
            Err(error) if old.is_not_begun(&error) => {
                return Ok(Some(Judged {
                    bytes: Vec::new(),
                    own: true,
                    shared: false,
                }));
            }
            opened => opened,
        };
        let read = opened.and_then(|(file, meta)| {
            Ok(Judged {
                bytes: self.content(&file, meta.len, most)?,
                own: old.folder.policy().owns(&meta),
                shared: meta.links > 1,
            })
        });
        read.map(Some).map_err(Error::io("read", old.path()))
    }

    /// The same by the file that was read before it was replaced, if that is what lies here.
    fn read_again(&self, old: &At, most: u64) -> Option<io::Result<Judged>> {
        let read = self.guard.read_file().filter(|_| self.name.is_none())?;
        let meta = old.look().ok()??;
        if !meta.is_same(&read.meta) {
            return None;
        }
        let bytes = read_up_to(FromStart::of(&read.file), meta.len, most);
        Some(bytes.map(|bytes| Judged {
            bytes,
            own: old.folder.policy().owns(&meta),
            shared: meta.links > 1,
        }))
    }

    fn content(&self, file: &File, len: u64, most: u64) -> io::Result<Vec<u8>> {
        let Some(name) = self.name else {
            return read_up_to(file, len, most);
        };
        let text = read_up_to(file, len, most.saturating_add(certified::OVERHEAD))?;
        let content = name.content(text);
        match content.len() as u64 > most {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(content),
        }
    }

    /// How the old content got out of the way.
    pub fn how(&self) -> How {
        self.how
    }

    /// Of a leftover: the number of the save that it belongs to, where it has one.
    pub fn number(&self) -> Option<u64> {
        self.name.and_then(Name::number)
    }

    /// Of a leftover: whether it is what the live file held when a write in place that had been interrupted was finished. It
    /// looked like that write cut short, but it can be what somebody has written since.
    pub fn was_written_over(&self) -> bool {
        matches!(self.name, Some(Name::Found(_)))
    }

    /// Leaves the previous version where it is, to be looked at by the next writer ([`WriteGuard::leftovers`]), and makes
    /// the new one durable: the live file's folder, and then the one that a backup has got its name in. In this order, for a
    /// backup tells that the replacement took place. Where it lies beside the live file, because the state folder is on another file system, it is
    /// removed instead: nothing of ours stays there.
    ///
    /// # Errors
    /// [`Error::InPlaceNotDurable`].
    pub fn leave(self, backups: Option<&Folder>) -> Result<(), Error> {
        self.sync(backups)?;
        if self.guard.context().scratch.is_beside_live()
            && let Some(old) = &self.old
            && let Err(error) = old.remove()
        {
            // The next writer tries again.
            tracing::warn!(%error, path = %old.path().display(), "could not remove the previous version");
        }
        Ok(())
    }

    /// Removes a leftover that is kept elsewhere or was never live. Nothing is made durable.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn remove(self) -> Result<(), Error> {
        self.old.as_ref().map_or(Ok(()), |old| {
            old.remove()
                .map_err(Error::io("remove the leftover", old.path()))
        })
    }

    /// Renames the previous version to `name` in `folder`, which must be free, and makes everything durable:
    /// the live file's folder and the backup's. (A rename names two folders and is one step, so that
    /// syncing the one it leads to is enough.)
    ///
    /// After a first creation there is nothing to rename.
    ///
    /// # Errors
    /// The new content is in place in any case: [`Error::InPlaceNotDurable`] when a sync failed,
    /// [`Error::BackupNotNamed`] when the previous version stays where it is.
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    pub fn keep_as(self, folder: &Folder, name: &str) -> Result<(), Error> {
        let Some(old) = &self.old else {
            return self.sync(None);
        };
        let backup = folder
            .at(name)
            .map_err(Error::io("name", &folder.path().join(name)))?;
        let named = give_name(old, &backup);
        self.sync(Some(folder))?;
        // What was copied goes only now that the copy's name is durable.
        let done = named.and_then(|named| match named {
            Named::Renamed => Ok(()),
            Named::Copied => old.remove(),
        });
        done.map_err(|source| Error::BackupNotNamed {
            path: self.live().to_path_buf(),
            kept: old.path().to_path_buf(),
            backup: backup.path().to_path_buf(),
            source,
        })
    }

    /// Removes the previous version and makes the change durable.
    ///
    /// # Errors
    /// [`Error::InPlaceNotDurable`].
    pub fn discard(self) -> Result<(), Error> {
        // Durable first: until then the old version is the only one that surely survives.
        self.sync(None)?;
        if let Some(old) = &self.old {
            old.remove()
                .map_err(Error::io("remove the previous version", old.path()))?;
        }
        Ok(())
    }

    fn live(&self) -> &Path {
        self.guard.target().path()
    }

    fn sync(&self, other: Option<&Folder>) -> Result<(), Error> {
        let live = &self.guard.context().live.folder;
        let other = other.filter(|other| other.path() != live.path());
        for folder in std::iter::once(live).chain(other) {
            folder.sync().map_err(|source| Error::InPlaceNotDurable {
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
fn give_name(old: &At, backup: &At) -> io::Result<Named> {
    let shared = matches!(old.look(), Ok(Some(meta)) if meta.links > 1);
    if !shared {
        match old.rename_new_at_once(backup) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            other => return other.map(|()| Named::Renamed),
        }
    }
    // Another file system; or a file with other names, through which somebody could change the backup.
    copy_to(old, backup).map(|()| Named::Copied)
}

fn copy_to(old: &At, backup: &At) -> io::Result<()> {
    let mut source = old.open(Access::Read)?;
    let mut copy = backup.create()?;
    // The copy is whose the original is: nobody gets to read more than before.
    sys::give_as(&source, &copy).ok();
    let done = io::copy(&mut source, &mut copy).and_then(|_| sys::sync_file(&copy));
    if done.is_err() {
        backup.remove().ok();
    }
    done
}
