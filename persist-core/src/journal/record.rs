//! What the journal says: one record for everything that happened to a file.

use jiff::Timestamp;
use persist_backup::Digest;
use persist_backup::retention::Policy;
use serde::{Deserialize, Serialize};

use super::changes::{Adopted, Intent, Removed};
use crate::checkpoint::Checkpoint;
use crate::foreign::Foreign;
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
    Checkpoint(Box<Checkpoint>),
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
            path: format!("{told} changes (too large to list)"),
            ..Note::default()
        }];
        for words in words.into_iter().flatten() {
            *words = words.chars().take(WORDS).collect();
        }
    }
}
