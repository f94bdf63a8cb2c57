//! The live file as it was found on disk.

use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;
use persist_backup::{Digest, digest};
use persist_lock::{Former, LiveFile};

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
    /// Reads the opened file, of at most `limit` bytes; `path` is for messages.
    pub(crate) fn read(file: &LiveFile, path: &Path, limit: usize) -> Result<Live, Error> {
        let bytes = file.read(limit as u64);
        let bytes = bytes.map_err(|e| io_error("read", path, e))?;
        Ok(Live {
            digest: digest(&bytes),
            mtime: timestamp(file.modified),
            former: file.former,
            bytes,
        })
    }
}

/// A file's time as the journal keeps it; `None` beyond the years jiff knows.
pub(crate) fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}
