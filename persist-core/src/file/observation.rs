//! What an operation finds: the live file, what the journal says of it, and what to make of both.

use std::io;

use persist_backup::{Digest, Id};
use persist_lock::FileLock;

use super::Condition;
use super::opened::Opened;
use crate::backup_id::BackupId;
use crate::checkpoint::{Checkpoint, Content, JournalState};
use crate::damage::Damage;
use crate::diagnose::{diagnose, may_be_an_edit};
use crate::error::{Error, io_error};
use crate::history::{self, Entry};
use crate::journal::{Intent, Log};
use crate::live::Live;
use crate::past::Past;
use crate::place;
use crate::state_format::Format;

/// Rounds of looking at a file that changes all the time before the last look is taken for what it is.
const MOST_LOOKS: u32 = 100;

/// No history comes to a higher number: a backup of one is forged or damaged.
pub(super) const HIGHEST_NUMBER: u64 = 1 << 40;

/// The live file and what the journal says of it, at one moment.
pub(super) struct Observation {
    pub(super) live: Option<Live>,
    pub(super) known: JournalState,
    /// The journal's end, as far as the present depends on it.
    pub(super) log: Log,
    /// Content that was saved, and whose record is lost.
    pub(super) unrecorded: Option<Digest>,
    pub(super) verdict: Result<Condition, Damage>,
}

/// What to take a file for that ends early, but at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TruncationPolicy {
    /// Somebody deleted the rest.
    Edit,
    /// Something cut it off: who recovers wants the rest back.
    Damage,
    /// Somebody meant it, whatever it is: also what strict mode refuses.
    Meant,
}

/// Content that something else has put into the file, which is to be recorded before a change is made to it.
pub(super) struct Adoption {
    /// What it has replaced, where that is known.
    pub(super) old: Option<Digest>,
}

impl Observation {
    /// What is to be adopted.
    pub(super) fn to_adopt(&self) -> Option<Adoption> {
        let old = match self.verdict {
            Ok(Condition::Unrecorded) => None,
            Ok(Condition::ChangedOutside) if self.log.lacks_its_end() => None,
            Ok(Condition::ChangedOutside) => self.expected().map(|known| known.digest),
            _ => return None,
        };
        Some(Adoption { old })
    }

    /// The content saved last, where the file holds something else: whatever a save does, it makes a backup of that first.
    pub(super) fn superseded(&self) -> Option<Digest> {
        match &self.verdict {
            Err(_) => self.expected().map(|known| known.digest),
            Ok(_) => self.to_adopt()?.old,
        }
    }

    /// Digest of the live content.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.live.as_ref().map(|live| live.digest)
    }

    /// The number of the announced save that did not take effect, if there is one that is not journalled as such.
    pub(super) fn unapplied_intent(&self) -> Option<u64> {
        self.known.unapplied_intent(self.digest().as_ref())
    }

    /// What can be gone back to.
    pub(super) fn past(&self) -> Past {
        past(&self.log, self.unapplied_intent())
    }

    /// The content that the file should have.
    pub(super) fn expected(&self) -> Option<&Content> {
        self.known.expected(self.digest().as_ref())
    }
}

