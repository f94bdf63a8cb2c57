//! Editing what is in the file, whatever that is at the moment that the lock is held.

use std::sync::PoisonError;
use std::time::Instant;

use persist_format::{Document, Warning};
use persist_lock::Provenance;

use super::commit::Change;
use super::observation::TruncationPolicy;
use super::session::Locked;
use super::{Condition, ConfigFile, Reading};
use crate::error::Error;
use crate::losses;
use crate::receipt::Receipt;

/// A change that was made to a copy, and is not saved yet.
struct Attempt {
    wanted: Document,
    warnings: Vec<Warning>,
}

impl ConfigFile {
    /// Reads, changes and saves under one lock, so that no other change is lost.
    ///
    /// `change` is given the document as it is in the file now; a missing file is an empty document.
    /// It returns what its edits warned of, for the receipt.
    /// The old content is backed up, the new content durable when this returns.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the text is no valid document (it stays as it is),
    /// [`Error::Damaged`], [`Error::Lock`], what `change` returned, and what a save can meet:
    /// [`Error::NotSaved`] (old content in place) or [`Error::InPlaceNotDurable`].
    pub fn edit(
        &self,
        reason: Option<&str>,
        change: impl FnOnce(&mut Document) -> Result<Vec<Warning>, persist_format::Error>,
    ) -> Result<Receipt, Error> {
        self.edit_with(reason, &|_| Ok(()), |document, _| {
            change(document).map_err(|e| self.invalid(e))
        })
    }

