//! Some months of a file's life: what people come back for is still there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::Offset};
use persist_backup::Id;
use persist_backup::retention::{Candidate, Mark, Policy, plan};

use super::{Random, candidate, ids};

const SAVES: u64 = 10_000;

/// Bursts of saves within minutes, pauses of hours, some of days.
fn pause(random: &mut Random) -> SignedDuration {
    let seconds = match random.below(200) {
        0..150 => 1 + random.below(120),
        150..198 => random.below(4 * 3600),
        _ => random.below(4 * 86_400),
    };
    SignedDuration::from_secs(i64::try_from(seconds).expect("few"))
}

fn day_of(id: &Id) -> Date {
    Offset::UTC.to_datetime(id.taken()).date()
}

/// The life so far: all good copies there ever were, and those that are left.
#[derive(Default)]
struct Life {
    good: Vec<Id>,
    last_of_version: BTreeMap<String, Id>,
    left: Vec<Candidate>,
    most: usize,
}

impl Life {
    /// Each save is planned and pruned at its time, as in use; the second half is marked so.
    fn of(seed: u64, second_half: Mark, policy: &Policy) -> Self {
        let (mut random, mut life) = (Random(seed), Self::default());
        let mut now: Timestamp = "2026-01-05T08:00:00Z".parse().expect("a time");
        for seq in 1..=SAVES {
            now += pause(&mut random);
            let mark = if seq > SAVES / 2 {
                second_half
            } else {
                Mark::Checked
            };
            let version = format!("1.{}.0", seq * 7 / SAVES);
            let new = Candidate {
                mark,
                version: Some(version.clone()),
                ..candidate(seq, now, 200 + random.below(20_000))
            };
            if mark.is_good() {
                life.good.push(new.id);
                life.last_of_version.insert(version, new.id);
            }
            life.left.push(new);
            let kept = ids(&plan(&life.left, now, policy).keep);
            life.left.retain(|candidate| kept.contains(&candidate.id));
            life.most = life.most.max(life.left.len());
        }
        life
    }

    fn has(&self, id: &Id) -> bool {
        self.left.iter().any(|candidate| candidate.id == *id)
    }

    /// The last good one of each day that had any.
    fn last_of_days(&self) -> BTreeMap<Date, Id> {
        let days = self.good.iter().map(|id| (day_of(id), *id));
        days.collect()
    }
}

#[test]
fn after_ten_thousand_saves_each_point_in_time_is_there() {
    for (seed, second_half) in [(1, Mark::Bad), (2, Mark::Parsed)] {
        let life = Life::of(seed, second_half, &Policy::default());
        let days = life.last_of_days();
        assert!(days.len() > 60, "months, not {} days", days.len());
        let last_good = life.good.last().expect("a good one");
        assert!(life.has(last_good), "the last good one");
        for (day, id) in days.iter().rev().take(30) {
            assert!(life.has(id), "the last of {day}: yesterday's, last week's");
        }
        let months: BTreeMap<_, _> = days
            .iter()
            .map(|(day, id)| (day.first_of_month(), id))
            .collect();
        for (month, id) in months.iter().rev().take(12) {
            assert!(life.has(id), "the last of the month of {month}");
        }
        for (version, id) in &life.last_of_version {
            assert!(life.has(id), "the last of version {version}");
        }
        for id in life.good.iter().rev().take(10) {
            assert!(life.has(id), "{id} of the last ten");
        }
        let bad = life
            .left
            .iter()
            .filter(|candidate| candidate.mark == Mark::Bad);
        assert_eq!(bad.count(), if second_half == Mark::Bad { 5 } else { 0 });
        assert!(life.most < 110, "{} at once", life.most);
    }
}

/// With room for a tenth of it, days become rarer with age, and what must not go has not.
#[test]
fn with_little_room_the_history_gets_thin_not_short() {
    let policy = Policy {
        max_bytes: Some(100_000),
        pinned: BTreeSet::from([700]),
        ..Policy::default()
    };
    for (seed, second_half) in [(5, Mark::Bad), (6, Mark::Parsed)] {
        let life = Life::of(seed, second_half, &policy);
        let bytes: u64 = life
            .left
            .iter()
            .filter(|c| c.mark.is_good())
            .map(|c| c.len)
            .sum();
        assert!(bytes <= 100_000, "{bytes}");
        assert!(life.has(life.good.last().expect("a good one")));
        assert!(life.left.iter().any(|candidate| candidate.id.seq() == 700));
        let left = |candidate: &Candidate| {
            candidate
                .mark
                .is_good()
                .then(|| day_of(&candidate.id).first_of_month())
        };
        let months: BTreeSet<_> = life.left.iter().filter_map(left).collect();
        assert!(months.len() >= 3, "{months:?}");
    }
}
