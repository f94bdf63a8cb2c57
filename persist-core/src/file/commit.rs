//! The save protocol, from stage to backup. ARCHITECTURE.md says why in this order.

use std::io::Write as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use persist_backup::{Digest, Id, Meta, digest, retention};
use persist_lock::{Displaced, Folder, Staged};

use super::opened::Opened;
use super::session::Session;
use crate::error::{Error, io_error};
use crate::journal::{Access, Event, Intent, Kind, Writer};
use crate::live::timestamp;
use crate::note::Note;
use crate::place;
use crate::receipt::{Notice, Outcome, Receipt};

/// New content, and everything the journal is to know about it.
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) changes: Vec<Note>,
    pub(super) version: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) undoes: Option<u64>,
    pub(super) from: Option<String>,
    pub(super) complement: Option<Digest>,
    /// The replaced bytes are damaged: they go to quarantine instead of the backups.
    pub(super) quarantine: bool,
}

impl Change {
    pub(super) fn new(kind: Kind, bytes: Vec<u8>) -> Change {
        Change {
            kind,
            bytes,
            changes: Vec::new(),
            version: None,
            reason: None,
            undoes: None,
            from: None,
            complement: None,
            quarantine: false,
        }
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A change that has reached the live file.
struct Placed {
    seq: u64,
    /// Where the content before went, relative to the state folder.
    backup: Option<String>,
    notice: Option<Notice>,
    /// What the disk did not confirm.
    unconfirmed: Option<Source>,
    stage: Duration,
    commit: Duration,
}

impl Session<'_> {
    /// Makes `change` the live content: all of it, or none.
    #[tracing::instrument(level = "debug", skip_all, fields(kind = %change.kind, len = change.bytes.len()))]
    pub(super) fn commit(mut self, change: Change) -> Result<Receipt, Error> {
        let new = digest(&change.bytes);
        let still_absent =
            self.live.is_none() && change.bytes.is_empty() && change.kind == Kind::Save;
        if self.digest() == Some(new) || still_absent {
            return self.unchanged(&change, new);
        }
        let mut writer = self.writer().map_err(|e| self.not_saved(Box::new(e)))?;
        let placed = self.place(&mut writer, &change, new)?;
        self.notices.extend(placed.notice);
        self.timings.stage = placed.stage;
        self.timings.commit = placed.commit;
        if placed.unconfirmed.is_none() {
            let after = Instant::now();
            self.afterwards(&change.bytes);
            self.timings.after = after.elapsed();
        }
        let receipt = self.receipt(change, new, Some(placed.seq), placed.backup);
        tracing::info!(seq = placed.seq, digest = %new, total = ?receipt.timings.total(), "saved");
        match placed.unconfirmed {
            None => Ok(receipt),
            Some(source) => Err(Error::InPlaceNotDurable {
                receipt: Box::new(receipt),
                source,
            }),
        }
    }

    /// Stage, intent, both durable, exchange, backup name, folders durable. An error leaves the old
    /// content in place.
    fn place(&self, writer: &mut Writer, change: &Change, new: Digest) -> Result<Placed, Error> {
        let start = Instant::now();
        let mut staged = self
            .guard
            .stage_as(&change.bytes, self.known.former.as_ref())
            .map_err(|e| self.not_saved(Box::new(e)))?;
        let read = self.live.as_ref().and_then(|live| live.former);
        let other = match (read, staged.former()) {
            (Some(read), Some(staged)) => read != staged,
            // One that came since: nothing of what is kept here is for a file of somebody else's.
            (None, Some(staged)) => self
                .opened
                .owner()
                .is_some_and(|owner| owner != staged.user),
            _ => false,
        };
        if other {
            // Another file had the name when the stage got its mode and owner.
            let live = self.file.live().to_path_buf();
            return Err(self.not_saved(Box::new(persist_lock::Error::Changed { path: live })));
        }
        let intent = self.intent(change, new, &staged, writer.next_seq());
        let backup = intent.backup.clone();
        let actor = &self.file.options.actor;
        let announced = writer.append(actor, Event::Intent(intent));
        let seq = announced.map_err(|e| self.not_saved(Box::new(e)))?;
        // Both durable before anything visible changes.
        staged
            .sync()
            .map_err(|e| self.give_up(writer, seq, Box::new(e)))?;
        writer
            .sync()
            .map_err(|e| self.give_up(writer, seq, Box::new(e)))?;
        let durable = Instant::now();
        let mut placed = Placed {
            seq,
            backup,
            notice: None,
            unconfirmed: None,
            stage: durable - start,
            commit: Duration::ZERO,
        };
        match staged.commit() {
            Ok(displaced) => self.keep(displaced, &mut placed),
            Err(error) => {
                let source = persist_lock::Error::from(error); // drops the stage with it
                if !source.is_in_place() {
                    return Err(self.give_up(writer, seq, Box::new(source)));
                }
                placed.unconfirmed = Some(Box::new(source));
            }
        }
        placed.commit = durable.elapsed();
        Ok(placed)
    }

    fn intent(&self, change: &Change, new: Digest, staged: &Staged<'_>, seq: u64) -> Intent {
        let folder = if change.quarantine {
            "quarantine"
        } else {
            "backups"
        };
        let old = self.digest();
        let name = |old| format!("{folder}/{}", Id::new(seq, Timestamp::now(), old));
        Intent {
            kind: change.kind,
            old,
            new,
            len: change.bytes.len() as u64,
            mtime: timestamp(staged.modified()),
            access: staged
                .former()
                .or_else(|| self.live.as_ref()?.former)
                .map(Access::from),
            backup: old.map(name),
            version: change.version.clone(),
            reason: change.reason.clone(),
            undoes: change.undoes,
            from: change.from.clone(),
            complement: change.complement,
            changes: change.changes.clone(),
        }
    }

    /// Gives the replaced content its name. If it is not the content we read, somebody saved in
    /// between; theirs is kept under a name of its own.
    fn keep(&self, displaced: Displaced<'_>, placed: &mut Placed) {
        let mut theirs = None;
        let read = displaced.read_judged(self.opened.longest());
        let kept = read.map_err(Source::from).and_then(|read| {
            let found = read.map(|(bytes, own)| (digest(&bytes), own));
            if let Some((found, false)) = found
                && Some(found) != self.digest()
            {
                // Somebody else's file was put there: nothing of it is to be known by what it is called.
                self.keep_read(placed.seq)?;
                let kept = self.opened.put_aside(displaced, placed.seq)?;
                placed.notice = Some(Notice::Overtaken { kept });
                return Ok(());
            }
            let found = found.map(|(found, _)| found);
            if let Some(found) = found.filter(|found| Some(*found) != self.digest()) {
                let id = Id::new(placed.seq, Timestamp::now(), found);
                let kept = format!("backups/{id}");
                placed.notice = Some(Notice::Overtaken { kept: kept.clone() });
                self.keep_read(placed.seq)?;
                theirs = Some(kept);
            }
            if found.is_none() {
                self.keep_read(placed.seq)?;
            }
            match theirs
                .as_ref()
                .or(placed.backup.as_ref())
                .filter(|_| found.is_some())
            {
                Some(name) => self.opened.keep_displaced(displaced, name)?,
                None => displaced.discard()?,
            }
            Ok(())
        });
        placed.unconfirmed = kept.err();
    }

    /// Backs up the content we read from memory: somebody replaced or removed the file since.
    fn keep_read(&self, seq: u64) -> Result<(), persist_backup::Error> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let id = Id::new(seq, Timestamp::now(), live.digest);
        let meta = Meta::because("read before somebody replaced it");
        self.opened
            .backups()
            .create_as(id, &live.bytes, &meta)
            .map(drop)
    }

