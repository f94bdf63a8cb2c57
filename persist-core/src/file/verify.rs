//! Checking everything that is kept about a file, without changing any of it.
//!
//! A check looks at many files one after the other, and somebody may save meanwhile. So it first looks without a lock. If
//! there is anything to complain of, it looks again until nothing was saved in between, and at last under the shared lock,
//! where no save is under way: what is found then was left by one that was interrupted, or is damage.

mod checks;
mod obstacles;
mod problem;
mod progress;

use std::time::Duration;

use persist_backup::{Digest, Id};
use persist_lock::FileLock;
use serde::Serialize;

use super::opened::Opened;
use super::{Condition, ConfigFile, verdict};
use crate::damage::Damage;
use crate::error::{Error, violation_line};
use crate::journal::Fault;
use crate::obstacle::Obstacle;
use crate::place;
pub use problem::Problem;
pub use progress::Progress;
use progress::Tell;

/// What a check of file, journal and backups found.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// How the live file relates to the journal, or what is wrong with it.
    ///
    /// As JSON two entries: `live`, which is `damaged` in the second case, and then `damage`.
    #[serde(flatten, serialize_with = "verdict::live")]
    pub live: Result<Condition, Damage>,
    /// The text's error, where it is no valid document.
    pub text: Option<Problem>,
    /// Violations of the schema of the document's version.
    pub schema: Vec<String>,
    /// Records in the journal, and places that don't prove themselves.
    pub records: usize,
    /// The last readable journal record, where records are lost and the loss was not yet accepted: after it, or before it where the damage is further up.
    pub lost_after: Option<u64>,
    /// Why the text was not checked against a schema, although the manifest has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<String>,
    /// Damaged places in the journal.
    pub faults: Vec<Fault>,
    /// Bytes at the journal's end that are no record: a crash tore the last one.
    pub torn: usize,
    /// Whether there are backups and not one record: somebody removed the journal.
    pub journal_lost: bool,
    /// The save that was interrupted, if the next operation has to finish it or to take it back.
    pub interrupted: Option<Interrupted>,
    /// What is wrong with the values that the last migration set aside, if it needs them for the way back.
    pub set_aside: Option<String>,
    /// What is wrong with the mirror, the second copy of the content saved last.
    pub mirror: Option<String>,
    /// How the mirror is not what a save leaves, while a power cut explains that and nothing depends on it.
    pub mirror_behind: Option<String>,
    /// The backup of the last change, if it is not there.
    pub backup_gone: Option<String>,
    /// Backups that are missing, while nothing has let them go.
    pub gone: Vec<Id>,
    /// Backups checked.
    pub backups: usize,
    /// Backups whose content is not what their name says.
    pub damaged_backups: Vec<String>,
    /// What has a name in the state folder that a file or folder of another kind should have.
    pub obstacles: Vec<Obstacle>,
}

/// A save that a crash has interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Interrupted {
    /// The record that announced it.
    pub seq: u64,
    /// Whether its content has reached the file.
    pub took_effect: bool,
}

impl Verification {
    /// Whether all is well. A change made outside is well, what a power cut leaves is ([`notes`](Self::notes)), and damage that a
    /// break record tells of already is history.
    pub fn passed(&self) -> bool {
        self.problems().is_empty()
    }

