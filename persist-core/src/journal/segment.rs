//! Reading the journal's files. Takes no lock: a line that is being appended counts as a torn tail.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use persist_backup::{Digest, Storage as _};
use persist_lock::Folder;

use super::frame::{Flaw, Parsed, genesis};
use super::{Event, Record};
use crate::checkpoint::Checkpoint;
use crate::error::{Error, io_error};
use crate::shelf::Shelf;

/// Bytes of the longest segment that is read: a writer begins a record in one that is not full yet, and writes few.
pub(super) const LONGEST_SEGMENT: u64 = super::SEGMENT_LEN + 4 * super::LONGEST_RECORD as u64;
/// Segments that are read in search of a checkpoint. A writer of this build makes one where it finds none so far back.
const MOST_WITHOUT_CHECKPOINT: usize = 3;
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
    /// What all records up to the last add up to.
    pub(crate) state: Checkpoint,
    pub(crate) tail: Tail,
    pub(crate) faults: Vec<Fault>,
    /// Number of segments on disk.
    pub(crate) segments: usize,
    /// The last segment, opened to go on with it, where it was read for that.
    pub(crate) end: Option<File>,
}

impl Log {
    /// The last record is lost. What is left of it stays where it is, as damage.
    pub(crate) fn note_lost_record(&mut self) {
        self.tail.torn = Vec::new();
        self.faults.push(Fault {
            segment: self.tail.segment,
            offset: self.tail.good_len,
            flaw: Flaw::Lost,
            known: false,
        });
    }

    /// The number of the last record, where what was read may lack records, and nothing tells of that yet: what they did is not
    /// known.
    pub(crate) fn lacks_records_after(&self) -> Option<u64> {
        let harmless = [Flaw::End, Flaw::DamagedCheckpoint];
        let lost = |fault: &Fault| !fault.known && !harmless.contains(&fault.flaw);
        let last = self.records.last().map_or(0, |record| record.seq);
        self.faults.iter().any(lost).then_some(last)
    }

    /// Whether its last record is lost.
    pub(crate) fn lacks_its_end(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| !fault.known && fault.flaw == Flaw::Lost)
    }

    /// Whether nothing was appended in between.
    pub(crate) fn ends_like(&self, other: &Log) -> bool {
        let end = |log: &Log| (log.tail.segment, log.tail.head, log.tail.torn.clone());
        end(self) == end(other)
    }
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

