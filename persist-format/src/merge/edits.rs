//! What turns one text into another, to be kept.

use serde::{Deserialize, Serialize};

use super::pieces::{self, without_line_end};
use super::weave;
use crate::document::Document;
use crate::lines::line_end;
use crate::splice::replaced;

/// What turns one document's text into another's, piece by piece. Serialized it is a list of `[start, end, text]`: bytes of the first text, and what stands
/// there instead.
///
/// The bytes are counted from a line end that is thought before the text, of the kind that ends its first line, so that each line, the first
/// too, has one before it and can be inserted and taken away alike: offset 0 is before that line end, and the text itself begins at 1, or where its
/// lines end with `\r\n` at 2.
///
/// ```
/// use persist_format::{Document, Format, merge::TextEdits};
/// let read = |text: &str| Document::parse(text.as_bytes(), Format::Toml);
/// let (full, bare) = (read("a = 1\nb = 2 # two\n")?, read("a = 1\n")?);
/// let edits = TextEdits::between(&full, &bare);
/// assert_eq!(edits.apply(&full).as_deref(), Some("a = 1\n"));
/// # Ok::<(), persist_format::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextEdits(pub(super) Vec<(usize, usize, String)>);

impl TextEdits {
    /// What turns the text of `from` into that of `to`.
    #[must_use]
    pub fn between(from: &Document, to: &Document) -> Self {
        Self(weave::edits(&pieces::of(from), &pieces::of(to)))
    }

    /// The document's text after these edits; `None` if they are not of a text like it.
    #[must_use]
    pub fn apply(&self, document: &Document) -> Option<String> {
        let text = document.text();
        let text = [line_end(text), text].concat();
        let edits = self.0.iter().map(|(start, end, new)| (*start..*end, new));
        replaced(&text, edits).map(without_line_end)
    }
}
