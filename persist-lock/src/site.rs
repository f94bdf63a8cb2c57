//! A file's own folder and its state folder, opened for one operation.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::at::{At, absent_is_none};
use crate::error::Error;
use crate::folder::Folder;
use crate::keeper::{self, Keeper, Owners, Verdict};
use crate::scratch::{self, Name};
use crate::sys::{self, Owner};
use crate::target::{Target, parent};

/// Where a file and what is kept about it lie, as handles: whatever is swapped meanwhile leads nowhere else.
///
/// Meant for one operation; who holds it longer goes along with folders that are renamed.
#[derive(Debug, Clone)]
pub struct Site {
    target: Target,
    folder: Folder,
    state_path: PathBuf,
    state: Option<Folder>,
}

impl Site {
    /// Opens the folder of the file, and the state folder if there is one. Creates nothing.
    ///
    /// # Errors
    /// As [`Folder::open`]; [`Error::Io`] for a state folder that is a link or no folder, or belongs to somebody who has no
    /// business there (kind [`io::ErrorKind::PermissionDenied`]).
    pub fn open(target: &Target, state_path: &Path) -> Result<Self, Error> {
        let mut site = Self {
            target: target.clone(),
            folder: Folder::open(target.folder())?,
            state_path: state_path.to_path_buf(),
            state: None,
        };
        let Some(around) = site.around()? else {
            return Ok(site);
        };
        site.state = site.find(&around)?.map(|(state, _)| state);
        Ok(site)
    }

    /// The same without what may be in the state folder.
    pub fn without_state(target: &Target, state_path: &Path) -> Result<Self, Error> {
        Ok(Self {
            target: target.clone(),
            folder: Folder::open(target.folder())?,
            state_path: state_path.to_path_buf(),
            state: None,
        })
    }

    /// The file.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The folder that holds the file.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The state folder, if there is one.
    pub fn state(&self) -> Option<&Folder> {
        self.state.as_ref()
    }

    /// Where the state folder is or will be; for messages.
    pub fn state_path(&self) -> &Path {
        &self.state_path
    }

