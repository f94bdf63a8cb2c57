//! Reading without a lock: replacement is atomic, so what is read is one whole version.

use std::io;

use persist_backup::Digest;
use persist_format::{Document, Value};

use persist_lock::FileLock;

use super::ConfigFile;
use super::opened::Opened;
use crate::diagnose::{Content, Damage, diagnose, may_be_an_edit};
use crate::error::{Error, io_error};
use crate::history::{self, Known};
use crate::journal::{Intent, Record};
use crate::live::Live;
use crate::note::{Note, notes};
use crate::place;
use crate::state_format::Format;

/// A document as it was in the file at one moment: the base of a compare-and-swap.
#[derive(Clone)]
pub struct Reading {
    document: Option<Document>,
    digest: Option<Digest>,
    condition: Condition,
}

/// Without the content, which may hold secrets.
impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("digest", &self.digest)
            .field("condition", &self.condition)
            .finish_non_exhaustive()
    }
}

/// How the file's content relates to what the journal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Condition {
    /// There is no file, and there never was one.
    Absent,
    /// There is a file, and no journal about it yet.
    Unmanaged,
    /// The content is what was saved last.
    Clean,
    /// Something else changed the file since the last save.
    ChangedOutside,
    /// The state folder was written by a newer persist, so what was saved last is not known. The file can't be changed here.
    NewerState,
    /// There is a file, and a state folder that this user may not enter: what was saved last is not known.
    Unverified,
}

impl Reading {
    /// The document; `None` where there is no file yet.
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// SHA-256 of the file's bytes.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// How it relates to the journal.
    pub fn condition(&self) -> Condition {
        self.condition
    }
}

/// Rounds of looking at a file that changes all the time before the last look is taken for what it is.
const MOST_LOOKS: u32 = 100;

/// What a look at the file found, before its text is parsed.
pub(super) struct Look {
    pub(super) live: Option<Live>,
    pub(super) expected: Option<Content>,
    pub(super) verdict: Result<Condition, Damage>,
}

