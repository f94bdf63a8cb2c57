//! Windows, but for the names of files: those are in `replace_file.rs`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::SystemTime;

use winsafe::{BY_HANDLE_FILE_INFORMATION, HFILE, co};

use super::dir_windows::{Meta, NewFile, Owner};
use super::replace_file::{ACCESS_DENIED, is_not_moved, is_shared, name, os_error, patiently};
use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::former::Former;
use crate::kind::Kind;
use crate::read_only::ReadOnly;
use crate::shared::Mode;
use crate::trust::Distrust;

const INVALID_FUNCTION: i32 = 1;
const INVALID_HANDLE: i32 = 6;
const NOT_SUPPORTED: i32 = 50;
const CANT_RESOLVE_FILENAME: i32 = 1921;

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    volume: u32,
    index: u64,
}

pub(crate) fn file_id_at(at: &At) -> io::Result<(FileId, Meta)> {
    let info = information(at.path())?;
    let id = FileId {
        volume: info.dwVolumeSerialNumber,
        index: info.nFileIndex(),
    };
    let meta = at.folder.dir().look(at.name())?;
    // As of an opened file, of which the number of names is not asked.
    Ok((id, Meta { links: 1, ..meta }))
}

/// By name, which costs nothing here: closing another handle does not drop a lock.
pub(crate) fn file_id(_file: &File, at: &At) -> io::Result<FileId> {
    file_id_at(at).map(|(id, _)| id)
}

/// 1 where the file system does not tell.
pub(super) fn hard_links_at(path: &Path) -> u64 {
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

/// On the same drive, as far as the names tell.
pub(crate) fn same_mount(a: &Folder, b: &Folder) -> bool {
    match (fs::canonicalize(a.path()), fs::canonicalize(b.path())) {
        (Ok(a), Ok(b)) => a.components().next() == b.components().next(),
        _ => false,
    }
}

/// Flushes the folder's handle, which makes NTFS write its journal of names out.
///
/// File systems that refuse that for folders journal names by themselves, sooner or later; nobody
/// can do more there.
pub(super) fn sync_folder_at(path: &Path) -> io::Result<()> {
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    let open = || {
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        options.open(path)
    };
    let flushed = patiently(is_shared, open).and_then(|folder| folder.sync_all());
    match flushed {
        Err(error) if is_refusal(&error) => Ok(()),
        other => other,
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(INVALID_FUNCTION | ACCESS_DENIED | INVALID_HANDLE | NOT_SUPPORTED)
    )
}

pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_all()
}

pub(crate) fn start_write_back(_file: &File) {}

// --- asking beforehand ---

pub(crate) fn check_writable(at: &At, live: &Meta) -> Result<(), Error> {
    if live.read_only {
        return Err(Error::ReadOnly {
            path: at.path().to_path_buf(),
            cause: ReadOnly::Protected,
            source: None,
        });
    }
    Ok(())
}

pub(crate) fn check_sticky(_: &At, _: &Meta) -> Result<(), Error> {
    Ok(())
}

/// `ReplaceFileW` itself carries attributes and the access list over.
/// `ReplaceFileW` gives the new file what the old one had, and somebody may have that open for a moment.
pub(crate) const COPIES_METADATA: bool = false;

pub(crate) struct Copied {
    pub(crate) meta: Meta,
    pub(crate) created: NewFile,
}

pub(crate) fn copy_metadata(live: &Path, _: (&File, &Meta), to: &File) -> Result<Copied, Error> {
    Ok(Copied {
        meta: meta_of(to).map_err(Error::io("examine the stage for", live))?,
        created: NewFile,
    })
}

pub(crate) fn copy_shared_metadata(
    live: &Path,
    from: (&File, &Meta),
    to: &File,
) -> Result<Copied, Error> {
    copy_metadata(live, from, to)
}

pub(crate) fn set_access(_file: &File, _mode: u32, _group: Option<u32>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How long a file is, and when it was written last.
pub(crate) type Mark = (u64, SystemTime);

pub(crate) fn mark(meta: &Meta) -> Mark {
    (meta.len, meta.modified)
}

pub(crate) fn marked_len(mark: &Mark) -> u64 {
    mark.0
}

/// Which file it is is not known, so that one is never sure.
pub(crate) fn marked_change(_mark: &Mark) -> SystemTime {
    SystemTime::now()
}

/// There are neither modes nor numbers of owners.
pub(crate) fn former(_meta: &Meta) -> Option<Former> {
    None
}

pub(crate) fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

pub(crate) fn give(_file: &File, _heir: Owner) -> io::Result<()> {
    Ok(())
}

pub(crate) fn give_as(_from: &File, _to: &File) -> io::Result<()> {
    Ok(())
}

impl Meta {
    /// A folder that is open here can't be told from another by what is known of it.
    pub(crate) fn is_same(&self, _other: &Self) -> bool {
        true
    }

    pub(crate) fn is_link(&self) -> bool {
        self.kind == Some(Kind::Symlink)
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

// --- the lock file ---

pub(crate) fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    let written = file.seek_write(bytes, 0)?;
    if written == bytes.len() {
        return Ok(());
    }
    Err(io::ErrorKind::WriteZero.into())
}

/// Reads from an offset, wherever the file was read to.
pub(crate) fn read_part(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    let read = file.seek_read(bytes, 0)?;
    if read == bytes.len() {
        return Ok(());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Windows' locks belong to the handle, which nobody else in the process has.
pub(crate) fn relock(_file: &File, _byte: usize) -> bool {
    true
}

/// Windows does not tell who holds a lock.
pub(crate) fn blocker(_file: &File, _mode: Mode, _byte: usize) -> Option<u32> {
    None
}

// --- errors ---

pub(crate) fn is_contended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(INVALID_FUNCTION | NOT_SUPPORTED))
}

pub(crate) fn is_symlink_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(CANT_RESOLVE_FILENAME)
}

pub(crate) fn is_busy(_error: &io::Error) -> bool {
    false
}

pub(crate) fn refused(source: io::Error, op: &'static str, path: &Path) -> Error {
    let path = path.to_path_buf();
    if is_shared(&source) || is_not_moved(&source) {
        return Error::InUse { path, source };
    }
    if source.kind() == io::ErrorKind::PermissionDenied {
        return Error::ReadOnly {
            path,
            cause: ReadOnly::Refused,
            source: Some(source),
        };
    }
    Error::Io { op, path, source }
}

// --- whose a file is: winsafe can't ask that ---

pub(crate) fn distrust_file(_file: &Meta, _about: Option<Owner>) -> Option<Distrust> {
    None
}
