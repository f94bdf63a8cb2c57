//! Reading the journal's files. Takes no lock: a line that is being appended counts as a torn tail.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use persist_backup::{Digest, Storage as _};
use persist_lock::Folder;

use super::frame::{Parsed, genesis};
use super::{Event, Record};
use crate::error::{Error, io_error};
use crate::shelf::Shelf;

/// Bytes of the longest segment that is read: a writer begins a record in one that is not full yet, and writes few.
pub(super) const LONGEST_SEGMENT: u64 = super::SEGMENT_LEN + 4 * super::LONGEST_RECORD as u64;
/// Segments in a row without one record, beyond which nothing more is read.
const MOST_EMPTY: usize = 8;
/// No journal gets there by counting; somebody may have made a file of such a name, to leave no number for the next.
pub(super) const LAST_SEGMENT: u64 = u64::MAX >> 1;

/// The journal folder of one file.
#[derive(Clone, Debug)]
pub(crate) struct Segments {
    shelf: Arc<Shelf>,
}

/// What was read: records oldest first, and the journal's health.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) records: Vec<Record>,
    pub(crate) tail: Tail,
    pub(crate) faults: Vec<Fault>,
    /// Number of segments on disk.
    pub(crate) segments: usize,
    /// The last segment, opened to go on with it, where it was read for that.
    pub(crate) end: Option<File>,
}

/// Where and how the next record goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    /// The last segment's number; 0 when there is none.
    pub(crate) segment: u64,
    /// Bytes of it that are good.
    pub(crate) good_len: u64,
    /// Bytes that follow and are no record.
    pub(crate) torn: Vec<u8>,
    /// Whether the last segment may be written into: it has no other name, and nobody else has put it there.
    pub(crate) own: bool,
    /// Digest of the last record.
    pub(crate) head: Option<Digest>,
    /// Its number; 0 when there is none.
    pub(crate) seq: u64,
}

/// A place in the journal that does not prove itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The segment.
    pub segment: u64,
    /// Byte offset of the line.
    pub offset: u64,
    /// Whether a later break record already reports it.
    pub known: bool,
}

impl Segments {
    pub(crate) fn on(shelf: &Arc<Shelf>) -> Segments {
        Segments {
            shelf: Arc::clone(shelf),
        }
    }

    /// The folder, which has to be there.
    pub(crate) fn folder(&self) -> Result<Folder, Error> {
        let folder = self.shelf.existing();
        folder.map_err(|e| io_error("open", self.shelf.path(), e))
    }

    pub(crate) fn path(&self, number: u64) -> PathBuf {
        self.shelf.path().join(name(number))
    }

    /// Makes the names of new segments durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let synced = self.folder()?.sync();
        synced.map_err(|e| io_error("sync", self.shelf.path(), e))
    }

    /// Segment numbers on disk, ascending.
    pub(crate) fn numbers(&self) -> Result<Vec<u64>, Error> {
        let names = self.shelf.names();
        let names = names.map_err(|e| io_error("list", self.shelf.path(), e))?;
        let names = names.iter().filter_map(|(name, _)| name.to_str());
        let mut numbers: Vec<u64> = names.filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The whole journal.
    pub(crate) fn read_all(&self) -> Result<Log, Error> {
        self.read_where(false, |_| true)
    }

    /// The end of the journal: as many segments from the last as it takes for `enough` to hold of
    /// their records, oldest first.
    pub(crate) fn read_tail(
        &self,
        enough: impl Fn(&mut dyn Iterator<Item = &Record>) -> bool,
    ) -> Result<Log, Error> {
        self.read_where(false, |records| !enough(records))
    }

    /// The same for who may go on with the journal: the last segment is opened for that as it is read.
    pub(crate) fn read_tail_to_append(
        &self,
        enough: impl Fn(&mut dyn Iterator<Item = &Record>) -> bool,
    ) -> Result<Log, Error> {
        self.read_where(true, |records| !enough(records))
    }

    fn read_where(
        &self,
        to_append: bool,
        more: impl Fn(&mut dyn Iterator<Item = &Record>) -> bool,
    ) -> Result<Log, Error> {
        let numbers = self.numbers()?;
        let mut read: Vec<Segment> = Vec::new();
        let mut end = None;
        let mut empty = 0;
        for &number in numbers.iter().rev() {
            let parsed = read
                .iter()
                .rev()
                .flat_map(|segment| &segment.parsed.records);
            if !read.is_empty() && !more(&mut parsed.map(|(record, _)| record)) {
                break;
            }
            let last = read.is_empty();
            let mut segment = match to_append && last {
                true => self.last_segment(number, &mut end)?,
                false => self.segment(number)?,
            };
            if !last {
                segment.bytes = Vec::new(); // only the end of the last is looked at again
            }
            empty = match segment.parsed.records.is_empty() {
                true => empty + 1,
                false => 0,
            };
            read.push(segment);
            if empty > MOST_EMPTY {
                break; // we never leave so many; what is before them is as good as gone
            }
        }
        read.reverse();
        let from_start = read.len() == numbers.len();
        let mut log = assemble(read, from_start.then(genesis));
        log.segments = numbers.len();
        log.end = end;
        Ok(log)
    }
}

