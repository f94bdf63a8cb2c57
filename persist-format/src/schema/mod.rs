//! Checking a document against a JSON Schema, all violations at once, each at its line and column. Needs the feature `schema`.

mod message;

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::location::Location;
use crate::path::KeyPath;

/// One way in which a document is not what its schema says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// Where in the tree.
    pub path: KeyPath,
    /// Where in the text; `None` only for a value that is not there.
    pub location: Option<Location>,
    /// What is wrong, without values: those may be secrets.
    pub message: String,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
    at_key: bool,
}

impl Violation {
    /// The violation as an error, which can draw the line in the file.
    #[must_use]
    pub fn to_error(&self, document: &Document) -> Error {
        let mut error =
            Error::new(ErrorKind::Type, self.message.clone()).with_path(self.path.clone());
        if let Some(help) = &self.help {
            error = error.with_help(help.clone());
        }
        match document.span(&self.path, self.at_key) {
            Some(span) => error.with_span(document.text(), span),
            None => error,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.path.is_root() {
            write!(f, " at {}", self.path)?;
        }
        match self.location {
            Some(at) => write!(f, " ({}:{})", at.line, at.column),
            None => Ok(()),
        }
    }
}

/// Every violation of the schema, in the order of the text; none if the document is valid. References to other files are not followed.
///
/// # Errors
///
/// [`ErrorKind::Schema`] if the schema itself is unusable.
pub fn check(document: &Document, schema: &serde_json::Value) -> Result<Vec<Violation>, Error> {
    let unusable = |e: ValidationError<'_>| {
        Error::new(
            ErrorKind::Schema,
            format!("the JSON Schema is unusable: {e}"),
        )
    };
    let validator = jsonschema::validator_for(schema).map_err(unusable)?;
    let instance = document.value().to_json();
    let mut checker = Checker {
        document,
        schema,
        found: Vec::new(),
    };
    for error in validator.iter_errors(&instance) {
        checker.add(&error);
    }
    let mut found = checker.found;
    found.sort_by(|a, b| (a.location, &a.path, &a.message).cmp(&(b.location, &b.path, &b.message)));
    found.dedup();
    Ok(found)
}

/// The JSON Schema of a Rust type. Needs the feature `schemars`.
#[cfg(feature = "schemars")]
#[must_use]
pub fn of<T: schemars::JsonSchema>() -> serde_json::Value {
    schemars::schema_for!(T).to_value()
}

struct Checker<'a> {
    document: &'a Document,
    schema: &'a serde_json::Value,
    found: Vec<Violation>,
}

impl Checker<'_> {
    fn push(
        &mut self,
        path: KeyPath,
        at_key: bool,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let span = self.document.span(&path, at_key);
        let location = span.map(|span| Location::of(self.document.text(), span.start));
        self.found.push(Violation {
            path,
            location,
            message: message.into(),
            help,
            at_key,
        });
    }

    fn add(&mut self, error: &ValidationError<'_>) {
        let path = path_of(error);
        let path = self.document.value().resolve(&path).unwrap_or(path);
        match error.kind() {
            Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } => {
                let known = self.properties(error);
                for key in unexpected {
                    let near = crate::suggest::nearest(key, known.iter().map(String::as_str));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    self.push(path.child(key), true, format!("unknown key `{key}`"), help);
                }
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                self.branches(error, &path, context);
            }
            kind => self.push(path, false, message::of(kind, error), None),
        }
    }

    /// Of alternatives that all fail only the one that was meant is of interest: the one that fails furthest inside.
    fn branches(
        &mut self,
        error: &ValidationError<'_>,
        path: &KeyPath,
        branches: &[Vec<ValidationError<'static>>],
    ) {
        let depth = |branch: &[ValidationError<'static>]| {
            branch
                .iter()
                .map(|e| path_of(e).segments().len())
                .max()
                .unwrap_or(0)
        };
        let wrong_type = |branch: &[ValidationError<'static>]| {
            branch
                .iter()
                .any(|e| matches!(e.kind(), Kind::Type { .. }) && path_of(e) == *path)
        };
        let mut meant: Vec<_> = branches
            .iter()
            .filter(|branch| !wrong_type(branch))
            .collect();
        meant.sort_by_key(|branch| (std::cmp::Reverse(depth(branch)), branch.len()));
        match meant.as_slice() {
            [] => {
                let types = message::types(branches.iter().flatten());
                self.push(
                    path.clone(),
                    false,
                    message::expected(&types, error.instance()),
                    None,
                );
            }
            [branch, ..] => {
                for error in *branch {
                    self.add(error);
                }
            }
        }
    }

    /// The keys that the schema knows beside the keyword that complains.
    fn properties(&self, error: &ValidationError<'_>) -> Vec<String> {
        let keyword = error.schema_path().as_str();
        let object = keyword
            .rsplit_once('/')
            .and_then(|(object, _)| self.schema.pointer(object));
        let properties = object.and_then(|object| object.get("properties")?.as_object());
        properties
            .map(|known| known.keys().cloned().collect())
            .unwrap_or_default()
    }
}

fn path_of(error: &ValidationError<'_>) -> KeyPath {
    // A pointer from the validator always reads.
    error.instance_path().as_str().parse().unwrap_or_default()
}
