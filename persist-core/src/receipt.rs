//! What a change did, for people and for programs.

use std::path::PathBuf;
use std::time::Duration;

use persist_backup::{Digest, Id};
use persist_format::KeyPath;
use serde::Serialize;

use crate::backup_id::BackupId;
use crate::journal::Kind;
use crate::note::Note;

/// The account of one operation on a config file.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The file, as the caller named it.
    #[serde(flatten, serialize_with = "crate::path_text::file")]
    pub file: PathBuf,
    /// Whether anything was written.
    pub outcome: Outcome,
    /// What kind of change it was.
    pub kind: Kind,
    /// The journal record that announced it.
    pub seq: Option<u64>,
    /// What changed, sensitive values redacted.
    pub changes: Vec<Note>,
    /// Schema version of the content now in place, where the document has one.
    pub version: Option<String>,
    /// Where the content before is kept.
    pub backup: Option<BackupId>,
    /// For restores and recoveries: where the content came from.
    pub from: Option<String>,
    /// For recoveries that put something back: what that was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered_from: Option<RecoverySource>,
    /// SHA-256 of the content now in place.
    pub digest: Digest,
    /// Everything else that happened on the way.
    pub notices: Vec<Notice>,
    /// How long the parts took.
    pub timings: Timings,
}

/// How a save ended. Failures are errors; these are the successes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// The new content is in place and durable.
    Saved,
    /// The content was the same already: nothing was written or synced.
    Unchanged,
    /// The file was left unchanged, and its content was recorded in the history.
    Adopted,
}

/// What a recovery can restore from, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RecoverySource {
    /// A copy that its digest verifies: of the last save, or the newest backup.
    Copy,
    /// The values that can still be read in the damaged text. Some may be missing, and none of them is verified.
    Salvage,
    /// The application's defaults.
    Defaults,
}

/// Something worth knowing that is not a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "notice", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Notice {
    /// An interrupted save had reached the file; its remaining steps were done.
    Finished {
        /// The intent's record.
        seq: u64,
    },
    /// An interrupted save had not reached the file; the old content was kept.
    RolledBack {
        /// The intent's record.
        seq: u64,
    },
    /// The file was changed by something else; the change is part of the history now.
    Adopted {
        /// What had changed.
        changes: Vec<Note>,
    },
    /// The file was deleted, which is part of the history now.
    Deleted {
        /// Where its last content is kept, relative to the state folder; `None` if no copy of it is left.
        kept: Option<String>,
    },
    /// Damage was replaced by something else than the content saved last, which is kept.
    LastSaveKept {
        /// Where, relative to the state folder.
        kept: String,
    },
    /// The file changed between reading and saving; both changes were merged.
    Merged,
    /// The merge dropped comments: their entry was removed, or the other side had changed them.
    CommentsLeftOut {
        /// The lines of those in the file, as it was before this save; that version is kept as a backup.
        file: Vec<usize>,
        /// The lines of those in the document that was to be saved. No copy of them is kept.
        document: Vec<usize>,
    },
    /// Something else replaced the file during the save; that content is kept.
    Overtaken {
        /// Where, relative to the state folder.
        kept: String,
    },
    /// Something else removed the file during the save; it was created again with the new content.
    Recreated,
    /// A program wrote into the file after a save had replaced it; that content is kept.
    WrittenLate {
        /// Where, relative to the state folder.
        kept: String,
    },
    /// An interrupted write in place was finished. What the file held by then looked like that write, cut short, but somebody
    /// may have written it since: it is kept.
    WrittenOver {
        /// Where, relative to the state folder.
        kept: String,
    },
    /// Bad bytes were moved to quarantine.
    Quarantined {
        /// What they were.
        what: String,
        /// Where, relative to the state folder.
        kept: String,
    },
    /// The journal is damaged; it continues in a new segment.
    JournalBroken {
        /// The damaged segment; 0 where the journal is missing.
        segment: u64,
    },
    /// Backups are missing that no save removed.
    Gone {
        /// Their names.
        #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
        backups: Vec<Id>,
    },
    /// The loss of journal records was accepted.
    GapAccepted,
    /// Values that could not be brought back.
    Lost {
        /// Their key paths.
        keys: Vec<String>,
    },
    /// The file was accepted as it is; no copy of the last save is left to compare it with.
    NoCopy,
    /// There was a state folder with another owner, which was not trusted.
    SetAside {
        /// Where it is now.
        kept: String,
    },
    /// The history is kept in another folder than the one beside the file, which points there.
    Elsewhere {
        /// Where.
        folder: String,
    },
    /// The history was shared with a group and no longer is, following the mode of the file or of the state folder.
    NotShared,
    /// A migration dropped values, which are saved for migrating back.
    Dropped {
        /// Their key paths.
        keys: Vec<String>,
    },
    /// The format could not represent everything.
    Format {
        /// What, in words.
        warning: String,
    },
    /// List items were replaced that had keys unknown to the application. The backup has them.
    UnknownKeysLost {
        /// The key paths of the items, as they were.
        keys: Vec<String>,
    },
    /// Secrets came into a file that others can read.
    Exposed {
        /// Their key paths.
        keys: Vec<String>,
        /// The file's mode.
        mode: u32,
    },
    /// A value has another kind than the one that it replaces.
    KindChanged {
        /// Its key path.
        key: String,
        /// The kind before: "a number", "text".
        from: String,
        /// The kind now.
        to: String,
    },
    /// What is to be known of a value that was set.
    Value {
        /// Its key path.
        key: String,
        /// What, in words.
        note: String,
    },
    /// The content was not checked against a schema, although the manifest has one.
    Unchecked {
        /// Why, in words.
        why: String,
    },
    /// Something after the save failed; the save itself is complete.
    Afterwards {
        /// What, in words.
        problem: String,
    },
}

