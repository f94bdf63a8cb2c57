//! A text that was read, and the one place that leads from a format's name to its code.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Chosen, Editor, Engine, Parsed};
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::tree::{Node, Tree};
use crate::vocabulary::Vocabulary;

impl Format {
    /// The format's own code.
    pub(crate) fn engine(self) -> &'static dyn Engine {
        match self {
            Self::Json => &crate::json::STRICT,
            Self::Jsonc => &crate::json::WITH_COMMENTS,
            Self::Toml => &crate::toml::Toml,
            Self::Yaml => &crate::yaml::Yaml,
        }
    }

    /// Which values the format has.
    pub(crate) fn vocabulary(self) -> Vocabulary {
        self.engine().vocabulary()
    }
}

/// A text with what reading it gave. Neither changes: another text is another reading.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) format: Format,
    /// Every document of it: one, but for YAML streams; never none.
    pub(crate) trees: Vec<Tree>,
    parsed: Arc<dyn Parsed>,
}

impl Reading {
    /// Reads a text without byte order mark. The event tells those who count readings.
    pub(crate) fn of(
        text: impl AsRef<str> + Into<String>,
        format: Format,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let bytes = text.as_ref().len();
        tracing::debug!(name: "parse", %format, bytes, "read a text");
        let read = format.engine().read(text.as_ref(), limits);
        let (trees, parsed) = read.map_err(|error| of_nuls(error, text.as_ref()))?;
        Ok(Self {
            text: text.into(),
            format,
            trees,
            parsed,
        })
    }

    /// As [`Reading::of`], for a text that [`Reading::cross_check`] has still to judge.
    pub(crate) fn again(text: String, format: Format, limits: &Limits) -> Result<Self, Error> {
        tracing::debug!(name: "parse", %format, bytes = text.len(), "read a text again");
        let (trees, parsed) = format.engine().reread(&text, limits)?;
        Ok(Self {
            text,
            format,
            trees,
            parsed,
        })
    }

    /// The editor for the `which`-th document, if there are so many: see [`Parsed::editor`].
    pub(crate) fn editor(&self, which: usize, shared: bool) -> Option<Box<dyn Editor + '_>> {
        let tree = self.trees.get(which)?;
        Some(
            self.parsed
                .editor(&self.text, Chosen { which, tree }, shared),
        )
    }

    /// Has a second, different parser read the text, which the first has accepted.
    pub(crate) fn cross_check(&self) -> Result<(), Refusal> {
        let bytes = self.text.len();
        tracing::debug!(name: "check", format = %self.format, bytes, "had another parser read the text");
        let checked = self.parsed.cross_check(&self.text, &self.trees);
        checked.map_err(Refusal::Disagreement)
    }

    /// The text before and after the `which`-th document: what belongs to others of the stream.
    pub(crate) fn around(&self, which: usize) -> (&str, &str) {
        let extent = match self.trees.len() {
            1 => 0..self.text.len(),
            _ => self.parsed.extent(which, self.text.len()),
        };
        (&self.text[..extent.start], &self.text[extent.end..])
    }

    /// Every comment, in order, with its place.
    pub(crate) fn comments(&self) -> Vec<Range<usize>> {
        self.parsed.comments(&self.text)
    }

    /// How often each comment is there, by [what it says](comment_words).
    pub(crate) fn comment_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for span in self.comments() {
            *counts.entry(comment_words(&self.text[span])).or_default() += 1;
        }
        counts
    }

    /// See [`Parsed::scalar`].
    pub(crate) fn scalar(&self, node: &Node) -> Option<(Range<usize>, bool)> {
        self.parsed.scalar(node)
    }

    /// See [`Parsed::ended`].
    pub(crate) fn ended(&self) -> Option<String> {
        self.parsed.ended(&self.text)
    }
}

/// No format has NUL in its text, and what parsers make of it says little. A crash leaves such a text.
fn of_nuls(error: Error, text: &str) -> Error {
    match text.find('\0') {
        Some(at) if error.kind() == ErrorKind::Syntax => Error::at(
            ErrorKind::Syntax,
            "the text holds NUL bytes",
            text,
            at..at + 1,
        ),
        _ => error,
    }
}

/// What a comment says: its words with one space between them, so that one that was indented anew is the same.
pub(crate) fn comment_words(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}
