//! What is in force after a record of the journal: everything that the present depends on. Pure: records in, state out.
//!
//! It opens each segment as a *checkpoint*, so that the present is read from the last segment alone.

use jiff::Timestamp;
use persist_backup::Digest;
use persist_lock::Former;
use serde::{Deserialize, Serialize};

use crate::journal::{Access, Intent};
use crate::past::Past;

/// The content that the journal expects in the live file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) digest: Digest,
    pub(crate) len: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mtime: Option<Timestamp>,
}

/// What the journal says of the live file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct JournalState {
    /// The content it should have, if every announced save happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<Content>,
    /// The last save, if nothing after it says how it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<(u64, Intent)>,
    /// The content it should have if that last save did not happen; after a removal, what was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Content>,
    /// Mode and owner that the file had last.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "access",
        with = "as_access"
    )]
    pub(crate) former: Option<Former>,
    /// Those of the file that was deleted last, for one that is made in its place. An earlier persist notes nothing of it, so its
    /// checkpoints lack it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_access")]
    pub(crate) removed: Option<Former>,
}

/// What a journal adds up to: everything that the present depends on, after one of its records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    #[serde(flatten)]
    pub(crate) known: JournalState,
    /// Without the last save, while it is not known how that went.
    #[serde(flatten)]
    pub(crate) past: Past,
    /// Segments before this one were let go, or are going to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begins: Option<u64>,
}

impl Checkpoint {
    /// Records after number `after` are lost.
    pub(crate) fn lose(&mut self, after: u64) {
        self.past.lose(after);
    }

    /// Whether this checkpoint says what the records before it add up to. An earlier persist did not note the mode and owner of what
    /// was deleted, and one before it not since when backups were live.
    pub(crate) fn agrees_with(&self, sum: &Checkpoint) -> bool {
        if self == sum {
            return true;
        }
        let mut sum = sum.clone();
        sum.known.removed = None;
        if *self == sum {
            return true;
        }
        sum.past.holdings.forget_since();
        *self == sum
    }

    /// The number of the last save, if nothing says how it went.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.known.last.as_ref().map(|(seq, _)| *seq)
    }

    /// Whether copies were purged since the last save but one.
    pub(crate) fn may_have_purged(&self) -> bool {
        !self.past.holdings.purging.is_empty()
    }

    /// The last save took effect.
    pub(crate) fn settle(&mut self) {
        if let Some((seq, intent)) = &self.known.last {
            self.past.saved(*seq, intent);
        }
    }

    /// What can be gone back to, where `lost` is the announced save that did not take effect.
    pub(crate) fn past(&self, lost: Option<u64>) -> Past {
        let mut past = self.past.clone();
        if let Some((seq, intent)) = &self.known.last
            && lost != Some(*seq)
        {
            past.saved(*seq, intent);
        }
        past
    }
}

impl JournalState {
    /// The last announced save did not happen.
    pub(crate) fn forget_last(&mut self) {
        self.head = self.before.take();
        self.last = None;
    }

    /// Mode and owner for a file that is to be made where there is none.
    pub(crate) fn access_of_new(&self) -> Option<&Former> {
        self.former.as_ref().or(self.removed.as_ref())
    }

    /// What a record says of mode and owner, if it does.
    pub(crate) fn remember(&mut self, access: Option<&Access>) {
        self.former = access.and_then(Access::former).or(self.former);
    }

    /// Whether the live content suggests that the last announced save did not happen. Somebody may
    /// as well have put the old content back since: see [`JournalState::settle`].
    pub(crate) fn rolled_back(&self, live: Option<&Digest>) -> bool {
        self.last
            .as_ref()
            .is_some_and(|(_, i)| i.old.as_ref() == live && Some(&i.new) != live)
    }

    /// The number of the last announced save, where it did not happen.
    pub(crate) fn unapplied_intent(&self, live: Option<&Digest>) -> Option<u64> {
        let last = self.last.as_ref().filter(|_| self.rolled_back(live));
        last.map(|(seq, _)| *seq)
    }

    /// The last announced save is known to have taken effect, whatever the file holds by now.
    pub(crate) fn settle(&mut self) {
        self.last = None;
        self.before = None;
    }

    /// The content to expect, once it is settled whether the last save happened.
    pub(crate) fn expected(&self, live: Option<&Digest>) -> Option<&Content> {
        if self.rolled_back(live) {
            self.before.as_ref()
        } else {
            self.head.as_ref()
        }
    }
}

/// Mode and owner as the journal keeps them.
mod as_access {
    use persist_lock::Former;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::journal::Access;

    pub(super) fn serialize<S: Serializer>(
        former: &Option<Former>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        former.map(Access::from).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Former>, D::Error> {
        let access = Option::<Access>::deserialize(from)?;
        Ok(access.as_ref().and_then(Access::former))
    }
}
