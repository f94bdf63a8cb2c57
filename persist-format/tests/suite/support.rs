//! What every test needs.

use persist_format::{Document, Format, KeyPath, Value};

pub(crate) fn document(format: Format, text: &str) -> Document {
    match Document::parse(text.as_bytes(), format) {
        Ok(document) => document,
        Err(error) => panic!("{}", error.render("test")),
    }
}

pub(crate) fn path(text: &str) -> KeyPath {
    text.parse().expect("the test's key path is right")
}

/// JSON text as a value.
pub(crate) fn value(json: &str) -> Value {
    document(Format::Json, json).into_value()
}
