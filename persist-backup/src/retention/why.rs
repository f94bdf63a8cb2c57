//! Why a snapshot stays or goes.

use std::fmt;

use jiff::civil::{Date, DateTime};

/// Why a snapshot stays or goes. Of several reasons to stay, the first in this order is given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Stays: it is the newest.
    Newest,
    /// Stays: the policy pins it.
    Pinned,
    /// Stays: it is the newest that was good.
    LastGood,
    /// Stays: it is the n-th newest good one, within the last that are kept.
    Last(u32),
    /// Stays: the newest of the hour that starts then, in UTC.
    Hourly(DateTime),
    /// Stays: the newest of this day.
    Daily(Date),
    /// Stays: the newest of the ISO week that starts on this Monday.
    Weekly(Date),
    /// Stays: the newest of the month that starts on this day.
    Monthly(Date),
    /// Stays: the newest of this year.
    Yearly(i16),
    /// Stays: the last of this schema version.
    Version(String),
    /// Stays: it never was good, and is the n-th content of those that are kept.
    Bad(u32),
    /// Stays: one of the next undos needs it.
    Undo,
    /// Stays: it can't be read now, so nothing is known of it; it counts for nothing.
    Unreadable,
    /// Goes: no rule keeps it, or only a newer copy of the same content.
    Surplus,
    /// Goes: over the age limit.
    TooOld,
    /// Goes: what is kept would have too many bytes.
    NoRoom,
    /// Goes: its bytes are not what its name says.
    Rotten,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => write!(f, "the newest"),
            Self::Pinned => write!(f, "pinned"),
            Self::LastGood => write!(f, "the last good one"),
            Self::Last(n) => write!(f, "number {n} of the last"),
            Self::Hourly(at) => write!(
                f,
                "newest of {} {:02}:00 to {:02}:59",
                at.date(),
                at.hour(),
                at.hour()
            ),
            Self::Daily(day) => write!(f, "newest of {day}"),
            Self::Weekly(monday) => write!(f, "newest of the week of {monday}"),
            Self::Monthly(first) => write!(f, "newest of {:04}-{:02}", first.year(), first.month()),
            Self::Yearly(year) => write!(f, "newest of {year:04}"),
            Self::Version(version) => write!(f, "the last of schema version {version}"),
            Self::Bad(n) => write!(f, "number {n} of the last that were not good"),
            Self::Undo => write!(f, "undo needs it"),
            Self::Unreadable => write!(f, "cannot be read now"),
            Self::Surplus => write!(f, "no rule keeps it"),
            Self::TooOld => write!(f, "over the age limit"),
            Self::NoRoom => write!(f, "over the size limit"),
            Self::Rotten => write!(
                f,
                "damaged: its content does not match the digest in its name"
            ),
        }
    }
}
