//! One thing that a check complains of.

use serde::{Serialize, Serializer};

use crate::error::Error;

/// Something that is wrong, in words. As JSON it is its line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// In one line.
    pub line: String,
    /// As [`Error::render`] has it, with the lines of the file drawn: where the problem is in the file's text.
    pub drawn: Option<String>,
}

impl Problem {
    pub(super) fn plain(line: String) -> Problem {
        Problem { line, drawn: None }
    }

    pub(super) fn in_text(error: &Error) -> Problem {
        Problem {
            line: error.line(),
            drawn: Some(error.render()),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.line)
    }
}
