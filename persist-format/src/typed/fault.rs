//! serde's complaint, on its way up from the place where it arose.

use std::fmt::{self, Display};

use serde::de::{Expected, Unexpected};

use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::suggest::nearest;

/// The complaints that reading again with more, or with less, can be an answer to.
#[derive(Debug)]
pub(super) enum What {
    Missing(&'static str),
    Duplicate(&'static str),
    Unknown(String),
    /// What should say an enum's variant says none.
    NoVariant,
    Other,
}

#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    what: What,
    /// Said by what was read as a map: of a missing field, a struct with flattened fields.
    in_map: bool,
    help: Option<String>,
    /// The steps to the place, the last one first.
    way: Vec<Segment>,
    at_key: bool,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            what: What::Other,
            in_map: false,
            help: None,
            way: Vec::new(),
            at_key: false,
        }
    }

    fn with_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    fn of(self, what: What) -> Self {
        Self { what, ..self }
    }

    pub(super) fn what(&self) -> &What {
        &self.what
    }

    /// Marks it, unless it comes from further down.
    pub(super) fn in_map(self) -> Self {
        let in_map = self.in_map || self.way.is_empty();
        Self { in_map, ..self }
    }

    pub(super) fn is_in_map(&self) -> bool {
        self.in_map
    }

    pub(super) fn is_at_key(&self) -> bool {
        self.at_key
    }

    /// The container that complains, or the value that is complained of.
    pub(super) fn path(&self) -> KeyPath {
        self.way.iter().rev().cloned().collect()
    }

    /// The fault seen from one container further up.
    pub(super) fn below(mut self, segment: Segment) -> Self {
        self.way.push(segment);
        self
    }

    /// The fault is with the key itself, not with the value under it.
    pub(super) fn at_key(mut self, segment: Segment) -> Self {
        self.at_key = true;
        self.below(segment)
    }

    pub(super) fn into_error(self, document: Option<&Document>) -> Error {
        let path: KeyPath = self.way.into_iter().rev().collect();
        let mut error = Error::new(ErrorKind::Type, self.message).with_path(path.clone());
        if let Some(help) = self.help {
            error = error.with_help(help);
        }
        match document.and_then(|doc| Some((doc, doc.span(&path, self.at_key)?))) {
            Some((doc, span)) => error.with_span(doc.text(), span),
            None => error,
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

/// What was found, without the text of strings: messages end up in logs, and a string may be a secret.
fn found(unexpected: &Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Str(_) => "string".into(),
        Unexpected::Bytes(_) => "bytes".into(),
        Unexpected::Unit | Unexpected::Option => "null".into(),
        Unexpected::Seq => "array".into(),
        Unexpected::Map => "table".into(),
        Unexpected::Bool(b) => format!("boolean {b}"),
        Unexpected::Signed(n) => format!("integer {n}"),
        Unexpected::Unsigned(n) => format!("integer {n}"),
        Unexpected::Float(x) => format!("float {x:?}"),
        other => other.to_string(),
    }
}

fn one_of(names: &'static [&'static str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn hint(word: &str, names: &'static [&'static str]) -> Option<String> {
    match nearest(word, names.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if names.is_empty() => None,
        None => Some(format!("expected one of {}", one_of(names))),
    }
}

impl serde::de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let fault = Self::new(format!("expected {expected}, found {}", found(&unexpected)));
        // The derived word for it.
        match expected.to_string() == "variant identifier" {
            true => fault.of(What::NoVariant),
            false => fault,
        }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown field `{field}`"))
            .of(What::Unknown(field.to_owned()))
            .with_help(hint(field, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown variant `{variant}`"))
            .of(What::NoVariant)
            .with_help(hint(variant, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`")).of(What::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("duplicate field `{field}`")).of(What::Duplicate(field))
    }
}

impl serde::ser::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}