impl Segments {
    fn segment(&self, number: u64) -> Result<Segment, Error> {
        let read = self.folder()?.read_judged(&name(number), LONGEST_SEGMENT);
        let (bytes, own) = read.map_err(|e| io_error("read", &self.path(number), e))?;
        Ok(Segment::new(number, bytes, own))
    }

    fn last_segment(&self, number: u64, end: &mut Option<File>) -> Result<Segment, Error> {
        let opened = self
            .folder()?
            .read_to_append(&name(number), LONGEST_SEGMENT);
        match opened {
            Ok((file, bytes, own)) => {
                *end = Some(file).filter(|_| own);
                Ok(Segment::new(number, bytes, own))
            }
            // What may only be read is read, and it is for the writer to say that it can't be written.
            Err(_) => self.segment(number),
        }
    }

    /// Digest of a segment as it is found, for the record that breaks with it; of no more than what proves itself where the
    /// file may be somebody else's.
    pub(crate) fn digest(&self, number: u64) -> Result<Digest, Error> {
        let segment = self.segment(number)?;
        let known = match segment.own {
            true => segment.bytes.len(),
            false => segment.parsed.good_len,
        };
        Ok(persist_backup::digest(&segment.bytes[..known]))
    }
}

pub(crate) fn name(number: u64) -> String {
    format!("{number:08}.log")
}

/// The number in a segment's name, which has one spelling.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    let spelt = digits.len() == 8 || (digits.len() > 8 && !digits.starts_with('0'));
    let only_digits = digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| *number < LAST_SEGMENT);
    number.filter(|_| spelt && only_digits)
}

/// One file of the journal, read once.
struct Segment {
    number: u64,
    bytes: Vec<u8>,
    len: usize,
    own: bool,
    parsed: Parsed,
}

impl Segment {
    fn new(number: u64, bytes: Vec<u8>, own: bool) -> Segment {
        Segment {
            number,
            len: bytes.len(),
            parsed: Parsed::read(&bytes),
            bytes,
            own,
        }
    }
}

fn assemble(segments: Vec<Segment>, mut prev: Option<Digest>) -> Log {
    let mut log = Log::default();
    let count = segments.len();
    for (index, segment) in segments.into_iter().enumerate() {
        let (number, len, mut parsed) = (segment.number, segment.len, segment.parsed);
        if let Some(prev) = prev {
            parsed.follow(prev);
        }
        let last = index + 1 == count;
        // What may be somebody else's text is never taken for a torn end, which is copied and cut off.
        let torn = last && segment.own;
        let mut offsets = parsed.faults;
        if !torn && parsed.good_len < len {
            offsets.push(parsed.good_len); // only the last segment can be torn by a crash
        }
        log.faults.extend(offsets.iter().map(|&offset| Fault {
            segment: number,
            offset: offset as u64,
            known: false,
        }));
        if let Some((_, digest)) = parsed.records.last() {
            prev = Some(*digest);
            log.tail.head = Some(*digest);
        }
        log.tail.segment = number;
        log.tail.good_len = parsed.good_len as u64;
        log.tail.own = segment.own;
        log.tail.torn = if torn {
            segment.bytes[parsed.good_len..].to_vec()
        } else {
            Vec::new()
        };
        log.records
            .extend(parsed.records.into_iter().map(|(r, _)| r));
    }
    log.tail.seq = log.records.iter().map(|r| r.seq).max().unwrap_or(0);
    let breaks = log.records.iter().filter_map(|record| match record.event {
        Event::Break { segment, .. } => Some(segment),
        _ => None,
    });
    let told: BTreeSet<u64> = breaks.collect();
    for fault in &mut log.faults {
        fault.known = told.contains(&fault.segment);
    }
    log
}
