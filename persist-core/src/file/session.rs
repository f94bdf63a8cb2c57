//! The exclusive lock held, interrupted saves settled, the live file read: ready for one change.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use persist_backup::{Catalog, Digest, Id, Meta};
use persist_format::Document;
use persist_lock::{FileLock, Folder, Provenance, WriteGuard};

use super::observation::{HIGHEST_NUMBER, Observation, TruncationPolicy};
use super::opened::Opened;
use super::turn::Turn;
use super::{Condition, ConfigFile};
use crate::backup_id::{BackupFolder, BackupId};
use crate::checkpoint::JournalState;
use crate::damage::Damage;
use crate::error::{Error, io_error};
use crate::journal::{Access, Adopted, End, Event, Kind, Removed, Writer};
use crate::live::Live;
use crate::past::Past;
use crate::place;
use crate::receipt::{Notice, Timings};
use crate::state_format::{self, Format};

/// Why a copy of what was saved last is made when something else has replaced or deleted it.
const OUTSIDE: &str = "before a change made outside persist";

/// What a change starts from: what was found, and the exclusive lock on it.
pub(super) struct Session<'f> {
    pub(super) opened: Opened<'f>,
    pub(super) guard: Arc<WriteGuard>,
    observation: Observation,
    /// The backups by their names, listed once.
    pub(super) catalog: Catalog,
    /// The journal's end, once something has to be written there.
    journal: Option<Writer>,
    /// Records to write before the next intent; a change that turns out to be none writes nothing.
    pending: Vec<Event>,
    /// The highest number in use; those of backups can be higher than the last record's.
    pub(super) seq: u64,
    /// The number of the last record that was found.
    pub(super) recorded: u64,
    pub(super) notices: Vec<Notice>,
    pub(super) timings: Timings,
    /// When the operation began.
    pub(super) started: Instant,
}

impl ConfigFile {
    /// Takes the lock and settles what an interrupted save left.
    #[tracing::instrument(level = "debug", skip_all, fields(file = %self.path.display()))]
    pub(super) fn session(&self) -> Result<Session<'_>, Error> {
        self.session_taking(TruncationPolicy::Edit, Provenance::Caller)
    }

    /// As [`ConfigFile::session`], to put content in place that the state folder keeps.
    pub(super) fn session_back(&self) -> Result<Session<'_>, Error> {
        self.session_taking(TruncationPolicy::Edit, Provenance::History)
    }

    /// As [`ConfigFile::session`], and says what to take a cut for that may be an edit.
    pub(super) fn session_taking(
        &self,
        truncation: TruncationPolicy,
        content: Provenance,
    ) -> Result<Session<'_>, Error> {
        let begun = self.begin(truncation, content);
        begun.map_err(|e| self.explained(e))
    }

    fn begin(
        &self,
        truncation: TruncationPolicy,
        content: Provenance,
    ) -> Result<Session<'_>, Error> {
        let start = Instant::now();
        self.refuse_unless_changeable()?;
        self.session_on(self.locked(content)?, truncation, start)
    }

    pub(super) fn refuse_unless_changeable(&self) -> Result<(), Error> {
        if self.options.read_only {
            return Err(Error::OpenedReadOnly {
                file: self.path.clone(),
            });
        }
        match place::state_folder_around(self.live()) {
            Some(folder) => Err(Error::InStateFolder {
                file: self.path.clone(),
                folder: folder.into(),
            }),
            None => Ok(()),
        }
    }

    /// The same with the lock taken; it was asked for at `start`.
    pub(super) fn session_on<'f>(
        &self,
        Locked {
            opened,
            guard,
            live,
        }: Locked<'f>,
        truncation: TruncationPolicy,
        start: Instant,
    ) -> Result<Session<'f>, Error> {
        let locked = Instant::now();
        let mut seen = opened.observed(live)?;
        let tail = &seen.log.tail;
        if opened.made || tail.segment == 0 {
            // Also what a first save that was killed has made: the journal's own name, above all.
            let synced = opened.state_folder().and_then(Folder::sync);
            synced.map_err(|e| io_error("sync", opened.state_dir(), e))?;
            let named = opened.site.sync_state_name();
            named.map_err(|e| self.lock_error(e))?;
        }
        let recorded = tail.seq;
        let catalog = opened.backups().catalog();
        let catalog = catalog.map_err(|e| self.backup_error(e))?;
        if opened.backups_tell_of_more(&seen.known, &seen.log, catalog.ids())? {
            seen.log.note_lost_record();
        }
        let tail = &mut seen.log.tail;
        // Where the journal was lost, numbers go on from the backups, or the next ones would count as the oldest.
        tail.seq = recorded.max(last_number(&catalog));
        let mut session = Session {
            seq: tail.seq,
            recorded,
            guard: Arc::new(guard),
            observation: seen,
            catalog,
            opened,
            journal: None,
            pending: Vec::new(),
            notices: Vec::new(),
            timings: Timings::default(),
            started: start,
        };
        if let Some(folder) = session.opened.led_to() {
            session.notices.push(Notice::Elsewhere { folder });
        }
        if let Some(aside) = &session.opened.aside {
            let kept = aside.display().to_string();
            session.notices.push(Notice::SetAside { kept });
        }
        if session.opened.closed {
            session.notices.push(Notice::NotShared);
        }
        session.report_faults();
        session.keep_unrecorded()?;
        if session.has_purged() {
            session.finish_purge();
        }
        if session.may_be_unfinished()? {
            session.settle()?;
        }
        session.judge(truncation)?;
        session.timings.lock = locked - start;
        session.timings.read = locked.elapsed();
        Ok(session)
    }
}

