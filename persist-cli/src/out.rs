//! Writing to the terminal: text with colours where it is one, or JSON.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;

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

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Where results go.
#[derive(Debug)]
pub(crate) struct Out {
    json: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Out {
        Out { json }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// One line of text; nothing with `--json`.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        quiet(writeln!(anstream::stdout(), "{text}"))
    }

    /// Text exactly as it is.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        quiet(anstream::stdout().write_all(text.as_bytes()))
    }

    /// A word beside the result, on standard error, so that the result can be piped; nothing with `--json`.
    pub(crate) fn aside(&mut self, text: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        quiet(writeln!(anstream::stderr(), "{}", paint(DIM, text)))
    }

    /// The result as JSON; nothing without `--json`.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value)?;
        quiet(writeln!(io::stdout(), "{text}"))
    }

    /// Says what went wrong, on standard error; as JSON on standard output with `--json`.
    pub(crate) fn failure(&mut self, failure: &Failure) -> Exit {
        let written = if self.json {
            self.json(&json!({
                "error": failure.exit.word(),
                "exit": failure.exit as u8,
                "message": failure.message,
                "causes": failure.causes,
                "hint": failure.hint,
            }))
        } else {
            Self::complain(failure)
        };
        // With standard error gone there is only the exit code left to tell.
        drop(written);
        failure.exit
    }

    fn complain(failure: &Failure) -> io::Result<()> {
        let mut stderr = anstream::stderr();
        match &failure.drawn {
            Some(drawn) => writeln!(stderr, "{drawn}")?,
            None => writeln!(
                stderr,
                "{} {}",
                paint(BAD.bold(), "error:"),
                failure.message
            )?,
        }
        for cause in &failure.causes {
            writeln!(stderr, "  {} {cause}", paint(DIM, "because:"))?;
        }
        // Where the text is drawn the help is drawn with it.
        if let Some(hint) = failure.hint.as_ref().filter(|_| failure.drawn.is_none()) {
            writeln!(stderr, "  {} {hint}", paint(GOOD, "help:"))?;
        }
        Ok(())
    }
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