impl Opened<'_> {
    pub(super) fn read_live(&self) -> Result<Option<Live>, Error> {
        let path = self.live();
        let opened = self.site.open_live();
        let file = opened.map_err(|e| io_error("read", path, e))?;
        file.map(|file| Live::read(&file, path, self.options().limits.bytes))
            .transpose()
    }

    /// Compares the live content with the journal's word.
    pub(super) fn look(&self) -> Result<Observation, Error> {
        let look = self.look_unlocked()?;
        let settled = matches!(look.verdict, Ok(Condition::Clean | Condition::Absent));
        let in_place = self.options().allow.allows_in_place();
        if settled || !in_place || !matches!(self.state(), Ok(Some(_))) {
            return Ok(look);
        }
        // A writer may be at work in the file itself. Who may not take the lock has to believe what is seen.
        let lock = FileLock::at(&self.site, self.options().allow);
        match lock.and_then(|lock| lock.read(self.options().wait)) {
            Ok(_guard) => self.look_unlocked(),
            Err(_) => Ok(look),
        }
    }

    /// Compares without a lock.
    ///
    /// A writer at work announces content before it is live, so "unknown" is only believed when the
    /// content was the same before and after the journal was read: whatever is live was announced
    /// before it went live.
    pub(super) fn look_unlocked(&self) -> Result<Observation, Error> {
        let mut live = self.read_live()?;
        if let Some(Format::Newer(_)) = self.format {
            return Ok(unverified(live, Condition::NewerState));
        }
        let mut rounds = 0;
        loop {
            rounds += 1;
            let log = match self.segments().read_tail() {
                Err(error) if forbidden(&error) => {
                    return Ok(unverified(live, Condition::Unverified));
                }
                log => log?,
            };
            let mut seen = self.seen(live, log)?;
            if let Some(condition) = settled(&seen) {
                seen.verdict = Ok(condition);
                return Ok(seen);
            }
            let again = self.read_live()?;
            let digest = again.as_ref().map(|l| l.digest);
            if digest == seen.digest() || rounds == MOST_LOOKS {
                // With the lock of a writer who has just ended, the mirror is newer than the journal that was read.
                seen.unrecorded = self.unrecorded(&seen.known, &seen.log, digest)?;
                let lost = seen.unrecorded.is_some();
                if !lost || seen.log.ends_like(&self.segments().read_tail()?) {
                    if lost {
                        seen.log.note_lost_record();
                    }
                    seen.verdict = self.judge(&seen, TruncationPolicy::Edit)?;
                    return Ok(seen);
                }
            }
            live = again;
        }
    }

    /// The same under the lock, where the file has been read and keeps still.
    pub(super) fn observed(&self, live: Option<Live>) -> Result<Observation, Error> {
        let log = self.segments();
        let mut seen = self.seen(live, log.read_tail_to_append()?)?;
        seen.unrecorded = self.unrecorded(&seen.known, &seen.log, seen.digest())?;
        if seen.unrecorded.is_some() {
            seen.log.note_lost_record();
        }
        Ok(seen)
    }

    fn seen(&self, live: Option<Live>, log: Log) -> Result<Observation, Error> {
        let digest = live.as_ref().map(|live| live.digest);
        Ok(Observation {
            known: self.known(&log.state, digest.as_ref())?,
            live,
            log,
            unrecorded: None,
            verdict: Ok(Condition::Clean),
        })
    }

    /// Content whose save took effect, while its record is damaged or missing at the journal's end. Without a proof the end of a
    /// line is taken for that of a save which a crash cut off.
    ///
    /// The mirror is written once a record is durable and its content is live: so the record was there where the mirror
    /// holds what is live, or what a broken line tells of, and the journal ends with other content. Mirror, live file and broken line are
    /// believed for what their digests agree on, and by that alone.
    fn unrecorded(
        &self,
        known: &JournalState,
        log: &Log,
        live: Option<Digest>,
    ) -> Result<Option<Digest>, Error> {
        let known = [&known.head, &known.before];
        let is_known = |digest: &Digest| {
            let mut known = known.iter().filter_map(|content| content.as_ref());
            known.any(|content| content.digest == *digest)
        };
        let torn = &log.tail.torn;
        let unknown = live.filter(|live| !is_known(live));
        if unknown.is_none() && torn.is_empty() {
            return Ok(None);
        }
        // What is adopted is live before its record is.
        let saves = torn.split(|byte| *byte == b'\n');
        let saves: Vec<&[u8]> = saves
            .filter(|line| contains(line, r#""event":"intent""#))
            .collect();
        let told = |digest: &Digest| {
            let told = format!(r#""new":"{digest}""#);
            saves.iter().any(|line| contains(line, &told))
        };
        if let Some(live) = unknown.filter(|live| told(live)) {
            return Ok(Some(live));
        }
        let mirror = self.digest_at(place::MIRROR)?;
        let mirror = mirror.filter(|mirror| !is_known(mirror));
        Ok(mirror.filter(|mirror| unknown == Some(*mirror) || told(mirror)))
    }

    /// Whether backups tell of saves whose records are missing at the journal's end, whatever is live. A backup gets its name
    /// once the record of the save that took it is durable, so it was there. They are to be listed before the journal is read.
    ///
    /// Only the copy that an adoption takes comes before its record, and it has a note; a power cut can leave it without. It is of
    /// the content that the journal expects, as the mirror is at that time.
    pub(super) fn backups_tell_of_more(
        &self,
        known: &JournalState,
        log: &Log,
        mut there: impl Iterator<Item = Id>,
    ) -> Result<bool, Error> {
        let after = |id: &Id| id.seq() > log.tail.seq && id.seq() < HIGHEST_NUMBER;
        if !there.any(|id| after(&id)) || log.lacks_records_after().is_some() {
            return Ok(false);
        }
        let head = known.head.as_ref().map(|head| head.digest);
        let may_be_adopted = self.digest_at(place::MIRROR)? == head;
        let kept = self.backups().list().map_err(|e| self.backup_error(e))?;
        let mut kept = kept
            .iter()
            .filter(|kept| after(&kept.id) && kept.meta.is_none());
        Ok(kept.any(|kept| !may_be_adopted || Some(kept.id.digest()) != head))
    }

    /// Is the content what the journal expects? Else: damage, or somebody's edit?
    pub(super) fn judge(
        &self,
        seen: &Observation,
        truncation: TruncationPolicy,
    ) -> Result<Result<Condition, Damage>, Error> {
        if let Some(condition) = settled(seen) {
            return Ok(Ok(condition));
        }
        let (live, expected) = (seen.live.as_ref(), seen.expected());
        if seen.unrecorded.is_some() && seen.unrecorded == seen.digest() {
            return Ok(Ok(Condition::Unrecorded));
        }
        let copies = self.known_copies(expected, live)?;
        // Where a cut left a valid document of whole lines, somebody is taken to have deleted the rest: that is adopted,
        // with the whole backed up, and only a recovery brings it back.
        let damage = diagnose(live, expected, &copies);
        let edit = truncation != TruncationPolicy::Damage
            && damage.as_ref().zip(live).is_some_and(|(damage, live)| {
                may_be_an_edit(damage, live, expected, &copies) && self.is_valid(live)
            });
        Ok(match damage.filter(|_| !edit) {
            Some(damage) => Err(damage),
            None if expected.is_none() => Ok(Condition::Unmanaged),
            None => Ok(Condition::ChangedOutside),
        })
    }

    /// Strict callers accept nothing that something else has put into the file.
    pub(super) fn refuse_strictly(&self, seen: &Observation) -> Result<(), Error> {
        if !self.options().strict || seen.to_adopt().is_none() {
            return Ok(());
        }
        if let Some(after) = seen.log.lacks_records_after() {
            let file = self.file();
            return Err(file.journal_gap(after, "whether the file matches the last save"));
        }
        Err(Error::ChangedOutside {
            file: self.path().to_path_buf(),
        })
    }

    /// What the journal says of the live file.
    ///
    /// A save whose old content is live again did not happen, unless something proves that it did: the
    /// backup that it took, or a mirror of what it wrote. Then the old content was put back since.
    fn known(&self, checkpoint: &Checkpoint, live: Option<&Digest>) -> Result<JournalState, Error> {
        let mut known = checkpoint.known.clone();
        if !known.rolled_back(live) {
            return Ok(known);
        }
        if let Some((_, intent)) = &known.last
            && self.took_effect(intent)?
        {
            known.settle();
        }
        Ok(known)
    }

    /// What content `live` can go back to.
    pub(super) fn past_of(&self, live: &Digest) -> Result<(Past, Option<u64>), Error> {
        let catalog = self.backups().catalog();
        let catalog = catalog.map_err(|e| self.backup_error(e))?;
        let mut log = self.segments().read_tail()?;
        let known = self.known(&log.state, Some(live))?;
        if self.unrecorded(&known, &log, Some(*live))?.is_some()
            || self.backups_tell_of_more(&known, &log, catalog.ids())?
        {
            log.note_lost_record();
        }
        let lost = known.unapplied_intent(Some(live));
        Ok((past(&log, lost), lost))
    }

    /// The last `count` changes that took effect, oldest first, where `lost` did not.
    pub(super) fn last_changes(
        &self,
        count: usize,
        lost: Option<u64>,
    ) -> Result<Vec<Entry>, Error> {
        let log = self.segments().read_last(count)?;
        let mut entries = history::entries(&log.records, lost);
        let surplus = entries.len().saturating_sub(count);
        Ok(entries.split_off(surplus))
    }

    /// Whether something proves that an announced save happened, whatever is live now: the backup that
    /// it took, or a mirror of what it wrote.
    pub(super) fn took_effect(&self, intent: &Intent) -> Result<bool, Error> {
        let backed_up = intent.backup.is_some_and(|copy| self.holds(&copy));
        Ok(backed_up || self.mirror_of(&intent.new)?.is_some())
    }

    /// Whether the state folder has that copy, whole.
    pub(super) fn holds(&self, copy: &BackupId) -> bool {
        self.kept_in(copy.folder).verify(&copy.id).is_ok()
    }
}

/// What can be gone back to, as far as the journal's end can be relied on.
fn past(log: &Log, lost: Option<u64>) -> Past {
    let mut past = log.state.past(lost);
    if let Some(after) = log.lacks_records_after() {
        past.lose(after);
    }
    past
}

/// What needs no judgement.
fn settled(seen: &Observation) -> Option<Condition> {
    match (seen.expected(), &seen.live) {
        (None, None) => Some(Condition::Absent),
        (Some(expected), Some(live)) if expected.digest == live.digest => Some(Condition::Clean),
        _ => None,
    }
}

fn contains(line: &[u8], text: &str) -> bool {
    line.windows(text.len()).any(|part| part == text.as_bytes())
}

fn forbidden(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
}

/// A file that can only be judged by its bytes.
fn unverified(live: Option<Live>, condition: Condition) -> Observation {
    let verdict = match diagnose(live.as_ref(), None, &[]) {
        Some(damage) => Err(damage),
        None if live.is_none() => Ok(Condition::Absent),
        None => Ok(condition),
    };
    Observation {
        live,
        known: JournalState::default(),
        log: Log::default(),
        unrecorded: None,
        verdict,
    }
}
