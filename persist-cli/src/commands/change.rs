//! `persist set`, `unset`, `undo`, `redo` and `restore`.

use std::io::Read as _;
use std::path::Path;

use persist_core::format::{OnAlias, OnLoss, Rung};
use persist_core::{Document, Error, Going, KeyPath, Sensitive, Value};

use super::Outcome;
use super::missing;
use super::open::{Versions, open};
use crate::args::{Aliases, Allowed, Args, Why};
use crate::exit::Exit;
use crate::failure::{Failure, of_edit};
use crate::out::Out;
use crate::quote::quoted;
use crate::show;

pub(super) fn set(
    args: &Args,
    out: &mut Out,
    path: &Path,
    assignments: &[String],
    values: Values,
    (allowed, why): (Allowed, &Why),
) -> Outcome {
    let parsed = match values {
        Values::Stdin => vec![from_stdin(assignments)?],
        _ => {
            let mut parsed = Vec::new();
            let mut hidden = false;
            for text in assignments {
                let (key, value) = assignment(text, values == Values::Text, hidden)?;
                hidden |= !Sensitive::new().found(&key, &value).is_empty();
                parsed.push((key, value));
            }
            parsed
        }
    };
    let file = open(args, out, path, Versions::IfItApplies)?;
    let mut rung = Rung::Unchanged;
    let receipt = file.edit(why.reason.as_deref(), |document| {
        allow(document, allowed);
        let mut assignments = parsed.into_iter();
        let edit = document
            .edit(|edits| assignments.try_for_each(|(key, value)| edits.set(&key, value)))?;
        rung = edit.rung;
        Ok(edit.warnings)
    });
    let receipt = receipt.map_err(of_edit)?;
    written_anew(out, rung)?;
    show::receipt(out, &receipt)
}

/// How the values of `set` are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// In the assignments, as they look.
    Typed,
    /// In the assignments, as text.
    Text,
    /// On standard input.
    Stdin,
}

fn allow(document: &mut Document, allowed: Allowed) {
    let mut free = document.clone();
    if allowed.rewrite {
        free = free.on_loss(OnLoss::Reemit);
    }
    *document = match allowed.aliases {
        None => free,
        Some(Aliases::Follow) => free.on_alias(OnAlias::Follow),
        Some(Aliases::Expand) => free.on_alias(OnAlias::Expand),
    };
}

fn written_anew(out: &mut Out, rung: Rung) -> std::io::Result<()> {
    match rung {
        Rung::Whole => out.aside(
            "all of it was written anew, without its comments; `persist undo` takes it back",
        ),
        Rung::Collection => {
            out.aside("what is around the change was written anew; `persist diff --text` shows it")
        }
        _ => Ok(()),
    }
}

/// Bytes of a value that comes by standard input.
const MOST_INPUT: u64 = 1 << 20;

/// All of standard input but the line end that `echo` adds.
fn from_stdin(keys: &[String]) -> Result<(KeyPath, Value), Failure> {
    let [key] = keys else {
        let message = "--stdin gives one value; name one KEY, without `=`";
        return Err(Failure::usage(message));
    };
    let path: KeyPath = key
        .parse()
        .map_err(|e| Failure::usage(format!("`{key}`: {e}")))?;
    if path.is_root() || assignment(key, true, false).is_ok() {
        let message = "--stdin gives the value; name the KEY alone, without `=`";
        return Err(Failure::usage(message));
    }
    let mut text = String::new();
    let read = std::io::stdin()
        .take(MOST_INPUT + 1)
        .read_to_string(&mut text);
    read.map_err(|e| {
        let message = format!("could not read the value of `{path}` from standard input: {e}");
        Failure::new(Exit::Failed, message)
    })?;
    if text.is_empty() {
        // What was to give the value has most likely failed.
        let message = format!("standard input has no value for `{path}`; nothing was changed");
        return Err(Failure::usage(message));
    }
    if text.len() as u64 > MOST_INPUT {
        let message = format!("the value of `{path}` is longer than {MOST_INPUT} bytes");
        return Err(Failure::usage(message));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok((path, Value::from(text.strip_suffix('\r').unwrap_or(text))))
}

/// Splits at the first `=` outside quotes (a text without one is not shown if it is to be `hidden`), so that `"a=b".c=1` means what it says. JSON Pointers have no quotes.
fn assignment(text: &str, string: bool, hidden: bool) -> Result<(KeyPath, Value), Failure> {
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
        // Part of a value before it, perhaps, and a secret.
        return Err(Failure::usage(match hidden {
            true => "an argument after a secret is no assignment; write KEY=VALUE, and quote a value with spaces".to_owned(),
            false => format!("`{text}` is no assignment; write KEY=VALUE, e.g. window.width=1280"),
        }));
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
    (allowed, why): (Allowed, &Why),
) -> Outcome {
    if keys.iter().any(KeyPath::is_root) {
        let message = "an empty key stands for all that is in the file; name what to remove";
        return Err(Failure::usage(message));
    }
    let file = open(args, out, path, Versions::IfItApplies)?;
    let present = file.document()?;
    if let Some(key) = keys.iter().find(|k| present.get(k).is_none()) {
        let mut failure = missing(path, &present, key);
        failure.message.push_str("; nothing was removed");
        return Err(failure);
    }
    let mut rung = Rung::Unchanged;
    let receipt = file.edit(why.reason.as_deref(), |document| {
        allow(document, allowed);
        let edit = document.edit(|edits| keys.iter().try_for_each(|key| edits.remove(key)))?;
        rung = edit.rung;
        Ok(edit.warnings)
    });
    let receipt = receipt.map_err(of_edit)?;
    written_anew(out, rung)?;
    show::receipt(out, &receipt)
}

pub(super) fn undo(args: &Args, out: &mut Out, path: &Path, to: Going, force: bool) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let gone = match force {
        true => file.go_even_unparsable(to),
        false => file.go(to),
    };
    let receipt = gone.map_err(|error| {
        let nothing = matches!(error, Error::NotFound { .. }) && path.exists();
        let file = quoted(path);
        let again = match to {
            Going::BackTo(number) => format!("persist undo --force {file} --to {number}"),
            Going::Back(1) => format!("persist undo --force {file}"),
            Going::Back(count) => format!("persist undo --force {file} {count}"),
            Going::Forth(count) => format!("persist redo --force {file} {count}"),
            _ => String::new(),
        };
        let mut failure = forceful(error, &again);
        if nothing {
            failure.exit = Exit::No;
        }
        failure
    })?;
    show::receipt(out, &receipt)
}

pub(super) fn restore(
    args: &Args,
    out: &mut Out,
    path: &Path,
    backup: &str,
    force: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let restored = match force {
        true => file.restore_even_unparsable(backup),
        false => file.restore(backup),
    };
    let again = format!(
        "persist restore --force {} {}",
        quoted(path),
        quoted(Path::new(backup))
    );
    let receipt = restored.map_err(|error| forceful(error, &again))?;
    show::receipt(out, &receipt)
}

/// An error with the command that does it all the same, where there is one.
fn forceful(error: Error, again: &str) -> Failure {
    let is_refused = matches!(error, Error::Unparsable { .. });
    let failure = Failure::from(error);
    match is_refused {
        true => failure.with_hint(format!("`{again}` puts it back all the same")),
        false => failure,
    }
}
