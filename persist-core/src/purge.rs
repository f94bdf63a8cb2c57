//! Which copies a purge removes: decided purely, from what there is and what was named.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::{Digest, Id};
use serde::Serialize;

use crate::backup_id::{BackupFolder, BackupId, WhichBackup};
use crate::foreign::Foreign;

/// What is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purge {
    /// Every copy taken before this moment, but the last good backup and pinned ones.
    pub before: Option<Timestamp>,
    /// The copies that have these names and every other copy that is known to be of their content, also the last good backup and pinned ones. A
    /// number names all copies of that number, in each folder; any other name, of whichever folder, those of one content.
    pub named: Vec<WhichBackup>,
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
    /// Whether the file itself holds content that was named. It does so afterwards, and so does its mirror: only a change of the file takes it
    /// out of there, and that change backs it up once more.
    pub is_live: bool,
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
    /// The content of the file itself.
    pub(crate) live: Option<Digest>,
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

/// What was named.
#[derive(Debug, Default)]
pub(crate) struct Named {
    numbers: BTreeSet<u64>,
    contents: BTreeSet<Digest>,
    /// Files of somebody else's, by their whole names.
    foreign: BTreeSet<String>,
}

/// A name that is not that of one content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotOne {
    pub(crate) name: String,
    /// Copies of several contents that have it; none where there is no copy of that name.
    pub(crate) matches: Vec<BackupId>,
}

impl Named {
    /// What these names lead to.
    pub(crate) fn of(
        names: &[WhichBackup],
        copies: &[BackupId],
        foreign: &[Foreign],
    ) -> Result<Named, NotOne> {
        let mut named = Named::default();
        for name in names {
            let name = name.to_string();
            let number = number(&name).filter(|number| {
                copies.iter().any(|copy| copy.id.seq() == *number)
                    || foreign.iter().any(|one| one.number() == Some(*number))
            });
            let found = match number {
                Some(number) => {
                    named.numbers.insert(number);
                    copies
                        .iter()
                        .filter(|copy| copy.id.seq() == number)
                        .collect()
                }
                None if foreign.iter().any(|one| one.name == name) => {
                    named.foreign.insert(name);
                    Vec::new()
                }
                None => one_content(&name, copies)?,
            };
            let contents = found.into_iter().map(|copy| copy.id.digest());
            named.contents.extend(contents);
        }
        Ok(named)
    }
}

/// The number that a name is, as people write it.
pub(crate) fn number(name: &str) -> Option<u64> {
    name.strip_prefix('#').unwrap_or(name).parse().ok()
}

/// The copies that have a name, which must be of the same content.
fn one_content<'c>(name: &str, copies: &'c [BackupId]) -> Result<Vec<&'c BackupId>, NotOne> {
    let backups = || copies.iter().filter(|copy| copy.backup().is_some());
    let found: Vec<&BackupId> = match (name, name.parse::<BackupId>()) {
        ("latest", _) => backups().max_by_key(|copy| copy.id).into_iter().collect(),
        (_, Ok(id)) => copies.iter().filter(|copy| **copy == id).collect(),
        _ => copies
            .iter()
            .filter(|copy| copy.id.is_named(name))
            .collect(),
    };
    let contents: BTreeSet<Digest> = found.iter().map(|copy| copy.id.digest()).collect();
    match contents.len() {
        1 => Ok(found),
        _ => Err(NotOne {
            name: name.to_owned(),
            matches: found.into_iter().copied().collect(),
        }),
    }
}

/// Copies of content of which one was named go with it, whatever else protects them: what was named may be a secret.
pub(crate) fn plan(inventory: &Inventory, before: Option<Timestamp>, named: &Named) -> PurgePlan {
    let Named {
        numbers,
        contents,
        foreign,
    } = named;
    let mut plan = PurgePlan {
        is_live: inventory.live.is_some_and(|live| contents.contains(&live)),
        ..PurgePlan::default()
    };
    for copy in &inventory.copies {
        let old = before.is_some_and(|before| copy.id.taken() < before);
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
        let old = before.is_some_and(|before| one.is_before(before));
        old || foreign.contains(&one.name) || one.is_among(numbers, contents)
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
            live: Some(copies[1].id.digest()),
            last_good: Some(copies[3].id),
            pinned: BTreeSet::from([2]),
            complements: Some(BTreeSet::from([copies[7].id.digest()])),
            foreign: vec![
                Foreign::new("foreign-2-2000", 9, None).unwrap(),
                Foreign::new("foreign-9-9000", 1, Some(copies[0].id.digest())).unwrap(),
            ],
            copies,
        };
        let before = before.map(|second| Timestamp::from_second(second).unwrap());
        let names: Vec<WhichBackup> = numbers.iter().map(|number| (*number).into()).collect();
        let named = Named::of(&names, &inventory.copies, &inventory.foreign).unwrap();
        let plan = plan(&inventory, before, &named);
        let short = |copy: &BackupId| format!("{}{}", &copy.folder.name()[..1], copy.id.seq());
        let foreign = plan
            .foreign
            .iter()
            .map(|one| format!("f{}", one.number().unwrap()));
        let found: Vec<String> = plan.copies.iter().map(short).chain(foreign).collect();
        assert_eq!(found, goes, "{before:?} {numbers:?} goes");
        let left = plan.spared.iter();
        let left: Vec<String> = left
            .map(|(copy, why)| format!("{} {why:?}", short(copy)))
            .collect();
        assert_eq!(left, stays, "{before:?} {numbers:?} stays");
        assert_eq!(plan.is_live, numbers.contains(&2), "{before:?} {numbers:?}");
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
        let named = Named::of(&[1.into()], &copies, &[]).unwrap();
        let plan = plan(&inventory, None, &named);
        assert_eq!((plan.copies, plan.spared), (copies, Vec::new()));
    }

    #[test]
    fn a_name_is_that_of_one_content() {
        let copies = vec![
            copy(BackupFolder::Backups, 1, "a"),
            copy(BackupFolder::Backups, 2, "b"),
            copy(BackupFolder::Quarantine, 2, "a"),
            copy(BackupFolder::Quarantine, 9, "c"),
        ];
        let foreign = [Foreign::new("foreign-7-2000", 9, None).unwrap()];
        let digest = |at: usize| copies[at].id.digest();
        let check = |name: &str, contents: &[Digest]| {
            let named = Named::of(&[name.into()], &copies, &foreign);
            let found: Vec<Digest> = named.unwrap().contents.into_iter().collect();
            let wanted: BTreeSet<Digest> = contents.iter().copied().collect();
            assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{name}");
        };
        check("1", &[digest(0)]);
        check("#2", &[digest(0), digest(1)]);
        check("latest", &[digest(1)]);
        check(&copies[3].to_string(), &[digest(3)]);
        check(&copies[3].id.to_string(), &[digest(3)]);
        check(&digest(1).to_string()[..8], &[digest(1)]);
        check("7", &[]);
        check("quarantine/foreign-7-2000", &[]);
        for name in [
            "3",
            "#",
            "",
            "abc",
            "backups/1",
            "quarantine/foreign-7-2001",
        ] {
            let missing = NotOne {
                name: name.to_owned(),
                matches: Vec::new(),
            };
            let named = Named::of(&[name.into()], &copies, &foreign);
            assert_eq!(named.unwrap_err(), missing);
        }
        // Of no folder is what another has.
        let elsewhere = BackupId::new(BackupFolder::Complements, copies[0].id);
        assert!(Named::of(&[elsewhere.into()], &copies, &foreign).is_err());
    }
}
