//! A look at a file that has most likely not changed: as few questions to the system as that takes.

use std::io;
use std::path::Path;

use crate::absent::absent_is_none;
use crate::bounded::read_up_to;
use crate::error::Error;
use crate::mark::Mark;
use crate::sys::{self, Access, Dir, Meta};
use crate::target::Target;

/// A file's own folder, opened and not judged: enough to tell whether what is there is what was there before.
///
/// Nothing that is found is believed. Bytes are for who compares them with a digest, marks for who compares them with
/// earlier ones.
#[derive(Debug)]
pub struct Glance {
    dir: Dir,
    target: Target,
}

impl Glance {
    /// Opens the folder of the file.
    ///
    /// # Errors
    /// As [`Folder::open`](crate::Folder::open).
    pub fn at(target: &Target) -> Result<Self, Error> {
        let (dir, _) = sys::folder(target.folder())?;
        Ok(Self {
            dir,
            target: target.clone(),
        })
    }

    /// The file's bytes, at most `most`; `None` if there is no file.
    ///
    /// # Errors
    /// As [`Folder::read`](crate::Folder::read).
    pub fn read(&self, most: u64) -> io::Result<Option<Vec<u8>>> {
        let opened = absent_is_none(self.dir.open(self.target.name(), Access::Read))?;
        let read = |(file, meta): (_, Meta)| read_up_to(file, meta.len, most);
        opened.map(read).transpose()
    }

    /// The mark of what is at a path below the folder. Links on the way may lead anywhere: it is to be compared only.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn mark(&self, below: &Path) -> io::Result<Mark> {
        let found = absent_is_none(self.dir.look(below.as_os_str()))?;
        Ok(Mark::of(found.as_ref()))
    }
}
