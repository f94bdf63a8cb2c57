//! The checked change from one document to another, ready to be saved, and the receipt of one that is none.

use std::time::Instant;

use persist_backup::Digest;
use persist_format::{Document, Format};

use super::commit::Change;
use super::session::Session;
use super::{ConfigFile, Reading};
use crate::error::Error;
use crate::journal::Kind;
use crate::receipt::{Outcome, Receipt, Timings};

impl ConfigFile {
    pub(super) fn commit_document(
        &self,
        mut session: Session<'_>,
        old: Option<&Document>,
        wanted: &Document,
        reason: Option<&str>,
        start: Instant,
    ) -> Result<Receipt, Error> {
        let change = self.change_to(session.kind(), old, wanted, reason)?;
        session.timings.encode = start.elapsed();
        session.commit(change)
    }

    /// The checked change from one document to another.
    pub(super) fn change_to(
        &self,
        kind: Kind,
        old: Option<&Document>,
        wanted: &Document,
        reason: Option<&str>,
    ) -> Result<Change, Error> {
        self.refuse_unchosen(old, wanted)?;
        let old = old.map(|old| old.chosen_like(wanted));
        self.check_version(old.as_ref(), wanted)?;
        self.change_of_any_version(kind, old.as_ref(), wanted, reason)
    }

    pub(super) fn change_of_any_version(
        &self,
        kind: Kind,
        old: Option<&Document>,
        wanted: &Document,
        reason: Option<&str>,
    ) -> Result<Change, Error> {
        let mark = self.check(old, wanted)?;
        let told = self.document_notes(old, wanted);
        Ok(Change {
            changes: told.notes,
            secrets: told.secrets,
            unchecked: self.unchecked(wanted),
            version: self.version_text(wanted),
            reason: reason.map(str::to_owned),
            document: self.read_as(wanted),
            mark,
            ..Change::new(kind, wanted.bytes())
        })
    }

    /// An empty document in this file's format.
    pub(crate) fn blank(&self) -> Result<Document, Error> {
        if self.options.doc.is_some() {
            return Err(self.not_found(
                "the file does not exist, so it has no document to choose; omit the document selector",
            ));
        }
        self.empty()
    }

    /// The same, to compare with what was no file.
    pub(super) fn empty(&self) -> Result<Document, Error> {
        let named = || Format::of_new(self.live());
        let format = self.options.format.map_or_else(named, Ok);
        let format = format.map_err(|e| self.invalid(e))?;
        let text: &[u8] = match format {
            Format::Json | Format::Jsonc => b"{}\n",
            _ => b"",
        };
        Document::parse_with(text, format, &self.options.limits).map_err(|e| self.invalid(e))
    }

    /// Of an operation that had nothing to do.
    pub(super) fn unchanged_receipt(
        &self,
        kind: Kind,
        document: &Document,
        digest: Digest,
    ) -> Receipt {
        Receipt {
            file: self.path.clone(),
            outcome: Outcome::Unchanged,
            kind,
            seq: None,
            changes: Vec::new(),
            version: self.version_text(document),
            backup: None,
            from: None,
            recovered_from: None,
            digest,
            notices: Vec::new(),
            timings: Timings::default(),
        }
    }

    /// The receipt of a change that is none: the file was so at the moment that it was read.
    pub(super) fn unchanged_since(&self, reading: &Reading, wanted: &Document) -> Option<Receipt> {
        let (old, digest) = (reading.document()?, reading.digest()?);
        let same = wanted.bytes() == old.bytes();
        same.then(|| self.unchanged_receipt(Kind::Save, old, digest))
    }
}
