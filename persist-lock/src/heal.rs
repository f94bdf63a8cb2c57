//! What must be put right before the next writer starts: half-done states that leave no whole live file.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::file_lock::Place;
use crate::in_place::overwrite;
use crate::scratch::{self, Name};
use crate::sys;

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
    let live = place.target.path();
    sys::heal_names(live, &scratch::path(place, Name::Old))
        .map_err(|error| sys::refused(error, "restore", live))?;
    let redo = scratch::path(place, Name::Redo);
    let Some(after) = read(&redo)? else {
        return Ok(());
    };
    let before = read(&scratch::path(place, Name::Old))?;
    let found = read(live)?;
    let wanted = match progress(found.as_deref(), before.as_deref(), &after) {
        Progress::Foreign => return Ok(()),
        Progress::NotBegun => before.as_deref().unwrap_or_default(),
        Progress::Torn | Progress::Finished => &after,
    };
    // Also what looks right is written again: whether it was ever synced is unknown.
    let mut file = sys::open_existing(live).map_err(Error::io("open", live))?;
    overwrite(&mut file, wanted).map_err(Error::io("finish writing in place", live))?;
    tracing::warn!(path = %live.display(), "settled a write in place that had been interrupted");
    scratch::remove(&redo).map_err(Error::io("remove", &redo))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

fn progress(live: Option<&[u8]>, before: Option<&[u8]>, after: &[u8]) -> Progress {
    let (Some(live), Some(before)) = (live, before) else {
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
            assert_eq!(progress(Some(live), Some(b"old"), b"newer"), expected);
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
        assert_eq!(progress(None, Some(b"old"), b"new"), Progress::Foreign);
        assert_eq!(progress(Some(b"x"), None, b"new"), Progress::Foreign);
    }
}
