//! The two ways to change a file: edit what is there, or commit against what was read.

use std::sync::PoisonError;
use std::time::Instant;

use persist_backup::Digest;
use persist_backup::retention::Mark;
use persist_format::{Choice, Document, Format, KeyPath, Segment, Value, Warning, merge};
use persist_lock::Provenance;

use super::commit::Change;
use super::observation::TruncationPolicy;
use super::session::{Locked, Session};
use super::{ConfigFile, Reading};
use crate::error::{Error, VersionTrouble};
use crate::journal::Kind;
use crate::losses;
use crate::receipt::{Notice, Outcome, Receipt, Timings};

/// Judges what a merge gave: the document as it was in the file, and the merged one.
type Judge<'j> = dyn Fn(Option<&Document>, &Document) -> Result<(), Error> + 'j;

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
        let mut tried = None;
        if self.is_unmanaged() {
            let reading = self.read()?;
            let mut wanted = match reading.document() {
                Some(document) => document.clone(),
                None => self.blank()?,
            };
            let warnings = change(&mut wanted).map_err(|e| self.invalid(e))?;
            self.refuse_unsound(reading.document(), &wanted)?;
            if let Some(mut receipt) = self.unchanged_since(&reading, &wanted) {
                receipt.notices = losses::notices(&warnings);
                return Ok(receipt);
            }
            tried = Some((reading, wanted, warnings));
        }
        self.edit_under_lock(reason, start, |document, there| match tried {
            Some((reading, wanted, warnings)) if is_same(reading.document(), there) => {
                *document = wanted;
                Ok(warnings)
            }
            _ => change(document).map_err(|e| self.invalid(e)),
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
        let mut document = match &old {
            Some(document) => document.clone(),
            None => self.blank()?,
        };
        let warnings = change(&mut document, old.as_ref())?;
        session.notices.extend(losses::notices(&warnings));
        self.commit_document(session, old.as_ref(), &document, reason, start)
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
        let mut wanted = match reading.document() {
            Some(document) => document.clone(),
            None => self.blank()?,
        };
        let old = reading.document();
        let warnings = change(&mut wanted, old)?;
        let notices = losses::notices(&warnings);
        if let (Some(old), Some(digest)) = (old, reading.digest())
            && wanted.bytes() == old.bytes()
            && self.is_calm_under(&locked.opened, digest)
        {
            self.check_version(Some(old), &wanted)?;
            self.check(Some(old), &wanted)?;
            let mut receipt = self.unchanged_receipt(Kind::Save, old, digest);
            receipt.notices = notices;
            return Ok(receipt);
        }
        let session = self.session_on(locked, TruncationPolicy::Edit, start);
        let mut session = session.map_err(|e| self.explained(e))?;
        session.notices.extend(notices);
        self.commit_document(session, old, &wanted, reason, Instant::now())
    }

    /// A change that is none needs no lock: the file was so at the moment that it was read. `error` is why nothing can be written.
    fn edit_without_lock(
        &self,
        error: Error,
        change: impl FnOnce(&mut Document, Option<&Document>) -> Result<Vec<Warning>, Error>,
    ) -> Result<Receipt, Error> {
        let reading = self.read()?;
        let (Some(old), Some(digest)) = (reading.document(), reading.digest()) else {
            return Err(error);
        };
        let mut wanted = old.clone();
        change(&mut wanted, Some(old))?;
        match wanted.bytes() == old.bytes() {
            true => Ok(self.unchanged_receipt(Kind::Save, old, digest)),
            false => Err(error),
        }
    }

    /// The receipt of a change that is none: the file was so at the moment that it was read.
    fn unchanged_since(&self, reading: &Reading, wanted: &Document) -> Option<Receipt> {
        let (old, digest) = (reading.document()?, reading.digest()?);
        let same = wanted.bytes() == old.bytes();
        same.then(|| self.unchanged_receipt(Kind::Save, old, digest))
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
            rung: None,
            digest,
            notices: Vec::new(),
            timings: Timings::default(),
        }
    }

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
            return Err(self.conflict_of(conflicts));
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
                return Err(self.conflict_of(agreed));
            }
            judged => judged?,
        }
        self.commit_document(session, old.as_ref(), &merged, reason, start)
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

    /// The document in `current`, the file as it is now, that was `base` when it was read: by what it holds, where that was said, or else by its place.
    fn chosen_since(&self, base: &Document, current: Document) -> Result<Document, Error> {
        let by_content = matches!(self.options.doc, Some(Choice::Holding { .. }));
        if by_content && self.is_meant(base) && self.is_meant(&current) {
            return Ok(current);
        }
        let chosen = current.chosen_since(base);
        chosen.ok_or_else(|| self.conflict(Vec::new(), Vec::new()))
    }

    fn conflict_of(&self, conflicts: Vec<merge::Conflict>) -> Error {
        let conflicts = conflicts.into_iter().map(|c| self.redacted(c));
        self.conflict(conflicts.collect(), Vec::new())
    }

    /// An error is printed and logged.
    fn redacted(&self, mut conflict: merge::Conflict) -> merge::Conflict {
        let values = [&mut conflict.base, &mut conflict.ours, &mut conflict.theirs];
        for value in values.into_iter().flatten() {
            *value = self.sensitive().redact(&conflict.path, value);
        }
        conflict
    }

    fn conflict(&self, conflicts: Vec<merge::Conflict>, documents: Vec<usize>) -> Error {
        Error::Conflict {
            file: self.path.clone(),
            conflicts,
            documents,
        }
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
        let mut document = match &old {
            Some(document) => document.clone(),
            None => self.blank()?,
        };
        let warnings = change(&mut document)?;
        session.notices.extend(losses::notices(&warnings));
        self.refuse_unchosen(old.as_ref(), &document)?;
        self.check_version(None, &document)?; // whichever it had, what it held goes with it
        let (kind, old) = (session.kind(), old.as_ref());
        let change = Change {
            quarantine: session.live().is_some() && session.damage().is_some(),
            ..self.change_of_any_version(kind, old, &document, Some(reason))?
        };
        session.timings.encode = start.elapsed();
        session.commit(change)
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
    fn empty(&self) -> Result<Document, Error> {
        let named = || Format::of_new(self.live());
        let format = self.options.format.map_or_else(named, Ok);
        let format = format.map_err(|e| self.invalid(e))?;
        let text: &[u8] = match format {
            Format::Json | Format::Jsonc => b"{}\n",
            _ => b"",
        };
        Document::parse_with(text, format, &self.options.limits).map_err(|e| self.invalid(e))
    }

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

    fn change_of_any_version(
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

    /// What a save would refuse before it writes anything.
    fn refuse_unsound(&self, old: Option<&Document>, wanted: &Document) -> Result<(), Error> {
        self.refuse_unchosen(old, wanted)?;
        let old = old.map(|old| old.chosen_like(wanted));
        self.check_version(old.as_ref(), wanted)?;
        self.check(old.as_ref(), wanted).map(drop)
    }

    /// Of several documents one must have been chosen, by the options or by the caller, before anything is written.
    pub(super) fn refuse_unchosen(
        &self,
        old: Option<&Document>,
        wanted: &Document,
    ) -> Result<(), Error> {
        let Some(old) = old.filter(|old| old.text() != wanted.text() && !wanted.is_chosen()) else {
            return Ok(());
        };
        // It is to be chosen among those of the file, unless that has no others.
        let there = match old.documents() {
            1 => wanted,
            _ => old,
        };
        Err(self.one_of(there, there.unchosen()))
    }

    /// A file of a newer version is not changed by guesswork, and none loses a known version or gets an unknown one: nobody could say any more what
    /// it must hold. Another label is no migration: all keys would stay those of the version before. A file without a known version may get one.
    fn check_version(&self, old: Option<&Document>, wanted: &Document) -> Result<(), Error> {
        let versioned = self.options.graph.is_some() || self.options.manifest.is_some();
        if !versioned {
            return Ok(());
        }
        let graph = self.graph()?;
        let known = |document| self.known_version(document, &graph);
        let is_newer = |what: &VersionTrouble| matches!(what, VersionTrouble::Newer { .. });
        let was = match old.map(known) {
            Some(Err(error)) if is(&error, is_newer) => return Err(error),
            was => was,
        };
        let stamp = self.version_text(wanted);
        if old.is_some_and(|old| self.version_text(old) == stamp) {
            return Ok(()); // one that was wrong before doesn't stand in the way of changing something else
        }
        let what = match (was, known(wanted)) {
            (Some(Ok(is)), Ok(meant)) if is != meant => VersionTrouble::Relabelled { is, meant },
            (Some(Ok(_)), Err(_)) => VersionTrouble::NoSetting {
                key: self.options.version_path().to_string(),
            },
            (_, Err(error)) if stamp.is_some() => return Err(error),
            _ => return Ok(()),
        };
        Err(Error::Version {
            file: self.path.clone(),
            what,
        })
    }

    /// Has a second parser read the new text where none has, and holds it against schema and application.
    pub(super) fn check(&self, old: Option<&Document>, wanted: &Document) -> Result<Mark, Error> {
        let is_new = old.is_none_or(|old| old.text() != wanted.text());
        if self.is_read_alike(wanted) {
            if is_new {
                wanted.check().map_err(|e| self.invalid(e))?;
            }
        } else {
            let again = self.parse_stream(&wanted.bytes())?.chosen_like(wanted);
            if again.value() != wanted.value() {
                return Err(self.refused("its text would not be read back as intended".into()));
            }
            again.check().map_err(|e| self.invalid(e))?;
        }
        let violations = self.violations(wanted)?;
        let valid = violations.is_empty();
        if !valid {
            let known = old.map_or(Ok(Vec::new()), |old| self.violations(old))?;
            // Another value that is no better is not what was there. What is wrong with a map or a list may be one part of it.
            let is_left = |path: &KeyPath| {
                let new = wanted.get(path).filter(|value| !value.is_container());
                new.is_none() || old.is_none_or(|old| old.get(path) == new)
            };
            let same = |v: &persist_format::schema::Violation| {
                let is_it = |k: &persist_format::schema::Violation| {
                    k.path == v.path && k.message == v.message
                };
                known.iter().any(is_it) && is_left(&v.path)
            };
            // What was wrong before doesn't stand in the way of changing something else.
            let fresh: Vec<_> = violations.into_iter().filter(|v| !same(v)).collect();
            if !fresh.is_empty() {
                return Err(Error::Schema {
                    file: self.path.clone(),
                    violations: fresh,
                });
            }
        }
        let check = self.options.check.as_ref();
        check
            .map_or(Ok(()), |check| check(wanted))
            .map_err(|e| self.refused(e))?;
        let judged = check.is_some() || self.has_schema(wanted);
        Ok(match valid && judged {
            true => Mark::Checked,
            false => Mark::Parsed,
        })
    }

    /// Whether this file's text would be read as that document was: in its format, and within the same limits.
    fn is_read_alike(&self, wanted: &Document) -> bool {
        // Where only the content tells the format, another content may tell another.
        let named = self.options.format;
        let format = named.or_else(|| Format::from_path(self.live()));
        // A `.json` is read as JSONC where it is not JSON.
        let alike = match wanted.format() {
            Format::Jsonc if self.options.format.is_none() => {
                matches!(format, Some(Format::Json | Format::Jsonc))
            }
            wanted => format == Some(wanted),
        };
        alike && *wanted.limits() == self.options.limits
    }

    /// The document that reading its bytes would give, where that is known: without its last comment a JSONC document in a `.json` is JSON.
    pub(super) fn read_as(&self, wanted: &Document) -> Option<Document> {
        let sure = wanted.format() != Format::Jsonc
            || self.options.format == Some(Format::Jsonc)
            || Format::from_path(self.live()) == Some(Format::Jsonc)
            || wanted.comments().next().is_some();
        (sure && self.is_read_alike(wanted)).then(|| wanted.clone())
    }

    fn refused(&self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Refused {
            file: self.path.clone(),
            source,
        }
    }
}

/// Whether it is an entry that neither has any more but as `null`.
fn both_removed(conflict: &merge::Conflict) -> bool {
    let is_gone = |side: &Option<Value>| side.as_ref().is_none_or(Value::is_null);
    let is_entry = matches!(conflict.path.segments().last(), Some(Segment::Key(_)));
    is_entry && is_gone(&conflict.ours) && is_gone(&conflict.theirs)
}

fn is(error: &Error, trouble: impl Fn(&VersionTrouble) -> bool) -> bool {
    matches!(error, Error::Version { what, .. } if trouble(what))
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
