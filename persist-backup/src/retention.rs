//! Which snapshots stay: a pure function of the list, the time and a policy, with a reason for each.
//!
//! Rules that keep are added up (grandfather, father, son: the last N, and the newest of each of the last N days,
//! ISO weeks and months, in UTC). The same content twice counts once among the last N, so that going back and forth
//! between a few contents does not push out the others. Limits of age and size then take from the oldest end. The newest snapshot and
//! pinned ones always stay.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use crate::{Id, Snapshot};

/// What to keep. [`Policy::default`] keeps the last ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The newest this many, and older ones until there are so many different contents.
    pub last: usize,
    /// The newest of each of the last this many days that have any.
    pub daily: usize,
    /// The same by ISO week (Monday to Sunday).
    pub weekly: usize,
    /// The same by calendar month.
    pub monthly: usize,
    /// These, whatever the other rules say.
    pub pinned: BTreeSet<Id>,
    /// Nothing older than this, unless it is the newest or pinned.
    pub max_age: Option<SignedDuration>,
    /// No more than this many bytes as stored. The newest and pinned ones count first and stay even beyond it.
    pub max_bytes: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::keep_last(10)
    }
}

impl Policy {
    /// The last `count` and nothing else; the newest stays even for 0.
    #[must_use]
    pub fn keep_last(count: usize) -> Self {
        Self {
            last: count,
            daily: 0,
            weekly: 0,
            monthly: 0,
            pinned: BTreeSet::new(),
            max_age: None,
            max_bytes: None,
        }
    }
}

/// Why a snapshot stays or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Stays: it is the newest.
    Newest,
    /// Stays: the policy pins it.
    Pinned,
    /// Stays: it is the n-th newest, within the last that are kept.
    Last(usize),
    /// Stays: the newest of this day.
    Daily(Date),
    /// Stays: the newest of the ISO week that starts on this Monday.
    Weekly(Date),
    /// Stays: the newest of the month that starts on this day.
    Monthly(Date),
    /// Goes: no rule keeps it.
    Surplus,
    /// Goes: older than the greatest age.
    TooOld,
    /// Goes: the newer ones use up the bytes.
    NoRoom,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => write!(f, "the newest"),
            Self::Pinned => write!(f, "pinned"),
            Self::Last(n) => write!(f, "number {n} of the last"),
            Self::Daily(day) => write!(f, "newest of {day}"),
            Self::Weekly(monday) => write!(f, "newest of the week of {monday}"),
            Self::Monthly(first) => write!(f, "newest of {:04}-{:02}", first.year(), first.month()),
            Self::Surplus => write!(f, "no rule keeps it"),
            Self::TooOld => write!(f, "older than the greatest age"),
            Self::NoRoom => write!(f, "newer ones use up the bytes"),
        }
    }
}

/// What stays and what goes, each newest first, with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What stays.
    pub keep: Vec<(Id, Why)>,
    /// What goes.
    pub drop: Vec<(Id, Why)>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<_> = self
            .keep
            .iter()
            .map(|(id, why)| (id, "keep", why))
            .collect();
        lines.extend(self.drop.iter().map(|(id, why)| (id, "drop", why)));
        lines.sort_by(|a, b| b.0.cmp(a.0));
        writeln!(f, "keep {}, drop {}", self.keep.len(), self.drop.len())?;
        for (id, verb, why) in lines {
            writeln!(
                f,
                "  {verb} {:>4}  {}  {}  {why}",
                id.seq(),
                id.taken(),
                id.digest().short()
            )?;
        }
        Ok(())
    }
}

