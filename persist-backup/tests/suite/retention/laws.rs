//! What holds for all histories and policies.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use persist_backup::retention::{Candidate, Mark, Plan, Policy, plan};
use proptest::prelude::*;

use super::{ids, of_content};

const NOW: i64 = 1_711_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW).expect("in range")
}

/// Dense and sparse stretches, a clock that is sometimes set back, contents that come again, numbers that come twice.
fn any_candidates(contents: u64) -> impl Strategy<Value = Vec<Candidate>> {
    let step = prop_oneof![
        -4_000_000_i64..4_000_000,
        0_i64..600_000,
        0_i64..90_000_000,
        0_i64..3_000_000_000
    ];
    let mark = prop_oneof![
        4 => Just(Mark::Parsed), 2 => Just(Mark::Checked), 2 => Just(Mark::Unchecked), 2 => Just(Mark::Bad), 1 => Just(Mark::Rotten)
    ];
    let version = prop::option::of((0_u8..4).prop_map(|n| n.to_string()));
    let len = prop_oneof![Just(0), 0_u64..1000, 500_u64..5000];
    let one = (
        step,
        0..contents,
        len,
        mark,
        version,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.05),
    );
    prop::collection::vec(one, 0..45).prop_map(move |list| {
        let (mut seq, mut ms) = (0, 1_650_000_000_000);
        let of = |(step, content, len, mark, version, wanted_by_undo, again): (
            i64,
            u64,
            u64,
            Mark,
            Option<String>,
            bool,
            bool,
        )| {
            seq += u64::from(!again || seq == 0);
            ms += step;
            let taken = Timestamp::from_millisecond(ms).expect("in range");
            Candidate {
                mark,
                version,
                wanted_by_undo,
                ..of_content(seq, content, taken, len)
            }
        };
        let list: Vec<_> = list.into_iter().map(of).collect();
        let mut seen = BTreeSet::new();
        list.into_iter()
            .filter(|candidate| seen.insert(candidate.id))
            .collect()
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let count = || prop_oneof![2 => Just(0_u32), 3 => 1_u32..9];
    let hours = (0_i64..30_000).prop_map(SignedDuration::from_hours);
    let rules = (count(), count(), count(), count(), count(), count());
    let others = (
        any::<bool>(),
        0_u32..2,
        0_u32..6,
        prop::collection::btree_set(1_u64..45, 0..3),
    );
    let bounds = (
        prop::option::weighted(0.3, hours),
        prop::option::of(prop_oneof![Just(0), 0_u64..60_000]),
    );
    (rules, others, bounds).prop_map(|(rules, others, (max_age, max_bytes))| {
        let (last, hourly, daily, weekly, monthly, yearly) = rules;
        let (versions, undo, bad, pinned) = others;
        Policy {
            last,
            hourly,
            daily,
            weekly,
            monthly,
            yearly,
            versions,
            undo,
            bad,
            pinned,
            max_age,
            max_bytes,
        }
    })
}

/// The same with one rule enlarged.
fn enlarged(policy: &Policy, which: usize, by: u32) -> Policy {
    let mut policy = policy.clone();
    let counts = [
        &mut policy.last,
        &mut policy.hourly,
        &mut policy.daily,
        &mut policy.weekly,
        &mut policy.monthly,
        &mut policy.yearly,
        &mut policy.undo,
        &mut policy.bad,
    ];
    match counts.into_iter().nth(which) {
        Some(count) => *count += by,
        None if which == 8 => policy.versions = true,
        None if which == 9 => drop(policy.pinned.insert(u64::from(by))),
        None => {
            let older = |age| age + SignedDuration::from_hours(999);
            policy.max_age = policy.max_age.map(older);
        }
    }
    policy
}

/// Those of the candidates that the plan keeps.
fn left<'a>(candidates: &'a [Candidate], plan: &Plan) -> impl Iterator<Item = &'a Candidate> {
    let kept = ids(&plan.keep);
    let stays = move |candidate: &&Candidate| kept.contains(&candidate.id);
    candidates.iter().filter(stays)
}

fn bytes<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> u64 {
    candidates.map(|candidate| candidate.len).sum()
}

fn newest(candidates: &[Candidate], of: impl Fn(Mark) -> bool) -> Option<&Candidate> {
    let found = candidates.iter().filter(|candidate| of(candidate.mark));
    found.max_by_key(|candidate| candidate.id)
}

const FEW: u64 = 12;
const MANY: u64 = 1 << 60;

