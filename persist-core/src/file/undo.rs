//! Going back: undo the last change, or put a chosen snapshot in place. Byte for byte.

use persist_backup::{Backups, Digest};

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use super::session::Session;
use crate::error::Error;
use crate::history::{self, Entry};
use crate::journal::Kind;
use crate::past::{MOST_STEPS, Past, Step};
use crate::place;
use crate::receipt::Receipt;

impl ConfigFile {
    /// Every change that took effect, oldest first.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read; damaged records are left out.
    pub fn history(&self) -> Result<Vec<Entry>, Error> {
        let opened = self.opened_whole()?;
        let lost = opened.look()?.lost();
        let log = opened.segments().read_all()?;
        Ok(history::entries(&log.records, lost))
    }

    /// The last `count` of them, oldest first: read from the journal's end, however long that is.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub fn last_changes(&self, count: usize) -> Result<Vec<Entry>, Error> {
        let opened = self.opened_whole()?;
        let lost = opened.look()?.lost();
        opened.last_changes(count, lost)
    }

    /// Takes back the last change that was not taken back already. The file is byte for byte what
    /// it was before; repeated, it goes further back: by a hundred changes, as far as their backups are kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is nothing to undo or the backup was pruned; [`Error::JournalGap`] where the
    /// journal has lost what there was to undo; else as a save.
    pub fn undo(&self) -> Result<Receipt, Error> {
        self.undo_by(1)
    }

    /// Takes back so many changes at once.
    ///
    /// # Errors
    /// As [`undo`](Self::undo).
    pub fn undo_by(&self, count: usize) -> Result<Receipt, Error> {
        let nothing = match count {
            0 | 1 => "there is no change to undo",
            _ => "there are not so many changes to undo",
        };
        self.go(Kind::Undo, nothing, |past, live| {
            past.back_by(count, live).cloned()
        })
    }

    /// Takes back every change after number `change`: the file is what that change has left.
    ///
    /// # Errors
    /// As [`undo`](Self::undo).
    pub fn undo_to(&self, change: u64) -> Result<Receipt, Error> {
        let nothing = "there is no change after that one to undo";
        self.go(Kind::Undo, nothing, |past, live| {
            past.back_to(change, live).cloned()
        })
    }

    /// Makes the last `count` changes again that were taken back, unless there was another change since.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("app.toml");
    /// # std::fs::write(&path, "width = 1\n").unwrap();
    /// # use persist_core::{ConfigFile, Options};
    /// # let file = ConfigFile::open(&path, Options::default())?;
    /// for width in [2, 3, 4] {
    ///     file.edit(None, |document| Ok(document.set(&"width".parse()?, width)?.warnings))?;
    /// }
    /// file.undo_by(3)?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "width = 1\n");
    /// file.redo(2)?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "width = 3\n");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`undo`](Self::undo).
    pub fn redo(&self, count: usize) -> Result<Receipt, Error> {
        let nothing = match count {
            0 | 1 => "there is no change to redo",
            _ => "there are not so many changes to redo",
        };
        self.go(Kind::Redo, nothing, |past, live| {
            past.forth_by(count, live).cloned()
        })
    }

    fn go(
        &self,
        kind: Kind,
        nothing: &str,
        find: impl Fn(&Past, Option<&Digest>) -> Option<Step>,
    ) -> Result<Receipt, Error> {
        self.leave_no_trace(nothing)?;
        let mut session = self.session_back()?;
        if let Some(damage) = session.damage() {
            return Err(session.damaged(damage.clone()));
        }
        session.flush()?; // what is adopted with it can be taken back, too
        let past = session.past();
        let step = find(&past, session.digest().as_ref()).ok_or_else(|| match past.gap {
            Some(after) => self.journal_gap(after, "what to go back to"),
            None if past.back.len() == MOST_STEPS && kind == Kind::Undo => self.not_found(
                "no more than the last 100 changes can be undone; `restore` brings back any backup",
            ),
            None => self.not_found(nothing),
        })?;
        let target = Some(step.seq);
        let (undoes, redoes, where_to) = match kind {
            Kind::Redo => (None, target, "after"),
            _ => (target, None, "before"),
        };
        let Some(content) = step.content else {
            return Err(session.opened.nothing_before(step.seq));
        };
        let copy = session.opened.copy_of(&content)?;
        let (bytes, _) = copy.ok_or_else(|| {
            let opened = &session.opened;
            opened.no_copy_of(&content, &format!("{where_to} change #{}", step.seq))
        })?;
        let change = Change {
            undoes,
            redoes,
            from: Some(format!("the content {where_to} change #{}", step.seq)),
            ..self.put(kind, &session, bytes)
        };
        session.commit(change)
    }

    /// Puts a snapshot in place of the live content, which is backed up first.
    ///
    /// `what` is a sequence number, the start of a digest, or `latest`.
    ///
    /// # Errors
    /// [`Error::Backup`] where no snapshot or several match, or it is damaged; else as a save.
    pub fn restore(&self, what: &str) -> Result<Receipt, Error> {
        let find = |backups: &Backups| backups.find(what).map_err(|e| self.backup_error(e));
        find(&self.opened_whole()?.backups())?; // before a state folder is made for a file that never had one
        let session = self.session_back()?;
        let backups = session.opened.backups();
        let snapshot = find(&backups)?;
        let bytes = backups
            .read(&snapshot.id)
            .map_err(|e| self.backup_error(e))?;
        let change = Change {
            from: Some(format!("backup {}", snapshot.id.short())),
            quarantine: session.damage().is_some(),
            ..self.put(Kind::Restore, &session, bytes)
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

    fn put(&self, kind: Kind, session: &Session<'_>, bytes: Vec<u8>) -> Change {
        let new = self.parse(&bytes).ok();
        let old = session.live().and_then(|live| self.document_in(live).ok());
        let changes = match (&old, &new) {
            (Some(old), Some(new)) => self.notes(old, new),
            _ => Vec::new(),
        };
        Change {
            changes,
            version: new.as_ref().and_then(|new| self.version_text(new)),
            document: new,
            ..Change::new(kind, bytes)
        }
    }

    /// The bytes that `entry` replaced, verified.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there was no file before, or no copy of it is left.
    pub fn content_before(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        self.opened_whole()?.before(entry)
    }

    pub(super) fn journal_gap(&self, after: u64, what: &'static str) -> Error {
        Error::JournalGap {
            file: self.path.clone(),
            after,
            what,
        }
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
            return Err(self.nothing_before(entry.seq));
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
        found.ok_or_else(|| self.no_copy_of(&digest, &format!("before change #{}", entry.seq)))
    }

    fn nothing_before(&self, change: u64) -> Error {
        self.not_found(&format!(
            "change #{change} created the file; there is nothing before it"
        ))
    }

    fn no_copy_of(&self, digest: &Digest, which: &str) -> Error {
        let snapshots = self.backups().list().unwrap_or_default();
        let is_there = snapshots.iter().any(|s| s.id.digest() == *digest);
        let why = match is_there {
            true => "is in a backup that is damaged; `verify` says more",
            false => "is not among the backups any more",
        };
        self.not_found(&format!("the content {which} {why}"))
    }
}
