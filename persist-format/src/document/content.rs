//! A document's text with what reading it gave, and whether a second parser agrees.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::error::{Error, ErrorKind};
use crate::reading::Reading;

/// A text as it was read.
pub(super) struct Content {
    reading: Reading,
    /// Filled once the second parser has seen the same values.
    checked: OnceLock<()>,
}

impl Deref for Content {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl Content {
    /// A text that our parser alone has read.
    pub(super) fn read(reading: Reading) -> Arc<Self> {
        let checked = OnceLock::new();
        Arc::new(Self { reading, checked })
    }

    /// A text that both parsers have read.
    pub(super) fn checked(reading: Reading) -> Arc<Self> {
        let checked = OnceLock::from(());
        Arc::new(Self { reading, checked })
    }

    /// As [`Document::check`](super::Document::check).
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.checked.get().is_some() {
            return Ok(());
        }
        self.cross_check()
            .map_err(|why| Error::new(ErrorKind::Refused, why.to_string()))?;
        self.checked.get_or_init(|| ());
        Ok(())
    }

    pub(super) fn into_reading(self) -> Reading {
        self.reading
    }
}