proptest! {
    #![proptest_config(ProptestConfig {  failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_decided_once(candidates in any_candidates(FEW), policy in any_policy()) {
        let shown = plan(&candidates, now(), &policy);
        let all: BTreeSet<_> = candidates.iter().map(|candidate| candidate.id).collect();
        prop_assert_eq!(shown.keep.len() + shown.drop.len(), candidates.len());
        let decided: BTreeSet<_> = ids(&shown.keep).union(&ids(&shown.drop)).copied().collect();
        prop_assert_eq!(decided, all);
        prop_assert!(shown.keep.is_sorted_by(|a, b| a.0 > b.0) && shown.drop.is_sorted_by(|a, b| a.0 > b.0));
    }

    #[test]
    fn the_newest_the_last_good_and_pinned_stay(candidates in any_candidates(FEW), policy in any_policy()) {
        let kept = ids(&plan(&candidates, now(), &policy).keep);
        if let Some(newest) = newest(&candidates, |mark| mark != Mark::Rotten) {
            prop_assert!(kept.contains(&newest.id));
        }
        if let Some(good) = newest(&candidates, Mark::is_good) {
            prop_assert!(kept.contains(&good.id));
        }
        for candidate in &candidates {
            let pinned = policy.pinned.contains(&candidate.id.seq());
            prop_assert!(!pinned || kept.contains(&candidate.id));
            prop_assert!(candidate.mark != Mark::Rotten || kept.contains(&candidate.id) == pinned);
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(candidates in any_candidates(FEW), policy in any_policy()) {
        let backwards: Vec<_> = candidates.iter().rev().cloned().collect();
        prop_assert_eq!(plan(&candidates, now(), &policy), plan(&backwards, now(), &policy));
    }

    #[test]
    fn planning_again_drops_nothing(candidates in any_candidates(FEW), policy in any_policy()) {
        let policy = Policy { max_bytes: None, ..policy };
        let left: Vec<_> = left(&candidates, &plan(&candidates, now(), &policy)).cloned().collect();
        prop_assert_eq!(plan(&left, now(), &policy).drop, []);
    }

    #[test]
    fn nor_does_it_with_a_bound_if_all_contents_differ(candidates in any_candidates(MANY), policy in any_policy()) {
        let left: Vec<_> = left(&candidates, &plan(&candidates, now(), &policy)).cloned().collect();
        prop_assert_eq!(plan(&left, now(), &policy).drop, []);
    }

    #[test]
    fn with_a_bound_and_equal_contents_it_drops_only_what_stays_elsewhere(candidates in any_candidates(FEW), policy in any_policy()) {
        let left: Vec<_> = left(&candidates, &plan(&candidates, now(), &policy)).cloned().collect();
        let again = plan(&left, now(), &policy);
        for (id, why) in &again.drop {
            let newer = again.keep.iter().any(|(kept, _)| kept > id && kept.digest() == id.digest());
            prop_assert!(newer, "{} {}", id, why);
        }
    }

    #[test]
    fn more_rules_keep_no_less(candidates in any_candidates(FEW), policy in any_policy(), which in 0_usize..11, by in 1_u32..9) {
        let policy = Policy { max_bytes: None, ..policy };
        let kept = ids(&plan(&candidates, now(), &policy).keep);
        let more = ids(&plan(&candidates, now(), &enlarged(&policy, which, by)).keep);
        prop_assert!(kept.is_subset(&more));
    }

    #[test]
    fn bad_and_rotten_ones_change_nothing_for_good_ones(candidates in any_candidates(FEW), policy in any_policy()) {
        let good: Vec<_> = candidates.iter().filter(|candidate| candidate.mark.is_good()).cloned().collect();
        let alone = ids(&plan(&good, now(), &policy).keep);
        let mut among = ids(&plan(&candidates, now(), &policy).keep);
        among.retain(|id| good.iter().any(|candidate| candidate.id == *id));
        prop_assert_eq!(alone, among);
    }

    #[test]
    fn bounds_hold_but_for_what_never_goes(candidates in any_candidates(FEW), policy in any_policy()) {
        let shown = plan(&candidates, now(), &policy);
        let never_goes = |candidate: &&Candidate| {
            policy.pinned.contains(&candidate.id.seq())
                || [newest(&candidates, |mark| mark != Mark::Rotten), newest(&candidates, Mark::is_good)].contains(&Some(*candidate))
        };
        let kept = |mark: fn(Mark) -> bool| left(&candidates, &shown).filter(move |candidate| mark(candidate.mark));
        let may_go = |mark| bytes(kept(mark).filter(|candidate| !never_goes(candidate)));
        let bad: fn(Mark) -> bool = |mark| mark == Mark::Bad;
        if let Some(limit) = policy.max_bytes {
            prop_assert!(bytes(kept(Mark::is_good)) <= limit || may_go(Mark::is_good) == 0);
            prop_assert!(bytes(kept(|mark| mark != Mark::Rotten)) <= limit || may_go(bad) == 0);
        }
        if let Some(limit) = policy.max_age {
            let mut old = left(&candidates, &shown).filter(|candidate| now().duration_since(candidate.id.taken()) > limit);
            prop_assert!(old.all(|candidate| never_goes(&candidate)));
        }
    }
}

/// Ten thousand candidates that the bound takes one by one.
#[test]
fn ten_thousand_are_planned() {
    let minute = |n: u64| {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(i64::try_from(7 * n).expect("few"))
    };
    let candidates: Vec<_> = (0..10_000)
        .map(|n| of_content(n, n, minute(n), n % 97))
        .collect();
    for max_bytes in [0, 100_000, 400_000] {
        let policy = Policy {
            max_bytes: Some(max_bytes),
            ..Policy::keep_last(10_000)
        };
        let shown = plan(&candidates, now(), &policy);
        assert!(bytes(left(&candidates, &shown)) <= max_bytes.max(96));
    }
}

#[test]
fn what_each_mark_says() {
    let table = [
        (Mark::Checked, true, false),
        (Mark::Parsed, true, false),
        (Mark::Unchecked, true, true),
        (Mark::Bad, false, false),
        (Mark::Rotten, false, false),
    ];
    for (mark, good, unchecked) in table {
        assert_eq!(mark.is_good(), good, "{mark:?}");
        assert_eq!(mark.is_unchecked(), unchecked, "{mark:?}");
    }
}
