//! Carrying out a retention plan.

use std::collections::BTreeMap;
use std::io;

use crate::backups::{compressed_name, note_name, plain_name};
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
        let stored = self.storage().list().map_err(self.folder_failed("read"))?;
        let lengths: BTreeMap<&str, u64> = stored
            .iter()
            .filter_map(|stored| Some((stored.name.to_str()?, stored.len.unwrap_or(0))))
            .collect();
        for (id, _) in &plan.drop {
            // The note goes last: until then it describes a snapshot, afterwards it would be a stray.
            let mut there = false;
            for name in [plain_name(id), compressed_name(id), note_name(id)] {
                let Some(len) = lengths.get(name.as_str()) else {
                    continue;
                };
                match self.storage().remove(&name) {
                    Ok(()) => {
                        there = true;
                        pruned.freed += len;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(self.failed("remove", &name)(error)),
                }
            }
            if there {
                pruned.removed.push(*id);
            }
        }
        Ok(pruned)
    }
}
