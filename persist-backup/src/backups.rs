//! The folder of snapshots and how it is set up.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::storage::{Directory, Storage};
use crate::{Error, Id};

/// What a compressed snapshot's name ends in.
pub(crate) const COMPRESSED: &str = ".lz4";
/// What the name of the note beside a snapshot ends in.
pub(crate) const NOTE: &str = ".json";
/// What the name of an unfinished file starts with.
pub(crate) const UNFINISHED: &str = ".new-";

/// A folder of snapshots of one file.
#[derive(Clone, Debug)]
pub struct Backups {
    storage: Arc<dyn Storage>,
    pub(crate) compress_above: u64,
    pub(crate) max_len: u64,
}

impl Backups {
    /// The snapshots in `dir`. Touches nothing: the folder is made (mode 0700) when the first snapshot is.
    #[must_use]
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self::over(Arc::new(Directory::at(dir.into())))
    }

    /// The snapshots in a folder that is reached by operations of the caller's. Touches nothing.
    #[must_use]
    pub fn over(storage: Arc<dyn Storage>) -> Self {
        Self {
            storage,
            compress_above: 10 * 1024,
            max_len: 256 * 1024 * 1024,
        }
    }

    /// Content longer than this many bytes is compressed; 10 KiB unless told. `u64::MAX` turns compression off.
    #[must_use]
    pub fn compress_above(mut self, bytes: u64) -> Self {
        self.compress_above = bytes;
        self
    }

    /// The longest content in bytes that is written or read; 256 MiB unless told. It bounds what a damaged or hostile
    /// compressed file can make of memory.
    #[must_use]
    pub fn max_len(mut self, bytes: u64) -> Self {
        self.max_len = bytes;
        self
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.storage.path()
    }

    /// Where the plain (uncompressed) file of a snapshot lives, there already or not.
    ///
    /// A file whose bytes are known to have this digest may be renamed here: that makes it a snapshot at no data cost.
    /// The caller then syncs the folder.
    #[must_use]
    pub fn path_for(&self, id: &Id) -> PathBuf {
        self.dir().join(id.to_string())
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// For `map_err`: an operation on the file of that name.
    pub(crate) fn failed(
        &self,
        op: &'static str,
        name: &str,
    ) -> impl FnOnce(std::io::Error) -> Error + use<> {
        let path = self.dir().join(name);
        move |source| Error::Io { op, path, source }
    }

    /// For `map_err`: an operation on the folder.
    pub(crate) fn folder_failed(
        &self,
        op: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Error + use<> {
        Error::io(op, self.dir())
    }
}

/// The name of a snapshot's plain file.
pub(crate) fn plain_name(id: &Id) -> String {
    id.to_string()
}

/// The name of its compressed file.
pub(crate) fn compressed_name(id: &Id) -> String {
    format!("{id}{COMPRESSED}")
}

/// The name of the note beside it.
pub(crate) fn note_name(id: &Id) -> String {
    format!("{id}{NOTE}")
}

/// What a name in the folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Plain(Id),
    Compressed(Id),
    Note(Id),
    Unfinished,
    Unknown,
}

impl Name {
    pub(crate) fn of(name: &OsStr) -> Self {
        let Some(name) = name.to_str() else {
            return Self::Unknown;
        };
        let kind = |stem: Option<&str>, make: fn(Id) -> Self| stem?.parse().ok().map(make);
        if name.starts_with(UNFINISHED) {
            return Self::Unfinished;
        }
        kind(Some(name), Self::Plain)
            .or_else(|| kind(name.strip_suffix(COMPRESSED), Self::Compressed))
            .or_else(|| kind(name.strip_suffix(NOTE), Self::Note))
            .unwrap_or(Self::Unknown)
    }
}
