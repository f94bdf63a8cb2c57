//! Which copies a purge removes: decided purely, from what there is and what was named.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::{Digest, Id};
use serde::Serialize;

use crate::backup_id::{BackupFolder, BackupId};
use crate::foreign::Foreign;

/// What is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purge {
    /// Every copy taken before this moment, but the last good backup and pinned ones.
    pub before: Option<Timestamp>,
    /// The copies of these numbers and every other copy that is known to be of their content, also the last good backup and pinned ones.
    pub numbers: Vec<u64>,
}

/// Why a copy is kept that would otherwise be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Spared {
    /// It is the last good backup, and no copy of its content was named.
    LastGood,
    /// It is pinned, and no copy of its content was named.
    Pinned,
    /// A migration back, or an undo, needs it.
    Needed,
}

impl std::fmt::Display for Spared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Spared::LastGood => "the last good backup",
            Spared::Pinned => "pinned",
            Spared::Needed => "needed to migrate back, or by undo",
        })
    }
}

/// What a purge comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgePlan {
    /// What goes, or has gone.
    pub copies: Vec<BackupId>,
    /// Files of somebody else's that go, or have gone.
    pub foreign: Vec<Foreign>,
    /// What stays all the same, and why.
    pub spared: Vec<(BackupId, Spared)>,
}

impl PurgePlan {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.copies.is_empty() && self.foreign.is_empty()
    }
}

/// What a purge is decided by.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) copies: Vec<BackupId>,
    pub(crate) foreign: Vec<Foreign>,
    pub(crate) last_good: Option<Id>,
    pub(crate) pinned: BTreeSet<u64>,
    /// What migrations have set aside and something leads back to; `None` where that is not known.
    pub(crate) complements: Option<BTreeSet<Digest>>,
}

impl Inventory {
    fn spared(&self, copy: &BackupId, named: bool) -> Option<Spared> {
        let digest = copy.id.digest();
        let needed = |known: &BTreeSet<Digest>| known.contains(&digest);
        match copy.folder {
            BackupFolder::Complements if self.complements.as_ref().is_none_or(needed) => {
                Some(Spared::Needed)
            }
            BackupFolder::Backups if named => None,
            BackupFolder::Backups if self.last_good == Some(copy.id) => Some(Spared::LastGood),
            BackupFolder::Backups if self.pinned.contains(&copy.id.seq()) => Some(Spared::Pinned),
            _ => None,
        }
    }
}

/// Copies of content of which one was named go with it, whatever else protects them: what was named may be a secret.
pub(crate) fn plan(inventory: &Inventory, purge: &Purge) -> PurgePlan {
    let numbered = |copy: &&BackupId| purge.numbers.contains(&copy.id.seq());
    let contents = inventory.copies.iter().filter(numbered);
    let contents: BTreeSet<Digest> = contents.map(|copy| copy.id.digest()).collect();
    let mut plan = PurgePlan::default();
    for copy in &inventory.copies {
        let old = purge.before.is_some_and(|before| copy.id.taken() < before);
        let named = contents.contains(&copy.id.digest());
        if !old && !named {
            continue;
        }
        match inventory.spared(copy, named) {
            Some(why) => plan.spared.push((*copy, why)),
            None => plan.copies.push(*copy),
        }
    }
    let goes = |one: &&Foreign| {
        let old = purge.before.is_some_and(|before| one.is_before(before));
        old || one.is_among(&purge.numbers, &contents)
    };
    plan.foreign = inventory.foreign.iter().filter(goes).cloned().collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(folder: BackupFolder, number: u64, content: &str) -> BackupId {
        let taken = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
        BackupId {
            folder,
            id: Id::new(number, taken, persist_backup::digest(content.as_bytes())),
        }
    }

    fn check(before: Option<i64>, numbers: &[u64], goes: &[&str], stays: &[&str]) {
        let copies = vec![
            copy(BackupFolder::Backups, 1, "a"),
            copy(BackupFolder::Backups, 2, "b"),
            copy(BackupFolder::Backups, 3, "a"),
            copy(BackupFolder::Backups, 4, "good"),
            copy(BackupFolder::Backups, 5, "bad"),
            copy(BackupFolder::Quarantine, 5, "torn"),
            copy(BackupFolder::Quarantine, 6, "a"),
            copy(BackupFolder::Complements, 2, "needed"),
            copy(BackupFolder::Complements, 3, "left"),
        ];
        let inventory = Inventory {
            last_good: Some(copies[3].id),
            pinned: BTreeSet::from([2]),
            complements: Some(BTreeSet::from([copies[7].id.digest()])),
            foreign: vec![
                Foreign::new("foreign-2-2000", 9, None).unwrap(),
                Foreign::new("foreign-9-9000", 1, Some(copies[0].id.digest())).unwrap(),
            ],
            copies,
        };
        let purge = Purge {
            before: before.map(|second| Timestamp::from_second(second).unwrap()),
            numbers: numbers.to_vec(),
        };
        let plan = plan(&inventory, &purge);
        let short = |copy: &BackupId| format!("{}{}", &copy.folder.name()[..1], copy.id.seq());
        let foreign = plan
            .foreign
            .iter()
            .map(|one| format!("f{}", one.number().unwrap()));
        let found: Vec<String> = plan.copies.iter().map(short).chain(foreign).collect();
        assert_eq!(found, goes, "{purge:?} goes");
        let left = plan.spared.iter();
        let left: Vec<String> = left
            .map(|(copy, why)| format!("{} {why:?}", short(copy)))
            .collect();
        assert_eq!(left, stays, "{purge:?} stays");
    }

    #[test]
    fn what_goes_and_what_stays() {
        check(None, &[], &[], &[]);
        check(Some(3), &[], &["b1", "f2"], &["b2 Pinned", "c2 Needed"]);
        check(
            Some(100),
            &[],
            &["b1", "b3", "b5", "q5", "q6", "c3", "f2", "f9"],
            &["b2 Pinned", "b4 LastGood", "c2 Needed"],
        );
        // Whatever else has the content goes with it.
        check(None, &[1], &["b1", "b3", "q6", "f9"], &[]);
        check(None, &[4], &["b4"], &[]);
        check(None, &[2], &["b2", "f2"], &["c2 Needed"]);
        check(Some(2), &[5], &["b1", "b5", "q5"], &[]);
    }

    /// Else a secret would stay for being in the last good backup as well.
    #[test]
    fn what_is_named_goes_also_from_the_last_good_backup_and_pinned_ones() {
        let copies = vec![
            copy(BackupFolder::Backups, 1, "secret"),
            copy(BackupFolder::Backups, 2, "secret"),
            copy(BackupFolder::Backups, 3, "secret"),
        ];
        let inventory = Inventory {
            last_good: Some(copies[2].id),
            pinned: BTreeSet::from([2]),
            copies: copies.clone(),
            ..Inventory::default()
        };
        let purge = Purge {
            numbers: vec![1],
            ..Purge::default()
        };
        let plan = plan(&inventory, &purge);
        assert_eq!((plan.copies, plan.spared), (copies, Vec::new()));
    }
}
