//! Windows: `ReplaceFileW` with a backup name, and patience with those who have the file open for a moment.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use winsafe::{BY_HANDLE_FILE_INFORMATION, HFILE, MoveFileEx, ReplaceFile, co};

use crate::displaced::How;
use crate::error::Error;
use crate::shared::Mode;
use crate::target::Kind;

const INVALID_FUNCTION: i32 = 1;
const ACCESS_DENIED: i32 = 5;
const INVALID_HANDLE: i32 = 6;
const SHARING_VIOLATION: i32 = 32;
const LOCK_VIOLATION: i32 = 33;
const NOT_SUPPORTED: i32 = 50;
const UNABLE_TO_MOVE_REPLACEMENT: i32 = 1176;
const UNABLE_TO_MOVE_REPLACEMENT_2: i32 = 1177;
const CANT_RESOLVE_FILENAME: i32 = 1921;

/// What identifies a file whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    volume: u32,
    index: u64,
}

pub(crate) fn file_id_at(path: &Path) -> io::Result<FileId> {
    let info = information(path)?;
    Ok(FileId {
        volume: info.dwVolumeSerialNumber,
        index: info.nFileIndex(),
    })
}

/// By name, which costs nothing here: closing another handle does not drop a lock.
pub(crate) fn file_id(_file: &File, path: &Path) -> io::Result<FileId> {
    file_id_at(path)
}

/// 1 where the file system does not tell.
pub(crate) fn hard_links(path: &Path, _meta: &Metadata) -> u64 {
    information(path).map_or(1, |info| u64::from(info.nNumberOfLinks))
}

/// Opened for no access at all, which nobody who has the file open can refuse.
fn information(path: &Path) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    let (file, _) = HFILE::CreateFile(
        text(path)?,
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

pub(crate) fn special_kind(_file_type: FileType) -> Kind {
    Kind::Other
}

/// The folder as given, if it is one: the "verbatim" form of `canonicalize` would surprise in messages.
pub(crate) fn real_folder(path: &Path) -> io::Result<PathBuf> {
    if fs::metadata(path)?.is_dir() {
        return std::path::absolute(path);
    }
    Err(io::ErrorKind::NotADirectory.into())
}

/// On the same drive, as far as the names tell.
pub(crate) fn same_mount(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a.components().next() == b.components().next(),
        _ => false,
    }
}

// --- creating: access comes from the folder's inherited list ---

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)
}

/// For writing into a file that is there.
pub(crate) fn open_existing(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Flushes the folder's handle, which makes NTFS write its journal of names out.
///
/// File systems that refuse that for folders journal names by themselves, sooner or later; nobody
/// can do more there.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    let flushed = OpenOptions::new()
        .write(true)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)
        .and_then(|folder| folder.sync_all());
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

pub(crate) fn check_writable(path: &Path, live: &Metadata) -> Result<(), Error> {
    if live.permissions().readonly() {
        return Err(Error::ReadOnly {
            path: path.to_path_buf(),
            source: None,
        });
    }
    Ok(())
}

pub(crate) fn check_sticky(_: &Path, _: &Metadata, _: &Metadata) -> Result<(), Error> {
    Ok(())
}

/// `ReplaceFileW` itself carries attributes and the access list over.
pub(crate) fn copy_metadata(_live: &Path, _to: &File) -> Result<(), Error> {
    Ok(())
}

// --- names ---

/// Puts `stage` in the place of `live`, whose old content is at `old` afterwards.
pub(crate) fn exchange(stage: &Path, live: &Path, old: &Path) -> io::Result<(PathBuf, How)> {
    replace_by(stage, live, Some(old))?;
    Ok((old.to_path_buf(), How::ReplaceFile))
}

/// Puts `new` in the place of `live` and forgets the old content.
pub(crate) fn replace_over(new: &Path, live: &Path) -> io::Result<()> {
    replace_by(new, live, None)
}

/// `ReplaceFileW` is not atomic: it may stop when the old file has lost its name and the new one
/// has not got it yet. That state is finished here, and by `heal` after a crash.
fn replace_by(new: &Path, live: &Path, old: Option<&Path>) -> io::Result<()> {
    let (new_name, live_name) = (text(new)?, text(live)?);
    let old_name = old.map(text).transpose()?;
    let done = patiently(|| {
        ReplaceFile(
            live_name,
            new_name,
            old_name,
            co::REPLACEFILE::IGNORE_MERGE_ERRORS,
        )
        .map_err(os_error)
    });
    match done {
        Err(error) if is_half_done(&error) && !live.try_exists()? => {
            if let Err(error) = rename_new(new, live) {
                if let Some(old) = old {
                    rename_new(old, live)?;
                }
                return Err(error);
            }
            Ok(())
        }
        other => other,
    }
}

fn is_half_done(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(UNABLE_TO_MOVE_REPLACEMENT | UNABLE_TO_MOVE_REPLACEMENT_2)
    )
}

/// Waits for the end of a replacement that seems to be going on. Where a writer died in it, the old
/// file is what the next writer will put back.
pub(crate) fn open_live(live: &Path, old: impl Fn() -> PathBuf) -> io::Result<File> {
    for pause in [1, 2, 5, 10, 20, 50] {
        match File::open(live) {
            Err(error) if is_absent(&error) && (old().exists() || live.exists()) => {}
            Err(error) if is_passing(&error) => {}
            other => return other,
        }
        thread::sleep(Duration::from_millis(pause));
    }
    File::open(live).or_else(|error| match is_absent(&error) {
        true => File::open(old()),
        false => Err(error),
    })
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn is_half_replaced(live: &Path, old: &Path) -> bool {
    !live.exists() && old.exists()
}

/// A crash within `ReplaceFileW` can leave the live name free and the old file at its backup name.
pub(crate) fn heal_names(live: &Path, old: &Path) -> io::Result<()> {
    if is_half_replaced(live, old) {
        rename_new(old, live)?;
    }
    Ok(())
}

/// Renames unless `to` exists.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (text(from)?, text(to)?);
    patiently(|| MoveFileEx(from, Some(to), co::MOVEFILE::WRITE_THROUGH).map_err(os_error))
}

pub(crate) fn reflink(_source: &File, _copy: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Virus scanners and indexers open files for moments; two seconds outlast them.
fn patiently(mut call: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let mut pause = Duration::from_millis(1);
    loop {
        match call() {
            Err(error) if is_passing(&error) && pause < Duration::from_secs(1) => {
                thread::sleep(pause);
                pause *= 2;
            }
            other => return other,
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(ACCESS_DENIED | SHARING_VIOLATION | LOCK_VIOLATION)
    )
}

fn text(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidFilename,
            "the name holds unpaired surrogates",
        )
    })
}

fn os_error(error: co::ERROR) -> io::Error {
    // The bits of a DWORD in either representation.
    io::Error::from_raw_os_error(error.raw() as i32)
}

// --- the lock file ---

pub(crate) fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    let written = file.seek_write(bytes, 0)?;
    if written == bytes.len() {
        return Ok(());
    }
    Err(io::ErrorKind::WriteZero.into())
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
    if matches!(
        source.raw_os_error(),
        Some(SHARING_VIOLATION | LOCK_VIOLATION)
    ) {
        return Error::InUse { path, source };
    }
    if source.kind() == io::ErrorKind::PermissionDenied {
        return Error::ReadOnly {
            path,
            source: Some(source),
        };
    }
    Error::Io { op, path, source }
}
