//! Writing into the live file itself, where no other file can take its name: a mount point, say.
//!
//! Not atomic, so the old bytes and the new are durable beside it first, under names that tell the
//! next writer what was going on (see `heal`).

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::commit::duplicate;
use crate::displaced::{Displaced, How};
use crate::error::{CommitError, Error};
use crate::scratch::{self, Name};
use crate::stage::Staged;
use crate::sys;
use crate::target::parent;

pub(crate) fn commit(mut staged: Staged<'_>) -> Result<Displaced<'_>, CommitError<'_>> {
    let live = staged.target().to_path_buf();
    let old = staged.slot.guard.scratch(Name::Old);
    let redo = staged.slot.guard.scratch(Name::Redo);
    let ready = prepare(&live, &old, staged.path(), &redo);
    let (mut file, before, after) = match ready {
        Ok(ready) => ready,
        Err(source) => return Err(staged.not_replaced(source)),
    };
    staged.path.clone_from(&redo);
    if let Err(failed) = write(&mut file, &after) {
        // What was there fits again without new space.
        if overwrite(&mut file, &before).is_err() {
            return Err(not_durable(staged, live, failed));
        }
        scratch::remove(&old).ok();
        let source = sys::refused(failed, "write in place", &live);
        return Err(staged.not_replaced(source));
    }
    if let Err(failed) = sys::sync_file(&file) {
        return Err(not_durable(staged, live, failed));
    }
    // A redo that stays is found to be finished by the next writer.
    scratch::remove(&redo).ok();
    Ok(Displaced::new(staged, Some(old), How::InPlace))
}

/// Makes both versions durable beside the live file; the live file is not touched.
fn prepare(
    live: &Path,
    old: &Path,
    stage: &Path,
    redo: &Path,
) -> Result<(File, Vec<u8>, Vec<u8>), Error> {
    let file = sys::open_existing(live).map_err(|error| sys::refused(error, "open", live))?;
    let after = fs::read(stage).map_err(Error::io("read", stage))?;
    duplicate(live, old)?;
    let before = fs::read(old).map_err(Error::io("read", old))?;
    let folder = parent(redo);
    let renamed = match stage == redo {
        true => Ok(()),
        false => fs::rename(stage, redo),
    };
    let done = renamed.and_then(|()| sys::sync_folder(folder));
    if let Err(source) = done {
        scratch::remove(old).ok();
        fs::rename(redo, stage).ok();
        return Err(Error::io("prepare to write in place at", redo)(source));
    }
    Ok((file, before, after))
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
