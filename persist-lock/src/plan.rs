//! Which way a file can be changed, decided before anything is written.

use std::fs;

use crate::error::Error;
use crate::options::{HardLinks, Options};
use crate::sys;
use crate::target::Target;

/// How the new content will get its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// There is no live file: take the name only if it is still free.
    Create,
    /// Another file takes the name.
    Replace,
    /// The bytes are written into the live file itself.
    InPlace,
}

pub(crate) fn way(target: &Target, options: Options) -> Result<Way, Error> {
    let Some(live) = target.live()? else {
        return Ok(Way::Create);
    };
    let path = target.path();
    sys::check_writable(path, &live)?;
    let links = sys::hard_links(target.path(), &live);
    if links > 1 {
        match options.hard_links {
            HardLinks::Part => {}
            HardLinks::Follow if options.in_place => return Ok(Way::InPlace),
            HardLinks::Refuse | HardLinks::Follow => {
                return Err(Error::HardLinked {
                    path: path.to_path_buf(),
                    links,
                });
            }
        }
    }
    let folder = fs::symlink_metadata(target.folder())
        .map_err(Error::io("examine the folder", target.folder()))?;
    match sys::check_sticky(path, &live, &folder) {
        Err(_) if options.in_place => Ok(Way::InPlace),
        other => other.map(|()| Way::Replace),
    }
}
