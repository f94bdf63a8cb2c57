//! Recovery: the best content that is left, and a receipt that says which it was.

use persist_backup::retention::Mark;
use persist_backup::{Digest, Snapshot};
use persist_format::{Document, Value};
use persist_lock::Provenance;

use super::commit::Change;
use super::edit::is_on_read_only;
use super::observation::{Observation, TruncationPolicy};
use super::opened::Opened;
use super::session::Session;
use super::{Condition, ConfigFile};
use crate::damage::Damage;
use crate::error::Error;
use crate::history::{self, Entry};
use crate::journal::Kind;
use crate::live::Live;
use crate::note::{ChangeNotes, Note};
use crate::place;
use crate::receipt::{Notice, Outcome, Receipt, RecoverySource};
use crate::salvage::salvage;

/// Content that could stand in for what is damaged.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) document: Document,
    /// Where it comes from, in words.
    pub(super) from: String,
    source: RecoverySource,
    /// Keys that could not be brought back.
    pub(super) lost: Vec<String>,
    /// The content, where it is not the one saved last.
    backup: Option<Digest>,
}

impl Candidate {
    fn whole(document: Document, from: impl Into<String>) -> Candidate {
        Candidate {
            document,
            from: from.into(),
            source: RecoverySource::Copy,
            lost: Vec::new(),
            backup: None,
        }
    }

    fn defaults(document: Document) -> Candidate {
        Candidate {
            source: RecoverySource::Defaults,
            ..Candidate::whole(document, "the defaults, because nothing better was left")
        }
    }
}

/// The file, compared with what was saved last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    /// It is that, or was never saved, or there is a good copy of that to compare it with.
    Known,
    /// It is something else, and no copy is left: nobody can tell whether that is damage or somebody's edit.
    NoCopy,
}

/// What could be read of damaged content before the lock was taken.
struct Ahead {
    digest: Digest,
    candidate: Option<Candidate>,
}

impl ConfigFile {
    /// Brings back the best content there is, if the file is damaged.
    ///
    /// In this order: the content saved last, older backups newest first, whatever fields can be
    /// read from the damaged bytes, and only then `defaults`. The damaged bytes go to quarantine, and the receipt names the
    /// [`RecoverySource`] that it was brought back from. A file that is not damaged is left alone, one that was edited into invalid text above all.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an edit that needs a person; [`Error::NoGoodCopy`] where nothing is left
    /// and there are no defaults; [`Error::NotFound`] where there never was a file; else as a save.
    pub fn recover(&self, defaults: Option<&Document>) -> Result<Receipt, Error> {
        self.recover_up_to(RecoverySource::Defaults, defaults)
    }

    /// As [`recover`](Self::recover), and from nothing worse than `lowest`.
    ///
    /// With [`RecoverySource::Copy`] nothing is put in place that no digest proves, and nothing is taken as good that no copy is left to
    /// compare with: then the file stays as it is.
    ///
    /// ```
    /// use persist_core::{ConfigFile, Error, Options, RecoverySource};
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// let file = ConfigFile::open(&path, Options::default())?;
    /// file.edit(None, |document| Ok(document.set(&"width".parse()?, 1280)?.warnings))?;
    /// std::fs::write(&path, "width = 12\0\0\0")?;
    /// let receipt = file.recover_up_to(RecoverySource::Copy, None)?;
    /// assert_eq!((receipt.recovered_from, std::fs::read_to_string(&path)?.as_str()), (Some(RecoverySource::Copy), "width = 1280\n"));
    ///
    /// std::fs::write(&path, "width = 12\0\0\0")?;
    /// std::fs::remove_file(file.state_dir().join("mirror"))?;
    /// assert!(matches!(file.recover_up_to(RecoverySource::Copy, None), Err(Error::NoGoodCopy { .. })));
    /// assert_eq!(std::fs::read(&path)?, b"width = 12\0\0\0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As there; [`Error::NoGoodCopy`] where there is nothing so good.
    #[tracing::instrument(level = "info", skip_all, fields(file = %self.path.display()))]
    pub fn recover_up_to(
        &self,
        lowest: RecoverySource,
        defaults: Option<&Document>,
    ) -> Result<Receipt, Error> {
        let nothing = NEVER_SAVED;
        self.refuse_unless_changeable()?;
        let unmanaged = self.is_unmanaged();
        let opened = self.opened_whole()?;
        let look = opened.look().map_err(|e| self.explained(e))?;
        if unmanaged && let Some(receipt) = self.left_alone(&look, Kind::Recover, nothing)? {
            return Ok(receipt);
        }
        let defaults = defaults.filter(|_| lowest >= RecoverySource::Defaults);
        // What takes time is done before others have to wait.
        let ahead = opened.salvage_ahead(&look, defaults)?;
        let salvaged = ahead.as_ref().is_some_and(|a| a.candidate.is_some());
        if unmanaged && defaults.is_none() && !(salvaged && lowest >= RecoverySource::Salvage) {
            return Err(opened.no_good_copy(&look, look.verdict.clone().err())?);
        }
        let mut session = match self.session_taking(TruncationPolicy::Damage, Provenance::History) {
            Err(error) if is_on_read_only(&error) => {
                return self.unchanged_without_lock(Kind::Recover, error);
            }
            session => session?,
        };
        let compared = session.compared()?;
        if compared == Compared::NoCopy
            && session.damage().is_none()
            && lowest == RecoverySource::Copy
        {
            return Err(session.opened.no_good_copy(session.observation(), None)?);
        }
        let Some(damage) = session.to_recover(compared) else {
            if compared == Compared::NoCopy {
                session.notices.push(Notice::NoCopy);
            }
            return self.leave_as_it_is(session, nothing);
        };
        let expected = session.known().head.as_ref().map(|h| h.digest);
        let best = session.opened.best(expected.as_ref())?;
        let best = best.or_else(|| {
            let live = session
                .live()
                .filter(|_| lowest >= RecoverySource::Salvage)?;
            match ahead {
                Some(ahead) if ahead.digest == live.digest => ahead.candidate,
                _ => self.salvaged(&live.bytes, defaults),
            }
        });
        let best = best.or_else(|| defaults.cloned().map(Candidate::defaults));
        let Some(mut best) = best else {
            let damage = session.damage().cloned();
            return Err(session.opened.no_good_copy(session.observation(), damage)?);
        };
        if let Some(backup) = best.backup {
            best.lost = session.changes_since(&backup)?;
        }
        if !best.lost.is_empty() {
            session.notices.push(Notice::Lost {
                keys: best.lost.clone(),
            });
        }
        self.put_back(session, best, &damage)
    }

