//! The hash-chained log of everything that happened to a file.
//!
//! Write-ahead intents, audit trail and transaction log are one: a record is appended and made
//! durable before the change it announces can be seen. Segments (`00000001.log`, …) are only ever
//! appended to; a new one starts when the last passes [`SEGMENT_LEN`], and continues its chain.

mod access;
mod changes;
pub(crate) mod frame;
mod record;
mod segment;
mod writer;

pub use crate::checkpoint::Checkpoint;
pub use access::Access;
pub use changes::{Adopted, Intent, Kind, Removed};
pub use frame::Flaw;
pub use record::{Actor, Event, Record};
pub use segment::Fault;
pub(crate) use segment::{Log, Segments, name as segment_name};
pub(crate) use writer::{End, Writer};

/// Bytes of the longest record. What would make it longer is words for people, which are cut.
pub(crate) const LONGEST_RECORD: usize = 8 * 1024 * 1024;

/// A segment that has reached this many bytes is not appended to any more. Every save reads the last
/// one, or the last two: this bounds what the history adds to a save.
pub const SEGMENT_LEN: u64 = 64 * 1024;
