//! What a text means.

use super::note::Note;
use crate::value::Value;

/// What a text means.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Meant {
    /// The value.
    pub value: Value,
    /// How it is to be spelled, where that is not left to the writer: for [`Edits::set_spelled`](crate::Edits::set_spelled).
    pub spelling: Option<String>,
    /// What a person should know of it.
    pub notes: Vec<Note>,
}

impl Meant {
    pub(super) fn new(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            spelling: None,
            notes: Vec::new(),
        }
    }

    pub(super) fn spelled(value: Value, spelling: impl Into<String>) -> Self {
        Self {
            spelling: Some(spelling.into()),
            ..Self::new(value)
        }
    }

    pub(super) fn noting(mut self, note: Option<Note>) -> Self {
        self.notes.extend(note);
        self
    }
}
