//! What is remembered of a file that was found as it was saved.

use persist_backup::Digest;
use persist_lock::Mark;

/// A file that held what was saved last, and how the journal that says so looked from outside.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    pub(super) digest: Digest,
    pub(super) segment: u64,
    pub(super) marks: [Mark; 3],
    /// The last to take the lock was this very file, and left nothing to be done.
    pub(super) complete: bool,
}
