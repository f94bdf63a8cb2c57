//! What the system tells of a file.

use std::fs::{File, Metadata};
use std::io;
use std::os::windows::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use winsafe::{BY_HANDLE_FILE_INFORMATION, HFILE, co};

use super::calls_windows::{name, os_error};
use super::owner::Owner;
use crate::kind::Kind;
use crate::sharing::Permission;

const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x0400;

/// What is known of a file without opening it.
#[derive(Debug, Clone)]
pub(crate) struct Meta {
    /// `None` for a regular file.
    pub(crate) kind: Option<Kind>,
    pub(crate) len: u64,
    pub(crate) links: u64,
    pub(crate) owner: Owner,
    pub(crate) read_only: bool,
    /// When the content was last written.
    pub(crate) modified: SystemTime,
}

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    volume: u32,
    index: u64,
}

impl FileId {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let info = information(path)?;
        Ok(Self {
            volume: info.dwVolumeSerialNumber,
            index: info.nFileIndex(),
        })
    }
}

impl Meta {
    pub(super) fn at(path: &Path, meta: &Metadata) -> Self {
        let kind = if meta.is_symlink() {
            Some(Kind::Symlink)
        } else if meta.is_dir() {
            Some(Kind::Directory)
        } else if meta.is_file() && meta.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT == 0 {
            None
        } else {
            Some(Kind::Other)
        };
        Self {
            links: match kind {
                None => hard_links_at(path),
                Some(_) => 1,
            },
            kind,
            len: meta.len(),
            owner: Owner::caller(),
            read_only: meta.permissions().readonly(),
            modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        }
    }

    /// A folder that is open here can't be told from another by what is known of it.
    pub(crate) fn is_same(&self, _other: &Self) -> bool {
        true
    }

    pub(crate) fn is_link(&self) -> bool {
        self.kind == Some(Kind::Symlink)
    }

    /// Not known here.
    pub(crate) fn is_shared(&self) -> bool {
        false
    }

    /// No mode says anything here, so that nothing is shared.
    pub(crate) fn permission(&self) -> Permission {
        Permission { mode: 0, group: 0 }
    }
}

/// Of an opened file: how many names it has is not asked, for it was opened by one of them.
pub(crate) fn meta_of(file: &File) -> io::Result<Meta> {
    let meta = file.metadata()?;
    Ok(Meta {
        kind: None,
        len: meta.len(),
        links: 1,
        owner: Owner::caller(),
        read_only: meta.permissions().readonly(),
        modified: meta.modified()?,
    })
}

/// 1 where the file system does not tell.
fn hard_links_at(path: &Path) -> u64 {
    information(path).map_or(1, |info| u64::from(info.nNumberOfLinks))
}

/// Opened for no access at all, which nobody who has the file open can refuse.
fn information(path: &Path) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    let (file, _) = HFILE::CreateFile(
        &name(path)?,
        co::GENERIC::default(),
        Some(co::FILE_SHARE::READ | co::FILE_SHARE::WRITE | co::FILE_SHARE::DELETE),
        None,
        co::DISPOSITION::OPEN_EXISTING,
        co::FILE_ATTRIBUTE::NORMAL,
        None,
        None,
        None,
    )
    .map_err(os_error)?;
    file.GetFileInformationByHandle().map_err(os_error)
}

/// How long a file is, and when it was written last.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: SystemTime,
}

impl Stamp {
    pub(crate) fn of(meta: &Meta) -> Self {
        Self {
            len: meta.len,
            modified: meta.modified,
        }
    }

    /// Which file it is is not known, so that one is never sure.
    pub(crate) fn last_change(&self) -> SystemTime {
        SystemTime::now()
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }
}
