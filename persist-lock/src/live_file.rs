//! The live file, opened.

use std::fs::File;
use std::io;
use std::time::SystemTime;

use crate::bounded::read_up_to;
use crate::former::Former;
use crate::sys::Meta;

/// The live file, opened, with what was known of it at that moment.
#[derive(Debug)]
#[non_exhaustive]
pub struct LiveFile {
    /// For reading.
    pub file: File,
    /// Its length in bytes.
    pub len: u64,
    /// When its content was last written.
    pub modified: SystemTime,
    /// Mode and owner, where the system has them.
    pub former: Option<Former>,
    pub(crate) meta: Meta,
}

impl LiveFile {
    pub(crate) fn of(file: File, meta: Meta) -> Self {
        Self {
            file,
            len: meta.len,
            modified: meta.modified,
            former: Former::known(&meta),
            meta,
        }
    }

    /// Its bytes, at most `most`.
    ///
    /// # Errors
    /// What the operating system says; of kind [`io::ErrorKind::FileTooLarge`] for a longer file.
    pub fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        read_up_to(&self.file, self.len, most)
    }
}
