//! The rules that keep, each independent of the others.
//!
//! A rule goes from the newest to the oldest and decides by what it has kept itself. Two laws follow. What one rule keeps does not
//! depend on the others, so more rules never keep less; and given only what is kept it decides the same again, because what it did not keep
//! had no part in its decisions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::calendar;
use super::candidate::Candidate;
use super::decision::Decision;
use super::policy::Policy;
use super::why::Why;
use crate::{Digest, Id};

/// What all decisions of a plan have in common.
pub(super) struct Case<'a> {
    /// The newest that is not rotten.
    pub(super) newest: Option<Id>,
    pub(super) now: Timestamp,
    pub(super) policy: &'a Policy,
}

impl Case<'_> {
    fn pins(&self, id: &Id) -> bool {
        self.policy.pinned.contains(&id.seq())
    }

    fn never_goes(&self, id: &Id) -> Option<Why> {
        let newest = (self.newest == Some(*id)).then_some(Why::Newest);
        newest.or(self.pins(id).then_some(Why::Pinned))
    }

    fn too_old(&self, id: &Id) -> bool {
        let limit = self.policy.max_age;
        limit.is_some_and(|limit| self.now.duration_since(id.taken()) > limit)
    }

    fn undo(&self, candidate: &Candidate) -> Option<Why> {
        (self.policy.undo > 0 && candidate.wanted_by_undo).then_some(Why::Undo)
    }
}

/// Of good candidates, newest first. The first reason is given; each rule still counts what it keeps as its own.
pub(super) fn decide_good<'a>(good: &[&'a Candidate], case: &Case<'_>) -> Vec<Decision<'a>> {
    let policy = case.policy;
    let mut last = Last::new(policy.last);
    let mut periods = Period::of(policy);
    let mut versions = BTreeSet::new();
    let mut decisions = Vec::with_capacity(good.len());
    for (index, candidate) in good.iter().enumerate() {
        let id = &candidate.id;
        let mut kept_by = last.keeps(id);
        for period in &mut periods {
            let keeps = period.keeps(candidate);
            kept_by = kept_by.or(keeps);
        }
        if let Some(version) = candidate.version.as_ref().filter(|_| policy.versions)
            && versions.insert(version)
        {
            kept_by = kept_by.or_else(|| Some(Why::Version(version.clone())));
        }
        let kept_by = kept_by.or_else(|| case.undo(candidate));
        let last_good = (index == 0).then_some(Why::LastGood);
        decisions.push(match case.never_goes(id).or(last_good) {
            Some(why) => Decision::fixed(candidate, why),
            None => Decision::of_rules(candidate, kept_by, case.too_old(id)),
        });
    }
    decisions
}

/// Of candidates that never were good, newest first.
pub(super) fn decide_bad<'a>(bad: &[&'a Candidate], case: &Case<'_>) -> Vec<Decision<'a>> {
    let mut contents = BTreeSet::new();
    let mut decide = |candidate: &&'a Candidate| {
        let id = &candidate.id;
        let counted = below(contents.len(), case.policy.bad) && contents.insert(id.digest());
        let kept_by = counted.then(|| Why::Bad(number(contents.len())));
        let kept_by = kept_by.or_else(|| case.undo(candidate));
        match case.never_goes(id) {
            Some(why) => Decision::fixed(candidate, why),
            None => Decision::of_rules(candidate, kept_by, case.too_old(id)),
        }
    };
    bad.iter().map(&mut decide).collect()
}

pub(super) fn decide_rotten<'a>(rotten: &[&'a Candidate], policy: &Policy) -> Vec<Decision<'a>> {
    let decide = |candidate: &&'a Candidate| {
        if policy.pinned.contains(&candidate.id.seq()) {
            return Decision::fixed(candidate, Why::Pinned);
        }
        let mut decision = Decision::of_rules(candidate, None, false);
        decision.drop(Why::Rotten);
        decision
    };
    rotten.iter().map(decide).collect()
}

/// The last n, and older ones until there are n different contents.
struct Last {
    count: u32,
    seen: usize,
    contents: BTreeSet<Digest>,
}

impl Last {
    fn new(count: u32) -> Self {
        Self {
            count,
            seen: 0,
            contents: BTreeSet::new(),
        }
    }

    fn keeps(&mut self, id: &Id) -> Option<Why> {
        let different = below(self.contents.len(), self.count) && self.contents.insert(id.digest());
        let last = below(self.seen, self.count);
        self.seen += 1;
        (last || different).then(|| Why::Last(number(self.seen)))
    }
}

/// The newest of each of the last n hours, days, … that have any, each content once.
struct Period {
    count: u32,
    start_of: fn(DateTime) -> DateTime,
    reason: fn(DateTime) -> Why,
    /// The periods that have their snapshot already.
    taken: BTreeSet<DateTime>,
    contents: BTreeSet<Digest>,
}

impl Period {
    fn of(policy: &Policy) -> [Self; 5] {
        let period = |count, start_of, reason| Self {
            count,
            start_of,
            reason,
            taken: BTreeSet::new(),
            contents: BTreeSet::new(),
        };
        [
            period(policy.hourly, calendar::hour, Why::Hourly),
            period(policy.daily, calendar::day, |at| Why::Daily(at.date())),
            period(policy.weekly, calendar::week, |at| Why::Weekly(at.date())),
            period(policy.monthly, calendar::month, |at| {
                Why::Monthly(at.date())
            }),
            period(policy.yearly, calendar::year, |at| Why::Yearly(at.year())),
        ]
    }

    fn keeps(&mut self, candidate: &Candidate) -> Option<Why> {
        let content = candidate.id.digest();
        if !below(self.taken.len(), self.count) || self.contents.contains(&content) {
            return None;
        }
        let start = (self.start_of)(calendar::moment(candidate));
        let keeps = self.taken.insert(start);
        keeps.then(|| {
            self.contents.insert(content);
            (self.reason)(start)
        })
    }
}

fn below(len: usize, count: u32) -> bool {
    u32::try_from(len).is_ok_and(|len| len < count)
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