/// The folders, the exclusive lock, and the file as it is under it.
pub(super) struct Locked<'f> {
    pub(super) opened: Opened<'f>,
    guard: WriteGuard,
    pub(super) live: Option<Live>,
}

/// How often the file may get another owner, or the state folder another place, while the lock is waited for.
const LOCK_ATTEMPTS: u32 = 10;

impl ConfigFile {
    /// The folders, the exclusive lock, and the file as it is under it.
    ///
    /// Whose the state folder must be depends on whose the file is, and the file may be made or exchanged while the lock is
    /// waited for. So it is judged by the very file that was read.
    pub(super) fn locked(&self, content: Provenance) -> Result<Locked<'_>, Error> {
        let turn = Turn::take(self.live());
        let turn = turn.ok_or_else(|| Error::Nested {
            file: self.path.clone(),
        })?;
        let (mut aside, mut made, mut rounds) = (None, false, 0);
        loop {
            rounds += 1;
            let error = match self.lock_once(content, &mut aside, &mut made) {
                Ok(mut locked) => {
                    // What an earlier round did is to be told, and synced, as well.
                    (locked.opened.aside, locked.opened.made) = (aside, made);
                    locked.opened.turn = Some(turn);
                    return Ok(locked);
                }
                Err(error) => error,
            };
            let Error::Lock { source, .. } = &error else {
                return Err(error);
            };
            let passing = matches!(
                source,
                persist_lock::Error::Changed { .. } | persist_lock::Error::Lost { .. }
            );
            if !passing || rounds == LOCK_ATTEMPTS {
                return Err(error);
            }
        }
    }

    fn lock_once(
        &self,
        content: Provenance,
        aside: &mut Option<PathBuf>,
        made: &mut bool,
    ) -> Result<Locked<'_>, Error> {
        let mut opened = self.opened_to_write(content)?;
        *aside = opened.aside.take().or(aside.take());
        *made |= opened.made;
        let failed = |e| self.lock_error(e);
        let lock = FileLock::at(&opened.site, self.options.allow).map_err(failed)?;
        let guard = lock.write(self.options.wait).map_err(failed)?;
        let live = opened.read_live_under(&guard)?;
        let former = live.as_ref().and_then(|live| live.former.as_ref());
        opened.site.check_live(former).map_err(failed)?;
        opened.settle_whereabouts()?;
        Ok(Locked {
            opened,
            guard,
            live,
        })
    }
}

