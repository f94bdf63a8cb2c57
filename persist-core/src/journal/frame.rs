//! One record, one line: `<sha256 of the JSON> <JSON>\n`.
//!
//! A line proves itself by its own digest, and its place by the `prev` digest inside it. So a torn
//! tail, a damaged middle and a removed line are three things that can be told apart, and the
//! journal can still be read with `less`.

use jiff::Timestamp;
use persist_backup::{Digest, digest};
use serde::Deserialize;

use super::{Actor, Event, Record};

/// No journal gets there by counting. A record that claims a higher number was made by hand, to leave none for the next.
pub(super) const LAST_SEQ: u64 = u64::MAX >> 1;

/// Damaged lines of one segment that are told of. More of them say nothing more.
const MOST_FAULTS: usize = 1000;

/// The digest that the first record names as its predecessor.
pub(crate) fn genesis() -> Digest {
    Digest::from_bytes([0; 32])
}

/// The line for `record`, and the digest that the next record has to name.
pub(crate) fn encode(record: &Record) -> (Vec<u8>, Digest) {
    let json = serde_json::to_string(record).expect("a record holds only strings and numbers");
    let digest = digest(json.as_bytes());
    (format!("{digest} {json}\n").into_bytes(), digest)
}

/// The records of one segment, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Every record that proves itself, with its digest.
    pub(crate) records: Vec<(Record, Digest)>,
    /// Bytes up to the end of the last record that proves itself.
    pub(crate) good_len: usize,
    /// Byte offsets of lines before `good_len` that don't prove themselves or don't follow the chain.
    pub(crate) faults: Vec<(usize, Flaw)>,
    /// Byte offset of the first record.
    first: usize,
}

/// What is wrong at a place in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Flaw {
    /// A line does not match its digest.
    Damaged,
    /// A record has a number that no journal reaches by counting.
    Forged,
    /// A record does not follow the one before it: what was between them is missing, or that one was changed.
    Missing,
    /// A record occurs a second time.
    Repeated,
    /// A record has a lower number than the one before it.
    OutOfOrder,
    /// A checkpoint disagrees with the records before it.
    Checkpoint,
    /// A checkpoint's line does not match its digest. It records no change, and the records before it add up to the same: nothing is lost.
    DamagedCheckpoint,
    /// The journal ends in bytes that are not a record, in a segment of another owner: they are not cut off.
    End,
    /// The records of saves that took effect are missing at the end, or damaged.
    Lost,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Flaw::Damaged => "a damaged line",
            Flaw::Forged => "a record with a forged number",
            Flaw::Missing => "records are missing before it",
            Flaw::Repeated => "a duplicate record",
            Flaw::OutOfOrder => "a record is out of order",
            Flaw::Checkpoint => "a checkpoint disagrees with the records before it",
            Flaw::DamagedCheckpoint => "a damaged checkpoint (no record is lost)",
            Flaw::End => "trailing bytes that are not a record",
            Flaw::Lost => "the record of the last save is damaged or missing",
        })
    }
}

impl Parsed {
    /// Reads a segment. Whether it continues another is for [`Parsed::follow`] to say.
    pub(crate) fn read(bytes: &[u8]) -> Parsed {
        let mut parsed = Parsed::default();
        let mut prev = None;
        let mut pending = Vec::new();
        let mut start = 0;
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            match decode(line) {
                Ok((record, digest)) => {
                    parsed.faults.append(&mut pending);
                    parsed.faults.truncate(MOST_FAULTS);
                    match prev {
                        None => parsed.first = start,
                        Some((_, prev)) if follows(&record, prev) => {}
                        Some((seq, _)) if parsed.faults.len() < MOST_FAULTS => {
                            let flaw = parsed.out_of_place(&record, &digest, seq);
                            parsed.faults.push((start, flaw));
                        }
                        Some(_) => {}
                    }
                    prev = Some((record.seq, digest));
                    parsed.records.push((record, digest));
                    parsed.good_len = start + line.len();
                }
                // Only a fault once something good follows; until then it may be a torn tail.
                Err(flaw) if pending.len() < MOST_FAULTS => {
                    let opens = start == 0 && flaw == Flaw::Damaged && says_checkpoint(line);
                    pending.push(match opens {
                        true => (start, Flaw::DamagedCheckpoint),
                        false => (start, flaw),
                    });
                }
                Err(_) => {}
            }
            start += line.len();
        }
        parsed
    }

    /// Notes a fault unless the first record comes after the one with this number and digest.
    pub(crate) fn follow(&mut self, (seq, prev): (u64, Digest)) {
        let Some((first, _)) = self.records.first() else {
            return;
        };
        let opened_by_damage = self.faults.first() == Some(&(0, Flaw::DamagedCheckpoint));
        if opened_by_damage && first.seq == seq.saturating_add(2) {
            return; // that alone is between them
        }
        if opened_by_damage {
            self.faults[0].1 = Flaw::Damaged;
        }
        if !follows(first, prev) {
            let flaw = match first.seq <= seq {
                true => Flaw::OutOfOrder,
                false => Flaw::Missing,
            };
            self.faults.push((self.first, flaw));
            self.faults.sort_unstable_by_key(|(offset, _)| *offset);
        }
    }

    fn out_of_place(&self, record: &Record, digest: &Digest, before: u64) -> Flaw {
        match () {
            () if self.records.iter().any(|(_, other)| other == digest) => Flaw::Repeated,
            () if record.seq <= before => Flaw::OutOfOrder,
            () => Flaw::Missing,
        }
    }
}

/// Whether what is left of a line that opens a segment says that it is a checkpoint. In what people write the quotes are escaped.
fn says_checkpoint(line: &[u8]) -> bool {
    let text = br#""event":"checkpoint""#;
    line.windows(text.len()).any(|part| part == text)
}

/// A break begins a chain of its own.
fn follows(record: &Record, prev: Digest) -> bool {
    record.prev == prev || matches!(record.event, super::Event::Break { .. })
}

fn decode(line: &[u8]) -> Result<(Record, Digest), Flaw> {
    let text = std::str::from_utf8(line).ok();
    let parts = text.and_then(|text| text.strip_suffix('\n')?.split_once(' '));
    let (claimed, json) = parts.ok_or(Flaw::Damaged)?;
    let found = digest(json.as_bytes());
    if claimed.parse() != Ok(found) {
        return Err(Flaw::Damaged);
    }
    let record = serde_json::from_str(json).or_else(|_| Envelope::read(json));
    let record: Record = record.map_err(|_| Flaw::Damaged)?;
    match record.seq < LAST_SEQ {
        true => Ok((record, found)),
        false => Err(Flaw::Forged),
    }
}

/// What every record has, whoever wrote it. One of a newer persist that can't be made sense of keeps its place by it.
#[derive(Deserialize)]
struct Envelope {
    seq: u64,
    prev: Digest,
    time: Timestamp,
    #[serde(default)]
    actor: serde_json::Value,
}

impl Envelope {
    fn read(json: &str) -> serde_json::Result<Record> {
        let envelope: Envelope = serde_json::from_str(json)?;
        Ok(Record {
            seq: envelope.seq,
            prev: envelope.prev,
            time: envelope.time,
            actor: serde_json::from_value(envelope.actor).unwrap_or_else(|_| Actor::default()),
            event: Event::Unknown,
        })
    }
}
