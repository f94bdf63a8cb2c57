//! Where the history of a file is kept: in the folder beside it, or in another that this one names.
//!
//! Everybody who comes to a file comes by its name, so the folder beside it is the one place that all of them know. If its
//! history was put elsewhere (`Options::state_dir`), the file `elsewhere` in there says where, as an absolute path, and the
//! folder is of format [`ELSEWHERE`](crate::state_format::ELSEWHERE), at which an older persist stops instead of
//! beginning a second history. What is believed of it is decided here, without a look at the disk.

use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use persist_lock::Folder;

use crate::error::HistoryTrouble;
use crate::path_text;
use crate::place::{self, LONGEST_PATH, Ownership};
use crate::state_format::{self, Format};

const POINTER: &str = "elsewhere";
const NEW_POINTER: &str = "elsewhere.new";

/// What the folder beside a file says of the file's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HistoryPointer {
    /// There is none yet.
    Nothing,
    /// It is in this very folder.
    Here,
    /// It is in another folder, of this path.
    There(PathBuf),
    /// It is in another folder, but which can't be read, or could be somebody else's word.
    Unclear,
}

/// Where the history is to be looked for and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In the folder beside the file.
    Beside,
    /// In the folder that the folder beside the file names.
    Pointed,
    /// In the folder that the caller named, which the folder beside the file is to name from now on.
    Given,
}

/// A folder that the caller named, and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Given<'a> {
    pub(crate) path: &'a Path,
    /// Is it the folder that the one beside the file names?
    pub(crate) is_pointed: bool,
    pub(crate) kept: Ownership,
}

/// Where the history is, from what the folder beside the file says, what the caller named, and what is in the folder
/// `pointed` to. Nothing is decided that would leave a history behind unread or split one.
pub(crate) fn decide(
    said: &HistoryPointer,
    beside: &Path,
    given: Option<&Given<'_>>,
    pointed: &Ownership,
) -> Result<Home, HistoryTrouble> {
    let beside = beside.to_path_buf();
    let kept_at = |at: &Path, given: &Path| HistoryTrouble::Elsewhere {
        at: at.to_path_buf(),
        given: given.to_path_buf(),
    };
    match (said, given) {
        (HistoryPointer::Nothing | HistoryPointer::Here, None) => Ok(Home::Beside),
        (HistoryPointer::Nothing, Some(_)) => Ok(Home::Given),
        (HistoryPointer::Here, Some(given)) => Err(kept_at(&beside, given.path)),
        // Found again, where what pointed to it has been damaged.
        (HistoryPointer::Unclear, Some(given)) if given.kept == Ownership::Ours => Ok(Home::Given),
        (HistoryPointer::Unclear, _) => Err(HistoryTrouble::Unclear { beside }),
        (HistoryPointer::There(at), given) => match (pointed, given) {
            (Ownership::Ours, None) => Ok(Home::Pointed),
            // By the caller's own word it may as well be one whose file was moved.
            (Ownership::Ours | Ownership::Unclaimed, Some(given)) if given.is_pointed => {
                Ok(Home::Pointed)
            }
            (Ownership::Ours | Ownership::Unclaimed, Some(given)) => Err(kept_at(at, given.path)),
            // The folder was moved, and the caller says where to.
            (Ownership::Nothing | Ownership::Anothers(_), Some(given))
                if given.kept == Ownership::Ours =>
            {
                Ok(Home::Given)
            }
            (Ownership::Nothing, _) => Err(HistoryTrouble::Gone {
                at: at.clone(),
                beside,
            }),
            (Ownership::Unclaimed | Ownership::Anothers(_), _) => Err(HistoryTrouble::NotOurs {
                at: at.clone(),
                beside,
            }),
        },
    }
}

/// What a folder beside a file says that is of this format.
///
/// # Errors
/// What the operating system says. Whatever is wrong with the file itself makes what it says unclear.
pub(crate) fn said(beside: &Folder, format: Format) -> io::Result<HistoryPointer> {
    if format != Format::Elsewhere {
        return Ok(match place::has_history(beside)? {
            true => HistoryPointer::Here,
            false => HistoryPointer::Nothing,
        });
    }
    match beside.read_owners(POINTER, LONGEST_PATH) {
        Ok(path) => Ok(place_of(path).map_or(HistoryPointer::Unclear, HistoryPointer::There)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
                Ok(HistoryPointer::Unclear)
            }
            _ => Err(error),
        },
    }
}

/// The path, if it is one as [`point`] writes them: it leads to one place, whoever follows it and from wherever.
fn place_of(bytes: Vec<u8>) -> Option<PathBuf> {
    let path = path_text::from_bytes(bytes);
    let plain = path
        .components()
        .all(|part| !matches!(part, Component::ParentDir | Component::CurDir));
    // Nor would a line break be ours: it could pass for another line of a message.
    let bytes = path.as_os_str().as_encoded_bytes();
    let whole = !bytes.iter().any(u8::is_ascii_control);
    (path.is_absolute() && plain && whole && path.file_name().is_some()).then_some(path)
}

