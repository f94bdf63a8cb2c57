//! The bound on bytes.
//!
//! What is dense goes first: while there is too much, the hour with the most bytes gives its oldest copy, as long as one has more than its newest.
//! Then the same with days, and with months; then what is left goes from the oldest end. An hour's bytes are those of all its kept copies, the ones
//! that may not go too, so a large copy displaces its own hour before others. And what goes is always older than what its hour (day, month) keeps, so
//! that no rule over time has anything else to keep afterwards: planning again drops nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use jiff::civil::DateTime;

use super::calendar;
use super::decision::Decision;
use super::why::Why;

/// Drops until what is kept of these, newest first, has no more than `most` bytes or nothing may go. Gives the bytes that are left.
pub(super) fn make(decisions: &mut [Decision<'_>], most: u64) -> u64 {
    let kept = decisions.iter().filter(|decision| decision.keep);
    // Lengths may be anybody's claim: their sum is taken in more bits.
    let mut total: u128 = kept
        .map(|decision| u128::from(decision.candidate.len))
        .sum();
    let most = u128::from(most);
    for start_of in [calendar::hour, calendar::day, calendar::month] {
        if total > most {
            thin(decisions, start_of, &mut total, most);
        }
    }
    let removable = |decision: &&mut Decision<'_>| decision.keep && !decision.fixed;
    for decision in decisions.iter_mut().rev().filter(removable) {
        if total <= most {
            break;
        }
        total -= u128::from(decision.candidate.len);
        decision.drop(Why::NoRoom);
    }
    u64::try_from(most.saturating_sub(total)).unwrap_or(u64::MAX)
}

/// What one hour, day or month keeps.
#[derive(Default)]
struct Bucket {
    bytes: u128,
    /// Whether its newest is known, which is not for this step to drop.
    has_newest: bool,
    /// Places of what may go, newest first.
    removable: Vec<usize>,
}

fn thin(
    decisions: &mut [Decision<'_>],
    start_of: fn(DateTime) -> DateTime,
    total: &mut u128,
    most: u128,
) {
    let mut buckets: BTreeMap<DateTime, Bucket> = BTreeMap::new();
    for (place, decision) in decisions.iter().enumerate().filter(|(_, d)| d.keep) {
        let start = start_of(calendar::moment(decision.candidate));
        let bucket = buckets.entry(start).or_default();
        bucket.bytes += u128::from(decision.candidate.len);
        if bucket.has_newest && !decision.fixed {
            bucket.removable.push(place);
        }
        bucket.has_newest = true;
    }
    // Of two with as many bytes the older.
    let rank = |(start, bucket): (&DateTime, &Bucket)| (bucket.bytes, Reverse(*start));
    let mut densest: BinaryHeap<_> = buckets.iter().map(rank).collect();
    while *total > most
        && let Some((_, Reverse(start))) = densest.pop()
    {
        let Some(bucket) = buckets.get_mut(&start) else {
            continue;
        };
        let Some(place) = bucket.removable.pop() else {
            continue;
        };
        let len = u128::from(decisions[place].candidate.len);
        decisions[place].drop(Why::NoRoom);
        *total -= len;
        bucket.bytes -= len;
        densest.push((bucket.bytes, Reverse(start)));
    }
}
