//! What a save would tell of the file as it was found: said by a preview in the same words.

use persist_format::KeyPath;

use super::Condition;
use super::observation::Observation;
use super::opened::Opened;
use crate::error::Error;
use crate::live::Live;
use crate::note::Note;
use crate::receipt::Notice;

impl Observation {
    /// Damage of the journal that no record tells of yet.
    pub(super) fn fresh_faults(&self) -> Vec<Notice> {
        let fresh = self.log.faults.iter().filter(|fault| !fault.known);
        let mut broken: Vec<Notice> = fresh
            .map(|fault| Notice::JournalBroken {
                segment: fault.segment,
            })
            .collect();
        broken.dedup();
        broken
    }
}

impl Opened<'_> {
    /// What differs between the content that was saved last, where a copy is left, and what something else has made of it.
    pub(super) fn changed_outside(&self, before: Option<&[u8]>, live: &Live) -> Vec<Note> {
        let told = before.and_then(|bytes| {
            let before = self.stream(persist_backup::digest(bytes), bytes).ok()?;
            Some(self.document_notes(Some(&before), &self.whole_in(live).ok()?))
        });
        told.unwrap_or_default().notes
    }

    /// What a save that brings these secrets in would tell before it writes.
    pub(super) fn foretold(
        &self,
        look: &Observation,
        secrets: &[KeyPath],
    ) -> Result<Vec<Notice>, Error> {
        let elsewhere = self.led_to().map(|folder| Notice::Elsewhere { folder });
        let mut notices: Vec<Notice> = elsewhere.into_iter().collect();
        notices.extend(look.fresh_faults());
        let adoption = look.to_adopt();
        // That a save of ours lacks its record is told as damage of the journal.
        let adoption = adoption.filter(|_| look.verdict != Ok(Condition::Unrecorded));
        if let (Some(adoption), Some(live)) = (adoption, &look.live) {
            let before = match adoption.old {
                Some(digest) => self.mirror_of(&digest)?,
                None => None,
            };
            let changes = self.changed_outside(before.as_deref(), live);
            notices.push(Notice::Adopted { changes });
        }
        let mode = look.live.as_ref().and_then(|live| Some(live.former?.mode));
        notices.extend(mode.and_then(|mode| Notice::exposed(secrets, mode)));
        Ok(notices)
    }
}
