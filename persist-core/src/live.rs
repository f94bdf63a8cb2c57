//! The live file as it was found on disk.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;
use persist_backup::{Digest, digest};
use persist_lock::Former;

use crate::error::{Error, io_error};

/// Bytes of the live file and what is known of them.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) mtime: Option<Timestamp>,
    /// Mode and owner, where the system has them.
    pub(crate) former: Option<Former>,
}

impl Live {
    /// Reads an opened file, of at most `limit` bytes; `path` is for messages.
    pub(crate) fn read(mut file: File, path: &Path, limit: usize) -> Result<Live, Error> {
        let failed = |e| io_error("read", path, e);
        let most = limit as u64 + 1;
        let len = file.metadata().map_or(0, |m| m.len().min(most));
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
        io::Read::read_to_end(&mut io::Read::take(&mut file, most), &mut bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        let former = Former::of(&file).map_err(failed)?;
        let modified = file.metadata().and_then(|m| m.modified()).ok();
        Ok(Live {
            digest: digest(&bytes),
            mtime: modified.and_then(timestamp),
            former,
            bytes,
        })
    }
}

/// A file's time as the journal keeps it; `None` beyond the years jiff knows.
pub(crate) fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}
