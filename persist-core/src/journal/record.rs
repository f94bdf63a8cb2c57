//! What the journal says: one record for everything that happened to a file.

use jiff::Timestamp;
use persist_backup::retention::{Mark, Policy};
use persist_backup::{Digest, Id};
use serde::{Deserialize, Serialize};

use super::Access;
use crate::foreign::Foreign;
use crate::in_force::InForce;
use crate::note::Note;

/// One line of the journal: who did what, when, chained to the line before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position in the journal, from 1, without gaps.
    pub seq: u64,
    /// SHA-256 of the previous record's text; all zeros for the first.
    pub prev: Digest,
    /// When the record was written (UTC).
    pub time: Timestamp,
    /// Who wrote it.
    pub actor: Actor,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Who made a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A user or application name, as the caller gave it.
    pub name: String,
    /// The process.
    pub pid: u32,
}

impl Actor {
    /// This process, acting as `name`.
    pub fn named(name: impl Into<String>) -> Actor {
        Actor {
            name: name.into(),
            pid: std::process::id(),
        }
    }
}

/// What a record tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// A save is about to become visible. Durable before the live name points at the new bytes.
    Intent(Intent),
    /// The save announced by record `intent` did not happen; the old content stayed.
    Abandoned {
        /// The intent's `seq`.
        intent: u64,
    },
    /// Somebody changed the file without persist, and the change was taken as the new state.
    Adopted(Adopted),
    /// An earlier segment can't be relied on: it is damaged, or its disk failed to confirm it. It is
    /// left as it is and the chain starts anew.
    Break {
        /// That segment.
        segment: u64,
        /// SHA-256 of that segment's bytes as they were found.
        found: Digest,
        /// The last number that could be read, where records may be lost: what they did is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// The file was deleted without persist, and the deletion was accepted.
    Removed(Removed),
    /// Somebody has said what is to be kept of this file; `None` to leave that to the application again.
    Retention {
        /// What is to be kept.
        policy: Option<Policy>,
    },
    /// Copies are removed because somebody said so. Durable before the first of them goes.
    Purged {
        /// Their names, relative to the state folder.
        copies: Vec<String>,
        /// What is known of those whose name does not tell it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        foreign: Vec<Foreign>,
    },
    /// What is in force after everything before: it opens a segment, so that none before it needs to be read for the present.
    Checkpoint(Box<InForce>),
    /// Something that a newer persist writes. Its line proves itself all the same.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// Cuts what only tells people of the change: its notes, and all other words.
    pub(crate) fn shorten(&mut self) {
        const WORDS: usize = 1000;
        let (changes, words) = match self {
            Event::Intent(intent) => {
                let words = [&mut intent.reason, &mut intent.from, &mut intent.version];
                (&mut intent.changes, Vec::from(words.map(Option::as_mut)))
            }
            Event::Adopted(adopted) => (&mut adopted.changes, vec![adopted.reason.as_mut()]),
            Event::Removed(removed) => {
                if let Some(reason) = &mut removed.reason {
                    *reason = reason.chars().take(WORDS).collect();
                }
                return;
            }
            _ => return,
        };
        let told = changes.len();
        *changes = vec![Note {
            path: format!("{told} changes, too long to be told here"),
            ..Note::default()
        }];
        for words in words.into_iter().flatten() {
            *words = words.chars().take(WORDS).collect();
        }
    }
}

/// Why a save is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The file did not exist before.
    Create,
    /// Keys were changed.
    Save,
    /// An earlier change was taken back.
    Undo,
    /// A change that was taken back was made again.
    Redo,
    /// A snapshot was put back.
    Restore,
    /// The schema version changed.
    Migrate,
    /// Damaged content was replaced by the best that was left.
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
    /// File name under `backups/` that the old content gets.
    pub backup: Option<String>,
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
            backup: self.backup.clone(),
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
    /// File name under `backups/` that holds `old`, where it could still be saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
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
    /// File name under `backups/` that holds `old`, where it could still be saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// The words of who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It is a change that can be taken back. An earlier persist did not count it as one, and its checkpoints are to be
    /// understood as it wrote them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub step: bool,
}
