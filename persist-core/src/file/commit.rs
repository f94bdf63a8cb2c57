//! The save protocol, from stage to backup. ARCHITECTURE.md says why in this order.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use persist_backup::retention::{Mark, Plan};
use persist_backup::{Digest, Id, Meta, digest};
use persist_format::{Document, KeyPath};
use persist_lock::{Displaced, Fresh, Staged};

use super::session::Session;
use super::spare::Spare;
use super::staying::Staying;
use crate::backup_id::{BackupFolder, BackupId};
use crate::error::{Error, io_error};
use crate::failure::SaveFailure;
use crate::journal::{Access, Event, Intent, Kind, Writer};
use crate::live::timestamp;
use crate::note::Note;
use crate::place;
use crate::receipt::{Notice, Outcome, Receipt, RecoverySource, Timings};

/// New content, and everything the journal is to know about it.
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    /// What the bytes read as, where that is known.
    pub(super) document: Option<Document>,
    pub(super) changes: Vec<Note>,
    /// The content before or after is no document: no values can be compared.
    pub(super) is_text_alone: bool,
    pub(super) version: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) undoes: Option<u64>,
    pub(super) redoes: Option<u64>,
    pub(super) from: Option<String>,
    pub(super) recovered_from: Option<RecoverySource>,
    pub(super) complement: Option<Digest>,
    /// Whether the content is good, as far as somebody looked.
    pub(super) mark: Mark,
    /// The replaced bytes are damaged: they go to quarantine instead of the backups.
    pub(super) quarantine: bool,
    /// Keys of secrets that were not in the file before.
    pub(super) secrets: Vec<KeyPath>,
    /// Why no schema was asked, although there is one.
    pub(super) unchecked: Option<String>,
}

impl Change {
    pub(super) fn new(kind: Kind, bytes: Vec<u8>) -> Change {
        Change {
            kind,
            digest: digest(&bytes),
            bytes,
            document: None,
            changes: Vec::new(),
            is_text_alone: false,
            version: None,
            reason: None,
            undoes: None,
            redoes: None,
            from: None,
            recovered_from: None,
            complement: None,
            mark: Mark::Unchecked,
            quarantine: false,
            secrets: Vec::new(),
            unchecked: None,
        }
    }
}

/// A change that is durable, and not visible yet.
struct Prepared<'s> {
    staged: Staged<'s>,
    backup: Option<Backup>,
    exchanged: Exchanged,
}

/// What is known of a change that reaches the live file.
struct Exchanged {
    seq: u64,
    /// Where the content before went.
    backup: Option<BackupId>,
    /// Which backups stay.
    plan: Plan,
    /// After a migration: what migrations have set aside and something leads back to.
    complements: Option<BTreeSet<Digest>>,
    notices: Vec<Notice>,
    /// The backup has its name.
    named: bool,
    /// What the disk did not confirm.
    unconfirmed: Option<SaveFailure>,
    stage: Duration,
    commit: Duration,
}

/// The content to be replaced, in a copy that nobody else has, and the name that it is going to get.
struct Backup {
    spare: Spare,
    name: BackupId,
}

