//! One lock file within this process: its descriptor and the reader/writer lock between threads.
//!
//! POSIX locks belong to the process, so two threads would both be granted an exclusive one; the
//! queue here decides between threads first. It is first come, first served; only its front speaks
//! to the kernel, and reads and writes wait for the kernel with the same deadline.

use std::collections::VecDeque;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use file_guard::{FileGuard, Lock};

use crate::holder::{Holder, LEN, Record};
use crate::range::{self, DATA, GATE};
use crate::sys;
use crate::wait::Deadline;

/// Reader or writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

impl Mode {
    /// As the kernel calls it.
    fn lock(self) -> Lock {
        match self {
            Self::Read => Lock::Shared,
            Self::Write => Lock::Exclusive,
        }
    }
}

/// How an attempt to take the lock ended that did not fail.
pub(crate) enum Attempt {
    Acquired,
    /// The deadline passed; `true` when this process itself is in the way.
    TimedOut(bool),
}

pub(crate) struct Shared {
    /// Never closed: closing *any* descriptor of the file would drop this process's locks on it.
    file: Arc<File>,
    pid: u32,
    state: Mutex<State>,
    turn: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    queue: VecDeque<u64>,
    readers: usize,
    writer: bool,
    /// The kernel's lock; `None` while free, or where the caller goes without.
    data: Option<FileGuard<Arc<File>>>,
    token: Option<u64>,
}

impl Shared {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file: Arc::new(file),
            pid: std::process::id(),
            state: Mutex::default(),
            turn: Condvar::new(),
        }
    }

    /// Was this process forked from the one that made this?
    pub(crate) fn is_inherited(&self) -> bool {
        self.pid != std::process::id()
    }

    /// Takes the lock. `unlocked`: go on without the kernel's where it has none. `sign`: a writer writes who it is.
    pub(crate) fn acquire(
        &self,
        mode: Mode,
        deadline: &Deadline,
        unlocked: bool,
        sign: bool,
    ) -> io::Result<Attempt> {
        let Some(turn) = self.wait_for_turn(mode, deadline) else {
            return Ok(Attempt::TimedOut(true));
        };
        let entered = match self.enter(mode, deadline, sign) {
            Err(error) if unlocked && sys::is_unsupported(&error) => {
                self.grant(mode, None, sign);
                Ok(true)
            }
            other => other,
        };
        drop(turn);
        entered.map(|entered| match entered {
            true => Attempt::Acquired,
            false => Attempt::TimedOut(false),
        })
    }

    /// Waits until this thread is the first in the queue and compatible with who holds the lock.
    fn wait_for_turn(&self, mode: Mode, deadline: &Deadline) -> Option<Turn<'_>> {
        let mut state = self.state();
        let ticket = state.next;
        state.next += 1;
        state.queue.push_back(ticket);
        let turn = Turn {
            shared: self,
            ticket,
        };
        while !state.admits(ticket, mode) {
            state = match deadline.left() {
                None => {
                    drop(state);
                    return None;
                }
                Some(None) => self
                    .turn
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(Some(left)) => {
                    self.turn
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        Some(turn)
    }

    /// Through the gate to the data; only the front of the queue comes here. `false`: out of time.
    fn enter(&self, mode: Mode, deadline: &Deadline, sign: bool) -> io::Result<bool> {
        let lock = mode.lock();
        let file = &*self.file;
        // Also readers who could join others of this process pass the gate: else a process whose
        // readers overlap would never let another process's writer in.
        let Some(gate) = range::poll(&file, lock, GATE, deadline)? else {
            return Ok(false);
        };
        if mode == Mode::Read && self.join_readers() {
            return Ok(true);
        }
        let data = range::poll(&self.file, lock, DATA, deadline)?;
        drop(gate);
        let Some(data) = data else {
            return Ok(false);
        };
        self.grant(mode, Some(data), sign);
        Ok(true)
    }

    fn join_readers(&self) -> bool {
        let mut state = self.state();
        let join = state.readers > 0;
        if join {
            state.readers += 1;
        }
        join
    }

    fn grant(&self, mode: Mode, data: Option<FileGuard<Arc<File>>>, sign: bool) {
        let mut state = self.state();
        state.data = data;
        match mode {
            Mode::Read => state.readers += 1,
            Mode::Write => {
                state.writer = true;
                state.token = sign.then(|| self.sign()).flatten();
            }
        }
    }

    /// Writes who holds the lock. On a full disk nothing is written, and `verify` has one proof less.
    fn sign(&self) -> Option<u64> {
        let token = RandomState::new().hash_one(self.pid);
        let record = Record::here(self.pid, token).encode();
        match sys::write_at(&self.file, &record) {
            Ok(()) => Some(token),
            Err(error) => {
                tracing::debug!(%error, "the lock file's holder record was not written");
                None
            }
        }
    }

    pub(crate) fn release(&self, mode: Mode) {
        if self.is_inherited() {
            return;
        }
        let mut state = self.state();
        match mode {
            Mode::Read => state.readers -= 1,
            Mode::Write => {
                if state.token.take().is_some() && self.still_exclusive(&state) {
                    // For messages only; a failure costs nothing.
                    sys::write_at(&self.file, &Record::blank()).ok();
                }
                state.writer = false;
            }
        }
        if state.readers == 0 {
            drop(state.data.take());
        }
        drop(state);
        self.turn.notify_all();
    }

    /// Is the exclusive lock still this process's, and was it all the time?
    pub(crate) fn verify_writer(&self) -> bool {
        let state = self.state();
        state.writer && self.still_exclusive(&state) && self.has_token(&state)
    }

    /// Has nobody else signed as writer since?
    pub(crate) fn is_still_signed(&self) -> bool {
        let state = self.state();
        state.writer && self.has_token(&state)
    }

    fn has_token(&self, state: &State) -> bool {
        match state.token {
            // Somebody else was writer since: their record (or its blank) took our place.
            Some(token) => self.record().is_some_and(|record| record.token == token),
            None => true,
        }
    }

    fn still_exclusive(&self, state: &State) -> bool {
        state.data.is_none() || sys::relock(&self.file, DATA)
    }

    fn record(&self) -> Option<Record> {
        let mut text = [0; LEN];
        sys::read_at(&self.file, &mut text).ok()?;
        Record::decode(&text)
    }

    /// Who is in the way, as far as is known.
    pub(crate) fn holder(&self, mode: Mode, own: bool) -> Option<Holder> {
        let record = self.record().map(|record| record.holder);
        let pid = match own {
            true => Some(std::process::id()),
            false => sys::blocker(&self.file, mode.lock(), DATA)
                .or_else(|| sys::blocker(&self.file, mode.lock(), GATE)),
        };
        match (pid, record) {
            (Some(pid), Some(holder)) if holder.pid == pid => Some(holder),
            (Some(pid), _) => Some(Holder {
                pid,
                host: String::new(),
                since: None,
            }),
            (None, record) => record,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admits(&self, ticket: u64, mode: Mode) -> bool {
        self.queue.front() == Some(&ticket)
            && !self.writer
            && (mode == Mode::Read || self.readers == 0)
    }
}

/// A place in the queue, given up on drop.
struct Turn<'shared> {
    shared: &'shared Shared,
    ticket: u64,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.queue.retain(|&ticket| ticket != self.ticket);
        drop(state);
        self.shared.turn.notify_all();
    }
}
