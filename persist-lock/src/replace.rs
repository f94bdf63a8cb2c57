//! Atomic, durable replacement without a lock.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::options::Options;
use crate::plan::{self, Way};
use crate::sys;
use crate::target::Target;

/// What [`replace`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The real path that was written, links resolved.
    pub path: PathBuf,
    /// Was there no file before?
    pub created: bool,
    /// Its length now, in bytes.
    pub len: u64,
}

/// Replaces the content of `path` atomically and durably: after a crash at any moment it holds the
/// old bytes or the new, and on return the new ones survive a power cut.
///
/// On Windows `ReplaceFileW` has a moment in which the name is free: after a crash in it, or read in it, there is no file, and
/// the new bytes are in the temporary one. The lock's [`commit`](crate::Staged::commit) heals that.
///
/// [`Options::in_place`] has no effect here: it needs the lock's state folder.
/// Links are resolved and kept; owner, mode, access list and attributes stay; a new file gets mode
/// 0600. Without a lock: of two who read, change and replace at once, one change is lost.
/// A process killed on the way may leave a file `.NAME.xxxxxx.persist-new` behind; the lock's
/// [`stage`](crate::WriteGuard::stage) cleans up after the dead.
///
/// # Errors
/// The live file is untouched, except by [`Error::InPlaceNotDurable`].
pub fn replace(path: &Path, bytes: &[u8], options: &Options) -> Result<Outcome, Error> {
    replace_checked(path, bytes, options, |_| Ok(()))
}

/// As [`replace`], but shows the complete new file to `check` before it may go live.
///
/// ```
/// use persist_lock::{Error, Options, replace_checked};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.toml");
/// # std::fs::write(&path, "width = 1024")?;
///
/// let result = replace_checked(&path, b"", &Options::new(), |new| {
///     match std::fs::metadata(new)?.len() {
///         0 => Err("an empty file would lose every setting".into()),
///         _ => Ok(()),
///     }
/// });
/// assert!(matches!(result, Err(Error::Rejected { .. })));
/// assert_eq!(std::fs::read_to_string(&path)?, "width = 1024");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`replace`], and [`Error::Rejected`].
pub fn replace_checked(
    path: &Path,
    bytes: &[u8],
    options: &Options,
    check: impl FnOnce(&Path) -> Result<(), Box<dyn StdError + Send + Sync>>,
) -> Result<Outcome, Error> {
    let target = Target::resolve(path)?;
    // Writing in place needs a state folder to keep both versions in.
    let folder = Folder::open(target.folder())?;
    let at = At::new(&folder, target.name());
    let (way, old) = plan::way_and_live(&at, options.in_place(false), None)?;
    let live = target.path();
    let mut file = temporary(&target, &folder)?;
    file.write_all(bytes)
        .map_err(Error::io("write the new content for", live))?;
    if let Some((old, meta)) = &old {
        sys::copy_metadata(live, (old, meta), file.as_file())?;
    }
    drop(old);
    check(file.path()).map_err(|source| Error::Rejected {
        path: live.to_path_buf(),
        source,
    })?;
    sys::sync_file(file.as_file()).map_err(|source| Error::SyncFailed {
        path: live.to_path_buf(),
        source: Some(source),
    })?;
    put(file.into_temp_path(), &at, way)?;
    folder.sync().map_err(|source| Error::InPlaceNotDurable {
        path: live.to_path_buf(),
        source,
    })?;
    Ok(Outcome {
        path: live.to_path_buf(),
        created: way == Way::Create,
        len: bytes.len() as u64,
    })
}

/// A file of a name that nobody else uses, removed unless it goes live.
fn temporary(target: &Target, folder: &Folder) -> Result<tempfile::NamedTempFile<File>, Error> {
    let mut prefix = OsString::from(".");
    prefix.push(target.name());
    prefix.push(".");
    tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".persist-new")
        // By the folder's handle, whatever its path leads to by now.
        .make_in(target.folder(), |path| {
            At::new(folder, path.file_name().unwrap_or_default()).create()
        })
        .map_err(|error| sys::refused(error, "create a file in", target.folder()))
}

fn put(mut new: tempfile::TempPath, at: &At, way: Way) -> Result<(), Error> {
    let live = at.path();
    let from = At::new(&at.folder, new.file_name().unwrap_or_default());
    let done = match way {
        Way::Create => from.rename_new(at),
        Way::Replace | Way::InPlace => sys::replace_over(from.name_in(), at.name_in()),
    };
    match done {
        Ok(()) => {
            // The name is the live file's now; there is nothing left to remove.
            new.disable_cleanup(true);
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Changed {
            path: live.to_path_buf(),
        }),
        Err(source) if sys::is_busy(&source) => Err(Error::Busy {
            path: live.to_path_buf(),
            source,
        }),
        Err(error) => Err(sys::refused(error, "replace", live)),
    }
}
