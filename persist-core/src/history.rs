//! The history for people: one entry for each change that took effect. Pure: records in, entries out.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::Digest;
use serde::Serialize;

use crate::backup_id::BackupId;
use crate::foreign::Foreign;
use crate::journal::{Actor, Event, Kind, Record};
use crate::note::Note;
use crate::past::Past;

/// One change in a file's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The journal record.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: Actor,
    /// How it came about.
    pub how: How,
    /// Digest of the content before; `None` where there was no file.
    pub old: Option<Digest>,
    /// Digest of the content after; `None` where the file was deleted.
    pub new: Option<Digest>,
    /// Where the content before is kept, relative to the state folder.
    pub backup: Option<BackupId>,
    /// Schema version after the change.
    pub version: Option<String>,
    /// The caller's words for it.
    pub reason: Option<String>,
    /// Where restored content came from.
    pub from: Option<String>,
    /// What changed; sensitive values redacted.
    pub changes: Vec<Note>,
    /// A later undo reverted it.
    pub undone: bool,
}

/// Copies that were removed by a purge.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Purged {
    /// The journal record.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Their names, relative to the state folder: number, time and digest of each.
    pub copies: Vec<String>,
    /// What is known of those whose name tells no digest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<Foreign>,
}

pub(crate) fn purged(record: &Record) -> Option<Purged> {
    let Event::Purged { copies, foreign } = &record.event else {
        return None;
    };
    Some(Purged {
        seq: record.seq,
        time: record.time,
        actor: record.actor.clone(),
        copies: copies.clone(),
        foreign: foreign.clone(),
    })
}

/// How a change came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// A save through persist.
    Saved(Kind),
    /// Changed outside persist, and recorded.
    Outside,
    /// Deleted outside persist, and the deletion was accepted.
    Deleted,
    /// Saved here, but the journal has lost the record of it.
    Unrecorded,
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            How::Saved(kind) => kind.fmt(f),
            How::Outside => f.write_str("outside"),
            How::Deleted => f.write_str("deleted"),
            How::Unrecorded => f.write_str("unrecorded"),
        }
    }
}

/// The changes that took effect, oldest first; `lost` is the announced one that did not.
pub(crate) fn entries(records: &[Record], lost: Option<u64>) -> Vec<Entry> {
    let abandoned: BTreeSet<u64> = records.iter().filter_map(abandons).chain(lost).collect();
    let mut entries: Vec<Entry> = Vec::new();
    let mut past = Past::default();
    for record in records {
        let moved = match &record.event {
            Event::Checkpoint(state) if entries.is_empty() => {
                let announced = state.announced();
                past = state.past(announced.filter(|seq| abandoned.contains(seq)));
                continue;
            }
            _ if abandoned.contains(&record.seq) => continue,
            Event::Intent(intent) => past.saved(record.seq, intent),
            Event::Adopted(adopted) => {
                past.adopted(record.seq, adopted);
                Vec::new()
            }
            Event::Removed(removed) => {
                past.removed(record.seq, removed);
                Vec::new()
            }
            Event::Break {
                after: Some(after), ..
            } => {
                past.lose(*after);
                continue;
            }
            _ => continue,
        };
        let again = matches!(&record.event, Event::Intent(intent) if intent.kind == Kind::Redo);
        for entry in entries.iter_mut().filter(|e| moved.contains(&e.seq)) {
            entry.undone = !again;
        }
        let mut entry = entry(record);
        if let Some(entry) = entry.as_mut().filter(|e| e.how == How::Outside)
            && past.gap.is_some()
            && entry.old.is_none()
        {
            entry.how = How::Unrecorded;
        }
        entries.extend(entry);
    }
    entries
}

fn abandons(record: &Record) -> Option<u64> {
    match record.event {
        Event::Abandoned { intent } => Some(intent),
        _ => None,
    }
}

fn entry(record: &Record) -> Option<Entry> {
    let base = |how, old, new, backup: Option<BackupId>, changes: &Vec<Note>| Entry {
        seq: record.seq,
        time: record.time,
        actor: record.actor.clone(),
        how,
        old,
        new,
        backup,
        version: None,
        reason: None,
        from: None,
        changes: changes.clone(),
        undone: false,
    };
    match &record.event {
        Event::Intent(i) => {
            let mut entry = base(How::Saved(i.kind), i.old, Some(i.new), i.backup, &i.changes);
            entry.version.clone_from(&i.version);
            entry.reason.clone_from(&i.reason);
            entry.from.clone_from(&i.from);
            Some(entry)
        }
        Event::Adopted(a) => {
            let mut entry = base(How::Outside, a.old, Some(a.new), a.backup, &a.changes);
            entry.reason.clone_from(&a.reason);
            Some(entry)
        }
        Event::Removed(r) => {
            let mut entry = base(How::Deleted, Some(r.old), None, r.backup, &Vec::new());
            entry.reason.clone_from(&r.reason);
            Some(entry)
        }
        _ => None,
    }
}
