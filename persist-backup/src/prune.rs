//! Looking before dropping, and carrying out a retention plan.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::retention::{self, Candidate, Mark, Plan, Policy};
use crate::{Backups, Catalog, Digest, Error, Id};

/// What [`Backups::prune`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// The snapshots that went.
    pub removed: Vec<Id>,
}

impl Backups {
    /// A plan that drops no good copy before a newer one that stays was read and is sound: a newer copy of the same content if
    /// there is one, else the next newer good one. So of what is there, the newest sound good one is never dropped, however many others have rotted.
    ///
    /// What turns out not to be what its name says is planned as [`Mark::Rotten`], and the plan made again. What can't be read now,
    /// or is longer than [`max_len`](Self::max_len), counts for nothing either, but stays ([`Why::Unreadable`](retention::Why::Unreadable)).
    ///
    /// `sound` are those that are known to be sound: they are not read again, and the ones that were read are added. A copy that was just
    /// taken belongs there. Each drop costs at most one read where nothing has rotted, and no copy is read twice in any case.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use persist_backup::retention::{Candidate, Policy, Why};
    /// use persist_backup::{Backups, Meta};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let backups = Backups::at(dir.path().join("backups"));
    /// for content in ["one", "two", "three"] {
    ///     backups.create(content.as_bytes(), &Meta::default())?;
    /// }
    /// std::fs::write(&backups.find("3")?.path, "rotten")?;
    ///
    /// let candidates: Vec<Candidate> = backups.list()?.iter().map(Candidate::from).collect();
    /// let plan = backups.plan_verified(&candidates, jiff::Timestamp::now(), &Policy::keep_last(1), &mut BTreeSet::new());
    /// assert_eq!((plan.keep[0].0.seq(), &plan.keep[0].1), (2, &Why::Newest));
    /// assert_eq!(plan.drop[0].1, Why::Rotten);
    /// assert_eq!(backups.prune(&plan)?.removed.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn plan_verified(
        &self,
        candidates: &[Candidate],
        now: Timestamp,
        policy: &Policy,
        sound: &mut BTreeSet<Id>,
    ) -> Plan {
        let mut candidates = candidates.to_vec();
        candidates.sort_by_key(|candidate| Reverse(candidate.id));
        let mut unreadable = BTreeSet::new();
        loop {
            let mut plan = retention::plan(&candidates, now, policy);
            let kept: BTreeSet<Id> = plan.keep.iter().map(|(id, _)| *id).collect();
            let found = self.unsound_guards(&candidates, &kept, sound);
            if found.is_empty() {
                plan.keep_unreadable(&unreadable);
                return plan;
            }
            for (place, condition) in found {
                let candidate = &mut candidates[place];
                candidate.mark = Mark::Rotten;
                if condition == Condition::Unknown {
                    unreadable.insert(candidate.id);
                }
            }
        }
    }

    /// Reads what guards the copies that would go, and gives the places of those that are not sound.
    ///
    /// A copy whose guard is not sound guards the next older ones itself: it will stay, or be found rotten as well. So one pass
    /// finds all rotten ones in a row.
    fn unsound_guards(
        &self,
        newest_first: &[Candidate],
        kept: &BTreeSet<Id>,
        sound: &mut BTreeSet<Id>,
    ) -> BTreeMap<usize, Condition> {
        let mut unsound = BTreeMap::new();
        let mut next_newer = None;
        let mut same_content: BTreeMap<Digest, usize> = BTreeMap::new();
        let good = newest_first
            .iter()
            .enumerate()
            .filter(|(_, c)| c.mark.is_good());
        for (place, candidate) in good {
            let digest = candidate.id.digest();
            let guard = same_content.get(&digest).copied().or(next_newer);
            if !kept.contains(&candidate.id)
                && let Some(guard) = guard
                && !unsound.contains_key(&guard)
            {
                match self.condition(&newest_first[guard].id, sound) {
                    Condition::Sound => continue,
                    other => drop(unsound.insert(guard, other)),
                }
            }
            next_newer = Some(place);
            same_content.insert(digest, place);
        }
        unsound
    }

    fn condition(&self, id: &Id, sound: &mut BTreeSet<Id>) -> Condition {
        if sound.contains(id) {
            return Condition::Sound;
        }
        match self.verify(id) {
            Ok(()) => {
                sound.insert(*id);
                Condition::Sound
            }
            Err(Error::Corrupt { .. } | Error::NotFound { .. }) => Condition::Rotten,
            Err(_) => Condition::Unknown,
        }
    }

    /// Drops what `plan` drops. What is gone already is no error.
    ///
    /// # Errors
    ///
    /// [`Error::NothingGoodLeft`] if none of the snapshots to be kept can be read: then nothing is dropped, because one of
    /// the others may be the last good one. [`Error::Io`] at the first file that can't be removed; the rest stays.
    pub fn prune(&self, plan: &Plan) -> Result<Pruned, Error> {
        if !plan.drop.is_empty() && !plan.keep.iter().any(|(id, _)| self.verify(id).is_ok()) {
            return Err(Error::NothingGoodLeft {
                kept: plan.keep.len(),
            });
        }
        self.drop_in(plan, &mut self.catalog()?)
    }

    /// The same by names that were read already, and without looking for one that is good: for who has just taken a snapshot that
    /// the plan keeps.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] at the first file that can't be removed; the rest stays.
    pub fn drop_in(&self, plan: &Plan, catalog: &mut Catalog) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        for (id, _) in &plan.drop {
            let files = catalog.files_of(id);
            for name in &files {
                self.storage()
                    .remove(name)
                    .map_err(self.failed("remove", name))?;
            }
            catalog.forget(id);
            if !files.is_empty() {
                pruned.removed.push(*id);
            }
        }
        Ok(pruned)
    }
}

/// What reading a snapshot said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Sound,
    Rotten,
    Unknown,
}