impl Session<'_> {
    /// Makes `change` the live content: all of it, or none.
    #[tracing::instrument(level = "debug", skip_all, fields(kind = %change.kind, len = change.bytes.len()))]
    pub(super) fn commit(self, change: Change) -> Result<Receipt, Error> {
        let file = self.opened.file();
        self.committed(change).map_err(|e| file.explained(e))
    }

    fn committed(mut self, change: Change) -> Result<Receipt, Error> {
        let new = change.digest;
        if let Some(damage) = self.damage().filter(|_| !change.quarantine) {
            return Err(self.damaged(damage.clone()));
        }
        let still_absent =
            self.live().is_none() && change.bytes.is_empty() && change.kind == Kind::Save;
        if self.digest() == Some(new) || still_absent {
            return self.unchanged(&change, new);
        }
        let settled = self
            .keep_unless_kept(&new)
            .and_then(|()| self.settle())
            .and_then(|()| self.sweep());
        settled.map_err(|e| self.not_saved(e))?;
        let mut writer = self.writer().map_err(|e| self.not_saved(e))?;
        let prepared = self.prepare(&mut writer, &change, new)?;
        let exchanged = self.exchange(&mut writer, prepared)?;
        self.notices.extend(exchanged.notices.iter().cloned());
        self.timings.stage = exchanged.stage;
        self.timings.commit = exchanged.commit;
        if let Some(id) = exchanged.backup.and_then(|copy| copy.backup())
            && exchanged.named
        {
            self.catalog.add(id);
        }
        let overtaken = |notice: &Notice| matches!(notice, Notice::Overtaken { .. });
        if exchanged.notices.iter().any(overtaken)
            && let Err(error) = self.list_again()
        {
            tracing::warn!(%error, "could not list the backups again");
        }
        if exchanged.unconfirmed.is_none() {
            let after = Instant::now();
            self.housekeeping(&change.bytes, &exchanged);
            self.timings.after = after.elapsed();
            let failed = |notice: &Notice| matches!(notice, Notice::Afterwards { .. });
            if exchanged.named && !self.notices.iter().any(failed) {
                self.opened.remember_complete(new, writer.end());
            }
        }
        if let Some(document) = &change.document {
            self.opened.remember(new, document);
        }
        let receipt = self.receipt(change, new, Some(exchanged.seq), exchanged.backup);
        tracing::info!(seq = exchanged.seq, digest = %new, total = ?receipt.timings.total(), "saved");
        match exchanged.unconfirmed {
            None => Ok(receipt),
            Some(source) => Err(Error::InPlaceNotDurable {
                receipt: Box::new(receipt),
                source,
            }),
        }
    }

    /// A copy of what is replaced, the new content and the intent, all durable before anything visible changes. An error leaves nothing
    /// that the next save would not clear away.
    fn prepare(
        &self,
        writer: &mut Writer,
        change: &Change,
        new: Digest,
    ) -> Result<Prepared<'_>, Error> {
        let start = Instant::now();
        let seq = writer.next_seq();
        let mut backup = self.backup(change, seq).map_err(|e| self.not_saved(e))?;
        let mut staged = self
            .guard
            .stage_as(&change.bytes, seq, self.fresh(change))
            .map_err(|e| self.not_saved(e))?;
        self.check_owner(&staged)?;
        let exposed = self.exposed(change, &staged);
        let unchecked = change
            .unchecked
            .clone()
            .map(|why| Notice::Unchecked { why });
        let mut intent = self.intent(change, new, &staged, backup.as_ref());
        let Staying {
            plan,
            complements,
            gone,
        } = self
            .plan_backups(seq, &intent)
            .map_err(|e| self.not_saved(e))?;
        intent.drops = Some(plan.drop.iter().map(|(id, _)| *id).collect());
        let actor = &self.opened.options().actor;
        let announced = writer.append(actor, Event::Intent(intent));
        announced.map_err(|e| self.not_saved(e))?;
        self.sync(&mut staged, backup.as_mut(), writer)
            .map_err(|e| self.give_up(writer, seq, e))?;
        let exchanged = Exchanged {
            seq,
            backup: backup.as_ref().map(|backup| backup.name),
            plan,
            complements,
            notices: gone.into_iter().chain(exposed).chain(unchecked).collect(),
            named: false,
            unconfirmed: None,
            stage: start.elapsed(),
            commit: Duration::ZERO,
        };
        Ok(Prepared {
            staged,
            backup,
            exchanged,
        })
    }

    /// The moment of the change; then the backup's name, and folders durable. An error leaves the old content in place.
    fn exchange(&self, writer: &mut Writer, prepared: Prepared<'_>) -> Result<Exchanged, Error> {
        let start = Instant::now();
        let Prepared {
            staged,
            backup,
            mut exchanged,
        } = prepared;
        match staged.commit() {
            Ok(displaced) => self.keep(displaced, backup.as_ref(), &mut exchanged),
            Err(error) => {
                let source = persist_lock::Error::from(error); // drops the stage with it
                if !source.is_in_place() {
                    return Err(self.give_up(writer, exchanged.seq, source.into()));
                }
                exchanged.unconfirmed = Some(source.into());
            }
        }
        exchanged.commit = start.elapsed();
        Ok(exchanged)
    }

    /// The caller's words, and those that tell what there was to be done.
    fn reason(&self, change: &Change) -> Option<String> {
        let general = self.opened.options().reason.clone();
        match (change.kind, general, change.reason.clone()) {
            (Kind::Recover | Kind::Migrate, Some(general), Some(own)) => {
                Some(format!("{general}\n{own}"))
            }
            (_, general, own) => own.or(general),
        }
    }

    /// What the file gets if there is none to take it from. A secret is nobody's but its owner's from the first moment.
    fn fresh(&self, change: &Change) -> Fresh<'_> {
        let secret = || self.opened.sensitive().is_declared() || !change.secrets.is_empty();
        let private = || self.opened.options().private || secret();
        match self.known().access_of_new() {
            Some(former) => Fresh::Former(former),
            None if change.kind == Kind::Create && !private() => Fresh::Umask,
            None => Fresh::Private,
        }
    }

    /// That others can read a secret from now on.
    fn exposed(&self, change: &Change, staged: &Staged<'_>) -> Option<Notice> {
        let live = || self.live()?.former;
        Notice::exposed(&change.secrets, staged.former().or_else(live)?.mode)
    }

    /// What the backup will need exists before the commit: the copy, its folder, a free name.
    fn backup(&self, change: &Change, seq: u64) -> Result<Option<Backup>, Error> {
        let Some(live) = self.live() else {
            return Ok(None);
        };
        let folder = match change.quarantine {
            true => BackupFolder::Quarantine,
            false => BackupFolder::Backups,
        };
        let shelf = self.opened.shelf(folder);
        persist_backup::Storage::create(shelf).map_err(|e| {
            let path = persist_backup::Storage::path(shelf);
            io_error("create", path, e)
        })?;
        let id = match folder == BackupFolder::Backups && seq > self.catalog.last_seq() {
            true => Id::new(seq, self.opened.now(), live.digest),
            false => self.opened.free_name(folder, seq, live.digest)?,
        };
        Ok(Some(Backup {
            spare: self.opened.spare(&live.bytes)?,
            name: BackupId::new(folder, id),
        }))
    }

    /// Whether the stage got its mode and owner from the file that was read.
    fn check_owner(&self, staged: &Staged<'_>) -> Result<(), Error> {
        let read = self.live().and_then(|live| live.former);
        // Where none was read it came since: nothing of what is kept here is for a file of somebody else's.
        let got = staged.former();
        let other = got.is_some_and(|got| !self.opened.site.is_kept(read.as_ref(), &got));
        let path = self.opened.live().to_path_buf();
        match other {
            true => Err(self.not_saved(persist_lock::Error::Changed { path })),
            false => Ok(()),
        }
    }

    fn sync(
        &self,
        staged: &mut Staged<'_>,
        backup: Option<&mut Backup>,
        writer: &mut Writer,
    ) -> Result<(), SaveFailure> {
        if let (Some(backup), Some(live)) = (backup, self.live()) {
            backup.spare.sync(&self.opened, &live.bytes)?;
        }
        staged.sync()?;
        Ok(writer.sync()?)
    }

    fn intent(
        &self,
        change: &Change,
        new: Digest,
        staged: &Staged<'_>,
        backup: Option<&Backup>,
    ) -> Intent {
        Intent {
            kind: change.kind,
            old: self.digest(),
            new,
            len: change.bytes.len() as u64,
            mtime: timestamp(staged.modified()),
            access: staged
                .former()
                .or_else(|| self.live()?.former)
                .map(Access::from),
            backup: backup.map(|backup| backup.name),
            version: change.version.clone(),
            reason: self.reason(change),
            undoes: change.undoes,
            redoes: change.redoes,
            from: change.from.clone(),
            complement: change.complement,
            mark: change.mark,
            drops: Some(Vec::new()),
            changes: change.changes.clone(),
        }
    }

    /// Looks at what was displaced, names the backup, and makes the names durable. What is not the content we read somebody saved
    /// in between; theirs is kept as well.
    fn keep(&self, displaced: Displaced<'_>, backup: Option<&Backup>, exchanged: &mut Exchanged) {
        let theirs = self.keep_theirs(displaced, exchanged.seq);
        let (left, problem) = match theirs {
            Ok((left, notice)) => {
                exchanged.notices.extend(notice);
                (left, None)
            }
            // It stays where it is, and the next save looks at it again.
            Err(problem) => (None, Some(problem)),
        };
        let named = backup.map(|b| b.spare.name_as(&self.opened, &b.name));
        // Until it has its name, its content is durable under the one that it has.
        let unnamed = named.and_then(Result::err).map(SaveFailure::from);
        exchanged.named = unnamed.is_none();
        // Where the copy lacks its name, the replaced file is one more and stays, wherever it is.
        let left = left.filter(|_| exchanged.named);
        for problem in [problem, unnamed].into_iter().flatten() {
            exchanged.notices.push(Notice::Afterwards {
                problem: problem.to_string(),
            });
        }
        exchanged.unconfirmed = self.sync_names(left, backup).err();
    }

    /// The exchange is durable before the backup's name, which tells of it, and both before the replaced file may go.
    fn sync_names(
        &self,
        displaced: Option<Displaced<'_>>,
        backup: Option<&Backup>,
    ) -> Result<(), SaveFailure> {
        let shelf = backup.map(|backup| self.opened.shelf(backup.name.folder).existing());
        let backups = shelf.transpose()?;
        if let Some(displaced) = displaced {
            return Ok(displaced.leave(backups.as_ref())?);
        }
        self.opened.site.folder().sync()?;
        Ok(backups.map_or(Ok(()), |backups| backups.sync())?)
    }

    /// Copies what was displaced if it is not the content we read. Gives it back where it is to be left.
    fn keep_theirs<'g>(
        &self,
        displaced: Displaced<'g>,
        seq: u64,
    ) -> Result<(Option<Displaced<'g>>, Option<Notice>), SaveFailure> {
        let Some(read) = displaced.read_judged(self.opened.longest())? else {
            return Ok((Some(displaced), self.live().map(|_| Notice::Recreated)));
        };
        let found = digest(&read.bytes);
        if Some(found) == self.digest() {
            return Ok((Some(displaced), None));
        }
        if !read.own {
            // Somebody else's file was put there: nothing of it is to be known by what it is called.
            let kept = self.opened.put_aside(displaced, seq)?;
            return Ok((None, Some(Notice::Overtaken { kept })));
        }
        let id = self.opened.free_name(BackupFolder::Backups, seq, found)?;
        let meta = Meta::because(place::OVERTAKEN);
        self.opened.backups().create_as(id, &read.bytes, &meta)?;
        let kept = BackupId::new(BackupFolder::Backups, id).to_string();
        Ok((Some(displaced), Some(Notice::Overtaken { kept })))
    }

    /// The save is complete; what fails here is only reported.
    fn housekeeping(&mut self, bytes: &[u8], exchanged: &Exchanged) {
        let named = exchanged.named;
        // What has no other name than the mirror's is left to the next writer.
        let mirrored = match named {
            true => self.opened.write_mirror(bytes),
            false => Ok(()),
        };
        let pruned = match named {
            true => self.prune(&exchanged.plan),
            false => Ok(()),
        };
        let complements = exchanged.complements.as_ref().filter(|_| named);
        let unneeded =
            complements.map(|reachable| self.prune_complements(exchanged.seq, reachable));
        let unneeded = unneeded.and_then(Result::err);
        for problem in [mirrored.err(), pruned.err(), unneeded]
            .into_iter()
            .flatten()
        {
            self.notices.push(Notice::Afterwards {
                problem: problem.to_string(),
            });
        }
    }

    fn unchanged(mut self, change: &Change, digest: Digest) -> Result<Receipt, Error> {
        let nothing_to_tell = self.is_all_told();
        self.flush()?;
        self.mirror_again();
        if nothing_to_tell {
            let (opened, end) = (&self.opened, self.end());
            opened.file().remember_calm_session(opened, digest, end);
        }
        self.notices.retain(|n| *n != Notice::Merged);
        let change = Change {
            version: change.version.clone(),
            ..Change::new(change.kind, Vec::new())
        };
        let mut receipt = self.receipt(change, digest, None, None);
        receipt.outcome = Outcome::Unchanged;
        Ok(receipt)
    }

    fn receipt(
        self,
        change: Change,
        digest: Digest,
        seq: Option<u64>,
        backup: Option<BackupId>,
    ) -> Receipt {
        Receipt {
            file: self.opened.path().to_path_buf(),
            outcome: Outcome::Saved,
            kind: change.kind,
            seq,
            changes: change.changes,
            version: change.version,
            backup,
            from: change.from,
            recovered_from: change.recovered_from,
            digest,
            notices: self.notices,
            timings: Timings {
                whole: self.started.elapsed(),
                ..self.timings
            },
        }
    }

    fn not_saved(&self, source: impl Into<SaveFailure>) -> Error {
        Error::NotSaved {
            file: self.opened.path().to_path_buf(),
            source: source.into(),
        }
    }

    /// Tells the journal that announced save `seq` is off.
    ///
    /// It is not synced, and need not be: what decides is that the old content is live and nothing of the save is left, neither its
    /// backup nor a mirror of it. So a power cut that takes this record away, or a failure to append it, leaves a journal
    /// from which the next session tells the same (`settle`), and writes the record then. A sync could only fail on
    /// the disk that has just failed the save.
    fn give_up(&self, writer: &mut Writer, seq: u64, source: SaveFailure) -> Error {
        let told = writer.append(
            &self.opened.options().actor,
            Event::Abandoned { intent: seq },
        );
        if let Err(error) = told {
            tracing::warn!(%error, seq, "could not journal that a save was abandoned");
        }
        self.not_saved(source)
    }
}
