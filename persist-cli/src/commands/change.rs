//! `persist set`, `unset`, `undo` and `restore`.

use std::path::Path;

use persist_core::{Error, KeyPath, Value};

use super::Outcome;
use super::open::{Versions, open};
use crate::args::{Args, Why};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::show;

pub(super) fn set(
    args: &Args,
    out: &mut Out,
    path: &Path,
    assignments: &[String],
    string: bool,
    why: &Why,
) -> Outcome {
    let parsed: Result<Vec<_>, _> = assignments.iter().map(|a| assignment(a, string)).collect();
    let parsed = parsed?;
    let file = open(args, path, Versions::IfItApplies)?;
    let receipt = file.edit(why.reason.as_deref(), |document| {
        let mut warnings = Vec::new();
        for (key, value) in parsed {
            warnings.extend(document.set(&key, value)?.warnings);
        }
        Ok(warnings)
    })?;
    show::receipt(out, &receipt)
}

/// Splits at the first `=` outside quotes, so that `"a=b".c=1` means what it says. JSON Pointers have no quotes.
fn assignment(text: &str, string: bool) -> Result<(KeyPath, Value), Failure> {
    let quotes = !text.starts_with('/');
    let mut quote = None;
    let split = text.char_indices().find(|(_, c)| match (quote, c) {
        (None, '=') => true,
        (None, '"' | '\'') if quotes => {
            quote = Some(*c);
            false
        }
        (Some(open), c) if open == *c => {
            quote = None;
            false
        }
        _ => false,
    });
    let Some((at, _)) = split else {
        return Err(Failure::usage(format!(
            "`{text}` is no assignment; write KEY=VALUE, e.g. window.width=1280"
        )));
    };
    let key: KeyPath = text[..at]
        .parse()
        .map_err(|e| Failure::usage(format!("`{}`: {e}", &text[..at])))?;
    // Most likely a variable of the shell that was not set.
    if key.is_root() {
        return Err(Failure::usage(format!(
            "`{text}` has no key, and would take the place of all that is in the file"
        )));
    }
    let value = &text[at + 1..];
    let value = if string {
        Value::from(value)
    } else {
        Value::from_cli(value)
    };
    Ok((key, value))
}

pub(super) fn unset(
    args: &Args,
    out: &mut Out,
    path: &Path,
    keys: &[KeyPath],
    why: &Why,
) -> Outcome {
    if keys.iter().any(KeyPath::is_root) {
        let message = "an empty key stands for all that is in the file; name what to remove";
        return Err(Failure::usage(message));
    }
    let file = open(args, path, Versions::IfItApplies)?;
    let present = file.document()?;
    if let Some(key) = keys.iter().find(|k| present.get(k).is_none()) {
        let message = format!(
            "{}: there is no `{key}`; nothing was removed",
            path.display()
        );
        return Err(Failure::new(Exit::No, message));
    }
    let receipt = file.edit(why.reason.as_deref(), |document| {
        let mut warnings = Vec::new();
        for key in keys {
            warnings.extend(document.remove(key)?.warnings);
        }
        Ok(warnings)
    })?;
    show::receipt(out, &receipt)
}

pub(super) fn undo(args: &Args, out: &mut Out, path: &Path) -> Outcome {
    let file = open(args, path, Versions::IfItApplies)?;
    let receipt = file.undo().map_err(|error| {
        let nothing = matches!(error, Error::NotFound { .. }) && path.exists();
        let mut failure = Failure::from(error);
        if nothing {
            failure.exit = Exit::No;
        }
        failure
    })?;
    show::receipt(out, &receipt)
}

pub(super) fn restore(args: &Args, out: &mut Out, path: &Path, backup: &str) -> Outcome {
    let receipt = open(args, path, Versions::IfItApplies)?.restore(backup)?;
    show::receipt(out, &receipt)
}
