//! Files of somebody else's in quarantine: how they come there, and how they go.

use persist_backup::Storage as _;
use persist_lock::{Displaced, Folder};

use super::opened::Opened;
use crate::backup_id::BackupFolder;
use crate::error::{Error, io_error};
use crate::failure::SaveFailure;
use crate::foreign::{self, Foreign};
use crate::place;

impl Opened<'_> {
    /// Moves a file of somebody else's away, as it is, under a name that tells nothing of its content. Where it is.
    pub(super) fn put_aside(&self, file: Displaced<'_>, seq: u64) -> Result<String, SaveFailure> {
        let shelf = self.shelf(BackupFolder::Quarantine);
        shelf.create()?;
        let name = foreign::name(seq, self.now());
        file.keep_as(&shelf.existing()?, &name)?;
        Ok(format!("{}/{name}", place::QUARANTINE))
    }

    /// What was put aside so, oldest first, with the digests of what is the folder owner's by now.
    pub(super) fn foreign(&self) -> Result<Vec<Foreign>, Error> {
        let shelf = self.shelf(BackupFolder::Quarantine);
        let failed = |e| io_error("read", shelf.path(), e);
        let Some(folder) = shelf.folder().map_err(failed)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for entry in folder.list().map_err(failed)? {
            if let (Some(name), Some(len)) = (entry.name.to_str(), entry.len) {
                found.extend(Foreign::new(name, len, None).map(|one| (one, entry.own)));
            }
        }
        found.sort_by_key(|(one, _)| (one.taken(), one.number()));
        let told = found.into_iter().map(|(one, own)| match own {
            true => self.with_digest(&folder, one),
            false => one,
        });
        Ok(told.collect())
    }

    /// The same with its digest, where it can be read.
    fn with_digest(&self, folder: &Folder, one: Foreign) -> Foreign {
        let name = foreign::within_quarantine(&one.name).unwrap_or_default();
        let bytes = folder.read_own(name, self.longest()).ok();
        Foreign {
            sha256: bytes.as_deref().map(persist_backup::digest),
            ..one
        }
    }

    /// Removes what a purge names so, as far as it is there, durably. Whether it names any.
    pub(super) fn remove_foreign(&self, names: &[String]) -> Result<bool, Error> {
        let mut names = names
            .iter()
            .filter_map(|name| foreign::within_quarantine(name))
            .peekable();
        let shelf = self.shelf(BackupFolder::Quarantine);
        let failed = |e| io_error("remove", shelf.path(), e);
        if names.peek().is_none() {
            return Ok(false);
        }
        let Some(folder) = shelf.folder().map_err(failed)? else {
            return Ok(true);
        };
        for name in names {
            folder.remove(name).map_err(failed)?;
        }
        folder.sync().map_err(failed)?;
        Ok(true)
    }
}
