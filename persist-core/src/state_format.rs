//! The number that says how a state folder is to be read: the file `format` in it.
//!
//! It is read before anything else. A folder of a higher number than ours was written by a newer persist: nothing in it is
//! believed and nothing is written, while the live file can be read as always. Folders of before there were numbers are
//! format 1. Whatever can be ignored needs no new number: readers keep records and fields that they don't know.

use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use persist_lock::{Folder, Mark};

/// What this build writes, where the history is.
pub(crate) const OURS: u64 = 2;

/// Of the folder beside a file whose history is elsewhere: a lock and a path. Who knows no more than [`OURS`] must not
/// begin a history in there.
pub(crate) const ELSEWHERE: u64 = 3;

/// Of a folder that is shared with a group, and read like [`OURS`]. Who knows no more than [`ELSEWHERE`] must not write there:
/// they would leave files that other members can't read, and not believe theirs.
pub(crate) const SHARED: u64 = 4;

/// The highest that this build knows.
pub(crate) const HIGHEST: u64 = SHARED;

pub(crate) const NAME: &str = "format";
const NEW: &str = "format.new";
/// A number and a line end.
const LONGEST: u64 = 64;

/// The format of a state folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Ours, or an older one that is read alike; the number.
    Known(u64),
    /// There is no history in this folder; it says where that is.
    Elsewhere,
    /// A newer one; its number, if it says one.
    Newer(Option<u64>),
}

/// The format that was read last, and how the file that says so looked from outside.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Option<(Mark, Format)>>);

impl Known {
    /// The format, read again where the file is not the one that was read, or may have been changed in the moment after.
    pub(crate) fn read(&self, state: &Folder) -> io::Result<Format> {
        let mark = state.mark(NAME)?;
        if let Some((known, format)) = &*self.known()
            && *known == mark
        {
            return Ok(*format);
        }
        let settled = mark.length().is_some() && mark.is_settled();
        let format = read(state)?;
        *self.known() = settled.then_some((mark, format));
        Ok(format)
    }

    fn known(&self) -> MutexGuard<'_, Option<(Mark, Format)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the number. Whoever made the file, a number leads nowhere.
pub(crate) fn read(state: &Folder) -> io::Result<Format> {
    match state.read(NAME, LONGEST) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Format::Known(1)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge
            ) =>
        {
            Ok(Format::Newer(None))
        }
        Err(error) => Err(error),
    }
}

fn parse(text: &[u8]) -> Format {
    // Nothing of ours is without its end. What is, somebody was interrupted in writing; the next save writes it again.
    let (number, whole) = match text.strip_suffix(b"\n") {
        Some(number) => (number, true),
        None if text.is_empty() => return Format::Known(1),
        None => (text, false),
    };
    let number = std::str::from_utf8(number)
        .ok()
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    match number.and_then(|text| text.parse().ok()) {
        Some(number @ 1..=OURS) => Format::Known(if whole { number } else { 1 }),
        Some(SHARED) => Format::Known(SHARED),
        Some(ELSEWHERE) => Format::Elsewhere,
        Some(number) => Format::Newer(Some(number)),
        None => Format::Newer(None),
    }
}

/// Makes the folder one of this format of ours. Needs the exclusive lock. The number's name is not durable then, and need not
/// be: a folder without the number is read alike. (Of a shared one older versions have to know.)
pub(crate) fn upgrade(state: &Folder, ours: u64) -> io::Result<()> {
    mark(state, ours)?;
    match ours {
        SHARED => state.sync(),
        _ => Ok(()),
    }
}

/// Gives the folder a number, which is durable before it has its name, or a crash could leave one that says anything.
pub(crate) fn mark(state: &Folder, number: u64) -> io::Result<()> {
    let mut file = state.recreate(NEW)?;
    file.write_all(format!("{number}\n").as_bytes())?;
    persist_lock::sync_file(&file)?;
    drop(file);
    state.rename_over(NEW, NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |text: &str, expected| assert_eq!(parse(text.as_bytes()), expected, "{text:?}");
        check("1\n", Format::Known(1));
        check("2\n", Format::Known(2));
        check("3\n", Format::Elsewhere);
        check("4\n", Format::Known(4));
        check("4", Format::Known(4));
        check("5\n", Format::Newer(Some(5)));
        check("12\n", Format::Newer(Some(12)));
        check("0\n", Format::Newer(Some(0)));
        check("", Format::Known(1));
        check("1", Format::Known(1));
        check("2", Format::Known(1));
        check("3", Format::Elsewhere);
        check("999999999999999999999", Format::Newer(None));
        check("99999999999999999999999\n", Format::Newer(None));
        check("-1\n", Format::Newer(None));
        check("+2\n", Format::Newer(None));
        check("two\n", Format::Newer(None));
        check("\n", Format::Newer(None));
        check("root:x:0:0", Format::Newer(None));
        check("2\n3\n", Format::Newer(None));
    }
}