/// Makes the folder beside a file say that the history is in the folder at `path`, durably. Needs the exclusive lock, and a
/// folder at `path` that says whose it is. The path comes before the format that says it counts: a crash in between leaves a
/// folder that says nothing.
pub(crate) fn point(beside: &Folder, path: &Path) -> io::Result<()> {
    if path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .any(u8::is_ascii_control)
    {
        let message = "its path holds a control character";
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, message));
    }
    let mut file = beside.recreate(NEW_POINTER)?;
    file.write_all(path.as_os_str().as_encoded_bytes())?;
    persist_lock::sync_file(&file)?;
    drop(file);
    beside.rename_over(NEW_POINTER, POINTER)?;
    beside.sync()?;
    state_format::mark(beside, state_format::ELSEWHERE)?;
    beside.sync()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a file whose folder beside it says `said`, with `/q` holding what is pointed to, and `/p` given with what it holds.
    fn check(
        said: &HistoryPointer,
        pointed: &Ownership,
        given: Option<Ownership>,
        expected: Result<Home, &str>,
    ) {
        let given = given.map(|kept| Given {
            path: Path::new("/p"),
            is_pointed: false,
            kept,
        });
        let what = format!("{said:?} {pointed:?} {given:?}");
        let home = decide(said, Path::new("/b"), given.as_ref(), pointed);
        let home = home.map_err(|trouble| word(&trouble));
        assert_eq!(home, expected, "{what}");
    }

    fn word(trouble: &HistoryTrouble) -> &'static str {
        match trouble {
            HistoryTrouble::Elsewhere { .. } => "elsewhere",
            HistoryTrouble::Gone { .. } => "gone",
            HistoryTrouble::NotOurs { .. } => "not ours",
            HistoryTrouble::Unclear { .. } => "unclear",
            HistoryTrouble::NotBeside { .. } | HistoryTrouble::Shared { .. } => "of sharing",
        }
    }

    #[test]
    fn where_the_history_is() {
        use Ownership::{Nothing, Ours, Unclaimed};
        let another = Ownership::Anothers("/other".into());
        let there = HistoryPointer::There("/q".into());
        // Nobody named a folder.
        check(&HistoryPointer::Nothing, &Nothing, None, Ok(Home::Beside));
        check(&HistoryPointer::Here, &Nothing, None, Ok(Home::Beside));
        check(&HistoryPointer::Unclear, &Nothing, None, Err("unclear"));
        check(&there, &Ours, None, Ok(Home::Pointed));
        check(&there, &Nothing, None, Err("gone"));
        check(&there, &Unclaimed, None, Err("not ours"));
        check(&there, &another, None, Err("not ours"));
        // The caller named another one.
        for kept in [Nothing, Ours, Unclaimed, another.clone()] {
            let or = |trouble| match kept == Ours {
                true => Ok(Home::Given),
                false => Err(trouble),
            };
            let kept = || Some(kept.clone());
            check(&HistoryPointer::Nothing, &Nothing, kept(), Ok(Home::Given));
            check(&HistoryPointer::Here, &Nothing, kept(), Err("elsewhere"));
            check(&HistoryPointer::Unclear, &Nothing, kept(), or("unclear"));
            check(&there, &Ours, kept(), Err("elsewhere"));
            check(&there, &Unclaimed, kept(), Err("elsewhere"));
            check(&there, &Nothing, kept(), or("gone"));
            check(&there, &another, kept(), or("not ours"));
        }
    }

    #[test]
    fn the_folder_that_is_pointed_to_by_name() {
        for (kept, expected) in [
            (Ownership::Ours, Ok(Home::Pointed)),
            (Ownership::Unclaimed, Ok(Home::Pointed)),
            (Ownership::Nothing, Err("gone")),
            (Ownership::Anothers("/other".into()), Err("not ours")),
        ] {
            let given = Given {
                path: Path::new("/q"),
                is_pointed: true,
                kept: kept.clone(),
            };
            let said = HistoryPointer::There("/q".into());
            let home = decide(&said, Path::new("/b"), Some(&given), &kept);
            assert_eq!(home.map_err(|t| word(&t)), expected, "{kept:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_leads_to_one_place() {
        for (bytes, expected) in [
            (&b"/mnt/state"[..], true),
            (b"/mnt/st\xffte", true),
            (b"/mnt/a b c", true),
            (b"/mnt/a\nb", false),
            (b"", false),
            (b"/", false),
            (b"state", false),
            (b"./state", false),
            (b"../state", false),
            (b"/mnt/../etc", false),
            (b"/mnt/state/..", false),
            (b"/mnt/\0", false),
        ] {
            let found = place_of(bytes.to_vec());
            assert_eq!(found.is_some(), expected, "{found:?}");
        }
    }
}
