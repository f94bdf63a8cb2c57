//! How the system's own calls are made: names as they take them, the numbers of their errors, and patience with those who
//! have a file open for a moment.

use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use winsafe::{MoveFileEx, co};

pub(super) const INVALID_FUNCTION: i32 = 1;
pub(super) const ACCESS_DENIED: i32 = 5;
pub(super) const INVALID_HANDLE: i32 = 6;
pub(super) const SHARING_VIOLATION: i32 = 32;
pub(super) const LOCK_VIOLATION: i32 = 33;
pub(super) const NOT_SUPPORTED: i32 = 50;
const CANT_RESOLVE_FILENAME: i32 = 1921;

/// Names of so many UTF-16 units, the closing zero counted, are too long in plain form.
const MAX_PATH: usize = 260;
const LONGEST_PAUSE: Duration = Duration::from_millis(1024);

/// Renames unless `to` exists.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (name(from)?, name(to)?);
    patiently(is_passing, || {
        MoveFileEx(&from, Some(&to), co::MOVEFILE::WRITE_THROUGH).map_err(os_error)
    })
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
pub(crate) fn is_passing(error: &io::Error) -> bool {
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

pub(crate) fn is_contended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(INVALID_FUNCTION | NOT_SUPPORTED))
}

pub(crate) fn is_symlink_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(CANT_RESOLVE_FILENAME)
}

#[cfg(test)]
mod tests {
    use super::*;

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
