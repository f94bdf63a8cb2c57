//! What each record of the journal adds to what is in force. Pure: records in, state out.
//!
//! An intent is written before its save takes effect, so a fold over records must not count the last one yet: it is kept apart
//! (`JournalState::last`) until a later record says how it went (`Abandoned`: not at all; any other that follows a save: it did, which
//! `settle` adds to the past). What the live file should hold is known either way: `head` if it happened, `before` if not.
//! The state after any record is what a checkpoint holds, and folding on from a checkpoint gives what folding all records gives: that is
//! checked wherever both can be read, and a checkpoint that does not agree is damage.

use crate::checkpoint::{Checkpoint, Content, JournalState};
use crate::journal::{Access, Event, Record};

impl Checkpoint {
    /// What these records lead to, the first of all of them or a checkpoint among them.
    pub(crate) fn of(records: &[Record]) -> Checkpoint {
        let start = records
            .iter()
            .rposition(|record| matches!(record.event, Event::Checkpoint(_)));
        let mut state = Checkpoint::default();
        for record in &records[start.unwrap_or(0)..] {
            match &record.event {
                Event::Checkpoint(checkpoint) => state = checkpoint.as_ref().clone(),
                _ => state.apply(record),
            }
        }
        state
    }

    /// Goes on from here with one more record.
    pub(crate) fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::Abandoned { intent } if self.announced() == Some(*intent) => {}
            Event::Abandoned { .. }
            | Event::Break { after: None, .. }
            | Event::Checkpoint(_)
            | Event::Unknown => {}
            Event::Break {
                after: Some(after), ..
            } => self.lose(*after),
            Event::Retention { policy } => self.past.holdings.retention.clone_from(policy),
            Event::Purged { copies, .. } => {
                // It is written by who has settled the last save.
                self.settle();
                self.past.holdings.purged(copies);
            }
            Event::Adopted(adopted) => {
                self.settle();
                self.past.adopted(record.seq, adopted);
            }
            Event::Intent(_) => self.settle(),
            Event::Removed(removed) => {
                self.settle();
                self.past.removed(record.seq, removed);
            }
        }
        self.known.apply(record);
    }
}

impl JournalState {
    /// Goes on from here with one more record.
    pub(crate) fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::Intent(intent) => {
                self.remember(intent.access.as_ref());
                self.before = self.head.take();
                self.head = Some(Content {
                    digest: intent.new,
                    len: intent.len,
                    mtime: intent.mtime,
                });
                self.last = Some((record.seq, intent.without_words()));
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
            // A mirror of it stays, and says nothing of lost records.
            Event::Removed(removed) => {
                *self = JournalState {
                    before: self.head.take(),
                    removed: removed.access.as_ref().and_then(Access::former),
                    ..JournalState::default()
                }
            }
            Event::Break { .. }
            | Event::Retention { .. }
            | Event::Checkpoint(_)
            | Event::Unknown => {}
            // Nothing is to be told from the absence of what it removes.
            Event::Purged { .. } => self.settle(),
        }
    }
}
