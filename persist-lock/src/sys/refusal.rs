//! Why something can't be written: asked beforehand, and found out for the message when the system has refused.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use super::dir::{Dir, NameIn};
use super::errno::is_errno;
use super::meta::Meta;
use super::names::marked;
use crate::error::Error;
use crate::paths::parent;
use crate::read_only::ReadOnly;

/// With the rights that count for writing, the effective ones. Android knows no such question, and no programs either
/// that are run with another's rights.
#[cfg(not(target_os = "android"))]
const RIGHTS: AtFlags = AtFlags::EACCESS;
#[cfg(target_os = "android")]
const RIGHTS: AtFlags = AtFlags::empty();

/// A file without any write permission was protected on purpose, also against root.
pub(crate) fn check_writable(
    (dir, name): NameIn<'_>,
    live: &Meta,
    path: &Path,
) -> Result<(), Error> {
    if live.mode & 0o222 == 0 {
        return Err(Error::ReadOnly {
            path: path.to_path_buf(),
            cause: ReadOnly::Protected,
            source: None,
        });
    }
    match accessat(dir.fd(), name, Access::WRITE_OK, RIGHTS) {
        Err(errno @ (Errno::ACCESS | Errno::ROFS | Errno::PERM)) => {
            Err(read_only(errno.into(), path))
        }
        _ => Ok(()),
    }
}

/// In a sticky folder only the owner of the file or of the folder may take its name away.
pub(crate) fn check_sticky(dir: &Dir, live: &Meta, path: &Path) -> Result<(), Error> {
    const STICKY: u32 = 0o1000;
    let folder = dir.known();
    let folder = folder.map_err(Error::io("examine the folder", parent(path)))?;
    let me = dir.caller();
    let mine = me.is_root() || live.owner.user == me.user || folder.owner.user == me.user;
    if folder.mode & STICKY == 0 || mine {
        return Ok(());
    }
    Err(Error::Sticky {
        path: path.to_path_buf(),
        source: Errno::PERM.into(),
    })
}

/// What was tried on the file and refused, by its true cause.
pub(crate) fn refused(source: io::Error, op: &'static str, path: &Path) -> Error {
    if is_errno(&source, &[Errno::ACCESS, Errno::PERM, Errno::ROFS]) {
        return read_only(source, path);
    }
    if source.kind() != io::ErrorKind::Unsupported {
        return Error::io(op, path)(source);
    }
    // What is not permitted was taken for what is not offered, and all that was tried instead was not permitted, either.
    let not_permitted = source
        .get_ref()
        .and_then(|inner| inner.downcast_ref())
        .is_some_and(|inner| is_errno(inner, &[Errno::PERM]));
    match in_the_way(path) {
        (path, cause) if not_permitted && cause != ReadOnly::Refused => Error::ReadOnly {
            path,
            cause,
            source: Some(source),
        },
        _ => Error::NotOffered {
            op,
            path: path.to_path_buf(),
            source,
        },
    }
}

fn read_only(source: io::Error, path: &Path) -> Error {
    let (path, cause) = match is_errno(&source, &[Errno::ROFS]) {
        true => (path.to_path_buf(), ReadOnly::FileSystem),
        false => in_the_way(path),
    };
    Error::ReadOnly {
        path,
        cause,
        source: Some(source),
    }
}

/// The file or its folder, and what keeps it from being changed. Only for the message, so paths will do.
fn in_the_way(path: &Path) -> (PathBuf, ReadOnly) {
    let folder = parent(path);
    let marked = [path, folder]
        .into_iter()
        .find_map(|place| marked(place).map(|cause| (place.to_path_buf(), cause)));
    let forbidden = |place: &Path| {
        let asked = accessat(CWD, place, Access::WRITE_OK, RIGHTS);
        matches!(asked, Err(Errno::ACCESS | Errno::PERM))
    };
    if let Some(found) = marked {
        found
    } else if forbidden(path) {
        (path.to_path_buf(), ReadOnly::File)
    } else if forbidden(folder) {
        (folder.to_path_buf(), ReadOnly::Folder)
    } else {
        (path.to_path_buf(), ReadOnly::Refused)
    }
}
