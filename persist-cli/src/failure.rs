//! What ends a command early.

use std::error::Error as _;

use persist_core::{Error, HistoryTrouble, VersionTrouble};

use crate::exit::Exit;
use crate::out::adopt;
use crate::quote::quoted;

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// The message with the text it is about drawn, where there is one.
    pub(crate) drawn: Option<String>,
    /// The messages of what caused it, outermost first.
    pub(crate) causes: Vec<String>,
    /// What to do about it, in terms of this command.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
            drawn: None,
            causes: Vec::new(),
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let message = error.to_string();
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Some messages already tell what caused them.
            if !message.contains(&text) && !causes.iter().any(|c: &String| c.contains(&text)) {
                causes.push(text);
            }
            cause = inner.source();
        }
        Failure {
            exit: Exit::of(&error),
            message,
            drawn: drawn(&error),
            causes,
            hint: hint(&error),
        }
    }
}

/// The line of the file that the error is about. In colours only where nothing that is quoted brings its own.
fn drawn(error: &Error) -> Option<String> {
    let Error::Invalid(source) = error else {
        return None;
    };
    source.location()?;
    let plain = source.render("");
    Some(match plain.contains('\u{1b}') {
        true => plain,
        false => adopt(&source.render_coloured("")),
    })
}

fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Invalid(source) => source.help().map(str::to_owned),
        Error::Damaged { file, .. } => Some(format!("persist recover {}", quoted(file))),
        Error::ChangedOutside { file } => Some(format!("persist adopt {}", quoted(file))),
        Error::Version {
            what: VersionTrouble::NoManifest,
            ..
        } => Some("name it with --versions FILE".into()),
        Error::History { what, .. } => history_hint(what),
        Error::NotSaved { source, .. } => another_way(source.downcast_ref()?).map(str::to_owned),
        Error::Lock { source, .. } => another_way(source).map(str::to_owned),
        Error::Backup { file, .. } => {
            let list = format!("persist backups {}", quoted(file));
            Some(format!("`{list}` lists them"))
        }
        _ => None,
    }
}

fn history_hint(what: &HistoryTrouble) -> Option<String> {
    match what {
        HistoryTrouble::Elsewhere { at, given } => {
            let (at, given) = (quoted(at), quoted(given));
            Some(format!(
                "leave out --state-dir, or `mv {at} {given}` before"
            ))
        }
        HistoryTrouble::Gone { beside, .. }
        | HistoryTrouble::NotOurs { beside, .. }
        | HistoryTrouble::Unclear { beside, .. } => Some(format!(
            "--state-dir DIR says where it is; after `rm -r {}` the next save begins a new history",
            quoted(beside)
        )),
        _ => None,
    }
}

/// How a file can be changed all the same that is not replaced.
fn another_way(error: &persist_core::lock::Error) -> Option<&'static str> {
    use persist_core::lock::Error::{Busy, HardLinked, NotKept, Sticky};
    match error {
        Busy { .. } | NotKept { .. } | Sticky { .. } => Some(
            "--in-place writes into the file itself, which a power cut can leave half-written until the next save",
        ),
        HardLinked { .. } => Some(
            "--split-links saves under this name alone, and the others keep the old content, as copies should (`cp -al`); --in-place writes into the file that all of them name",
        ),
        _ => None,
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::new(Exit::Failed, format!("could not write the output: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::new(
            Exit::Failed,
            format!("could not encode the output: {error}"),
        )
    }
}