    /// Everything that is wrong, one line each.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.problems_drawn().into_iter();
        problems.map(|problem| problem.line).collect()
    }

    /// The same, with the lines of the file drawn where a problem is in its text.
    pub fn problems_drawn(&self) -> Vec<Problem> {
        let file = match &self.live {
            Err(Damage::Missing) => Some(
                "the file was deleted; `recover` brings it back, `adopt` accepts that it is gone"
                    .to_owned(),
            ),
            Err(damage) => Some(format!("the file is damaged: {damage}")),
            Ok(_) => None,
        };
        let file = file.map(Problem::plain).into_iter();
        let in_text = file.chain(self.text.clone());
        let others = self.other_problems().into_iter();
        in_text.chain(others.map(Problem::plain)).collect()
    }

    /// What is wrong that is not in the file's text.
    fn other_problems(&self) -> Vec<String> {
        let mut problems = self.schema.clone();
        problems.extend(self.obstacles.iter().map(ToString::to_string));
        problems.extend(
            self.faults
                .iter()
                .filter(|f| !f.known)
                .map(|f| format!("the journal is damaged in {f}")),
        );
        if self.journal_lost {
            let lost =
                "the journal is missing although there are backups; the next save begins a new one";
            problems.push(lost.to_owned());
        }
        let set_aside = self.set_aside.as_ref();
        problems.extend(set_aside.map(|e| {
            format!("the data that the last migration saved for migrating back is lost: {e}")
        }));
        problems.extend(self.mirror.clone());
        problems.extend(self.backup_gone.clone());
        problems.extend(self.gone.iter().map(|name| {
            format!("the backup {name} is missing, though no save removed it; the next save records that")
        }));
        problems.extend(self.damaged_backups.iter().cloned());
        problems
    }

    /// What is not as a save leaves it, and no damage: a power cut or a kill explains it, nothing is lost, and the next
    /// operation puts it right. Also that no schema was asked. One line each.
    pub fn notes(&self) -> Vec<String> {
        let interrupted = self.interrupted.map(|save| match save.took_effect {
            true => format!(
                "save #{} was interrupted after it took effect: the next operation finishes it",
                save.seq
            ),
            false => format!(
                "save #{} was interrupted before it took effect: the previous content was kept, and the next operation cleans up",
                save.seq
            ),
        });
        let torn = (self.torn > 0).then(|| {
            format!(
                "the journal ends in {} bytes of an incomplete record, as an interrupted save leaves them; the next save moves them to quarantine",
                self.torn
            )
        });
        let notes = [
            interrupted,
            torn,
            self.mirror_behind.clone(),
            self.unchecked.clone(),
        ];
        notes.into_iter().flatten().collect()
    }

    fn is_silent(&self) -> bool {
        let expected = usize::from(self.unchecked.is_some());
        self.passed() && self.notes().len() == expected
    }
}

/// Rounds of looking without the lock, while somebody saves.
const ROUNDS: u32 = 3;
/// Rounds where the lock can't be taken, or something that takes none keeps changing the file.
const MOST_ROUNDS: u32 = 20;
/// How long a file that looks damaged has to stay as it is. An editor empties it before it writes it.
const STILL: Duration = Duration::from_millis(20);

/// What every save changes.
#[derive(PartialEq)]
struct Moment {
    live: Option<Digest>,
    head: Option<Digest>,
    segment: u64,
    torn: usize,
}

impl ConfigFile {
    /// Checks the live file against the journal and its schema, every link of the journal's chain,
    /// and every backup against its digest. Changes nothing.
    ///
    /// Somebody may save meanwhile: nothing is complained of that was not so while nothing was saved. For that the shared
    /// lock is waited for, where there is one and it may be taken, but only if there is something to complain of.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # let file = persist_core::ConfigFile::open(&path, persist_core::Options::default())?;
    /// # file.edit(None, |document| Ok(document.set(&"width".parse()?, 1280)?.warnings))?;
    /// let found = file.verify()?;
    /// assert!(found.passed(), "{:?}", found.problems());
    /// // As a power cut can leave it: nothing is lost.
    /// std::fs::remove_file(file.state_dir().join("mirror"))?;
    /// let found = file.verify()?;
    /// assert!(found.passed() && found.notes()[0].contains("second copy"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] where something can't be read at all.
    pub fn verify(&self) -> Result<Verification, Error> {
        self.verify_with_progress(|_| {})
    }

