//! The state folder of one config file: what lies where.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use persist_lock::Folder;

use crate::path_text;
use crate::state_format::Format;

/// The state folder, by its name and its lock, that a file is in.
pub(crate) fn state_folder_around(file: &Path) -> Option<&Path> {
    let is_one = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') && name.ends_with(".persist") && folder.join("lock").exists()
    };
    file.ancestors().skip(1).find(is_one)
}

pub(crate) const JOURNAL: &str = "journal";
pub(crate) const BACKUPS: &str = "backups";
pub(crate) const QUARANTINE: &str = "quarantine";
/// What migrations dropped, kept for the way back.
pub(crate) const COMPLEMENTS: &str = "complements";
/// What is locked; persist-lock's.
pub(crate) const LOCK: &str = "lock";
/// A second copy of the live content, for the day the live file is damaged.
pub(crate) const MIRROR: &str = "mirror";
/// What becomes a backup where the mirror does not hold it.
pub(crate) const SPARE: &str = "backup.new";
/// What save n replaced: `stage-<n>`.
pub(crate) const STAGE: &str = "stage-";

/// Why a copy was kept of what somebody else saved at the moment of a save.
pub(crate) const OVERTAKEN: &str = "saved by something else during a save";
/// Why a copy was kept of what the next save found in the place of the replaced file.
pub(crate) const FOUND: &str = "found in the place of a replaced file";

/// Where the state folder says whose it is, if the caller chose its place.
const SIGN: &str = "of";
const NEW_SIGN: &str = "of.new";
pub(crate) const LONGEST_PATH: u64 = 64 * 1024;

/// Makes a folder that the caller chose say which file it serves, durably: a file that was moved takes its folder along.
pub(crate) fn claim(state: &Folder, live: &Path) -> io::Result<()> {
    let ours = std::path::absolute(live)?;
    let mut file = state.recreate(NEW_SIGN)?;
    file.write_all(ours.as_os_str().as_encoded_bytes())?;
    persist_lock::sync_file(&file)?;
    drop(file);
    state.rename_over(NEW_SIGN, SIGN)?;
    state.sync()
}

/// Whose history a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// There is no such folder, or no history in it.
    Nothing,
    /// It says that it is this file's.
    Ours,
    /// It does not say, or names a file that is gone: a file that is moved takes its history along.
    Unclaimed,
    /// It is that of another file, which is there.
    Anothers(PathBuf),
}

/// Whose history is in a folder of this format that is not the one beside `live`.
pub(crate) fn kept_in(state: &Folder, format: Format, live: &Path) -> io::Result<Ownership> {
    if format == Format::Elsewhere {
        // One beside a file that says where its history is, or said so of a file that is gone.
        let theirs = beside_which(state.path());
        let theirs = theirs.unwrap_or_else(|| state.path().to_path_buf());
        return Ok(Ownership::Anothers(theirs));
    }
    let ours = std::path::absolute(live)?;
    match sign(state)? {
        Some(theirs) if theirs == ours => Ok(Ownership::Ours),
        Some(theirs) if theirs.exists() => Ok(Ownership::Anothers(theirs)),
        Some(_) => Ok(Ownership::Unclaimed),
        // One beside a file says by its name whose it is.
        None => match beside_which(state.path()).filter(|theirs| theirs.exists()) {
            Some(theirs) => Ok(Ownership::Anothers(theirs)),
            None if state.has(SIGN)? || has_history(state)? => Ok(Ownership::Unclaimed),
            None => Ok(Ownership::Nothing),
        },
    }
}

/// The file that a folder of this path is beside.
fn beside_which(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name()?.to_str()?;
    let name = name.strip_prefix('.')?.strip_suffix(".persist")?;
    (!name.is_empty()).then(|| folder.with_file_name(name))
}

/// Whether anything was ever kept in a state folder.
pub(crate) fn has_history(state: &Folder) -> io::Result<bool> {
    for name in [JOURNAL, BACKUPS] {
        match state.folder(name) {
            Ok(folder) if !folder.list()?.is_empty() => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Whatever it is, it is not nothing.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    state.has(MIRROR)
}

/// Whose the folder says it is. What may be another's text says nothing, and is not shown.
fn sign(state: &Folder) -> io::Result<Option<PathBuf>> {
    match state.read_judged(SIGN, LONGEST_PATH) {
        Ok((theirs, true)) => Ok(Some(path_text::from_bytes(theirs))),
        Ok((_, false)) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps what is in a new state folder out of version control: backups hold secrets of long ago.
pub(crate) fn ignore(state: &Folder) -> io::Result<()> {
    match state.create(".gitignore") {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
