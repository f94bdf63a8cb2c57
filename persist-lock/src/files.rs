//! The regular files in a folder: read, begun and appended to.

use std::fs::File;
use std::io;

use crate::bounded::read_up_to;
use crate::folder::Folder;
use crate::sys::{self, Access, Meta};

impl Folder {
    /// The bytes of a regular file of the folder's owner, at most `most`. By another name it may be anybody's text.
    ///
    /// # Errors
    /// See the type.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        match self.open_trusted(name)? {
            Some((file, meta)) => read_up_to(file, meta.len, most),
            None => Ok(Vec::new()),
        }
    }

    /// The bytes of a file that is nobody else's.
    ///
    /// # Errors
    /// As [`read`](Self::read); of kind [`io::ErrorKind::InvalidInput`] where the file has another name or owner.
    pub fn read_own(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let (file, meta) = self.open_owned(name, Access::Read)?;
        read_up_to(file, meta.len, most)
    }

    /// As [`read_own`](Self::read_own), with the opened file: for who goes on to make what was read durable, or to give it
    /// another name.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn open_own(&self, name: &str, most: u64) -> io::Result<(File, Vec<u8>)> {
        // Also for writing: not every system makes a file durable that is open for reading only.
        let (file, meta) = self.open_owned(name, Access::Lock)?;
        let bytes = read_up_to(&file, meta.len, most)?;
        Ok((file, bytes))
    }

    /// The bytes of a file as [`read`](Self::read) gives them, and whether it is nobody else's.
    ///
    /// # Errors
    /// See the type.
    pub fn read_judged(&self, name: &str, most: u64) -> io::Result<(Vec<u8>, bool)> {
        let Some((file, meta)) = self.open_trusted(name)? else {
            return Ok((Vec::new(), false));
        };
        let own = self.policy().owns(&meta);
        read_up_to(file, meta.len, most).map(|bytes| (bytes, own))
    }

    /// The bytes of a file that has no other name and belongs to the very owner of the folder: their word, and nobody else's.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn read_owners(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let (file, meta) = self.open_owned(name, Access::Read)?;
        if meta.owner.user != self.owner()? {
            let message = "its owner is not the owner of the folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        read_up_to(file, meta.len, most)
    }

    /// `None` for a file that is [not begun](crate::at::At::is_not_begun).
    fn open_trusted(&self, name: &str) -> io::Result<Option<(File, Meta)>> {
        let at = self.at(name)?;
        let (file, meta) = match at.open_known(Access::Read) {
            Err(error) if at.is_not_begun(&error) => return Ok(None),
            opened => opened?,
        };
        self.trusted(&meta)?;
        Ok(Some((file, meta)))
    }

    fn trusted(&self, meta: &Meta) -> io::Result<()> {
        if self.policy().trusts(meta) {
            return Ok(());
        }
        let message = "its owner is not the owner of the folder";
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    /// As [`read_judged`](Self::read_judged), with the file opened for appending to what was read.
    ///
    /// # Errors
    /// See the type.
    pub fn read_to_append(&self, name: &str, most: u64) -> io::Result<(File, Vec<u8>, bool)> {
        let (file, meta) = self.at(name)?.open_known(Access::Extend)?;
        self.trusted(&meta)?;
        let bytes = read_up_to(&file, meta.len, most)?;
        Ok((file, bytes, self.policy().owns(&meta)))
    }

    /// A file that is there and nobody else's, to be appended to.
    ///
    /// # Errors
    /// As [`read_own`](Self::read_own).
    pub fn append_own(&self, name: &str) -> io::Result<File> {
        let (file, _) = self.open_owned(name, Access::Append)?;
        Ok(file)
    }

    fn open_owned(&self, name: &str, access: Access) -> io::Result<(File, Meta)> {
        let at = self.at(name)?;
        match at.open_known(access) {
            Err(error) if !at.is_not_begun(&error) => return Err(error),
            Ok((file, meta)) if self.policy().owns(&meta) => return Ok((file, meta)),
            _ => {}
        }
        let message = "it has another name or another owner";
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    /// A new file. Root gives it to the owner of the folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`], or as the operating system says.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let at = self.at(name)?;
        self.dir().create(at.name(), self.policy().new_owner())
    }

    /// As [`create`](Self::create); what has the name so far is removed, not written into. A folder of that name stays.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn recreate(&self, name: &str) -> io::Result<File> {
        let at = self.at(name)?;
        self.dir().recreate(at.name(), self.policy().new_owner())
    }
}

/// Makes a file's content and length durable: by `fsync`, or whatever goes as far as the medium on this system.
///
/// # Errors
/// What the operating system says. After one the content is unknown, and a second call says nothing.
pub fn sync_file(file: &File) -> io::Result<()> {
    sys::sync_file(file)
}

/// Begins to bring a file's content to the medium without waiting for it, so that the [`sync_file`] to come finds less to do.
pub fn start_write_back(file: &File) {
    sys::start_write_back(file);
}
