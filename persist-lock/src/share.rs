//! Opening a state folder to the file's group, and closing it again. Both need the exclusive lock.

use std::ffi::OsString;
use std::fs::File;
use std::io;

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::kind::Kind;
use crate::not_shareable::NotShareable;
use crate::sharing::{self, Permission, Sharing};
use crate::site::Site;
use crate::sys::{self, Access, Meta, Owner};

/// What somebody has put into a shared folder and what is not the group's gets this before its name, and is never shared.
const APART: &str = "foreign-";

impl Site {
    /// Opens the state folder, and what is in it, to the members of the file's group, so that they can save the file, too. Its
    /// number.
    ///
    /// Crashing in between opens nothing: the folder itself comes last.
    ///
    /// # Errors
    /// [`Error::NotShared`] for who is neither root nor the owner of the folder; [`Error::NotShareable`].
    pub fn share(&self) -> Result<u32, Error> {
        let group = self.may_share()?;
        let (state, owner) = self.own_state()?;
        let no = |why| self.not_shareable(why);
        // Nothing in there is looked at again: a member could have moved there what is not the group's.
        if self.shared_with() == Some(group) {
            return Ok(group);
        }
        let folders = self.folders_in(state, owner)?;
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::PermissionDenied => no(NotShareable::NotMember { group }),
            _ => self.failed("share")(error),
        };
        for folder in folders.iter().chain([state]) {
            for (name, file, meta) in files_in(folder, owner).map_err(self.failed("share"))? {
                if !name.starts_with(APART) && meta.links == 1 {
                    sys::set_permission(&file, sharing::FILE, Some(group)).map_err(failed)?;
                }
            }
        }
        let open = |folder: &Folder, mode| match folder.dir().set_permission(mode, Some(group)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(no(NotShareable::NotMember { group })),
            Err(error) => Err(failed(error)),
        };
        for folder in &folders {
            open(folder, sharing::SUBFOLDER)?;
        }
        if let Err(error) = open(state, sharing::FOLDER) {
            // It may be open to a group by now, without being the one that is meant.
            state.dir().set_permission(0o700, None).ok();
            return Err(error);
        }
        state.sync().map_err(self.failed("share"))?;
        Ok(group)
    }

    /// The file's group, if the caller may share the state folder with it.
    ///
    /// # Errors
    /// As [`share`](Self::share).
    pub fn may_share(&self) -> Result<u32, Error> {
        self.own_state()?;
        self.is_shareable()
    }

    /// The same, as far as it depends on the file alone: whether or not there is a state folder yet.
    ///
    /// # Errors
    /// [`Error::NotShareable`].
    pub fn is_shareable(&self) -> Result<u32, Error> {
        let no = |why| Err(self.not_shareable(why));
        if cfg!(windows) {
            return no(NotShareable::System);
        }
        let Some(live) = self.live_meta()? else {
            return no(NotShareable::NoFile);
        };
        let Permission { mode, group } = live.permission();
        if group == 0 {
            return no(NotShareable::Root);
        }
        match live.permission().is_open_to(group) {
            true => Ok(group),
            false => no(NotShareable::File {
                group,
                mode: mode & 0o777,
            }),
        }
    }

    /// Whether members of the group may replace files in the folder of the file, as far as its mode tells.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn is_open_around(&self, group: u32) -> Result<bool, Error> {
        let around = self.folder().dir().meta();
        let around = around.map_err(Error::io("examine", self.folder().path()))?;
        Ok(around.permission().is_for(group))
    }

    /// Whether the state folder is still as it was shared, although its mode or the file's says that it is not to be any more.
    pub fn is_to_be_closed(&self) -> bool {
        matches!(self.sharing(), Sharing::Ending { .. })
    }

    /// Lets no member in any more, whatever they have put there: the first step of [`close`](Self::close), which needs no lock.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub fn shut(&self) -> Result<(), Error> {
        let Sharing::With(_) = self.sharing() else {
            return Ok(());
        };
        let (state, _) = self.own_state()?;
        let shut = state.dir().set_permission(sharing::CLOSED, None);
        shut.map(drop).map_err(self.failed("make private"))
    }

    /// Makes the state folder, and what is in it, its owner's alone. What other members have written becomes the owner's; what
    /// only lies there, and is not the group's, gets `foreign-` before its name.
    ///
    /// Closed to members first. Crashing after that leaves [`is_to_be_closed`](Self::is_to_be_closed), or what is private.
    ///
    /// # Errors
    /// [`Error::NotShared`] for who is neither root nor the owner of the folder; [`Error::NotShareable`] names what hinders.
    pub fn close(&self) -> Result<(), Error> {
        let (state, owner) = self.own_state()?;
        let (group, swept) = match self.sharing() {
            Sharing::Private => return Ok(()),
            Sharing::With(group) => (group, false),
            Sharing::Ending { group, swept } => (group, swept),
        };
        let failed = || self.failed("make private");
        // Whether all of its bits could be set does not matter: for the group's, the owner has to be a member.
        let set = |mode| state.dir().set_permission(mode, None).map_err(failed());
        if !swept {
            set(sharing::CLOSED)?;
            set_apart(state, group).map_err(failed())?;
        }
        let folders = self.folders_in(state, owner)?;
        let all = || folders.iter().chain([state]);
        if !swept {
            for folder in &folders {
                set_apart(folder, group).map_err(failed())?;
            }
            set(sharing::SWEPT)?;
        }
        for folder in all() {
            take_over(folder, owner, group).map_err(failed())?;
        }
        for folder in &folders {
            folder.dir().set_permission(0o700, None).map_err(failed())?;
            folder.sync().map_err(failed())?;
        }
        set(0o700)?;
        state.sync().map_err(failed())
    }

    /// The state folder and its owner, for who may say who else enters it.
    fn own_state(&self) -> Result<(&Folder, Owner), Error> {
        let (Some(state), Some(owners)) = (self.state(), self.owners()) else {
            return Err(self.failed("open")(io::ErrorKind::NotFound.into()));
        };
        let (caller, owner) = (owners.caller, owners.state);
        match caller.is_root() || caller.user == owner.user {
            true => Ok((state, owner)),
            false => Err(Error::NotShared {
                path: self.state_path().to_path_buf(),
                owner: owner.user,
                group: self.shared_with(),
            }),
        }
    }

    /// The folders in the state folder, all of its owner: only they can open or close them.
    fn folders_in(&self, state: &Folder, owner: Owner) -> Result<Vec<Folder>, Error> {
        let mut folders = Vec::new();
        for entry in state.list().map_err(self.failed("list"))? {
            let name = entry.name.to_string_lossy();
            let meta = At::new(state, &entry.name).look();
            let meta = meta.map_err(self.failed("look into"))?;
            let Some(meta) = meta.filter(|meta| meta.kind == Some(Kind::Directory)) else {
                continue;
            };
            if name.starts_with(APART) {
                continue;
            }
            match state.folder(&name) {
                Ok(folder) if meta.owner.user == owner.user => folders.push(folder),
                _ => {
                    return Err(self.not_shareable(NotShareable::Foreign {
                        name: name.into_owned(),
                        owner: meta.owner.user,
                    }));
                }
            }
        }
        Ok(folders)
    }

    fn not_shareable(&self, why: NotShareable) -> Error {
        let path = self.state_path().to_path_buf();
        Error::NotShareable { path, why }
    }

    fn failed(&self, op: &'static str) -> impl FnOnce(io::Error) -> Error {
        Error::io(op, self.state_path())
    }
}

