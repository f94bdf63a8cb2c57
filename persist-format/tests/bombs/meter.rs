//! What some work costs a process that does nothing else.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Memory at its peak beyond what was there before, and time.
pub(crate) struct Cost {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// The peak is that of the first round, when nothing that was freed lies ready; the time the best of a few if it is not `enough`, since other
/// processes run too.
pub(crate) fn measure(enough: Duration, work: impl Fn() -> String) -> (String, Cost) {
    let before = status("VmRSS:");
    let clock = Clock::start();
    let outcome = work();
    let mut time = clock.elapsed();
    let bytes = status("VmHWM:").saturating_sub(before);
    for _ in 0..4 {
        if time < enough || cfg!(debug_assertions) {
            break;
        }
        let clock = Clock::start();
        assert_eq!(work(), outcome, "the same text, the same outcome");
        time = time.min(clock.elapsed());
    }
    (outcome, Cost { bytes, time })
}

/// The time that this thread ran, where the kernel tells it: waiting for a busy processor says nothing of the work. Else the time that passed.
pub(crate) struct Clock {
    wall: Instant,
    ran: Option<Duration>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            wall: Instant::now(),
            ran: ran(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        let ran = self.ran.zip(ran()).map(|(before, now)| now - before);
        ran.unwrap_or_else(|| self.wall.elapsed())
    }
}

/// `/proc/thread-self/schedstat`: nanoseconds on a processor, nanoseconds waiting, slices.
fn ran() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// A line of `/proc/self/status`, in bytes; 0 where there is none.
fn status(name: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bytes, self.time.as_nanos())
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(bytes, nanos)| {
            Some((
                bytes.parse().ok()?,
                nanos.parse().ok().map(Duration::from_nanos)?,
            ))
        });
        let (bytes, time) = numbers.ok_or(format!("{text:?} is no cost"))?;
        Ok(Self { bytes, time })
    }
}
