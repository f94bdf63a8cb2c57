//! A document: text, spanned tree and value, and the edits that keep them together.

mod bytes;

use bytes::Envelope;

use crate::engine;
use crate::error::Error;
use crate::format::Format;
use crate::limits::Limits;
use crate::location::Location;
use crate::path::KeyPath;
use crate::tree::Tree;
use crate::value::Value;

/// A configuration file's content: the text as it was written and the value it stands for.
#[derive(Clone, Debug)]
pub struct Document {
    format: Format,
    limits: Limits,
    envelope: Envelope,
    text: String,
    trees: Vec<Tree>,
    which: usize,
}

impl Document {
    /// Reads a document with the default [`Limits`].
    ///
    /// # Errors
    ///
    /// Text that is not in the format, a duplicate key, bytes that are no UTF-8, or a limit exceeded; with its line and column.
    pub fn parse(bytes: &[u8], format: Format) -> Result<Self, Error> {
        Self::parse_with(bytes, format, &Limits::default())
    }

    /// Reads a document within limits.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn parse_with(bytes: &[u8], format: Format, limits: &Limits) -> Result<Self, Error> {
        crate::budget::Budget::text(limits, bytes.len())?;
        let (envelope, text) = bytes::open(bytes)?;
        let trees = engine::read(text, format, limits)?;
        Ok(Self {
            format,
            limits: limits.clone(),
            envelope,
            text: text.to_owned(),
            trees,
            which: 0,
        })
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The exact bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.envelope.close(&self.text)
    }

    /// The text, without the byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.tree().value
    }

    /// The value, the text let go.
    #[must_use]
    pub fn into_value(mut self) -> Value {
        self.trees.swap_remove(self.which).value
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &KeyPath) -> Option<&Value> {
        self.value().get(path)
    }

    /// Where in the text the value at a path stands.
    #[must_use]
    pub fn location(&self, path: &KeyPath) -> Option<Location> {
        let (_, node) = self.tree().find(path)?;
        Some(Location::of(&self.text, node.span.start))
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.trees[self.which]
    }
}
