//! What is wrong with a manifest, and where.

use std::fmt;

/// A manifest can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestError {
    /// The line, from 1; `None` if the fault is no matter of the text.
    pub line: Option<usize>,
    /// The column in characters of that line, from 1.
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