    /// Creates the state folder (0700, its name durable) where it is missing; with it, whether it is new. Root gives it to
    /// the owner of the file, and one that is there as well if it has belonged to somebody else so far.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn create_state(&mut self) -> Result<(Folder, bool), Error> {
        let path = self.state_path.clone();
        let around = self.around()?.ok_or_else(|| Error::ParentMissing {
            path: parent(&path).to_path_buf(),
        })?;
        if let Some((state, verdict)) = self.find(&around)? {
            let state = match verdict {
                Verdict::GiveTo(heir) => {
                    give(&state, heir)
                        .map_err(Error::io("give to the owner of the file", &path))?;
                    let given = self.find(&around)?;
                    given.map_or(state, |(given, _)| given)
                }
                _ => state,
            };
            self.state = Some(state.clone());
            return Ok((state, false));
        }
        let heir = keeper::heir_of_new(Owner::caller(), self.live_owner()?);
        let name = path.file_name().unwrap_or_default();
        let made = around.dir().create_folder(name, heir);
        let new = made.is_ok();
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(sys::refused(error, "create the folder", &path));
            }
            // Somebody else may have been first.
            _ => {}
        }
        around
            .sync()
            .map_err(Error::io("sync the folder", around.path()))?;
        let (state, _) = self.find(&around)?.ok_or_else(|| Error::Io {
            op: "find the folder just created at",
            path,
            source: io::ErrorKind::NotFound.into(),
        })?;
        self.state = Some(state.clone());
        Ok((state, new))
    }

    /// The folder that the state folder is in; `None` where that is missing.
    fn around(&self) -> Result<Option<Folder>, Error> {
        let above = parent(&self.state_path);
        if above == self.target.folder() {
            return Ok(Some(self.folder.clone()));
        }
        match Folder::open(above) {
            Err(Error::ParentMissing { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    fn find(&self, around: &Folder) -> Result<Option<(Folder, Verdict)>, Error> {
        let path = &self.state_path;
        let name = path.file_name().unwrap_or_default();
        let Some(dir) = absent_is_none(around.dir().sub(name)).map_err(|error| {
            // What is no folder answers in several ways.
            let kind = around.dir().look(name).ok().and_then(|meta| meta.kind);
            let source = match kind {
                Some(crate::Kind::Directory) => error,
                _ => io::ErrorKind::NotADirectory.into(),
            };
            Error::Io {
                op: "use as state folder",
                path: path.clone(),
                source,
            }
        })?
        else {
            return Ok(None);
        };
        let examine = |error| Error::io("examine", path)(error);
        let above = around.dir().meta().map_err(examine)?;
        let owners = Owners {
            caller: Owner::caller(),
            state: dir.meta().map_err(examine)?.owner,
            live: self.live_owner()?,
            around: above.owner,
            shared: above.is_shared(),
        };
        let verdict = keeper::judge(&owners);
        if let Verdict::Refuse(op) = verdict {
            return Err(Error::Io {
                op,
                path: path.clone(),
                source: io::ErrorKind::PermissionDenied.into(),
            });
        }
        let real = around.path().join(name);
        let folder = Folder::kept(dir, real, Keeper::of(&owners));
        Ok(Some((folder, verdict)))
    }

    fn live_owner(&self) -> Result<Option<Owner>, Error> {
        let live = self.live().look();
        let live = live.map_err(Error::io("examine", self.target.path()))?;
        Ok(live.map(|meta| meta.owner))
    }

    pub(crate) fn live(&self) -> At {
        At::new(&self.folder, self.target.name())
    }

    /// Opens the live file for reading, without its lock: replacement is atomic, so what is read is
    /// whole, the old or the new. `None` if there is no file. Creates nothing.
    ///
    /// On Windows the name is free for a moment while a file is replaced; that moment is waited for,
    /// and where a writer died in it, the old file is in the state folder, from where the next writer puts
    /// it back. A file that is written *in place* ([`Options::in_place`](crate::Options::in_place))
    /// can be seen half-written: take the read lock there.
    ///
    /// # Errors
    /// Of kind [`io::ErrorKind::InvalidInput`] for what is no regular file; or what the operating system says.
    pub fn open_live(&self) -> io::Result<Option<File>> {
        let old = || {
            let state = self.state.as_ref()?;
            scratch::place_of(&self.folder, state, self.target.name(), Name::Old).ok()
        };
        absent_is_none(sys::open_live(&self.live(), old))
    }
}

/// Gives a state folder, and what is in it and belonged to its owner so far, to another. The folder itself comes last, so
/// that one which was given in part is given again.
///
/// The files of an unfinished save stay whose they are: what they hold would go into the live file. They are read as
/// anybody's, as is the lock, and give way to new ones.
fn give(state: &Folder, heir: Owner) -> io::Result<()> {
    let former = state.dir().meta()?.owner;
    let unfinished = ["lock", "stage", "old", "redo"];
    for entry in state.list()? {
        if unfinished.iter().any(|name| entry.name == *name) {
            continue;
        }
        let sub = entry.len.is_none().then(|| state.dir().sub(&entry.name));
        match sub {
            None => give_file(state, &entry.name, former, heir)?,
            Some(Ok(sub)) if sub.meta()?.owner == former => {
                let sub = Folder::over(sub, state.path().join(&entry.name), None)?;
                for entry in sub.list()? {
                    give_file(&sub, &entry.name, former, heir)?;
                }
                sub.dir().give(heir)?;
            }
            // A link, say, or what is not theirs: nothing that was kept here.
            Some(_) => {}
        }
    }
    state.dir().give(heir)
}

fn give_file(folder: &Folder, name: &OsStr, former: Owner, heir: Owner) -> io::Result<()> {
    let Ok(file) = folder.dir().open(name, sys::Access::Read) else {
        return Ok(()); // no regular file
    };
    let meta = sys::meta_of(&file)?;
    match meta.owner == former && meta.links == 1 {
        true => sys::give(&file, heir),
        false => Ok(()),
    }
}
