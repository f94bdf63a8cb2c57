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
    /// For recoveries that put something back: how far down the ladder that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<Rung>,
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
    /// The content was already so: nothing was written, nothing synced.
    Unchanged,
    /// The file was left as it was found, and that is part of the history now.
    Adopted,
}

/// A step of the ladder that a recovery goes down, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rung {
    /// A copy whose digest proves it: of the content saved last, or the newest backup.
    Copy,
    /// The values that can still be read in the damaged text. Some may be missing, and nothing proves the others.
    Salvage,
    /// The application's defaults.
    Defaults,
}

/// Something worth knowing that is no failure.
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
    /// An interrupted save had not reached the file; the old content stands.
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
    /// The file changed between reading and saving; both changes are in it now.
    Merged,
    /// In merging, comments found no place: what they stood at is gone, or the other side had put them otherwise.
    CommentsLeftOut {
        /// The lines of those in the file, as it was before this save; that version is kept as a backup.
        file: Vec<usize>,
        /// The lines of those in the document that was to be saved. They are kept nowhere else.
        document: Vec<usize>,
    },
    /// Something replaced the file at the moment of saving; its content is kept.
    Overtaken {
        /// Where, relative to the state folder.
        kept: String,
    },
    /// Something removed the file at the moment of saving; it is there again, with the new content.
    Recreated,
    /// Something wrote into the file that an earlier save had replaced; what it wrote is kept.
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
    /// Bytes that are not good were put aside.
    Quarantined {
        /// What they were.
        what: String,
        /// Where, relative to the state folder.
        kept: String,
    },
    /// The journal is damaged; it goes on in a new segment.
    JournalBroken {
        /// The damaged segment; 0 where there is no journal any more.
        segment: u64,
    },
    /// Backups are missing, and nothing here has let them go.
    Gone {
        /// Their names.
        #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
        backups: Vec<Id>,
    },
    /// What is lost of the journal is not asked for any more.
    GapAccepted,
    /// Values that could not be brought back.
    Lost {
        /// Their key paths.
        keys: Vec<String>,
    },
    /// The file was taken as it is, and no copy of the content that was saved last is left to compare it with.
    NoCopy,
    /// There was a state folder of somebody else's, which was not believed.
    SetAside {
        /// Where it is now.
        kept: String,
    },
    /// The history is kept in another folder than the one beside the file, which says so.
    Elsewhere {
        /// Where.
        folder: String,
    },
    /// The history was shared with a group and is not any more, since the mode of the file or of the state folder said so.
    NotShared,
    /// A migration dropped values, which are kept for the way back.
    Dropped {
        /// Their key paths.
        keys: Vec<String>,
    },
    /// The text could not keep everything.
    Format {
        /// What, in words.
        warning: String,
    },
    /// Items of lists were replaced that held keys which the application does not know. The backup has them.
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
    /// A value is of another kind than the one that it replaces.
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
                    "save #{seq} had been interrupted before taking effect; the content before it stands"
                )
            }
            Notice::Adopted { changes } => {
                f.write_str("adopted what something else had changed")?;
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
            Notice::Merged => f.write_str("merged with what something else had changed meanwhile"),
            Notice::CommentsLeftOut { file, document } => {
                let file = left_out(file, "the file", "the backup of that version has");
                let document = left_out(document, "what was to be saved", "nothing else has");
                let told: Vec<String> = file.into_iter().chain(document).collect();
                write!(f, "no place in what was merged for {}", told.join(", nor for "))
            }
            Notice::Overtaken { kept } => {
                write!(
                    f,
                    "something replaced the file at the moment of saving; its content is kept in {kept}"
                )
            }
            Notice::Recreated => f.write_str(
                "something removed the file at the moment of saving; it is there again, with what was saved",
            ),
            Notice::WrittenLate { kept } => {
                write!(
                    f,
                    "something that had the file open wrote into it after the last save had replaced it; what it wrote is kept in {kept}"
                )
            }
            Notice::WrittenOver { kept } => {
                write!(
                    f,
                    "finished a write in place that had been interrupted; what the file held before that is kept in {kept}"
                )
            }
            Notice::Quarantined { what, kept } => write!(f, "{what} kept in {kept}"),
            Notice::JournalBroken { segment: 0 } => {
                f.write_str("the journal of this file is gone; a new one begins")
            }
            Notice::JournalBroken { segment } => {
                write!(
                    f,
                    "journal segment {segment:08} is damaged; it is left as it is and the journal goes on in a new one"
                )
            }
            Notice::Gone { backups } => {
                let names: Vec<String> = backups.iter().map(Id::to_string).collect();
                write!(
                    f,
                    "missing among the backups, and not let go by any save: {}",
                    names.join(", ")
                )
            }
            Notice::GapAccepted => f.write_str(
                "the journal goes on from the file as it is, without the records that are lost",
            ),
            Notice::Lost { keys } => write!(f, "lost: {}", keys.join(", ")),
            Notice::NoCopy => f.write_str(
                "taken as it is: no good copy of what was saved last is left to go back to; `verify` says more",
            ),
            Notice::SetAside { kept } => {
                write!(
                    f,
                    "the state folder belonged to somebody else than the file: it is now {kept}, and history begins anew"
                )
            }
            Notice::Elsewhere { folder } => write!(f, "its history is kept in {folder}"),
            Notice::NotShared => f.write_str(
                "its history is not shared with the group any more, as the mode of the file or of its state folder says",
            ),
            Notice::Dropped { keys } => {
                write!(f, "set aside for the way back: {}", keys.join(", "))
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
                "replaced, with keys in it that the application does not know: {}",
                keys.join(", ")
            ),
            Notice::KindChanged { key, from, to } => {
                write!(f, "{key} was {from}, and is {to} now")
            }
            Notice::Value { key, note } => write!(f, "{key}: {note}"),
            Notice::Unchecked { why } => f.write_str(why),
            Notice::Afterwards { problem } => write!(f, "saved, but afterwards: {problem}"),
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
fn left_out(lines: &[usize], whose: &str, who_has: &str) -> Option<String> {
    match lines {
        [] => None,
        [line] => Some(format!("1 comment of {whose} (line {line}; {who_has} it)")),
        lines => Some(format!(
            "{} comments of {whose} (lines {}; {who_has} them)",
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
