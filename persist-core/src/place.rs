//! The state folder of one config file: what lies where.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use persist_backup::Id;

use crate::path_text;

/// The state folder, by its name and its lock, that a file is in.
pub(crate) fn state_folder_around(file: &Path) -> Option<&Path> {
    let is_one = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') && name.ends_with(".persist") && folder.join("lock").exists()
    };
    file.ancestors().skip(1).find(is_one)
}

/// `.NAME.persist/` beside the file `NAME`, or wherever the caller put it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
}

impl Place {
    pub(crate) fn of(live: &Path, moved: Option<&Path>) -> Place {
        let root = moved.map_or_else(|| persist_lock::state_dir_for(live), Path::to_path_buf);
        Place { root }
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    pub(crate) fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    /// A second copy of the live content, for the day the live file is damaged.
    pub(crate) fn mirror(&self) -> PathBuf {
        self.root.join("mirror")
    }

    /// What migrations dropped, kept for the way back.
    pub(crate) fn complements(&self) -> PathBuf {
        self.root.join("complements")
    }

    pub(crate) fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Creates the folders, 0700, each name durable before anything relies on it.
    pub(crate) fn create(&self) -> Result<(), persist_lock::Error> {
        let (journal, backups) = (self.journal(), self.backups());
        persist_lock::create_dirs_private(&[&self.root, &journal, &backups])
    }

    /// A folder that the caller chose serves one file: it says which. Returns the other that it belongs to, if that is
    /// still there; a file that was moved takes its folder along.
    pub(crate) fn claim(&self, live: &Path) -> io::Result<Option<PathBuf>> {
        let ours = std::path::absolute(live)?.into_os_string();
        let ours = ours.as_encoded_bytes();
        let sign = self.root.join("of");
        match persist_lock::read_private(&sign) {
            Ok(theirs) if theirs == ours => return Ok(None),
            Ok(theirs) => {
                let theirs = path_text::from_bytes(theirs);
                if theirs.exists() {
                    return Ok(Some(theirs));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        persist_lock::recreate_private(&sign)?.write_all(ours)?;
        Ok(None)
    }

    /// The content that the journal names `backups/ID` or, if it was damaged, `quarantine/ID`: the folder, and its name there.
    /// Any other text is none, whatever a journal made to do harm says: it could lead out of the state folder.
    pub(crate) fn kept_as(name: &str) -> Option<(&str, Id)> {
        let (folder, id) = name.split_once('/')?;
        let known = matches!(folder, "backups" | "quarantine");
        Some((folder, id.parse().ok()?)).filter(|_| known)
    }

    /// Creates the folder of a file named relative to the state folder.
    pub(crate) fn create_for(&self, name: &str) -> Result<(), persist_lock::Error> {
        self.root
            .join(name)
            .parent()
            .map_or(Ok(()), persist_lock::create_dir_private)
    }
}
