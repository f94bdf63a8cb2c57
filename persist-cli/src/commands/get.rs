//! `persist get`.

use std::path::Path;

use persist_core::{Document, Format, KeyPath, Value};
use serde_json::json;

use super::Outcome;
use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{Out, with_path};

/// Prints a value: a scalar as it is, so that scripts can use it, a container as JSON.
pub(super) fn get(
    args: &Args,
    out: &mut Out,
    path: &Path,
    key: Option<&KeyPath>,
    reveal: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let document = file.document()?;
    let root = KeyPath::root();
    let key = key.unwrap_or(&root);
    let Some(value) = document.get(key) else {
        return Err(missing(path, key));
    };
    let container = matches!(value, Value::Map(_) | Value::Sequence(_));
    // Who names a secret wants it; who prints a whole section may not know what is in it.
    let shown = match container && !reveal {
        true => file.options().sensitive.redact(key, value),
        false => value.clone(),
    };
    let told = json!({ "path": key.pointer(), "value": shown.to_json() });
    out.json(&with_path(told, "file", path))?;
    match &shown {
        Value::String(text) => out.content_line(text)?,
        Value::Map(_) | Value::Sequence(_) => {
            // As a document it keeps its order; what JSON has no word for is still shown as text.
            match Document::encode(&shown, Format::Json) {
                Ok((document, _)) => out.content_line(document.text().trim_end())?,
                Err(_) => out.content_line(&shown)?,
            }
        }
        other => out.content_line(other)?,
    }
    Ok(Exit::Done)
}

fn missing(path: &Path, key: &KeyPath) -> Failure {
    Failure::new(Exit::No, format!("{}: there is no `{key}`", path.display()))
}
