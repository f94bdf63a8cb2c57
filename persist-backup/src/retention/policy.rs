//! What to keep.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What to keep, in restic's words: the rules are added up, and the bounds take from what they keep.
///
/// [`Policy::default`] is for a file's history: the last 10, the newest of each of the last 24 hours, 30 days and 12 months, the last of each
/// schema version, what 100 undos need, the last 5 that never were good, and 64 MiB at most.
///
/// Serialised in kebab-case. Fields that are not there are 0 or none, *not* those of the default, and unknown ones are ignored: what is written
/// says all. An empty policy keeps only what never goes (restic keeps everything then).
///
/// ```
/// use persist_backup::retention::Policy;
///
/// let policy: Policy = serde_json::from_str(r#"{"last": 20, "daily": 90, "pinned": [12], "max-age": "2160h"}"#)?;
/// assert_eq!((policy.last, policy.hourly, policy.max_bytes), (20, 0, None));
/// assert_eq!(policy.max_age.unwrap().as_hours(), 90 * 24);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// The newest this many good ones, and older ones until there are so many different contents.
    #[serde(default)]
    pub last: u32,
    /// The newest of each of the last this many hours that have any, in UTC. An equal content counts once in this rule, as in the next four.
    #[serde(default)]
    pub hourly: u32,
    /// The same by day.
    #[serde(default)]
    pub daily: u32,
    /// The same by ISO week (Monday to Sunday).
    #[serde(default)]
    pub weekly: u32,
    /// The same by calendar month.
    #[serde(default)]
    pub monthly: u32,
    /// The same by calendar year.
    #[serde(default)]
    pub yearly: u32,
    /// The last of each schema version.
    #[serde(default)]
    pub versions: bool,
    /// What the next this many undos need, as the caller marks it, who knows the history
    /// ([`Candidate::wanted_by_undo`](super::Candidate::wanted_by_undo)). A plan only asks whether it is 0: then the marks are ignored. `persist-core` knows the
    /// last 100 changes.
    #[serde(default)]
    pub undo: u32,
    /// The last this many different contents of those that never were good. They take only the bytes that good ones leave.
    #[serde(default)]
    pub bad: u32,
    /// Those with these sequence numbers, whatever they are and whatever the bounds. If several copies bear one number, all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pinned: BTreeSet<u64>,
    /// Nothing older than this, but for what never goes. Written in hours and below: `72h`, or ISO 8601 (`PT72H`). A snapshot from the future (the
    /// clock was set back) has no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<SignedDuration>,
    /// No more than this many bytes as stored, but for what never goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            hourly: 24,
            daily: 30,
            monthly: 12,
            versions: true,
            undo: 100,
            bad: 5,
            max_bytes: Some(64 * 1024 * 1024),
            ..Self::keep_last(10)
        }
    }
}

impl Policy {
    /// The last `count` good ones and nothing else, without bounds. What never goes stays even for 0.
    #[must_use]
    pub fn keep_last(count: u32) -> Self {
        Self {
            last: count,
            hourly: 0,
            daily: 0,
            weekly: 0,
            monthly: 0,
            yearly: 0,
            versions: false,
            undo: 0,
            bad: 0,
            pinned: BTreeSet::new(),
            max_age: None,
            max_bytes: None,
        }
    }
}
