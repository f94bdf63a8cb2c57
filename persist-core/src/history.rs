//! What the journal's records add up to. Pure: records in, state out.

use jiff::Timestamp;
use persist_backup::Digest;
use persist_lock::Former;
use serde::Serialize;

use crate::diagnose::Content;
use crate::journal::{Access, Actor, Event, Intent, Kind, Record};
use crate::note::Note;

/// What the journal says of the live file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The content it should have, if every announced save happened.
    pub(crate) head: Option<Content>,
    /// The last save, if nothing after it says how it went.
    pub(crate) last: Option<(u64, Intent)>,
    /// The content it should have if that last save did not happen.
    pub(crate) before: Option<Content>,
    /// Mode and owner that the file had last.
    pub(crate) former: Option<Former>,
}

/// Whether `records` are enough to know the live file's state.
pub(crate) fn tells_state(records: &mut dyn Iterator<Item = &Record>) -> bool {
    let known = known(records);
    known.head.is_some() && (known.last.is_none() || known.before.is_some())
}

/// The state that `records` lead to.
pub(crate) fn known<'r>(records: impl IntoIterator<Item = &'r Record>) -> Known {
    let mut known = Known::default();
    for record in records {
        known.learn(record);
    }
    known
}

impl Known {
    /// Goes on from here with one more record.
    pub(crate) fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::Intent(intent) => {
                self.remember(intent.access.as_ref());
                self.before = self.head.take();
                self.head = Some(Content {
                    digest: intent.new,
                    len: intent.len,
                    mtime: intent.mtime,
                });
                self.last = Some((record.seq, intent.clone()));
            }
            Event::Abandoned { intent } => {
                if self.last.as_ref().is_some_and(|(seq, _)| seq == intent) {
                    self.forget_last();
                }
            }
            Event::Adopted(adopted) => {
                self.remember(adopted.access.as_ref());
                self.head = Some(Content {
                    digest: adopted.new,
                    len: adopted.len,
                    mtime: adopted.mtime,
                });
                self.settle();
            }
            Event::Removed { .. } => *self = Known::default(),
            Event::Break { .. } | Event::Unknown => {}
        }
    }

    /// The last announced save did not happen.
    pub(crate) fn forget_last(&mut self) {
        self.head = self.before.take();
        self.last = None;
    }
    fn remember(&mut self, access: Option<&Access>) {
        self.former = access.and_then(Access::former).or(self.former);
    }

    /// Whether the live content suggests that the last announced save did not happen. Somebody may
    /// as well have put the old content back since: see [`Known::settle`].
    pub(crate) fn rolled_back(&self, live: Option<&Digest>) -> bool {
        self.last
            .as_ref()
            .is_some_and(|(_, i)| i.old.as_ref() == live && Some(&i.new) != live)
    }

    /// The last announced save is known to have taken effect, whatever the file holds by now.
    pub(crate) fn settle(&mut self) {
        self.last = None;
        self.before = None;
    }

    /// The content to expect, once it is settled whether the last save happened.
    pub(crate) fn expected(&self, live: Option<&Digest>) -> Option<&Content> {
        if self.rolled_back(live) {
            self.before.as_ref()
        } else {
            self.head.as_ref()
        }
    }
}

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
    /// Digest of the content after.
    pub new: Digest,
    /// Where the content before is kept, relative to the state folder.
    pub backup: Option<String>,
    /// Schema version after the change.
    pub version: Option<String>,
    /// The caller's words for it.
    pub reason: Option<String>,
    /// Where restored content came from.
    pub from: Option<String>,
    /// What changed; sensitive values redacted.
    pub changes: Vec<Note>,
    /// A later undo took it back.
    pub undone: bool,
}

/// How a change came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// A save through persist.
    Saved(Kind),
    /// Written by something else, and adopted.
    Outside,
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            How::Saved(kind) => kind.fmt(f),
            How::Outside => f.write_str("outside"),
        }
    }
}

/// The changes that took effect, oldest first; `lost` is the announced one that did not.
pub(crate) fn entries(records: &[Record], lost: Option<u64>) -> Vec<Entry> {
    let abandoned: Vec<u64> = records.iter().filter_map(abandons).collect();
    let mut entries: Vec<Entry> = Vec::new();
    for record in records {
        if abandoned.contains(&record.seq) || lost == Some(record.seq) {
            continue;
        }
        let Some((entry, undoes)) = entry(record) else {
            continue;
        };
        if let Some(target) = undoes {
            let hit = entries.iter_mut().find(|e| e.seq == target);
            if let Some(hit) = hit {
                hit.undone = true;
            }
        }
        entries.push(entry);
    }
    entries
}

/// The change that an undo would take back: the last one not taken back already. A recovery is none:
/// what it replaced is damaged. Neither is a change whose content before is what the file holds.
pub(crate) fn undo_target<'e>(entries: &'e [Entry], live: Option<&Digest>) -> Option<&'e Entry> {
    let repair = |e: &Entry| matches!(e.how, How::Saved(Kind::Undo | Kind::Recover));
    let target =
        |e: &&Entry| !repair(e) && !e.undone && (e.old.is_none() || e.old.as_ref() != live);
    entries.iter().rev().find(target)
}

/// Digest of the complement in force: that of the last migration which took effect and was not undone.
pub(crate) fn complement(records: &[Record], lost: Option<u64>) -> Option<Digest> {
    let effective: Vec<u64> = entries(records, lost).iter().map(|e| e.seq).collect();
    let mut current = None;
    let mut before = std::collections::BTreeMap::new();
    for record in records.iter().filter(|r| effective.contains(&r.seq)) {
        let Event::Intent(intent) = &record.event else {
            continue;
        };
        before.insert(record.seq, current);
        match (intent.kind, intent.undoes) {
            (Kind::Migrate, _) => current = intent.complement,
            (_, Some(undone)) => current = before.get(&undone).copied().unwrap_or(current),
            _ => {}
        }
    }
    current
}

fn abandons(record: &Record) -> Option<u64> {
    match record.event {
        Event::Abandoned { intent } => Some(intent),
        _ => None,
    }
}

fn entry(record: &Record) -> Option<(Entry, Option<u64>)> {
    let base = |how, old, new, backup: &Option<String>, changes: &Vec<Note>| Entry {
        seq: record.seq,
        time: record.time,
        actor: record.actor.clone(),
        how,
        old,
        new,
        backup: backup.clone(),
        version: None,
        reason: None,
        from: None,
        changes: changes.clone(),
        undone: false,
    };
    match &record.event {
        Event::Intent(i) => {
            let mut entry = base(How::Saved(i.kind), i.old, i.new, &i.backup, &i.changes);
            entry.version.clone_from(&i.version);
            entry.reason.clone_from(&i.reason);
            entry.from.clone_from(&i.from);
            Some((entry, i.undoes))
        }
        Event::Adopted(a) => Some((
            base(How::Outside, a.old, a.new, &a.backup, &a.changes),
            None,
        )),
        _ => None,
    }
}
