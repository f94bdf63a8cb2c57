//! `persist convert`.

use std::path::Path;

use persist_core::format::Warning;
use persist_core::{ConfigFile, Document, Format, KeyPath};

use super::open::options;
use super::{dry, secrecy};
use crate::args::{Args, Secrets};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::Out;
use crate::show;

/// Where the result goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) format: Option<Format>,
    /// To be printed where `None`.
    pub(super) path: Option<&'a Path>,
    pub(super) dry_run: bool,
}

pub(super) fn convert(
    args: &Args,
    out: &mut Out,
    path: &Path,
    target: Target<'_>,
    secrets: Secrets,
) -> Outcome {
    let (file, document) = dry::read(args, out, path)?;
    let named = || Format::from_path(target.path?);
    let format = target.format.or_else(named).ok_or_else(|| {
        Failure::usage("the format can't be determined from the file's name; name it with --to")
    })?;
    let converted = document.convert(format);
    let (document, lost) =
        converted.map_err(|e| persist_core::Error::Invalid(Box::new(e.with_file(file.path()))))?;
    match target.path {
        Some(path) => {
            let mut options = options(args);
            options.format = Some(document.format());
            // What others can't read in one file they can't in the other.
            options.private = is_private(file.path());
            let copy = ConfigFile::open(path, options)?;
            save(out, &copy, target.dry_run, &document, &lost)
        }
        None => print(out, &file, &document, &lost, secrets),
    }
}

/// As any other save: what was in the file before is backed up.
fn save(
    out: &mut Out,
    file: &ConfigFile,
    dry_run: bool,
    new: &Document,
    lost: &[Warning],
) -> Outcome {
    let write = |document: &mut Document| {
        *document = new.clone();
        Ok(lost.to_vec())
    };
    match dry_run {
        true => dry::show(out, &file.preview(write)?),
        false => {
            let reason = file.options().reason.as_deref().unwrap_or("converted");
            show::receipt(out, &file.edit(Some(reason), write)?)
        }
    }
}

/// Whether there is anybody who may not read the file.
#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|found| found.mode() & 0o004 == 0)
}

#[cfg(not(unix))]
fn is_private(_file: &Path) -> bool {
    false
}

fn print(
    out: &mut Out,
    file: &ConfigFile,
    document: &Document,
    lost: &[Warning],
    secrets: Secrets,
) -> Outcome {
    let sensitive = file.sensitive().in_document(document);
    let found = secrecy::found(&sensitive, document.value(), &KeyPath::root());
    let else_do = "; --out FILE saves all of it there";
    let is_redacted = secrecy::is_redacted(out, file.path(), &found, secrets, else_do)?;
    // Comments may tell of secrets where no value is one.
    let text = match is_redacted || secrets.redacted {
        true => {
            let redacted = sensitive.redacted_text(document);
            redacted.ok_or_else(|| {
                let file = file.path().display();
                let message =
                    format!("{file}: its sensitive values can't be removed from the text");
                Failure::new(Exit::No, message).with_hint("--reveal prints all of it")
            })?
        }
        false => document.text().to_owned(),
    };
    let words: Vec<String> = lost.iter().map(ToString::to_string).collect();
    out.json(&json::Converted {
        format: document.format().name(),
        text: &text,
        lost: &words,
    })?;
    out.content(&text)?;
    for word in &words {
        out.aside(&format!("lost in conversion: {word}"))?;
    }
    Ok(Exit::Done)
}
