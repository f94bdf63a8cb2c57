//! One file with its folders opened, for one operation.

use std::ffi::OsString;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};

use jiff::Timestamp;
use persist_backup::Backups;
use persist_lock::{Folder, Provenance, Site, WriteGuard};

use super::ConfigFile;
use super::kept::Kept;
use super::turn::Turn;
use super::whereabouts::{Whereabouts, is_closed};
use crate::backup_id::BackupFolder;
use crate::error::{Error, io_error};
use crate::journal::Segments;
use crate::live::Live;
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
    /// What was found of where the history is; `None` where nothing but the folder beside the file was asked.
    pub(super) whereabouts: Option<Whereabouts>,
    /// Why the history can't be used, where more is known of it than that it is closed.
    trouble: Option<Error>,
    /// Where a state folder of somebody else's was set aside.
    pub(super) aside: Option<PathBuf>,
    /// Whether folders in the state folder were made whose names are not durable yet.
    pub(super) made: bool,
    /// Whether it was shared, and was closed to the group just now, as its mode or the file's says.
    pub(super) closed: bool,
    /// Held while the file is locked for a change.
    pub(super) turn: Option<Turn>,
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
        match self.found() {
            Ok(opened) => Ok(opened),
            Err(error) if is_closed(&error) => {
                let site = Site::without_state(&self.target, &self.default_root());
                let site = site.map_err(|e| self.lock_error(e))?;
                let closed = State::Closed(io::ErrorKind::PermissionDenied);
                let mut opened = Opened::new(self, site, closed, None);
                let known = matches!(
                    error,
                    Error::History { .. } | Error::StateFolderTaken { .. }
                );
                opened.trouble = known.then_some(error);
                Ok(opened)
            }
            Err(Error::NewerState { found, .. }) => {
                // The folder beside the file; what is elsewhere is opened as it is.
                let site = Site::without_state(&self.target, &self.default_root());
                let site = site.map_err(|e| self.lock_error(e))?;
                let closed = State::Closed(io::ErrorKind::Unsupported);
                Ok(Opened::new(self, site, closed, Some(Format::Newer(found))))
            }
            Err(error) => Err(error),
        }
    }

    fn found(&self) -> Result<Opened<'_>, Error> {
        let apart = match self.given()? {
            Some(given) => self.whereabouts(Some(given))?,
            None => {
                let beside = self.open_site(&self.default_root())?;
                let Some(state) = beside.state().cloned() else {
                    return Ok(Opened::new(self, beside, State::Absent, None));
                };
                match self.format_to_read(&state)? {
                    Some(Format::Elsewhere) => self.whereabouts(None)?,
                    format => return Ok(Opened::of_format(self, beside, state, format)),
                }
            }
        };
        let mut site = apart.site.clone();
        if let Some(beside) = apart.beside.clone() {
            site = site.locked_beside(beside);
        }
        let mut opened = match site.state().cloned() {
            None => Opened::new(self, site, State::Absent, None),
            Some(state) => Opened::of_format(self, site, state, apart.format),
        };
        opened.whereabouts = Some(apart);
        Ok(opened)
    }

    /// The format of a state folder; `None` where this caller may not read it.
    fn format_to_read(&self, state: &Folder) -> Result<Option<Format>, Error> {
        match self.state_format.read(state) {
            Ok(format) => Ok(Some(format)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
            Err(error) => Err(io_error("read the format of", state.path(), error)),
        }
    }

    /// As [`opened`](Self::opened), for what needs to know what a state folder says.
    ///
    /// # Errors
    /// [`Error::NewerState`], [`Error::History`].
    pub(super) fn opened_whole(&self) -> Result<Opened<'_>, Error> {
        let mut opened = self.opened()?;
        if let Some(trouble) = opened.trouble.take() {
            return Err(trouble);
        }
        opened.refuse_newer()?;
        Ok(opened)
    }

    /// As [`opened_whole`](Self::opened_whole), with a state folder, created where it is missing. One that was shared and is not
    /// to be any more is closed to the group first, so that nothing is written there that it may read.
    pub(super) fn opened_to_write(&self, content: Provenance) -> Result<Opened<'_>, Error> {
        let opened = self.opened_as_it_is(content)?;
        if !opened.is_to_be_closed() {
            return Ok(opened);
        }
        self.close(content, &opened)?;
        let mut closed = self.opened_as_it_is(content)?;
        closed.made |= opened.made;
        closed.aside = closed.aside.or(opened.aside);
        closed.closed = true;
        Ok(closed)
    }

    pub(super) fn opened_as_it_is(&self, content: Provenance) -> Result<Opened<'_>, Error> {
        match self.given()? {
            Some(given) => self.opened_apart(Some(given), content),
            None => {
                let kept = self.kept().clone();
                let earlier = kept.as_ref().map(|kept| &kept.site);
                let root = self.default_root();
                let site = Site::without_state_again(&self.target, &root, earlier);
                let mut site = site.map_err(|e| self.lock_error(e))?;
                let aside = self.create(&mut site, content)?;
                let (state, format) = self.created(&site)?;
                if format == Format::Elsewhere {
                    // It was there, and nobody's history was set aside for it.
                    return self.opened_apart(None, content);
                }
                let opened = self.made(site, state, format, aside, kept.as_deref())?;
                *self.kept() = opened.keep(kept.as_deref()).map(Arc::new);
                Ok(opened)
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Arc<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same where the history is not to be beside the file.
    fn opened_apart(&self, given: Option<Site>, content: Provenance) -> Result<Opened<'_>, Error> {
        let mut apart = self.whereabouts(given)?;
        let mut site = apart.site.clone();
        if let Some(format) = apart.format {
            // Before anything is created for it.
            self.refuse(format, site.state_path())?;
        }
        let mut aside = None;
        if let Some(mut beside) = apart.beside.take() {
            self.may_begin(&beside, content)?;
            let created = beside.create_lock_folder(content);
            if let Some(created) = created.map_err(|e| self.lock_error(e))? {
                self.ignore(created.new, &created.state)?;
                aside = created.aside;
                apart.beside = Some(beside.clone());
                site = site.locked_beside(beside);
            }
        }
        if apart.beside.is_none() {
            let path = self.path.display();
            tracing::warn!(%path, "its lock can't be beside it: nobody is kept out who does not name this state folder");
        }
        self.create(&mut site, content)?;
        let (state, format) = self.created(&site)?;
        let mut opened = self.made(site, state, format, aside, None)?;
        opened.whereabouts = Some(apart);
        Ok(opened)
    }

    /// Creates the state folder where it is missing. Where one of somebody else's was set aside.
    fn create(&self, site: &mut Site, content: Provenance) -> Result<Option<PathBuf>, Error> {
        let failed = |e| self.lock_error(e);
        if site.find_state(content).map_err(failed)?.is_some() {
            return Ok(None);
        }
        self.may_begin(site, content)?;
        let created = site.create_state(content).map_err(failed)?;
        self.ignore(created.new, &created.state)?;
        Ok(created.aside)
    }

    /// Who can't save leaves no state folder behind.
    fn may_begin(&self, site: &Site, content: Provenance) -> Result<(), Error> {
        match content {
            Provenance::Caller => site
                .may_begin(self.options.allow)
                .map_err(|e| self.not_saved(e)),
            Provenance::History => Ok(()),
        }
    }

    fn ignore(&self, new: bool, state: &Folder) -> Result<(), Error> {
        match new {
            true => place::ignore(state).map_err(|e| io_error("write to", state.path(), e)),
            false => Ok(()),
        }
    }

    /// The state folder that was found or created, and its format. Before anything else: a newer persist may lock in
    /// another way, or keep other things here.
    fn created(&self, site: &Site) -> Result<(Folder, Format), Error> {
        let state = site.state().cloned().ok_or_else(|| {
            let missing = io::ErrorKind::NotFound.into();
            io_error("open", site.state_path(), missing)
        })?;
        let format = self.state_format.read(&state);
        let format = format.map_err(|e| self.closed(&state, "read the format of", e))?;
        self.refuse(format, site.state_path())?;
        Ok((state, format))
    }

    fn made(
        &self,
        site: Site,
        state: Folder,
        format: Format,
        aside: Option<PathBuf>,
        kept: Option<&Kept>,
    ) -> Result<Opened<'_>, Error> {
        let path = state.path().to_path_buf();
        let mut opened = Opened::after(kept, self, site, State::Open(state), Some(format));
        opened.aside = aside;
        opened.made = opened.make().map_err(|source| {
            // As the lock says it: a folder that can't be written in.
            let op = "create a folder in";
            self.lock_error(persist_lock::Error::Io { op, path, source })
        })?;
        Ok(opened)
    }

    /// A folder that this caller may not enter belongs to somebody.
    pub(super) fn closed(&self, state: &Folder, op: &'static str, error: io::Error) -> Error {
        let theirs = !state.is_callers().unwrap_or(true);
        match state.owner() {
            Ok(owner) if theirs && error.kind() == io::ErrorKind::PermissionDenied => self
                .lock_error(persist_lock::Error::NotShared {
                    path: state.path().to_path_buf(),
                    owner,
                    group: state.shared_with(),
                }),
            _ => io_error(op, state.path(), error),
        }
    }

    fn not_saved(&self, source: persist_lock::Error) -> Error {
        Error::NotSaved {
            file: self.path.clone(),
            source: source.into(),
        }
    }

    /// Refuses a folder of a newer persist.
    pub(super) fn refuse(&self, format: Format, folder: &Path) -> Result<(), Error> {
        match format {
            Format::Known(_) | Format::Elsewhere => Ok(()),
            Format::Newer(found) => Err(Error::NewerState {
                file: self.path.clone(),
                folder: folder.to_path_buf(),
                found,
                known: state_format::HIGHEST,
            }),
        }
    }
}

