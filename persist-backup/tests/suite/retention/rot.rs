//! Copies rot; the newest sound one is never dropped for others.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use persist_backup::retention::{Candidate, Mark, Plan, Policy, Why};
use persist_backup::{Backups, Id, Storage, Stored, digest};
use proptest::prelude::*;

use super::{Random, day, kept, numbers};

/// A folder in memory that counts what is read, whose files rot, and some of which can't be read.
#[derive(Clone, Debug, Default)]
struct Shelf(Arc<Mutex<Files>>);

#[derive(Debug, Default)]
struct Files {
    files: BTreeMap<String, Vec<u8>>,
    refused: BTreeSet<String>,
    reads: usize,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.0.lock().expect("no test panics with it")
    }

    fn backups(&self) -> Backups {
        Backups::over(Arc::new(self.clone()))
    }

    /// Flips a bit.
    fn rot(&self, id: &Id) {
        if let Some(bytes) = self.lock().files.get_mut(&id.to_string()) {
            bytes[0] ^= 1;
        }
    }

    fn is_sound(&self, id: &Id) -> bool {
        let files = &self.lock().files;
        files
            .get(&id.to_string())
            .is_some_and(|bytes| digest(bytes) == id.digest())
    }

    fn newest_sound(&self, of: impl Iterator<Item = Id>) -> Option<Id> {
        of.filter(|id| self.is_sound(id)).max()
    }
}

impl Storage for Shelf {
    fn path(&self) -> &Path {
        Path::new("shelf")
    }

    fn create(&self) -> io::Result<()> {
        Ok(())
    }

    fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        let names = self.lock().files.keys().cloned().collect::<Vec<_>>();
        Ok(names.into_iter().map(|name| (name.into(), true)).collect())
    }

    fn look(&self, name: &str) -> io::Result<Option<Stored>> {
        let len = self.lock().files.get(name).map(|bytes| bytes.len() as u64);
        Ok(len.map(|len| Stored {
            name: name.into(),
            len: Some(len),
            own: true,
        }))
    }

    fn read(&self, name: &str, _: u64) -> io::Result<Vec<u8>> {
        let mut shelf = self.lock();
        if shelf.refused.contains(name) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let bytes = shelf.files.get(name).cloned();
        shelf.reads += usize::from(bytes.is_some());
        bytes.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write_new(&self, name: &str, bytes: &[u8], _: bool) -> io::Result<()> {
        self.lock().files.insert(name.into(), bytes.into());
        Ok(())
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.rename_over(from, to)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        let mut shelf = self.lock();
        let bytes = shelf.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        shelf.files.insert(to.into(), bytes);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.lock().files.remove(name);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A copy of each of these contents, one an hour.
fn shelf_of(contents: &[u64]) -> (Shelf, Vec<Candidate>) {
    let shelf = Shelf::default();
    let copy = |(seq, content): (u64, &u64)| {
        let taken = day() + SignedDuration::from_hours(i64::try_from(seq).expect("few"));
        put(&shelf, seq, *content, taken)
    };
    let candidates = (1..).zip(contents).map(copy).collect();
    (shelf, candidates)
}

fn put(shelf: &Shelf, seq: u64, content: u64, taken: Timestamp) -> Candidate {
    let bytes = content.to_le_bytes();
    let id = Id::new(seq, taken, digest(&bytes));
    shelf
        .write_new(&id.to_string(), &bytes, true)
        .expect("in memory");
    Candidate {
        len: 8,
        ..Candidate::new(id)
    }
}

fn planned(shelf: &Shelf, candidates: &[Candidate], policy: &Policy) -> Plan {
    shelf
        .backups()
        .plan_verified(candidates, day(), policy, &mut BTreeSet::new())
}

#[test]
fn a_rotten_neighbour_is_found_before_a_copy_goes() {
    let (shelf, candidates) = shelf_of(&[1, 2, 3, 4, 5]);
    for rotten in [2, 3, 4] {
        shelf.rot(&candidates[rotten].id);
    }
    let shown = planned(&shelf, &candidates, &Policy::keep_last(1));
    assert_eq!(kept(&shown), ["2: the newest"]);
    let why: Vec<_> = shown.drop.iter().map(|(_, why)| why.clone()).collect();
    assert_eq!(why, [Why::Rotten, Why::Rotten, Why::Rotten, Why::Surplus]);
    // Only the neighbour is read: the other two are found when they are neighbours themselves.
    let shown = planned(&shelf, &candidates, &Policy::keep_last(3));
    assert_eq!(numbers(&shown.keep), [5, 4, 2]);
}

#[test]
fn nothing_is_read_if_nothing_goes_and_nothing_twice() {
    let (shelf, candidates) = shelf_of(&[1, 2, 3, 4]);
    let backups = shelf.backups();
    let mut sound = BTreeSet::new();
    for (last, reads) in [(4, 0), (3, 1), (1, 2), (3, 2)] {
        let policy = Policy::keep_last(last);
        let shown = backups.plan_verified(&candidates, day(), &policy, &mut sound);
        assert_eq!(shown.keep.len(), usize::try_from(last).unwrap());
        assert_eq!(shelf.lock().reads, reads, "keeping {last}");
    }
    assert_eq!(sound.len(), 2);
    // What is known already costs nothing.
    let newest = candidates[3].id;
    let (fresh, policy) = (&mut BTreeSet::from([newest]), Policy::keep_last(1));
    let shown = backups.plan_verified(&candidates, day(), &policy, fresh);
    assert_eq!(numbers(&shown.keep), [4]);
    assert_eq!(shelf.lock().reads, 2);
}

/// The copy that stands for an equal one is read, not only the next newer one.
#[test]
fn an_equal_copy_goes_only_if_the_one_that_stands_for_it_is_sound() {
    let (shelf, candidates) = shelf_of(&[1, 2, 1, 3]);
    let policy = Policy {
        hourly: 3,
        ..Policy::keep_last(0)
    };
    let shown = planned(&shelf, &candidates, &policy);
    assert_eq!(numbers(&shown.keep), [4, 3, 2]);
    assert_eq!(shelf.lock().reads, 1);
    shelf.rot(&candidates[2].id);
    let shown = planned(&shelf, &candidates, &policy);
    assert_eq!(numbers(&shown.keep), [4, 2, 1]);
}

#[test]
fn what_cannot_be_read_stays_and_counts_for_nothing() {
    let (shelf, candidates) = shelf_of(&[1, 2, 3]);
    shelf.lock().refused.insert(candidates[2].id.to_string());
    let shown = planned(&shelf, &candidates, &Policy::keep_last(1));
    assert_eq!(kept(&shown), ["3: cannot be read now", "2: the newest"]);
    let all = candidates.iter().map(|candidate| candidate.id.to_string());
    shelf.lock().refused.extend(all);
    let shown = planned(&shelf, &candidates, &Policy::keep_last(1));
    assert!(shown.drop.is_empty(), "{shown}");
}

#[test]
fn a_pinned_rotten_copy_stays_and_is_no_substitute() {
    let (shelf, candidates) = shelf_of(&[1, 2, 3]);
    shelf.rot(&candidates[2].id);
    let policy = Policy {
        pinned: BTreeSet::from([3]),
        ..Policy::keep_last(1)
    };
    let shown = planned(&shelf, &candidates, &policy);
    assert_eq!(kept(&shown), ["3: pinned", "2: the newest"]);
}

/// Thousands of saves; every second copy rots at once or later, some never were good.
#[test]
fn the_newest_sound_one_is_left_and_found() {
    let mut random = Random(7);
    let policy = Policy {
        hourly: 4,
        daily: 5,
        bad: 2,
        max_bytes: Some(100),
        ..Policy::keep_last(4)
    };
    let (shelf, mut left): (_, Vec<Candidate>) = (Shelf::default(), Vec::new());
    let (mut dropped, mut rotten, backups) = (0, 0, shelf.backups());
    let mut now = day();
    for seq in 1..=3000 {
        now += SignedDuration::from_mins(i64::try_from(random.below(90)).unwrap());
        let new = put(&shelf, seq, random.below(40), now);
        let mark = if random.below(8) == 0 {
            Mark::Bad
        } else {
            Mark::Parsed
        };
        left.push(Candidate { mark, ..new });
        if random.below(2) == 0 {
            let later = random.below(left.len() as u64);
            let place = if random.below(2) == 0 {
                left.len() - 1
            } else {
                usize::try_from(later).unwrap()
            };
            shelf.rot(&left[place].id);
        }
        let good = |list: &[Candidate]| -> Vec<Id> {
            let good = list.iter().filter(|candidate| candidate.mark.is_good());
            good.map(|candidate| candidate.id).collect()
        };
        let newest = shelf.newest_sound(good(&left).into_iter());
        let shown = backups.plan_verified(&left, now, &policy, &mut BTreeSet::new());
        backups
            .drop_in(&shown, &mut backups.catalog().unwrap())
            .unwrap();
        dropped += shown.drop.len();
        rotten += shown
            .drop
            .iter()
            .filter(|(_, why)| *why == Why::Rotten)
            .count();
        left.retain(|candidate| !shown.drop.iter().any(|(id, _)| *id == candidate.id));
        let found = good(&left)
            .into_iter()
            .rev()
            .find(|id| backups.verify(id).is_ok());
        assert_eq!(found, newest, "after save {seq}");
    }
    assert!(rotten > 300, "{rotten} of {dropped}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A sound copy goes only if a newer sound one stays. Each costs one read, or all are read once where rot is found.
    #[test]
    fn each_drop_is_guarded_and_costs_one_read(contents in prop::collection::vec((0_u64..6, any::<bool>()), 1..40), last in 0_u32..6, hourly in 0_u32..6) {
        let (shelf, candidates) = shelf_of(&contents.iter().map(|(content, _)| *content).collect::<Vec<_>>());
        for (candidate, _) in candidates.iter().zip(&contents).filter(|(_, (_, rots))| *rots) {
            shelf.rot(&candidate.id);
        }
        let policy = Policy { hourly, ..Policy::keep_last(last) };
        let shown = planned(&shelf, &candidates, &policy);
        let found_rot = shown.drop.iter().any(|(_, why)| *why == Why::Rotten);
        let most = if found_rot { candidates.len() } else { shown.drop.len() };
        prop_assert!(shelf.lock().reads <= most, "{} reads\n{}", shelf.lock().reads, shown);
        for (id, why) in &shown.drop {
            prop_assert!(*why != Why::Rotten || !shelf.is_sound(id));
            let covers = |(kept, _): &&(Id, Why)| kept > id && shelf.is_sound(kept);
            prop_assert!(!shelf.is_sound(id) || shown.keep.iter().any(|kept| covers(&kept)), "{}\n{}", id, shown);
        }
        let newest = shelf.newest_sound(candidates.iter().map(|candidate| candidate.id));
        let left = shown.keep.iter().map(|(id, _)| *id);
        prop_assert_eq!(shelf.newest_sound(left), newest);
    }
}
