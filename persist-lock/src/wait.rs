//! How long to wait for a lock.

use std::time::{Duration, Instant};

/// How long to wait for a lock that is not free. The default is 10 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: one try.
    No,
    /// At most this long from the call. A duration too long for the clock means without end.
    For(Duration),
    /// Until this moment.
    Until(Instant),
}

impl Default for Wait {
    fn default() -> Self {
        Self::For(Duration::from_secs(10))
    }
}

/// A [`Wait`] once its clock runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    start: Instant,
    end: Option<Instant>,
}

impl Deadline {
    pub(crate) fn start(wait: Wait) -> Self {
        let start = Instant::now();
        let end = match wait {
            Wait::No => Some(start),
            Wait::For(time) => start.checked_add(time),
            Wait::Until(end) => Some(end),
        };
        Self { start, end }
    }

    pub(crate) fn waited(&self) -> Duration {
        self.start.elapsed()
    }

    /// The time left: `Some(None)` is without end, `None` is over.
    pub(crate) fn left(&self) -> Option<Option<Duration>> {
        let Some(end) = self.end else {
            return Some(None);
        };
        let left = end.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(Some(left))
    }
}
