//! Values that do not come as arguments: by standard input, or from a file.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};

use persist_core::{ConfigFile, KeyPath, Sensitive, Value};

use super::asking;
use super::assignment::{Assignment, How, key_and_how};
use super::hidden::{self, Answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::visible;

/// Bytes of a value that is read.
const MOST: usize = 1 << 20;

/// An assignment and the value that was read for it.
pub(super) type Read = (Assignment, String);

/// The one KEY (`KEY:=` for JSON) of which the value is on standard input.
fn named(keys: &[String]) -> Result<(KeyPath, How), Failure> {
    let [text] = keys else {
        let message = "--stdin gives one value; name one KEY, without `=`";
        return Err(Failure::usage(message));
    };
    let named = text.strip_suffix(":=").map(|key| format!("{key}:"));
    let (key, how) = key_and_how(named.as_deref().unwrap_or(text))?;
    let bare = how.json == named.is_some() && !how.append;
    if key.is_root() || !bare || named.is_none() && Assignment::parse(text, true).is_ok() {
        let message =
            "--stdin gives the value; name the KEY alone, without `=` (or KEY:= where it is JSON)";
        return Err(Failure::usage(message));
    }
    Ok((key, how))
}

/// The one key that is named with what is on standard input: where that is a terminal, a person is asked for it.
pub(super) fn from_stdin(keys: &[String], file: &ConfigFile) -> Result<Read, Failure> {
    let (key, how) = named(keys)?;
    let failed = |e: &dyn Display| {
        let message = format!("could not read the value of `{key}` from standard input: {e}");
        Failure::new(Exit::Failed, message)
    };
    let content = match io::stdin().is_terminal() {
        true => {
            asking::prepare(file, &key, how)?;
            typed(&key)?
        }
        false => content(&key, &failed, io::stdin())?,
    };
    if content.is_empty() {
        // What was to give the value has most likely failed.
        let message = format!("standard input has no value for `{key}`; nothing was changed");
        return Err(Failure::usage(message));
    }
    Ok((Assignment::sole(key, how), without_line_end(&content)))
}

/// `KEY=PATH`, or `KEY:=PATH` of JSON, with what is in the file.
pub(super) fn from_file(text: &str, sensitive: &Sensitive) -> Result<Read, Failure> {
    let assignment = Assignment::parse(text, false)?;
    let Some(way) = assignment.only() else {
        // Longer keys have a part of the value in them, where one was typed in place of a path.
        let key = assignment.keys().into_iter().next().unwrap_or_default();
        let message = format!(
            "--file {key}: it is not clear where the key ends; write it with dots, not as a JSON Pointer"
        );
        return Err(Failure::usage(message));
    };
    let (key, how) = (way.key.clone(), way.how);
    let failed = |e: &dyn Display| {
        // Who forgot that it is a path has typed the value.
        let from = match sensitive.redact(&key, &way.value.as_str().into()) {
            Value::String(shown) if shown == way.value => shown,
            _ => "the path that was given (not shown, in case it is the value itself)".to_owned(),
        };
        let message = format!("could not read the value of `{key}` from {from}: {e}");
        Failure::new(Exit::Failed, message)
            .with_hint("--file KEY=PATH reads the value from a file; KEY=VALUE gives it")
    };
    let file = File::open(&way.value).map_err(|e| failed(&e))?;
    let content = content(&key, &failed, file)?;
    Ok((Assignment::sole(key, how), without_line_end(&content)))
}

/// One line that a person types, which nobody sees: it is a secret, most likely.
fn typed(key: &KeyPath) -> Result<String, Failure> {
    if !io::stderr().is_terminal() {
        let message =
            format!("the value of `{key}` must be typed at a terminal, but there is none");
        return Err(Failure::usage(message));
    }
    let prompt = format!("value of {key} (input stays hidden): ");
    let answer = hidden::ask(&visible(&prompt), MOST).map_err(|e| {
        let message = format!("could not read the value of `{key}` from the terminal: {e}");
        Failure::new(Exit::Failed, message)
    })?;
    match answer {
        Answer::Line(line) => Ok(line),
        Answer::TooLong => Err(too_long(key)),
        Answer::Interrupted => {
            let message = format!("interrupted before `{key}` had a value; nothing was changed");
            Err(Failure::new(Exit::Failed, message))
        }
        Answer::NoText => {
            let message = format!(
                "the input for `{key}` is not text: it contains keys such as arrows; nothing was changed"
            );
            Err(Failure::usage(message).with_hint("--file KEY=PATH reads any text from a file"))
        }
    }
}

fn too_long(key: &KeyPath) -> Failure {
    Failure::usage(format!("the value of `{key}` is longer than {MOST} bytes"))
}

fn content(
    key: &KeyPath,
    failed: &dyn Fn(&dyn Display) -> Failure,
    input: impl io::Read,
) -> Result<String, Failure> {
    let mut text = String::new();
    let read = input.take(MOST as u64 + 1).read_to_string(&mut text);
    read.map_err(|e| failed(&e))?;
    match text.len() > MOST {
        true => Err(too_long(key)),
        false => Ok(text),
    }
}

/// All but the line end that `echo` and editors add.
fn without_line_end(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).to_owned()
}
