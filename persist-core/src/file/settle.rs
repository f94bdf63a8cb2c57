//! What to do with what an earlier save left behind: decided first, purely, and then done. Done twice it does nothing.

use std::io;
use std::sync::Arc;

use jiff::SignedDuration;
use persist_backup::{Backups, Catalog, Digest, Id, Meta, Storage as _, digest};
use persist_lock::Displaced;

use super::opened::Opened;
use super::session::Session;
use crate::backup_id::{BackupFolder, BackupId};
use crate::checkpoint::JournalState;
use crate::error::{Error, io_error};
use crate::failure::SaveFailure;
use crate::place;
use crate::receipt::Notice;

/// A file that an earlier save left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// The number of the save's record, where the name tells it.
    pub(crate) number: Option<u64>,
    pub(crate) digest: Digest,
    /// It has no other name, and nobody else has put it there.
    pub(crate) own: bool,
    /// It has another name.
    pub(crate) shared: bool,
    /// A backup with this content is there, whole.
    pub(crate) kept: bool,
    /// The live file held it when an interrupted write in place was finished.
    pub(crate) written_over: bool,
}

/// What there is to judge leftovers by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'s> {
    pub(crate) live: Option<Digest>,
    pub(crate) known: &'s JournalState,
    /// The number of the journal's last record.
    pub(crate) recorded: u64,
    /// The journal's end is readable.
    pub(crate) sound: bool,
    /// The backup that the last announced save names is there, whole.
    pub(crate) named: bool,
    /// Something has its name, whole or not. It gets it after the exchange.
    pub(crate) name_taken: bool,
    /// What the mirror holds.
    pub(crate) mirror: Option<Digest>,
    /// What the copy holds that was to become the backup.
    pub(crate) spare: Option<Digest>,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The last announced save never took effect: the journal is to say so before anything is removed.
    pub(crate) roll_back: bool,
    /// What that save replaced gets its backup name, from here.
    pub(crate) secure: Option<Source>,
    /// What becomes of each leftover.
    pub(crate) fates: Vec<Fate>,
}

/// Where content is that lacks its backup name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Mirror,
    Spare,
    /// The so-many-th leftover: it is copied, for somebody may have it open.
    Leftover(usize),
}

/// What becomes of a leftover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// New content that was never visible, or content that is kept elsewhere.
    Remove,
    /// Somebody saved it at the moment of the save: copied to the backups.
    Overtaken,
    /// Somebody wrote it into the replaced file: copied to the backups.
    Late,
    /// An interrupted write in place was finished over it, and somebody may have written it: copied to quarantine, and told.
    WrittenOver,
    /// Nobody knows what it is: copied to quarantine.
    Unknown,
    /// Somebody else has put it there: moved away as it is.
    Aside,
}

/// Judges by digests and numbers alone.
///
/// Before its intent is durable nothing of a save is visible, so a leftover of a higher number than the journal's last can only be
/// new content. And whatever an exchange has displaced lies there until its backup has its name: so where neither is, none took place.
/// Both hold for as much of the journal as can be read.
pub(crate) fn plan(evidence: &Evidence<'_>, left: &[Left]) -> Plan {
    let roll_back = never_happened(evidence, left);
    let secure = source(evidence, left).filter(|_| !roll_back);
    let secured = evidence.named || secure.is_some();
    let fates = left
        .iter()
        .map(|left| fate(evidence, left, roll_back, secured))
        .collect();
    Plan {
        roll_back,
        secure,
        fates,
    }
}

/// Whether the last announced save is known not to have reached the live file. In this order, for the first that holds decides:
///
/// | what is seen | then | because |
/// |---|---|---|
/// | no save is announced | no | there is nothing to take back |
/// | the old content is live | yes | its backup and its mirror were looked for before (`Opened::known`); with one of them the save is settled by now |
/// | the new content is live, or in the mirror; something has the backup's name | no | each of these is made after the exchange |
/// | it replaced something, and no leftover belongs to it | as far as the journal is readable | an exchange leaves what it displaced until that has its backup name |
/// | a leftover of it holds the new content | yes | the exchange would have put other content there |
/// | else | no | what was displaced lies there: the exchange took place, and somebody has written since |
fn never_happened(evidence: &Evidence<'_>, left: &[Left]) -> bool {
    let Some((number, intent)) = &evidence.known.last else {
        return false;
    };
    if evidence.known.rolled_back(evidence.live.as_ref()) {
        return true;
    }
    let new = Some(intent.new);
    if evidence.live == new || evidence.mirror == new || evidence.named || evidence.name_taken {
        return false;
    }
    let mut of_last = left.iter().filter(|left| belongs(left, *number)).peekable();
    match intent.old {
        Some(_) if of_last.peek().is_none() => evidence.sound,
        _ => of_last.any(|left| left.digest == intent.new),
    }
}

