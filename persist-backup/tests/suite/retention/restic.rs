//! What restic keeps of 1,000 random histories (`tests/restic/make.py`) is what we keep.

use jiff::{SignedDuration, Timestamp};
use persist_backup::retention::{Candidate, Policy, plan};

use super::candidate;

#[test]
fn restic_keeps_the_same() {
    let histories = include_str!("../../restic/histories.txt");
    let (mut dropped, mut count) = (0, 0);
    for history in histories.lines() {
        let [policy, times, expected] = parts(history);
        let (policy, candidates) = (policy_of(policy), candidates_of(times));
        let shown = plan(&candidates, Timestamp::UNIX_EPOCH, &policy);
        let place = |id| candidates.iter().position(|candidate| candidate.id == id);
        let kept: Vec<_> = shown.keep.iter().filter_map(|(id, _)| place(*id)).collect();
        let expected: Vec<usize> = numbers(expected).collect();
        assert_eq!(kept, expected, "{history}\n{shown}");
        dropped += shown.drop.len();
        count += 1;
    }
    assert_eq!(count, 1000);
    assert!(dropped > 5000, "{dropped}: the policies hardly decide");
}

fn parts(history: &str) -> [&str; 3] {
    let parts: Vec<_> = history.split(';').collect();
    parts.try_into().expect("policy; times; kept")
}

fn numbers<T: std::str::FromStr>(text: &str) -> impl Iterator<Item = T> {
    let number = |word: &str| word.parse().ok().expect("a number");
    text.split_whitespace().map(number)
}

fn policy_of(text: &str) -> Policy {
    let mut policy = Policy::keep_last(0);
    for rule in text.split_whitespace() {
        let (name, count) = rule.split_once('=').expect("rule=count");
        let field = match name {
            "last" => &mut policy.last,
            "hourly" => &mut policy.hourly,
            "daily" => &mut policy.daily,
            "weekly" => &mut policy.weekly,
            "monthly" => &mut policy.monthly,
            "yearly" => &mut policy.yearly,
            other => panic!("no rule {other}"),
        };
        *field = count.parse().expect("a count");
    }
    policy
}

/// The first number is minutes since 1970, the others are minutes before the one above.
fn candidates_of(text: &str) -> Vec<Candidate> {
    let gaps: Vec<i64> = numbers(text).collect();
    let mut minute = 2 * gaps[0];
    let mut seq = gaps.len() as u64;
    let older = |gap: &i64| {
        minute -= gap;
        seq -= 1;
        let taken = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        candidate(seq, taken, 1)
    };
    gaps.iter().map(older).collect()
}
