//! `persist get`.

use std::borrow::Cow;
use std::path::Path;

use persist_core::format::{Warning, piece, piece_of};
use persist_core::{Document, Error, Format, KeyPath, Value};

use super::missing::missing;
use super::open::tell_unchosen;
use super::{dry, secrecy};
use crate::args::{Args, Form, Secrets};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::Out;

/// How a value is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) key: Option<&'a KeyPath>,
    pub(super) form: Option<Form>,
    pub(super) secrets: Secrets,
}

/// Prints a value: a scalar as it is, so that scripts can use it, a container in the file's own format.
pub(super) fn get(args: &Args, out: &mut Out, path: &Path, asked: Asked<'_>) -> Outcome {
    let (file, document) = dry::read(args, out, path)?;
    tell_unchosen(out, &document)?;
    let path = file.path();
    let root = KeyPath::root();
    let key = asked.key.unwrap_or(&root);
    let Some(value) = document.get(key) else {
        return Err(missing(path, &document, key));
    };
    let whole = document.value();
    let (sensitive, secrets) = match value.is_container() || asked.secrets.redacted {
        true => {
            let sensitive = file.sensitive().in_document(&document);
            let secrets = secrecy::found(&sensitive, whole, key);
            (sensitive, secrets)
        }
        false => (file.sensitive(), Vec::new()), // it was named
    };
    let shown = match secrecy::is_redacted(out, path, &secrets, asked.secrets, "")? {
        true => Cow::Owned(secrecy::redacted(&sensitive, whole, key)),
        false => Cow::Borrowed(value),
    };
    out.json(&json::Got {
        file: path.into(),
        path: key.pointer(),
        value: shown.to_json(),
    })?;
    if out.is_json() {
        return Ok(Exit::Done);
    }
    let (text, lost) = text(path, key, &document, &shown, asked.form)?;
    out.content(&text)?;
    for warning in lost {
        out.aside(&format!("lost in conversion: {warning}"))?;
    }
    Ok(Exit::Done)
}

/// The value as text, and what that could not carry.
fn text(
    path: &Path,
    key: &KeyPath,
    document: &Document,
    value: &Value,
    form: Option<Form>,
) -> Result<(String, Vec<Warning>), Failure> {
    let format = match form {
        Some(Form::Json) => Format::Json,
        Some(Form::Toml) => Format::Toml,
        Some(Form::Yaml) => Format::Yaml,
        Some(Form::Raw) if value.is_container() => {
            let what = match key.is_root() {
                true => "the document".to_owned(),
                false => format!("`{key}`"),
            };
            let message = format!(
                "{}: {what} is {}, but only a single value can be printed raw",
                path.display(),
                value.a_kind()
            );
            return Err(Failure::usage(message).with_hint("use -o json, toml or yaml"));
        }
        None if value.is_container() => document.format(),
        None | Some(Form::Raw) => {
            let spelled = spelling(document, key, value);
            let text = spelled.map_or_else(|| raw(value), Cow::Borrowed);
            return Ok((format!("{text}\n"), Vec::new()));
        }
    };
    let written = match form {
        None => piece_of(document, key, value),
        Some(_) => piece(value, format),
    };
    let (text, mut lost) = written.map_err(|source| {
        let source = source.below(key).with_file(path);
        Failure::from(Error::Invalid(Box::new(source)))
    })?;
    for warning in &mut lost {
        let whole = key.segments().iter().chain(warning.path.segments());
        warning.path = whole.cloned().collect();
    }
    Ok((text, lost))
}

/// How a number is written in the document.
fn spelling<'d>(document: &'d Document, key: &KeyPath, value: &Value) -> Option<&'d str> {
    let is_number = matches!(value, Value::Integer(_) | Value::Float(_));
    let is_there = is_number && document.get(key) == Some(value);
    document.spelling(key).filter(|_| is_there)
}

fn raw(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}
