//! The state folder of a site: found, judged by its owners, created.

use std::io;
use std::path::{Path, PathBuf};

use super::Site;
use crate::absent::absent_is_none;
use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::kind::Kind;
use crate::ownership::{self, OwnerPolicy, Owners, Provenance};
use crate::paths::parent;
use crate::sharing::{self, Sharing};
use crate::sys::{self, Dir, Meta, NewOwner, Owner};
use crate::target::Target;

/// How many state folders of somebody else's can be set aside.
const MOST_ASIDE: u32 = 1000;

/// A state folder that [`Site::create_state`] found or made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Created {
    /// The folder.
    pub state: Folder,
    /// Is it new?
    pub new: bool,
    /// Where one of somebody else's was set aside.
    pub aside: Option<PathBuf>,
}

/// A state folder that is there, not judged yet.
struct FoundState {
    folder: Folder,
    owners: Owners,
}

impl FoundState {
    fn believed(&self, path: &Path, content: Provenance) -> Result<(), Error> {
        match ownership::is_believed(&self.owners, content) {
            true => Ok(()),
            false => Err(Error::ForeignState {
                path: path.to_path_buf(),
                owner: self.owners.state.user,
            }),
        }
    }
}

impl Site {
    /// Opens the folder of the file, and the state folder if there is one. Creates nothing.
    ///
    /// # Errors
    /// As [`Folder::open`]; [`Error::ForeignState`] for a state folder of somebody who has no business there;
    /// [`Error::Io`] of kind [`io::ErrorKind::NotADirectory`] for one that is a link or no folder.
    pub fn open(target: &Target, state_path: &Path) -> Result<Self, Error> {
        let mut site = Self::without_state(target, state_path)?;
        if let Some(around) = &site.around
            && let Some(found) = site.find(around)?
        {
            found.believed(&site.state_path, Provenance::History)?;
            site.judged = Some(found.owners);
            site.state = Some(found.folder);
        }
        Ok(site)
    }

    /// As [`create_state`](Self::create_state), for the folder beside a file whose state folder is another. `None` where
    /// there can be no lock in it, so that the other's has to do:
    ///
    /// - The caller may not create it. Nor can they replace the file then, but perhaps write into it.
    /// - There is one that is not believed, of somebody who has no business with the file. Whoever has, comes to the same
    ///   conclusion, and only they could make an end of it.
    ///
    /// # Errors
    /// As [`create_state`](Self::create_state). One that is believed and closed to this caller is an error, too: its owner
    /// locks there.
    pub fn create_lock_folder(&mut self, content: Provenance) -> Result<Option<Created>, Error> {
        match self.create_state(content) {
            Err(Error::ReadOnly { .. } | Error::ForeignState { .. }) => Ok(None),
            created => created.map(Some),
        }
    }

    /// The state folder if it is there and believed. Creates nothing.
    ///
    /// # Errors
    /// As [`Site::open`], except for one that is not believed, of which [`create_state`](Self::create_state) tells.
    pub fn find_state(&mut self, content: Provenance) -> Result<Option<Created>, Error> {
        let Some(around) = self.around.clone() else {
            return Ok(None);
        };
        let found = self.find(&around)?;
        let believed = |found: &FoundState| ownership::is_believed(&found.owners, content);
        let found = found.filter(believed);
        Ok(found.map(|found| self.with_state(found, false, None)))
    }

