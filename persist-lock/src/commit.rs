//! The one step at which new content becomes the live file.

use std::fs::File;
use std::io;

use crate::at::At;
use crate::displaced::Displaced;
use crate::error::Error;
use crate::how::How;
use crate::in_place;
use crate::plan::{self, Way};
use crate::scratch::Name;
use crate::stage::{CommitError, Staged};
use crate::sys::{self, Access};
use crate::target;

impl<'guard> Staged<'guard> {
    /// Puts the new content in the live file's place, atomically, after checking that the lock is
    /// still held; [`sync`](Self::sync) is done first where it was not.
    ///
    /// The new name is durable only after [`Displaced::keep_as`] or [`Displaced::discard`].
    ///
    /// # Errors
    /// [`CommitError::NotReplaced`] hands the stage back: nothing changed.
    /// [`CommitError::InPlaceNotDurable`]: the change is there.
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    pub fn commit(mut self) -> Result<Displaced<'guard>, CommitError<'guard>> {
        let ready = self
            .sync()
            .and_then(|()| self.guard().verify())
            .and_then(|()| recheck(&self));
        match ready {
            Ok(Way::Create) => create(self),
            Ok(Way::Replace) => replace(self),
            Ok(Way::InPlace) => in_place::commit(self),
            Err(source) => Err(self.not_replaced(source)),
        }
    }
}

/// The way that the live file allows *now*: it may have come or gone since it was staged for.
fn recheck(staged: &Staged<'_>) -> Result<Way, Error> {
    let context = staged.guard().context();
    let live = &context.live;
    match (staged.way, target::live(live)?) {
        (Way::Create, Some(_)) => Err(Error::Changed {
            path: live.path().to_path_buf(),
        }),
        (_, None) => Ok(Way::Create),
        (Way::Replace, Some(meta)) => {
            // Others may have come to know it by another name since.
            plan::may_part(live.path(), &meta, context.options)?;
            Ok(Way::Replace)
        }
        (way, Some(_)) => Ok(way),
    }
}

/// First creation: of several who try, one wins.
fn create(staged: Staged<'_>) -> Result<Displaced<'_>, CommitError<'_>> {
    let live = staged.guard().context().live.clone();
    match staged.at.rename_new(&live) {
        Ok(()) => Ok(Displaced::new(staged, None, How::Created)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let path = live.path().to_path_buf();
            Err(staged.not_replaced(Error::Changed { path }))
        }
        Err(error) => {
            let source = sys::refused(error, "create", live.path());
            Err(staged.not_replaced(source))
        }
    }
}

fn replace(staged: Staged<'_>) -> Result<Displaced<'_>, CommitError<'_>> {
    let live = staged.guard().context().live.clone();
    let old = staged.guard().context().scratch.at(Name::Old);
    match sys::exchange(live.name_in(), staged.at.name_in(), old.name_in()) {
        Ok(How::Exchange) => {
            let place = staged.at.clone();
            Ok(Displaced::new(staged, Some(place), How::Exchange))
        }
        Ok(how) => Ok(Displaced::renamed(staged, old, how)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            replace_by_rename(staged, &live, old)
        }
        // It has gone since it was staged for.
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(staged),
        Err(error) => refused(staged, error),
    }
}

/// Without an exchange: give the old content a second name first, then rename over the live one.
fn replace_by_rename<'guard>(
    staged: Staged<'guard>,
    live: &At,
    old: At,
) -> Result<Displaced<'guard>, CommitError<'guard>> {
    let how = match preserve(live, &old) {
        Ok(how) => how,
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return create(staged);
        }
        Err(source) => return Err(staged.not_replaced(source)),
    };
    match staged.at.rename_over(live) {
        Ok(()) => Ok(Displaced::renamed(staged, old, how)),
        Err(error) => {
            old.remove().ok();
            refused(staged, error)
        }
    }
}

fn refused(staged: Staged<'_>, error: io::Error) -> Result<Displaced<'_>, CommitError<'_>> {
    if sys::is_busy(&error) && staged.guard().context().options.in_place {
        return in_place::commit(staged);
    }
    let live = staged.target().to_path_buf();
    let source = if sys::is_busy(&error) {
        Error::Busy {
            path: live,
            source: error,
        }
    } else {
        sys::refused(error, "replace", &live)
    };
    Err(staged.not_replaced(source))
}

/// Keeps the live file's content under a second, durable name: shared blocks, else a second name
/// for the file itself, else a copy.
fn preserve(live: &At, old: &At) -> Result<How, Error> {
    // What a dead writer left.
    old.remove()
        .map_err(Error::io("remove the leftover", old.path()))?;
    let how = match copy_by(live, old, sys::reflink) {
        Ok(()) => How::Reflink,
        Err(_) if has_one_name(live) && live.link_to(old).is_ok() => How::Link,
        Err(_) => {
            copy_by(live, old, copy_bytes)?;
            How::Copy
        }
    };
    // Before the live name changes: else a power cut could leave the old content without a name.
    old.folder
        .sync()
        .map_err(Error::io("sync the folder of", old.path()))?;
    Ok(how)
}

/// A file that has other names could be changed through them, so it is no safe place for old content.
fn has_one_name(live: &At) -> bool {
    matches!(live.look(), Ok(Some(meta)) if meta.links == 1)
}

fn copy_bytes(mut source: &File, mut copy: &File) -> io::Result<()> {
    io::copy(&mut source, &mut copy).map(drop)
}

fn copy_by(
    live: &At,
    old: &At,
    copy_content: impl FnOnce(&File, &File) -> io::Result<()>,
) -> Result<(), Error> {
    let (source, meta) = live
        .open_known(Access::Read)
        .map_err(Error::io("open", live.path()))?;
    let copy = old
        .create()
        .map_err(|error| sys::refused(error, "create", old.path()))?;
    let done = copy_content(&source, &copy).and_then(|()| {
        // A copy that can't have the owner stays private, which is as good for a backup.
        sys::copy_metadata(live.path(), (&source, &meta), &copy).ok();
        sys::sync_file(&copy)
    });
    if done.is_err() {
        old.remove().ok();
    }
    done.map_err(Error::io("copy to", old.path()))
}