impl Notice {
    /// That others can read secrets in a file of that mode.
    pub(crate) fn exposed(secrets: &[KeyPath], mode: u32) -> Option<Notice> {
        (mode & 0o077 != 0 && !secrets.is_empty()).then(|| Notice::Exposed {
            keys: secrets.iter().map(ToString::to_string).collect(),
            mode,
        })
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Notice::Finished { seq } => {
                write!(
                    f,
                    "finished save #{seq}, which had been interrupted after taking effect"
                )
            }
            Notice::RolledBack { seq } => {
                write!(
                    f,
                    "save #{seq} had been interrupted before taking effect; the previous content was kept"
                )
            }
            Notice::Adopted { changes } => {
                f.write_str("recorded changes made outside persist")?;
                match changes.len() {
                    0 => Ok(()), // or nobody knows what it was
                    1 => f.write_str(" (1 change)"),
                    n => write!(f, " ({n} changes)"),
                }
            }
            Notice::Deleted { kept } => {
                f.write_str("accepted that the file was deleted; ")?;
                match kept {
                    Some(kept) => write!(f, "its last content is kept in {kept}"),
                    None => f.write_str("no copy of its last content is left"),
                }
            }
            Notice::LastSaveKept { kept } => {
                write!(f, "the content saved last is kept in {kept}")
            }
            Notice::Merged => f.write_str("merged with changes that were made meanwhile"),
            Notice::CommentsLeftOut { file, document } => {
                let file = left_out(file, "the file", "kept in the backup");
                let document = left_out(document, "the new content", "no copy is kept");
                let told: Vec<String> = file.into_iter().chain(document).collect();
                write!(f, "the merge dropped {}", told.join(" and "))
            }
            Notice::Overtaken { kept } => {
                write!(
                    f,
                    "something else replaced the file during the save; that content is kept in {kept}"
                )
            }
            Notice::Recreated => f.write_str(
                "something else removed the file during the save; it was created again with the saved content",
            ),
            Notice::WrittenLate { kept } => {
                write!(
                    f,
                    "a program that had the file open wrote into it after the last save had replaced it; that content is kept in {kept}"
                )
            }
            Notice::WrittenOver { kept } => {
                write!(
                    f,
                    "finished an interrupted write in place; what the file held before that is kept in {kept}"
                )
            }
            Notice::Quarantined { what, kept } => write!(f, "{what}, kept in {kept}"),
            Notice::JournalBroken { segment: 0 } => {
                f.write_str("the journal of this file is missing; a new one begins")
            }
            Notice::JournalBroken { segment } => {
                write!(
                    f,
                    "journal segment {segment:08} is damaged; it is kept as it is, and the journal continues in a new segment"
                )
            }
            Notice::Gone { backups } => {
                let names: Vec<String> = backups.iter().map(Id::to_string).collect();
                write!(
                    f,
                    "backups missing that no save removed: {}",
                    names.join(", ")
                )
            }
            Notice::GapAccepted => f.write_str(
                "lost journal records accepted; the history continues from the current file",
            ),
            Notice::Lost { keys } => write!(f, "lost: {}", keys.join(", ")),
            Notice::NoCopy => f.write_str(
                "accepted as is: no good copy of the last save exists; run `verify` for details",
            ),
            Notice::SetAside { kept } => {
                write!(
                    f,
                    "the state folder had a different owner than the file: it was moved to {kept}, and a new history was started"
                )
            }
            Notice::Elsewhere { folder } => write!(f, "its history is kept in {folder}"),
            Notice::NotShared => f.write_str(
                "its history is no longer shared with the group, following the mode of the file or of its state folder",
            ),
            Notice::Dropped { keys } => {
                write!(f, "saved for migrating back: {}", keys.join(", "))
            }
            Notice::Exposed { keys, mode } => {
                let verb = if keys.len() == 1 { "is" } else { "are" };
                write!(
                    f,
                    "{} {verb} sensitive, and the file's mode {mode:04o} lets others read it; `chmod 600` keeps it to its owner",
                    keys.join(", ")
                )
            }
            Notice::Format { warning } => f.write_str(warning),
            Notice::UnknownKeysLost { keys } => write!(
                f,
                "replaced list items that had unknown keys: {}",
                keys.join(", ")
            ),
            Notice::KindChanged { key, from, to } => {
                write!(f, "{key} was {from} and is now {to}")
            }
            Notice::Value { key, note } => write!(f, "{key}: {note}"),
            Notice::Unchecked { why } => f.write_str(why),
            Notice::Afterwards { problem } => write!(f, "saved; a later step failed: {problem}"),
        }
    }
}

