//! One file with its folders opened, for one operation.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

use persist_backup::Backups;
use persist_lock::{Folder, Site};

use super::ConfigFile;
use crate::error::Error;
use crate::journal::Segments;
use crate::place;
use crate::shelf::{Shelf, State};
use crate::state_format::{self, Format};

/// What every operation starts from: the file, its own folder and its state folder as handles, so that whatever somebody
/// puts in their place meanwhile is never read or written.
#[derive(Debug)]
pub(super) struct Opened<'f> {
    file: &'f ConfigFile,
    pub(super) site: Site,
    pub(super) state: State,
    /// How the state folder is to be read; `None` without one.
    pub(super) format: Option<Format>,
    journal: Arc<Shelf>,
    backups: Arc<Shelf>,
    quarantine: Arc<Shelf>,
    complements: Arc<Shelf>,
}

impl Deref for Opened<'_> {
    type Target = ConfigFile;

    fn deref(&self) -> &ConfigFile {
        self.file
    }
}

impl ConfigFile {
    /// Opens the folders. A state folder that this caller may not use, or of a newer persist, is left alone: the file can
    /// be read all the same.
    pub(super) fn opened(&self) -> Result<Opened<'_>, Error> {
        let site = match Site::open(&self.target, &self.root) {
            Err(error) if is_closed(&error) => {
                let site = Site::without_state(&self.target, &self.root);
                let site = site.map_err(|e| self.lock_error(e))?;
                let closed = State::Closed(io::ErrorKind::PermissionDenied);
                return Ok(Opened::new(self, site, closed, None));
            }
            site => site.map_err(|e| self.lock_error(e))?,
        };
        let Some(state) = site.state().cloned() else {
            return Ok(Opened::new(self, site, State::Absent, None));
        };
        match state_format::read(&state) {
            Ok(format @ Format::Known(_)) => {
                Ok(Opened::new(self, site, State::Open(state), Some(format)))
            }
            Ok(format @ Format::Newer(_)) => {
                let closed = State::Closed(io::ErrorKind::Unsupported);
                Ok(Opened::new(self, site, closed, Some(format)))
            }
            Err(error) => {
                let closed = State::Closed(error.kind());
                Ok(Opened::new(self, site, closed, None))
            }
        }
    }

    /// As [`opened`](Self::opened), for what needs to know what a state folder says.
    ///
    /// # Errors
    /// [`Error::NewerState`].
    pub(super) fn opened_whole(&self) -> Result<Opened<'_>, Error> {
        let opened = self.opened()?;
        opened.refuse_newer()?;
        Ok(opened)
    }

    /// As [`opened_whole`](Self::opened_whole), with a state folder, created where it is missing.
    pub(super) fn opened_to_write(&self) -> Result<Opened<'_>, Error> {
        let mut site = Site::open(&self.target, &self.root).map_err(|e| self.lock_error(e))?;
        // Before anything else: a newer persist may lock in another way, or keep other things here.
        let format = |state: &Folder| {
            let format = state_format::read(state);
            format.map_err(|e| crate::error::io_error("read the format of", state.path(), e))
        };
        if let Some(state) = site.state() {
            self.refuse(format(state)?)?;
        }
        let (state, new) = site.create_state().map_err(|e| self.lock_error(e))?;
        if new {
            let failed = |e| crate::error::io_error("write to", state.path(), e);
            place::ignore(&state).map_err(failed)?;
        }
        let format = format(&state)?;
        self.refuse(format)?;
        let opened = Opened::new(self, site, State::Open(state.clone()), Some(format));
        opened.make(&state).map_err(|e| {
            // As the lock says it: a folder that can't be written in.
            let (op, path) = ("create a folder in", state.path().to_path_buf());
            self.lock_error(persist_lock::Error::Io {
                op,
                path,
                source: e,
            })
        })?;
        Ok(opened)
    }

    fn refuse(&self, format: Format) -> Result<(), Error> {
        match format {
            Format::Known(_) => Ok(()),
            Format::Newer(found) => Err(Error::NewerState {
                file: self.path.clone(),
                folder: self.root.clone(),
                found,
                known: state_format::OURS,
            }),
        }
    }
}

/// Whether the state folder is one that this caller has no business in, or none at all.
fn is_closed(error: &persist_lock::Error) -> bool {
    let kinds = [
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::NotADirectory,
    ];
    matches!(error, persist_lock::Error::Io { source, .. } if kinds.contains(&source.kind()))
}

impl<'f> Opened<'f> {
    fn new(file: &'f ConfigFile, site: Site, state: State, format: Option<Format>) -> Self {
        let shelf = |name| Arc::new(Shelf::new(&state, &file.root, name));
        Opened {
            file,
            site,
            format,
            journal: shelf(place::JOURNAL),
            backups: shelf(place::BACKUPS),
            quarantine: shelf(place::QUARANTINE),
            complements: shelf(place::COMPLEMENTS),
            state,
        }
    }

    /// The folders that every save needs, their names durable.
    fn make(&self, state: &Folder) -> io::Result<()> {
        let journal = self.journal.make()?;
        let backups = self.backups.make()?;
        match journal || backups {
            true => state.sync(),
            false => Ok(()),
        }
    }

    pub(super) fn refuse_newer(&self) -> Result<(), Error> {
        self.format
            .map_or(Ok(()), |format| self.file.refuse(format))
    }

    /// The state folder, if there is one that may be used.
    pub(super) fn state(&self) -> io::Result<Option<&Folder>> {
        match &self.state {
            State::Open(state) => Ok(Some(state)),
            State::Absent => Ok(None),
            State::Closed(kind) => Err((*kind).into()),
        }
    }

    /// The state folder of a session, which has one.
    pub(super) fn state_folder(&self) -> io::Result<&Folder> {
        self.state()?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn segments(&self) -> Segments {
        Segments::on(&self.journal)
    }

    pub(super) fn backups(&self) -> Backups {
        self.kept(&self.backups)
    }

    pub(super) fn quarantined(&self) -> Backups {
        self.kept(&self.quarantine)
    }

    pub(super) fn complements(&self) -> Backups {
        self.kept(&self.complements).max_len(4 * self.longest())
    }

    fn kept(&self, shelf: &Arc<Shelf>) -> Backups {
        let shelf: Arc<dyn persist_backup::Storage> = Arc::clone(shelf) as _;
        Backups::over(shelf).max_len(self.longest())
    }

    /// The folder that the journal calls by this name, where the content of saves is kept.
    pub(super) fn shelf(&self, name: &str) -> &Shelf {
        match name {
            place::QUARANTINE => &self.quarantine,
            _ => &self.backups,
        }
    }

    /// The snapshots in the folder that the journal calls by this name.
    pub(super) fn kept_in(&self, name: &str) -> Backups {
        match name {
            place::QUARANTINE => self.quarantined(),
            _ => self.backups(),
        }
    }

    /// The most bytes that content of this file can have.
    pub(super) fn longest(&self) -> u64 {
        self.options().limits.bytes as u64
    }
}