/// The files of that owner in a folder, opened, so that what is judged is what is changed.
fn files_in(folder: &Folder, owner: Owner) -> io::Result<Vec<(String, File, Meta)>> {
    let mut files = Vec::new();
    for entry in folder.list()? {
        let Some(name) = entry.name.to_str().filter(|_| entry.len.is_some()) else {
            continue;
        };
        let at = At::new(folder, name);
        let looked = at.look()?;
        if looked.is_some_and(|meta| meta.owner.user == owner.user) {
            let (file, meta) = at.open_known(Access::Read)?;
            if meta.owner.user == owner.user {
                files.push((name.to_owned(), file, meta));
            }
        }
    }
    Ok(files)
}

/// Gives other names to what is not the group's. Nobody else can enter any more.
fn set_apart(folder: &Folder, group: u32) -> io::Result<()> {
    for entry in folder.list()? {
        let at = At::new(folder, &entry.name);
        let is_apart = entry.name.as_encoded_bytes().starts_with(APART.as_bytes());
        let is_groups = |meta: &Meta| {
            let is_one = match meta.kind {
                None => meta.links == 1,
                kind => kind == Some(Kind::Directory),
            };
            is_one && meta.permission().is_open_to(group)
        };
        if !is_apart && at.look()?.is_some_and(|meta| !is_groups(&meta)) {
            rename_apart(&at)?;
        }
    }
    Ok(())
}

/// The first name of many that is free.
fn rename_apart(at: &At) -> io::Result<()> {
    for number in 1..=MOST_APART {
        let mut apart = OsString::from(APART);
        apart.push(&at.name);
        if number > 1 {
            apart.push(format!("-{number}"));
        }
        match at.rename_new(&At::new(&at.folder, apart)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done,
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// How often something of one name can be set apart.
const MOST_APART: u32 = 1000;

/// Makes files of the group's their owner's alone: those of others by a copy, for nobody can give theirs away but root.
fn take_over(folder: &Folder, owner: Owner, group: u32) -> io::Result<()> {
    const NEW: &str = "private.new";
    folder.remove(NEW)?;
    for entry in folder.list()? {
        let at = At::new(folder, entry.name.clone());
        let looked = at.look()?;
        let is_groups = |meta: &Meta| meta.kind.is_none() && meta.permission().is_open_to(group);
        if !looked.as_ref().is_some_and(is_groups) {
            continue;
        }
        let (mut file, meta) = at.open_known(Access::Read)?;
        if meta.links != 1 || !is_groups(&meta) {
            continue;
        }
        if meta.owner.user == owner.user {
            sys::set_permission(&file, 0o600, None)?;
            continue;
        }
        let new = At::new(folder, NEW);
        let mut copy = new.create_for_owner()?;
        io::copy(&mut file, &mut copy)?;
        sys::set_permission(&copy, 0o600, None)?;
        sys::sync_file(&copy)?;
        drop(copy);
        new.rename_over(&at)?;
    }
    Ok(())
}