/// A place in the journal that could not be verified.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// The segment; 0 where there is none.
    pub segment: u64,
    /// Byte offset of the line.
    pub offset: u64,
    /// What is wrong there.
    pub flaw: Flaw,
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
        self.read_while(false, |_| true)
    }

    /// The end of the journal, as far as the present depends on it.
    pub(crate) fn read_tail(&self) -> Result<Log, Error> {
        self.read_present(false)
    }

    /// The same for who may go on with the journal: the last segment is opened for that as it is read.
    pub(crate) fn read_tail_to_append(&self) -> Result<Log, Error> {
        self.read_present(true)
    }

    fn read_present(&self, to_append: bool) -> Result<Log, Error> {
        let (mut read, mut found) = (0, false);
        let mut log = self.read_while(to_append, |segment| {
            found |= segment.records().any(is_checkpoint);
            read += usize::from(segment.records().next().is_some());
            !found && read < MOST_WITHOUT_CHECKPOINT
        })?;
        if !found && read == MOST_WITHOUT_CHECKPOINT {
            // An older persist has written it. All of it counts, but none of it is kept in memory.
            let whole = self.scan(|_, _| {}, || {})?;
            (log.state, log.faults) = (whole.state, whole.faults);
        }
        Ok(log)
    }

    /// The number of the first record, where segments before it were let go.
    pub(crate) fn first_record(&self) -> Result<Option<u64>, Error> {
        let first = self.numbers()?.first().copied().filter(|first| *first > 1);
        let Some(first) = first else {
            return Ok(None);
        };
        let segment = self.segment(first)?;
        let begins = segment.goes_on_from_a_checkpoint();
        Ok(segment
            .records()
            .next()
            .filter(|_| begins)
            .map(|record| record.seq))
    }

    /// The last segment.
    pub(crate) fn read_end(&self) -> Result<Log, Error> {
        self.read_while(false, |_| false)
    }

    /// The end of the journal with at least so many of the changes that took effect, if there are that many.
    pub(crate) fn read_last(&self, changes: usize) -> Result<Log, Error> {
        let mut told = 0;
        self.read_while(false, |segment| {
            for record in segment.records() {
                match record.event {
                    Event::Intent(_) | Event::Adopted(_) => told += 1,
                    Event::Abandoned { .. } => told -= 1,
                    _ => {}
                }
            }
            // One more, for the last save may not have taken effect.
            told <= i64::try_from(changes).unwrap_or(i64::MAX)
        })
    }

    /// Goes through the whole journal, and holds no more than one segment: the records are for `each` to look at, and the log that
    /// comes back has none. Every checkpoint is compared with what the records before it add up to. `step` is called after each
    /// segment.
    pub(crate) fn scan(
        &self,
        mut each: impl FnMut(&Record, &Digest),
        mut step: impl FnMut(),
    ) -> Result<Log, Error> {
        let numbers = self.numbers()?;
        let mut walk = Walk::default();
        let mut sum = Sum::new();
        for (index, &number) in numbers.iter().enumerate() {
            let segment = self.segment(number)?;
            if number == 1 {
                walk.prev = Some((0, genesis()));
            } else if index == 0 {
                sum.whole = false; // what was let go before it has to be told of: see below
            }
            let sound = walk.faults.len();
            let records = walk.on(segment, index + 1 == numbers.len());
            sum.whole &= walk.faults.len() == sound;
            for (record, digest) in &records {
                if !sum.add(record) {
                    walk.fault(number, Flaw::Checkpoint);
                }
                each(record, digest);
            }
            step();
        }
        let first = numbers.first().copied();
        if first > sum.state.begins.or(Some(1)) {
            walk.fault(first.unwrap_or(0), Flaw::Missing);
        }
        let mut log = walk.log();
        log.segments = numbers.len();
        log.state = sum.state;
        Ok(log)
    }

    /// As many segments from the last as it takes until `more` does not hold of the one that was read.
    fn read_while(
        &self,
        to_append: bool,
        mut more: impl FnMut(&Segment) -> bool,
    ) -> Result<Log, Error> {
        let numbers = self.numbers()?;
        let mut read: Vec<Segment> = Vec::new();
        let mut end = None;
        let mut empty = 0;
        for &number in numbers.iter().rev() {
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
            let enough = !more(&segment);
            read.push(segment);
            // We never leave so many empty ones; what is before them is as good as gone.
            if enough || empty > MOST_EMPTY {
                break;
            }
        }
        read.reverse();
        let from_start = read.len() == numbers.len();
        let mut log = assemble(read, from_start);
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

    /// Removes the segments before `begins`, which a checkpoint has told of for long, and says where the journal is to begin with
    /// the next checkpoint: so that no more than `most` bytes stay.
    pub(crate) fn let_go(
        &self,
        begins: Option<u64>,
        most: Option<u64>,
    ) -> Result<Option<u64>, Error> {
        let failed = |op, number, e| io_error(op, &self.path(number), e);
        let mut numbers = self.numbers()?;
        let gone = numbers.partition_point(|number| Some(*number) < begins);
        for number in numbers.drain(..gone) {
            if let Err(error) = self.shelf.remove(&name(number)) {
                tracing::warn!(%error, number, "a journal segment that was let go is still there");
            }
        }
        let Some(most) = most else {
            return Ok(begins);
        };
        let mut left = most;
        for number in numbers.into_iter().rev() {
            let stored = self.shelf.look(&name(number));
            let stored = stored.map_err(|e| failed("look at", number, e))?;
            let len = stored.and_then(|stored| stored.len).unwrap_or(0);
            match left.checked_sub(len) {
                Some(rest) => left = rest,
                None => return Ok(Some(number + 1).max(begins)),
            }
        }
        Ok(begins)
    }

    /// Digest of a segment as it is found, for the record that breaks with it; of no more than what proves itself where the
    /// file may be somebody else's.
    pub(crate) fn digest(&self, number: u64) -> Result<Digest, Error> {
        if number == 0 {
            return Ok(persist_backup::digest(b"")); // there is none
        }
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

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.parsed.records.iter().map(|(record, _)| record)
    }

    /// Whether segments before it may have been let go.
    fn goes_on_from_a_checkpoint(&self) -> bool {
        let first = self.parsed.records.first();
        self.number > 1 && first.is_some_and(|(record, _)| is_checkpoint(record))
    }
}

