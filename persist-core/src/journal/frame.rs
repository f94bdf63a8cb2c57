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
    pub(crate) faults: Vec<usize>,
    /// Byte offset of the first record.
    first: usize,
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
                Some((record, digest)) => {
                    parsed.faults.append(&mut pending);
                    parsed.faults.truncate(MOST_FAULTS);
                    match prev {
                        None => parsed.first = start,
                        Some(prev) if follows(&record, prev) => {}
                        Some(_) if parsed.faults.len() < MOST_FAULTS => parsed.faults.push(start),
                        Some(_) => {}
                    }
                    prev = Some(digest);
                    parsed.records.push((record, digest));
                    parsed.good_len = start + line.len();
                }
                // Only a fault once something good follows; until then it may be a torn tail.
                None if pending.len() < MOST_FAULTS => pending.push(start),
                None => {}
            }
            start += line.len();
        }
        parsed
    }

    /// Notes a fault unless the first record comes after the one with digest `prev`.
    pub(crate) fn follow(&mut self, prev: Digest) {
        let broken = self.records.first().is_some_and(|(r, _)| !follows(r, prev));
        if broken {
            self.faults.push(self.first);
            self.faults.sort_unstable();
        }
    }
}

/// A break begins a chain of its own.
fn follows(record: &Record, prev: Digest) -> bool {
    record.prev == prev || matches!(record.event, super::Event::Break { .. })
}

fn decode(line: &[u8]) -> Option<(Record, Digest)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (claimed, json) = text.split_once(' ')?;
    let found = digest(json.as_bytes());
    if claimed.parse() != Ok(found) {
        return None;
    }
    let record = serde_json::from_str(json).or_else(|_| Envelope::read(json));
    let record: Record = record.ok()?;
    (record.seq < LAST_SEQ).then_some((record, found))
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
