//! Appending to the journal. The caller holds the exclusive lock.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

use jiff::Timestamp;
use persist_backup::Digest;

use super::frame::LAST_SEQ;
use super::segment::{
    Fault, LAST_SEGMENT, LONGEST_SEGMENT, Log, Segments, Tail, is_checkpoint, name,
};
use super::{Actor, Event, LONGEST_RECORD, Record, SEGMENT_LEN, frame};
use crate::error::{Error, io_error};

/// A place at which a journal ended: it only grows, so one that still ends there says what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) segment: u64,
    pub(crate) len: u64,
}

/// The end of the journal, open for appending.
#[derive(Debug)]
pub(crate) struct Writer {
    segments: Segments,
    file: File,
    segment: u64,
    len: u64,
    head: Digest,
    seq: u64,
    dirty: bool,
    /// A sync failed: what the segment holds on disk is unknown, and syncing it again would say
    /// nothing, for the kernel has dropped the pages.
    failed: bool,
    clock: fn() -> Timestamp,
}

impl Writer {
    /// Opens the journal's end as `log` found it: cuts a torn tail (the caller has put a copy in
    /// quarantine), and leaves a damaged segment alone by starting a new one, with a break record. A new one opens with what is in
    /// force, which learns of all that is written here.
    pub(crate) fn open(
        segments: &Segments,
        log: &mut Log,
        actor: &Actor,
        most: Option<u64>,
        clock: fn() -> Timestamp,
    ) -> Result<Writer, Error> {
        let end = log.end.take();
        let tail = &log.tail;
        let fresh = log.faults.iter().filter(|f| !f.known).map(|f| f.segment);
        let broken: std::collections::BTreeSet<u64> = fresh.collect();
        let full = tail.good_len >= SEGMENT_LEN;
        let spread = log.segments > 1 && !log.records.first().is_some_and(is_checkpoint);
        let fresh = tail.segment == 0 || full || spread || !tail.own || !broken.is_empty();
        // A crash can leave a new segment without its first record, and its name not durable.
        let unopened = tail.segment > 1 && tail.good_len == 0;
        let mut writer = match fresh {
            true => Writer::start(segments, tail)?,
            false => Writer::resume(segments, tail, end)?,
        };
        writer.clock = clock;
        if !fresh && !unopened {
            return Ok(writer);
        }
        if !fresh {
            segments.sync()?;
        }
        let mut events = Vec::new();
        let after = log.lacks_records_after();
        if let Some(after) = after {
            log.state.lose(after); // a crash can leave the checkpoint without the break after it
        }
        if tail.segment > 0 {
            let state = &mut log.state;
            state.begins = segments.let_go(state.begins, most)?;
            events.push(Event::Checkpoint(Box::new(state.clone())));
        }
        for segment in broken {
            events.push(Event::Break {
                segment,
                found: segments.digest(segment)?,
                after,
            });
        }
        for event in events {
            log.state.apply(&writer.append(actor, event)?);
        }
        Ok(writer)
    }

    fn resume(segments: &Segments, tail: &Tail, end: Option<File>) -> Result<Writer, Error> {
        let path = segments.path(tail.segment);
        let file = match end {
            Some(file) => file,
            None => append_to(segments, tail.segment, false)?,
        };
        if !tail.torn.is_empty() {
            // Windows cuts no file that is open for appending only.
            let whole = segments
                .folder()?
                .open_own(&name(tail.segment), LONGEST_SEGMENT);
            whole
                .and_then(|(whole, _)| whole.set_len(tail.good_len))
                .map_err(|e| io_error("cut the torn end of", &path, e))?;
        }
        Ok(Writer::over(segments, file, tail.segment, tail))
    }

    /// A new segment: its name is durable before anything relies on it.
    fn start(segments: &Segments, tail: &Tail) -> Result<Writer, Error> {
        if !tail.torn.is_empty() {
            drop(Writer::resume(segments, tail, None)?); // a torn end is only one while its segment is the last
        }
        let number = tail.segment + 1;
        let file = append_to(segments, number, true)?;
        segments.sync()?;
        let mut writer = Writer::over(segments, file, number, tail);
        writer.len = 0;
        Ok(writer)
    }