    /// Finds the state folder again, or creates it (0700, its name durable) where it is missing; root gives a new one to the
    /// owner of the file. One that is not believed is refused, or set aside by root, who can.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn create_state(&mut self, content: Provenance) -> Result<Created, Error> {
        let path = self.state_path.clone();
        let around = self.around.clone().ok_or_else(|| Error::ParentMissing {
            path: parent(&path).to_path_buf(),
        })?;
        let mut aside = None;
        if let Some(found) = self.find(&around)? {
            match found.believed(&path, content) {
                Ok(()) => return Ok(self.with_state(found, false, None)),
                Err(error) if !self.may_set_aside(&found) => return Err(error),
                Err(_) => aside = Some(self.set_aside(&around, &found)?),
            }
        }
        // Looked at once: who it is given to is who it is judged by.
        let live = self.live_meta()?;
        let owner = live.as_ref().map(|live| live.owner);
        let new_owner = NewOwner {
            owner: ownership::owner_of_new(Owner::caller(), owner),
            group: None,
        };
        let found = match around.dir().create_folder(self.state_name(), new_owner) {
            Ok(dir) => (self.judge(&around, dir, live.as_ref())?, true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = self.find(&around)?.ok_or_else(|| self.lost())?;
                found.believed(&path, content)?;
                (found, false)
            }
            Err(error) => return Err(sys::refused(error, "create the folder", &path)),
        };
        self.sync_state_name()?;
        Ok(self.with_state(found.0, found.1, aside))
    }

    /// Makes the name of the state folder durable.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn sync_state_name(&self) -> Result<(), Error> {
        self.around.as_ref().map_or(Ok(()), |around| {
            around
                .sync()
                .map_err(Error::io("sync the folder", around.path()))
        })
    }

    /// Root can, and does where somebody else has put one beside a file. One that was named is not moved, nor one that may
    /// be all that is left of a file.
    fn may_set_aside(&self, found: &FoundState) -> bool {
        let beside = || self.is_beside().unwrap_or(false);
        found.owners.caller.is_root() && found.owners.live.is_some() && beside()
    }

    fn with_state(&mut self, found: FoundState, new: bool, aside: Option<PathBuf>) -> Created {
        let state = found.folder;
        self.judged = Some(found.owners);
        self.state = Some(state.clone());
        self.earlier = None;
        Created { state, new, aside }
    }

    /// Gives what somebody else has put there another name.
    fn set_aside(&self, around: &Folder, found: &FoundState) -> Result<PathBuf, Error> {
        let path = &self.state_path;
        let from = At::new(around, self.state_name());
        let failed = |error| Error::io("set aside", path)(error);
        for number in 1..=MOST_ASIDE {
            let mut name = self.state_name().to_owned();
            name.push(format!("-of-{}-{number}", found.owners.state.user));
            let to = At::new(around, name);
            match from.rename_new_at_once(&to) {
                Ok(()) if found.folder.is_at(around, to.name()).map_err(failed)? => {
                    return Ok(to.path().to_path_buf());
                }
                Ok(()) => {
                    // Somebody was faster, and this is another one.
                    to.rename_new_at_once(&from).map_err(failed)?;
                    return Err(self.lost());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.lost()),
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::ErrorKind::AlreadyExists.into()))
    }

    fn find(&self, around: &Folder) -> Result<Option<FoundState>, Error> {
        let path = &self.state_path;
        let name = self.state_name();
        let earlier = self.earlier.as_ref();
        let again = earlier.and_then(|earlier| around.dir().sub_again(name, earlier.dir()));
        let found = again.map_or_else(|| around.dir().sub(name), Ok);
        let dir = absent_is_none(found).map_err(|error| {
            // What is no folder answers in several ways.
            let source = match around.dir().look(name) {
                Ok(meta) if meta.kind != Some(Kind::Directory) => {
                    io::ErrorKind::NotADirectory.into()
                }
                // Closed to this caller. Whose it is can be told all the same.
                Ok(meta) => match self.owners_of(around, &meta) {
                    Ok(owners) if !ownership::is_believed(&owners, Provenance::History) => {
                        return Error::ForeignState {
                            path: path.clone(),
                            owner: meta.owner.user,
                        };
                    }
                    _ => error,
                },
                Err(_) => error,
            };
            Error::Io {
                op: "use as state folder",
                path: path.clone(),
                source,
            }
        })?;
        match dir {
            Some(dir) => self
                .judge(around, dir, self.live_meta()?.as_ref())
                .map(Some),
            None => Ok(None),
        }
    }

    fn judge(&self, around: &Folder, dir: Dir, live: Option<&Meta>) -> Result<FoundState, Error> {
        let meta = dir.known();
        let meta = meta.map_err(Error::io("examine", &self.state_path))?;
        let owners = self.all_owners(around, &meta, live)?;
        let real = around.path().join(self.state_name());
        let folder = Folder::kept(dir, real, OwnerPolicy::of(&owners));
        Ok(FoundState { folder, owners })
    }

    fn owners_of(&self, around: &Folder, state: &Meta) -> Result<Owners, Error> {
        self.all_owners(around, state, self.live_meta()?.as_ref())
    }

    fn all_owners(
        &self,
        around: &Folder,
        state: &Meta,
        live: Option<&Meta>,
    ) -> Result<Owners, Error> {
        let above = around.dir().known();
        let above = above.map_err(Error::io("examine", around.path()))?;
        let mut sharing = sharing::of(state.permission(), live.map(Meta::permission));
        let group = state.owner.group;
        // Where a history was put elsewhere, it is its owner's.
        if sharing.group().is_some() && !self.is_beside()? {
            sharing = Sharing::Ending {
                group,
                swept: false,
            };
        }
        Ok(Owners {
            caller: around.dir().caller(),
            state: state.owner,
            live: live.map(|live| live.owner),
            around: above.owner,
            shared: above.is_shared(),
            sharing,
            around_is_groups: above.permission().is_groups_alone(group),
        })
    }
}
