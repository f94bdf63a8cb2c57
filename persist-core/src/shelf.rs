//! The folders within a state folder, for those who read and write there: journal, backups, quarantine, complements.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use persist_backup::{Storage, Stored};
use persist_lock::{Folder, Site, Target};

use crate::place::{self, Ownership};
use crate::state_format::{self, Format};

/// What an operation has of the state folder.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Open(Folder),
    /// There is none yet.
    Absent,
    /// To be opened whenever something is asked: for who keeps a handle beyond one operation.
    Anew(Target, PathBuf),
    /// It may not be used; why, as a kind of error.
    Closed(io::ErrorKind),
}

/// One folder in the state folder. It is opened once, when it is needed, and need not be there.
#[derive(Debug)]
pub(crate) struct Shelf {
    state: State,
    name: &'static str,
    path: PathBuf,
    folder: OnceLock<Folder>,
    /// As an earlier operation had it open; it may be another by now.
    earlier: Option<Folder>,
    /// It is known not to be there.
    absent: AtomicBool,
}

impl Shelf {
    pub(crate) fn new(state: &State, root: &Path, name: &'static str) -> Shelf {
        Shelf {
            state: state.clone(),
            name,
            path: root.join(name),
            folder: OnceLock::new(),
            earlier: None,
            absent: AtomicBool::new(false),
        }
    }

    /// With the folder of an earlier operation, which need not be opened where it still is the one.
    pub(crate) fn after(self, earlier: Option<&Folder>) -> Shelf {
        Shelf {
            earlier: earlier.cloned(),
            ..self
        }
    }

    /// The folder, where it has been opened.
    pub(crate) fn opened(&self) -> Option<&Folder> {
        self.folder.get()
    }

    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// For who knows, and keeps others from creating it.
    pub(crate) fn remember_absent(&self, absent: bool) {
        self.absent.store(absent, Ordering::Relaxed);
    }

    /// The folder; `None` where it is missing.
    pub(crate) fn folder(&self) -> io::Result<Option<Folder>> {
        if let Some(folder) = self.folder.get() {
            return Ok(Some(folder.clone()));
        }
        if self.absent.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Some(state) = self.state()? else {
            return Ok(None);
        };
        let folder = match state.folder_again(self.name, self.earlier.as_ref()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        self.remember(&folder);
        Ok(Some(folder))
    }

    /// The state folder, if there is one.
    fn state(&self) -> io::Result<Option<Folder>> {
        match &self.state {
            State::Open(state) => Ok(Some(state.clone())),
            State::Absent => Ok(None),
            State::Closed(kind) => Err((*kind).into()),
            State::Anew(target, root) => open(target, root),
        }
    }

    fn remember(&self, folder: &Folder) {
        if !matches!(self.state, State::Anew(..)) {
            drop(self.folder.set(folder.clone())); // another thread's is as good
        }
    }

    /// The folder, which has to be there.
    pub(crate) fn existing(&self) -> io::Result<Folder> {
        self.folder()?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The folder, created where it is missing. Whether it is new; its name is not synced.
    pub(crate) fn make(&self) -> io::Result<bool> {
        if self.folder()?.is_some() {
            return Ok(false);
        }
        let state = self.state()?.ok_or(io::ErrorKind::NotFound)?;
        let (folder, new) = state.create_folder(self.name)?;
        self.remember(&folder);
        self.remember_absent(false);
        Ok(new)
    }
}

fn open(target: &Target, root: &Path) -> io::Result<Option<Folder>> {
    let site = Site::open(target, root).map_err(|error| match error {
        persist_lock::Error::Io { source, .. } => source,
        persist_lock::Error::ForeignState { .. } => io::ErrorKind::PermissionDenied.into(),
        other => io::Error::other(other),
    })?;
    let Some(state) = site.state() else {
        return Ok(None);
    };
    let format = state_format::read(state)?;
    let beside = site.is_beside().map_err(io::Error::other)?;
    if !beside
        && matches!(
            place::kept_in(state, format, target.path())?,
            Ownership::Anothers(_)
        )
    {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    match format {
        Format::Known(_) => Ok(Some(state.clone())),
        Format::Newer(_) => Err(io::ErrorKind::Unsupported.into()),
        Format::Elsewhere => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

impl Storage for Shelf {
    fn path(&self) -> &Path {
        &self.path
    }

    fn create(&self) -> io::Result<()> {
        match (self.make()?, self.state()?) {
            (true, Some(state)) => state.sync(),
            _ => Ok(()),
        }
    }

    fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        let folder = self.folder()?;
        folder.map_or_else(|| Ok(Vec::new()), |folder| folder.names())
    }

    fn look(&self, name: &str) -> io::Result<Option<Stored>> {
        let Some(folder) = self.folder()? else {
            return Ok(None);
        };
        let found = folder.look(name)?;
        Ok(found.map(|found| Stored {
            name: found.name,
            len: found.len,
            own: found.own,
        }))
    }

    fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        self.existing()?.read(name, most)
    }

    fn write_new(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        let mut file = self.existing()?.create(name)?;
        file.write_all(bytes)?;
        match durable {
            true => persist_lock::sync_file(&file),
            false => Ok(()),
        }
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let folder = self.existing()?;
        folder.rename_new(from, &folder, to)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        self.existing()?.rename_over(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.existing()?.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.existing()?.sync()
    }
}
