//! The backups that there are to be: what each was when it was live, and which of them were let go. Pure: records in, state out.
//!
//! What the journal says of a backup is known without opening it. One that is missing although nothing has let it go is *gone*.

use std::collections::BTreeMap;

use jiff::Timestamp;
use persist_backup::retention::{Candidate, Mark, Plan, Policy, Why};
use persist_backup::{Digest, Id};
use serde::{Deserialize, Serialize};

use crate::backup_id::BackupId;
use crate::journal::{Adopted, Intent, Removed};

/// So many backups of an older persist are remembered.
const MOST_UNSURE: usize = 100;

/// What is known of content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Quality {
    #[serde(default, skip_serializing_if = "Mark::is_unchecked")]
    mark: Mark,
    /// Its schema version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Its length in bytes.
    #[serde(default)]
    len: u64,
    /// Since when it was live. A journal of before this was noted does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

/// A backup as the journal knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    id: Id,
    #[serde(flatten)]
    quality: Quality,
    /// It was taken by a persist that says which ones it lets go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sure: bool,
}

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holdings {
    /// Of the content in the file.
    #[serde(default)]
    live: Quality,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held: Vec<Held>,
    /// What the last save has let go. A kill can have left the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    let_go: Vec<Id>,
    /// What the last purge removes, by names relative to the state folder. A kill can have left some of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) purging: Vec<String>,
    /// What is to be kept of this file, where somebody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<Policy>,
}

impl Holdings {
    pub(crate) fn saved(&mut self, intent: &Intent) {
        self.take(intent.backup, intent.drops.is_some());
        self.let_go = intent.drops.clone().unwrap_or_default();
        let let_go = &self.let_go;
        self.held.retain(|held| !let_go.contains(&held.id));
        self.purging.clear(); // whoever saves has finished that
        self.live = Quality {
            mark: intent.mark,
            version: intent.version.clone(),
            len: intent.len,
            since: intent.backup.map(|copy| copy.id.taken()),
        };
    }

    pub(crate) fn adopted(&mut self, adopted: &Adopted) {
        self.take(adopted.backup, true);
        self.purging.clear();
        let found = adopted.backup.map(|copy| copy.id.taken());
        let before = self.held.last().map(|held| held.id.taken());
        // It was written at some time after the save that it has replaced.
        let written = adopted
            .mtime
            .filter(|at| before < Some(*at) && Some(*at) < found);
        self.live = Quality {
            mark: adopted.mark,
            version: adopted.version.clone(),
            len: adopted.len,
            since: written.or(found),
        };
    }

    pub(crate) fn removed(&mut self, removed: &Removed) {
        self.take(removed.backup, true);
        self.purging.clear();
        self.live = Quality::default();
    }

    /// These were removed because somebody said so.
    pub(crate) fn purged(&mut self, copies: &[String]) {
        let gone: Vec<Id> = copies
            .iter()
            .filter_map(|name| name.parse::<BackupId>().ok()?.backup())
            .collect();
        self.held.retain(|held| !gone.contains(&held.id));
        self.purging.extend_from_slice(copies);
    }

    /// What a persist of before [`Quality::since`] did not note.
    pub(crate) fn forget_since(&mut self) {
        self.live.since = None;
        for held in &mut self.held {
            held.quality.since = None;
        }
    }

    /// Records are lost, which may have let go what is missing.
    pub(crate) fn note_gap(&mut self) {
        for held in &mut self.held {
            held.sure = false;
        }
    }

    fn take(&mut self, copy: Option<BackupId>, sure: bool) {
        let Some(id) = copy.and_then(|copy| copy.backup()) else {
            return;
        };
        let quality = self.live.clone();
        self.held.push(Held { id, quality, sure });
        // What an older persist has let go it did not say.
        if !sure && self.held.len() > MOST_UNSURE {
            let oldest = self.held.iter().position(|held| !held.sure);
            self.held.remove(oldest.unwrap_or(0));
        }
    }

    /// What is known of content that was live once, or is.
    pub(crate) fn mark_of(&self, content: &Digest) -> Option<Mark> {
        let mut same = self.held.iter().rev();
        let held = same.find(|held| held.id.digest() == *content)?;
        Some(held.quality.mark)
    }

    /// The backups that are missing among `there` although nothing has let them go.
    pub(crate) fn gone(&self, there: impl Fn(&Id) -> bool) -> Vec<Id> {
        let missing = self.held.iter().filter(|held| !there(&held.id));
        missing
            .filter(|held| held.sure)
            .map(|held| held.id)
            .collect()
    }

    /// Whether a record tells of this backup, and nothing has let it go.
    pub(crate) fn knows(&self, id: &Id) -> bool {
        self.held.iter().any(|held| held.id == *id) || self.let_go.contains(id)
    }

    /// Everything that is `there`, for a plan, with the lengths that are known; whether all of them are.
    pub(crate) fn candidates(
        &self,
        there: impl Iterator<Item = Id>,
        wanted: impl Fn(&Digest) -> bool,
    ) -> (Vec<Candidate>, bool) {
        let known: BTreeMap<Id, &Quality> = self
            .held
            .iter()
            .map(|held| (held.id, &held.quality))
            .collect();
        let mut all_known = true;
        let there = there.filter(|id| !self.let_go.contains(id));
        let candidates = there.map(|id| {
            let wanted_by_undo = wanted(&id.digest());
            let Some(quality) = known.get(&id) else {
                all_known = false;
                return Candidate {
                    wanted_by_undo,
                    ..Candidate::new(id)
                };
            };
            Candidate {
                len: quality.len,
                mark: quality.mark,
                version: quality.version.clone(),
                since: quality.since,
                wanted_by_undo,
                ..Candidate::new(id)
            }
        });
        (candidates.collect(), all_known)
    }

    /// Adds to a plan what needs no deciding: what was let go and is still `there`, and what is missing.
    pub(crate) fn complete(&self, plan: &mut Plan, there: impl Fn(&Id) -> bool) {
        let left = self.let_go.iter().filter(|id| there(id));
        let missing = self
            .held
            .iter()
            .map(|held| &held.id)
            .filter(|id| !there(id));
        let more = left.chain(missing).map(|id| (*id, Why::Surplus));
        plan.drop.extend(more);
    }
}
