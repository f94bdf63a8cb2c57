//! What ends a command early.

use std::error::Error as _;

use persist_core::Error;

use crate::exit::Exit;

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// The message with the text it is about drawn, where there is one.
    pub(crate) drawn: Option<String>,
    /// The messages of what caused it, outermost first.
    pub(crate) causes: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
            drawn: None,
            causes: Vec::new(),
        }
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
        let drawn = matches!(error, Error::Invalid(..)).then(|| error.render());
        Failure {
            exit: Exit::of(&error),
            message,
            drawn,
            causes,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::new(Exit::Failed, format!("could not write the output: {error}"))
    }
}
