//! Checking everything that is kept about a file, without changing any of it.

use serde::Serialize;

use super::opened::Opened;
use super::{Condition, ConfigFile};
use std::io;

use crate::error::{Error, io_error, violation_line};
use crate::journal::{Event, Fault};
use crate::place;

/// What a check of file, journal and backups found.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// How the live file relates to the journal, or what is wrong with it.
    pub live: Result<Condition, String>,
    /// The text's error, where it is no valid document.
    pub text: Option<String>,
    /// Violations of the schema of the document's version.
    pub schema: Vec<String>,
    /// Records in the journal, and places that don't prove themselves.
    pub records: usize,
    /// Records after this number are lost, and nobody has said yet to go on without them.
    pub lost_after: Option<u64>,
    /// Damaged places in the journal.
    pub faults: Vec<Fault>,
    /// Bytes at the journal's end that are no record: a crash tore the last one.
    pub torn: usize,
    /// Whether there are backups and not one record: somebody removed the journal.
    pub journal_lost: bool,
    /// What is wrong with the values that the last migration set aside, if it needs them for the way back.
    pub set_aside: Option<String>,
    /// What is wrong with the mirror, the second copy of the content saved last.
    pub mirror: Option<String>,
    /// The backup of the last change, if it is not there.
    pub backup_gone: Option<String>,
    /// Backups checked.
    pub backups: usize,
    /// Backups whose content is not what their name says.
    pub damaged_backups: Vec<String>,
}

impl Verification {
    /// Whether all is well. A change made outside is well; a torn journal tail heals at the next save,
    /// and damage that a break record tells of already is history.
    pub fn passed(&self) -> bool {
        self.live.is_ok()
            && self.text.is_none()
            && self.schema.is_empty()
            && self.faults.iter().all(|f| f.known)
            && !self.journal_lost
            && self.set_aside.is_none()
            && self.mirror.is_none()
            && self.backup_gone.is_none()
            && self.damaged_backups.is_empty()
    }

    /// Everything that is wrong, one line each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(
            self.live
                .as_ref()
                .err()
                .map(|d| format!("the file is damaged: {d}")),
        );
        problems.extend(self.text.clone());
        problems.extend(self.schema.iter().cloned());
        problems.extend(
            self.faults
                .iter()
                .filter(|f| !f.known)
                .map(|f| format!("the journal is damaged in {f}")),
        );
        if self.journal_lost {
            let lost =
                "the journal is gone, while there are backups; the next save begins a new one";
            problems.push(lost.to_owned());
        }
        let set_aside = self.set_aside.as_ref();
        problems
            .extend(set_aside.map(|e| format!("what the last migration set aside is lost: {e}")));
        problems.extend(self.mirror.clone());
        problems.extend(self.backup_gone.clone());
        problems.extend(self.damaged_backups.iter().cloned());
        problems
    }
}

