//! A progress bar for what may take long.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::out::Out;

/// What is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Drawn on standard error, where that is a terminal, once it has been waited for; never with `--json`.
pub(super) struct Bar {
    what: &'static str,
    wanted: bool,
    since: Instant,
    drawn: Option<ProgressBar>,
}

impl Bar {
    pub(super) fn new(out: &Out, what: &'static str) -> Bar {
        Bar {
            what,
            wanted: !out.is_json(),
            since: Instant::now(),
            drawn: None,
        }
    }

    pub(super) fn show(&mut self, done: usize, total: usize) {
        if !self.wanted || (self.drawn.is_none() && self.since.elapsed() < PATIENCE) {
            return;
        }
        let bar = self.drawn.get_or_insert_with(|| drawn(self.what));
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    }
}

impl Drop for Bar {
    /// What is printed next begins on a clean line.
    fn drop(&mut self) {
        if let Some(bar) = &self.drawn {
            bar.finish_and_clear();
        }
    }
}

fn drawn(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent}% {msg}") {
        bar.set_style(style);
    }
    bar.with_message(what)
}
