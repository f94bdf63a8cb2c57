//! What one check looks at, part by part.

use std::io;

use persist_backup::{Digest, Id, Verified};

use super::progress::{Progress, Tell};
use super::{Interrupted, Problem, Verification};
use crate::backup_id::BackupId;
use crate::diagnose::is_torn_copy;
use crate::error::{Error, io_error};
use crate::file::Condition;
use crate::file::observation::Observation;
use crate::file::opened::Opened;
use crate::file::settle::{self, Left};
use crate::journal::{Event, Log, Record};
use crate::obstacle::Obstacle;
use crate::place;

impl Opened<'_> {
    pub(super) fn verified(&self, tell: &mut Tell<'_>) -> Result<Verification, Error> {
        let obstacles = self.obstacles();
        if obstacles.iter().any(|obstacle| obstacle.folder_wanted) {
            return Ok(self.unverified(obstacles));
        }
        let catalog = self.backups().catalog();
        let catalog = catalog.map_err(|e| self.backup_error(e))?; // before the journal, which has every save of it
        let look = self.look_unlocked()?;
        let mirror = self.digest_at(place::MIRROR)?;
        let live = look.digest();
        let mut journal = Journal::default();
        let (segments, copies) = (self.segments(), self.backups());
        let mut progress = Progress {
            done: 0,
            total: segments.numbers()?.len() + catalog.ids().count(),
        };
        let mut step = || progress.step(tell);
        let each = |record: &Record, _: &Digest| {
            journal.records += 1;
            let (old, new) = match &record.event {
                Event::Intent(intent) => (intent.old, intent.new),
                Event::Adopted(adopted) => (None, adopted.new),
                _ => return,
            };
            journal.saves += 1;
            journal.mirrored |= mirror == Some(new);
            journal.tells_of_live |= live.is_some() && [old, Some(new)].contains(&live);
        };
        let mut log = segments.scan(each, &mut step)?;
        if look.unrecorded.is_some()
            || self.backups_tell_of_more(&look.known, &log, catalog.ids())?
        {
            log.note_lost_record();
        }
        let listed = copies.list().map_err(|e| self.backup_error(e))?;
        let checked = listed.into_iter().map(|snapshot| {
            let verified = (snapshot.id, copies.verify(&snapshot.id));
            step();
            verified
        });
        let checked: Vec<Verified> = checked.collect();
        let parsed = look.live.as_ref().map(|l| self.document_in(l)).transpose();
        let document = parsed.as_ref().ok().and_then(Option::as_ref);
        let unchecked = document.and_then(|document| self.unchecked(document));
        let (broken, schema) = match (&look.verdict, parsed) {
            (Err(_), _) | (Ok(_), Ok(None)) => (None, Vec::new()),
            (Ok(_), Err(error)) => (Some(error), Vec::new()),
            (Ok(_), Ok(Some(document))) => (None, self.validate_document(&document)?),
        };
        let set_aside = look.live.as_ref().map(|l| self.complement(&l.digest));
        let set_aside = set_aside.and_then(Result::err);
        // Of what is lost of the journal is told anyway.
        let set_aside = set_aside.filter(|e| !matches!(e, Error::JournalGap { .. }));
        let interrupted = self.interrupted(&look, &log)?;
        let (mirror, mirror_behind) = match self.second_copy(&look, &log, &journal, interrupted)? {
            SecondCopy::Good => (None, None),
            SecondCopy::Behind(how) => (None, Some(how)),
            SecondCopy::Bad(how) => (Some(how), None),
        };
        let backup_gone = self.backup_gone(&look, interrupted)?;
        let lost = look.unapplied_intent().or(interrupted.map(|save| save.seq));
        let there = |id: &Id| checked.iter().any(|(other, _)| other == id);
        let mut gone = log.state.past(lost).holdings.gone(there);
        let last = backup_gone.as_ref().map(|gone| gone.copy.id);
        gone.retain(|id| last != Some(*id)); // is told already
        let damaged = checked.iter().filter_map(|(_, r)| r.as_ref().err());
        Ok(Verification {
            live: look.verdict,
            text: broken.as_ref().map(Problem::in_text),
            schema,
            records: journal.records,
            lost_after: log.state.past(None).gap,
            unchecked,
            faults: log.faults,
            torn: log.tail.torn.len(),
            journal_lost: journal.records == 0 && !checked.is_empty(),
            interrupted,
            set_aside: set_aside.map(|e| cause(&e)),
            mirror,
            mirror_behind,
            backup_gone: backup_gone.map(|gone| gone.to_string()),
            gone,
            backups: checked.len(),
            damaged_backups: damaged.map(ToString::to_string).collect(),
            obstacles,
        })
    }

    /// Where the journal or the backups can't be looked into.
    fn unverified(&self, obstacles: Vec<Obstacle>) -> Verification {
        Verification {
            live: Ok(Condition::Unverified),
            text: None,
            schema: Vec::new(),
            records: 0,
            lost_after: None,
            unchecked: None,
            faults: Vec::new(),
            torn: 0,
            journal_lost: false,
            interrupted: None,
            set_aside: None,
            mirror: None,
            mirror_behind: None,
            backup_gone: None,
            gone: Vec::new(),
            backups: 0,
            damaged_backups: Vec::new(),
            obstacles,
        }
    }

    /// The save that the next session has to finish or to take back: judged as that will judge it, from what it will find.
    fn interrupted(&self, look: &Observation, log: &Log) -> Result<Option<Interrupted>, Error> {
        let Some((seq, intent)) = &look.known.last else {
            return Ok(None);
        };
        let named = intent.backup.is_some_and(|copy| self.holds(&copy));
        let mirror = self.digest_at(place::MIRROR)?;
        let seen = settle::Evidence {
            live: look.digest(),
            known: &look.known,
            recorded: log.tail.seq,
            sound: log.tail.torn.is_empty() && log.faults.iter().all(|f| f.known),
            named,
            name_taken: named || self.has_name(intent.backup)?,
            mirror,
            spare: self.digest_at(place::SPARE)?,
        };
        let plan = settle::plan(&seen, &self.stages()?);
        // The mirror is written when all else of a save is durable: then a backup that is missing was taken away.
        let unfinished = plan.secure.is_some() && mirror != Some(intent.new);
        let took_effect = !plan.roll_back;
        Ok((plan.roll_back || unfinished).then_some(Interrupted {
            seq: *seq,
            took_effect,
        }))
    }

    /// What saves have left in the state folder, as far as a look tells it.
    fn stages(&self) -> Result<Vec<Left>, Error> {
        let Ok(Some(state)) = self.state() else {
            return Ok(Vec::new());
        };
        let failed = |e| io_error("list", self.state_dir(), e);
        let mut left = Vec::new();
        for entry in state.list().map_err(failed)? {
            let name = entry.name.to_str().unwrap_or_default();
            let number = name.strip_prefix(place::STAGE).and_then(|n| n.parse().ok());
            let Some(number) = number.filter(|_| entry.own) else {
                continue;
            };
            // One that can't be read is nothing to judge by.
            let Ok(bytes) = state.read(name, self.longest()) else {
                continue;
            };
            left.push(Left {
                number: Some(number),
                digest: persist_backup::digest(&bytes),
                own: true,
                shared: false,
                kept: false,
                written_over: false,
            });
        }
        Ok(left)
    }

    /// The mirror: what a save has written there, or what a cut leaves of that, or something else.
    fn second_copy(
        &self,
        look: &Observation,
        log: &Log,
        journal: &Journal,
        interrupted: Option<Interrupted>,
    ) -> Result<SecondCopy, Error> {
        let Some(expected) = look.expected().map(|expected| expected.digest) else {
            return Ok(SecondCopy::Good); // there is nothing to have a copy of
        };
        if !log.tail.torn.is_empty() || look.unrecorded.is_some() || journal.saves == 0 {
            return Ok(SecondCopy::Good); // it may hold what the torn record tells of
        }
        let path = self.state_dir().join(place::MIRROR);
        let found = match self
            .state_folder()
            .and_then(|s| s.read(place::MIRROR, self.longest()))
        {
            Ok(bytes) => Some(bytes),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => return Ok(SecondCopy::Good), // an obstacle
            Err(e) if e.kind() == io::ErrorKind::FileTooLarge => {
                return Ok(SecondCopy::bad(&path, "not a file written by a save"));
            }
            Err(e) => return Err(io_error("read", &path, e)),
        };
        let digest = found.as_deref().map(persist_backup::digest);
        if digest == Some(expected) || digest.is_some() && digest == look.digest() {
            return Ok(SecondCopy::Good);
        }
        let behind = match (&found, digest) {
            (None, _) => "missing",
            _ if journal.mirrored => "from an earlier save",
            (Some(found), _) if self.is_torn(found, look)? => "incomplete",
            _ => return Ok(SecondCopy::bad(&path, "damaged")),
        };
        // The file itself is the first copy; where it holds what no save has left there, this one is missed. (A cut can keep the
        // name of a backup and not the exchange: then it holds what that save was to replace.)
        Ok(
            match journal.tells_of_live || self.copy_of(&expected)?.is_some() {
                true if interrupted.is_some() => SecondCopy::Good, // which is told of
                true => SecondCopy::behind(&path, behind),
                false => SecondCopy::bad(&path, behind),
            },
        )
    }

    /// Whether a cut can have left this of a mirror of what is live, or of what was before.
    fn is_torn(&self, found: &[u8], look: &Observation) -> Result<bool, Error> {
        if let Some(live) = &look.live
            && is_torn_copy(found, &live.bytes)
        {
            return Ok(true);
        }
        let before = look.known.last.as_ref().and_then(|(_, i)| i.backup);
        let before = match before {
            Some(copy) => self.backup(&self.kept_in(copy.folder), &copy.id)?,
            None => None,
        };
        Ok(before.is_some_and(|before| is_torn_copy(found, &before)))
    }

    /// Retention spares the backup of the last change, so somebody else has taken it away.
    fn backup_gone(
        &self,
        look: &Observation,
        interrupted: Option<Interrupted>,
    ) -> Result<Option<Gone>, Error> {
        let lost = look
            .unapplied_intent()
            .or(interrupted.filter(|i| !i.took_effect).map(|i| i.seq));
        let entries = self.last_changes(1, lost)?;
        let last = entries
            .last()
            .and_then(|entry| Some((entry.seq, entry.backup?)));
        let Some((seq, copy)) = last else {
            return Ok(None);
        };
        if interrupted.is_some_and(|i| i.seq == seq) {
            return Ok(None); // it gets its name when that save is finished
        }
        let is_there = self.has_name(Some(copy))?;
        if is_there || self.purge_of(|purged| *purged == copy)?.is_some() {
            return Ok(None);
        }
        Ok(Some(Gone { seq, copy }))
    }

    /// Whether there is a copy of that name, whole or not.
    fn has_name(&self, name: Option<BackupId>) -> Result<bool, Error> {
        let Some(BackupId { folder, id }) = name else {
            return Ok(false);
        };
        let kept = self.kept_in(folder).list();
        let kept = kept.map_err(|e| self.backup_error(e))?;
        Ok(kept.iter().any(|snapshot| snapshot.id == id))
    }
}

/// What there is in the journal.
#[derive(Default)]
struct Journal {
    records: usize,
    saves: usize,
    /// A save has written what the mirror holds.
    mirrored: bool,
    /// A save has written what is live, or replaced it.
    tells_of_live: bool,
}

/// The backup of the last change, which is not there.
struct Gone {
    seq: u64,
    copy: BackupId,
}

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Gone { seq, copy } = self;
        write!(f, "the backup of change #{seq}, {copy}, is missing")
    }
}

/// How the mirror is.
enum SecondCopy {
    Good,
    /// Not what a save leaves, while a cut explains it and nothing is lost.
    Behind(String),
    Bad(String),
}

impl SecondCopy {
    fn behind(path: &std::path::Path, how: &str) -> SecondCopy {
        SecondCopy::Behind(told(path, how))
    }

    fn bad(path: &std::path::Path, how: &str) -> SecondCopy {
        SecondCopy::Bad(told(path, how))
    }
}

fn told(mirror: &std::path::Path, how: &str) -> String {
    let mirror = mirror.display();
    format!("the second copy of the last save, {mirror}, is {how}: the next save rewrites it")
}

/// The innermost reason, which names the file.
fn cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), cause)
}
