//! Telling that neither a file nor its journal has changed since they were read, without opening the state folder.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use persist_backup::{Digest, digest};
use persist_lock::{Glance, Mark};

use super::calm::Calm;
use super::observation::Observation;
use super::opened::Opened;
use super::{Condition, ConfigFile, Reading};
use crate::journal::{self, End};
use crate::live::Live;
use crate::{place, state_format};

impl ConfigFile {
    /// The file as it was read before, if it still is so.
    ///
    /// The content comes first, then the journal's marks: whatever is live was announced before it went live, so what the
    /// unchanged journal says of this content still holds.
    pub(super) fn at_a_glance(&self) -> Option<Reading> {
        let known = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        let calm = known.clone()?;
        drop(known); // others may read meanwhile
        let glance = Glance::at(&self.target).ok()?;
        let bytes = glance.read(self.options.limits.bytes as u64).ok()??;
        if digest(&bytes) != calm.digest || self.marks(&glance, calm.segment)? != calm.marks {
            return None;
        }
        let document = self.known_document(calm.digest)?;
        Some(Reading::clean(document, calm.digest))
    }

    /// The last segment of the journal, the place of the next one, and the number that says how to read both.
    fn marks(&self, glance: &Glance, segment: u64) -> Option<[Mark; 3]> {
        let state = PathBuf::from(self.default_root().file_name()?);
        let journal = state.join(place::JOURNAL);
        let mark = |path: &Path| glance.mark(path).ok();
        Some([
            mark(&journal.join(journal::segment_name(segment)))?,
            mark(&journal.join(journal::segment_name(segment + 1)))?,
            mark(&state.join(state_format::NAME))?,
        ])
    }

    /// The file as it was read before, if under the lock it still has that content: what comes of a change to it is known before the journal
    /// is read.
    pub(super) fn known_under(&self, live: Option<&Live>) -> Option<Reading> {
        let known = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = known.as_ref().filter(|calm| calm.complete)?.digest;
        drop(known);
        let document = self.known_document(digest)?;
        let same = live?.digest == digest;
        same.then(|| Reading::clean(document, digest))
    }

    /// Whether under the lock nothing is left to be settled, adopted or told of a file that still has the content that is known: nobody has
    /// taken the lock since that left anything. The number of the format has been looked at.
    pub(super) fn is_calm_under(&self, opened: &Opened<'_>, digest: Digest) -> bool {
        let known = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |calm: &Calm| calm.complete && calm.digest == digest;
        let calm = known.clone().filter(is_known);
        drop(known);
        let told = opened.closed || opened.made || opened.aside.is_some();
        let beside = opened.whereabouts.is_none();
        let ends = calm.and_then(|calm| Some(ends(opened, calm.segment)? == calm.marks[..2]));
        !told && beside && ends == Some(true)
    }

    /// As [`remember_complete`](Self::remember_complete), of a session that had nothing to do: so may the next ones.
    pub(super) fn remember_calm_session(&self, opened: &Opened<'_>, digest: Digest, end: End) {
        self.remember_complete(digest, end);
        let calm = || {
            let [last, next] = ends(opened, end.segment)?;
            let format = opened.state().ok()??.mark(state_format::NAME).ok()?;
            let beside = opened.whereabouts.is_none();
            let same = last.length() == Some(end.len) && next.length().is_none();
            (beside && same).then_some(Calm {
                digest,
                segment: end.segment,
                marks: [last, next, format],
                complete: true,
            })
        };
        if let Some(calm) = calm() {
            *self.calm.lock().unwrap_or_else(PoisonError::into_inner) = Some(calm);
        }
    }

    /// Remembers that a session has left everything done: every name, the mirror, and the journal that ends here.
    pub(super) fn remember_complete(&self, digest: Digest, end: End) {
        let mut complete = self.complete.lock().unwrap_or_else(PoisonError::into_inner);
        *complete = Some((digest, end));
    }

    fn is_complete(&self, digest: Digest, end: End) -> bool {
        let complete = self.complete.lock().unwrap_or_else(PoisonError::into_inner);
        *complete == Some((digest, end))
    }

    /// Remembers a file that was found as it was saved.
    pub(super) fn remember_calm(&self, opened: &Opened<'_>, seen: &Observation) {
        let calm = self.calm_of(opened, seen);
        *self.calm.lock().unwrap_or_else(PoisonError::into_inner) = calm;
    }

    fn calm_of(&self, opened: &Opened<'_>, seen: &Observation) -> Option<Calm> {
        let clean = matches!(seen.verdict, Ok(Condition::Clean));
        let beside = opened.whereabouts.is_none() && matches!(opened.state(), Ok(Some(_)));
        let tail = &seen.log.tail;
        if !clean || !beside || tail.segment == 0 {
            return None;
        }
        let marks = self.marks(&Glance::at(&self.target).ok()?, tail.segment)?;
        // A journal only grows: as long as it was when it was read, it still says the same.
        let read = tail.good_len + tail.torn.len() as u64;
        let same = marks[0].length() == Some(read) && marks[1].length().is_none();
        let digest = seen.digest()?;
        let (segment, len) = (tail.segment, read);
        same.then(|| Calm {
            digest,
            segment,
            marks,
            complete: self.is_complete(digest, End { segment, len }),
        })
    }
}

/// The marks of a segment of the journal, and of the place of the next one.
fn ends(opened: &Opened<'_>, segment: u64) -> Option<[Mark; 2]> {
    let journal = opened.segments().folder().ok()?;
    let mark = |segment| journal.mark(&journal::segment_name(segment)).ok();
    Some([mark(segment)?, mark(segment + 1)?])
}