fn source(evidence: &Evidence<'_>, left: &[Left]) -> Option<Source> {
    let (_, intent) = evidence.known.last.as_ref()?;
    let old = intent.old?;
    intent.backup?;
    if evidence.named {
        return None;
    }
    if evidence.mirror == Some(old) {
        return Some(Source::Mirror);
    }
    if evidence.spare == Some(old) {
        return Some(Source::Spare);
    }
    let has_it = |left: &Left| left.digest == old;
    left.iter().position(has_it).map(Source::Leftover)
}

/// Whether the last announced save has done its last step.
fn is_complete(evidence: &Evidence<'_>) -> bool {
    let last = evidence.known.last.as_ref();
    evidence.named || last.is_none_or(|(_, intent)| intent.old.is_none())
}

/// Those without a number are of the last save, or of one after it that the journal does not tell of. But what was written over
/// says nothing of how far a save came.
fn belongs(left: &Left, save: u64) -> bool {
    !left.written_over && left.number.is_none_or(|number| number == save)
}

/// What becomes of one leftover. The first rule that holds decides; each removes only what is nowhere the last copy of something, and what no
/// rule explains is kept.
///
/// 1. It is live, or a backup holds it: nothing is lost with it. (Between the two: a write in place that was finished over it may have been
///    somebody's; it is kept although live content is known.)
/// 2. Its number is beyond the journal's last, or it has none and no save is announced, and the journal is readable: nothing of a save is
///    visible before its intent is durable, so it is new content that never was.
/// 3. It is of the last announced save, and is what that one explains: anything, if it never happened; its new content; what it replaced, once
///    that has its backup name; without a number, what nobody was told of, if that save is complete and its content is live.
/// 4. Somebody else's file: under a second name only that name goes, else it is moved away as it is.
/// 5. What is left somebody wrote: at the moment of the save, or into the replaced file after it. Where the journal can't be read nobody knows.
fn fate(evidence: &Evidence<'_>, left: &Left, rolled_back: bool, secured: bool) -> Fate {
    if evidence.live == Some(left.digest) {
        return Fate::Remove;
    }
    if left.written_over && left.own {
        return Fate::WrittenOver;
    }
    if left.kept {
        return Fate::Remove;
    }
    let unannounced = match (left.number, &evidence.known.last) {
        (Some(number), _) => number > evidence.recorded,
        (None, last) => last.is_none(),
    };
    if unannounced && evidence.sound {
        return Fate::Remove;
    }
    if let Some((number, intent)) = &evidence.known.last
        && belongs(left, *number)
        && !unannounced
    {
        let undisturbed = evidence.known.head.as_ref().map(|head| head.digest) == evidence.live;
        let replaced = intent.old == Some(left.digest) && secured;
        // Without a number it can also be new content of which nobody was told.
        let new = left.number.is_none() && is_complete(evidence) && undisturbed;
        if rolled_back || left.digest == intent.new || replaced || new {
            return Fate::Remove;
        }
    }
    match () {
        // Another name of somebody's file, to have its content kept where they can read it: the name goes, the file stays.
        () if !left.own && left.shared => Fate::Remove,
        () if !left.own => Fate::Aside,
        () if !evidence.sound => Fate::Unknown,
        () if is_complete(evidence) => Fate::Late,
        () => Fate::Overtaken,
    }
}

/// A leftover that was read.
struct Found<'g> {
    file: Displaced<'g>,
    bytes: Vec<u8>,
    judged: Left,
    /// The copy that is kept of this content.
    kept: Option<BackupId>,
}

/// What is told of a leftover that was copied.
fn notice_of(fate: Fate, kept: String) -> Notice {
    match fate {
        Fate::WrittenOver => Notice::WrittenOver { kept },
        Fate::Late => Notice::WrittenLate { kept },
        Fate::Unknown => Notice::Quarantined {
            what: "a leftover of a save missing from the damaged journal".into(),
            kept,
        },
        Fate::Overtaken | Fate::Remove | Fate::Aside => Notice::Overtaken { kept },
    }
}

