//! Which snapshots stay: a pure function of the candidates, the time and a policy, with a reason for each.
//!
//! Rules that keep are added up: what any of them keeps stays. The rules over time have restic's names and results: *the newest of
//! each of the last n hours, days, ISO weeks, months and years that have any*, in UTC. (The results are those of restic before
//! 0.16, as in Debian 12. Later ones also keep the oldest of all until a count is used up.) "Newest" means the highest sequence
//! number, so that a clock set back doesn't make an old snapshot the newest. A snapshot counts for the time from which its content was
//! live ([`Candidate::since`]), so that the newest of a day is what was there at its end; how old it is, is how long ago it was taken.
//!
//! **What counts.** Copies that are good, as their [`Mark`] says, take part in all rules. Copies that never were good
//! ([`Mark::Bad`]) are counted apart, the last [`Policy::bad`] of them, and use only the bytes that the good ones leave: they
//! never change what happens to a good one. A rotten copy ([`Mark::Rotten`]) counts for nothing and goes, unless it is pinned.
//!
//! **What is equal counts once.** A rule that has kept a content already neither counts an older copy of it nor keeps it in place
//! of another: going back and forth between two contents does not push out the others. Only the last n are kept as they are,
//! equal or not, and older ones until they are n different contents.
//!
//! **What never goes**, whatever the bounds: the newest snapshot that is not rotten, the newest good one, and pinned ones.
//!
//! **Bytes.** While the kept ones have more than [`Policy::max_bytes`], the hour with the most bytes gives its oldest, as long as an hour has
//! more than one; then likewise days, then months; then the oldest of all goes. So a large copy displaces its own hour before others.
//!
//! # Laws
//!
//! Held by tests (`n` candidates cost `O(n log n)`):
//!
//! - Keep and drop partition the candidates, and their order does not matter.
//! - Without a byte bound a policy with any count increased, or a greater `max_age`, keeps all that the smaller one keeps. With a bound it need not:
//!   what is kept more takes room.
//! - Planning again what was kept, at the same `now`, drops nothing. There is one exception: where the bound on bytes has dropped something and equal
//!   contents are among the candidates, an older copy of a content that stays may go.
//! - Leaving out all bad and rotten candidates changes nothing for the good ones.
//!
//! ```
//! use persist_backup::retention::{plan, Candidate, Mark, Policy};
//! use persist_backup::{digest, Id};
//!
//! let taken = |seq: u64, at: &str| Id::new(seq, at.parse().unwrap(), digest(&seq.to_le_bytes()));
//! let candidates = [
//!     Candidate::new(taken(1, "2026-11-21T18:00:00Z")),
//!     Candidate::new(taken(2, "2026-11-22T09:00:00Z")),
//!     Candidate { mark: Mark::Checked, ..Candidate::new(taken(3, "2026-11-22T09:30:00Z")) },
//!     Candidate { mark: Mark::Bad, ..Candidate::new(taken(4, "2026-11-22T09:31:00Z")) },
//! ];
//! let policy = Policy { daily: 7, ..Policy::keep_last(1) };
//! let plan = plan(&candidates, "2026-11-22T10:00:00Z".parse().unwrap(), &policy);
//! let reasons: Vec<String> = plan.keep.iter().map(|(id, why)| format!("{}: {why}", id.seq())).collect();
//! assert_eq!(reasons, ["4: the newest", "3: the last good one", "1: newest of 2026-11-21"]);
//! assert_eq!(plan.drop[0].1.to_string(), "no rule keeps it");
//! ```

mod calendar;
mod candidate;
mod decision;
mod plan;
mod policy;
mod room;
mod rules;
mod why;

use std::cmp::Reverse;

use jiff::Timestamp;

pub use candidate::{Candidate, Mark};
pub use plan::Plan;
pub use policy::Policy;
pub use why::Why;

/// Decides about every candidate in the list, which may come in any order. `now` is only for [`Policy::max_age`].
#[must_use]
pub fn plan(candidates: &[Candidate], now: Timestamp, policy: &Policy) -> Plan {
    let mut newest_first: Vec<_> = candidates.iter().collect();
    newest_first.sort_by_key(|candidate| Reverse(candidate.id));
    let (rotten, sound): (Vec<_>, Vec<_>) = newest_first
        .into_iter()
        .partition(|candidate| candidate.mark == Mark::Rotten);
    let newest = sound.first().map(|candidate| candidate.id);
    let (good, bad): (Vec<_>, Vec<_>) = sound
        .into_iter()
        .partition(|candidate| candidate.mark.is_good());
    let case = rules::Case {
        newest,
        now,
        policy,
    };
    let mut good = rules::decide_good(&good, &case);
    let mut bad = rules::decide_bad(&bad, &case);
    if let Some(most) = policy.max_bytes {
        let left = room::make(&mut good, most);
        room::make(&mut bad, left);
    }
    let rotten = rules::decide_rotten(&rotten, policy);
    Plan::of(good.into_iter().chain(bad).chain(rotten).collect())
}
