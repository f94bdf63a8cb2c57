//! What to do with what an interrupted save left behind.

use jiff::{SignedDuration, Timestamp};
use persist_backup::{Digest, Id, Storage as _, digest};

use std::io;

use super::ConfigFile;
use super::opened::Opened;
use super::session::Session;
use crate::error::{Error, io_error};
use crate::history::Known;
use crate::place;
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
    /// The same, in a file that somebody else has put there: it is moved away as it is.
    Aside,
}

/// What else there is to judge a leftover by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// The last announced save has done its last step: what it replaced has its name.
    pub(crate) complete: bool,
    /// The journal's end is readable.
    pub(crate) sound: bool,
}

/// Judges a leftover by its digest, the live file's, and the last announced save.
///
/// Before its intent is durable nothing of a save is visible, so without an intent that could be its
/// own a leftover can only be new content. That holds for as much of the journal as can be read.
pub(crate) fn fate(
    leftover: &Digest,
    live: Option<&Digest>,
    known: &Known,
    evidence: Evidence,
) -> Fate {
    let Some((_, intent)) = &known.last else {
        return match evidence.sound {
            true => Fate::Remove,
            false => Fate::Foreign,
        };
    };
    let undisturbed = known.head.as_ref().map(|h| &h.digest) == live;
    if known.rolled_back(live) || leftover == &intent.new || (evidence.complete && undisturbed) {
        return Fate::Remove;
    }
    match &intent.backup {
        Some(name) if intent.old.as_ref() == Some(leftover) && place::kept_as(name).is_some() => {
            Fate::Keep(name.clone())
        }
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
        let longest = session.opened.longest();
        let judged = leftover.read_judged(longest);
        let Some((bytes, own)) = judged.map_err(|e| file.lock_error(e))? else {
            continue;
        };
        let evidence = evidence(session);
        let id = free_name(&session.opened, session.seq, digest(&bytes))
            .map_err(|e| io_error("look at", file.state_dir(), e))?;
        let mut fate = fate(&digest(&bytes), live.as_ref(), &session.known, evidence);
        if fate == Fate::Foreign && !own {
            // Another name of somebody's file, to have its content kept where they can read it: the name goes, the file
            // stays. One that was moved here stays what it is, under another name.
            fate = match leftover.is_shared().map_err(|e| file.lock_error(e))? {
                true => Fate::Remove,
                false => Fate::Aside,
            };
        }
        let name = match &fate {
            Fate::Remove => {
                leftover.discard().map_err(|e| file.lock_error(e))?;
                continue;
            }
            Fate::Keep(name) => {
                let seq = session.known.last.as_ref().map_or(0, |(seq, _)| *seq);
                notices.push(Notice::Finished { seq });
                match make_room(&session.opened, name, &bytes) {
                    true => name.clone(),
                    false => format!("backups/{id}"),
                }
            }
            Fate::Foreign if evidence.sound => {
                let kept = format!("backups/{id}");
                notices.push(Notice::Overtaken { kept: kept.clone() });
                kept
            }
            Fate::Aside => {
                let kept = session.opened.put_aside(leftover, session.seq);
                let kept = kept.map_err(|e| settle_error(file, e))?;
                notices.push(Notice::Quarantined {
                    what: "a file that somebody else has put in the way of a save".into(),
                    kept,
                });
                continue;
            }
            Fate::Foreign => {
                let kept = format!("quarantine/{id}");
                notices.push(Notice::Quarantined {
                    what: "what a save left of which the damaged journal doesn't tell".into(),
                    kept: kept.clone(),
                });
                kept
            }
        };
        // Step 6 of the interrupted save: the name, and every folder synced.
        session
            .opened
            .keep_displaced(leftover, &name)
            .map_err(|e| settle_error(file, e))?;
    }
    session.notices.append(&mut notices);
    Ok(())
}

fn evidence(session: &Session<'_>) -> Evidence {
    let last = session.known.last.as_ref();
    let named = last.and_then(|(_, intent)| intent.backup.as_deref());
    Evidence {
        complete: named.is_none_or(|name| session.opened.holds(name)),
        sound: session.journal_is_sound(),
    }
}

/// A name that is not taken, by whatever.
fn free_name(opened: &Opened<'_>, seq: u64, digest: Digest) -> io::Result<Id> {
    let mut time = Timestamp::now();
    loop {
        let id = Id::new(seq, time, digest);
        let name = id.to_string();
        let taken = |folder| match opened.shelf(folder).folder()? {
            Some(folder) => folder.has(&name),
            None => Ok(false),
        };
        if !taken(place::BACKUPS)? && !taken(place::QUARANTINE)? {
            return Ok(id);
        }
        time += SignedDuration::from_millis(1);
    }
}

/// Frees the name that a leftover is to get. Where a backup is a copy, an interrupted save can have
/// written some or all of it there before it dropped the original; anything else stays.
fn make_room(opened: &Opened<'_>, name: &str, bytes: &[u8]) -> bool {
    let Some((folder, id)) = place::kept_as(name) else {
        return false;
    };
    let (shelf, name) = (opened.shelf(folder), id.to_string());
    match shelf.read(&name, bytes.len() as u64) {
        Ok(copy) => bytes.starts_with(&copy) && shelf.remove(&name).is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn settle_error(file: &ConfigFile, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match source.downcast::<persist_lock::Error>() {
        Ok(source) => file.lock_error(*source),
        Err(source) => io_error(
            "settle an interrupted save of",
            file.path(),
            io::Error::other(source),
        ),
    }
}

/// Whether the last announced content is still apart from the live file and nothing proves that it
/// ever took its place, whatever somebody else wrote there since. (A recovery of that very content,
/// interrupted, leaves it in a stage as well.)
fn unplaced(session: &Session<'_>) -> Result<bool, Error> {
    let Some((_, intent)) = &session.known.last else {
        return Ok(false);
    };
    if session.digest() == Some(intent.new) || session.opened.took_effect(intent)? {
        return Ok(false);
    }
    let lock_error = |e| session.file.lock_error(e);
    for leftover in session.guard.leftovers().map_err(lock_error)? {
        let bytes = leftover
            .read(session.opened.longest())
            .map_err(lock_error)?;
        if bytes.is_some_and(|b| digest(&b) == intent.new) {
            return Ok(true);
        }
    }
    Ok(false)
}