/// A leftover at first sight.
enum Looked<'g> {
    At(Found<'g>),
    TooLong(Displaced<'g>),
    Nothing,
}

impl Session<'_> {
    /// Finishes or takes back what an interrupted save left, and lets go of what a complete one did. Needs the exclusive lock.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let guard = Arc::clone(&self.guard);
        let named = self.is_named();
        let listed = guard.leftovers_and_names();
        let (leftovers, names) = listed.map_err(|e| self.opened.lock_error(e))?;
        if let Some(names) = &names {
            self.opened.remember_absent(names);
        }
        let mut found = Vec::new();
        for file in leftovers {
            match self.looked_at(file, named)? {
                Looked::At(one) => found.push(one),
                Looked::TooLong(file) => {
                    let what = "content written into a replaced file, longer than the limit for config files";
                    self.move_aside(file, what)?;
                }
                Looked::Nothing => {}
            }
        }
        let left: Vec<Left> = found.iter().map(|found| found.judged).collect();
        let plan = plan(&self.evidence(named)?, &left);
        tracing::debug!(?plan, "leftovers");
        if plan.roll_back {
            self.roll_back();
            if !found.is_empty() {
                self.flush()?; // durably, before the evidence goes
            }
        }
        if let Some(source) = plan.secure {
            self.secure(source, &found)?;
        }
        for (found, fate) in found.into_iter().zip(plan.fates) {
            self.dispose(found, fate)?;
        }
        let no_spare =
            |names: Vec<_>| plan.secure.is_none() && !names.iter().any(|n| n == place::SPARE);
        if names.is_some_and(no_spare) {
            return Ok(());
        }
        let dropped = self.opened.drop_spare();
        dropped.map_err(|e| io_error("remove", &self.opened.state_dir().join(place::SPARE), e))
    }

    /// Moves a leftover away as it is.
    fn move_aside(&mut self, file: Displaced<'_>, what: &str) -> Result<(), Error> {
        let kept = self.opened.put_aside(file, self.seq);
        let settling =
            |source| io_error("settle an interrupted save of", self.opened.path(), source);
        let kept = kept.map_err(|e| match e {
            SaveFailure::File(source) => self.opened.lock_error(source),
            SaveFailure::State(source) => settling(source),
            other => settling(io::Error::other(other)),
        })?;
        self.notices.push(Notice::Quarantined {
            what: what.into(),
            kept,
        });
        Ok(())
    }

    fn looked_at<'g>(&self, file: Displaced<'g>, named: bool) -> Result<Looked<'g>, Error> {
        let read = match file.read_judged(self.opened.longest()) {
            Err(persist_lock::Error::Io { source, .. })
                if source.kind() == io::ErrorKind::FileTooLarge =>
            {
                return Ok(Looked::TooLong(file));
            }
            read => read.map_err(|e| self.opened.lock_error(e))?,
        };
        let Some(read) = read else {
            return Ok(Looked::Nothing);
        };
        let digest = digest(&read.bytes);
        let last = self.known().last.as_ref().map(|(_, intent)| intent);
        let kept = match last.filter(|last| named && last.old == Some(digest)) {
            Some(last) => last.backup,
            None => self.kept_at(&digest)?,
        };
        let judged = Left {
            number: file.number(),
            digest,
            own: read.own,
            shared: read.shared,
            kept: kept.is_some(),
            written_over: file.was_written_over(),
        };
        Ok(Looked::At(Found {
            file,
            bytes: read.bytes,
            judged,
            kept,
        }))
    }

    /// Where this content is among the backups or in quarantine, whole.
    pub(super) fn kept_at(&self, digest: &Digest) -> Result<Option<BackupId>, Error> {
        let found = |folder: &Backups, catalog: &Catalog| {
            let mut same = catalog.ids().filter(|id| id.digest() == *digest);
            same.find(|id| folder.verify(id).is_ok())
        };
        if let Some(id) = found(&self.opened.backups(), &self.catalog) {
            return Ok(Some(BackupId::new(BackupFolder::Backups, id)));
        }
        let folder = self.opened.quarantined();
        let catalog = folder.catalog();
        let catalog = catalog.map_err(|e| self.opened.backup_error(e))?;
        Ok(found(&folder, &catalog).map(|id| BackupId::new(BackupFolder::Quarantine, id)))
    }
}

impl Opened<'_> {
    /// Copies what was found; where it is then.
    fn keep_found(
        &self,
        folder: BackupFolder,
        seq: u64,
        digest: Digest,
        bytes: &[u8],
    ) -> Result<BackupId, Error> {
        let id = self.free_name(folder, seq, digest)?;
        let meta = Meta::because(place::FOUND);
        let kept = self.kept_in(folder).create_as(id, bytes, &meta);
        kept.map_err(|e| self.backup_error(e))?;
        Ok(BackupId::new(folder, id))
    }

    /// A name that is not taken in that folder, by whatever.
    pub(super) fn free_name(
        &self,
        folder: BackupFolder,
        seq: u64,
        digest: Digest,
    ) -> Result<Id, Error> {
        let shelf = self.shelf(folder);
        let mut id = Id::new(seq, self.now(), digest);
        loop {
            let found = shelf.look(&id.to_string());
            match found.map_err(|e| io_error("look at", shelf.path(), e))? {
                None => return Ok(id),
                Some(_) => id = Id::new(seq, id.taken() + SignedDuration::from_millis(1), digest),
            }
        }
    }

    /// Frees the name that a backup is to get; whether that could be done. Where a backup is a copy, an interrupted save can
    /// have left some of it there. Anything else is put aside under its own name first.
    fn make_room(&self, folder: BackupFolder, id: &Id, bytes: &[u8]) -> bool {
        let (shelf, name) = (self.shelf(folder), id.to_string());
        let found = match shelf.read(&name, self.longest()) {
            Ok(found) => found,
            Err(error) => return error.kind() == io::ErrorKind::NotFound,
        };
        if !bytes.starts_with(&found) {
            let aside = Id::new(id.seq(), self.now(), digest(&found));
            let meta = Meta::because("found under the name of a backup");
            if self.quarantined().create_as(aside, &found, &meta).is_err() {
                return false;
            }
        }
        shelf.remove(&name).is_ok()
    }
}

