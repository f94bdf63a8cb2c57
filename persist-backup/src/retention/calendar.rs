//! The hours, days, weeks, months and years of UTC, each as the moment when it starts.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, tz::Offset};

use super::Candidate;

/// The moment that a snapshot stands for.
pub(super) fn moment(candidate: &Candidate) -> DateTime {
    let since = candidate.since.unwrap_or_else(|| candidate.id.taken());
    Offset::UTC.to_datetime(since)
}

pub(super) fn hour(at: DateTime) -> DateTime {
    at.date().at(at.hour(), 0, 0, 0)
}

pub(super) fn day(at: DateTime) -> DateTime {
    midnight(at.date())
}

/// The Monday of the ISO week; the day itself at the very start of the calendar.
pub(super) fn week(at: DateTime) -> DateTime {
    let day = at.date();
    let back = i64::from(day.weekday().to_monday_zero_offset());
    midnight(
        day.checked_sub(SignedDuration::from_hours(24 * back))
            .unwrap_or(day),
    )
}

pub(super) fn month(at: DateTime) -> DateTime {
    midnight(at.date().first_of_month())
}

pub(super) fn year(at: DateTime) -> DateTime {
    midnight(at.date().first_of_year())
}

fn midnight(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}
