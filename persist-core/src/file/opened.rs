//! One file with its folders opened, for one operation.

use std::io;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use persist_backup::Backups;
use persist_lock::{Folder, Provenance, Site};

use super::ConfigFile;
use crate::error::{Error, io_error};
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
    /// Where a state folder of somebody else's was set aside.
    pub(super) aside: Option<PathBuf>,
    /// Whether folders in the state folder were made whose names are not durable yet.
    pub(super) made: bool,
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
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let closed = State::Closed(io::ErrorKind::PermissionDenied);
                Ok(Opened::new(self, site, closed, None))
            }
            Err(error) => Err(io_error("read the format of", state.path(), error)),
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
    pub(super) fn opened_to_write(&self, content: Provenance) -> Result<Opened<'_>, Error> {
        let site = Site::without_state(&self.target, &self.root);
        let mut site = site.map_err(|e| self.lock_error(e))?;
        if content == Provenance::Caller {
            // Who can't save leaves no state folder behind.
            site.may_begin(self.options.allow)
                .map_err(|e| self.not_saved(e))?;
        }
        let created = site.create_state(content).map_err(|e| self.lock_error(e))?;
        let state = created.state;
        if created.new {
            let failed = |e| io_error("write to", state.path(), e);
            place::ignore(&state).map_err(failed)?;
        }
        // Before anything else: a newer persist may lock in another way, or keep other things here.
        let format = state_format::read(&state);
        let format = format.map_err(|e| self.closed(&state, "read the format of", e))?;
        self.refuse(format)?;
        let mut opened = Opened::new(self, site, State::Open(state.clone()), Some(format));
        opened.aside = created.aside;
        opened.made = opened.make().map_err(|e| {
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

    /// A folder that this caller may not enter belongs to somebody.
    fn closed(&self, state: &Folder, op: &'static str, error: io::Error) -> Error {
        let theirs = !state.is_callers().unwrap_or(true);
        match state.owner() {
            Ok(owner) if theirs && error.kind() == io::ErrorKind::PermissionDenied => self
                .lock_error(persist_lock::Error::ForeignState {
                    path: state.path().to_path_buf(),
                    owner,
                }),
            _ => io_error(op, state.path(), error),
        }
    }

    fn not_saved(&self, source: persist_lock::Error) -> Error {
        Error::NotSaved {
            file: self.path.clone(),
            source: Box::new(source),
        }
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
    match error {
        persist_lock::Error::ForeignState { .. } => true,
        persist_lock::Error::Io { source, .. } => kinds.contains(&source.kind()),
        _ => false,
    }
}

impl<'f> Opened<'f> {
    fn new(file: &'f ConfigFile, site: Site, state: State, format: Option<Format>) -> Self {
        let shelf = |name| Arc::new(Shelf::new(&state, &file.root, name));
        Opened {
            file,
            site,
            format,
            aside: None,
            made: false,
            journal: shelf(place::JOURNAL),
            backups: shelf(place::BACKUPS),
            quarantine: shelf(place::QUARANTINE),
            complements: shelf(place::COMPLEMENTS),
            state,
        }
    }

    /// The file, for as long as that is there.
    pub(super) fn file(&self) -> &'f ConfigFile {
        self.file
    }

    /// The folders that every save needs. Whether any is new: its name is not durable yet.
    fn make(&self) -> io::Result<bool> {
        let journal = self.journal.make()?;
        Ok(self.backups.make()? || journal)
    }

    pub(super) fn refuse_newer(&self) -> Result<(), Error> {
        self.format
            .map_or(Ok(()), |format| self.file.refuse(format))
    }

    /// The state folder, if there is one that may be used.
    pub(super) fn state(&self) -> io::Result<Option<&Folder>> {
        match &self.state {
            State::Open(state) => Ok(Some(state)),
            State::Absent | State::Anew(..) => Ok(None),
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
