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
    /// What is wrong with the entry that a JSON Pointer leads to.
    #[must_use]
    pub fn at(path: String, message: String) -> Self {
        Self {
            line: None,
            column: None,
            path,
            message,
        }
    }

    /// Adds line and column, where the path is known in `text`.
    #[must_use]
    pub fn located_in(mut self, text: &str) -> Self {
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
            message: without_position(error),
        }
    }

    pub(super) fn from_serde(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let syntax = Self::syntax(error.inner());
        let path = pointer(error.path());
        Self {
            message: in_our_words(&path, &syntax.message),
            path,
            ..syntax
        }
    }
}

/// The message without `serde_json`'s own position.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// What the reader of the text says, told to somebody who writes a manifest.
fn in_our_words(path: &str, message: &str) -> String {
    match (Place::of(path), message) {
        (Place::Version, message) if !message.starts_with("invalid type") => {
            return "a version is three numbers, such as 1.2.0".into();
        }
        (Place::Lens, "expected value") => {
            return r#"a lens is a map of one entry, such as {"remove": {"path": "/old"}}; two lenses are two maps"#.into();
        }
        (_, "expected value" | "expected ident") => {
            return "a JSON value is expected here: text is in double quotes, true, false and null are not".into();
        }
        _ => {}
    }
    let what = match Place::of(path) {
        Place::Lens => "unknown lens",
        _ => "unknown type",
    };
    let near = misspelt(message).map(|near| format!("; did you mean `{near}`?"));
    message.replacen("unknown variant", what, 1) + near.as_deref().unwrap_or_default()
}

/// What an entry of a manifest is, as far as messages differ.
enum Place {
    Version,
    Lens,
    /// A lens's own entries too: values, types and paths.
    Other,
}

impl Place {
    fn of(path: &str) -> Self {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        match steps[..] {
            ["versions", _, "version"] | ["edges", _, "from" | "to"] => Self::Version,
            ["edges", _, "lenses" | "down", _] => Self::Lens,
            _ => Self::Other,
        }
    }
}

/// The name nearest to the one that is not known, of those that are.
fn misspelt(message: &str) -> Option<&str> {
    let names = message.strip_prefix("unknown variant `");
    let names = names.or_else(|| message.strip_prefix("unknown field `"))?;
    let mut names = names.split('`').step_by(2);
    let unknown = names.next()?;
    names
        .map(|name| (strsim::osa_distance(unknown, name), name))
        .filter(|(distance, _)| *distance <= (unknown.len() / 3).max(1))
        .min()
        .map(|(_, name)| name)
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
