//! The live file of a site: what it is, what it had, whether it may be replaced.

use std::io;

use super::Site;
use crate::absent::absent_is_none;
use crate::at::At;
use crate::error::{Error, Kept};
use crate::former::Former;
use crate::half_replaced;
use crate::live_file::LiveFile;
use crate::options::Options;
use crate::plan::{self, Way};
use crate::scratch::{Name, Scratch};
use crate::sys::{Meta, Owner};

impl Site {
    pub(crate) fn live(&self) -> At {
        At::new(&self.folder, self.target.name())
    }

    pub(crate) fn live_meta(&self) -> Result<Option<Meta>, Error> {
        let live = self.live().look();
        live.map_err(Error::io("examine", self.target.path()))
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
}
