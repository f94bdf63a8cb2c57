//! What must be put right before the next writer starts: half-done states that leave no whole live file.

use std::io;

use crate::at::{At, absent_is_none};
use crate::error::Error;
use crate::file_lock::Place;
use crate::folder::read_bounded;
use crate::in_place::{LONGEST, overwrite};
use crate::plan::may_write_into;
use crate::redo;
use crate::scratch::{self, Name};
use crate::sys::{self, Access};

/// How far a write in place had come when its process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The live file holds the old bytes.
    NotBegun,
    /// It holds some of both.
    Torn,
    /// It holds the new bytes.
    Finished,
    /// It holds something else: somebody has edited it since.
    Foreign,
}

/// Finishes a write in place that was interrupted, or takes back a half-done replacement.
pub(crate) fn heal(place: &Place) -> Result<(), Error> {
    let live = &place.live;
    let path = live.path();
    let old = scratch::at(place, Name::Old);
    sys::heal_names(live, &old).map_err(|error| sys::refused(error, "restore", path))?;
    let redo = scratch::at(place, Name::Redo);
    let Some(text) = read(&redo)? else {
        return Ok(());
    };
    // What no writer of ours has written stays: it is looked at as a leftover.
    let Some(after) = redo::decode(&text) else {
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
    if !place.scratch.keeper().trusts(&meta) {
        return Ok(());
    }
    let found = read_bounded(&mut file, LONGEST).map_err(Error::io("read", path))?;
    let wanted = match progress(&found, before.as_deref(), after) {
        // The new content is in the stage, too, and looked at as a leftover. Without the old there is nothing to tell by.
        Progress::Foreign if before.is_some() => return remove(&redo),
        Progress::Foreign => return Ok(()),
        Progress::NotBegun => before.as_deref().unwrap_or_default(),
        Progress::Torn | Progress::Finished => after,
    };
    may_write_into(path, meta.links, place.options)?;
    // Also what looks right is written again: whether it was ever synced is unknown.
    overwrite(&mut file, wanted).map_err(Error::io("finish writing in place", path))?;
    tracing::warn!(path = %path.display(), "settled a write in place that had been interrupted");
    remove(&redo)
}

fn remove(at: &At) -> Result<(), Error> {
    at.remove().map_err(Error::io("remove", at.path()))
}

/// What may be in a file of ours; `None` for what no writer can have left there.
fn read(at: &At) -> Result<Option<Vec<u8>>, Error> {
    let read = |mut file| match !at.folder.owns(&file)? {
        true => Ok(None),
        false => read_bounded(&mut file, LONGEST + redo::OVERHEAD).map(Some),
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

fn progress(live: &[u8], before: Option<&[u8]>, after: &[u8]) -> Progress {
    let Some(before) = before else {
        return Progress::Foreign;
    };
    if live == after {
        Progress::Finished
    } else if live == before {
        Progress::NotBegun
    } else if is_mix(live, before, after) {
        Progress::Torn
    } else {
        Progress::Foreign
    }
}

/// Every byte is the old one, the new one, or the zero of a block that was never written.
fn is_mix(live: &[u8], before: &[u8], after: &[u8]) -> bool {
    live.len() <= before.len().max(after.len())
        && live.iter().enumerate().all(|(at, byte)| {
            *byte == 0 || before.get(at) == Some(byte) || after.get(at) == Some(byte)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_of_a_write_in_place() {
        let check = |live: &[u8], expected| {
            assert_eq!(progress(live, Some(b"old"), b"newer"), expected);
        };
        check(b"old", Progress::NotBegun);
        check(b"newer", Progress::Finished);
        check(b"nld", Progress::Torn);
        check(b"new", Progress::Torn);
        check(b"newe", Progress::Torn);
        check(b"ol\0\0", Progress::Torn);
        check(b"", Progress::Torn);
        check(b"mine", Progress::Foreign);
        check(b"newer still", Progress::Foreign);
        assert_eq!(progress(b"x", None, b"new"), Progress::Foreign);
    }
}
