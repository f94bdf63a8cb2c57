//! `persist diff`.

mod text;

use std::path::Path;

use persist_core::format::Error as FormatError;
use persist_core::{ConfigFile, Document, Error, Options};

use self::text::TextDifference;

use super::dry;
use super::open::{Versions, is_input, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{DIM, Out, paint};
use crate::show;

/// What is compared, where it was said.
pub(super) struct Sides<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) with: Option<&'a Path>,
}

pub(super) fn diff(
    args: &Args,
    out: &mut Out,
    path: &Path,
    sides: &Sides<'_>,
    text: bool,
    exit_code: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let (old, new) = match documents(args, &file, sides)? {
        Sided::Both(old, new) => (old, new),
        Sided::Unparsable { what } => {
            out.json(&json::Diff {
                no_document: Some(what.clone()),
                ..json::Diff::default()
            })?;
            out.line(paint(
                DIM,
                format!("nothing to compare with: {what}; name a backup to compare with"),
            ))?;
            return Ok(match exit_code {
                true => Exit::No,
                false => Exit::Done,
            });
        }
    };
    let (Some(old), new) = (old, new) else {
        out.json(&json::Diff::default())?;
        out.line(paint(DIM, "nothing to compare with: no backup yet"))?;
        return Ok(Exit::Done);
    };
    let notes = file.notes(&old, &new);
    let differs = old.bytes() != new.bytes();
    let text = text.then(|| TextDifference::between(&old, &new, &notes, &file.sensitive()));
    out.json(&json::Diff {
        changes: notes.clone(),
        text_differs: Some(differs),
        text: text.as_ref().and_then(TextDifference::unified),
        hidden: text
            .as_ref()
            .map_or_else(Vec::new, |text| text.hidden.clone()),
        no_document: None,
    })?;
    match (&text, differs) {
        (_, false) => out.line(paint(DIM, "no difference"))?,
        (Some(text), _) => text.show(out, &notes)?,
        (None, _) if notes.is_empty() => {
            out.line(paint(DIM, "same values, different text"))?;
        }
        (None, _) => notes
            .iter()
            .try_for_each(|note| out.line(show::note(note)))?,
    }
    Ok(if exit_code && differs {
        Exit::No
    } else {
        Exit::Done
    })
}

/// What is there to be compared.
enum Sided {
    /// The older side is `None` where there is none.
    Both(Option<Document>, Document),
    /// What the last change replaced is no document: broken text, or damage that a recovery put aside.
    Unparsable { what: String },
}

fn documents(args: &Args, file: &ConfigFile, sides: &Sides<'_>) -> Result<Sided, Failure> {
    if let Some(with) = sides.with {
        let document = file.document()?;
        if is_input(with) {
            let (_, other) = dry::input(args, Some(document.format()))?;
            return Ok(Sided::Both(Some(document), other));
        }
        let mut options = Options::default();
        options.sensitive = file.sensitive();
        let other = ConfigFile::open(with, options)?;
        let mut other = other.document()?;
        if let Some(choice) = &file.options().doc
            && !other.is_chosen()
        {
            let chosen = other.choose(choice);
            let named = |e: FormatError| e.with_file(with);
            other = chosen.map_err(|e| Error::Invalid(Box::new(named(e))))?;
        }
        return Ok(Sided::Both(Some(document), other));
    }
    if sides.from.is_some() {
        file.backup_info()?; // or why its history can't be used
    }
    let new = match sides.to {
        Some(backup) => backup_document(file, backup)?,
        None => file.document()?,
    };
    match sides.from {
        Some(backup) => Ok(Sided::Both(Some(backup_document(file, backup)?), new)),
        None => before_last(file, new),
    }
}

fn backup_document(file: &ConfigFile, what: &str) -> Result<Document, Failure> {
    let bytes = file.backup_content(what).map_err(|error| {
        let failure = Failure::from(error);
        match is_key(file, what) {
            true => failure.with_hint("diff takes backups, and shows every key that differs"),
            false => failure,
        }
    })?;
    file.document_of(&bytes).map_err(|error| match error {
        Error::Invalid(source) => Failure::new(
            Exit::Invalid,
            format!(
                "backup {what} of {} is not a valid document",
                file.path().display()
            ),
        )
        .because(source.with_file(Path::new(what)).to_string()),
        other => other.into(),
    })
}

/// Whether somebody has named a key where a backup goes, or one that is nearly there.
fn is_key(file: &ConfigFile, what: &str) -> bool {
    let (Ok(key), Ok(document)) = (what.parse(), file.document()) else {
        return false;
    };
    document.get(&key).is_some() || document.value().meant(&key).is_some()
}

/// The content before the last change; where the last change was an undo, before that.
fn before_last(file: &ConfigFile, new: Document) -> Result<Sided, Failure> {
    let history = file.history()?;
    let Some(last) = history.last().filter(|last| last.old.is_some()) else {
        return Ok(Sided::Both(None, new));
    };
    let before = file.content_before(last)?;
    match file.document_of(&before) {
        Ok(old) => Ok(Sided::Both(Some(old), new)),
        Err(Error::Invalid(_)) => {
            let kept = last
                .backup
                .map_or("the backups".to_owned(), |copy| copy.to_string());
            let what = format!(
                "the content that {} #{} replaced is not a valid document; it is kept in {kept}",
                last.how, last.seq
            );
            Ok(Sided::Unparsable { what })
        }
        Err(error) => Err(error.into()),
    }
}
