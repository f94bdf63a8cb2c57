use std::fs;

use jiff::Timestamp;
use persist_backup::retention::{self, Candidate, Policy};
use persist_backup::{Backups, Error, Id, Pruned};

use crate::{filled, settings};

fn prune(backups: &Backups, keep: u32) -> Result<Pruned, Error> {
    let plan = retention::plan(
        &candidates(backups),
        Timestamp::now(),
        &Policy::keep_last(keep),
    );
    backups.prune(&plan)
}

fn candidates(backups: &Backups) -> Vec<Candidate> {
    let listed = backups.list().expect("a list");
    listed.iter().map(Candidate::from).collect()
}

fn seqs(backups: &Backups) -> Vec<u64> {
    let snapshots = backups.list().expect("a list");
    snapshots.iter().map(|snapshot| snapshot.id.seq()).collect()
}

#[test]
fn what_is_dropped_takes_its_note_along() {
    let (_dir, backups) = filled(&[b"a", b"bb", &settings(20_000)]);
    let pruned = prune(&backups, 1).unwrap();
    assert_eq!(
        pruned.removed.iter().map(Id::seq).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(seqs(&backups), [3]);
    assert!(backups.strays().unwrap().is_empty());
    assert_eq!(prune(&backups, 1).unwrap(), Pruned::default());
}

#[test]
fn a_plan_carried_out_twice_is_no_error() {
    let (_dir, backups) = filled(&[b"a", b"b"]);
    let plan = retention::plan(
        &candidates(&backups),
        Timestamp::now(),
        &Policy::keep_last(1),
    );
    assert_eq!(backups.prune(&plan).unwrap().removed.len(), 1);
    assert_eq!(backups.prune(&plan).unwrap(), Pruned::default());
}

#[test]
fn the_last_good_one_is_not_dropped_for_damaged_ones() {
    let (_dir, backups) = filled(&[b"good", b"b", b"c"]);
    for bad in ["2", "3"] {
        fs::write(&backups.find(bad).unwrap().path, "x").unwrap();
    }
    assert!(matches!(
        prune(&backups, 2),
        Err(Error::NothingGoodLeft { kept: 2 })
    ));
    assert_eq!(seqs(&backups), [3, 2, 1]);
}
