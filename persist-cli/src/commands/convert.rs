//! `persist convert`.

use std::path::Path;

use persist_core::format::Warning;
use persist_core::{ConfigFile, Document, Format, KeyPath, Value};
use serde_json::json;

use super::Outcome;
use super::open::{Versions, open, options};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::show;

pub(super) fn convert(
    args: &Args,
    out: &mut Out,
    path: &Path,
    to: Option<Format>,
    target: Option<&Path>,
    reveal: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let format = to.or_else(|| Format::from_path(target?));
    let format = format.ok_or_else(|| {
        Failure::usage("the file's name does not say which format it is to have; name it with --to")
    })?;
    let converted = file.document()?.convert(format);
    let (document, lost) =
        converted.map_err(|e| persist_core::Error::Invalid(Box::new(e.with_file(path))))?;
    match target {
        Some(target) => save(args, out, target, &document, &lost),
        None => print(out, &file, &document, &lost, reveal),
    }
}

/// As any other save: what was in the file before is backed up.
fn save(args: &Args, out: &mut Out, path: &Path, new: &Document, lost: &[Warning]) -> Outcome {
    let mut options = options(args);
    options.format = Some(new.format());
    let file = ConfigFile::open(path, options)?;
    let receipt = file.edit(Some("converted"), |document| {
        *document = new.clone();
        Ok(lost.to_vec())
    })?;
    show::receipt(out, &receipt)
}

fn print(
    out: &mut Out,
    file: &ConfigFile,
    document: &Document,
    lost: &[Warning],
    reveal: bool,
) -> Outcome {
    let secrets = secrets(file, document);
    if !reveal && !secrets.is_empty() {
        let message = format!(
            "{}: sensitive values at {}; save to a file with --out, or print them with --reveal",
            file.path().display(),
            secrets.join(", ")
        );
        return Err(Failure::usage(message));
    }
    let words: Vec<String> = lost.iter().map(ToString::to_string).collect();
    out.json(&json!({
        "format": document.format().name(),
        "text": document.text(),
        "lost": words,
    }))?;
    out.content(document.text())?;
    for word in &words {
        out.aside(&format!("not carried: {word}"))?;
    }
    Ok(Exit::Done)
}

/// Where values stand that must not be shown; empty ones are no secret.
fn secrets(file: &ConfigFile, document: &Document) -> Vec<String> {
    let found = file
        .options()
        .sensitive
        .found(&KeyPath::root(), document.value());
    let filled = found.iter().filter(|path| match document.get(path) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(value) => !value.is_null(),
        None => false,
    });
    filled.map(ToString::to_string).collect()
}