    /// As [`edit`](Self::edit), for a change that can be made twice: where nothing is kept about the file yet it is tried before the lock is
    /// taken, so that one that fails, or changes nothing, makes no state folder. Where the file is as it was then, what was tried is what is saved.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn edit_tried(
        &self,
        reason: Option<&str>,
        mut change: impl FnMut(&mut Document) -> Result<Vec<Warning>, persist_format::Error>,
    ) -> Result<Receipt, Error> {
        let start = Instant::now();
        self.refuse_unless_changeable()?;
        let mut change = |document: &mut Document, _: Option<&Document>| {
            change(document).map_err(|e| self.invalid(e))
        };
        let mut tried = None;
        if self.is_unmanaged() {
            let reading = self.read()?;
            let attempt = self.attempt(reading.document(), &mut change)?;
            self.refuse_unsound(reading.document(), &attempt.wanted)?;
            if let Some(receipt) = self.unchanged(&reading, &attempt) {
                return Ok(receipt);
            }
            tried = Some((reading, attempt));
        }
        self.edit_under_lock(reason, start, |document, there| match tried {
            Some((reading, attempt)) if is_same(reading.document(), there) => {
                *document = attempt.wanted;
                Ok(attempt.warnings)
            }
            _ => change(document, there),
        })
    }

    /// As [`edit`](Self::edit). Where nothing is kept about the file yet, what is to be `refused` is so before a state folder is made.
    pub(crate) fn edit_with(
        &self,
        reason: Option<&str>,
        refused: &dyn Fn(Option<&Document>) -> Result<(), Error>,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
    ) -> Result<Receipt, Error> {
        let start = Instant::now();
        self.refuse_unless_changeable()?;
        if self.is_unmanaged() {
            refused(self.read()?.document())?;
        }
        self.edit_under_lock(reason, start, change)
    }

    fn edit_under_lock(
        &self,
        reason: Option<&str>,
        start: Instant,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
    ) -> Result<Receipt, Error> {
        let locked = match self.locked(Provenance::Caller) {
            Err(error) if is_on_read_only(&error) => return self.edit_without_lock(error, change),
            locked => locked.map_err(|e| self.explained(e))?,
        };
        if let Some(reading) = self.known_under(locked.live.as_ref()) {
            return self.edit_known(locked, &reading, reason, change, start);
        }
        let mut session = match self.session_on(locked, TruncationPolicy::Edit, start) {
            Err(error) if is_on_read_only(&error) => return self.edit_without_lock(error, change),
            session => session.map_err(|e| self.explained(e))?,
        };
        let start = Instant::now();
        let old = session.document()?;
        let attempt = self.attempt(old.as_ref(), change)?;
        session.notices.extend(losses::notices(&attempt.warnings));
        self.commit_document(session, old.as_ref(), &attempt.wanted, reason, start)
    }

    /// The same of a file with the content that it was left with. Where nothing is to be changed, nothing but the file need be read.
    fn edit_known(
        &self,
        locked: Locked<'_>,
        reading: &Reading,
        reason: Option<&str>,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
        start: Instant,
    ) -> Result<Receipt, Error> {
        let old = reading.document();
        let attempt = self.attempt(old, change)?;
        if let Some(receipt) = self.unchanged(reading, &attempt)
            && self.is_calm_under(&locked.opened, receipt.digest)
        {
            self.refuse_unsound(old, &attempt.wanted)?;
            return Ok(receipt);
        }
        let session = self.session_on(locked, TruncationPolicy::Edit, start);
        let mut session = session.map_err(|e| self.explained(e))?;
        session.notices.extend(losses::notices(&attempt.warnings));
        self.commit_document(session, old, &attempt.wanted, reason, Instant::now())
    }

    /// A change that is none needs no lock: the file was so at the moment that it was read. `error` is why nothing can be written.
    fn edit_without_lock(
        &self,
        error: Error,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
    ) -> Result<Receipt, Error> {
        let reading = self.read()?;
        let elsewhere = matches!(
            reading.condition(),
            Condition::ChangedOutside | Condition::Unrecorded
        );
        if elsewhere && self.options.strict {
            return Err(error);
        }
        let attempt = self.attempt(reading.document(), change)?;
        self.refuse_unsound(reading.document(), &attempt.wanted)?;
        self.unchanged(&reading, &attempt).ok_or(error)
    }

    /// Makes the change to a copy of what is there; a missing file is an empty document.
    fn attempt(
        &self,
        old: Option<&Document>,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
    ) -> Result<Attempt, Error> {
        let mut wanted = match old {
            Some(document) => document.clone(),
            None => self.blank()?,
        };
        let warnings = change(&mut wanted, old)?;
        Ok(Attempt { wanted, warnings })
    }

    /// The receipt of an attempt that leaves the text as it was read.
    fn unchanged(&self, reading: &Reading, attempt: &Attempt) -> Option<Receipt> {
        let mut receipt = self.unchanged_since(reading, &attempt.wanted)?;
        receipt.notices = losses::notices(&attempt.warnings);
        Some(receipt)
    }

    /// Replaces what is in the file, whatever that is: text that is no document, and damage, as well. What is damaged goes to
    /// quarantine, all else is backed up.
    pub(crate) fn replace(
        &self,
        reason: &str,
        change: impl FnOnce(&mut Document) -> Result<Vec<Warning>, Error>,
    ) -> Result<Receipt, Error> {
        let mut session = self.session_taking(TruncationPolicy::Edit, Provenance::Caller)?;
        let start = Instant::now();
        let old = match session.document() {
            Ok(old) => old,
            // The others of the stream would go with what can't be read.
            Err(error) if self.options.doc.is_some() && session.live().is_some() => {
                return Err(self.explained(error));
            }
            Err(_) => None,
        };
        let attempt = self.attempt(old.as_ref(), |document, _| change(document))?;
        let document = attempt.wanted;
        session.notices.extend(losses::notices(&attempt.warnings));
        self.refuse_unchosen(old.as_ref(), &document)?;
        self.check_version(None, &document)?; // whichever it had, what it held goes with it
        let (kind, old) = (session.kind(), old.as_ref());
        let change = Change {
            quarantine: session.live().is_some() && session.damage().is_some(),
            ..self.change_of_any_version(kind, old, &document, Some(reason))?
        };
        session.keep_last_saved()?;
        session.timings.encode = start.elapsed();
        session.commit(change)
    }

    /// Whether nothing is kept about the file yet. What fails then is found out before a folder is made for it, so that it leaves nothing.
    pub(super) fn is_unmanaged(&self) -> bool {
        let complete = self.complete.lock().unwrap_or_else(PoisonError::into_inner);
        if complete.is_some() {
            return false; // saved from here before
        }
        drop(complete);
        let opened = self.opened();
        opened.is_ok_and(|o| o.trouble().is_none() && matches!(o.state(), Ok(None)))
    }
}

/// Whether it is for a file system that is mounted read-only.
pub(super) fn is_on_read_only(error: &Error) -> bool {
    let os = error.os();
    os.is_some_and(|os| os.kind() == std::io::ErrorKind::ReadOnlyFilesystem)
}

/// Whether both are one document of the same text, or none.
fn is_same(a: Option<&Document>, b: Option<&Document>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.bytes() == b.bytes(),
        (None, None) => true,
        _ => false,
    }
}
