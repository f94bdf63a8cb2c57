//! What every test needs.

use persist_format::{Document, Edit, Error, Extent, Format, KeyPath, Value};

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

/// The text after an edit that must succeed in place.
pub(crate) fn edited(
    format: Format,
    text: &str,
    edit: impl FnOnce(&mut Document) -> Result<Edit, Error>,
) -> String {
    let mut doc = document(format, text);
    let edit = edit(&mut doc).expect("the edit can be made");
    assert_eq!(edit.extent, Extent::Splice, "in {text:?}");
    doc.text().to_owned()
}

/// Says something that the runner shows: pass rates, and what was skipped.
pub(crate) fn print_line(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{text}").expect("there is a standard error");
}

/// There is no other program to judge what was written: to be said loudly, and where changes land (`.ci/run`) a failure, since a test that nobody judges is
/// none.
pub(crate) fn unjudged(why: &str) {
    assert!(std::env::var_os("PERSIST_JUDGED").is_none(), "{why}");
    print_line(&format!("SKIPPED: {why}"));
}
