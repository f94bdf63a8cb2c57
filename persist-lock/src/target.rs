//! The file behind a path: symbolic links resolved once, kind checked.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::scratch::{self, Name};
use crate::sys;

/// As many links as Linux itself follows.
const MAX_LINKS: usize = 40;

/// What a path that is no regular file leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A folder.
    Directory,
    /// A named pipe.
    Fifo,
    /// A local socket.
    Socket,
    /// A character device such as `/dev/null`.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A symbolic link where none was expected.
    Symlink,
    /// Something else.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a folder",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
            Self::CharDevice => "a character device",
            Self::BlockDevice => "a block device",
            Self::Symlink => "a symbolic link",
            Self::Other => "something else",
        })
    }
}

/// The file behind a path.
///
/// A symlinked dotfile is saved where it really lies, and the link stays. A dangling link resolves
/// to the file it would lead to, which the first save creates.
#[derive(Debug, Clone)]
pub struct Target {
    path: PathBuf,
    link: Option<PathBuf>,
    exists: bool,
    hard_links: u64,
}

impl Target {
    /// Follows the links from `path` and checks what is there.
    ///
    /// # Errors
    /// [`Error::NotRegular`] for folders, pipes, sockets and devices, [`Error::SymlinkLoop`],
    /// [`Error::ParentMissing`], or what the operating system says (among it its refusal to follow
    /// another user's links in a shared folder).
    pub fn resolve(path: &Path) -> Result<Self, Error> {
        let mut real = anchored(path)?;
        let mut linked = false;
        for _ in 0..=MAX_LINKS {
            match fs::symlink_metadata(&real) {
                Ok(meta) if meta.is_symlink() => {
                    allowed_to_follow(&real)?;
                    let next = fs::read_link(&real).map_err(Error::io("read the link", &real))?;
                    real = anchored(&parent(&real).join(next))?;
                    linked = true;
                }
                Ok(meta) => return Self::found(path, real, linked, &meta),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self {
                        path: real,
                        link: linked.then(|| path.to_path_buf()),
                        exists: false,
                        hard_links: 0,
                    });
                }
                Err(error) => return Err(Error::io("examine", &real)(error)),
            }
        }
        Err(Error::SymlinkLoop {
            path: path.to_path_buf(),
        })
    }

    fn found(given: &Path, real: PathBuf, linked: bool, meta: &Metadata) -> Result<Self, Error> {
        check_regular(&real, meta)?;
        Ok(Self {
            hard_links: sys::hard_links(&real, meta),
            path: real,
            link: linked.then(|| given.to_path_buf()),
            exists: true,
        })
    }

    /// Opens the live file for reading, without its lock: replacement is atomic, so what is read is
    /// whole, the old or the new. `None` if there is no file. Creates nothing.
    ///
    /// On Windows the name is free for a moment while a file is replaced; that moment is waited for,
    /// and where a writer died in it, the old file is in `state_dir`, from where the next writer puts
    /// it back. A file that is written *in place* ([`Options::in_place`](crate::Options::in_place))
    /// can be seen half-written: take the read lock there.
    ///
    /// # Errors
    /// As [`File::open`], but for an absent file.
    pub fn open(&self, state_dir: &Path) -> io::Result<Option<File>> {
        let old = || scratch::path_for(self, state_dir, Name::Old);
        match sys::open_live(&self.path, old) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The real path: absolute, its last part no link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as given, if it was a symbolic link.
    pub fn link(&self) -> Option<&Path> {
        self.link.as_deref()
    }

    /// Did the file exist when the path was resolved?
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// How many names the file had when the path was resolved; 0 if it did not exist.
    pub fn hard_links(&self) -> u64 {
        self.hard_links
    }

    /// The folder that holds the file.
    pub fn folder(&self) -> &Path {
        parent(&self.path)
    }

    /// The file's name within its folder.
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// The live file's metadata now; `None` if it does not exist. Anything but a regular file is an error.
    pub(crate) fn live(&self) -> Result<Option<Metadata>, Error> {
        match fs::symlink_metadata(&self.path) {
            Ok(meta) => check_regular(&self.path, &meta).map(|()| Some(meta)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("examine", &self.path)(error)),
        }
    }
}

pub(crate) fn check_regular(path: &Path, meta: &Metadata) -> Result<(), Error> {
    if meta.is_file() {
        return Ok(());
    }
    Err(Error::NotRegular {
        path: path.to_path_buf(),
        kind: kind(meta.file_type()),
    })
}

fn kind(file_type: FileType) -> Kind {
    if file_type.is_dir() {
        Kind::Directory
    } else if file_type.is_symlink() {
        Kind::Symlink
    } else {
        sys::special_kind(file_type)
    }
}

/// The kernel may refuse to follow a link in a shared folder (`fs.protected_symlinks`); reading the
/// link by hand would get around that, so ask it to follow first.
fn allowed_to_follow(link: &Path) -> Result<(), Error> {
    match fs::metadata(link) {
        Err(error) if sys::is_symlink_loop(&error) => Err(Error::SymlinkLoop {
            path: link.to_path_buf(),
        }),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Error::io("follow the link", link)(error))
        }
        _ => Ok(()),
    }
}

/// `path` with its folder made absolute and free of links.
fn anchored(path: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(path).map_err(Error::io("find", path))?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(Error::NotRegular {
            path: absolute,
            kind: Kind::Directory,
        });
    };
    match sys::real_folder(folder) {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::ParentMissing {
            path: folder.to_path_buf(),
        }),
        Err(error) if sys::is_symlink_loop(&error) => Err(Error::SymlinkLoop {
            path: path.to_path_buf(),
        }),
        Err(error) => Err(Error::io("find the folder", folder)(error)),
    }
}

pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