impl<'f> Opened<'f> {
    fn new(file: &'f ConfigFile, site: Site, state: State, format: Option<Format>) -> Self {
        Opened::after(None, file, site, state, format)
    }

    /// The same where an earlier operation had folders open that may still be the ones.
    fn after(
        kept: Option<&Kept>,
        file: &'f ConfigFile,
        site: Site,
        state: State,
        format: Option<Format>,
    ) -> Self {
        let root = site.state_path();
        let earlier = |name| match name {
            place::JOURNAL => kept?.journal.as_ref(),
            place::BACKUPS => kept?.backups.as_ref(),
            _ => None,
        };
        let shelf = |name| Arc::new(Shelf::new(&state, root, name).after(earlier(name)));
        Opened {
            file,
            format,
            whereabouts: None,
            trouble: None,
            aside: None,
            made: false,
            closed: false,
            turn: None,
            journal: shelf(place::JOURNAL),
            backups: shelf(place::BACKUPS),
            quarantine: shelf(place::QUARANTINE),
            complements: shelf(place::COMPLEMENTS),
            site,
            state,
        }
    }

    /// The folders, for the next operation.
    fn keep(&self, before: Option<&Kept>) -> Option<Kept> {
        let folder = |shelf: &Shelf| shelf.opened().cloned();
        let (journal, backups) = (folder(&self.journal), folder(&self.backups));
        Kept::new(before, self.site.clone(), journal, backups)
    }