    /// The save is complete; what fails here is only reported.
    fn afterwards(&mut self, bytes: &[u8]) {
        let mirrored = self.opened.write_mirror(bytes);
        let pruned = self.opened.prune();
        for problem in [mirrored.err(), pruned.err()].into_iter().flatten() {
            self.notices.push(Notice::Afterwards {
                problem: problem.to_string(),
            });
        }
    }

    fn unchanged(mut self, change: &Change, digest: Digest) -> Result<Receipt, Error> {
        self.flush()?;
        self.notices.retain(|n| !matches!(n, Notice::Merged));
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
        backup: Option<String>,
    ) -> Receipt {
        Receipt {
            file: self.file.path.clone(),
            outcome: Outcome::Saved,
            kind: change.kind,
            seq,
            changes: change.changes,
            version: change.version,
            backup,
            from: change.from,
            digest,
            notices: self.notices,
            timings: self.timings,
        }
    }

    fn not_saved(&self, source: Source) -> Error {
        Error::NotSaved {
            file: self.file.path.clone(),
            source,
        }
    }

    /// Tells the journal that announced save `seq` is off. If even that fails, the next open finds
    /// the old content in place and says so.
    fn give_up(&self, writer: &mut Writer, seq: u64, source: Source) -> Error {
        let told = writer.append(&self.file.options.actor, Event::Abandoned { intent: seq });
        if let Err(error) = told {
            tracing::warn!(%error, seq, "could not journal that a save was abandoned");
        }
        self.not_saved(source)
    }
}

