//! What the system tells of a file.

use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, Stat, fstat};

use super::owner::Owner;
use crate::kind::Kind;
use crate::sharing::Permission;

/// What is known of a file without opening it.
#[derive(Debug, Clone)]
pub(crate) struct Meta {
    /// `None` for a regular file.
    pub(crate) kind: Option<Kind>,
    pub(crate) len: u64,
    pub(crate) links: u64,
    pub(crate) mode: u32,
    pub(crate) owner: Owner,
    pub(crate) id: FileId,
    /// The mount that it was reached by, where that was asked and the system tells.
    pub(crate) mount: Option<u64>,
    /// When the content was last written.
    pub(crate) modified: SystemTime,
    /// When anything of it was changed last, its name included.
    pub(crate) changed: SystemTime,
}

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn is_same_device(&self, other: &Self) -> bool {
        self.device == other.device
    }

    pub(super) fn new(device: u64, inode: u64) -> Self {
        Self { device, inode }
    }
}

impl From<Stat> for Meta {
    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        reason = "the fields have other widths on other systems"
    )]
    fn from(stat: Stat) -> Self {
        Self {
            kind: kind(FileType::from_raw_mode(stat.st_mode)),
            len: u64::try_from(stat.st_size).unwrap_or(0),
            links: stat.st_nlink as u64,
            mode: stat.st_mode as u32 & 0o7777,
            owner: Owner {
                user: stat.st_uid,
                group: stat.st_gid,
            },
            id: FileId::new(stat.st_dev as u64, stat.st_ino as u64),
            mount: None,
            modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as u64),
        }
    }
}

/// Seconds since 1970, also before, and the nanoseconds after them.
pub(super) fn time(seconds: i64, nanoseconds: u64) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(whole),
        false => SystemTime::UNIX_EPOCH.checked_add(whole),
    };
    let time = time.and_then(|time| time.checked_add(Duration::from_nanos(nanoseconds)));
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

impl Meta {
    /// Whether both are of one file.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    pub(crate) fn is_link(&self) -> bool {
        self.kind == Some(Kind::Symlink)
    }

    /// Whether others than the owner may write. (Who an access list lets write shows in the group's bits.)
    pub(crate) fn is_shared(&self) -> bool {
        self.mode & 0o022 != 0
    }

    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(fstat(file)?))
    }

    pub(crate) fn permission(&self) -> Permission {
        Permission {
            mode: self.mode,
            group: self.owner.group,
        }
    }
}

pub(crate) fn meta_of(file: &File) -> io::Result<Meta> {
    Meta::of(file)
}

/// Which file it is, how long, when it was written last, and when anything of it was changed last.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    id: FileId,
    len: u64,
    modified: SystemTime,
    changed: SystemTime,
}

impl Stamp {
    pub(crate) fn of(meta: &Meta) -> Self {
        Self {
            id: meta.id.clone(),
            len: meta.len,
            modified: meta.modified,
            changed: meta.changed,
        }
    }

    pub(crate) fn last_change(&self) -> SystemTime {
        self.modified.max(self.changed)
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }
}

pub(super) fn kind(file_type: FileType) -> Option<Kind> {
    Some(match file_type {
        FileType::RegularFile => return None,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::CharDevice,
        FileType::BlockDevice => Kind::BlockDevice,
        FileType::Unknown => Kind::Other,
    })
}
