//! Writing to the terminal: text with colours where it is one, or JSON.

mod styled;

use std::collections::HashSet;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use styled::{Rendering, render, visible_json};
pub(crate) use styled::{adopt, paint, visible};

/// The key path of a value.
pub(crate) const KEY: Style = AnsiColor::Cyan.on_default();
/// Something good, or added.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something bad, or removed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Something worth a look.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What is only there for completeness.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A heading.
pub(crate) const BOLD: Style = Style::new().bold();

/// Where results go.
#[derive(Debug)]
pub(crate) struct Out {
    json: bool,
    /// What was said once and is not said again.
    said: HashSet<String>,
    /// When the command began, or what it did last was told.
    began: Instant,
}

impl Out {
    pub(crate) fn new(json: bool) -> Out {
        Out {
            json,
            said: HashSet::new(),
            began: Instant::now(),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// How long it has taken since the command began, or since this was asked last.
    pub(crate) fn lap(&mut self) -> Duration {
        let began = std::mem::replace(&mut self.began, Instant::now());
        began.elapsed()
    }

    /// Whether a person reads the result.
    pub(crate) fn is_terminal(&self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// One line of words, with nothing in it that a terminal would act upon; nothing with `--json`.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        quiet(words(anstream::stdout(), &text.to_string()))
    }

    /// A line of content: for a program byte for byte, for a terminal as [`Out::line`]; nothing with `--json`.
    pub(crate) fn content_line(&mut self, text: impl Display) -> io::Result<()> {
        self.content(&format!("{text}\n"))
    }

    /// Content as it is, but for what a terminal would act upon if this is one; nothing with `--json`.
    pub(crate) fn content(&mut self, text: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let visible = io::stdout().is_terminal();
        let text = render(text, rendering(&io::stdout(), visible));
        // A stream that strips colours would strip those of the content, too.
        quiet(match visible {
            true => anstream::stdout().write_all(text.as_bytes()),
            false => io::stdout().write_all(text.as_bytes()),
        })
    }

    /// A word beside the result, on standard error, so that the result can be piped; nothing with `--json`.
    pub(crate) fn aside(&mut self, text: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        quiet(words(anstream::stderr(), &paint(DIM, text)))
    }

    /// As [`Out::aside`], but not for every one of many files.
    pub(crate) fn aside_once(&mut self, text: &str) -> io::Result<()> {
        match self.said.insert(text.to_owned()) {
            true => self.aside(text),
            false => Ok(()),
        }
    }

    /// The result as JSON; nothing without `--json`.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value)?;
        quiet(writeln!(io::stdout(), "{}", visible_json(&text)))
    }

    /// Lines of words on standard error; nothing with `--json`.
    pub(crate) fn complaint(&mut self, text: &str) -> io::Result<()> {
        match self.json {
            true => Ok(()),
            false => words(anstream::stderr(), text),
        }
    }
}

/// Words for people, wherever they go: what is piped into a pager ends on a terminal, too.
fn words<S: RawStream + AsLockedWrite>(mut stream: AutoStream<S>, text: &str) -> io::Result<()> {
    let text = render(text, rendering(stream.as_inner(), true));
    writeln!(stream, "{text}")
}

fn rendering(stream: &impl RawStream, visible: bool) -> Rendering {
    let coloured = AutoStream::choice(stream) != ColorChoice::Never;
    Rendering { coloured, visible }
}

/// `1 backup`, `2 backups`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

/// A reader that has seen enough (`persist log | head`) is no failure.
fn quiet(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
