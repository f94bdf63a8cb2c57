//! The copy of the content to be replaced that becomes its backup.
//!
//! The replaced file itself is no safe backup: somebody may have it open, or mounted, and write into it later. The mirror is
//! a second file with exactly these bytes, which nobody else has. So it gets the backup's name, and a new one is written.

use std::fs::File;
use std::io::{self, Write as _};

use super::opened::Opened;
use crate::backup_id::BackupId;
use crate::error::{Error, io_error};
use crate::place;

/// A file of its own with the content that a save replaces, under a name that says nothing yet.
pub(super) struct Spare {
    name: &'static str,
    file: File,
}

impl Opened<'_> {
    /// The mirror if it holds `old`, else a new file; on its way to the medium already.
    pub(super) fn spare(&self, old: &[u8]) -> Result<Spare, Error> {
        for name in [place::MIRROR, place::SPARE] {
            if let Some(file) = self.copy_with(name, old)? {
                return Ok(Spare { name, file });
            }
        }
        self.write_spare(old)
    }

    fn write_spare(&self, old: &[u8]) -> Result<Spare, Error> {
        let write = || {
            let mut file = self.state_folder()?.recreate(place::SPARE)?;
            file.write_all(old)?;
            persist_lock::start_write_back(&file);
            Ok(file)
        };
        let file = write();
        let file = file.map_err(|e| io_error("write", &self.state_dir().join(place::SPARE), e))?;
        Ok(Spare {
            name: place::SPARE,
            file,
        })
    }

    /// The copy of that name, opened, if it holds exactly these bytes and is nobody else's.
    fn copy_with(&self, name: &'static str, bytes: &[u8]) -> Result<Option<File>, Error> {
        let found = self
            .state_folder()
            .and_then(|state| state.open_own(name, self.longest()));
        match found {
            Ok((file, found)) => Ok((found == bytes).then_some(file)),
            Err(e) if is_no_copy(&e) => Ok(None),
            // One that is write-protected can't be made durable by every system: another is written.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(None),
            Err(e) => Err(io_error("read", &self.state_dir().join(name), e)),
        }
    }

    /// Keeps a second copy of the live content, in a file of its own. Not synced: its digest is checked when it is needed.
    pub(super) fn write_mirror(&self, bytes: &[u8]) -> Result<(), Error> {
        let write = || {
            let state = self.state_folder()?;
            // The name is free where the mirror has become a backup.
            let mut file = match state.create(place::MIRROR) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    state.recreate(place::MIRROR)?
                }
                created => created?,
            };
            file.write_all(bytes)?;
            persist_lock::start_write_back(&file);
            Ok(())
        };
        write().map_err(|e| io_error("write", &self.state_dir().join(place::MIRROR), e))
    }

    /// Removes a spare that has become none.
    pub(super) fn drop_spare(&self) -> io::Result<()> {
        self.state_folder()?.remove(place::SPARE)
    }

    /// Gives the mirror or the spare the name of a backup, which must be free. Its content is durable already; the name is not.
    pub(super) fn name_copy(&self, copy: &'static str, name: &BackupId) -> io::Result<()> {
        let shelf = self.shelf(name.folder).existing()?;
        self.state_folder()?
            .rename_new(copy, &shelf, &name.id.to_string())
    }
}

impl Spare {
    /// Makes it durable. What could not be synced loses its name, as nobody knows what is on the disk, and a second sync, by whichever
    /// save, would say nothing. Then another one is written.
    pub(super) fn sync(&mut self, opened: &Opened<'_>, old: &[u8]) -> Result<(), Error> {
        let Err(error) = self.synced(opened) else {
            return Ok(());
        };
        if self.name == place::MIRROR {
            tracing::warn!(%error, "the mirror may not have reached the disk: another copy is written");
            *self = opened.write_spare(old)?;
            if self.synced(opened).is_ok() {
                return Ok(());
            }
        }
        Err(io_error("sync", &opened.state_dir().join(self.name), error))
    }

    fn synced(&self, opened: &Opened<'_>) -> io::Result<()> {
        self.file.sync_data().inspect_err(|_| {
            let removed = opened.state_folder().and_then(|state| state.remove(self.name));
            if let Err(error) = removed {
                tracing::warn!(%error, name = self.name, "a copy that failed to sync keeps its name");
            }
        })
    }

    /// Gives it the name of a backup, which must be free. The name is not synced.
    pub(super) fn name_as(&self, opened: &Opened<'_>, name: &BackupId) -> Result<(), Error> {
        let named = opened.name_copy(self.name, name);
        named.map_err(|e| io_error("name the backup", &opened.state_dir().join(self.name), e))
    }
}

/// Nothing, or something that we never wrote.
pub(super) fn is_no_copy(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::IsADirectory
    )
}
