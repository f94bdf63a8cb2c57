//! Going back: undo the last change, or put a chosen snapshot in place. Byte for byte.

use std::path::Path;

use persist_backup::Backups;

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use super::session::Session;
use crate::error::Error;
use crate::history::{self, Entry};
use crate::journal::Kind;
use crate::place;
use crate::receipt::Receipt;

/// What to do with content that is no valid document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unparsable {
    Refused,
    Taken,
}

impl ConfigFile {
    /// Every change that took effect, oldest first.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read; damaged records are left out.
    pub fn history(&self) -> Result<Vec<Entry>, Error> {
        let opened = self.opened_whole()?;
        let live = opened.look()?.live.map(|l| l.digest);
        let log = opened.segments().read_all()?;
        let lost = opened.lost(&log.records, live.as_ref())?;
        Ok(history::entries(&log.records, lost))
    }

    /// Takes back the last change that was not taken back already. The file is byte for byte what
    /// it was before; repeated, it goes further back, as far as backups reach.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is nothing to undo or the backup was pruned; [`Error::Unparsable`] where the content
    /// before is no valid document; else as a save.
    pub fn undo(&self) -> Result<Receipt, Error> {
        self.undone(Unparsable::Refused)
    }

    /// As [`undo`](Self::undo), also if that leaves the file with text that is no valid document, such as a broken edit by hand
    /// that a restore had replaced.
    ///
    /// # Errors
    /// As there, without [`Error::Unparsable`].
    pub fn undo_even_unparsable(&self) -> Result<Receipt, Error> {
        self.undone(Unparsable::Taken)
    }

    fn undone(&self, unparsable: Unparsable) -> Result<Receipt, Error> {
        let nothing = "there is no change to undo";
        self.leave_no_trace(nothing)?;
        let mut session = self.session_back()?;
        if let Some(damage) = session.damage() {
            return Err(session.damaged(damage.clone()));
        }
        session.flush()?;
        let log = session.opened.segments().read_all()?;
        let entries = history::entries(&log.records, None); // the session has settled the last one
        let target = history::undo_target(&entries, session.digest().as_ref());
        let target = target.ok_or_else(|| self.not_found(nothing))?;
        let bytes = session.opened.before(target)?;
        let from = format!("the content before {} #{}", target.how, target.seq);
        let change = Change {
            undoes: Some(target.seq),
            ..self.put(Kind::Undo, &session, bytes, from, unparsable)?
        };
        session.commit(change)
    }

    /// Puts a snapshot in place of the live content, which is backed up first.
    ///
    /// `what` is a sequence number, the start of a digest, or `latest`.
    ///
    /// # Errors
    /// [`Error::Backup`] where no snapshot or several match, or it is damaged; [`Error::Unparsable`] where it is no valid
    /// document; else as a save.
    pub fn restore(&self, what: &str) -> Result<Receipt, Error> {
        self.restored(what, Unparsable::Refused)
    }

    /// As [`restore`](Self::restore), also if that leaves the file with text that is no valid document.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # use persist_core::{ConfigFile, Error, Options};
    /// std::fs::write(&path, "width = [")?; // a person is at work
    /// let file = ConfigFile::open(&path, Options::default())?;
    /// # std::fs::write(&path, "width = 1\n")?;
    /// # file.edit(None, |document| Ok(document.set(&"width".parse()?, 2)?.warnings))?;
    /// # std::fs::write(&path, "width = [")?;
    /// file.restore("latest")?;
    /// // What was replaced is the newest backup now.
    /// assert!(matches!(file.restore("latest"), Err(Error::Unparsable { .. })));
    /// file.restore_even_unparsable("latest")?;
    /// assert_eq!(std::fs::read_to_string(&path)?, "width = [");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As there, without [`Error::Unparsable`].
    pub fn restore_even_unparsable(&self, what: &str) -> Result<Receipt, Error> {
        self.restored(what, Unparsable::Taken)
    }

    fn restored(&self, what: &str, unparsable: Unparsable) -> Result<Receipt, Error> {
        let find = |backups: &Backups| backups.find(what).map_err(|e| self.backup_error(e));
        find(&self.opened_whole()?.backups())?; // before a state folder is made for a file that never had one
        let session = self.session_back()?;
        let backups = session.opened.backups();
        let snapshot = find(&backups)?;
        let bytes = backups
            .read(&snapshot.id)
            .map_err(|e| self.backup_error(e))?;
        let from = format!("backup {}", snapshot.id.short());
        let change = Change {
            quarantine: session.damage().is_some(),
            ..self.put(Kind::Restore, &session, bytes, from, unparsable)?
        };
        session.commit(change)
    }

    /// Fails before a state folder is made, where there is neither a file nor a state folder.
    pub(super) fn leave_no_trace(&self, what: &str) -> Result<(), Error> {
        let opened = self.opened()?;
        if !matches!(opened.state(), Ok(None)) || opened.read_live()?.is_some() {
            return Ok(());
        }
        Err(self.not_found(what))
    }

    fn put(
        &self,
        kind: Kind,
        session: &Session<'_>,
        bytes: Vec<u8>,
        from: String,
        unparsable: Unparsable,
    ) -> Result<Change, Error> {
        let new = match (self.parse(&bytes), unparsable) {
            (Ok(new), _) => Some(new),
            (Err(Error::Invalid(source)), Unparsable::Refused) => {
                // Where in that text, not where in the file.
                let source = Box::new(source.with_file(Path::new(&from)));
                return Err(Error::Unparsable {
                    file: self.path.clone(),
                    what: from,
                    source,
                });
            }
            (Err(_), _) => None,
        };
        let old = session.live().and_then(|live| self.document_in(live).ok());
        let changes = match (&old, &new) {
            (Some(old), Some(new)) => self.notes(old, new),
            _ => Vec::new(),
        };
        Ok(Change {
            changes,
            version: new.as_ref().and_then(|new| self.version_text(new)),
            document: new,
            from: Some(from),
            ..Change::new(kind, bytes)
        })
    }

    /// The bytes that `entry` replaced, verified.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there was no file before, or no copy of it is left.
    pub fn content_before(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        self.opened_whole()?.before(entry)
    }

    pub(super) fn not_found(&self, what: &str) -> Error {
        Error::NotFound {
            file: self.path.clone(),
            what: what.into(),
        }
    }
}

impl Opened<'_> {
    /// See [`ConfigFile::content_before`].
    pub(super) fn before(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        let Some(digest) = entry.old else {
            let message = format!(
                "change #{} created the file; there is nothing before it",
                entry.seq
            );
            return Err(self.not_found(&message));
        };
        let named = entry.backup.as_deref().and_then(place::kept_as);
        let found = match named {
            Some((folder, id)) => self.backup(&self.kept_in(folder), &id)?,
            None => None,
        };
        let found = match found {
            Some(bytes) => Some(bytes),
            None => self.copy_of(&digest)?.map(|(bytes, _)| bytes),
        };
        found.ok_or_else(|| {
            let snapshots = self.backups().list().unwrap_or_default();
            let is_there = snapshots.iter().any(|s| s.id.digest() == digest);
            let why = match is_there {
                true => "is in a backup that is damaged; `verify` says more",
                false => "is not among the backups any more",
            };
            self.not_found(&format!("the content before change #{} {why}", entry.seq))
        })
    }
}
