//! Writing into the live file itself, where no other file can take its name: a mount point, say.
//!
//! Not atomic, so the old bytes and the new are durable beside it first, under names that tell the
//! next writer what was going on (see `heal`).

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;

use crate::at::At;
use crate::bounded::read_bounded;
use crate::certified::{self, What};
use crate::displaced::Displaced;
use crate::error::Error;
use crate::how::How;
use crate::options::Options;
use crate::plan::may_write_into;
use crate::scratch::{self, Name};
use crate::stage::{CommitError, Staged};
use crate::sys::{self, Access};

/// Bytes of the longest file that is written in place: the next writer must hold it several times to settle what a crash
/// tore.
pub(crate) const LONGEST: u64 = 64 * 1024 * 1024;

pub(crate) fn commit(staged: Staged<'_>) -> Result<Displaced<'_>, CommitError<'_>> {
    let context = staged.guard().context();
    let (at, options) = (context.live.clone(), context.options);
    let live = at.path().to_path_buf();
    let old = context.scratch.at(Name::Old);
    let redo = context.scratch.at(Name::Redo);
    let ready = prepare(&at, &old, &staged.at, &redo, options);
    let (mut file, before, after) = match ready {
        Ok(ready) => ready,
        Err(source) => return Err(staged.not_replaced(source)),
    };
    if let Err(failed) = write(&mut file, &after) {
        // What was there fits again without new space.
        if overwrite(&mut file, &before).is_err() {
            return Err(not_durable(staged, live, failed));
        }
        // Nothing is left to redo; the stage may be tried again.
        redo.remove().ok();
        old.remove().ok();
        let source = sys::refused(failed, "write in place", &live);
        return Err(staged.not_replaced(source));
    }
    if let Err(failed) = sys::sync_file(&file) {
        return Err(not_durable(staged, live, failed));
    }
    // A redo that stays is found to be finished by the next writer. The stage goes after it: as long as there is a redo,
    // the new content has a file of its own.
    Ok(match redo.remove() {
        Ok(()) => Displaced::renamed(staged, old, How::InPlace),
        Err(_) => Displaced::new(staged, Some(old), How::InPlace),
    })
}

/// Makes both versions durable beside the live file; the live file is not touched.
fn prepare(
    live: &At,
    old: &At,
    stage: &At,
    redo: &At,
    options: Options,
) -> Result<(File, Vec<u8>, Vec<u8>), Error> {
    let path = live.path();
    // One descriptor for all: what is judged is what is copied and written into.
    let (mut file, meta) = live
        .open_known(Access::Lock)
        .map_err(|error| sys::refused(error, "open", path))?;
    may_write_into(live, &meta, options)?;
    if !redo.folder.policy().trusts(&meta) {
        return Err(Error::Changed {
            path: path.to_path_buf(),
        });
    }
    let staged = stage.open(Access::Read);
    let after = staged.and_then(|mut file| read_bounded(&mut file, LONGEST));
    let after = after.map_err(Error::io("read", stage.path()))?;
    let before = read_bounded(&mut file, LONGEST).map_err(Error::io("read", path))?;
    let done = keep_old(&file, &before, old).and_then(|()| {
        write_new(redo, &certified::encode(What::Redo, &after))
            .and_then(|()| redo.folder.sync())
            .map_err(Error::io("prepare to write in place at", redo.path()))
    });
    match done {
        Ok(()) => Ok((file, before, after)),
        Err(error) => {
            old.remove().ok();
            redo.remove().ok();
            Err(error)
        }
    }
}

/// A synced copy, which belongs to whom the original does.
fn keep_old(live: &File, bytes: &[u8], old: &At) -> Result<(), Error> {
    let mut copy = scratch::create(old)?;
    sys::give_as(live, &copy).ok();
    let written = copy.write_all(bytes).and_then(|()| sys::sync_file(&copy));
    written.map_err(Error::io("copy to", old.path()))
}

/// A synced file. The next writer must take it for its own, whoever that is: it belongs to whom the folder belongs to.
pub(crate) fn write_new(at: &At, bytes: &[u8]) -> io::Result<()> {
    at.remove()?; // what a dead writer left
    let mut file = at.create_for_owner()?;
    file.write_all(bytes).and_then(|()| sys::sync_file(&file))
}

/// Both versions stay beside the live file, and the next writer writes it anew.
fn not_durable(mut staged: Staged<'_>, path: PathBuf, source: io::Error) -> CommitError<'_> {
    staged.armed = false;
    CommitError::InPlaceNotDurable {
        source: Error::InPlaceNotDurable { path, source },
    }
}

pub(crate) fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    write(file, bytes)?;
    sys::sync_file(file)
}

fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}
