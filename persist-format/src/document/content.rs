//! A document's text with what reading it gave, and whether a second parser agrees.

use std::sync::{Arc, OnceLock};

use super::rungs::Candidate;
use crate::engine;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::tree::Reading;

/// A text and its trees. Neither changes: another text is another content.
pub(super) struct Content {
    pub(super) text: String,
    pub(super) trees: Reading,
    /// Filled once the second parser has seen the same values.
    checked: OnceLock<()>,
}

impl Content {
    /// A text that our parser alone has read.
    pub(super) fn read((text, trees): Candidate) -> Arc<Self> {
        Arc::new(Self {
            text,
            trees,
            checked: OnceLock::new(),
        })
    }

    /// A text that both parsers have read.
    pub(super) fn checked((text, trees): Candidate) -> Arc<Self> {
        Arc::new(Self {
            text,
            trees,
            checked: OnceLock::from(()),
        })
    }

    /// As [`Document::check`](super::Document::check).
    pub(super) fn check(&self, format: Format) -> Result<(), Error> {
        if self.checked.get().is_some() {
            return Ok(());
        }
        engine::cross_check(&self.text, format, &self.trees)
            .map_err(|seen| Error::new(ErrorKind::Refused, engine::disagrees(&seen)))?;
        self.checked.get_or_init(|| ());
        Ok(())
    }
}