    /// Of a file about which nothing is kept yet: where it is sound there is nothing to be done, and no state folder to be made for it.
    fn left_alone(
        &self,
        look: &Observation,
        kind: Kind,
        nothing: &str,
    ) -> Result<Option<Receipt>, Error> {
        let Some(live) = &look.live else {
            return Err(self.not_found(nothing));
        };
        if look.verdict.is_err() {
            return Ok(None);
        }
        let document = self.whole_in(live)?;
        Ok(Some(Receipt {
            version: self.version_if_meant(&document),
            ..self.unchanged_receipt(kind, &document, live.digest)
        }))
    }

    /// Not damaged: the same bytes once more, so that what is to be journalled is.
    fn leave_as_it_is(&self, session: Session<'_>, nothing: &str) -> Result<Receipt, Error> {
        let Some(live) = session.live() else {
            let accepted = "the file was deleted, and the deletion was accepted; its last content is among the backups";
            return Err(self.not_found(match session.catalog.ids().next() {
                Some(_) => accepted,
                None => nothing,
            }));
        };
        let change = Change {
            version: self.version_if_meant(&self.whole_in(live)?),
            ..Change::new(Kind::Recover, live.bytes.clone())
        };
        session.commit(change)
    }

    /// Where nothing can be written, as `error` says, a file that is as it was saved last needs nothing.
    fn unchanged_without_lock(&self, kind: Kind, error: Error) -> Result<Receipt, Error> {
        let reading = self.read()?;
        match (reading.condition(), reading.document(), reading.digest()) {
            (Condition::Clean, Some(document), Some(digest)) => {
                Ok(self.unchanged_receipt(kind, document, digest))
            }
            _ => Err(error),
        }
    }

    /// The best content known, without touching anything: what an application can go on with while
    /// its file needs a person. With it, where it came from.
    pub fn last_good(&self) -> Result<Option<(Document, String)>, Error> {
        let opened = self.opened_whole()?;
        let look = opened.look()?;
        let expected = look.expected().map(|e| e.digest);
        Ok(opened
            .best(expected.as_ref())?
            .filter(|copy| self.is_meant(&copy.document))
            .map(|copy| (copy.document, copy.from)))
    }
}

