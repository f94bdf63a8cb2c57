//! The seam between [`Document`](crate::Document) and the formats.
//!
//! A format ([`Engine`]) reads a text to spanned trees and keeps what else it knows of it ([`Parsed`]); that makes an [`Editor`], which plans splices of the
//! text for an [`Op`]. What no splice touches stays byte for byte by construction. The document then reads the result again and
//! compares; an editor only has to be right often, never always.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::limits::Limits;
use crate::path::KeyPath;
use crate::refusal::Refusal;
use crate::tree::{Node, Tree};
use crate::value::Value;
use crate::vocabulary::Vocabulary;

/// A format: how its texts are read and written.
pub(crate) trait Engine: Sync {
    /// Every document of a text without byte order mark (one, but for YAML streams; never none), and what the format wants to know of the text again.
    fn read(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error>;

    /// As [`Engine::read`], for a text that [`Parsed::cross_check`] has still to judge: what that finds wrong need not be found here too.
    fn reread(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error> {
        self.read(text, limits)
    }

    /// Writes a value that [`crate::convert`] has fitted to the format; ends with a newline.
    fn emit(&self, value: &Value) -> Result<String, Error>;

    /// Which values the format has.
    fn vocabulary(&self) -> Vocabulary;

    /// What begins a comment that ends with its line, if the format has comments.
    fn comment_mark(&self) -> Option<&'static str>;

    /// What stands before the URI in the comment that names the schema for editors; `None` if a key names it.
    fn schema_mark(&self) -> Option<&'static str>;
}

/// What a format knows of one text that it has read. The text is the caller's to keep, and always the same.
pub(crate) trait Parsed: Debug + Send + Sync {
    /// The editor of one document of the text. `shared` says whether it may change what aliases repeat elsewhere, and write another
    /// collection in the place of an alias.
    fn editor<'a>(
        &'a self,
        text: &'a str,
        document: Chosen<'a>,
        shared: bool,
    ) -> Box<dyn Editor + 'a>;

    /// Every comment of the text, in order, with its place.
    fn comments(&self, text: &str) -> Vec<Range<usize>>;

    /// Has a second, different parser read the text, and says whether it sees the same values. `Err` says what it sees instead, in a few words.
    fn cross_check(&self, text: &str, trees: &[Tree]) -> Result<(), String>;

    /// The bytes of one document of a text of `len` bytes.
    fn extent(&self, _which: usize, len: usize) -> Range<usize> {
        0..len
    }

    /// The bytes of the scalar that a node is, or is an alias of, without tag and anchor, and whether it has a tag.
    fn scalar(&self, node: &Node) -> Option<(Range<usize>, bool)> {
        Some((node.span.clone(), false))
    }

    /// A text that says the same, where this one leaves open what its last value is once something follows.
    fn ended(&self, _text: &str) -> Option<String> {
        None
    }
}

/// One of the documents of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) which: usize,
    pub(crate) tree: &'a Tree,
}

/// Plans splices against one text and its tree.
pub(crate) trait Editor {
    /// The splices that make the operation. Ranges are within the text, on character boundaries, not overlapping.
    fn splices(&self, op: &Op) -> Result<Vec<Splice>, Refusal>;
}

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

    /// The same at another path.
    pub(crate) fn at(&self, path: KeyPath) -> Self {
        let mut op = self.clone();
        match &mut op {
            Self::Replace { path: old, .. } | Self::Reshape { path: old, .. } => *old = path,
        }
        op
    }
}

/// One child of a reshaped container.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The old child at this index, with all that is written around it; under another key, if there is one here.
    Old(usize, Option<Value>),
    New(Arrival),
}

/// A child that is new to its container.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// In a map.
    pub(crate) key: Option<Value>,
    pub(crate) value: Value,
    /// The place that loses it in the same edit, if it comes from one. Its text, comments included, is to be taken along if it fits; it may be
    /// written afresh.
    pub(crate) from: Option<KeyPath>,
}

impl Slot {
    /// The old child as it is.
    pub(crate) fn keep(index: usize) -> Self {
        Self::Old(index, None)
    }

    /// A child that is new to the document.
    pub(crate) fn new(key: Option<Value>, value: Value) -> Self {
        let from = None;
        Self::New(Arrival { key, value, from })
    }

    /// A child that comes from another place.
    pub(crate) fn moved(key: Option<Value>, from: KeyPath, value: Value) -> Self {
        let from = Some(from);
        Self::New(Arrival { key, value, from })
    }

    /// Which old child it is.
    pub(crate) fn kept(&self) -> Option<usize> {
        match self {
            Self::Old(index, _) => Some(*index),
            Self::New(_) => None,
        }
    }

    /// What it is if it is no old child.
    pub(crate) fn arrival(&self) -> Option<&Arrival> {
        match self {
            Self::Old(..) => None,
            Self::New(arrival) => Some(arrival),
        }
    }
}
