//! Going back: undo the last change, or put a chosen snapshot in place. Byte for byte.

use std::path::Path;

use persist_backup::Digest;
use persist_backup::retention::Mark;

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use super::recover::NEVER_SAVED;
use crate::backup_id::WhichBackup;
use crate::error::Error;
use crate::history::{self, Entry};
use crate::journal::Kind;
use crate::live::Live;
use crate::note::ChangeNotes;
use crate::past::{MOST_STEPS, Past, Step};
use crate::receipt::Receipt;

/// What to do with content that is no valid document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unparsable {
    Refused,
    Taken,
}

impl Unparsable {
    pub(super) fn taken(is_taken: bool) -> Unparsable {
        match is_taken {
            true => Unparsable::Taken,
            false => Unparsable::Refused,
        }
    }
}

/// Content to go back or forth to.
pub(super) struct Aim {
    pub(super) kind: Kind,
    /// The number of the change.
    change: u64,
    pub(super) bytes: Vec<u8>,
    /// Where it comes from, in words.
    pub(super) from: String,
}

/// Which way to go through the changes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryMove {
    /// So many changes back, of those that were not undone already.
    Undo(usize),
    /// Back to the content as the change of this number has left it.
    UndoTo(u64),
    /// So many changes forth again, of those that were undone, unless there was another change since.
    Redo(usize),
}

impl HistoryMove {
    fn kind(self) -> Kind {
        match self {
            HistoryMove::Undo(_) | HistoryMove::UndoTo(_) => Kind::Undo,
            HistoryMove::Redo(_) => Kind::Redo,
        }
    }

    /// That it can't be done, where so many changes can be undone, or redone.
    pub(super) fn nothing(self, possible: usize) -> String {
        let (what, done) = match self.kind() {
            Kind::Redo => ("redo", "redone"),
            _ => ("undo", "undone"),
        };
        match (self, possible) {
            (HistoryMove::Undo(0) | HistoryMove::Redo(0), _) => {
                "the number of changes must be at least 1".into()
            }
            (HistoryMove::UndoTo(_), _) => "there is no change after that one to undo".into(),
            (_, 0) => format!("there is no change to {what}"),
            (_, 1) => format!("only 1 change can be {done}"),
            (_, _) => format!("only {possible} changes can be {done}"),
        }
    }

    /// How many changes can be undone, or redone.
    fn possible(self, past: &Past, live: Option<&Digest>) -> usize {
        match self.kind() {
            Kind::Redo => past.possible_redos(live),
            _ => past.possible_undos(live),
        }
    }

    fn step<'p>(self, past: &'p Past, live: Option<&Digest>) -> Option<&'p Step> {
        match self {
            HistoryMove::Undo(count) => past.back_by(count, live),
            HistoryMove::UndoTo(number) => past.back_to(number, live),
            HistoryMove::Redo(count) => past.forth_by(count, live),
        }
    }
}

impl ConfigFile {
    /// Every change that took effect, oldest first.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read; damaged records are left out.
    pub fn history(&self) -> Result<Vec<Entry>, Error> {
        let opened = self.opened_whole()?;
        let lost = opened.look()?.unapplied_intent();
        let log = opened.segments().read_all()?;
        Ok(history::entries(&log.records, lost))
    }

    /// The number of the first record that is left, where older ones were let go because the journal became too long
    /// ([`Options::journal_bytes`](crate::Options::journal_bytes)); `None` where it is there from the start.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read.
    pub fn first_record(&self) -> Result<Option<u64>, Error> {
        self.opened_whole()?.segments().first_record()
    }