impl Session<'_> {
    /// The last steps of the interrupted save: the backup's name, and every folder synced.
    fn secure(&mut self, source: Source, found: &[Found<'_>]) -> Result<(), Error> {
        let Some((seq, intent)) = self.known().last.clone() else {
            return Ok(());
        };
        let (Some(BackupId { folder, id }), Some(old)) = (intent.backup, intent.old) else {
            return Ok(());
        };
        let opened = &self.opened;
        let bytes = match source {
            Source::Mirror => opened.mirror_of(&old)?,
            Source::Spare => opened.spare_of(&old)?,
            Source::Leftover(index) => Some(found[index].bytes.clone()),
        };
        let Some(bytes) = bytes else {
            return Ok(());
        };
        let id = match opened.make_room(folder, &id, &bytes) {
            true => id,
            false => opened.free_name(folder, seq, old)?,
        };
        let shelf = opened.shelf(folder);
        let failed = |e| io_error("settle an interrupted save of", opened.path(), e);
        shelf.create().map_err(failed)?;
        match source {
            Source::Leftover(_) => {
                let meta = Meta::because("replaced by a save that was interrupted");
                let kept = opened.kept_in(folder).create_as(id, &bytes, &meta);
                kept.map_err(|e| opened.backup_error(e))?;
            }
            Source::Mirror | Source::Spare => {
                let mut copy = opened.spare(&bytes)?;
                copy.sync(opened, &bytes)?;
                copy.name_as(opened, &BackupId::new(folder, id))?;
                shelf.sync().map_err(failed)?;
            }
        }
        opened.site.folder().sync().map_err(failed)?;
        self.notices.push(Notice::Finished { seq });
        self.list_again()
    }

    fn dispose(&mut self, found: Found<'_>, fate: Fate) -> Result<(), Error> {
        let Found {
            file,
            bytes,
            judged,
            kept,
        } = found;
        if fate == Fate::Aside {
            let what = "a file that something else put in the way of a save";
            return self.move_aside(file, what);
        }
        if fate != Fate::Remove {
            let folder = match fate {
                // What was never live is no backup: no recovery is to take it for one.
                Fate::Unknown | Fate::WrittenOver | Fate::Late => BackupFolder::Quarantine,
                _ => BackupFolder::Backups,
            };
            let kept = match kept {
                Some(kept) => kept,
                None => self
                    .opened
                    .keep_found(folder, self.seq, judged.digest, &bytes)?,
            };
            self.notices.push(notice_of(fate, kept.to_string()));
            self.list_again()?;
        }
        file.remove().map_err(|e| self.opened.lock_error(e))
    }

    /// Whether the backup that the last announced save names is there, whole.
    fn is_named(&self) -> bool {
        let last = self.known().last.as_ref();
        let copy = last.and_then(|(_, intent)| intent.backup);
        copy.is_some_and(|copy| self.opened.holds(&copy))
    }

    /// Whether there is a backup of that name at all.
    fn is_name_taken(&self) -> bool {
        let last = self.known().last.as_ref();
        let copy = last.and_then(|(_, intent)| intent.backup);
        let backup = copy.and_then(|copy| copy.backup());
        backup.is_some_and(|id| self.catalog.holds(&id))
    }

    /// What this session's leftovers are judged by.
    fn evidence(&self, named: bool) -> Result<Evidence<'_>, Error> {
        // Of no interest where the last save is known to be complete.
        let unfinished = self.known().last.is_some() && !named;
        let digest_at = |copy| match unfinished {
            true => self.opened.digest_at(copy),
            false => Ok(None),
        };
        Ok(Evidence {
            live: self.digest(),
            known: self.known(),
            // Where the journal was cut or removed, its backups tell of saves that it doesn't.
            recorded: self.recorded.max(self.numbered()),
            sound: self.journal_is_sound(),
            named,
            name_taken: unfinished && self.is_name_taken(),
            mirror: digest_at(place::MIRROR)?,
            spare: digest_at(place::SPARE)?,
        })
    }
}

#[cfg(test)]
mod tests;
