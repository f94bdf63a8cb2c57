//! A file's own folder and its state folder, opened for one operation.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::absent::absent_is_none;
use crate::at::At;
use crate::error::{Error, Kept};
use crate::folder::Folder;
use crate::former::Former;
use crate::half_replaced;
use crate::keeper::{self, Keeper, Owners, Provenance};
use crate::live_file::LiveFile;
use crate::options::Options;
use crate::paths::{parent, state_dir_for};
use crate::plan::{self, Way};
use crate::scratch::{Name, Scratch};
use crate::sharing::{self, Sharing};
use crate::sys::{self, Dir, Heirs, Meta, Owner};
use crate::target::Target;

/// Where a file and what is kept about it lie, as handles: whatever is swapped meanwhile leads nowhere else.
///
/// Meant for one operation; who holds it longer goes along with folders that are renamed.
#[derive(Debug, Clone)]
pub struct Site {
    target: Target,
    folder: Folder,
    state_path: PathBuf,
    /// The folder that the state folder is in; `None` where that is missing.
    around: Option<Folder>,
    state: Option<Folder>,
    /// The state folder of an earlier operation, which may be the same.
    earlier: Option<Folder>,
    /// The owners by which the state folder was judged.
    judged: Option<Owners>,
    /// The same file with the folder beside it, where the state folder is another: the lock in there is taken first.
    beside: Option<Arc<Site>>,
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

