//! What to do with what an interrupted save left behind.

use jiff::Timestamp;
use persist_backup::{Digest, Id, digest};

use super::session::Session;
use crate::error::Error;
use crate::history::Known;
use crate::receipt::Notice;

/// Where a leftover belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// New content that never became visible: nobody was told that it was saved.
    Remove,
    /// The content that a save replaced: it gets the name that the save announced for it.
    Keep(String),
    /// Content that is neither what the save replaced nor what it wrote: somebody else's.
    Foreign,
}

/// Judges a leftover by its digest, the live file's, and the last announced save.
///
/// Before its intent is durable nothing of a save is visible, so without an intent that names the
/// live content a leftover can only be new content.
pub(crate) fn fate(leftover: &Digest, live: Option<&Digest>, known: &Known) -> Fate {
    let Some((_, intent)) = &known.last else {
        return Fate::Remove;
    };
    if known.rolled_back(live) || leftover == &intent.new {
        return Fate::Remove;
    }
    match &intent.backup {
        Some(name) if intent.old.as_ref() == Some(leftover) => Fate::Keep(name.clone()),
        _ => Fate::Foreign,
    }
}

/// Finishes or removes what an interrupted save left. Needs the exclusive lock.
pub(super) fn settle(session: &mut Session<'_>) -> Result<(), Error> {
    let file = session.file;
    let live = session.digest();
    let mut notices = Vec::new();
    if !session.known.rolled_back(live.as_ref()) && unplaced(session)? {
        // For good, before the evidence goes.
        session.roll_back();
        session.flush()?;
    }
    for leftover in session.guard.leftovers().map_err(|e| file.lock_error(e))? {
        let Some(bytes) = leftover.read().map_err(|e| file.lock_error(e))? else {
            continue;
        };
        let name = match fate(&digest(&bytes), live.as_ref(), &session.known) {
            Fate::Remove => {
                leftover.discard().map_err(|e| file.lock_error(e))?;
                continue;
            }
            Fate::Keep(name) => {
                let seq = session.known.last.as_ref().map_or(0, |(seq, _)| *seq);
                notices.push(Notice::Finished { seq });
                name
            }
            Fate::Foreign => {
                let id = Id::new(session.seq, Timestamp::now(), digest(&bytes));
                let kept = format!("backups/{id}");
                notices.push(Notice::Overtaken { kept: kept.clone() });
                kept
            }
        };
        file.place
            .create_for(&name)
            .map_err(|e| file.lock_error(e))?;
        // Step 6 of the interrupted save: the name, and every folder synced.
        leftover
            .keep_as(&file.place.root.join(name))
            .map_err(|e| file.lock_error(e))?;
    }
    session.notices.append(&mut notices);
    Ok(())
}

/// Whether the last announced content is still apart from the live file: then it never took its
/// place, whatever somebody else wrote there since.
fn unplaced(session: &Session<'_>) -> Result<bool, Error> {
    let Some((_, intent)) = &session.known.last else {
        return Ok(false);
    };
    let lock_error = |e| session.file.lock_error(e);
    for leftover in session.guard.leftovers().map_err(lock_error)? {
        let bytes = leftover.read().map_err(lock_error)?;
        if bytes.is_some_and(|b| digest(&b) == intent.new) && session.digest() != Some(intent.new) {
            return Ok(true);
        }
    }
    Ok(false)
}
