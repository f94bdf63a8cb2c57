//! The state folder of one config file: what lies where.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use persist_backup::Id;
use persist_lock::Folder;

use crate::path_text;

/// The state folder, by its name and its lock, that a file is in.
pub(crate) fn state_folder_around(file: &Path) -> Option<&Path> {
    let is_one = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') && name.ends_with(".persist") && folder.join("lock").exists()
    };
    file.ancestors().skip(1).find(is_one)
}

/// `.NAME.persist/` beside the file `NAME`, or wherever the caller put it.
pub(crate) fn root_of(live: &Path, moved: Option<&Path>) -> PathBuf {
    moved.map_or_else(|| persist_lock::state_dir_for(live), Path::to_path_buf)
}

pub(crate) const JOURNAL: &str = "journal";
pub(crate) const BACKUPS: &str = "backups";
pub(crate) const QUARANTINE: &str = "quarantine";
/// What migrations dropped, kept for the way back.
pub(crate) const COMPLEMENTS: &str = "complements";
/// A second copy of the live content, for the day the live file is damaged.
pub(crate) const MIRROR: &str = "mirror";
/// What becomes a backup where the mirror does not hold it.
pub(crate) const SPARE: &str = "backup.new";

/// The content that the journal names `backups/ID` or, if it was damaged, `quarantine/ID`: the folder, and its name there.
/// Any other text is none, whatever a journal made to do harm says: it could lead out of the state folder.
pub(crate) fn kept_as(name: &str) -> Option<(&'static str, Id)> {
    let (folder, id) = name.split_once('/')?;
    let folder = [BACKUPS, QUARANTINE].into_iter().find(|f| *f == folder)?;
    Some((folder, id.parse().ok()?))
}

/// Where the state folder says whose it is, if the caller chose its place.
const SIGN: &str = "of";
const NEW_SIGN: &str = "of.new";
const LONGEST_PATH: u64 = 64 * 1024;

/// A folder that the caller chose serves one file: it says which. Returns the other that it belongs to, if that is
/// still there; a file that was moved takes its folder along.
pub(crate) fn claim(state: &Folder, live: &Path) -> io::Result<Option<PathBuf>> {
    let ours = std::path::absolute(live)?;
    match sign(state)? {
        Some(theirs) if theirs == ours => return Ok(None),
        Some(theirs) if theirs.exists() => return Ok(Some(theirs)),
        _ => {}
    }
    state
        .recreate(NEW_SIGN)?
        .write_all(ours.as_os_str().as_encoded_bytes())?;
    state.rename_over(NEW_SIGN, SIGN)?;
    Ok(None)
}

/// The other file that such a folder says it belongs to, if that is there. Changes nothing.
pub(crate) fn taken_by(state: &Folder, live: &Path) -> io::Result<Option<PathBuf>> {
    let ours = std::path::absolute(live)?;
    Ok(sign(state)?.filter(|theirs| *theirs != ours && theirs.exists()))
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
