//! The few names that a save uses on its way.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::file_lock::Place;
use crate::sys;
use crate::target::{Target, check_regular};

/// A file that exists only during a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The new content before the commit; where files are exchanged, the old afterwards.
    Stage,
    /// The old content, where files can't be exchanged.
    Old,
    /// The new content while it is being written in place.
    Redo,
}

impl Name {
    const ALL: [Self; 3] = [Self::Stage, Self::Old, Self::Redo];

    fn text(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Old => "old",
            Self::Redo => "redo",
        }
    }
}

/// In the state folder, or beside the live file when the state folder is on another file system,
/// from which nothing can be renamed.
pub(crate) fn path(place: &Place, name: Name) -> PathBuf {
    if place.scratch_beside {
        return path_beside(&place.target, name);
    }
    place.state_dir.join(name.text())
}

/// Where a file of that name lies for those who have no lock.
pub(crate) fn path_for(target: &Target, state_dir: &Path, name: Name) -> PathBuf {
    if sys::same_mount(target.folder(), state_dir) {
        return state_dir.join(name.text());
    }
    path_beside(target, name)
}

fn path_beside(target: &Target, name: Name) -> PathBuf {
    let mut file = OsString::from(".");
    file.push(target.name());
    file.push(".persist-");
    file.push(name.text());
    target.folder().join(file)
}

/// Those of the names that exist. Something that is no regular file is an error: it is not ours.
pub(crate) fn leftovers(place: &Place) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for name in Name::ALL {
        let path = path(place, name);
        match fs::symlink_metadata(&path) {
            Ok(meta) => {
                check_regular(&path, &meta)?;
                found.push(path);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("examine", &path)(error)),
        }
    }
    Ok(found)
}

/// Removes what a dead writer left; call only with the lock held.
pub(crate) fn clear(place: &Place) -> Result<(), Error> {
    for path in leftovers(place)? {
        sys::remove_file(&path).map_err(Error::io("remove the leftover", &path))?;
    }
    Ok(())
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match sys::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
