//! The seam between [`Document`](crate::Document) and the formats: each reads text to a spanned tree, plans splices of the text for an
//! operation, writes a value afresh, and checks a text with a second, different parser.
//!
//! All editing is splicing of spans, planned against a tree and applied to the text: what no splice touches stays byte for
//! byte by construction. The document then reads the result again and compares; an editor only has to be right often, never always.

use std::ops::Range;

use crate::error::Error;
use crate::format::Format;
use crate::limits::Limits;
use crate::path::KeyPath;
use crate::tree::{Reading, Tree};
use crate::value::Value;

/// One change of the text: the bytes of `range` become `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

/// An operation on a tree, the root of all edits.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// The value at the path, which exists, becomes this one.
    Replace { path: KeyPath, value: Value },
    /// The children of the container at the path become these. Set, insert, append, remove, rename and moves within are all
    /// reshapes. A container that becomes empty is written `[]` or `{}` (or a TOML header without keys), not removed.
    Reshape { path: KeyPath, slots: Vec<Slot> },
}

impl Op {
    pub(crate) fn path(&self) -> &KeyPath {
        match self {
            Self::Replace { path, .. } | Self::Reshape { path, .. } => path,
        }
    }
}

/// One child of a reshaped container. In a map each child has its key.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The old child at this index, with all that is written around it.
    Keep(usize),
    /// The old child at this index under another key.
    Rename(usize, Value),
    /// A new child: key (in a map) and value.
    New(Option<Value>, Value),
    /// A new child that another place of the document loses in the same edit: key, where it stands now, and its value. Its text, comments
    /// included, is to be taken along if it fits; it may be treated as `New`.
    Moved(Option<Value>, KeyPath, Value),
}

/// The operation can't be made by splicing; says why, in a few words that go on "can't be edited in place: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) String);

impl Unfit {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// Plans splices against one text and its tree.
pub(crate) trait Editor {
    /// The splices that make the operation. Ranges are within the text, on character boundaries, not overlapping.
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Unfit>;
}

/// Reads a text without byte order mark. The event tells those who count readings.
pub(crate) fn read(text: &str, format: Format, limits: &Limits) -> Result<Reading, Error> {
    tracing::debug!(name: "parse", %format, bytes = text.len(), "read a text");
    match format {
        Format::Json => {
            crate::json::read(text, crate::json::Dialect::Strict, limits).map(Reading::from)
        }
        Format::Jsonc => {
            crate::json::read(text, crate::json::Dialect::Comments, limits).map(Reading::from)
        }
        Format::Toml => crate::toml::read(text, limits).map(Reading::from),
        Format::Yaml => crate::yaml::read(text, limits),
    }
}

/// As [`read`], for a text that [`cross_check`] has still to judge: what that finds wrong need not be found here too.
pub(crate) fn reread(text: &str, format: Format, limits: &Limits) -> Result<Reading, Error> {
    if format != Format::Toml {
        return read(text, format, limits);
    }
    tracing::debug!(name: "parse", %format, bytes = text.len(), "read a text again");
    crate::toml::reread(text, limits).map(Reading::from)
}

/// The editor for the `which`-th document of the text. `shared` says whether it may change what aliases repeat elsewhere,
/// and write another collection in the place of an alias.
pub(crate) fn editor<'a>(
    text: &'a str,
    format: Format,
    trees: &'a Reading,
    which: usize,
    shared: bool,
) -> Box<dyn Editor + 'a> {
    match format {
        Format::Json => Box::new(crate::json::Edit::new(
            text,
            crate::json::Dialect::Strict,
            &trees[which],
        )),
        Format::Jsonc => Box::new(crate::json::Edit::new(
            text,
            crate::json::Dialect::Comments,
            &trees[which],
        )),
        Format::Toml => Box::new(crate::toml::Edit::new(text, &trees[which])),
        Format::Yaml => Box::new(crate::yaml::Edit::new(text, trees, which, shared)),
    }
}

/// Writes a value that [`crate::convert`] has fitted to the format; ends with a newline.
pub(crate) fn emit(value: &Value, format: Format) -> Result<String, Error> {
    match format {
        Format::Json | Format::Jsonc => Ok(crate::json::emit(value)),
        Format::Toml => crate::toml::emit(value),
        Format::Yaml => crate::yaml::emit(value),
    }
}

/// Has a second, different parser read the text, which the first has accepted, and says whether it sees the same values.
/// `Err` says what it sees instead, in a few words.
pub(crate) fn cross_check(text: &str, format: Format, trees: &[Tree]) -> Result<(), String> {
    tracing::debug!(name: "check", %format, bytes = text.len(), "had another parser read the text");
    match format {
        Format::Json => {
            crate::json::cross_check(text, &trees[0].value, crate::json::Dialect::Strict)
        }
        Format::Jsonc => {
            crate::json::cross_check(text, &trees[0].value, crate::json::Dialect::Comments)
        }
        Format::Toml => crate::toml::cross_check(text, &trees[0].value),
        Format::Yaml => crate::yaml::cross_check(text, trees),
    }
}

/// The text before and after the `which`-th document of a text: what belongs to others of the stream.
pub(crate) fn around<'t>(text: &'t str, trees: &Reading, which: usize) -> (&'t str, &'t str) {
    let extent = match &trees.cst {
        Some(cst) if trees.len() > 1 => cst.extent(which, text.len()),
        _ => 0..text.len(),
    };
    (&text[..extent.start], &text[extent.end..])
}

/// What [`cross_check`] saw, as a reason.
pub(crate) fn disagrees(seen: &str) -> String {
    format!("another parser would read {seen}")
}

/// Every comment of a text that was read, in order, with its place.
pub(crate) fn comments(text: &str, format: Format, trees: &Reading) -> Vec<Range<usize>> {
    match format {
        Format::Json => Vec::new(),
        Format::Jsonc => crate::json::comments(text),
        Format::Toml => crate::toml::comments(text),
        Format::Yaml => trees
            .cst
            .as_ref()
            .map(|cst| cst.comments.clone())
            .unwrap_or_default(),
    }
}
