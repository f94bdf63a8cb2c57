//! Where snapshots lie: a few file operations in one folder, and the plain folder that has them by default.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The file operations that snapshots need, all in one folder and by single names.
///
/// [`Backups::at`](crate::Backups::at) brings its own, for a folder that nobody else may write in. Who keeps snapshots where
/// others may plant links, FIFOs and files of their own gives [`Backups::over`](crate::Backups::over) a folder that is opened
/// and judged once.
pub trait Storage: fmt::Debug + Send + Sync {
    /// The folder, for messages.
    fn path(&self) -> &Path;

    /// Creates the folder where it is missing, private (0700), its name durable.
    ///
    /// # Errors
    /// What the operating system says, as for all of these.
    fn create(&self) -> io::Result<()>;

    /// Every name in the folder, and whether it is a regular file's; none where there is no folder. Nothing is asked of the files
    /// themselves.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn names(&self) -> io::Result<Vec<(OsString, bool)>>;

    /// What has that name; `None` if nothing.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn look(&self, name: &str) -> io::Result<Option<Stored>>;

    /// A regular file's bytes. Takes no memory for more than `most`, follows no link and waits for no FIFO. The bytes may
    /// be anybody's: the caller tells by a digest.
    ///
    /// # Errors
    /// Of kind [`io::ErrorKind::FileTooLarge`] beyond `most`, of kind [`io::ErrorKind::InvalidInput`] for what is no
    /// regular file.
    fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>>;

    /// A new file, private (0600), with these bytes, which are on the medium on return if `durable`.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where anything has that name. A file that could not be written whole may be left.
    fn write_new(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()>;

    /// Renames to a name that must be free.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`].
    fn rename_new(&self, from: &str, to: &str) -> io::Result<()>;

    /// Renames over what has the name `to`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn rename_over(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file's name; one that is free is fine.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes the names in the folder durable.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn sync(&self) -> io::Result<()>;
}

/// A name in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The name.
    pub name: OsString,
    /// The length in bytes; `None` for what is no regular file.
    pub len: Option<u64>,
    /// Whether nobody else can have put it there: what no digest certifies is read only then.
    pub own: bool,
}

/// A folder by its path.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Storage for Directory {
    fn path(&self) -> &Path {
        &self.path
    }

    fn create(&self) -> io::Result<()> {
        create_dir(&self.path)
    }

    fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let named = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            Ok((entry.file_name(), is_file))
        };
        entries.map(named).collect()
    }

    fn look(&self, name: &str) -> io::Result<Option<Stored>> {
        match fs::symlink_metadata(self.path.join(name)) {
            Ok(meta) => Ok(Some(Stored {
                name: name.into(),
                len: meta.is_file().then_some(meta.len()),
                own: meta.is_file(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let path = self.path.join(name);
        // Opening a FIFO would wait for somebody to write into it.
        if !fs::symlink_metadata(&path)?.is_file() {
            let message = "it is not a regular file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        if len > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    fn write_new(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.path.join(name))?;
        file.write_all(bytes)?;
        match durable {
            true => file.sync_all(),
            false => Ok(()),
        }
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.path.join(from), self.path.join(to));
        tempfile::TempPath::try_from_path(from)?
            .persist_noclobber(to)
            .map_err(|failed| {
                // Dropped, it would take the file with it.
                drop(failed.path.keep());
                failed.error
            })
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn sync(&self) -> io::Result<()> {
        sync_dir(&self.path)
    }
}

/// Makes the folder and what is missing above it, each 0700, each entry synced.
fn create_dir(dir: &Path) -> io::Result<()> {
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
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_dir(above),
    }
}

/// Makes the entries of a folder durable.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Windows has no call for it; NTFS journals the entries.
#[cfg(not(unix))]
fn sync_dir(_: &Path) -> io::Result<()> {
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
