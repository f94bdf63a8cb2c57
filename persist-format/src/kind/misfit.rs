//! Why a text was not taken.

use super::{Kind, Kinds};
use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::path::KeyPath;

/// A text that is no value of the kind that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// What would have fitted.
    pub wanted: Kinds,
    /// Who wants it.
    pub because: Because,
    /// More about it, without the text: the text may be a secret.
    pub detail: Option<String>,
}

/// What says of which kind a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Because {
    /// The schema.
    Schema,
    /// The value that is there.
    Held,
    /// The other items of the list.
    Beside,
    /// The format, whose integers have a limit.
    TooLarge,
    /// What numbers are read as: a 64-bit float holds none so large.
    OutOfRange,
    /// The caller: what was typed was to be JSON.
    Json,
    /// The format, which has no null.
    NoNull,
    /// The format, which has no tags.
    NoTags,
}

impl Misfit {
    pub(super) fn new(wanted: impl Into<Kinds>, because: Because) -> Self {
        Self {
            wanted: wanted.into(),
            because,
            detail: None,
        }
    }

    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The refusal in a sentence. `typed` is shown; give `None` for a secret.
    #[must_use]
    pub fn message(&self, key: &KeyPath, typed: Option<&str>) -> String {
        const SHOWN: usize = 60;
        let typed_is_shown = typed.is_some();
        let typed = match typed {
            Some("") => "an empty text".to_owned(),
            Some(text) if text.chars().count() <= SHOWN && !text.contains(char::is_control) => {
                format!("`{text}`")
            }
            _ => "the value".to_owned(),
        };
        let wanted = self.words();
        // What a parser says may quote the text.
        let may_tell = typed_is_shown || self.because != Because::Json;
        let detail = self.detail.as_ref().filter(|_| may_tell);
        let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
        match self.because {
            Because::Schema => {
                format!("the schema requires {wanted} for `{key}`, not {typed}{detail}")
            }
            Because::Held => format!("`{key}` holds {wanted}, but {typed} is not one{detail}"),
            Because::Beside => {
                let list = key.parent().unwrap_or_default();
                format!("each item of `{list}` is {wanted}, but {typed} is not one{detail}")
            }
            Because::Json => format!("{typed}, given for `{key}`, is not JSON{detail}"),
            Because::TooLarge => {
                format!("{typed} can't be written for `{key}`: TOML integers have 64 bits")
            }
            Because::OutOfRange => format!(
                "{typed} can't be written for `{key}`: it is beyond the range of a 64-bit float"
            ),
            Because::NoNull | Because::NoTags => {
                format!("{typed} can't be written for `{key}`{detail}")
            }
        }
    }

    /// The refusal as an error, which draws the line of what is there.
    #[must_use]
    pub fn to_error(&self, document: &Document, key: &KeyPath, typed: Option<&str>) -> Error {
        let error = Error::new(ErrorKind::Misfit, self.message(key, typed));
        let place = match self.because {
            Because::Held => document.span(key, false),
            Because::Beside => key.parent().and_then(|list| document.span(&list, true)),
            _ => None,
        };
        match place {
            Some(span) => error.with_span(document.text(), span),
            None => error,
        }
    }

    fn words(&self) -> String {
        let words: Vec<String> = self.wanted.iter().map(wanted).collect();
        match words.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => "nothing".into(),
        }
    }
}

/// The kind, with how a value of it is typed where that is not plain to see.
fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Switch => format!("{kind} (true or false)"),
        Kind::Bytes => format!("{kind} (base64)"),
        kind => kind.to_string(),
    }
}
