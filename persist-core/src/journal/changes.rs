//! The ways in which content changes: a save that announces itself, content from outside that was accepted, a deletion that was.

use jiff::Timestamp;
use persist_backup::retention::Mark;
use persist_backup::{Digest, Id};
use serde::{Deserialize, Serialize};

use super::Access;
use crate::backup_id::BackupId;
use crate::note::Note;

/// Why a save is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The file did not exist before.
    Create,
    /// Keys were changed.
    Save,
    /// An earlier change was undone.
    Undo,
    /// An undone change was made again.
    Redo,
    /// A backup was restored.
    Restore,
    /// The schema version changed.
    Migrate,
    /// Damaged content was replaced by the last good state, or by what could be read of it.
    Recover,
    /// Something that a newer persist does.
    #[serde(other)]
    Other,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Create => "create",
            Kind::Save => "save",
            Kind::Undo => "undo",
            Kind::Redo => "redo",
            Kind::Restore => "restore",
            Kind::Migrate => "migrate",
            Kind::Recover => "recover",
            Kind::Other => "other",
        })
    }
}

/// A write-ahead announcement of one save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Why the save is made.
    pub kind: Kind,
    /// Digest of the content being replaced; `None` where there was no file.
    pub old: Option<Digest>,
    /// Digest of the new content.
    pub new: Digest,
    /// Length of the new content in bytes.
    pub len: u64,
    /// Modification time of the staged file, which is the live file's afterwards.
    pub mtime: Option<Timestamp>,
    /// Mode and owner of the staged file, which are the live file's afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The copy that is kept of the old content.
    #[serde(default, deserialize_with = "crate::backup_id::journaled")]
    pub backup: Option<BackupId>,
    /// Schema version of the new content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The caller's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For an undo: the `seq` of the change taken back, with everything after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// For a redo: the `seq` of the change made again, with everything before it that was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redoes: Option<u64>,
    /// For a restore or a recovery: where the content came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// For a migration: what is kept for the way back, under `complements/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complement: Option<Digest>,
    /// Whether the new content is good, as far as somebody looked.
    #[serde(default, skip_serializing_if = "Mark::is_unchecked")]
    pub mark: Mark,
    /// Backups that are let go once the new content is live; `None` from a persist that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drops: Option<Vec<Id>>,
    /// What changes, key by key, sensitive values redacted.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        with = "crate::note::journaled"
    )]
    pub changes: Vec<Note>,
}

impl Intent {
    /// The same without what only tells people of it.
    pub(crate) fn without_words(&self) -> Intent {
        Intent {
            reason: None,
            from: None,
            changes: Vec::new(),
            version: self.version.clone(),
            access: self.access.clone(),
            drops: self.drops.clone(),
            ..*self
        }
    }
}

/// Content that came from outside and was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adopted {
    /// The last content the journal knew; `None` when the file was new to it.
    pub old: Option<Digest>,
    /// Digest of the content found.
    pub new: Digest,
    /// Its length in bytes.
    pub len: u64,
    /// Its modification time.
    pub mtime: Option<Timestamp>,
    /// Its mode and owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The copy that is kept of `old`, where it could still be saved.
    #[serde(
        default,
        deserialize_with = "crate::backup_id::journaled",
        skip_serializing_if = "Option::is_none"
    )]
    pub backup: Option<BackupId>,
    /// Whether it is good, as far as somebody looked.
    #[serde(default, skip_serializing_if = "Mark::is_unchecked")]
    pub mark: Mark,
    /// Its schema version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Somebody said so: from here on what is lost of the journal is not asked for any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub meant: bool,
    /// The words of who meant it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What changed, key by key, sensitive values redacted.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        with = "crate::note::journaled"
    )]
    pub changes: Vec<Note>,
}

/// A deletion that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The last content the journal knew.
    pub old: Digest,
    /// The copy that is kept of `old`, where it could still be saved.
    #[serde(
        default,
        deserialize_with = "crate::backup_id::journaled",
        skip_serializing_if = "Option::is_none"
    )]
    pub backup: Option<BackupId>,
    /// The words of who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It is a change that can be taken back. An earlier persist did not count it as one, and its checkpoints are to be
    /// understood as it wrote them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub step: bool,
    /// Mode and owner that the file had last, for one that is made in its place. An earlier persist did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}
