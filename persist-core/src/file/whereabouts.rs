//! Where a file's history is, found out before anything is opened or created there, and settled under the lock.

mod claim;

use std::io;
use std::path::{Path, PathBuf};

use persist_lock::{Folder, Site, state_dir_for};

use super::ConfigFile;
use crate::error::{Error, HistoryTrouble};
use crate::home::{self, Given, HistoryPointer, Home};
use crate::place::{self, Ownership};
use crate::state_format::{self, Format};

/// Where the history is, and by whose word.
#[derive(Debug)]
pub(super) struct Whereabouts {
    /// The file with the state folder that the history is in, or is to be in.
    pub(super) site: Site,
    /// The file with the folder beside it; `None` where there can be no lock in it.
    pub(super) beside: Option<Site>,
    /// The format of the state folder, if there is one.
    pub(super) format: Option<Format>,
    /// What the folder beside the file says.
    said: HistoryPointer,
    home: Home,
}

/// A folder that may hold the history, looked into once.
struct Candidate {
    site: Site,
    format: Option<Format>,
    kept: Ownership,
}

impl ConfigFile {
    /// The folder beside the file.
    pub(super) fn default_root(&self) -> PathBuf {
        state_dir_for(self.live())
    }

    /// The site with the state folder that the caller named, unless it is the one beside the file.
    pub(super) fn given(&self) -> Result<Option<Site>, Error> {
        let Some(path) = &self.options().state_dir else {
            return Ok(None);
        };
        let site = self.open_site(path)?;
        let beside = site.is_beside().map_err(|e| self.lock_error(e))?;
        Ok((!beside).then_some(site))
    }

    pub(super) fn open_site(&self, state: &Path) -> Result<Site, Error> {
        Site::open(&self.target, state).map_err(|e| self.lock_error(e))
    }

    /// Where the history is, if the caller named a folder for it, or the one beside the file is of [`Format::Elsewhere`].
    ///
    /// # Errors
    /// [`Error::History`], [`Error::StateFolderTaken`], [`Error::NewerState`].
    pub(super) fn whereabouts(&self, given: Option<Site>) -> Result<Whereabouts, Error> {
        let (beside, said) = self.beside()?;
        if beside.shared_with().is_some() || beside.is_to_be_closed() {
            // Any member could have written there where it is.
            return Err(Error::History {
                file: self.path().to_path_buf(),
                what: HistoryTrouble::Shared {
                    beside: self.default_root(),
                },
            });
        }
        let given = given.map(|site| self.candidate(site)).transpose()?;
        let is_pointed = |given: &Candidate| matches!(&said, HistoryPointer::There(path) if is_at(&given.site, path));
        let is_pointed = given.as_ref().is_some_and(is_pointed);
        let (pointed, mut kept) = match (&said, &given) {
            (_, Some(given)) if is_pointed => (None, given.kept.clone()),
            (HistoryPointer::There(path), _) => self.pointed(path)?,
            _ => (None, Ownership::Nothing),
        };
        let led = |to: &Candidate| to.format.is_none() || beside.may_lead_to(&to.site);
        if given.is_none() && !pointed.as_ref().is_none_or(led) {
            // By the word of somebody who may not say so.
            kept = Ownership::Unclaimed;
        }
        let named = given.as_ref().map(|given| Given {
            path: given.site.state_path(),
            is_pointed,
            kept: given.kept.clone(),
        });
        let home = home::decide(&said, &self.default_root(), named.as_ref(), &kept);
        let home = home.map_err(|what| Error::History {
            file: self.path().to_path_buf(),
            what,
        })?;
        if let Some(named) = named
            && let Ownership::Anothers(other) = named.kept
        {
            return Err(self.taken(named.path, other));
        }
        let (site, format) = match given.or(pointed) {
            Some(found) => (found.site, found.format),
            None => (beside.clone(), None),
        };
        Ok(Whereabouts {
            site,
            beside: Some(beside),
            format,
            said,
            home,
        })
    }

    /// The folder that the one beside the file names. Whatever is wrong with it, the file can be read.
    fn pointed(&self, path: &Path) -> Result<(Option<Candidate>, Ownership), Error> {
        use persist_lock::Error::{ForeignLink, ForeignState, Io, SymlinkLoop};
        let error = match Site::open(&self.target, path) {
            Ok(site) => {
                let found = self.candidate(site)?;
                let kept = found.kept.clone();
                return Ok((Some(found), kept));
            }
            Err(error) => error,
        };
        let kind = match &error {
            Io { source, .. } => Some(source.kind()),
            _ => None,
        };
        match (&error, kind) {
            (_, Some(io::ErrorKind::PermissionDenied)) => Err(self.lock_error(error)),
            (ForeignState { .. } | ForeignLink { .. } | SymlinkLoop { .. }, _)
            | (_, Some(io::ErrorKind::NotADirectory)) => {
                Ok((None, Ownership::Anothers(path.to_path_buf())))
            }
            // A dead mount, say.
            _ => Ok((None, Ownership::Nothing)),
        }
    }

    fn candidate(&self, site: Site) -> Result<Candidate, Error> {
        let Some(state) = site.state() else {
            return Ok(Candidate {
                site,
                format: None,
                kept: Ownership::Nothing,
            });
        };
        let look = || {
            let format = state_format::read(state)?;
            Ok((format, place::kept_in(state, format, self.live())?))
        };
        let (format, kept) = look().map_err(|e| self.closed(state, "find out whose it is:", e))?;
        Ok(Candidate {
            format: Some(format),
            kept,
            site,
        })
    }

    /// The file with the folder beside it, and what that says. One that is not believed says nothing.
    fn beside(&self) -> Result<(Site, HistoryPointer), Error> {
        let root = self.default_root();
        let beside = match Site::open(&self.target, &root) {
            Err(persist_lock::Error::ForeignState { .. }) => {
                Site::without_state(&self.target, &root)
            }
            beside => beside,
        };
        let beside = beside.map_err(|e| self.lock_error(e))?;
        let said = match beside.state() {
            Some(state) => self.said(state)?,
            None => HistoryPointer::Nothing,
        };
        Ok((beside, said))
    }

    fn said(&self, beside: &Folder) -> Result<HistoryPointer, Error> {
        let format = state_format::read(beside);
        let format = format.map_err(|e| self.closed(beside, "read the format of", e))?;
        self.refuse(format, beside.path())?;
        home::said(beside, format).map_err(|e| self.closed(beside, "look into", e))
    }

    fn taken(&self, folder: &Path, other: PathBuf) -> Error {
        Error::StateFolderTaken {
            file: self.path().to_path_buf(),
            folder: folder.to_path_buf(),
            other,
        }
    }

    /// To be looked at afresh.
    fn changed(&self) -> Error {
        self.lock_error(persist_lock::Error::Changed {
            path: self.default_root(),
        })
    }
}

fn is_at(site: &Site, path: &Path) -> bool {
    site.real_state_path().is_some_and(|real| real == path) || site.state_path() == path
}

/// Whether an error says that the history is closed to this caller, so that the file can be read without it.
pub(super) fn is_closed(error: &Error) -> bool {
    let closed = |source: &io::Error| {
        [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::NotADirectory,
        ]
        .contains(&source.kind())
    };
    match error {
        Error::History { .. } | Error::StateFolderTaken { .. } => true,
        Error::Lock { source, .. } => match source {
            persist_lock::Error::ForeignState { .. } | persist_lock::Error::NotShared { .. } => {
                true
            }
            persist_lock::Error::Io { source, .. } => closed(source),
            _ => false,
        },
        Error::Io { source, .. } => closed(source),
        _ => false,
    }
}
