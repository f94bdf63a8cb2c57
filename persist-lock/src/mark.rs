//! What a file is told by, without its content.

use std::fmt;
use std::time::Duration;

use crate::sys::{Meta, Stamp};

/// What tells a file from another, and from itself after something was written to it; equal for no file.
#[derive(Clone, PartialEq, Eq)]
pub struct Mark(Option<Stamp>);

impl Mark {
    pub(crate) fn of(found: Option<&Meta>) -> Self {
        Self(found.map(Stamp::of))
    }

    /// Whether it was left alone for so long that no later change can look like it: two within one tick of the system's clock can.
    /// Of a file that is not there, any other differs.
    pub fn is_settled(&self) -> bool {
        const TICK: Duration = Duration::from_millis(100);
        let changed = self.0.as_ref().map(Stamp::last_change);
        changed.is_none_or(|changed| changed.elapsed().is_ok_and(|age| age > TICK))
    }

    /// The length in bytes; `None` where there is no file.
    pub fn length(&self) -> Option<u64> {
        self.0.as_ref().map(Stamp::len)
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mark").field(&self.0.is_some()).finish()
    }
}
