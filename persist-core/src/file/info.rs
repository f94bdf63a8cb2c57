//! What there is to know about a file at a glance.

use std::path::PathBuf;

use jiff::Timestamp;
use persist_backup::{Digest, Id, Snapshot};
use persist_format::{Document, Format};
use serde::{Serialize, Serializer};

use super::gaps::unnamed;
use super::{Condition, ConfigFile, verdict};
use crate::damage::Damage;
use crate::error::Error;
use crate::history::Entry;

/// A file's state.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// The path as given.
    #[serde(flatten, serialize_with = "crate::path_text::file")]
    pub file: PathBuf,
    /// The file itself, where the path is a symbolic link.
    #[serde(flatten, serialize_with = "crate::path_text::target")]
    pub target: Option<PathBuf>,
    /// The state folder, where there is one.
    #[serde(flatten, serialize_with = "crate::path_text::state_dir")]
    pub state_dir: Option<PathBuf>,
    /// Whether that is another folder than the one beside the file.
    #[serde(skip)]
    pub elsewhere: bool,
    /// The number of the group that the history is shared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_with: Option<u32>,
    /// The number of the user whose alone the state folder is, where it is closed to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<u32>,
    /// Why the history can't be used, where more is known of it than that it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_problem: Option<String>,
    /// Its format, serialised by name.
    #[serde(serialize_with = "name")]
    pub format: Option<Format>,
    /// Length in bytes.
    pub len: Option<u64>,
    /// SHA-256 of the content.
    pub digest: Option<Digest>,
    /// How it relates to the journal, or what is wrong with it; [`Damage::Missing`] where it was deleted.
    ///
    /// As JSON two entries: `condition`, which is `damaged` in the second case, and then `damage`.
    #[serde(flatten, serialize_with = "verdict::condition")]
    pub condition: Result<Condition, Damage>,
    /// What is wrong with the text, where something is, in one line.
    pub problem: Option<String>,
    /// The same with the lines of the text drawn.
    #[serde(skip)]
    pub problem_drawn: Option<String>,
    /// How many places of the document break the schema of its version.
    pub violations: usize,
    /// Schema version of the document.
    pub version: Option<String>,
    /// What is wrong with that version, or that there is none, where a manifest or graph tells versions apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_problem: Option<String>,
    /// The newest version that the manifest knows.
    pub latest: Option<String>,
    /// How many changes there were.
    pub changes: u64,
    /// The last readable journal record, where records are lost: after it, or before it where the damage is further up. What they did is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_after: Option<u64>,
    /// Then: backups that no record tells of, oldest first. What lost changes have replaced is among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_backups: Vec<Id>,
    /// The last change.
    pub last: Option<Entry>,
    /// The backups.
    pub backups: BackupInfo,
}

/// The backups in numbers.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct BackupInfo {
    /// How many.
    pub count: usize,
    /// Bytes on disk.
    pub bytes: u64,
    /// The newest.
    pub newest: Option<Id>,
    /// When the oldest was made.
    pub since: Option<Timestamp>,
}

impl ConfigFile {
    /// The file's state, from one look at it. A damaged or broken file is described, not refused.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Backup`] where something can't be read.
    pub fn info(&self) -> Result<Info, Error> {
        self.described().map_err(|e| self.explained(e))
    }

    fn described(&self) -> Result<Info, Error> {
        let opened = self.opened()?;
        // Before the journal, which has every save of it; the state folder may be closed, which the look tells.
        let kept = opened.backups().list();
        let mut look = opened.look()?;
        // A damaged file is described without what may not be read as well.
        let unread = matches!(
            look.verdict,
            Ok(Condition::NewerState | Condition::Unverified)
        );
        let whole = !unread && opened.state().is_ok();
        let mut last = match whole {
            true => opened.last_changes(1, look.unapplied_intent())?,
            false => Vec::new(),
        };
        let kept = match whole {
            true => kept.map_err(|e| self.backup_error(e))?,
            false => Vec::new(),
        };
        let ids = || kept.iter().map(|snapshot| snapshot.id);
        if whole && opened.backups_tell_of_more(&look.known, &look.log, ids())? {
            look.log.note_lost_record();
        }
        let past = look.past();
        let lost_backups = past.gap.map(|_| unnamed(&past, ids()));
        let live = look.live.as_ref();
        let parsed = live
            .filter(|_| look.verdict.is_ok())
            .map(|l| self.document_in(l))
            .transpose();
        let document = parsed.as_ref().ok().and_then(Option::as_ref);
        let latest = self
            .options
            .manifest
            .as_ref()
            .and_then(|m| m.versions.iter().max_by_key(|v| &v.version));
        // A schema that can't be used is no reason to say nothing of the file; `verify` names it.
        let violations = document.and_then(|d| self.violations(d).ok());
        Ok(Info {
            violations: violations.map_or(0, |v| v.len()),
            file: self.path.clone(),
            target: self.target.link().map(|_| self.live().to_path_buf()),
            state_dir: (!matches!(opened.state(), Ok(None)))
                .then(|| opened.state_dir().to_path_buf()),
            elsewhere: !opened.site.is_beside().unwrap_or(true),
            shared_with: opened.site.shared_with(),
            closed_by: opened.closed_by(),
            history_problem: opened.trouble().map(Error::line),
            format: live.and_then(|l| self.format(&l.bytes).ok()),
            len: live.map(|l| l.bytes.len() as u64),
            digest: live.map(|l| l.digest),
            condition: look.verdict,
            problem: parsed.as_ref().err().map(Error::line),
            problem_drawn: parsed.as_ref().err().map(Error::render),
            version: document.and_then(|d: &Document| self.version_text(d)),
            version_problem: document.and_then(|d| self.version_problem(d)),
            latest: latest.map(|v| v.version.to_string()),
            changes: past.changes,
            lost_after: past.gap,
            lost_backups: lost_backups.into_iter().flatten().collect(),
            last: last.pop(),
            backups: BackupInfo::of(&kept),
        })
    }

    fn version_problem(&self, document: &Document) -> Option<String> {
        if self.options.graph.is_none() && self.options.manifest.is_none() {
            return None;
        }
        match self.version_of(document) {
            Err(Error::Version { what, .. }) => Some(what.to_string()),
            _ => None,
        }
    }

    /// The backups in numbers.
    ///
    /// # Errors
    /// [`Error::Backup`] where the folder can't be read.
    pub fn backup_info(&self) -> Result<BackupInfo, Error> {
        let opened = self.opened_whole()?;
        let kept = opened.backups().list();
        Ok(BackupInfo::of(&kept.map_err(|e| self.backup_error(e))?))
    }
}

#[allow(clippy::ref_option, reason = "as serde calls it")]
fn name<S: Serializer>(format: &Option<Format>, to: S) -> Result<S::Ok, S::Error> {
    format.map(Format::name).serialize(to)
}

impl BackupInfo {
    /// Of all of them, newest first.
    fn of(snapshots: &[Snapshot]) -> BackupInfo {
        BackupInfo {
            count: snapshots.len(),
            bytes: snapshots.iter().map(|s| s.stored_len).sum(),
            newest: snapshots.first().map(|s| s.id),
            since: snapshots.last().map(|s| s.id.taken()),
        }
    }
}