    /// The same without what may be in the state folder.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn without_state(target: &Target, state_path: &Path) -> Result<Self, Error> {
        Self::without_state_again(target, state_path, None)
    }

    /// The same for the next operation on that file: handles of the `earlier` one serve where they are what opening would give now, which
    /// is asked. Whose each folder is, and who calls, is judged anew.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn without_state_again(
        target: &Target,
        state_path: &Path,
        earlier: Option<&Self>,
    ) -> Result<Self, Error> {
        let folder = match earlier {
            Some(earlier) => Folder::open_again(target.folder(), &earlier.folder)?,
            None => Folder::open(target.folder())?,
        };
        let above = parent(state_path);
        let around = match above == target.folder() {
            true => Some(folder.clone()),
            false => match Folder::open(above) {
                Err(Error::ParentMissing { .. }) => None,
                other => Some(other?),
            },
        };
        Ok(Self {
            target: target.clone(),
            folder,
            state_path: state_path.to_path_buf(),
            around,
            state: None,
            earlier: earlier.and_then(|earlier| earlier.state.clone()),
            judged: None,
            beside: None,
        })
    }

    /// The site with a state folder that is not the one beside the file: whoever takes its lock takes that of `beside` first.
    ///
    /// A file has one name, which everybody comes by, and may have been given any number of state folders. So what stands
    /// beside it is what is locked.
    #[must_use]
    pub fn locked_beside(mut self, beside: Self) -> Self {
        self.beside = Some(Arc::new(beside));
        self
    }

    /// The site by whose lock this one is locked first; `None` where the state folder is the one beside the file, or the
    /// lock can't be there.
    pub fn beside(&self) -> Option<&Self> {
        self.beside.as_deref()
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

    /// Whether the state folder is the one beside the file, by whichever path it was named.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn is_beside(&self) -> Result<bool, Error> {
        let default = state_dir_for(self.target.path());
        match &self.around {
            Some(around) if default.file_name() == Some(self.state_name()) => around
                .is_same(&self.folder)
                .map_err(Error::io("examine", around.path())),
            _ => Ok(false),
        }
    }

    /// Where the state folder is or will be, from the root on and without links; `None` where the folder around it is missing.
    pub fn real_state_path(&self) -> Option<PathBuf> {
        let around = self.around.as_ref()?;
        Some(around.path().join(self.state_name()))
    }

    /// Whether what the state folder of this site says of another may be followed there: only to what its owner could
    /// reach without the caller, or by the word of root or the caller.
    pub fn may_lead_to(&self, other: &Self) -> bool {
        match (&self.judged, &other.judged) {
            (Some(from), Some(to)) => keeper::may_lead(from, to),
            _ => false,
        }
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

    /// The state folder if it is there and believed. Creates nothing.
    ///
    /// # Errors
    /// As [`Site::open`], except for one that is not believed, of which [`create_state`](Self::create_state) tells.
    pub fn find_state(&mut self, content: Provenance) -> Result<Option<Created>, Error> {
        let Some(around) = self.around.clone() else {
            return Ok(None);
        };
        let found = self.find(&around)?;
        let believed = |found: &State| keeper::is_believed(&found.owners, content);
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
        let heirs = Heirs {
            owner: keeper::heir_of_new(Owner::caller(), owner),
            group: None,
        };
        let found = match around.dir().create_folder(self.state_name(), heirs) {
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
    fn may_set_aside(&self, found: &State) -> bool {
        let beside = || self.is_beside().unwrap_or(false);
        found.owners.caller.is_root() && found.owners.live.is_some() && beside()
    }

    fn with_state(&mut self, found: State, new: bool, aside: Option<PathBuf>) -> Created {
        let state = found.folder;
        self.judged = Some(found.owners);
        self.state = Some(state.clone());
        self.earlier = None;
        Created { state, new, aside }
    }

    /// Whether the live file as it was read is one of the owner by whom the state folder was judged: who owns the folder around
    /// could have exchanged it while the lock was waited for, so that what is kept of it is kept for them.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn check_live(&self, found: Option<&Former>) -> Result<(), Error> {
        let judged = self.judged.and_then(|owners| owners.live);
        let is_right = |found: &Former| match self.shared_with() {
            Some(group) => found.permission().is_open_to(group),
            None => judged.is_some_and(|judged| judged.user == found.user),
        };
        match found {
            Some(found) if !is_right(found) => Err(Error::Changed {
                path: self.target.path().to_path_buf(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether new content has got what the file had, as far as it counts here: its owner does not where the state folder is
    /// shared with the file's group. Where there was no file, one that belongs to the owner of the state folder, or the group.
    pub fn is_kept(&self, had: Option<&Former>, got: &Former) -> bool {
        let state = self.judged.map(|owners| owners.state.user);
        match (had, self.shared_with()) {
            (Some(had), None) => had == got,
            (Some(had), Some(_)) => had.permission() == got.permission(),
            (None, None) => state.is_none_or(|state| state == got.user),
            (None, Some(group)) => got.permission().is_open_to(group),
        }
    }

    /// The group that the state folder is shared with.
    pub fn shared_with(&self) -> Option<u32> {
        self.sharing().group()
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.judged
            .map_or(Sharing::Private, |owners| owners.sharing)
    }

    pub(crate) fn owners(&self) -> Option<&Owners> {
        self.judged.as_ref()
    }

    /// Gives what somebody else has put there another name.
    fn set_aside(&self, around: &Folder, found: &State) -> Result<PathBuf, Error> {
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

    fn lost(&self) -> Error {
        Error::Lost {
            path: self.target.path().to_path_buf(),
        }
    }

    /// Whether the folders with locks still have their names: who comes by the name would find another.
    pub(crate) fn check_state(&self) -> Result<(), Error> {
        self.beside().map_or(Ok(()), Self::check_state)?;
        let (Some(around), Some(state)) = (&self.around, &self.state) else {
            return Err(self.lost());
        };
        match state.is_at(around, self.state_name()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.lost()),
            Err(error) => Err(Error::io("examine", &self.state_path)(error)),
        }
    }

    /// Where there is no state folder yet: whether the live file could be replaced by this caller, as far as can be told, so
    /// that one who can't does not leave a state folder behind.
    ///
    /// # Errors
    /// As [`WriteGuard::stage`](crate::WriteGuard::stage); [`Error::NotKept`] for a file of somebody else's.
    pub fn may_begin(&self, options: Options) -> Result<(), Error> {
        let state = self
            .around
            .as_ref()
            .map(|around| At::new(around, self.state_name()));
        if state.is_some_and(|state| matches!(state.look(), Ok(Some(_)))) {
            return Ok(());
        }
        let live = self.live();
        let way = match plan::way(&live, options) {
            // That is asked about when there is something to write.
            Err(Error::HardLinked { .. }) => Way::Replace,
            way => way?,
        };
        if way != Way::Replace || options.allows_in_place() {
            return Ok(());
        }
        let caller = Owner::caller();
        match self.live_meta()?.map(|live| live.owner) {
            Some(owner) if !caller.is_root() && owner.user != caller.user => Err(Error::NotKept {
                path: live.path().to_path_buf(),
                what: Kept::Owner,
                source: io::ErrorKind::PermissionDenied.into(),
            }),
            _ => Ok(()),
        }
    }

    fn state_name(&self) -> &OsStr {
        self.state_path.file_name().unwrap_or_default()
    }

    fn find(&self, around: &Folder) -> Result<Option<State>, Error> {
        let path = &self.state_path;
        let name = self.state_name();
        let earlier = self.earlier.as_ref();
        let again = earlier.and_then(|earlier| around.dir().sub_again(name, earlier.dir()));
        let found = again.map_or_else(|| around.dir().sub(name), Ok);
        let dir = absent_is_none(found).map_err(|error| {
            // What is no folder answers in several ways.
            let source = match around.dir().look(name) {
                Ok(meta) if meta.kind != Some(crate::Kind::Directory) => {
                    io::ErrorKind::NotADirectory.into()
                }
                // Closed to this caller. Whose it is can be told all the same.
                Ok(meta) => match self.owners_of(around, &meta) {
                    Ok(owners) if !keeper::is_believed(&owners, Provenance::History) => {
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

    fn judge(&self, around: &Folder, dir: Dir, live: Option<&Meta>) -> Result<State, Error> {
        let meta = dir.known();
        let meta = meta.map_err(Error::io("examine", &self.state_path))?;
        let owners = self.all_owners(around, &meta, live)?;
        let real = around.path().join(self.state_name());
        let folder = Folder::kept(dir, real, Keeper::of(&owners));
        Ok(State { folder, owners })
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

    pub(crate) fn live_meta(&self) -> Result<Option<Meta>, Error> {
        let live = self.live().look();
        live.map_err(Error::io("examine", self.target.path()))
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
    pub fn open_live(&self) -> io::Result<Option<LiveFile>> {
        let old = || {
            let state = self.state.as_ref()?;
            let scratch = Scratch::of(&self.folder, state, self.target.name()).ok()?;
            Some(scratch.at(Name::Old))
        };
        let opened = absent_is_none(half_replaced::open_live(&self.live(), old))?;
        Ok(opened.map(|(file, meta)| LiveFile::of(file, meta)))
    }
}

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
struct State {
    folder: Folder,
    owners: Owners,
}

impl State {
    fn believed(&self, path: &Path, content: Provenance) -> Result<(), Error> {
        match keeper::is_believed(&self.owners, content) {
            true => Ok(()),
            false => Err(Error::ForeignState {
                path: path.to_path_buf(),
                owner: self.owners.state.user,
            }),
        }
    }
}
