//! The name of a snapshot, which certifies its content.

use std::fmt;
use std::str::FromStr;

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Digest;

/// Which snapshot: a sequence number, when it was taken, and the SHA-256 of its plain bytes.
///
/// Printed as the snapshot's file name without `.lz4`: `00000007-20261122T194500.123Z-<64 hex digits>`.
/// Ordered by sequence number first, so that a clock set back doesn't make an old snapshot the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    seq: u64,
    taken: Timestamp,
    digest: Digest,
}

impl Id {
    /// `taken` is cut to whole milliseconds and to the years 0 to 9999, which is what the name can say.
    #[must_use]
    pub fn new(seq: u64, taken: Timestamp, digest: Digest) -> Self {
        const YEAR_0: i64 = -62_167_219_200_000;
        let millisecond = taken.as_nanosecond().div_euclid(1_000_000);
        let millisecond = i64::try_from(millisecond).unwrap_or(YEAR_0).max(YEAR_0);
        Self {
            seq,
            taken: Timestamp::from_millisecond(millisecond).unwrap_or(taken),
            digest,
        }
    }

    /// Counts up from 1 within a folder.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When the snapshot was taken, in whole milliseconds.
    #[must_use]
    pub fn taken(&self) -> Timestamp {
        self.taken
    }

    /// SHA-256 of the plain (uncompressed) bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What people call it: sequence number and the start of the digest.
    #[must_use]
    pub fn short(&self) -> String {
        format!("#{} {}", self.seq, self.digest.short())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Offset::UTC.to_datetime(self.taken);
        write!(
            f,
            "{:08}-{:04}{:02}{:02}T{:02}{:02}{:02}.{:03}Z-{}",
            self.seq,
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond(),
            self.digest
        )
    }
}

/// The text is not the name of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a backup name (<sequence>-<UTC time>-<SHA-256>)")]
pub struct ParseIdError;

impl FromStr for Id {
    type Err = ParseIdError;

    /// Accepts exactly what `Display` prints: any other spelling of the same values is refused, so that one snapshot
    /// can't have two names.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let id = parse(text).ok_or(ParseIdError)?;
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(ParseIdError)
        }
    }
}

fn parse(text: &str) -> Option<Id> {
    let mut parts = text.splitn(3, '-');
    let seq = parts.next()?.parse().ok()?;
    let taken = parse_time(parts.next()?)?;
    let digest = parts.next()?.parse().ok()?;
    Some(Id { seq, taken, digest })
}

/// `20261122T194500.123Z`.
fn parse_time(text: &str) -> Option<Timestamp> {
    if text.len() != 20 || !text.is_ascii() {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let small = |from: usize, to: usize| text[from..to].parse::<i8>().ok();
    let date = jiff::civil::Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
    let nanosecond = i32::from(number(16, 19)?).checked_mul(1_000_000)?;
    let time = jiff::civil::Time::new(small(9, 11)?, small(11, 13)?, small(13, 15)?, nanosecond);
    Offset::UTC.to_timestamp(date.to_datetime(time.ok()?)).ok()
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
