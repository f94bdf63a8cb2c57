//! The few names that a save uses on its way.

use std::ffi::{OsStr, OsString};
use std::io;

use crate::at::At;
use crate::error::Error;
use crate::file_lock::Place;
use crate::folder::Folder;
use crate::sys;
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
pub(crate) fn at(place: &Place, name: Name) -> At {
    match place.scratch_beside {
        true => At::new(&place.scratch, beside(place.live.name(), name)),
        false => At::new(&place.scratch, name.text()),
    }
}

/// Where a file of that name lies for those who have no lock.
pub(crate) fn place_of(
    folder: &Folder,
    state: &Folder,
    live: &OsStr,
    name: Name,
) -> io::Result<At> {
    if sys::same_mount(folder, state) {
        return Ok(At::new(state, name.text()));
    }
    Ok(At::new(
        &folder.with_keeper(*state.keeper())?,
        beside(live, name),
    ))
}

fn beside(live: &OsStr, name: Name) -> OsString {
    let mut file = OsString::from(".");
    file.push(live);
    file.push(".persist-");
    file.push(name.text());
    file
}

/// Those of the names that exist. Something that is no regular file is an error: it is not ours.
pub(crate) fn leftovers(place: &Place) -> Result<Vec<At>, Error> {
    let mut found = Vec::new();
    for name in Name::ALL {
        let at = at(place, name);
        let meta = at.look().map_err(Error::io("examine", at.path()))?;
        if let Some(meta) = meta {
            check_regular(at.path(), &meta)?;
            found.push(at);
        }
    }
    Ok(found)
}

/// Removes what a dead writer left; call only with the lock held.
pub(crate) fn clear(place: &Place) -> Result<(), Error> {
    for at in leftovers(place)? {
        at.remove()
            .map_err(Error::io("remove the leftover", at.path()))?;
    }
    Ok(())
}
