//! Reading a whole file that must not be longer than a bound.

use std::fs::File;
use std::io::{self, Read as _};

use crate::sys;

/// A file that is read from its start, wherever it was read to.
pub(crate) struct FromStart<'f> {
    file: &'f File,
    at: u64,
}

impl<'f> FromStart<'f> {
    pub(crate) fn of(file: &'f File) -> Self {
        Self { file, at: 0 }
    }
}

impl io::Read for FromStart<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = sys::read_part(self.file, bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// At most `most` bytes; memory is taken for no more than the file has and the bound allows.
pub(crate) fn read_bounded(file: &mut File, most: u64) -> io::Result<Vec<u8>> {
    let len = file.metadata()?.len();
    read_up_to(file, len, most)
}

/// The same of a file that had this length when it was opened.
pub(crate) fn read_up_to(mut file: impl io::Read, len: u64, most: u64) -> io::Result<Vec<u8>> {
    if len > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
    // Room for one byte more: where that stays free, the file ends there, and the system need not be asked again.
    let mut bytes = vec![0; len + 1];
    let mut read = 0;
    while read < bytes.len() {
        match file.read(&mut bytes[read..]) {
            Ok(0) => break,
            Ok(more) => {
                read += more;
                if read == len {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let grown = read > len;
    bytes.truncate(read);
    if grown {
        let left = most.saturating_add(1).saturating_sub(read as u64);
        file.take(left).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    Ok(bytes)
}
