//! The state folder, and folders made durable.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::sys;
use crate::target::parent;

/// The default state folder of a file: `.NAME.persist` beside it.
///
/// ```
/// # use std::path::Path;
/// let folder = persist_lock::state_dir_for(Path::new("conf/app.toml"));
/// assert_eq!(folder, Path::new("conf/.app.toml.persist"));
/// ```
pub fn state_dir_for(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".persist");
    parent(path).join(name)
}

/// Creates a folder (not its parents) that only its owner may enter, whatever the umask says; one that is there stays as it is.
///
/// Root gives it the owner of the folder it is in, so that `sudo` once does not lock a user out of
/// their own state for good. The new name is durable on return.
///
/// # Errors
/// [`Error::NotRegular`] if something else has that name (a symbolic link is never followed),
/// [`Error::ParentMissing`], or what the operating system says.
pub fn create_dir_private(path: &Path) -> Result<(), Error> {
    create_dirs_private(&[path])
}

/// Several folders as [`create_dir_private`] makes them; each folder that got a new one is synced once.
///
/// # Errors
/// As [`create_dir_private`]; then some may be there and others not.
pub fn create_dirs_private(paths: &[&Path]) -> Result<(), Error> {
    let mut parents: Vec<&Path> = Vec::new();
    for path in paths {
        if create(path)? && !parents.contains(&parent(path)) {
            parents.push(parent(path));
        }
    }
    parents
        .into_iter()
        .try_for_each(|parent| sync_dir(parent).map_err(Error::io("sync the folder", parent)))
}

/// Whether the folder is new.
fn create(path: &Path) -> Result<bool, Error> {
    match sys::create_private_folder(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            is_folder(path).map(|()| false)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::ParentMissing {
            path: parent(path).to_path_buf(),
        }),
        Err(error) => Err(sys::refused(error, "create the folder", path)),
    }
}

/// Whether what is kept for the file `live` may be kept in this folder: not in one that somebody else has made, in `/tmp` say,
/// who could read it and put links there.
///
/// # Errors
/// [`Error::Io`] for a folder that belongs neither to us, nor to root, nor to the owner of the file or of the folder around it.
pub fn check_owner(folder: &Path, live: &Path) -> Result<(), Error> {
    if sys::is_trusted(folder, live).map_err(Error::io("examine", folder))? {
        return Ok(());
    }
    Err(Error::Io {
        op: "use, because it belongs to somebody else,",
        path: folder.to_path_buf(),
        source: io::ErrorKind::PermissionDenied.into(),
    })
}

fn is_folder(path: &Path) -> Result<(), Error> {
    let meta = fs::symlink_metadata(path).map_err(Error::io("examine", path))?;
    if meta.is_dir() {
        return Ok(());
    }
    Err(Error::Io {
        op: "use as state folder",
        path: path.to_path_buf(),
        source: io::ErrorKind::NotADirectory.into(),
    })
}

/// Makes the names in a folder durable: what was created, renamed or removed there survives a power cut.
///
/// Does as much as the system lets it: file systems that say they can't sync a folder, and some on
/// Windows, are taken at their word.
///
/// # Errors
/// What the operating system says.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    sys::sync_folder(path)
}
