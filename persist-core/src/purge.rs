//! Which copies a purge removes: decided purely, from what there is and what was named.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::{Digest, Id};
use serde::Serialize;

use crate::foreign::Foreign;
use crate::place;

/// What is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purge {
    /// Every copy taken before this moment, but the last good backup and pinned ones.
    pub before: Option<Timestamp>,
    /// The copies of these numbers, whatever they are, and every other copy that is known to be of their content.
    pub numbers: Vec<u64>,
}

/// A whole copy in the state folder: of the file as it was once, or of what a migration has set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Copy {
    /// The folder within the state folder: `backups`, `quarantine` or `complements`.
    pub folder: &'static str,
    /// Number, time and digest, which are its name.
    pub id: Id,
}

impl Copy {
    /// As the journal names it, relative to the state folder.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.folder, self.id)
    }

    /// The copy of that name. Any other text is none.
    pub(crate) fn of(name: &str) -> Option<Copy> {
        if let Some((folder, id)) = place::kept_as(name) {
            return Some(Copy { folder, id });
        }
        let id = name.strip_prefix(place::COMPLEMENTS)?.strip_prefix('/')?;
        Some(Copy {
            folder: place::COMPLEMENTS,
            id: id.parse().ok()?,
        })
    }
}

/// Why a copy is kept that would otherwise be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Spared {
    /// It is the last good backup, and its number was not named.
    LastGood,
    /// It is pinned, and its number was not named.
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
    pub copies: Vec<Copy>,
    /// Files of somebody else's that go, or have gone.
    pub foreign: Vec<Foreign>,
    /// What stays all the same, and why.
    pub spared: Vec<(Copy, Spared)>,
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
pub(crate) struct Seen {
    pub(crate) copies: Vec<Copy>,
    pub(crate) foreign: Vec<Foreign>,
    pub(crate) last_good: Option<Id>,
    pub(crate) pinned: BTreeSet<u64>,
    /// What migrations have set aside and something leads back to; `None` where that is not known.
    pub(crate) complements: Option<BTreeSet<Digest>>,
}

impl Seen {
    fn spared(&self, copy: &Copy, named: bool) -> Option<Spared> {
        let digest = copy.id.digest();
        let needed = |known: &BTreeSet<Digest>| known.contains(&digest);
        match copy.folder {
            place::COMPLEMENTS if self.complements.as_ref().is_none_or(needed) => {
                Some(Spared::Needed)
            }
            place::BACKUPS if named => None,
            place::BACKUPS if self.last_good == Some(copy.id) => Some(Spared::LastGood),
            place::BACKUPS if self.pinned.contains(&copy.id.seq()) => Some(Spared::Pinned),
            _ => None,
        }
    }
}

/// Copies of content of which one was named go with it.
pub(crate) fn plan(seen: &Seen, purge: &Purge) -> PurgePlan {
    let named = |copy: &Copy| purge.numbers.contains(&copy.id.seq());
    let contents = seen.copies.iter().filter(|copy| named(copy));
    let contents: BTreeSet<Digest> = contents.map(|copy| copy.id.digest()).collect();
    let mut plan = PurgePlan::default();
    for copy in &seen.copies {
        let old = purge.before.is_some_and(|before| copy.id.taken() < before);
        if !old && !contents.contains(&copy.id.digest()) {
            continue;
        }
        match seen.spared(copy, named(copy)) {
            Some(why) => plan.spared.push((*copy, why)),
            None => plan.copies.push(*copy),
        }
    }
    let goes = |one: &&Foreign| {
        let old = purge.before.is_some_and(|before| one.is_before(before));
        old || one.is_among(&purge.numbers, &contents)
    };
    plan.foreign = seen.foreign.iter().filter(goes).cloned().collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(folder: &'static str, number: u64, content: &str) -> Copy {
        let taken = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
        Copy {
            folder,
            id: Id::new(number, taken, persist_backup::digest(content.as_bytes())),
        }
    }

    fn check(before: Option<i64>, numbers: &[u64], goes: &[&str], stays: &[&str]) {
        let copies = vec![
            copy(place::BACKUPS, 1, "a"),
            copy(place::BACKUPS, 2, "b"),
            copy(place::BACKUPS, 3, "a"),
            copy(place::BACKUPS, 4, "good"),
            copy(place::BACKUPS, 5, "bad"),
            copy(place::QUARANTINE, 5, "torn"),
            copy(place::QUARANTINE, 6, "a"),
            copy(place::COMPLEMENTS, 2, "needed"),
            copy(place::COMPLEMENTS, 3, "left"),
        ];
        let seen = Seen {
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
        let plan = plan(&seen, &purge);
        let short = |copy: &Copy| format!("{}{}", &copy.folder[..1], copy.id.seq());
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

    #[test]
    fn only_our_names_are_copies() {
        for copy in [
            copy(place::BACKUPS, 1, "a"),
            copy(place::QUARANTINE, 1, "a"),
            copy(place::COMPLEMENTS, 1, "a"),
        ] {
            assert_eq!(Copy::of(&copy.name()), Some(copy));
            assert_eq!(Copy::of(&format!("../{}", copy.name())), None);
        }
        assert_eq!(Copy::of("complements/../../etc/passwd"), None);
        assert_eq!(Copy::of("journal/0000000001"), None);
    }
}
