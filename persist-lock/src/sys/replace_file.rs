//! Windows' names: `ReplaceFileW` with a backup name, and patience with those who have a file open for a moment.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use winsafe::{MoveFileEx, ReplaceFile, co};

use super::dir_windows::{Access, Meta};
use crate::at::At;
use crate::commit::take_stage_name;
use crate::displaced::How;

pub(super) const ACCESS_DENIED: i32 = 5;
const SHARING_VIOLATION: i32 = 32;
const LOCK_VIOLATION: i32 = 33;
const UNABLE_TO_REMOVE_REPLACED: i32 = 1175;
const UNABLE_TO_MOVE_REPLACEMENT: i32 = 1176;
const UNABLE_TO_MOVE_REPLACEMENT_2: i32 = 1177;

/// Names of so many UTF-16 units, the closing zero counted, are too long in plain form.
const MAX_PATH: usize = 260;
const LONGEST_PAUSE: Duration = Duration::from_millis(1024);

/// Puts `stage` in the place of `live`; with the place of the old content. That passes through `old`: what is there
/// while there is no live file was being replaced.
pub(crate) fn exchange(live: &At, stage: &At, old: &At) -> io::Result<(At, How)> {
    replace_by(stage.path(), live.path(), Some(old.path()))?;
    Ok((take_stage_name(old.clone(), stage), How::ReplaceFile))
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: &At, live: &At) -> io::Result<()> {
    replace_by(new.path(), live.path(), None)
}

/// `ReplaceFileW` is not atomic: it may stop when the old file has lost its name and the new one
/// has not got it yet. That state is finished here, and by [`heal_names`] after a crash.
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

/// Waits for the end of a replacement that seems to be going on. Where a writer died in it, the old
/// file is what the next writer will put back.
pub(crate) fn open_live(live: &At, old: impl Fn() -> Option<At>) -> io::Result<(File, Meta)> {
    let is_there = || old().is_some_and(|old| old.exists()) || live.exists();
    for pause in [1, 2, 5, 10, 20, 50] {
        match live.open_known(Access::Read) {
            Err(error) if is_absent(&error) && is_there() => {}
            Err(error) if is_passing(&error) => {}
            other => return other,
        }
        thread::sleep(Duration::from_millis(pause));
    }
    live.open_known(Access::Read).or_else(|error| match old() {
        Some(old) if is_absent(&error) => old.open_known(Access::Read),
        _ => Err(error),
    })
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn is_half_replaced(live: &At, old: &At) -> bool {
    !live.exists() && old.exists()
}

/// A crash within `ReplaceFileW` can leave the live name free and the old file at its backup name.
pub(crate) fn heal_names(live: &At, old: &At) -> io::Result<()> {
    if is_half_replaced(live, old) {
        rename_new(old, live)?;
    }
    Ok(())
}

/// Renames unless `to` exists.
pub(crate) fn rename_new(from: &At, to: &At) -> io::Result<()> {
    move_new(from.path(), to.path())
}

fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (name(from)?, name(to)?);
    patiently(is_passing, || {
        MoveFileEx(&from, Some(&to), co::MOVEFILE::WRITE_THROUGH).map_err(os_error)
    })
}

/// A leftover that a scanner has open can be removed a moment later.
pub(super) fn remove_path(path: &Path) -> io::Result<()> {
    patiently(is_passing, || fs::remove_file(path))
}

/// Virus scanners and indexers open files for moments; two seconds of ever longer pauses outlast them.
pub(super) fn patiently<T>(
    again: impl Fn(&io::Error) -> bool,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let mut pause = Duration::from_millis(1);
    loop {
        match call() {
            Err(error) if again(&error) && pause <= LONGEST_PAUSE => {
                thread::sleep(pause);
                pause *= 2;
            }
            other => return other,
        }
    }
}

/// What will look otherwise in a moment. "Access denied" may: it is also said of a file that is going to be deleted as soon
/// as the last who has it open closes it.
pub(super) fn is_passing(error: &io::Error) -> bool {
    is_shared(error) || error.raw_os_error() == Some(ACCESS_DENIED)
}

pub(super) fn is_shared(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(SHARING_VIOLATION | LOCK_VIOLATION)
    )
}

/// The name as the system's own calls take it: one that is too long for them only in its "verbatim" form. (`std` does
/// the same for the calls that it makes.)
pub(super) fn name(path: &Path) -> io::Result<String> {
    let absolute = std::path::absolute(path)?;
    let text = absolute.to_str().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidFilename,
            "the name holds unpaired surrogates",
        )
    })?;
    // Bytes are never fewer than the UTF-16 units that count.
    if text.len() < MAX_PATH || text.starts_with(r"\\?\") {
        return Ok(text.to_owned());
    }
    Ok(match text.strip_prefix(r"\\") {
        Some(share) => format!(r"\\?\UNC\{share}"),
        None => format!(r"\\?\{text}"),
    })
}

pub(super) fn os_error(error: co::ERROR) -> io::Error {
    // The bits of a DWORD in either representation.
    io::Error::from_raw_os_error(error.raw() as i32)
}

#[cfg(test)]
mod tests {
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
            ACCESS_DENIED,
            SHARING_VIOLATION,
            LOCK_VIOLATION,
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

    #[test]
    fn long_names_are_verbatim() {
        let long = "x".repeat(300);
        let check = |given: &str, expected: String| {
            assert_eq!(name(Path::new(given)).expect("a name"), expected);
        };
        check(r"C:\a\b", r"C:\a\b".to_owned());
        check(&format!(r"C:\{long}"), format!(r"\\?\C:\{long}"));
        check(&format!(r"\\h\s\{long}"), format!(r"\\?\UNC\h\s\{long}"));
        check(&format!(r"\\?\C:\{long}"), format!(r"\\?\C:\{long}"));
    }
}