    /// The last `count` of them, oldest first: read from the journal's end, however long that is.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub fn last_changes(&self, count: usize) -> Result<Vec<Entry>, Error> {
        let opened = self.opened_whole()?;
        let lost = opened.look()?.unapplied_intent();
        opened.last_changes(count, lost)
    }

    /// Takes back the last change that was not taken back already. The file is byte for byte what
    /// it was before; repeated, it goes further back: by a hundred changes, as far as their backups are kept.
    ///
    /// # Errors
    /// As [`go`](Self::go).
    pub fn undo(&self) -> Result<Receipt, Error> {
        self.go(HistoryMove::Undo(1))
    }

    /// Makes the last change again that was taken back, unless there was another change since.
    ///
    /// # Errors
    /// As [`go`](Self::go).
    pub fn redo(&self) -> Result<Receipt, Error> {
        self.go(HistoryMove::Redo(1))
    }

    /// Takes back changes, or makes them again, in one save.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("app.toml");
    /// # std::fs::write(&path, "width = 1\n").unwrap();
    /// # use persist_core::{ConfigFile, HistoryMove, Options};
    /// # let file = ConfigFile::open(&path, Options::default())?;
    /// for width in [2, 3, 4] {
    ///     file.edit(None, |document| Ok(document.set(&"width".parse()?, width)?.warnings))?;
    /// }
    /// file.go(HistoryMove::Undo(3))?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "width = 1\n");
    /// file.go(HistoryMove::Redo(2))?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "width = 3\n");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] where there are not so many changes or the backup was pruned; [`Error::JournalGap`] where the
    /// journal has lost what they were; [`Error::Unparsable`] where the content there is no valid document; else as a save.
    pub fn go(&self, to: HistoryMove) -> Result<Receipt, Error> {
        self.gone(to, Unparsable::Refused)
    }

    /// As [`go`](Self::go), also if that leaves the file with text that is no valid document, such as a broken edit by hand
    /// that a restore had replaced.
    ///
    /// # Errors
    /// As there, without [`Error::Unparsable`].
    pub fn go_even_unparsable(&self, to: HistoryMove) -> Result<Receipt, Error> {
        self.gone(to, Unparsable::Taken)
    }

    fn gone(&self, to: HistoryMove, unparsable: Unparsable) -> Result<Receipt, Error> {
        self.require_steps(to)?;
        let mut session = self.session_back()?;
        if let Some(damage) = session.damage() {
            return Err(session.damaged(damage.clone()));
        }
        session.flush()?; // what is adopted with it can be taken back, too
        let past = session.past();
        let digest = session.digest();
        let aim = session.opened.aim(to, &past, digest.as_ref())?;
        let (undoes, redoes) = match aim.kind {
            Kind::Redo => (None, Some(aim.change)),
            _ => (Some(aim.change), None),
        };
        let put = (&past, session.live());
        let change = Change {
            undoes,
            redoes,
            ..self.put(aim.kind, put, aim.bytes, aim.from, unparsable)?
        };
        session.commit(change)
    }

    /// Puts a snapshot in place of the live content, which is backed up first.
    ///
    /// `what` is the name that a [`Receipt`] tells, or what a person types: a sequence number, the start of a digest, `latest`, or that name.
    ///
    /// # Errors
    /// [`Error::Backup`] where no snapshot or several match, or it is damaged; [`Error::Purged`] where it was; [`Error::Unparsable`] where it is no valid
    /// document; else as a save.
    pub fn restore(&self, what: impl Into<WhichBackup>) -> Result<Receipt, Error> {
        self.restored(&what.into(), Unparsable::Refused)
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
    pub fn restore_even_unparsable(&self, what: impl Into<WhichBackup>) -> Result<Receipt, Error> {
        self.restored(&what.into(), Unparsable::Taken)
    }

    fn restored(&self, what: &WhichBackup, unparsable: Unparsable) -> Result<Receipt, Error> {
        self.refuse_unless_changeable()?;
        self.opened_whole()?.find_backup(what)?; // before a state folder is made for a file that never had one
        let mut session = self.session_back()?;
        let damaged = session.live().is_some() && session.damage().is_some();
        session.keep_last_saved()?; // it is the latest from then on
        let (bytes, from) = session.opened.backup_of(what)?;
        let put = (&session.past(), session.live());
        let change = Change {
            quarantine: damaged,
            ..self.put(Kind::Restore, put, bytes, from, unparsable)?
        };
        session.commit(change)
    }

    /// Fails before a state folder is made, where there is nothing to go to.
    pub(super) fn require_steps(&self, to: HistoryMove) -> Result<(), Error> {
        let nothing = to.nothing(0);
        match to {
            HistoryMove::Undo(0) | HistoryMove::Redo(0) => Err(self.not_found(&nothing)),
            _ => self.require_existing(&nothing),
        }
    }

    /// Fails before a state folder is made, where nothing is kept about the file.
    pub(super) fn require_existing(&self, what: &str) -> Result<(), Error> {
        self.refuse_unless_changeable()?;
        match self.is_unmanaged() {
            true if !self.exists()? => Err(self.not_found(NEVER_SAVED)),
            true => Err(self.not_found(what)),
            false => Ok(()),
        }
    }

    /// The change that puts earlier content in place of what is live.
    pub(super) fn put(
        &self,
        kind: Kind,
        (past, live): (&Past, Option<&Live>),
        bytes: Vec<u8>,
        from: String,
        unparsable: Unparsable,
    ) -> Result<Change, Error> {
        let new = match (self.parse_whole(&bytes), unparsable) {
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
        let old = live.map(|live| self.whole_in(live)).transpose();
        let told = match (&old, &new) {
            (Ok(old), Some(new)) => Some(self.document_notes(old.as_ref(), new)),
            _ => None,
        };
        let is_text_alone = told.is_none();
        let ChangeNotes { notes, secrets } = told.unwrap_or_default();
        // A build that can't read it goes by what was found of it then.
        let put = Change::new(kind, bytes);
        let before = past.holdings.mark_of(&put.digest);
        let mark = before.filter(|mark| *mark != Mark::Unchecked);
        let mark = mark.unwrap_or_else(|| self.mark_of(&put.bytes, new.is_some()));
        Ok(Change {
            is_text_alone,
            changes: notes,
            secrets,
            mark,
            version: new.as_ref().and_then(|new| self.version_if_meant(new)),
            document: new,
            from: Some(from),
            ..put
        })
    }

    /// The bytes that `entry` replaced, verified.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there was no file before, or no copy of it is left.
    pub fn content_before(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        self.opened_whole()?.before(entry)
    }

    /// A backup's bytes, verified. It is named as for [`restore`](Self::restore).
    ///
    /// # Errors
    /// [`Error::Backup`] where none or several match, or it is damaged; [`Error::Purged`] where it was.
    pub fn backup_content(&self, what: impl Into<WhichBackup>) -> Result<Vec<u8>, Error> {
        let (bytes, _) = self.opened_whole()?.backup_of(&what.into())?;
        Ok(bytes)
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
    /// The content that leads where it is to go.
    pub(super) fn aim(
        &self,
        to: HistoryMove,
        past: &Past,
        live: Option<&Digest>,
    ) -> Result<Aim, Error> {
        let step = to.step(past, live).ok_or_else(|| match past.gap {
            Some(after) => self.journal_gap(after, "what to go back to"),
            None if past.back.len() == MOST_STEPS && to.kind() == Kind::Undo => self.not_found(
                "no more than the last 100 changes can be undone; `restore` brings back any backup",
            ),
            None => match to {
                HistoryMove::UndoTo(number) if past.is_deletion(number) => {
                    self.no_file_after(number)
                }
                _ => self.not_found(&to.nothing(to.possible(past, live))),
            },
        })?;
        let Some(content) = step.content else {
            return Err(match to.kind() {
                Kind::Redo => self.no_file_after(step.seq),
                _ => self.nothing_before(step.seq),
            });
        };
        let side = match to.kind() {
            Kind::Redo => "after",
            _ => "before",
        };
        let which = match step.seq {
            u64::MAX => "before the change made outside persist".to_owned(),
            seq => format!("{side} change #{seq}"),
        };
        let copy = self.copy_of(&content)?;
        let (bytes, _) = copy.ok_or_else(|| self.no_copy_of(&content, &which))?;
        Ok(Aim {
            kind: to.kind(),
            change: step.seq,
            bytes,
            from: format!("the content {which}"),
        })
    }

    /// A backup's content, and what it is called.
    pub(super) fn backup_of(&self, what: &WhichBackup) -> Result<(Vec<u8>, String), Error> {
        let snapshot = self.find_backup(what)?;
        let bytes = self.backups().read(&snapshot.id);
        let bytes = bytes.map_err(|e| self.backup_error(e))?;
        Ok((bytes, format!("backup {}", snapshot.id.short())))
    }

    /// See [`ConfigFile::content_before`].
    pub(super) fn before(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        let Some(digest) = entry.old else {
            return Err(self.nothing_before(entry.seq));
        };
        let found = match &entry.backup {
            Some(copy) => self.backup(&self.kept_in(copy.folder), &copy.id)?,
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

    fn no_file_after(&self, change: u64) -> Error {
        self.not_found(&format!(
            "change #{change} deleted the file, and persist does not delete files: delete it, then run `adopt`"
        ))
    }

    fn no_copy_of(&self, digest: &Digest, which: &str) -> Error {
        let snapshots = self.backups().list().unwrap_or_default();
        let is_there = snapshots.iter().any(|s| s.id.digest() == *digest);
        let quarantined = self.quarantined().list().unwrap_or_default();
        let quarantined = quarantined.iter().find(|s| s.id.digest() == *digest);
        let why = match (is_there, quarantined) {
            (true, _) => "is in a damaged backup; run `verify` for details",
            (false, Some(kept)) => &format!("is in quarantine/{}, not among the backups", kept.id),
            (false, None) => match self.purge_of(|copy| copy.id.digest() == *digest) {
                Ok(Some(purge)) => &format!(
                    "was purged by {}, {}",
                    purge.actor.name,
                    purge.time.strftime("%Y-%m-%d %H:%M:%S UTC")
                ),
                _ => "is no longer among the backups",
            },
        };
        self.not_found(&format!("the content {which} {why}"))
    }
}