    /// The same, and says after each file how far it is.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # let file = persist_core::ConfigFile::open(&path, persist_core::Options::default())?;
    /// # file.edit(None, |document| Ok(document.set(&"width".parse()?, 1280)?.warnings))?;
    /// let mut last = None;
    /// file.verify_with_progress(|progress| last = Some((progress.done, progress.total)))?;
    /// assert_eq!(last, Some((1, 1)), "a segment of the journal, and no backup yet");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_with_progress(
        &self,
        mut tell: impl FnMut(Progress),
    ) -> Result<Verification, Error> {
        for _ in 0..ROUNDS {
            let (found, still) = self.verified_once(&mut tell)?;
            match found {
                Ok(found) if found.is_silent() => return Ok(found),
                _ if still => break,
                _ => {}
            }
        }
        let opened = self.opened_whole()?;
        // A lock is only there where somebody has saved, and a check creates none.
        let locked = match opened.state() {
            Ok(Some(state)) if state.look(place::LOCK).is_ok_and(|found| found.is_some()) => {
                FileLock::at(&opened.site, self.options.allow)
                    .and_then(|lock| lock.read(self.options.wait))
                    .ok()
            }
            _ => None,
        };
        let mut rounds = 0;
        loop {
            rounds += 1;
            let (found, still) = self.verified_once(&mut tell)?;
            if still || rounds == MOST_ROUNDS || matches!(&found, Ok(found) if found.is_silent()) {
                drop(locked);
                return found;
            }
        }
    }

    /// One check, and whether file and journal kept still during it, and for a moment after it if the file looks damaged.
    fn verified_once(
        &self,
        tell: &mut Tell<'_>,
    ) -> Result<(Result<Verification, Error>, bool), Error> {
        let opened = self.opened_whole()?;
        let before = opened.moment();
        let found = opened.verified(tell);
        if !matches!(&found, Ok(found) if found.live.is_ok() && found.text.is_none()) {
            std::thread::sleep(STILL);
        }
        let after = self.opened_whole()?.moment();
        // What can't be read at all stays so.
        let still = match (before, after) {
            (Ok(before), Ok(after)) => before == after,
            (Err(_), Err(_)) => true,
            _ => false,
        };
        Ok((found, still))
    }

    fn validate_document(&self, document: &persist_format::Document) -> Result<Vec<String>, Error> {
        let violations = self.violations(document)?;
        Ok(violations
            .iter()
            .map(|v| violation_line(&self.path, v))
            .collect())
    }

    /// Whether there is a schema for the document's version.
    pub(super) fn has_schema(&self, document: &persist_format::Document) -> bool {
        let version = self.version_or_assumed(document);
        let version = version.and_then(|v| v.parse().ok());
        let manifest = self.options.manifest.as_ref();
        let known = manifest.zip(version);
        known.is_some_and(|(manifest, version)| manifest.schema_for(&version).is_some())
    }

    /// Why no schema is asked, although the manifest has one: the document does not say its version, and none is assumed.
    pub(super) fn unchecked(&self, document: &persist_format::Document) -> Option<String> {
        let manifest = self.options.manifest.as_ref()?;
        let mut versions = manifest.versions.iter().map(|entry| &entry.version);
        let has_schema = versions.any(|version| manifest.schema_for(version).is_some());
        let is_empty = crate::typed::is_empty(document.value());
        if !has_schema || is_empty || self.version_or_assumed(document).is_some() {
            return None;
        }
        let key = self.options.version_path();
        let known = manifest
            .versions
            .iter()
            .map(|entry| entry.version.to_string());
        let known: Vec<String> = known.collect();
        Some(format!(
            "not checked against a schema: no version at `{key}`; add it there ({})",
            known.join(", ")
        ))
    }

    /// Violations of the schema that the manifest has for the document's version, or the one that is assumed; none without one.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the schema itself can't be used.
    pub fn violations(
        &self,
        document: &persist_format::Document,
    ) -> Result<Vec<persist_format::schema::Violation>, Error> {
        let manifest = self.options.manifest.as_ref();
        let version = self.version_or_assumed(document);
        let version = version.and_then(|v| v.parse().ok());
        let Some((manifest, version)) = manifest.zip(version) else {
            return Ok(Vec::new());
        };
        let judged = self.judges.violations(manifest, version, document);
        judged.map_err(|e| self.invalid(e))
    }
}

impl Opened<'_> {
    fn moment(&self) -> Result<Moment, Error> {
        let live = self.read_live()?.map(|live| live.digest);
        let tail = self.segments().read_end()?.tail;
        Ok(Moment {
            live,
            head: tail.head,
            segment: tail.segment,
            torn: tail.torn.len(),
        })
    }
}
