//! Reading the journal's files. Takes no lock: a line that is being appended counts as a torn tail.

use std::io;
use std::path::{Path, PathBuf};

use persist_backup::Digest;

use super::frame::{Parsed, genesis};
use super::{Event, Record};
use crate::error::{Error, io_error};

/// The journal folder of one file.
#[derive(Clone, Debug)]
pub(crate) struct Segments {
    dir: PathBuf,
}

/// What was read: records oldest first, and the journal's health.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) records: Vec<Record>,
    pub(crate) tail: Tail,
    pub(crate) faults: Vec<Fault>,
    /// Number of segments on disk.
    pub(crate) segments: usize,
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
    pub(crate) fn at(dir: &Path) -> Segments {
        Segments { dir: dir.into() }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:08}.log"))
    }

    /// Segment numbers on disk, ascending.
    pub(crate) fn numbers(&self) -> Result<Vec<u64>, Error> {
        let entries = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(io_error("list", &self.dir, e)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| io_error("list", &self.dir, e))?;
            let name = entry.file_name();
            numbers.extend(name.to_str().and_then(number));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The whole journal.
    pub(crate) fn read_all(&self) -> Result<Log, Error> {
        self.read_where(|_| true)
    }

    /// The end of the journal: as many segments from the last as it takes for `enough` to hold of
    /// their records, oldest first.
    pub(crate) fn read_tail(
        &self,
        enough: impl Fn(&mut dyn Iterator<Item = &Record>) -> bool,
    ) -> Result<Log, Error> {
        self.read_where(|records| !enough(records))
    }

    fn read_where(
        &self,
        more: impl Fn(&mut dyn Iterator<Item = &Record>) -> bool,
    ) -> Result<Log, Error> {
        let numbers = self.numbers()?;
        let mut read: Vec<Segment> = Vec::new();
        for &number in numbers.iter().rev() {
            let parsed = read
                .iter()
                .rev()
                .flat_map(|segment| &segment.parsed.records);
            if !read.is_empty() && !more(&mut parsed.map(|(record, _)| record)) {
                break;
            }
            let path = self.path(number);
            let bytes =
                persist_lock::read_private(&path).map_err(|e| io_error("read", &path, e))?;
            let parsed = Parsed::read(&bytes);
            read.push(Segment {
                number,
                bytes,
                parsed,
            });
        }
        read.reverse();
        let from_start = read.len() == numbers.len();
        let mut log = assemble(read, from_start.then(genesis));
        log.segments = numbers.len();
        Ok(log)
    }
}

/// The number in a segment's name, which has one spelling.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    let spelt = digits.len() == 8 || (digits.len() > 8 && !digits.starts_with('0'));
    let only_digits = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| spelt && only_digits)
}

/// One file of the journal, read once.
struct Segment {
    number: u64,
    bytes: Vec<u8>,
    parsed: Parsed,
}

fn assemble(segments: Vec<Segment>, mut prev: Option<Digest>) -> Log {
    let mut log = Log::default();
    let count = segments.len();
    for (index, segment) in segments.into_iter().enumerate() {
        let (number, text, mut parsed) = (segment.number, segment.bytes, segment.parsed);
        if let Some(prev) = prev {
            parsed.follow(prev);
        }
        let last = index + 1 == count;
        let mut offsets = parsed.faults;
        if !last && parsed.good_len < text.len() {
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
        log.tail.torn = if last {
            text[parsed.good_len..].to_vec()
        } else {
            Vec::new()
        };
        log.records
            .extend(parsed.records.into_iter().map(|(r, _)| r));
    }
    log.tail.seq = log.records.iter().map(|r| r.seq).max().unwrap_or(0);
    for fault in &mut log.faults {
        fault.known = log
            .records
            .iter()
            .any(|r| matches!(&r.event, Event::Break { segment, .. } if *segment == fault.segment));
    }
    log
}
