//! Spellings among several edits.

use super::super::spelling::{Spelled, settled};
use super::Edits;
use crate::document::Document;
use crate::error::Error;
use crate::path::KeyPath;
use crate::value::Value;

impl Edits {
    /// As [`Document::set`] for a scalar that is to be spelled so. All spellings are put in together when the text is made; one that can't be put in is left
    /// to the writer, unless the value is text.
    ///
    /// # Errors
    ///
    /// As [`Edits::set`]; and when the text is made [`ErrorKind::Refused`](crate::ErrorKind::Refused) if text can't be spelled so: other readers might take it for something else.
    pub fn set_spelled(
        &mut self,
        path: &KeyPath,
        value: impl Into<Value>,
        spelling: &str,
    ) -> Result<(), Error> {
        let place = settled(self.value(), path);
        self.spell(Spelled::new(place, spelling), |edits| {
            edits.set(path, value)
        })
    }

    /// As [`Document::spelling`], of what no edit has changed yet, or was spelled.
    #[must_use]
    pub fn spelling(&self, path: &KeyPath) -> Option<&str> {
        self.spelled_as(path, Document::spelling)
    }

    /// The same for an alias of what it stands for.
    pub(crate) fn spelling_seen(&self, path: &KeyPath) -> Option<&str> {
        self.spelled_as(path, Document::spelling_seen)
    }

    /// Sets a value that is to be spelled so.
    fn spell(
        &mut self,
        spelled: Spelled,
        set: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_direct = self.is_direct();
        set(self)?;
        match is_direct {
            true => {
                let extent = self.document.respell_most(&[spelled])?;
                self.done.extent = self.done.extent.max(extent);
            }
            false => self.spelled.push(spelled),
        }
        Ok(())
    }

    fn spelled_as<'a>(
        &'a self,
        path: &KeyPath,
        found: impl Fn(&'a Document, &KeyPath) -> Option<&'a str>,
    ) -> Option<&'a str> {
        if let Some(spelled) = self.spelled.iter().find(|spelled| spelled.path == *path) {
            return Some(&spelled.spelling);
        }
        let document = self.document();
        let same = document
            .get(path)
            .is_some_and(|v| Some(v) == self.get(path));
        found(document, path).filter(|_| same)
    }
}
