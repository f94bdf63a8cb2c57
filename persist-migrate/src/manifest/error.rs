//! What is wrong with a manifest, and where.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::path::{Path, Step};

/// A manifest can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestError {
    /// The line, from 1; `None` if the fault is no matter of the text.
    pub line: Option<usize>,
    /// The column in that line, from 1.
    pub column: Option<usize>,
    /// A JSON Pointer to the faulty entry, as near as it is known.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl ManifestError {
    pub(super) fn at(path: String, message: String) -> Self {
        Self {
            line: None,
            column: None,
            path,
            message,
        }
    }

    /// Adds line and column, where the path is known in `text`.
    pub(super) fn located_in(mut self, text: &str) -> Self {
        if let Some(offset) = offset_of(text, &self.path) {
            let before = &text[..offset];
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            self.line = Some(before.matches('\n').count() + 1);
            self.column = Some(before[line_start..].chars().count() + 1);
        }
        self
    }

    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        Self {
            line: Some(error.line()),
            column: Some(error.column()),
            path: String::new(),
            message: message(error),
        }
    }

    pub(super) fn from_serde(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        Self {
            path: pointer(error.path()),
            ..Self::syntax(error.inner())
        }
    }
}

/// The message without `serde_json`'s own position.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push_str(&format!("/{key}"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// Where in a JSON text the value of a JSON Pointer starts.
fn offset_of(text: &str, pointer: &str) -> Option<usize> {
    let path: Path = pointer.parse().ok()?;
    let mut here: &RawValue = serde_json::from_str(text).ok()?;
    for step in path.steps() {
        here = match step {
            Step::Index(index) => *serde_json::from_str::<Vec<&RawValue>>(here.get())
                .ok()?
                .get(*index)?,
            _ => serde_json::from_str::<BTreeMap<String, &RawValue>>(here.get())
                .ok()?
                .get(step.key()?.as_ref())?,
        };
    }
    // Both are parts of the same allocation, for a borrowed raw value is a slice of its text.
    (here.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ManifestError {}
