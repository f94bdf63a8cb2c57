//! The journal's head: a short text that somebody can keep elsewhere, to tell later whether the journal was changed since.

use std::fmt;
use std::str::FromStr;

use persist_backup::Digest;
use serde::Serialize;

use super::ConfigFile;
use crate::error::Error;

/// Number and digest of a journal's last record. The digest stands for every record before it, too, for each names the digest
/// of the one before. As text: `NUMBER:HEX`.
///
/// ```
/// use persist_core::Head;
///
/// let text = format!("12:{}", "ab".repeat(32));
/// let head: Head = text.parse()?;
/// assert_eq!(head.seq, 12);
/// assert_eq!(head.to_string(), text);
/// assert!("12".parse::<Head>().is_err());
/// # Ok::<(), persist_core::ParseHeadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The record's number.
    pub seq: u64,
    /// SHA-256 of its text.
    pub digest: Digest,
}

/// A text is no [`Head`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid journal head; expected NUMBER:SHA-256")]
pub struct ParseHeadError(String);

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.digest)
    }
}

impl FromStr for Head {
    type Err = ParseHeadError;

    fn from_str(text: &str) -> Result<Head, ParseHeadError> {
        let parts = text.split_once(':');
        let parsed = parts.and_then(|(seq, digest)| {
            Some(Head {
                seq: seq.parse().ok()?,
                digest: digest.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| ParseHeadError(text.to_owned()))
    }
}

impl Serialize for Head {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// What became of a head that was noted earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HeadStatus {
    /// The journal has that record and continues from it: nothing before it was changed.
    Contained,
    /// The journal ends before that record: an older state was put back, or the end was cut off.
    RolledBack,
    /// The journal has a different record of that number, or none: it was rewritten from some earlier record on.
    Diverged,
    /// The journal begins after that record, since old segments were pruned.
    LetGo,
}

impl fmt::Display for HeadStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeadStatus::Contained => "contained: the journal continues from it",
            HeadStatus::RolledBack => "rolled back: the journal ends before it",
            HeadStatus::Diverged => "diverged: the journal has a different record there, or none",
            HeadStatus::LetGo => "pruned: the journal now begins after it",
        })
    }
}

impl ConfigFile {
    /// The journal's last record; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read.
    pub fn head(&self) -> Result<Option<Head>, Error> {
        let log = self.opened_whole()?.segments().read_tail()?;
        let seq = log.records.last().map(|record| record.seq);
        let head = seq.zip(log.tail.head);
        Ok(head.map(|(seq, digest)| Head { seq, digest }))
    }

    /// Whether the journal still goes on from a record that was its head once. `verify` says whether it is sound.
    ///
    /// # Errors
    /// [`Error::Io`] where the journal can't be read.
    pub fn look_for_head(&self, head: &Head) -> Result<HeadStatus, Error> {
        let (mut first, mut last, mut found) = (None, 0, false);
        let log = self.opened_whole()?.segments().scan(
            |record, digest| {
                first = first.or(Some(record.seq));
                last = record.seq;
                found |= Head {
                    seq: record.seq,
                    digest: *digest,
                } == *head;
            },
            || {},
        )?;
        Ok(match first {
            _ if found => HeadStatus::Contained,
            _ if head.seq > last => HeadStatus::RolledBack,
            Some(first) if head.seq < first && log.state.begins.is_some() => HeadStatus::LetGo,
            _ => HeadStatus::Diverged,
        })
    }
}
