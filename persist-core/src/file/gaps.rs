//! Where records of the journal are lost, and what there still is of what they told.

use std::collections::BTreeSet;

use persist_backup::Id;
use serde::Serialize;

use super::ConfigFile;
use crate::error::Error;
use crate::journal::{Event, Record};
use crate::past::Past;

/// A place of the journal where records are lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gap {
    /// The last readable record: those after it are lost, or before it where the damage is further up.
    pub after: u64,
    /// The record that notes it; `None` where the next change is going to.
    pub noted: Option<u64>,
    /// Backups that no record tells of, oldest first. What lost changes have replaced is among them: the one of a number has the
    /// content from before the change of that number.
    pub backups: Vec<Id>,
}

impl ConfigFile {
    /// The gaps among the last `count` changes, or among all, oldest first, and for each what the names of backups still tell.
    ///
    /// # Errors
    /// As [`history`](Self::history); [`Error::Backup`] where the backups can't be listed.
    pub fn gaps(&self, count: Option<usize>) -> Result<Vec<Gap>, Error> {
        let opened = self.opened_whole()?;
        let catalog = opened.backups().catalog();
        let catalog = catalog.map_err(|e| self.backup_error(e))?; // before the journal, which has every save of it
        let mut look = opened.look()?;
        if opened.backups_tell_of_more(&look.known, &look.log, catalog.ids())? {
            look.log.note_lost_record();
        }
        let log = match count {
            Some(count) => opened.segments().read_last(count)?,
            None => opened.segments().read_all()?,
        };
        let open = look.log.lacks_records_after().or(log.lacks_records_after());
        Ok(gaps(
            &log.records,
            open,
            &unnamed(&look.past(), catalog.ids()),
        ))
    }
}

/// The backups that no record tells of.
pub(super) fn unnamed(past: &Past, there: impl Iterator<Item = Id>) -> BTreeSet<Id> {
    let there = there.filter(|id| !past.holdings.knows(id));
    there.collect()
}

fn gaps(records: &[Record], open: Option<u64>, unnamed: &BTreeSet<Id>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut from = records.first().map_or(0, |record| record.seq);
    for record in records {
        let Event::Break {
            after: Some(after), ..
        } = record.event
        else {
            continue;
        };
        // One for each segment that is damaged.
        if gaps.last().is_some_and(|gap| gap.after == after) {
            continue;
        }
        let of_it = unnamed
            .iter()
            .filter(|id| (from..record.seq).contains(&id.seq()));
        gaps.push(Gap {
            after,
            noted: Some(record.seq),
            backups: of_it.copied().collect(),
        });
        from = record.seq;
    }
    gaps.extend(open.map(|after| {
        Gap {
            after,
            noted: None,
            backups: unnamed
                .iter()
                .filter(|id| id.seq() >= from)
                .copied()
                .collect(),
        }
    }));
    gaps
}