impl Opened<'_> {
    /// Gives replaced content the name that the journal has for it.
    pub(super) fn keep_displaced(
        &self,
        displaced: Displaced<'_>,
        name: &str,
    ) -> Result<(), Source> {
        let (folder, id) = place::kept_as(name).ok_or("the journal names no place for a backup")?;
        let shelf = self.shelf(folder);
        persist_backup::Storage::create(shelf)?;
        displaced.keep_as(&shelf.existing()?, &id.to_string())?;
        Ok(())
    }

    /// The owner of the state folder.
    fn owner(&self) -> Option<u32> {
        self.state_folder().and_then(Folder::owner).ok()
    }

    /// Moves a file of somebody else's away, as it is, under a name that tells nothing of its content. Where it is.
    pub(super) fn put_aside(&self, file: Displaced<'_>, seq: u64) -> Result<String, Source> {
        let shelf = self.shelf(place::QUARANTINE);
        persist_backup::Storage::create(shelf)?;
        let name = format!("foreign-{seq}-{}", Timestamp::now().as_millisecond());
        file.keep_as(&shelf.existing()?, &name)?;
        Ok(format!("{}/{name}", place::QUARANTINE))
    }

    /// Keeps a second copy of the live content. Not synced: its digest is checked when it is needed.
    pub(super) fn write_mirror(&self, bytes: &[u8]) -> Result<(), Error> {
        const NEW: &str = "mirror.new";
        let write = || {
            let state = self.state_folder()?;
            // One name, written only under the lock: what a killed writer left there goes.
            state.recreate(NEW)?.write_all(bytes)?;
            state.rename_over(NEW, place::MIRROR)
        };
        write().map_err(|e| io_error("write", &self.state_dir().join(place::MIRROR), e))
    }

    /// Drops backups that the retention policy does not keep, and compresses large older ones.
    pub(super) fn prune(&self) -> Result<(), Error> {
        let backups = self.backups();
        backups.sweep().map_err(|e| self.backup_error(e))?;
        let snapshots = backups.list().map_err(|e| self.backup_error(e))?;
        let plan = retention::plan(&snapshots, Timestamp::now(), &self.options().retention);
        backups.prune(&plan).map_err(|e| self.backup_error(e))?;
        // The newest stays plain: it is the one most likely to be wanted, and at once.
        for (id, _) in plan.keep.iter().skip(1) {
            let large = |s: &&persist_backup::Snapshot| s.id == *id && !s.compressed;
            let plain = snapshots.iter().find(large);
            if plain.is_some_and(|s| s.stored_len > self.options().compress_above) {
                backups.compress(id).map_err(|e| self.backup_error(e))?;
            }
        }
        Ok(())
    }
}