    /// With the state folder as open as its format lets it be.
    fn of_format(file: &'f ConfigFile, site: Site, state: Folder, format: Option<Format>) -> Self {
        let state = match format {
            Some(Format::Known(_)) => State::Open(state),
            Some(Format::Newer(_)) => State::Closed(io::ErrorKind::Unsupported),
            Some(Format::Elsewhere) | None => State::Closed(io::ErrorKind::PermissionDenied),
        };
        Opened::new(file, site, state, format)
    }

    /// Where the history is, for messages.
    pub(super) fn state_dir(&self) -> &Path {
        self.site.state_path()
    }

    /// Why the history can't be used, where more is known of it than that it is closed.
    pub(super) fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// The file, for as long as that is there.
    pub(super) fn file(&self) -> &'f ConfigFile {
        self.file
    }

    /// All folders that there can be, made for members of a group, who could not give theirs to the owner of the state folder.
    pub(super) fn make_all(&self) -> io::Result<()> {
        for shelf in [
            &self.journal,
            &self.backups,
            &self.quarantine,
            &self.complements,
        ] {
            shelf.make()?;
        }
        Ok(())
    }

    /// The folders that every save needs. Whether any is new: its name is not durable yet.
    fn make(&self) -> io::Result<bool> {
        let journal = self.journal.make()?;
        Ok(self.backups.make()? || journal)
    }

    /// The live file as it is under the lock, which keeps it open for who replaces it.
    pub(super) fn read_live_under(&self, guard: &WriteGuard) -> Result<Option<Live>, Error> {
        let (path, opened) = (self.live(), self.site.open_live());
        let Some(file) = opened.map_err(|e| io_error("read", path, e))? else {
            return Ok(None);
        };
        let live = Live::read(&file, path, self.options().limits.bytes)?;
        guard.keep_open(file);
        Ok(Some(live))
    }

    /// The state folder was listed under the lock, without which nobody creates a folder there: what is not among the names need
    /// not be looked for.
    pub(super) fn remember_absent(&self, names: &[OsString]) {
        for shelf in [&self.quarantine, &self.complements] {
            shelf.remember_absent(!names.iter().any(|name| name == shelf.name()));
        }
    }

    pub(super) fn refuse_newer(&self) -> Result<(), Error> {
        self.format
            .map_or(Ok(()), |format| self.file.refuse(format, self.state_dir()))
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
    pub(super) fn shelf(&self, folder: BackupFolder) -> &Shelf {
        match folder {
            BackupFolder::Backups => &self.backups,
            BackupFolder::Quarantine => &self.quarantine,
            BackupFolder::Complements => &self.complements,
        }
    }

    /// The copies in that folder.
    pub(super) fn kept_in(&self, folder: BackupFolder) -> Backups {
        match folder {
            BackupFolder::Backups => self.backups(),
            BackupFolder::Quarantine => self.quarantined(),
            BackupFolder::Complements => self.complements(),
        }
    }

    /// What time it is.
    pub(super) fn now(&self) -> Timestamp {
        (self.options().clock)()
    }

    /// The most bytes that content of this file can have.
    pub(super) fn longest(&self) -> u64 {
        self.options().limits.bytes as u64
    }
}
