//! Texts that may be whole, read.

use persist_format::{Document, Error, Format};

/// Every reading of a text while salvaging, so that tests can count how much is read.
pub(super) fn parse(text: &str, format: Format) -> Result<Document, Error> {
    #[cfg(test)]
    super::tests::count(text.len());
    Document::parse(text.as_bytes(), format)
}