impl ConfigFile {
    /// Reads the file. Writes nothing, takes no lock and needs no permission to write. Who may not enter the state folder
    /// reads what is there: [`Condition::Unverified`].
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Invalid`] where the text is no valid document, [`Error::Io`].
    #[tracing::instrument(level = "debug", skip_all, fields(file = %self.path.display()))]
    pub fn read(&self) -> Result<Reading, Error> {
        let look = self.opened()?.look()?;
        let condition = look.verdict.map_err(|damage| Error::Damaged {
            file: self.path.clone(),
            damage,
        })?;
        let document = look
            .live
            .as_ref()
            .map(|l| self.parse(&l.bytes))
            .transpose()?;
        Ok(Reading {
            document,
            digest: look.live.map(|l| l.digest),
            condition,
        })
    }

    /// The document in the file.
    ///
    /// # Errors
    /// As [`ConfigFile::read`], and [`Error::NotFound`] where there is no file.
    pub fn document(&self) -> Result<Document, Error> {
        let document = self.read()?.document;
        document.ok_or_else(|| Error::NotFound {
            file: self.path.clone(),
            what: "there is no such file".into(),
        })
    }

    /// Bytes as a document in this file's format: a backup's, say.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn document_of(&self, bytes: &[u8]) -> Result<Document, Error> {
        self.parse(bytes)
    }

    /// What changed from `old` to `new`, key by key, sensitive values redacted.
    pub fn notes(&self, old: &Document, new: &Document) -> Vec<Note> {
        self.told(old.value(), new.value())
    }

    /// As [`ConfigFile::notes`]. What was sensitive on one side is so on the other, wherever it has gone.
    pub(super) fn told(&self, old: &Value, new: &Value) -> Vec<Note> {
        notes(old, new, self.sensitive())
    }
}

impl Opened<'_> {
    pub(super) fn read_live(&self) -> Result<Option<Live>, Error> {
        let path = self.live();
        let opened = self.site.open_live();
        let file = opened.map_err(|e| io_error("read", path, e))?;
        file.map(|file| Live::read(file, path, self.options().limits.bytes))
            .transpose()
    }

    /// Compares the live content with the journal's word.
    pub(super) fn look(&self) -> Result<Look, Error> {
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
    fn look_unlocked(&self) -> Result<Look, Error> {
        let mut live = self.read_live()?;
        if let Some(Format::Newer(_)) = self.format {
            return Ok(unverified(live, Condition::NewerState));
        }
        let mut rounds = 0;
        loop {
            rounds += 1;
            let log = match self.segments().read_tail(history::tells_state) {
                Err(error) if forbidden(&error) => {
                    return Ok(unverified(live, Condition::Unverified));
                }
                log => log?,
            };
            let digest = live.as_ref().map(|l| l.digest);
            let known = self.known(&log.records, digest.as_ref())?;
            let expected = known.expected(digest.as_ref()).cloned();
            let verdict = match (&expected, &live) {
                (None, None) => Some(Condition::Absent),
                (Some(e), Some(l)) if e.digest == l.digest => Some(Condition::Clean),
                _ => None,
            };
            if let Some(condition) = verdict {
                return Ok(Look {
                    live,
                    expected,
                    verdict: Ok(condition),
                });
            }
            let again = self.read_live()?;
            if again.as_ref().map(|l| l.digest) == digest || rounds == MOST_LOOKS {
                let verdict = self.judge(live.as_ref(), expected.as_ref())?;
                return Ok(Look {
                    live,
                    expected,
                    verdict,
                });
            }
            live = again;
        }
    }

    fn judge(
        &self,
        live: Option<&Live>,
        expected: Option<&Content>,
    ) -> Result<Result<Condition, Damage>, Error> {
        Ok(match self.damage(live, expected)? {
            Some(damage) => Err(damage),
            None if expected.is_none() => Ok(Condition::Unmanaged),
            None => Ok(Condition::ChangedOutside),
        })
    }

    /// What `records` say of the live file.
    ///
    /// A save whose old content is live again did not happen, unless something proves that it did: the
    /// backup that it took, or a mirror of what it wrote. Then the old content was put back since.
    pub(super) fn known(&self, records: &[Record], live: Option<&Digest>) -> Result<Known, Error> {
        let mut known = history::known(records);
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

    /// Whether something proves that an announced save happened, whatever is live now: the backup that
    /// it took, or a mirror of what it wrote.
    pub(super) fn took_effect(&self, intent: &Intent) -> Result<bool, Error> {
        let backed_up = intent.backup.as_deref().is_some_and(|b| self.holds(b));
        Ok(backed_up || self.mirror_of(&intent.new)?.is_some())
    }

    /// Whether the state folder has a backup of that name (`backups/…`), whole.
    pub(super) fn holds(&self, name: &str) -> bool {
        place::kept_as(name).is_some_and(|(folder, id)| self.kept_in(folder).verify(&id).is_ok())
    }

    /// The announced save that did not take effect, if there is one that is not journalled as such.
    pub(super) fn lost(
        &self,
        records: &[Record],
        live: Option<&Digest>,
    ) -> Result<Option<u64>, Error> {
        let known = self.known(records, live)?;
        let lost = known.last.as_ref().filter(|_| known.rolled_back(live));
        Ok(lost.map(|(seq, _)| *seq))
    }

    /// The damage to the live content. Where a cut left a valid document of whole lines, somebody is
    /// taken to have deleted the rest: that is adopted, with the whole backed up, and only
    /// [`ConfigFile::recover`] brings it back.
    pub(super) fn damage(
        &self,
        live: Option<&Live>,
        expected: Option<&Content>,
    ) -> Result<Option<Damage>, Error> {
        let copies = self.known_copies(expected, live)?;
        let damage = diagnose(live, expected, &copies);
        let edit = damage.as_ref().zip(live).is_some_and(|(damage, live)| {
            may_be_an_edit(damage, live, expected, &copies) && self.parse(&live.bytes).is_ok()
        });
        Ok(damage.filter(|_| !edit))
    }
}

fn forbidden(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
}

/// A file that can only be judged by its bytes.
fn unverified(live: Option<Live>, condition: Condition) -> Look {
    let verdict = match diagnose(live.as_ref(), None, &[]) {
        Some(damage) => Err(damage),
        None if live.is_none() => Ok(Condition::Absent),
        None => Ok(condition),
    };
    Look {
        live,
        expected: None,
        verdict,
    }
}
