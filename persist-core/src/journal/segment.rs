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
            let number = name.to_str().and_then(|n| n.strip_suffix(".log"));
            let canonical = |n: &u64| name == *format!("{n:08}.log");
            if let Some(Ok(number)) = number
                .map(str::parse)
                .filter(|n| n.as_ref().is_ok_and(canonical))
            {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The whole journal.
    pub(crate) fn read_all(&self) -> Result<Log, Error> {
        self.read_where(|_| true)
    }

    /// The end of the journal: as many segments from the last as it takes for `enough` to hold.
    pub(crate) fn read_tail(&self, enough: impl Fn(&[Record]) -> bool) -> Result<Log, Error> {
        self.read_where(|records| !enough(records))
    }

    fn read_where(&self, more: impl Fn(&[Record]) -> bool) -> Result<Log, Error> {
        let numbers = self.numbers()?;
        let mut texts: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut first = true;
        for &number in numbers.iter().rev() {
            let seen: Vec<Record> = texts.iter().rev().flat_map(|(_, t)| records(t)).collect();
            if !first && !more(&seen) {
                break;
            }
            first = false;
            let path = self.path(number);
            let bytes = std::fs::read(&path).map_err(|e| io_error("read", &path, e))?;
            texts.push((number, bytes));
        }
        texts.reverse();
        let from_start = texts.len() == numbers.len();
        let mut log = assemble(&texts, from_start.then(genesis));
        log.segments = numbers.len();
        Ok(log)
    }
}

fn records(text: &[u8]) -> Vec<Record> {
    let parsed = Parsed::read(text, None);
    parsed.records.into_iter().map(|(r, _)| r).collect()
}

fn assemble(texts: &[(u64, Vec<u8>)], mut prev: Option<Digest>) -> Log {
    let mut log = Log::default();
    for (index, (number, text)) in texts.iter().enumerate() {
        let parsed = Parsed::read(text, prev);
        let last = index + 1 == texts.len();
        let mut offsets = parsed.faults;
        if !last && parsed.good_len < text.len() {
            offsets.push(parsed.good_len); // only the last segment can be torn by a crash
        }
        log.faults.extend(offsets.iter().map(|&offset| Fault {
            segment: *number,
            offset: offset as u64,
            known: false,
        }));
        if let Some((_, digest)) = parsed.records.last() {
            prev = Some(*digest);
            log.tail.head = Some(*digest);
        }
        log.tail.segment = *number;
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
