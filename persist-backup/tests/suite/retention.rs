use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use persist_backup::retention::{Plan, Policy, Why, plan};
use persist_backup::{Id, Snapshot, digest};
use proptest::prelude::*;

fn snapshot(seq: u64, taken: Timestamp, len: u64) -> Snapshot {
    Snapshot::new(
        Id::new(seq, taken, digest(&seq.to_le_bytes())),
        PathBuf::new(),
        false,
        len,
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// Three a day for a month and a half, 100 bytes each.
fn history() -> Vec<Snapshot> {
    let start = at("2026-10-08T06:00:00Z");
    let every = |n: i64| SignedDuration::from_hours(8 * n);
    (0_i64..136)
        .map(|n| snapshot(n.unsigned_abs() + 1, start + every(n), 100))
        .collect()
}

#[test]
fn reasons_can_be_read() {
    let policy = Policy {
        last: 3,
        daily: 3,
        weekly: 3,
        monthly: 2,
        ..Policy::keep_last(3)
    };
    let mut shown = plan(&history(), at("2026-11-22T19:45:00Z"), &policy);
    shown.drop.truncate(2);
    insta::assert_snapshot!(shown, @"
    keep 7, drop 2
      keep  136  2026-11-22T06:00:00Z  3108e065e7ea  the newest
      keep  135  2026-11-21T22:00:00Z  c86ceebde92d  number 2 of the last
      keep  134  2026-11-21T14:00:00Z  354120637a84  number 3 of the last
      drop  133  2026-11-21T06:00:00Z  cef02365edcb  no rule keeps it
      keep  132  2026-11-20T22:00:00Z  5a092879c557  newest of 2026-11-20
      drop  131  2026-11-20T14:00:00Z  22950c1440bd  no rule keeps it
      keep  117  2026-11-15T22:00:00Z  62bd2c5e5b12  newest of the week of 2026-11-09
      keep   96  2026-11-08T22:00:00Z  a3fd08764e22  newest of the week of 2026-11-02
      keep   72  2026-10-31T22:00:00Z  3e3abf5fe58f  newest of 2026-10
    ");
}

#[test]
fn limits_take_from_the_oldest_end() {
    let now = at("2026-11-22T19:45:00Z");
    let oldest = history()[0].id;
    let policy = Policy {
        max_age: Some(SignedDuration::from_hours(72)),
        max_bytes: Some(350),
        ..Policy::keep_last(10)
    };
    let policy = Policy {
        pinned: BTreeSet::from([oldest]),
        ..policy
    };
    let shown = plan(&history(), now, &policy);
    let kept: Vec<_> = shown
        .keep
        .iter()
        .map(|(id, why)| (id.seq(), *why))
        .collect();
    assert_eq!(
        kept,
        [(136, Why::Newest), (135, Why::Last(2)), (1, Why::Pinned)]
    );
    let reasons: BTreeSet<_> = shown.drop.iter().map(|(_, why)| why.to_string()).collect();
    assert_eq!(reasons.len(), 3, "surplus, too old, no room: {reasons:?}");
}

#[test]
fn a_clock_set_back_makes_nothing_old() {
    let policy = Policy {
        max_age: Some(SignedDuration::from_hours(1)),
        ..Policy::default()
    };
    let future = [
        snapshot(1, at("2031-01-01T00:00:00Z"), 1),
        snapshot(2, at("2026-01-01T00:00:00Z"), 1),
    ];
    assert!(
        plan(&future, at("2026-01-01T00:00:00Z"), &policy)
            .drop
            .is_empty()
    );
}

/// A dozen changes, then as many steps back as there are backups for: each step backs up content that is there already.
#[test]
fn going_back_does_not_push_out_what_is_gone_back_to() {
    let day = at("2026-11-22T00:00:00Z");
    let contents = (0_u64..12).chain((4..=12).rev());
    let snapshots: Vec<_> = (1_u64..)
        .zip(contents)
        .map(|(seq, content)| {
            let id = Id::new(seq, day, digest(&content.to_le_bytes()));
            Snapshot::new(id, PathBuf::new(), false, 1)
        })
        .collect();
    for steps in 0..=8 {
        let kept = plan(&snapshots[..12 + steps], day, &Policy::keep_last(10)).keep;
        let next = (11 - steps) as u64;
        let wanted = digest(&next.to_le_bytes());
        assert!(
            kept.iter().any(|(id, _)| id.digest() == wanted),
            "{next} is gone"
        );
    }
}

#[test]
fn a_few_contents_in_turn_do_not_pile_up() {
    let day = at("2026-11-22T00:00:00Z");
    let in_turn: Vec<_> = (1_u64..=100)
        .map(|seq| {
            let id = Id::new(seq, day, digest(&[u8::from(seq % 2 == 0)]));
            Snapshot::new(id, PathBuf::new(), false, 1)
        })
        .collect();
    assert_eq!(plan(&in_turn, day, &Policy::keep_last(10)).keep.len(), 10);
}

#[test]
fn what_is_empty_has_no_room_either() {
    let day = at("2026-11-22T00:00:00Z");
    let snapshots = [
        snapshot(1, day, 0),
        snapshot(2, day, 0),
        snapshot(3, day, 9),
    ];
    for max_bytes in [0, 8] {
        let policy = Policy {
            max_bytes: Some(max_bytes),
            ..Policy::keep_last(3)
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(plan(&snapshots, day, &policy), @"
            keep 1, drop 2
              keep    3  2026-11-22T00:00:00Z  35be322d094f  the newest
              drop    2  2026-11-22T00:00:00Z  d86e8112f3c4  newer ones use up the bytes
              drop    1  2026-11-22T00:00:00Z  7c9fa136d441  newer ones use up the bytes
            ");
        }
    }
}

#[test]
fn nothing_at_all() {
    assert_eq!(
        plan(&[], Timestamp::UNIX_EPOCH, &Policy::default()),
        Plan::default()
    );
}

fn any_snapshots() -> impl Strategy<Value = Vec<Snapshot>> {
    let taken = 1_700_000_000_000_i64..1_710_000_000_000;
    let len = prop_oneof![Just(0), 0_u64..1000];
    prop::collection::vec((taken, len), 0..60).prop_map(|list| {
        let times = list.into_iter().zip(1..);
        times
            .map(|((ms, len), seq)| {
                snapshot(seq, Timestamp::from_millisecond(ms).expect("in range"), len)
            })
            .collect()
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let hours = prop::option::of((0_i64..3000).prop_map(SignedDuration::from_hours));
    (
        0_usize..15,
        0_usize..9,
        0_usize..9,
        0_usize..9,
        hours,
        prop::option::of(prop_oneof![Just(0), 0_u64..20_000]),
    )
        .prop_map(
            |(last, daily, weekly, monthly, max_age, max_bytes)| Policy {
                last,
                daily,
                weekly,
                monthly,
                max_age,
                max_bytes,
                pinned: BTreeSet::new(),
            },
        )
}

const NOW: i64 = 1_711_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW).expect("in range")
}

fn ids(side: &[(Id, Why)]) -> BTreeSet<Id> {
    side.iter().map(|(id, _)| *id).collect()
}

proptest! {
    #[test]
    fn everything_is_decided_once(snapshots in any_snapshots(), policy in any_policy()) {
        let shown = plan(&snapshots, now(), &policy);
        let all: BTreeSet<_> = snapshots.iter().map(|snapshot| snapshot.id).collect();
        prop_assert_eq!(shown.keep.len() + shown.drop.len(), snapshots.len());
        let decided: BTreeSet<_> = ids(&shown.keep).union(&ids(&shown.drop)).copied().collect();
        prop_assert_eq!(decided, all);
    }

    #[test]
    fn the_newest_and_pinned_stay(snapshots in any_snapshots(), policy in any_policy(), pick: prop::sample::Index) {
        prop_assume!(!snapshots.is_empty());
        let pinned = pick.get(&snapshots).id;
        let policy = Policy { pinned: BTreeSet::from([pinned]), ..policy };
        let kept = ids(&plan(&snapshots, now(), &policy).keep);
        prop_assert!(kept.contains(&snapshots.iter().map(|snapshot| snapshot.id).max().unwrap()));
        prop_assert!(kept.contains(&pinned));
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(snapshots in any_snapshots(), policy in any_policy()) {
        let backwards: Vec<_> = snapshots.iter().rev().cloned().collect();
        prop_assert_eq!(plan(&snapshots, now(), &policy), plan(&backwards, now(), &policy));
    }

    /// Without limits, pruning and planning again drops nothing more.
    #[test]
    fn planning_again_changes_nothing(snapshots in any_snapshots(), policy in any_policy()) {
        let kept = ids(&plan(&snapshots, now(), &policy).keep);
        let left: Vec<_> = snapshots.into_iter().filter(|snapshot| kept.contains(&snapshot.id)).collect();
        prop_assert!(plan(&left, now(), &policy).drop.is_empty());
    }

    #[test]
    fn a_laxer_policy_keeps_no_less(snapshots in any_snapshots(), policy in any_policy()) {
        let policy = Policy { max_bytes: None, ..policy };
        let laxer = Policy { last: policy.last + 1, daily: policy.daily + 1, max_age: None, ..policy.clone() };
        let kept = ids(&plan(&snapshots, now(), &policy).keep);
        prop_assert!(kept.is_subset(&ids(&plan(&snapshots, now(), &laxer).keep)));
    }

    #[test]
    fn limits_hold(snapshots in any_snapshots(), policy in any_policy()) {
        let shown = plan(&snapshots, now(), &policy);
        let kept: Vec<_> = snapshots.iter().filter(|snapshot| ids(&shown.keep).contains(&snapshot.id)).collect();
        if let Some(limit) = policy.max_bytes && kept.len() > 1 {
            prop_assert!(kept.iter().map(|snapshot| snapshot.stored_len).sum::<u64>() <= limit);
        }
        if let Some(limit) = policy.max_age {
            let old = kept.iter().filter(|snapshot| now().duration_since(snapshot.id.taken()) > limit);
            prop_assert!(old.count() <= 1);
        }
        prop_assert!(shown.keep.len() <= (policy.last + policy.daily + policy.weekly + policy.monthly).max(1));
    }
}