pub(super) fn is_checkpoint(record: &Record) -> bool {
    matches!(record.event, Event::Checkpoint(_))
}

/// Goes through segments in order, and holds no more than one of them.
#[derive(Default)]
struct Walk {
    /// Number and digest of the last record.
    prev: Option<(u64, Digest)>,
    tail: Tail,
    faults: Vec<Fault>,
    /// Segments that a break record tells of.
    told: BTreeSet<u64>,
}

impl Walk {
    /// Judges one more segment, the `last` or not, and gives back its records.
    fn on(&mut self, segment: Segment, last: bool) -> Vec<(Record, Digest)> {
        let (number, len, mut parsed) = (segment.number, segment.len, segment.parsed);
        if let Some(prev) = self.prev {
            parsed.follow(prev);
        }
        // What may be somebody else's text is never taken for a torn end, which is copied and cut off.
        let torn = last && segment.own;
        let mut faults = parsed.faults;
        if !torn && parsed.good_len < len {
            // Only the last segment can be torn by a crash.
            let flaw = match last {
                true => Flaw::End,
                false => Flaw::Damaged,
            };
            faults.push((parsed.good_len, flaw));
        }
        self.faults
            .extend(faults.into_iter().map(|(offset, flaw)| Fault {
                segment: number,
                offset: offset as u64,
                flaw,
                known: false,
            }));
        let highest = parsed.records.iter().map(|(record, _)| record.seq).max();
        let head = parsed.records.last().map(|(_, digest)| *digest);
        let head = head.or(self.tail.head);
        if let Some((record, digest)) = parsed.records.last() {
            self.prev = Some((record.seq, *digest));
        }
        self.tail = Tail {
            segment: number,
            good_len: parsed.good_len as u64,
            torn: match torn {
                true => segment.bytes[parsed.good_len..].to_vec(),
                false => Vec::new(),
            },
            own: segment.own,
            head,
            seq: self.tail.seq.max(highest.unwrap_or(0)),
        };
        let breaks = parsed
            .records
            .iter()
            .filter_map(|(record, _)| match record.event {
                Event::Break { segment, .. } => Some(segment),
                _ => None,
            });
        self.told.extend(breaks);
        parsed.records
    }

    /// A fault of a whole segment; of one that is told of as well, it is said once.
    fn fault(&mut self, segment: u64, flaw: Flaw) {
        let fault = Fault {
            segment,
            offset: 0,
            flaw,
            known: false,
        };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn log(mut self) -> Log {
        for fault in &mut self.faults {
            fault.known = self.told.contains(&fault.segment);
        }
        Log {
            tail: self.tail,
            faults: self.faults,
            ..Log::default()
        }
    }
}

/// What the records add up to, from the start.
struct Sum {
    state: Checkpoint,
    started: bool,
    /// Whether every record since the last checkpoint is there, and known to this build.
    whole: bool,
}

impl Sum {
    fn new() -> Sum {
        Sum {
            state: Checkpoint::default(),
            started: false,
            whole: true,
        }
    }

    /// Whether the record is anything but a checkpoint that says other than what was added up.
    fn add(&mut self, record: &Record) -> bool {
        let Event::Checkpoint(checkpoint) = &record.event else {
            // A segment that failed to sync may have lost what its writer knew.
            self.whole &= !matches!(record.event, Event::Unknown | Event::Break { .. });
            self.started = true;
            self.state.apply(record);
            return true;
        };
        self.state.begins = checkpoint.begins; // its own to say
        let right = !(self.started && self.whole)
            || checkpoint.agrees_with(&self.state)
            || checkpoint.past(None).gap.is_some_and(|after| {
                self.state.lose(after); // its writer found that the last record was lost
                checkpoint.agrees_with(&self.state)
            });
        self.state = checkpoint.as_ref().clone();
        (self.started, self.whole) = (true, true);
        right
    }
}

fn assemble(segments: Vec<Segment>, from_start: bool) -> Log {
    let mut walk = Walk::default();
    let mut records = Vec::new();
    let count = segments.len();
    for (index, segment) in segments.into_iter().enumerate() {
        if index == 0 && from_start && !segment.goes_on_from_a_checkpoint() {
            walk.prev = Some((0, genesis()));
        }
        let read = walk.on(segment, index + 1 == count);
        records.extend(read.into_iter().map(|(record, _)| record));
    }
    let mut log = walk.log();
    log.state = Checkpoint::of(&records);
    log.records = records;
    log
}