fn last_number(catalog: &Catalog) -> u64 {
    let last = catalog.last_seq();
    if last < HIGHEST_NUMBER { last } else { 0 }
}

impl Opened<'_> {
    /// Marks the folder as one of our format, before anything of it is written.
    fn upgrade(&mut self) -> Result<(), Error> {
        let ours = match self.site.shared_with() {
            Some(_) => state_format::SHARED,
            None => state_format::OURS,
        };
        if self.format == Some(Format::Known(ours)) {
            return Ok(());
        }
        let upgraded = self
            .state_folder()
            .and_then(|state| state_format::upgrade(state, ours));
        upgraded.map_err(|e| io_error("write the format of", self.state_dir(), e))?;
        self.format = Some(Format::Known(ours));
        Ok(())
    }
}

impl Session<'_> {
    /// What was found.
    pub(super) fn observation(&self) -> &Observation {
        &self.observation
    }

    /// The file as it was found.
    pub(super) fn live(&self) -> Option<&Live> {
        self.observation.live.as_ref()
    }

    /// What can be gone back to. To be asked once everything noted is in the journal.
    pub(super) fn past(&self) -> Past {
        match self.journal {
            Some(_) => self.observation.log.state.past(None),
            None => self.observation.past(), // nothing in the journal tells yet of records that are lost
        }
    }

    /// Whether the last thing that happened is that copies were purged.
    fn has_purged(&self) -> bool {
        self.observation.log.state.may_have_purged()
    }

    /// As [`past`](Self::past), before it is in the journal that a save did not take effect.
    pub(super) fn purged_past(&self) -> Past {
        self.observation.past()
    }

    /// Whether the journal has lost records, and nobody has said yet to go on without them.
    pub(super) fn has_gap(&self) -> bool {
        self.observation.past().gap.is_some()
    }

    /// What the journal says of it.
    pub(super) fn known(&self) -> &JournalState {
        &self.observation.known
    }

    /// What is wrong with it.
    pub(super) fn damage(&self) -> Option<&Damage> {
        self.observation.verdict.as_ref().err()
    }

    /// Whether the journal tells of everything as it was read.
    pub(super) fn is_all_told(&self) -> bool {
        self.pending.is_empty() && self.journal.is_none() && self.observation.live.is_some()
    }

    /// Where the journal ended when it was read.
    pub(super) fn end(&self) -> End {
        End {
            segment: self.observation.log.tail.segment,
            len: self.observation.log.tail.good_len,
        }
    }

    /// Digest of the live content.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.observation.digest()
    }

    /// What kind of change it is to write a document.
    pub(super) fn kind(&self) -> Kind {
        match self.live() {
            Some(_) => Kind::Save,
            None => Kind::Create,
        }
    }

    /// The document in the file; an error where it is missing, damaged or no document.
    pub(super) fn document(&self) -> Result<Option<Document>, Error> {
        if let Some(damage) = self.damage() {
            return Err(self.damaged(damage.clone()));
        }
        let live = self.live();
        live.map(|live| self.opened.document_in(live)).transpose()
    }

    pub(super) fn damaged(&self, damage: Damage) -> Error {
        Error::Damaged {
            file: self.opened.path().to_path_buf(),
            damage,
        }
    }

    /// Whether the last save may have been interrupted. What a complete one leaves is looked at by the next.
    fn may_be_unfinished(&self) -> Result<bool, Error> {
        let Some((_, intent)) = &self.known().last else {
            return Ok(false);
        };
        let Some(copy) = intent.backup else {
            return Ok(self.digest() != Some(intent.new));
        };
        let kept = match copy.backup() {
            Some(id) => self.catalog.holds(&id),
            None => self.opened.holds(&copy),
        };
        Ok(self.digest() != Some(intent.new) || !kept)
    }

    /// A save that was killed at its end has left no mirror: again there are to be two copies of what was saved last.
    pub(super) fn mirror_again(&self) {
        let saved = self.known().head.as_ref().map(|head| head.digest);
        let state = self.opened.state_folder();
        let there = state.and_then(|state| state.has(place::MIRROR));
        let saved = self.live().filter(|live| Some(live.digest) == saved);
        if let (Some(live), Ok(false)) = (saved, there)
            && let Err(error) = self.opened.write_mirror(&live.bytes)
        {
            tracing::warn!(%error, "there is no mirror of what was saved last");
        }
    }

    /// Removes the unfinished files of killed writers, which have names of their own. Those among the backups go with the next
    /// pruning.
    pub(super) fn sweep(&self) -> Result<(), Error> {
        for folder in [self.opened.complements(), self.opened.quarantined()] {
            match folder.sweep() {
                // Somebody else's folder, to be complained of by who needs it.
                Err(persist_backup::Error::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::PermissionDenied => {}
                swept => drop(swept.map_err(|e| self.opened.backup_error(e))?),
            }
        }
        Ok(())
    }

    /// The journal's end, open for appending, with everything noted so far in it.
    pub(super) fn writer(&mut self) -> Result<Writer, Error> {
        let actor = &self.opened.file().options().actor;
        let mut writer = match self.journal.take() {
            Some(writer) => writer,
            None => {
                if !self.observation.log.tail.torn.is_empty() {
                    let torn = std::mem::take(&mut self.observation.log.tail.torn);
                    self.quarantine("the journal's torn end", &torn)?;
                    self.observation.log.tail.torn = torn;
                }
                self.opened.upgrade()?;
                let (seen, options) = (&mut self.observation, self.opened.options());
                let segments = self.opened.segments();
                Writer::open(
                    &segments,
                    &mut seen.log,
                    actor,
                    options.journal_bytes,
                    options.clock,
                )?
            }
        };
        for event in std::mem::take(&mut self.pending) {
            let record = writer.append(actor, event)?;
            self.observation.known.apply(&record);
            self.observation.log.state.apply(&record);
        }
        Ok(writer)
    }

    /// Puts bytes aside, durably, under a name that certifies them.
    fn quarantine(&mut self, what: &str, bytes: &[u8]) -> Result<(), Error> {
        let id = Id::new(self.seq, self.opened.now(), persist_backup::digest(bytes));
        let folder = self.opened.quarantined();
        let kept = folder.create_as(id, bytes, &Meta::because(what));
        kept.map_err(|e| self.opened.backup_error(e))?;
        self.notices.push(Notice::Quarantined {
            what: what.into(),
            kept: format!("quarantine/{id}"),
        });
        Ok(())
    }

    /// What was saved last, and is neither live nor told of by the journal any more, is in the mirror alone, which the next save
    /// writes anew.
    fn keep_unrecorded(&mut self) -> Result<(), Error> {
        if !self.observation.log.lacks_its_end() {
            return Ok(());
        }
        let Some(bytes) = self.opened.copy_at(place::MIRROR)? else {
            return Ok(());
        };
        let digest = persist_backup::digest(&bytes);
        if self.digest() == Some(digest) || self.kept_at(&digest)?.is_some() {
            return Ok(());
        }
        self.quarantine("the second copy of a save whose record is lost", &bytes)
    }

    /// The highest number of a backup.
    pub(super) fn numbered(&self) -> u64 {
        last_number(&self.catalog)
    }

    /// Whether all that was read of the journal could be made sense of, or its damage is no news.
    pub(super) fn journal_is_sound(&self) -> bool {
        let log = &self.observation.log;
        log.tail.torn.is_empty() && log.faults.iter().all(|f| f.known)
    }

    fn report_faults(&mut self) {
        self.notices.extend(self.observation.fresh_faults());
    }

    /// The last announced save did not happen.
    pub(super) fn roll_back(&mut self) {
        if let Some((seq, _)) = &self.observation.known.last {
            let seq = *seq;
            self.observation.known.forget_last();
            self.pending.push(Event::Abandoned { intent: seq });
            self.notices.push(Notice::RolledBack { seq });
        }
    }

    /// The number of the announced save that did not happen, where the journal does not yet say so.
    pub(super) fn abandoned(&self) -> Option<u64> {
        self.pending.iter().find_map(|event| match event {
            Event::Abandoned { intent } => Some(*intent),
            _ => None,
        })
    }

    /// What somebody has edited is adopted, unless that is to be refused.
    fn judge(&mut self, truncation: TruncationPolicy) -> Result<(), Error> {
        self.observation.verdict = self.opened.judge(&self.observation, truncation)?;
        let meant = truncation == TruncationPolicy::Meant;
        if !meant {
            self.opened.refuse_strictly(&self.observation)?;
        }
        match self.observation.to_adopt() {
            Some(adoption) => self.adopt(adoption.old, meant),
            None => Ok(()),
        }
    }

    /// Notes what is damaged in segments that no save reads any more: the present doesn't depend on them, so nobody else would.
    pub(super) fn note_old_damage(&mut self) -> Result<(), Error> {
        let segments = self.opened.segments();
        let log = segments.scan(|_, _| {}, || {})?;
        let read: BTreeSet<u64> = self
            .observation
            .log
            .faults
            .iter()
            .map(|f| f.segment)
            .collect();
        let fresh = log.faults.iter().filter(|fault| !fault.known);
        let damaged: BTreeSet<u64> = fresh.map(|fault| fault.segment).collect();
        for &segment in damaged.difference(&read) {
            self.pending.push(Event::Break {
                segment,
                found: segments.digest(segment)?,
                after: None, // a checkpoint tells what it added up to
            });
        }
        Ok(())
    }

    /// Takes the live content as the new state, whatever it looks like. The content before is backed up if it is still known.
    /// Whether somebody `meant` it so is noted.
    pub(super) fn adopt(&mut self, old: Option<Digest>, meant: bool) -> Result<(), Error> {
        let unrecorded = self.observation.verdict == Ok(Condition::Unrecorded);
        if !unrecorded {
            self.observation.verdict = Ok(Condition::ChangedOutside);
        }
        let before = match &old {
            Some(digest) => self.opened.mirror_of(digest)?,
            None => None,
        };
        let backup = match (&before, old) {
            (Some(bytes), Some(digest)) => Some(self.keep_copy(digest, bytes, OUTSIDE)?),
            _ => None,
        };
        let Some(live) = self.live() else {
            return Ok(());
        };
        let changes = self.opened.changed_outside(before.as_deref(), live);
        let document = self.opened.whole_in(live).ok();
        let adopted = Event::Adopted(Adopted {
            old,
            new: live.digest,
            len: live.bytes.len() as u64,
            mtime: live.mtime,
            access: live.former.map(Access::from),
            backup,
            meant,
            reason: self.opened.options().reason.clone().filter(|_| meant),
            mark: self.opened.mark_of(&live.bytes, document.is_some()),
            version: document.and_then(|document| self.opened.version_if_meant(&document)),
            changes: changes.clone(),
        });
        self.pending.push(adopted);
        match old {
            // Nothing has changed: it is about the journal.
            Some(old) if Some(old) == self.digest() => self.notices.push(Notice::GapAccepted),
            // That one of ours lacks its record is told as damage of the journal.
            _ if unrecorded => {}
            _ => self.notices.push(Notice::Adopted { changes }),
        }
        Ok(())
    }

    /// Accepts that the file is gone, durably.
    pub(super) fn accept_removal(&mut self) -> Result<(), Error> {
        self.note_removal()?;
        self.flush()
    }

    /// Takes a file that is gone as deleted: a change of its own, which undo takes back. What it held becomes a backup.
    pub(super) fn note_removal(&mut self) -> Result<(), Error> {
        self.observation.verdict = Ok(Condition::Absent);
        if let Some(head) = self.known().head.clone() {
            let kept = match self.opened.copy_of(&head.digest)? {
                Some((bytes, _)) => Some(self.keep_copy(head.digest, &bytes, OUTSIDE)?),
                None => None,
            };
            self.pending.push(Event::Removed(Removed {
                old: head.digest,
                backup: kept,
                reason: self.opened.options().reason.clone(),
                step: true,
                access: self.known().former.map(Access::from),
            }));
            let kept = kept.map(|copy| copy.to_string());
            self.notices.push(Notice::Deleted { kept });
        }
        Ok(())
    }

    /// What was saved last is in the mirror alone while the live file is damaged or gone, and the save of something `new` in its place writes
    /// the mirror anew.
    pub(super) fn keep_unless_kept(&mut self, new: &Digest) -> Result<(), Error> {
        let superseded = self.damage().and_then(|_| self.observation.superseded());
        match superseded.filter(|saved| saved != new) {
            Some(saved) if self.kept_at(&saved)?.is_none() => self.copy_last_saved(),
            _ => Ok(()),
        }
    }

    /// Makes a backup of what was saved last, where the live file is damaged, or gone: that is then taken as a deletion.
    pub(super) fn keep_last_saved(&mut self) -> Result<(), Error> {
        match (self.damage(), self.live()) {
            (None, _) => Ok(()), // what an adoption replaces has been kept
            (Some(_), None) => self.note_removal(),
            (Some(_), Some(_)) => self.copy_last_saved(),
        }
    }

    fn copy_last_saved(&mut self) -> Result<(), Error> {
        if let Some(saved) = self.observation.superseded()
            && let Some(bytes) = self.opened.mirror_of(&saved)?
        {
            let kept = self.keep_copy(saved, &bytes, "before damage was replaced")?;
            let kept = kept.to_string();
            self.notices.push(Notice::LastSaveKept { kept });
        }
        Ok(())
    }

    fn keep_copy(&mut self, digest: Digest, bytes: &[u8], why: &str) -> Result<BackupId, Error> {
        self.seq += 1;
        let backups = self.opened.backups();
        // A change that was refused after this leaves its copy and no record; trying again must not
        // pile up copies until they crowd out the history.
        let same = |id: &Id| id.seq() > self.recorded && id.digest() == digest;
        if let Some(id) = self
            .catalog
            .ids()
            .find(|id| same(id) && backups.verify(id).is_ok())
        {
            return Ok(BackupId::new(BackupFolder::Backups, id));
        }
        let id = Id::new(self.seq, self.opened.now(), digest);
        let meta = Meta::because(why);
        let kept = backups.create_as(id, bytes, &meta);
        kept.map_err(|e| self.opened.backup_error(e))?;
        self.list_again()?;
        Ok(BackupId::new(BackupFolder::Backups, id))
    }

    /// After a copy was taken, which comes with a note and may be compressed.
    pub(super) fn list_again(&mut self) -> Result<(), Error> {
        let catalog = self.opened.backups().catalog();
        self.catalog = catalog.map_err(|e| self.opened.backup_error(e))?;
        Ok(())
    }

    /// To be written with the records noted so far.
    pub(super) fn note(&mut self, event: Event) {
        self.pending.push(event);
    }

    /// Writes the records noted so far, durably.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let adopted = self.pending.iter().any(|e| matches!(e, Event::Adopted(_)));
        let mut writer = self.writer()?;
        if let Err(error) = writer.sync() {
            if let Err(second) = writer.retire(&self.opened.options().actor) {
                tracing::warn!(error = %second, "could not leave a journal segment that failed to sync");
            }
            return Err(error);
        }
        self.seq = writer.seq();
        self.recorded = self.seq;
        self.journal = Some(writer);
        if adopted && let Some(live) = self.live() {
            self.opened.write_mirror(&live.bytes)?;
        }
        Ok(())
    }
}
