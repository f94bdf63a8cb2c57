//! The file behind a path: symbolic links resolved once, kind checked.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::kind::Kind;
use crate::paths::{MAX_LINKS, parent};
use crate::sys::{self, Dir, Meta};

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
    /// A link is followed if it belongs to root, to the caller, or to the owner of what it leads to: any other could lead a
    /// caller with more rights to a file that its maker may not touch.
    ///
    /// # Errors
    /// [`Error::NotRegular`] for folders, pipes, sockets and devices, [`Error::SymlinkLoop`], [`Error::ForeignLink`],
    /// [`Error::ParentMissing`], or what the operating system says (among it its refusal to follow
    /// another user's links in a shared folder).
    pub fn resolve(path: &Path) -> Result<Self, Error> {
        Self::resolve_open(path).map(|(target, _)| target)
    }

    /// The same, with the folder that it is in.
    pub(crate) fn resolve_open(path: &Path) -> Result<(Self, Folder), Error> {
        let absolute = std::path::absolute(path).map_err(Error::io("find", path))?;
        let (folder, mut name) = split(&absolute)?;
        let mut place = sys::folder(folder)?;
        let mut links: Vec<(PathBuf, Meta)> = Vec::new();
        loop {
            let real = place.1.join(&name);
            let meta = match place.0.look(&name) {
                Ok(meta) => Some(meta),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(Error::io("examine", &real)(error)),
            };
            let Some(link) = meta.clone().filter(Meta::is_link) else {
                let target = Self::found(path, real, &place.0, &links, meta.as_ref())?;
                let folder = Folder::over(place.0, place.1, None);
                return Ok((target, folder.map_err(Error::io("examine", path))?));
            };
            if links.len() == MAX_LINKS {
                return Err(Error::SymlinkLoop {
                    path: path.to_path_buf(),
                });
            }
            sys::allowed(&place.0, &name, &real)?;
            let next = place.0.read_link(&name);
            let next = next.map_err(Error::io("read the link", &real))?;
            let (folder, last) = split(&next)?;
            name = last;
            place = sys::folder_from(place, folder, path)?;
            links.push((real, link));
        }
    }

    fn found(
        given: &Path,
        real: PathBuf,
        folder: &Dir,
        links: &[(PathBuf, Meta)],
        meta: Option<&Meta>,
    ) -> Result<Self, Error> {
        let end = match meta {
            Some(meta) => {
                check_regular(&real, meta)?;
                meta.owner
            }
            // Whoever owns the folder may have files made there.
            None => folder.meta().map_err(Error::io("examine", &real))?.owner,
        };
        if let Some((path, _)) = links.iter().find(|(_, link)| !sys::may_follow(link, end)) {
            return Err(Error::ForeignLink { path: path.clone() });
        }
        Ok(Self {
            path: real,
            link: (!links.is_empty()).then(|| given.to_path_buf()),
            exists: meta.is_some(),
            hard_links: meta.map_or(0, |meta| meta.links),
        })
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
}

/// What the live file is now; `None` if it does not exist. Anything but a regular file is an error.
pub(crate) fn live(at: &At) -> Result<Option<Meta>, Error> {
    let found = at.look().map_err(Error::io("examine", at.path()))?;
    if let Some(meta) = &found {
        check_regular(at.path(), meta)?;
    }
    Ok(found)
}

pub(crate) fn check_regular(path: &Path, meta: &Meta) -> Result<(), Error> {
    meta.kind.map_or(Ok(()), |kind| {
        Err(Error::NotRegular {
            path: path.to_path_buf(),
            kind,
        })
    })
}

/// The folder and the name in it.
fn split(path: &Path) -> Result<(&Path, OsString), Error> {
    match path.file_name() {
        Some(name) => Ok((parent(path), name.to_owned())),
        None => Err(Error::NotRegular {
            path: path.to_path_buf(),
            kind: Kind::Directory,
        }),
    }
}