impl Opened<'_> {
    /// The best copy there is.
    fn best(&self, expected: Option<&Digest>) -> Result<Option<Candidate>, Error> {
        if let Some(digest) = expected
            && let Some((bytes, place)) = self.copy_of(digest)?
            && let Ok(document) = self.parse_whole(&bytes)
        {
            let from = format!("the content saved last ({place})");
            return Ok(Some(Candidate::whole(document, from)));
        }
        self.newest_backup()
    }

    /// Reads what can be read of a damaged file, if it comes to that.
    fn salvage_ahead(
        &self,
        look: &Observation,
        defaults: Option<&Document>,
    ) -> Result<Option<Ahead>, Error> {
        let expected = look.expected().map(|content| content.digest);
        let Some(live) = look.live.as_ref().filter(|_| look.verdict.is_err()) else {
            return Ok(None);
        };
        if self.best(expected.as_ref())?.is_some() {
            return Ok(None);
        }
        Ok(Some(Ahead {
            digest: live.digest,
            candidate: self.salvaged(&live.bytes, defaults),
        }))
    }

    fn newest_backup(&self) -> Result<Option<Candidate>, Error> {
        let backups = self.backups();
        let mut snapshots = backups.list().map_err(|e| self.backup_error(e))?;
        // What somebody else saved at the moment of a save was overruled by that save.
        snapshots.sort_by_key(is_overtaken);
        for snapshot in snapshots {
            let bytes = self.backup(&backups, &snapshot.id)?;
            if let Some(document) = bytes.and_then(|b| self.parse_whole(&b).ok()) {
                let from = format!("backup {} of {}", snapshot.id.short(), snapshot.id.taken());
                return Ok(Some(Candidate {
                    backup: Some(snapshot.id.digest()),
                    ..Candidate::whole(document, from)
                }));
            }
        }
        Ok(None)
    }

    /// What became of the copies that a recovery looks for.
    fn what_is_missing(&self, saved: Option<&Digest>) -> Result<(Vec<String>, usize), Error> {
        let mirror = match self.digest_at(place::MIRROR)? {
            None if saved.is_none() => "nothing was ever saved here",
            None => "the second copy is missing",
            // What is not valid now was not when it was saved, either.
            found if found.as_ref() == saved => "the second copy is not a valid document",
            Some(_) => "the second copy is damaged or of an earlier save",
        };
        let checked = self.backups().verify_all();
        let checked = checked.map_err(|e| self.backup_error(e))?;
        let is_document = |(id, _): &&persist_backup::Verified| {
            let bytes = self.backups().read(id);
            bytes.is_ok_and(|bytes| self.parse_stream(&bytes).is_ok())
        };
        let sound: Vec<_> = checked
            .iter()
            .filter(|(_, result)| result.is_ok())
            .collect();
        let good = sound.iter().copied().filter(is_document).count();
        let backups = match (checked.len(), sound.len()) {
            (0, _) => "there are no backups".to_owned(),
            (1, 0) => "the only backup is damaged".to_owned(),
            (all, 0) => format!("all {all} backups are damaged"),
            _ => "no backup holds the last save".to_owned(),
        };
        Ok((vec![mirror.to_owned(), backups], good))
    }
}

/// Of a file that there is not, and of which nothing is kept.
pub(super) const NEVER_SAVED: &str = "there is no such file, and none was ever saved";

/// Whether it is a copy of what never was, or was only for a moment, what the file was to hold.
fn is_overtaken(snapshot: &Snapshot) -> bool {
    let reason = snapshot.meta.as_ref().map(|meta| meta.reason.as_str());
    matches!(reason, Some(place::OVERTAKEN | place::FOUND))
}

impl Session<'_> {
    /// The keys that were changed since the file last had this content.
    fn changes_since(&self, content: &Digest) -> Result<Vec<String>, Error> {
        let log = self.opened.segments().read_all()?;
        let entries = history::entries(&log.records, self.abandoned());
        let had = |entry: &Entry| entry.new == Some(*content);
        let first = entries.iter().rposition(had).map_or(0, |last| last + 1);
        let first = match entries
            .iter()
            .rposition(|entry| entry.old == Some(*content))
        {
            Some(replaced) => first.max(replaced),
            None => first,
        };
        let changed = entries[first..].iter().flat_map(|entry| {
            let line = |note: &Note| format!("{} ({} #{})", note.key(), entry.how, entry.seq);
            entry.changes.iter().map(line)
        });
        Ok(changed.collect())
    }

    fn compared(&self) -> Result<Compared, Error> {
        let saved = self.known().expected(self.digest().as_ref());
        let saved = saved.map(|content| content.digest);
        let other = saved.filter(|saved| self.digest().as_ref() != Some(saved));
        Ok(match other {
            Some(saved) if self.opened.copy_of(&saved)?.is_none() => Compared::NoCopy,
            _ => Compared::Known,
        })
    }

    /// Why there is something to recover, in words. Broken text is somebody's edit, unless nothing is left to tell it by.
    fn to_recover(&self, compared: Compared) -> Option<String> {
        if let Some(damage) = self.damage() {
            return Some(damage.to_string());
        }
        let broken = self.live().filter(|_| compared == Compared::NoCopy);
        let broken = broken.is_some_and(|live| !self.opened.is_valid(live));
        broken.then(|| "the text is not a valid document".to_owned())
    }
}

