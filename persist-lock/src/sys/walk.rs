//! From a path to a folder's handle, one part after the other: whose links are followed is decided here.
//!
//! A link belongs to whoever made it, and says where everybody who follows it goes. One of root's or the caller's own is
//! followed, and one that leads to what belongs to the link's owner anyway. Any other could lead a caller with more rights
//! to a place that its maker has no business in. The handle of each folder is held while the next is opened, so that
//! nothing that is swapped meanwhile leads elsewhere.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

use rustix::io::Errno;

use super::dir::Dir;
use super::errno::{is_errno, is_symlink_loop};
use super::meta::Meta;
use super::owner::Owner;
use crate::error::Error;
use crate::kind::Kind;
use crate::paths::MAX_LINKS;

/// The folder at `path`, and the path by which it can be reached without links.
pub(crate) fn folder(path: &Path) -> Result<(Dir, PathBuf), Error> {
    let absolute = std::path::absolute(path).map_err(Error::io("find", path))?;
    let has_dots = absolute
        .components()
        .any(|part| part == Component::ParentDir);
    if !has_dots && let Some(dir) = Dir::straight(&absolute) {
        return Ok((dir, absolute.components().collect()));
    }
    let mut walk = Walk {
        given: path,
        links: 0,
    };
    walk.to(root(path)?, &absolute)
}

/// The folder that a link's target, found in the folder `from`, is in.
pub(crate) fn folder_from(
    from: (Dir, PathBuf),
    target: &Path,
    given: &Path,
) -> Result<(Dir, PathBuf), Error> {
    Walk { given, links: 0 }.to(from, target)
}

/// Whether a link may be followed to what it leads to: `None` where that does not exist yet.
pub(crate) fn may_follow(link: &Meta, end: Owner) -> bool {
    let owner = link.owner.user;
    owner == 0 || owner == Owner::caller().user || owner == end.user
}

struct Walk<'a> {
    given: &'a Path,
    links: usize,
}

impl Walk<'_> {
    fn to(&mut self, from: (Dir, PathBuf), path: &Path) -> Result<(Dir, PathBuf), Error> {
        let (mut dir, mut at) = from;
        for part in path.components() {
            match part {
                Component::Prefix(_) | Component::CurDir => {}
                Component::RootDir => (dir, at) = root(self.given)?,
                Component::ParentDir => {
                    dir = dir
                        .sub(OsStr::new(".."))
                        .map_err(Error::io("find the folder above", &at))?;
                    at.pop();
                }
                Component::Normal(name) => (dir, at) = self.into(dir, at, name)?,
            }
        }
        Ok((dir, at))
    }

    fn into(&mut self, dir: Dir, at: PathBuf, name: &OsStr) -> Result<(Dir, PathBuf), Error> {
        let path = at.join(name);
        let error = match dir.sub(name) {
            Ok(sub) => return Ok((sub, path)),
            Err(error) => error,
        };
        if error.kind() == io::ErrorKind::NotFound {
            return Err(Error::ParentMissing { path });
        }
        if !is_errno(&error, &[Errno::LOOP, Errno::NOTDIR, Errno::MLINK]) {
            return Err(Error::io("find the folder", &path)(error));
        }
        let link = dir.look(name).map_err(Error::io("examine", &path))?;
        if link.kind != Some(Kind::Symlink) {
            return Err(Error::io("find the folder", &path)(error));
        }
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Error::SymlinkLoop {
                path: self.given.to_path_buf(),
            });
        }
        allowed(&dir, name, &path)?;
        let target = dir
            .read_link(name)
            .map_err(Error::io("read the link", &path))?;
        let (sub, real) = self.to((dir, at), &target)?;
        let end = sub.meta().map_err(Error::io("examine", &real))?;
        if !may_follow(&link, end.owner) {
            return Err(Error::ForeignLink { path });
        }
        Ok((sub, real))
    }
}

/// Refuses a link that the kernel would not follow.
pub(crate) fn allowed(dir: &Dir, name: &OsStr, path: &Path) -> Result<(), Error> {
    dir.kernel_follows(name).map_err(|error| {
        if is_symlink_loop(&error) {
            return Error::SymlinkLoop {
                path: path.to_path_buf(),
            };
        }
        Error::io("follow the link", path)(error)
    })
}

fn root(given: &Path) -> Result<(Dir, PathBuf), Error> {
    let root = Dir::root().map_err(Error::io("find", given))?;
    Ok((root, PathBuf::from("/")))
}
