//! What must be put right before the next writer starts: half-done states that leave no whole live file.

use std::io;

use crate::absent::absent_is_none;
use crate::at::At;
use crate::bounded::read_bounded;
use crate::certified::{self, What};
use crate::context::SaveContext;
use crate::error::Error;
use crate::half_replaced;
use crate::in_place::{LONGEST, overwrite, write_new};
use crate::plan::may_write_into;
use crate::scratch::Name;
use crate::sys::{self, Access};
use crate::torn::{Progress, progress};

/// Finishes a write in place that was interrupted, or takes back a half-done replacement.
pub(crate) fn heal(context: &SaveContext) -> Result<(), Error> {
    let live = &context.live;
    let path = live.path();
    let old = context.scratch.at(Name::Old);
    half_replaced::heal_names(live, &old).map_err(|error| sys::refused(error, "restore", path))?;
    let redo = context.scratch.at(Name::Redo);
    let Some(text) = read(&redo)? else {
        return Ok(());
    };
    // What no writer of ours has written stays: it is looked at as a leftover.
    let Some(after) = certified::decode(What::Redo, &text) else {
        return Ok(());
    };
    let before = read(&old)?;
    // One descriptor for all: what is judged and read is what is written.
    let opened = absent_is_none(live.open_known(Access::Lock));
    let (mut file, meta) = match opened {
        Ok(Some(opened)) => opened,
        // It is gone, or somebody has made it read-only since: it is not as it was left.
        Ok(None) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        Err(error) => return Err(Error::io("open", path)(error)),
    };
    // Of somebody else: exchanged for ours meanwhile. It is not what was being written.
    if !context.scratch.folder.policy().trusts(&meta) {
        return Ok(());
    }
    let found = read_bounded(&mut file, LONGEST).map_err(Error::io("read", path))?;
    let progress = progress(&found, before.as_deref(), after);
    let wanted = match progress {
        // The new content is in the stage, too, and looked at as a leftover. Without the old nobody can tell whether the file
        // was touched at all: then this stays to be looked at as well.
        Progress::Foreign if before.is_some() => return remove(&redo),
        Progress::Foreign => return Ok(()),
        Progress::NotBegun => before.as_deref().unwrap_or_default(),
        Progress::Torn | Progress::Finished => after,
    };
    may_write_into(live, &meta, context.options)?;
    if progress == Progress::Torn {
        keep_found(context, &found)?;
    }
    // Also what looks right is written again: whether it was ever synced is unknown.
    overwrite(&mut file, wanted).map_err(Error::io("finish writing in place", path))?;
    tracing::warn!(path = %path.display(), "settled a write in place that had been interrupted");
    remove(&redo)
}

/// Makes what is to be written over durable under a name of its own, for the next look at leftovers: it looks like our torn
/// write, but somebody may have written it since. Whoever dies on the way here, or after it, is followed by another who does
/// the same: what is kept already is not kept twice, and nothing that is kept is written over.
fn keep_found(context: &SaveContext, found: &[u8]) -> Result<(), Error> {
    for number in 1.. {
        let at = context.scratch.at(Name::Found(number));
        let taken = at.look().map_err(Error::io("examine", at.path()))?;
        if taken.is_none() {
            let kept = write_new(&at, &certified::encode(What::Found, found));
            let kept = kept.and_then(|()| at.folder.sync());
            if kept.is_err() {
                at.remove().ok();
            }
            return kept.map_err(Error::io("keep what the file holds at", at.path()));
        }
        let text = read(&at)?.unwrap_or_default();
        if certified::decode(What::Found, &text) == Some(found) {
            let file = at.open(Access::Lock);
            let kept = file.and_then(|file| sys::sync_file(&file));
            let kept = kept.and_then(|()| at.folder.sync());
            return kept.map_err(Error::io("sync", at.path()));
        }
    }
    Ok(())
}

fn remove(at: &At) -> Result<(), Error> {
    at.remove().map_err(Error::io("remove", at.path()))
}

/// What may be in a file of ours; `None` for what no writer can have left there.
fn read(at: &At) -> Result<Option<Vec<u8>>, Error> {
    let read = |mut file| match !at.folder.owns(&file)? {
        true => Ok(None),
        false => read_bounded(&mut file, LONGEST + certified::OVERHEAD).map(Some),
    };
    let found = absent_is_none(at.open(Access::Read).and_then(read));
    match found {
        Ok(bytes) => Ok(bytes.flatten()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::io("read", at.path())(error)),
    }
}
