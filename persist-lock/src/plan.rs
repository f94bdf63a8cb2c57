//! Which way a file can be changed, decided before anything is written.

use std::fs::File;
use std::path::Path;

use crate::at::{At, absent_is_none};
use crate::error::Error;
use crate::options::{HardLinks, Options};
use crate::sys::{self, Access, Meta};
use crate::target::live;

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

pub(crate) fn way(at: &At, options: Options) -> Result<Way, Error> {
    way_of(at, live(at)?.as_ref(), options)
}

/// The same with the live file opened, which is needed as soon as it comes to replacing it.
pub(crate) fn way_and_live(
    at: &At,
    options: Options,
) -> Result<(Way, Option<(File, Meta)>), Error> {
    let opened = match absent_is_none(at.open_known(Access::Read)) {
        Ok(opened) => opened,
        Err(error) => {
            // Said better by what is there.
            way(at, options)?;
            return Err(Error::io("open", at.path())(error));
        }
    };
    let meta = opened.as_ref().map(|(_, meta)| meta);
    Ok((way_of(at, meta, options)?, opened))
}

fn way_of(at: &At, live: Option<&Meta>, options: Options) -> Result<Way, Error> {
    let Some(live) = live else {
        return Ok(Way::Create);
    };
    let (path, links) = (at.path(), live.links);
    sys::check_writable(at, live)?;
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
    let around = at.folder.path();
    let folder = at.folder.dir().meta();
    let folder = folder.map_err(Error::io("examine the folder", around))?;
    match sys::check_sticky(path, live, &folder) {
        Err(_) if options.in_place => Ok(Way::InPlace),
        other => other.map(|()| Way::Replace),
    }
}

/// Whether the bytes may be written into this file: others may know one with several names by another.
pub(crate) fn may_write_into(path: &Path, links: u64, options: Options) -> Result<(), Error> {
    match links > 1 && options.hard_links != HardLinks::Follow {
        true => Err(Error::HardLinked {
            path: path.to_path_buf(),
            links,
        }),
        false => Ok(()),
    }
}
