//! The names of what a save found in the place of its own file and could not take for its own: moved to quarantine as it was.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::Digest;
use serde::{Deserialize, Serialize};

use crate::place;

/// A file that a save has found in the place of its own and moved to quarantine as it was: it belongs to somebody else, or has another
/// name.
///
/// Its name tells nothing of its content, which may be nobody's business here: so its digest is known, and journalled, only where it has become
/// a plain file of the folder's owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Foreign {
    /// Its name, relative to the state folder: `quarantine/foreign-<number>-<milliseconds>`.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    /// SHA-256 of its content, where that may be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

impl Foreign {
    pub(crate) fn new(name: &str, len: u64, sha256: Option<Digest>) -> Option<Foreign> {
        parts(name)?;
        Some(Foreign {
            name: format!("{}/{name}", place::QUARANTINE),
            len,
            sha256,
        })
    }

    /// The number of the save that met it.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        parts(self.name_there()?).map(|(number, _)| number)
    }

    /// When it was moved to quarantine.
    #[must_use]
    pub fn taken(&self) -> Option<Timestamp> {
        parts(self.name_there()?).map(|(_, taken)| taken)
    }

    /// Its name within the quarantine.
    fn name_there(&self) -> Option<&str> {
        within_quarantine(&self.name)
    }

    /// Whether it was put there before that moment.
    pub(crate) fn is_before(&self, moment: Timestamp) -> bool {
        self.taken().is_some_and(|taken| taken < moment)
    }

    /// Whether one of these numbers is its own, or one of these contents is known to be.
    pub(crate) fn is_among(&self, numbers: &BTreeSet<u64>, contents: &BTreeSet<Digest>) -> bool {
        self.number().is_some_and(|n| numbers.contains(&n))
            || self
                .sha256
                .is_some_and(|content| contents.contains(&content))
    }
}

/// The name for what save `number` has met.
pub(crate) fn name(number: u64, now: Timestamp) -> String {
    format!("foreign-{number}-{}", now.as_millisecond())
}

/// The name within the quarantine of what a journal names so; any other text is none, for it could lead out of the folder.
pub(crate) fn within_quarantine(name: &str) -> Option<&str> {
    let name = name.strip_prefix(place::QUARANTINE)?.strip_prefix('/')?;
    parts(name).map(|_| name)
}

/// The number and the time in a name; `None` where [`name`] has not made it.
fn parts(text: &str) -> Option<(u64, Timestamp)> {
    let (number, millis) = text.strip_prefix("foreign-")?.split_once('-')?;
    let number = number.parse().ok()?;
    let taken = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
    (name(number, taken) == text).then_some((number, taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_names_are_read() {
        let now = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let ours = name(7, now);
        assert_eq!(ours, "foreign-7-1700000000123");
        let found = Foreign::new(&ours, 3, None).unwrap();
        assert_eq!((found.number(), found.taken()), (Some(7), Some(now)));
        assert_eq!(within_quarantine(&found.name), Some(&*ours));
        for other in [
            "foreign-7",
            "foreign-7-",
            "foreign-07-1700000000123",
            "foreign-7-+1",
            "foreign--7-1",
            "foreign-7-1/../../x",
            "foreign-7-1.tmp",
            "../foreign-7-1",
        ] {
            assert_eq!(Foreign::new(other, 0, None), None, "{other}");
            assert_eq!(within_quarantine(&format!("quarantine/{other}")), None);
        }
        assert_eq!(within_quarantine("backups/foreign-7-1"), None);
        assert_eq!(within_quarantine("foreign-7-1"), None);
    }
}
