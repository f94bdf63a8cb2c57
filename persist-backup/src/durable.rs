//! Creating a file so that it is there, whole, after a power cut, or not there at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::{Error, backups::UNFINISHED};

/// Whether new content must be on the medium before it gets its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    Yes,
    No,
}

/// Writes `bytes` to a new file in `path`'s folder (mode 0600) and gives it the name `path`, which must be free.
/// The folder is not synced.
pub(crate) fn create_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = unfinished(path, bytes, Sync::Yes)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(failed) => Err(Error::io("create", path)(failed.error)),
    }
}

/// The same for a file that may be there already and can be made again.
pub(crate) fn replace_note(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = unfinished(path, bytes, Sync::No)?;
    match file.persist(path) {
        Ok(_) => Ok(()),
        Err(failed) => Err(Error::io("write", path)(failed.error)),
    }
}

/// The name certifies the content, so it must not exist before the content is synced.
fn unfinished(path: &Path, bytes: &[u8], sync: Sync) -> Result<NamedTempFile, Error> {
    let mut file = Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(parent(path))
        .map_err(Error::io("create a file beside", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    if sync == Sync::Yes {
        file.as_file().sync_all().map_err(Error::io("sync", path))?;
    }
    Ok(file)
}

/// Makes the folder and what is missing above it, each 0700, each entry synced.
pub(crate) fn create_dir(dir: &Path) -> Result<(), Error> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = parent(dir);
    if above != dir {
        create_dir(above)?;
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(false);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) => Err(Error::io("create", dir)(error)),
        Ok(()) => sync_dir(above),
    }
}

/// Makes the entries of a folder durable.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> Result<(), Error> {
    fs::File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("sync", dir))
}

/// Windows has no call for it; NTFS journals the entries.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_: &Path) -> Result<(), Error> {
    Ok(())
}

/// The folder a path is in; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}