/// Decides about every snapshot in the list, which may come in any order.
#[must_use]
pub fn plan(snapshots: &[Snapshot], now: Timestamp, policy: &Policy) -> Plan {
    let mut newest_first: Vec<_> = snapshots.iter().collect();
    newest_first.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.id));
    let mut rules = Rule::of(policy);
    let mut bytes_left = room(&newest_first, policy);
    let mut plan = Plan::default();
    let mut contents = BTreeSet::new();
    for (index, snapshot) in newest_first.into_iter().enumerate() {
        let id = snapshot.id;
        let different = contents.insert(id.digest()) && contents.len() <= policy.last;
        let last = different || index < policy.last;
        match wanted(&mut rules, index, last, &id, policy) {
            Some(why @ (Why::Newest | Why::Pinned)) => plan.keep.push((id, why)),
            Some(_) if too_old(&id, now, policy) => plan.drop.push((id, Why::TooOld)),
            Some(why) => {
                // Once something had no room, nothing older slips in because it is smaller, or even empty.
                bytes_left = bytes_left.and_then(|left| left.checked_sub(snapshot.stored_len));
                match bytes_left {
                    Some(_) => plan.keep.push((id, why)),
                    None => plan.drop.push((id, Why::NoRoom)),
                }
            }
            None => plan.drop.push((id, Why::Surplus)),
        }
    }
    plan
}

/// The bytes that are left for what the rules keep, after the newest and the pinned snapshots have had theirs; `None` if
/// these need more than there is.
fn room(newest_first: &[&Snapshot], policy: &Policy) -> Option<u64> {
    let forced = |(index, snapshot): &(usize, &&Snapshot)| {
        *index == 0 || policy.pinned.contains(&snapshot.id)
    };
    let forced: u64 = newest_first
        .iter()
        .enumerate()
        .filter(forced)
        .map(|(_, snapshot)| snapshot.stored_len)
        .sum();
    policy.max_bytes.unwrap_or(u64::MAX).checked_sub(forced)
}

/// A snapshot from the future (the clock was set back) has no age.
fn too_old(id: &Id, now: Timestamp, policy: &Policy) -> bool {
    policy
        .max_age
        .is_some_and(|limit| now.duration_since(id.taken()) > limit)
}

/// Keeps the newest of each of so many days, weeks or months.
struct Rule {
    limit: usize,
    bucket_of: fn(Date) -> Date,
    reason: fn(Date) -> Why,
    /// The buckets that have their snapshot already.
    taken: BTreeSet<Date>,
}

impl Rule {
    fn new(limit: usize, bucket_of: fn(Date) -> Date, reason: fn(Date) -> Why) -> Self {
        Self {
            limit,
            bucket_of,
            reason,
            taken: BTreeSet::new(),
        }
    }

    fn of(policy: &Policy) -> [Self; 3] {
        [
            Self::new(policy.daily, |day| day, Why::Daily),
            Self::new(policy.weekly, monday_of, Why::Weekly),
            Self::new(policy.monthly, Date::first_of_month, Why::Monthly),
        ]
    }

    fn wants(&mut self, day: Date) -> Option<Why> {
        let bucket = (self.bucket_of)(day);
        let wanted = self.taken.len() < self.limit && self.taken.insert(bucket);
        wanted.then(|| (self.reason)(bucket))
    }
}

/// Called from the newest to the oldest. The first rule that wants a snapshot gives the reason; each rule still counts
/// it as its own.
fn wanted(rules: &mut [Rule], index: usize, last: bool, id: &Id, policy: &Policy) -> Option<Why> {
    let day = Offset::UTC.to_datetime(id.taken()).date();
    let by_rule: Vec<_> = rules
        .iter_mut()
        .filter_map(|rule| rule.wants(day))
        .collect();
    match index {
        0 => Some(Why::Newest),
        _ if policy.pinned.contains(id) => Some(Why::Pinned),
        _ if last => Some(Why::Last(index + 1)),
        _ => by_rule.first().copied(),
    }
}

/// The Monday of the day's ISO week; the day itself at the very start of the calendar.
fn monday_of(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(SignedDuration::from_hours(24 * back))
        .unwrap_or(day)
}
