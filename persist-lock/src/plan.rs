//! Which way a file can be changed, decided before anything is written.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use crate::absent::absent_is_none;
use crate::at::At;
use crate::error::Error;
use crate::live_file::LiveFile;
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

/// The live file, opened for what another is to get from it.
#[derive(Debug)]
pub(crate) enum Source<'read> {
    /// Since it was read.
    Read(&'read File),
    /// Just now.
    Opened(File),
}

impl Deref for Source<'_> {
    type Target = File;

    fn deref(&self) -> &File {
        match self {
            Source::Read(file) => file,
            Source::Opened(file) => file,
        }
    }
}

/// The same with the live file opened, which is needed as soon as it comes to replacing it. It may be open since it was `read`.
pub(crate) fn way_and_live<'read>(
    at: &At,
    options: Options,
    read: Option<&'read LiveFile>,
) -> Result<(Way, Option<(Source<'read>, Meta)>), Error> {
    if !sys::COPIES_METADATA {
        return Ok((way(at, options)?, None));
    }
    if let Some(read) = read
        && let Some(meta) = live(at)?
        && meta.is_same(&read.meta)
    {
        let way = way_of(at, Some(&meta), options)?;
        return Ok((way, Some((Source::Read(&read.file), meta))));
    }
    let opened = match absent_is_none(at.open_known(Access::Read)) {
        Ok(opened) => opened,
        Err(error) => {
            // Said better by what is there.
            way(at, options)?;
            return Err(Error::io("open", at.path())(error));
        }
    };
    let meta = opened.as_ref().map(|(_, meta)| meta);
    let way = way_of(at, meta, options)?;
    Ok((way, opened.map(|(file, meta)| (Source::Opened(file), meta))))
}

fn way_of(at: &At, live: Option<&Meta>, options: Options) -> Result<Way, Error> {
    let Some(live) = live else {
        return Ok(Way::Create);
    };
    let path = at.path();
    sys::check_writable(at.name_in(), live, path)?;
    if live.links > 1 && options.hard_links == HardLinks::Follow && options.in_place {
        may_write_into(at, live, options)?;
        return Ok(Way::InPlace);
    }
    may_part(path, live, options)?;
    match sys::check_sticky(at.folder.dir(), live, path) {
        Err(_) if options.in_place => Ok(Way::InPlace),
        other => other.map(|()| Way::Replace),
    }
}

/// Whether another file may take the name of this one, while others keep it.
pub(crate) fn may_part(path: &Path, live: &Meta, options: Options) -> Result<(), Error> {
    match live.links > 1 && options.hard_links != HardLinks::Part {
        true => Err(Error::HardLinked {
            path: path.to_path_buf(),
            links: live.links,
        }),
        false => Ok(()),
    }
}

/// Whether the bytes may be written into this file, which others may know by another name. Who owns the folder, or may create
/// things in it, can have made this name, of a file that the caller doesn't mean.
pub(crate) fn may_write_into(at: &At, live: &Meta, options: Options) -> Result<(), Error> {
    if live.links <= 1 {
        return Ok(());
    }
    let path = at.path().to_path_buf();
    if options.hard_links != HardLinks::Follow {
        let links = live.links;
        return Err(Error::HardLinked { path, links });
    }
    let around = at.folder.path();
    let folder = at.folder.dir().meta();
    let folder = folder.map_err(Error::io("examine the folder", around))?;
    let believed = folder.owner.is_root() || folder.owner.user == live.owner.user;
    match believed && !folder.is_shared() {
        true => Ok(()),
        false => Err(Error::ForeignName { path }),
    }
}
