//! Carrying out a retention plan.

use crate::retention::Plan;
use crate::{Backups, Catalog, Error, Id};

/// What [`Backups::prune`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// The snapshots that went.
    pub removed: Vec<Id>,
}

impl Backups {
    /// Drops what `plan` drops. What is gone already is no error.
    ///
    /// # Errors
    ///
    /// [`Error::NothingGoodLeft`] if none of the snapshots to be kept can be read: then nothing is dropped, because one of
    /// the others may be the last good one. [`Error::Io`] at the first file that can't be removed; the rest stays.
    pub fn prune(&self, plan: &Plan) -> Result<Pruned, Error> {
        if !plan.drop.is_empty() && !plan.keep.iter().any(|(id, _)| self.verify(id).is_ok()) {
            return Err(Error::NothingGoodLeft {
                kept: plan.keep.len(),
            });
        }
        self.drop_in(plan, &mut self.catalog()?)
    }

    /// The same by names that were read already, and without looking for one that is good: for who has just taken a snapshot that
    /// the plan keeps.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] at the first file that can't be removed; the rest stays.
    pub fn drop_in(&self, plan: &Plan, catalog: &mut Catalog) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        for (id, _) in &plan.drop {
            let files = catalog.files_of(id);
            for name in &files {
                self.storage()
                    .remove(name)
                    .map_err(self.failed("remove", name))?;
            }
            catalog.forget(id);
            if !files.is_empty() {
                pruned.removed.push(*id);
            }
        }
        Ok(pruned)
    }
}
