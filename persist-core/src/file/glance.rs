//! Telling that neither a file nor its journal has changed since they were read, without opening the state folder.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use persist_backup::{Digest, digest};
use persist_lock::{Glance, Mark};

use super::observation::Observation;
use super::opened::Opened;
use super::{Condition, ConfigFile, Reading};
use crate::{journal, place, state_format};

/// A file that held what was saved last, and how the journal that says so looked from outside.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    digest: Digest,
    segment: u64,
    marks: [Mark; 3],
}

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
        same.then_some(Calm {
            digest: seen.digest()?,
            segment: tail.segment,
            marks,
        })
    }
}