impl ConfigFile {
    /// Checks the live file against the journal and its schema, every link of the journal's chain,
    /// and every backup against its digest. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Io`] where something can't be read at all.
    pub fn verify(&self) -> Result<Verification, Error> {
        let opened = self.opened_whole()?;
        let look = opened.look()?;
        let mirror = opened.digest_at(place::MIRROR)?;
        let (mut records, mut saves, mut mirrored) = (0, 0, false);
        let (mut log, in_force) = opened.segments().scan(|record, _| {
            records += 1;
            let new = match &record.event {
                Event::Intent(intent) => intent.new,
                Event::Adopted(adopted) => adopted.new,
                _ => return,
            };
            saves += 1;
            mirrored |= mirror == Some(new);
        })?;
        let checked = opened
            .backups()
            .verify_all()
            .map_err(|e| self.backup_error(e))?;
        let parsed = look.live.as_ref().map(|l| self.document_in(l)).transpose();
        let (text, schema) = match (&look.verdict, parsed) {
            (Err(_), _) | (Ok(_), Ok(None)) => (None, Vec::new()),
            (Ok(_), Err(error)) => (Some(error.render()), Vec::new()),
            (Ok(_), Ok(Some(document))) => (None, self.validate_document(&document)?),
        };
        let set_aside = look.live.as_ref().map(|l| opened.complement(&l.digest));
        let set_aside = set_aside.and_then(Result::err);
        // Of what is lost of the journal is told anyway.
        let set_aside = set_aside.filter(|e| !matches!(e, Error::JournalGap { .. }));
        if look.unrecorded.is_some() {
            log.note_lost_record();
        }
        let known = records == 0 || mirrored || mirror == look.digest();
        let mirror = match log.tail.torn.is_empty() && look.unrecorded.is_none() {
            true => opened.mirror_fault(known, saves > 1 && look.live.is_some())?,
            // It may hold what the torn record tells of.
            false => None,
        };
        let backup_gone = opened.backup_gone(look.lost())?;
        let damaged = checked.iter().filter_map(|(_, r)| r.as_ref().err());
        Ok(Verification {
            live: look.verdict.map_err(|d| d.to_string()),
            text,
            schema,
            records,
            lost_after: in_force.past(None).gap,
            faults: log.faults,
            torn: log.tail.torn.len(),
            journal_lost: records == 0 && !checked.is_empty(),
            set_aside: set_aside.map(|e| cause(&e)),
            mirror,
            backup_gone,
            backups: checked.len(),
            damaged_backups: damaged.map(ToString::to_string).collect(),
        })
    }
}

impl Opened<'_> {
    /// A mirror that is gone, where one is to be `expected`, or holds what is not `known`: no save has written it. One of an
    /// earlier save is what a crash after the last one leaves.
    fn mirror_fault(&self, known: bool, expected: bool) -> Result<Option<String>, Error> {
        let mirror = self.state_dir().join(place::MIRROR);
        let fault = |what: &str| {
            let mirror = mirror.display();
            Some(format!(
                "the mirror {mirror} is {what}; the next save writes it anew"
            ))
        };
        let read = match self.state() {
            Ok(Some(state)) => state.read(place::MIRROR, self.longest()),
            Ok(None) => Err(io::ErrorKind::NotFound.into()),
            Err(error) => Err(error),
        };
        match read {
            Ok(_) => Ok(fault("damaged").filter(|_| !known)),
            // Before the first was written the first save was cut off.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(fault("gone").filter(|_| expected)),
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge
                ) =>
            {
                Ok(fault("no file that a save has written"))
            }
            Err(e) => Err(io_error("read", &mirror, e)),
        }
    }

    /// Retention spares the backup of the last change, so somebody else has taken it away.
    fn backup_gone(&self, lost: Option<u64>) -> Result<Option<String>, Error> {
        let entries = self.last_changes(1, lost)?;
        let last = entries
            .last()
            .and_then(|entry| Some((entry.seq, entry.backup.as_deref()?)));
        let Some((seq, name)) = last else {
            return Ok(None);
        };
        let is_there = match place::kept_as(name) {
            None => true, // no name of ours
            Some((folder, id)) => {
                let kept = self.kept_in(folder).list();
                let kept = kept.map_err(|e| self.backup_error(e))?;
                kept.iter().any(|snapshot| snapshot.id == id)
            }
        };
        Ok((!is_there).then(|| format!("the backup of change #{seq}, {name}, is gone")))
    }
}

impl ConfigFile {
    fn validate_document(&self, document: &persist_format::Document) -> Result<Vec<String>, Error> {
        let violations = self.violations(document)?;
        Ok(violations
            .iter()
            .map(|v| violation_line(&self.path, v))
            .collect())
    }

    /// Violations of the schema that the manifest has for the document's version; none without one.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the schema itself can't be used.
    pub fn violations(
        &self,
        document: &persist_format::Document,
    ) -> Result<Vec<persist_format::schema::Violation>, Error> {
        let manifest = self.options.manifest.as_ref();
        let version = self.version_text(document).and_then(|v| v.parse().ok());
        let Some((manifest, version)) = manifest.zip(version) else {
            return Ok(Vec::new());
        };
        let judged = self.judges.violations(manifest, version, document);
        judged.map_err(|e| self.invalid(e))
    }
}

/// The innermost reason, which names the file.
fn cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), cause)
}
