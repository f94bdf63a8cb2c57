//! Putting one file in the place of another: `ReplaceFileW` with a backup name.

use std::io;
use std::path::Path;

use winsafe::{ReplaceFile, co};

use super::calls_windows::{is_passing, move_new, name, os_error, patiently};
use super::dir_windows::{NameIn, path};
use crate::how::How;

const UNABLE_TO_REMOVE_REPLACED: i32 = 1175;
const UNABLE_TO_MOVE_REPLACEMENT: i32 = 1176;
const UNABLE_TO_MOVE_REPLACEMENT_2: i32 = 1177;

/// Puts `stage` in the place of `live`; the old content is at `old` then. What is there while there is no live file was being
/// replaced.
pub(crate) fn exchange(live: NameIn<'_>, stage: NameIn<'_>, old: NameIn<'_>) -> io::Result<How> {
    replace_by(&path(stage), &path(live), Some(&path(old)))?;
    Ok(How::ReplaceFile)
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: NameIn<'_>, live: NameIn<'_>) -> io::Result<()> {
    replace_by(&path(new), &path(live), None)
}

/// `ReplaceFileW` is not atomic: it may stop when the old file has lost its name and the new one
/// has not got it yet. That state is finished here, and by the next writer after a crash.
fn replace_by(new: &Path, live: &Path, old: Option<&Path>) -> io::Result<()> {
    let (new_name, live_name) = (name(new)?, name(live)?);
    let old_name = old.map(name).transpose()?;
    finished(new, live, old, || {
        ReplaceFile(
            &live_name,
            &new_name,
            old_name.as_deref(),
            co::REPLACEFILE::IGNORE_MERGE_ERRORS,
        )
        .map_err(os_error)
    })
}

/// Calls `replace` until it has done all or nothing, whatever it leaves half-done.
fn finished(
    new: &Path,
    live: &Path,
    old: Option<&Path>,
    replace: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    // Where both files have kept their names, nothing has happened yet, and it can be tried again.
    let again = |error: &io::Error| is_passing(error) || (is_not_moved(error) && live.exists());
    match patiently(again, replace) {
        Err(error) if is_not_moved(&error) && !live.try_exists()? => {
            if let Err(error) = move_new(new, live) {
                if let Some(old) = old {
                    move_new(old, live)?;
                }
                return Err(error);
            }
            Ok(())
        }
        other => other,
    }
}

/// What `ReplaceFileW` says when one of its two renames failed. Which names the files have then depends on the error and
/// on whether there was a backup name; it is looked up, not inferred.
pub(super) fn is_not_moved(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(UNABLE_TO_REMOVE_REPLACED | UNABLE_TO_MOVE_REPLACEMENT | UNABLE_TO_MOVE_REPLACEMENT_2)
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::calls_windows;
    use super::*;

    /// What a replacement that stops half-way comes to: `half` does what it has done before it says `code`, once.
    fn check(code: i32, half: impl Fn(&Path, &Path), expected: (&str, Option<&str>)) {
        let folder = tempfile::tempdir().expect("a folder");
        let [new, live, old] = ["new", "live", "old"].map(|name| folder.path().join(name));
        fs::write(&new, "new").expect("the new file");
        fs::write(&live, "old").expect("the old file");
        let mut stopped = false;
        let done = finished(&new, &live, Some(&old), || {
            if !stopped {
                stopped = true;
                half(&live, &old);
                return Err(io::Error::from_raw_os_error(code));
            }
            fs::rename(&live, &old).and_then(|()| fs::rename(&new, &live))
        });
        done.expect("finished");
        let text = |path: &Path| fs::read_to_string(path).ok();
        assert_eq!(text(&live).as_deref(), Some(expected.0), "{code}");
        assert_eq!(text(&old).as_deref(), expected.1, "{code}");
        assert_eq!(text(&new), None, "{code}");
    }

    #[test]
    fn what_has_not_begun_is_tried_again() {
        for code in [
            calls_windows::ACCESS_DENIED,
            calls_windows::SHARING_VIOLATION,
            calls_windows::LOCK_VIOLATION,
            UNABLE_TO_REMOVE_REPLACED,
            UNABLE_TO_MOVE_REPLACEMENT,
        ] {
            check(code, |_, _| {}, ("new", Some("old")));
        }
    }

    #[test]
    fn what_is_half_done_is_finished() {
        let moved = |live: &Path, old: &Path| fs::rename(live, old).expect("moved");
        check(UNABLE_TO_MOVE_REPLACEMENT_2, moved, ("new", Some("old")));
        let gone = |live: &Path, _: &Path| fs::remove_file(live).expect("gone");
        check(UNABLE_TO_MOVE_REPLACEMENT, gone, ("new", None));
    }

    #[test]
    fn what_cannot_be_finished_is_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let [new, live, old] = ["new", "live", "old"].map(|name| folder.path().join(name));
        fs::write(&live, "old").expect("the old file");
        let failed = finished(&new, &live, Some(&old), || {
            fs::rename(&live, &old)?;
            Err(io::Error::from_raw_os_error(UNABLE_TO_MOVE_REPLACEMENT_2))
        });
        assert!(failed.is_err(), "there is no new file");
        assert_eq!(fs::read_to_string(&live).ok().as_deref(), Some("old"));
    }
}
