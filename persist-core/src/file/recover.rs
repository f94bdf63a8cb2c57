//! The recovery ladder: the best content that is left, and a receipt that says which it was.

use persist_backup::Digest;
use persist_format::{Document, Value};
use persist_lock::Provenance;

use super::ConfigFile;
use super::commit::Change;
use super::observation::{Doubt, Observation};
use super::opened::Opened;
use super::session::Session;
use crate::error::Error;
use crate::history::{self, Entry};
use crate::journal::Kind;
use crate::note::Note;
use crate::receipt::{Notice, Receipt};
use crate::salvage::salvage;

/// Content that could stand in for what is damaged.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) document: Document,
    /// Which rung of the ladder it stands on, in words.
    pub(super) from: String,
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
            lost: Vec::new(),
            backup: None,
        }
    }

    fn defaults(document: Document) -> Candidate {
        Candidate::whole(document, "the defaults, because nothing better was left")
    }
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
    /// read from the damaged bytes, and only then `defaults`. The damaged bytes go to quarantine.
    /// A file that is not damaged is left alone, one that was edited into invalid text above all.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an edit that needs a person; [`Error::NotFound`] where nothing is left
    /// and there are no defaults; else as a save.
    #[tracing::instrument(level = "info", skip_all, fields(file = %self.path.display()))]
    pub fn recover(&self, defaults: Option<&Document>) -> Result<Receipt, Error> {
        let nothing = "there is no such file, and none was ever saved";
        self.leave_no_trace(nothing)?;
        let opened = self.opened_whole()?;
        let look = opened.look()?;
        // What takes time is done before others have to wait.
        let ahead = opened.salvage_ahead(&look, defaults)?;
        let last_saved = look.expected().map(|content| content.digest);
        let mut session = self.session_taking(Doubt::Damage, Provenance::History)?;
        let Some(damage) = session.damage().cloned() else {
            let document = session.document()?;
            if let Some(saved) = last_saved.filter(|saved| session.digest().as_ref() != Some(saved))
                && session.opened.copy_of(&saved)?.is_none()
            {
                session.notices.push(Notice::NoCopy);
            }
            let bytes = session.live().map_or_else(Vec::new, |l| l.bytes.clone());
            let change = Change {
                version: document.as_ref().and_then(|d| self.version_text(d)),
                ..Change::new(Kind::Recover, bytes)
            };
            return match session.live() {
                Some(_) => session.commit(change), // the same bytes: unchanged
                None => Err(self.not_found(nothing)),
            };
        };
        let expected = session.known().head.as_ref().map(|h| h.digest);
        let best = session.opened.best(expected.as_ref())?;
        let best = best.or_else(|| match (ahead, session.live()) {
            (Some(ahead), Some(live)) if ahead.digest == live.digest => ahead.candidate,
            (_, Some(live)) => self.salvaged(&live.bytes, defaults),
            (_, None) => None,
        });
        let best = best.or_else(|| defaults.cloned().map(Candidate::defaults));
        let mut best = best.ok_or_else(|| {
            self.not_found(&format!(
                "{damage}, and neither a backup nor a readable field is left"
            ))
        })?;
        if let Some(backup) = best.backup {
            best.lost = session.opened.changes_since(&backup)?;
        }
        if !best.lost.is_empty() {
            session.notices.push(Notice::Lost {
                keys: best.lost.clone(),
            });
        }
        self.put_back(session, best, &damage.to_string())
    }

    /// The best content known, without touching anything: what an application can go on with while
    /// its file needs a person. With it, where it came from.
    pub fn last_good(&self) -> Result<Option<(Document, String)>, Error> {
        let opened = self.opened_whole()?;
        let look = opened.look()?;
        let expected = look.expected().map(|e| e.digest);
        Ok(opened
            .best(expected.as_ref())?
            .map(|c| (c.document, c.from)))
    }
}

impl Opened<'_> {
    /// The best copy there is.
    fn best(&self, expected: Option<&Digest>) -> Result<Option<Candidate>, Error> {
        if let Some(digest) = expected
            && let Some((bytes, place)) = self.copy_of(digest)?
            && let Ok(document) = self.parse(&bytes)
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
        for snapshot in backups.list().map_err(|e| self.backup_error(e))? {
            let bytes = self.backup(&backups, &snapshot.id)?;
            if let Some(document) = bytes.and_then(|b| self.parse(&b).ok()) {
                let from = format!("backup {} of {}", snapshot.id.short(), snapshot.id.taken());
                return Ok(Some(Candidate {
                    backup: Some(snapshot.id.digest()),
                    ..Candidate::whole(document, from)
                }));
            }
        }
        Ok(None)
    }

    /// The keys that were changed since the file last had this content.
    fn changes_since(&self, content: &Digest) -> Result<Vec<String>, Error> {
        let log = self.segments().read_all()?;
        let entries = history::entries(&log.records, None);
        let had = |entry: &Entry| entry.new == *content;
        let first = entries.iter().rposition(had).map_or(0, |last| last + 1);
        let first = match entries
            .iter()
            .rposition(|entry| entry.old == Some(*content))
        {
            Some(replaced) => first.max(replaced),
            None => first,
        };
        let changed = entries[first..].iter().flat_map(|entry| {
            let told = |note: &Note| format!("{} ({} #{})", note.key(), entry.how, entry.seq);
            entry.changes.iter().map(told)
        });
        Ok(changed.collect())
    }
}

impl ConfigFile {
    fn salvaged(&self, damaged: &[u8], defaults: Option<&Document>) -> Option<Candidate> {
        let format = self.format(damaged).ok()?;
        let salvaged = salvage(damaged, format, defaults.map(Document::value))?;
        Some(Candidate {
            document: salvaged.document,
            from: format!("{} readable fields of the damaged file", salvaged.fields),
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
        let damaged = session.live().and_then(|l| self.document_in(l).ok());
        let changes =
            damaged.map_or_else(Vec::new, |old: Document| self.notes(&old, &best.document));
        let change = Change {
            changes,
            version: self.version_text(&best.document),
            reason: Some(damage.to_owned()),
            from: Some(best.from),
            quarantine: true,
            document: self.read_as(&best.document),
            ..Change::new(Kind::Recover, best.document.bytes())
        };
        session.commit(change)
    }

    /// Takes a file as it is, although it looks damaged or was changed outside: somebody meant it.
    /// A file that is gone is taken as removed on purpose; its last content stays among the backups.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the text is no valid document.
    pub fn adopt(&self) -> Result<Receipt, Error> {
        self.leave_no_trace("there is nothing to adopt")?;
        let mut session = self.session_taking(Doubt::Meant, Provenance::History)?;
        let Some(live) = session.live().cloned() else {
            session.accept_removal()?;
            return session.commit(Change::new(Kind::Save, Vec::new()));
        };
        let document = self.document_in(&live)?;
        if session.damage().is_some() {
            let old = session.known().head.as_ref().map(|h| h.digest);
            session.adopt(old, true)?;
        } else if session.has_gap() {
            session.adopt(Some(live.digest), true)?;
        }
        let change = Change {
            version: self.version_text(&document),
            ..Change::new(Kind::Save, live.bytes)
        };
        session.commit(change)
    }

    /// The document's schema version as it is written, where there is one.
    pub(crate) fn version_text(&self, document: &Document) -> Option<String> {
        match document.get(&self.options.version_path())? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_json().to_string()),
        }
    }
}
