//! Which backups stay with a save.

use std::collections::BTreeSet;

use persist_backup::Digest;
use persist_backup::retention::Plan;

use crate::receipt::Notice;

/// What stays once a save has taken effect.
pub(super) struct Staying {
    /// Of the backups.
    pub(super) plan: Plan,
    /// Of what migrations have set aside, after one of them.
    pub(super) complements: Option<BTreeSet<Digest>>,
    /// Backups that are missing, and were not let go.
    pub(super) gone: Option<Notice>,
}
