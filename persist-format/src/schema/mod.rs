//! Checking a document against a JSON Schema, all violations at once, each at its line and column. Needs the feature `schema`.
//!
//! A schema may come from anybody. Nothing that it refers to outside of itself is read, from disk or network, and what it may cost is
//! bounded: its size, its regular expressions, and with each document the subschemas that would be visited, which are
//! counted before they are. What is beyond a limit is an [`ErrorKind::Limit`] error that names the limit and the place in the schema.
//!
//! Regular expressions are those of ECMA 262, as far as Rust's linear-time engine can take them. Lookarounds and references back to a group go to
//! an engine that backtracks, for 10,000 steps; a text that takes more is a violation. Compiled they may have 1 MiB each, 16 MiB together.

mod bounds;
mod cost;
mod kinds;
mod message;
mod patterns;
mod resources;

use std::fmt;

pub use self::kinds::{Expected, Unknown};

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};

use self::cost::{Cost, TooMuch};
use self::patterns::Patterns;
use self::resources::Resources;

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

/// The most violations that are listed; after them stands one that says that there are more.
const LISTED: usize = 1_000;

/// What the errors of one check may hold, in values of the document that they copy.
const COPIED: u64 = 400_000;

/// Every violation of the schema, in the order of the text; none if the document is valid. References to other files are not followed.
///
/// For many documents of one schema, [`Compiled`] does it once what this does each time.
///
/// # Errors
///
/// [`ErrorKind::Schema`] if the schema itself is unusable, [`ErrorKind::Limit`] if it costs too much.
pub fn check(document: &Document, schema: &serde_json::Value) -> Result<Vec<Violation>, Error> {
    Compiled::new(schema)?.check(document)
}

/// A schema, ready to check documents.
#[derive(Debug)]
pub struct Compiled<'s> {
    resources: Resources<'s>,
    patterns: Patterns,
    validator: Validator,
}

impl<'s> Compiled<'s> {
    /// Compiles a schema.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Schema`] if it is unusable, [`ErrorKind::Limit`] if it is too large.
    pub fn new(schema: &'s serde_json::Value) -> Result<Self, Error> {
        tracing::debug!(name: "compile", "compiled a schema");
        let resources = Resources::of(schema);
        let inventory = bounds::inventory(schema, &resources)?;
        let patterns = Patterns::new(&inventory);
        let validator = patterns.options().build(schema).map_err(|e| unusable(&e))?;
        Ok(Self {
            resources,
            patterns,
            validator,
        })
    }

    /// Every violation, in the order of the text; none if the document is valid. Of more than 1,000 the rest is not listed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`] if the schema costs too much with this document.
    pub fn check(&self, document: &Document) -> Result<Vec<Violation>, Error> {
        self.check_counted(document)
            .map(|(violations, _)| violations)
    }

    /// [`check`](Self::check), and how many pairs of subschema and value it has looked at, at most.
    ///
    /// # Errors
    ///
    /// As of `check`.
    pub fn check_counted(&self, document: &Document) -> Result<(Vec<Violation>, u64), Error> {
        let instance = document.value().to_json();
        let limit = cost::limit(cost::size(&instance), self.patterns.heavy());
        let cost = cost::count(&self.resources, &self.patterns, &instance, limit);
        let cost = cost.map_err(|what| self.too_much(&what, limit))?;
        // Without an error to tell, nothing is copied.
        if self.validator.is_valid(&instance) {
            return Ok((Vec::new(), cost.visits));
        }
        let mut checker = Checker {
            document,
            schema: self.resources.root,
            found: Vec::new(),
        };
        self.explain(&instance, cost, &mut checker);
        let mut found = checker.found;
        found.sort_by(|a, b| {
            (a.location, &a.path, &a.message).cmp(&(b.location, &b.path, &b.message))
        });
        found.dedup();
        Ok((found, cost.visits))
    }

    /// All errors where they can be held, else the first of them, else that there are some.
    fn explain(&self, instance: &serde_json::Value, cost: Cost, checker: &mut Checker<'_>) {
        if cost.errors <= COPIED {
            for error in self.validator.iter_errors(instance) {
                checker.add(&error);
            }
            return;
        }
        if cost.largest > COPIED {
            let message =
                "not allowed by the schema, which has too many alternatives to tell where";
            return checker.push(KeyPath::root(), false, message, None);
        }
        if let Err(error) = self.validator.validate(instance) {
            checker.add(&error);
            checker.more();
        }
    }

    fn too_much(&self, what: &TooMuch<'_>, limit: u64) -> Error {
        let pointer = |schema: &serde_json::Value| self.resources.pointer(schema);
        match what {
            TooMuch::Visits(schema) => bounds::beyond(
                &format!("would look at this document more than {limit} times"),
                &pointer(schema),
                "let fewer of its alternatives refer to the same definition",
            ),
            TooMuch::Depth(schema) => bounds::beyond(
                &format!(
                    "nests more than {} subschemas with this document",
                    cost::MAX_DEPTH
                ),
                &pointer(schema),
                "let fewer definitions refer to one another in a row",
            ),
            TooMuch::Circle(schema) => bounds::beyond(
                "has a definition that is part of itself without a step into the document",
                &pointer(schema),
                "let it refer to itself only within `properties`, `items` or similar keywords",
            ),
        }
    }
}

fn unusable(error: &ValidationError<'_>) -> Error {
    let message = message::brief(&error.masked().to_string());
    let place = match error.instance_path().as_str() {
        "" => String::new(),
        pointer => format!(", at `{pointer}`"),
    };
    Error::new(
        ErrorKind::Schema,
        format!("the JSON Schema is unusable: {message}{place}"),
    )
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
        if self.found.len() >= LISTED {
            return self.more();
        }
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

    /// Says, once, that there are more violations than are listed.
    fn more(&mut self) {
        let message = "more violations not listed";
        if self.found.last().is_none_or(|last| last.message != message) {
            self.found.push(Violation {
                path: KeyPath::root(),
                location: None,
                message: message.into(),
                help: None,
                at_key: false,
            });
        }
    }

    fn add(&mut self, error: &ValidationError<'_>) {
        if self.found.len() > LISTED {
            return;
        }
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
