//! Saving a document against what it was made from: compare-and-swap, and a merge where the file has changed since.

use std::time::Instant;

use persist_format::{Choice, Document, Segment, Value, merge};

use super::{ConfigFile, Reading};
use crate::error::Error;
use crate::losses;
use crate::receipt::{Notice, Receipt};

/// Judges what a merge gave: the document as it was in the file, and the merged one.
type Judge<'j> = dyn Fn(Option<&Document>, &Document) -> Result<(), Error> + 'j;

impl ConfigFile {
    /// Saves `wanted`, which was made from `base`: compare-and-swap. Where the file changed since
    /// `base` was read, the two changes are merged key by key.
    ///
    /// # Errors
    /// [`Error::Conflict`] where both changed the same keys, or it can't be told which document of a stream the change is meant for; else as
    /// [`ConfigFile::edit`].
    pub fn commit(
        &self,
        base: &Reading,
        wanted: &Document,
        reason: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.commit_as(base, wanted, reason, None)
    }

    /// The same for settings, whose merge is judged by what it reads as, too. What both sides have taken away agrees, also where one has left `null` in its
    /// place.
    pub(crate) fn commit_judged(
        &self,
        base: &Reading,
        wanted: &Document,
        reason: Option<&str>,
        judge: &Judge<'_>,
    ) -> Result<Receipt, Error> {
        self.commit_as(base, wanted, reason, Some(judge))
    }

    fn commit_as(
        &self,
        base: &Reading,
        wanted: &Document,
        reason: Option<&str>,
        judge: Option<&Judge<'_>>,
    ) -> Result<Receipt, Error> {
        self.refuse_unless_changeable()?;
        if self.is_unmanaged() {
            let reading = self.read()?;
            self.refuse_unsound(base.document(), wanted)?;
            if reading.digest() == base.digest()
                && let Some(receipt) = self.unchanged_since(&reading, wanted)
            {
                return Ok(receipt);
            }
        }
        let mut session = self.session()?;
        let start = Instant::now();
        let old = session.document()?;
        if session.digest() == base.digest() {
            return self.commit_document(session, old.as_ref(), wanted, reason, start);
        }
        let mut current = match &old {
            Some(document) => document.clone(),
            None => self.empty()?,
        };
        let base = match base.document() {
            Some(base) => {
                let base = base.chosen_like(wanted);
                current = self.chosen_since(&base, current)?;
                base
            }
            None => self.empty()?,
        };
        let documents = wanted.changed_beside(&base);
        if !documents.is_empty() && current.text() != wanted.text() {
            return Err(self.conflict(Vec::new(), documents));
        }
        let in_file = old.as_ref().map(|_| current.clone());
        let merge = merge::three_way(&base, &current, wanted).map_err(|e| self.invalid(e))?;
        let is_agreed = |c: &merge::Conflict| judge.is_some() && both_removed(c);
        let (agreed, conflicts): (Vec<_>, Vec<_>) =
            merge.conflicts.into_iter().partition(is_agreed);
        if !conflicts.is_empty() {
            return Err(self.conflict_of([&base, &current, wanted], conflicts));
        }
        let merged = merge.document;
        session.notices.extend(losses::notices(&merge.warnings));
        session.notices.push(Notice::Merged);
        session.notices.extend(losses::of_comments(&merge.comments));
        match judge.map_or(Ok(()), |judge| judge(in_file.as_ref(), &merged)) {
            // To this type `null` is something else than nothing.
            Err(Error::NotReadBack { path, .. })
                if agreed.iter().any(|c| path.starts_with(&c.path)) =>
            {
                return Err(self.conflict_of([&base, &current, wanted], agreed));
            }
            judged => judged?,
        }
        self.commit_document(session, old.as_ref(), &merged, reason, start)
    }

    /// The document in `current`, the file as it is now, that was `base` when it was read: by what it holds, where that was said, or else by its place.
    fn chosen_since(&self, base: &Document, current: Document) -> Result<Document, Error> {
        let by_content = matches!(self.options.doc, Some(Choice::Holding { .. }));
        if by_content && self.is_meant(base) && self.is_meant(&current) {
            return Ok(current);
        }
        let chosen = current.chosen_since(base);
        chosen.ok_or_else(|| self.conflict(Vec::new(), Vec::new()))
    }

    /// An error is printed and logged: it tells no secret of any of the three.
    fn conflict_of(&self, versions: [&Document; 3], mut conflicts: Vec<merge::Conflict>) -> Error {
        self.sensitive().redact_conflicts(versions, &mut conflicts);
        self.conflict(conflicts, Vec::new())
    }

    fn conflict(&self, conflicts: Vec<merge::Conflict>, documents: Vec<usize>) -> Error {
        Error::Conflict {
            file: self.path.clone(),
            conflicts,
            documents,
        }
    }
}

/// Whether it is an entry that neither has any more but as `null`.
fn both_removed(conflict: &merge::Conflict) -> bool {
    let is_gone = |side: &Option<Value>| side.as_ref().is_none_or(Value::is_null);
    let is_entry = matches!(conflict.path.segments().last(), Some(Segment::Key(_)));
    is_entry && is_gone(&conflict.ours) && is_gone(&conflict.theirs)
}
