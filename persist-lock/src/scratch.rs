//! The few names that a save uses on its way.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::file_lock::Place;
use crate::target::check_regular;

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
    if !place.scratch_beside {
        return place.state_dir.join(name.text());
    }
    let mut file = OsString::from(".");
    file.push(place.target.name());
    file.push(".persist-");
    file.push(name.text());
    place.target.folder().join(file)
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
        fs::remove_file(&path).map_err(Error::io("remove the leftover", &path))?;
    }
    Ok(())
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