    fn over(segments: &Segments, file: File, segment: u64, tail: &Tail) -> Writer {
        Writer {
            segments: segments.clone(),
            file,
            segment,
            len: tail.good_len,
            head: tail.head.unwrap_or_else(frame::genesis),
            seq: tail.seq,
            dirty: !tail.torn.is_empty(),
            failed: false,
            clock: Timestamp::now,
        }
    }

    /// Appends one record and returns it. Not durable before [`Writer::sync`].
    pub(crate) fn append(&mut self, actor: &Actor, event: Event) -> Result<Record, Error> {
        if std::mem::take(&mut self.failed) {
            self.retire(actor)?;
        }
        self.write(actor, event)
    }

    fn write(&mut self, actor: &Actor, event: Event) -> Result<Record, Error> {
        if self.seq + 1 >= LAST_SEQ {
            let used_up = io::Error::other("no record numbers are left; a record was forged");
            return Err(io_error(
                "append to",
                &self.segments.path(self.segment),
                used_up,
            ));
        }
        let mut record = Record {
            seq: self.seq + 1,
            prev: self.head,
            time: (self.clock)(),
            actor: actor.clone(),
            event,
        };
        let (mut line, mut digest) = frame::encode(&record);
        if line.len() > LONGEST_RECORD {
            record.event.shorten();
            record.actor.name = record.actor.name.chars().take(1000).collect();
            (line, digest) = frame::encode(&record);
        }
        if let Err(e) = self.file.write_all(&line) {
            // Half a line is a torn tail, which the next writer would deal with; spare it that.
            drop(self.file.set_len(self.len));
            drop(self.file.seek(SeekFrom::End(0)));
            return Err(io_error("append to", &self.segments.path(self.segment), e));
        }
        self.len += line.len() as u64;
        self.head = digest;
        self.seq = record.seq;
        self.dirty = true;
        Ok(record)
    }

    /// Where the journal ends.
    pub(crate) fn end(&self) -> End {
        End {
            segment: self.segment,
            len: self.len,
        }
    }

    /// The number of the last record.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The number that the next record gets.
    pub(crate) fn next_seq(&self) -> u64 {
        self.seq + 1
    }

    /// Makes everything appended durable.
    pub(crate) fn sync(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.dirty) {
            let path = self.segments.path(self.segment);
            self.file.sync_data().map_err(|e| {
                self.failed = true;
                io_error("sync", &path, e)
            })?;
        }
        Ok(())
    }

    /// Leaves the segment whose sync failed to itself: the journal goes on in a new one, which says so.
    pub(crate) fn retire(&mut self, actor: &Actor) -> Result<(), Error> {
        let segment = self.segment;
        let found = self.segments.digest(segment)?;
        self.failed = false;
        self.segment += 1;
        self.file = append_to(&self.segments, self.segment, true)?;
        self.len = 0;
        let after = None; // what was appended there is known
        self.write(
            actor,
            Event::Break {
                segment,
                found,
                after,
            },
        )?;
        self.sync()?;
        self.segments.sync()
    }
}

/// Segments are read-write for their owner alone, and opened for appending only.
fn append_to(segments: &Segments, number: u64, create: bool) -> Result<File, Error> {
    let folder = segments.folder()?;
    if number >= LAST_SEGMENT {
        let used_up = io::Error::other("no segment numbers are left; a segment was forged");
        return Err(io_error("begin", &segments.path(number), used_up));
    }
    let opened = match create {
        true => folder.create(&name(number)),
        false => folder.append_own(&name(number)),
    };
    opened.map_err(|e| io_error("open", &segments.path(number), e))
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fault {
            segment,
            offset,
            flaw,
            ..
        } = self;
        match segment {
            0 => write!(f, "{flaw}: there is no journal"),
            _ => write!(f, "segment {segment:08} at byte {offset}: {flaw}"),
        }
    }
}
