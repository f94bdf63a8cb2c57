//! Carrying out a retention plan.

use std::fs;
use std::io;
use std::path::Path;

use crate::retention::Plan;
use crate::{Backups, Error, Id};

/// What [`Backups::prune`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// The snapshots that went.
    pub removed: Vec<Id>,
    /// The bytes their files took.
    pub freed: u64,
}

impl Backups {
    /// Drops what `plan` drops. What is gone already is no error.
    ///
    /// # Errors
    ///
    /// [`Error::NothingGoodLeft`] if none of the snapshots to be kept can be read: then nothing is dropped, because one of
    /// the others may be the last good one. [`Error::Io`] at the first file that can't be removed; the rest stays.
    pub fn prune(&self, plan: &Plan) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        if plan.drop.is_empty() {
            return Ok(pruned);
        }
        if !plan.keep.iter().any(|(id, _)| self.verify(id).is_ok()) {
            return Err(Error::NothingGoodLeft {
                kept: plan.keep.len(),
            });
        }
        for (id, _) in &plan.drop {
            // The note goes last: until then it describes a snapshot, afterwards it would be a stray.
            let files = [
                self.path_for(id),
                self.compressed_path(id),
                self.note_path(id),
            ];
            let freed = files
                .iter()
                .map(|file| remove(file))
                .collect::<Result<Vec<_>, _>>()?;
            if freed.iter().any(Option::is_some) {
                pruned.removed.push(*id);
            }
            pruned.freed += freed.into_iter().flatten().sum::<u64>();
        }
        Ok(pruned)
    }
}

/// The length of the file that was removed; `None` if there was none.
fn remove(path: &Path) -> Result<Option<u64>, Error> {
    let outcome =
        fs::symlink_metadata(path).and_then(|meta| fs::remove_file(path).map(|()| meta.len()));
    match outcome {
        Ok(len) => Ok(Some(len)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("remove", path)(error)),
    }
}
