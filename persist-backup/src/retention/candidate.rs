//! What retention needs to know of a snapshot.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Id, Snapshot};

/// One snapshot to decide about. Nothing of it is looked up: whoever calls knows it, from a journal or from the folder.
///
/// [`Candidate::new`] is one of which only the identity is known; set what else is:
/// `Candidate { len: 120, ..Candidate::new(id) }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Sequence number, time and digest.
    pub id: Id,
    /// Length in bytes as stored, so compressed where it is; 0 where it is unknown, which then takes no room.
    pub len: u64,
    /// Whether its content was good when it was live.
    pub mark: Mark,
    /// The schema version of its content, in any spelling that is always the same.
    pub version: Option<String>,
    /// Since when its content was live, where that is known and not the moment it was taken. The rules over time go by it: a copy that is
    /// taken when something replaces it, as a save does, stands for the evening before, say, and not for the morning of
    /// the save.
    pub since: Option<Timestamp>,
    /// Whether one of the next [`Policy::undo`](super::Policy::undo) undos needs it. The caller knows the history.
    pub wanted_by_undo: bool,
}

impl Candidate {
    /// Unchecked, of unknown length, without a version, live since it was taken, not wanted by undo.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            len: 0,
            mark: Mark::Unchecked,
            version: None,
            since: None,
            wanted_by_undo: false,
        }
    }
}

/// With the length as stored, and the schema version that the note tells.
impl From<&Snapshot> for Candidate {
    fn from(snapshot: &Snapshot) -> Self {
        let meta = snapshot.meta.as_ref();
        Self {
            len: snapshot.stored_len,
            version: meta.and_then(|meta| meta.schema_version.clone()),
            ..Self::new(snapshot.id)
        }
    }
}

/// Whether a content was good when it was live, and whether its copy still holds it.
///
/// Serialised in kebab-case: `"checked"`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// A schema or the application's own check said yes. Good.
    Checked,
    /// A parser read it; nothing said what it should hold. Good.
    Parsed,
    /// Nobody looked: no parser in that build, an unknown format, or a copy from before there were marks. Counts as good.
    #[default]
    Unchecked,
    /// The parser refused it when it was live: it never was good.
    Bad,
    /// The copy's bytes are not what its name says: there is nothing to go back to.
    Rotten,
}

impl Mark {
    /// Whether nobody looked. By reference, for serde's `skip_serializing_if`.
    #[must_use]
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    pub fn is_unchecked(&self) -> bool {
        *self == Self::Unchecked
    }

    /// Whether it counts as good: checked, parsed or unchecked.
    #[must_use]
    pub fn is_good(self) -> bool {
        match self {
            Self::Checked | Self::Parsed | Self::Unchecked => true,
            Self::Bad | Self::Rotten => false,
        }
    }
}