impl Opened<'_> {
    fn no_good_copy(&self, seen: &Observation, damage: Option<Damage>) -> Result<Error, Error> {
        let file = self.file();
        let saved = seen.expected();
        let (missing, others) = self.what_is_missing(saved.map(|c| &c.digest))?;
        let live = seen.live.as_ref();
        let is_document = |live: &Live| file.is_valid(live);
        let adoptable = live.is_none_or(is_document);
        let salvaged = live.filter(|_| damage.is_some() || !adoptable);
        let salvaged = salvaged.and_then(|live| {
            let format = file.format(&live.bytes).ok()?;
            salvage(&live.bytes, format, None)
        });
        Ok(Error::NoGoodCopy {
            file: file.path().to_path_buf(),
            damage,
            missing,
            others,
            readable: salvaged.map_or(0, |salvaged| salvaged.fields),
            adoptable,
        })
    }
}

impl ConfigFile {
    fn salvaged(&self, damaged: &[u8], defaults: Option<&Document>) -> Option<Candidate> {
        let format = self.format(damaged).ok()?;
        let salvaged = salvage(damaged, format, defaults.map(Document::value))?;
        Some(Candidate {
            document: salvaged.document,
            from: match salvaged.fields {
                1 => "1 readable field of the damaged file".to_owned(),
                fields => format!("{fields} readable fields of the damaged file"),
            },
            source: RecoverySource::Salvage,
            lost: salvaged.lost,
            backup: None,
        })
    }

    fn put_back(
        &self,
        session: Session<'_>,
        best: Candidate,
        damage: &str,
    ) -> Result<Receipt, Error> {
        let damaged = session.live().and_then(|live| self.whole_in(live).ok());
        let told = damaged.map(|damaged| self.document_notes(Some(&damaged), &best.document));
        let ChangeNotes { notes, secrets } = told.unwrap_or_default();
        let change = Change {
            changes: notes,
            secrets,
            version: self.version_if_meant(&best.document),
            reason: Some(damage.to_owned()),
            from: Some(best.from),
            recovered_from: Some(best.source),
            quarantine: true,
            mark: Mark::Parsed,
            document: self.read_as(&best.document),
            ..Change::new(Kind::Recover, best.document.bytes())
        };
        session.commit(change)
    }

    /// Takes a file as it is, although it looks damaged or was changed outside: somebody meant it.
    /// A file that is gone is taken as deleted on purpose; its last content stays among the backups.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the text is no valid document.
    pub fn adopt(&self) -> Result<Receipt, Error> {
        self.refuse_unless_changeable()?;
        if self.is_unmanaged() {
            let look = self.opened_whole()?.look();
            let look = look.map_err(|e| self.explained(e))?;
            if let Some(receipt) =
                self.left_alone(&look, Kind::Save, "there is nothing to adopt")?
            {
                return Ok(receipt);
            }
        }
        let mut session = match self.session_taking(TruncationPolicy::Meant, Provenance::History) {
            Err(error) if is_on_read_only(&error) => {
                return self.unchanged_without_lock(Kind::Save, error);
            }
            session => session?,
        };
        let change = match session.live().cloned() {
            None => {
                session.accept_removal()?;
                Change::new(Kind::Save, Vec::new())
            }
            Some(live) => {
                let document = self.whole_in(&live)?;
                if session.damage().is_some() {
                    let old = session.known().head.as_ref().map(|h| h.digest);
                    session.adopt(old, true)?;
                } else if session.has_gap() {
                    session.adopt(Some(live.digest), true)?;
                }
                session.note_old_damage()?;
                Change {
                    version: self.version_if_meant(&document),
                    ..Change::new(Kind::Save, live.bytes)
                }
            }
        };
        let mut receipt = session.commit(change)?;
        let adopted = |n: &Notice| matches!(n, Notice::Adopted { .. } | Notice::Deleted { .. });
        if receipt.notices.iter().any(adopted) {
            receipt.outcome = Outcome::Adopted;
        }
        Ok(receipt)
    }

    /// The same of content that is taken whole, if it has the document that the options choose.
    pub(super) fn version_if_meant(&self, document: &Document) -> Option<String> {
        self.is_meant(document)
            .then(|| self.version_text(document))
            .flatten()
    }

    /// The document's schema version as it is written, where there is one.
    pub(crate) fn version_text(&self, document: &Document) -> Option<String> {
        match document.get(&self.options.version_path())? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_json().to_string()),
        }
    }
}