/// Durations of an operation's parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Timings {
    /// Waiting for the lock.
    pub lock: Duration,
    /// Reading the file and the journal's end, and settling interrupted saves.
    pub read: Duration,
    /// Editing, encoding, decoding again and validating.
    pub encode: Duration,
    /// Writing the stage and the intent, and making both durable.
    pub stage: Duration,
    /// Exchange, backup and folder syncs.
    pub commit: Duration,
    /// Mirror, retention and compression.
    pub after: Duration,
    /// All of the operation, with what is between the parts.
    pub whole: Duration,
}

impl Timings {
    /// All of it.
    pub fn total(&self) -> Duration {
        let parts = self.lock + self.read + self.encode + self.stage + self.commit + self.after;
        parts.max(self.whole)
    }
}

/// Comments of one side of a merge, and who has them now.
fn left_out(lines: &[usize], whose: &str, copy: &str) -> Option<String> {
    match lines {
        [] => None,
        [line] => Some(format!("1 comment of {whose} (line {line}; {copy})")),
        lines => Some(format!(
            "{} comments of {whose} (lines {}; {copy})",
            lines.len(),
            some_of(lines),
        )),
    }
}

/// So many places are named; of more it is said how many there are.
const MOST_PLACES: usize = 5;

/// The first few of them, and how many more there are.
pub(crate) fn some_of<T: ToString>(all: &[T]) -> String {
    let some: Vec<String> = all.iter().take(MOST_PLACES).map(T::to_string).collect();
    let some = some.join(", ");
    match all.len().saturating_sub(MOST_PLACES) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}
