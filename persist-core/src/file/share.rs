//! Who may save: the owner of a file's history alone, or the members of the file's group, too.
//!
//! That a state folder is shared is said by its mode (persist-lock knows how), and by its format, at which an older persist
//! stops. The number comes first and goes last: whatever a crash leaves in between is private, or closed by the next save.

use std::path::PathBuf;

use persist_lock::{FileLock, Provenance, Site};
use serde::Serialize;

use super::ConfigFile;
use super::opened::Opened;
use super::session::Locked;
use crate::error::{Error, HistoryTrouble, io_error};
use crate::journal::{Access, Event, Log};
use crate::state_format::{self, Format, SHARED};

/// Who a file's history is shared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sharing {
    /// The path as given.
    #[serde(flatten, serialize_with = "crate::path_text::file")]
    pub file: PathBuf,
    /// The number of the group whose members may save the file; `None` if it is its owner's alone.
    pub group: Option<u32>,
    /// Whether this call changed it.
    pub changed: bool,
    /// Whether its members may replace the file, as far as the mode of its folder tells. Who may not create things there can't
    /// save.
    pub folder_open: bool,
    /// The number of the file's owner, where the history is another's, and not shared: one of them must be given to the other's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parted_from: Option<u32>,
}

impl ConfigFile {
    /// Shares the history with the file's group: its members can save, undo and recover the file, whoever of them has created
    /// it. Others never get in. The file must be readable and writable for its group; it belongs to whoever saved it last, and
    /// keeps group and mode.
    ///
    /// What the group may not read and write any more is not shared any more: the next save by the owner of the state folder, or
    /// root, closes it, and says so.
    ///
    /// `with_past`: also if there is content in it that the group could not read when it was saved.
    ///
    /// # Errors
    /// [`Error::Lock`] with [`persist_lock::Error::NotShared`] for who neither owns the state folder nor is root, or
    /// [`persist_lock::Error::NotShareable`]; [`Error::PrivateHistory`]; [`Error::History`] where it is in another folder than the one
    /// beside the file.
    pub fn share(&self, with_past: bool) -> Result<Sharing, Error> {
        self.refuse_unless_changeable()?;
        let failed = |e| self.lock_error(e);
        let site = Site::open(&self.target, &self.default_root());
        if let Err(persist_lock::Error::ForeignState { owner, .. }) = site {
            // A save by root would set it aside; who shares wants it.
            let source = format!(
                "its history belongs to user {owner}, but the file does not: give the file back first (`chown {owner}`)"
            );
            return Err(Error::Cancelled {
                file: self.path().to_path_buf(),
                source: source.into(),
            });
        }
        if self.is_unmanaged() {
            // What is refused makes no state folder.
            self.opened()?.site.is_shareable().map_err(failed)?;
        }
        let locked = self.locked(Provenance::Caller)?;
        let Locked { opened, live, .. } = &locked;
        if !opened.site.is_beside().map_err(failed)? {
            return Err(Error::History {
                file: self.path().to_path_buf(),
                what: HistoryTrouble::NotBeside {
                    at: opened.state_dir().to_path_buf(),
                },
            });
        }
        let before = opened.site.shared_with();
        let group = live.as_ref().and_then(|live| live.former).map(|f| f.group);
        opened.site.may_share().map_err(failed)?;
        if let Some(group) = group.filter(|_| before.is_none() && !with_past) {
            opened.refuse_private_past(group)?;
        }
        if before.is_none() {
            opened.prepare_to_share()?;
        }
        let group = opened.site.share().map_err(failed)?;
        Ok(Sharing {
            file: self.path().to_path_buf(),
            group: Some(group),
            changed: before != Some(group),
            folder_open: opened.site.is_open_around(group).map_err(failed)?,
            parted_from: None,
        })
    }

    /// Makes the history its owner's alone again, at once: all that is in it, too. What other members have saved stays in it.
    ///
    /// # Errors
    /// As [`share`](Self::share).
    pub fn unshare(&self) -> Result<Sharing, Error> {
        self.refuse_unless_changeable()?;
        // Before anything that members may have put in the way is looked at.
        let site = Site::open(&self.target, &self.default_root());
        site.and_then(|site| site.shut())
            .map_err(|e| self.lock_error(e))?;
        let opened = self.opened_whole()?;
        let mut changed = opened.site.shared_with().is_some();
        if changed {
            self.close(Provenance::History, &opened)?;
        } else if opened.site.state().is_some() {
            changed = self.opened_to_write(Provenance::History)?.closed;
        }
        Ok(Sharing {
            file: self.path().to_path_buf(),
            group: None,
            changed,
            folder_open: false,
            parted_from: self.parted_from()?,
        })
    }

    /// The owner of the file, if the state folder is another's.
    fn parted_from(&self) -> Result<Option<u32>, Error> {
        let opened = self.opened()?;
        let live = opened.read_live()?.and_then(|live| live.former);
        let state = opened.site.state().and_then(|state| state.owner().ok());
        let owner = live.map(|live| live.user).zip(state);
        Ok(owner.and_then(|(live, state)| (live != state && state != 0).then_some(live)))
    }

    /// Closes a shared state folder to the group, under the lock.
    pub(super) fn close(&self, content: Provenance, opened: &Opened<'_>) -> Result<(), Error> {
        let failed = |e| self.lock_error(e);
        opened.site.shut().map_err(failed)?;
        let lock = FileLock::at(&opened.site, self.options().allow).map_err(failed)?;
        let _guard = lock.write(self.options().wait).map_err(failed)?;
        // As it is now: somebody else may have closed it while the lock was waited for.
        let found = self.opened_as_it_is(content)?;
        found.site.close().map_err(failed)?;
        // What is written from here on is private, too.
        let opened = self.opened_as_it_is(content)?;
        let marked = opened.state_folder().and_then(|state| {
            state_format::upgrade(state, state_format::OURS)?;
            state.sync()
        });
        marked.map_err(|e| io_error("write the format of", opened.state_dir(), e))
    }
}

impl Opened<'_> {
    /// Whether the state folder was shared, and is not to be any more.
    pub(super) fn is_to_be_closed(&self) -> bool {
        let marked = self.format == Some(Format::Known(SHARED));
        self.site.is_to_be_closed() || marked && self.site.shared_with().is_none()
    }

    /// All that members need is there, and older versions of persist stop, before it is opened to them.
    fn prepare_to_share(&self) -> Result<(), Error> {
        let state = self.state_folder();
        let state = state.map_err(|e| io_error("open", self.state_dir(), e))?;
        let made = self.make_all();
        made.map_err(|e| io_error("create a folder in", state.path(), e))?;
        let marked = state_format::upgrade(state, SHARED);
        marked.map_err(|e| io_error("write the format of", state.path(), e))
    }

    /// Whose the state folder is, where it is closed to this caller.
    pub(super) fn closed_by(&self) -> Option<u32> {
        let closed = self.state().is_err() && self.trouble().is_none() && self.format.is_none();
        let state = self.site.state().filter(|_| closed)?;
        state.owner().ok()
    }

    /// Refuses a history with content that the group could not read: of a time when the file was private, or of another file
    /// whose state folder was moved here.
    fn refuse_private_past(&self, group: u32) -> Result<(), Error> {
        let log = self.segments().read_all()?;
        let backups = self.backups().catalog();
        let backups = backups.map_err(|e| self.backup_error(e))?;
        let private = match first_private(&log, group) {
            Some(seq) => Some(Some(seq)),
            // A damaged or lost journal does not tell.
            None if !log.faults.is_empty() => Some(None),
            None if log.records.is_empty() && backups.last_seq() > 0 => Some(None),
            None => None,
        };
        match private {
            Some(seq) => Err(Error::PrivateHistory {
                file: self.path().to_path_buf(),
                seq,
            }),
            None => Ok(()),
        }
    }
}

/// The first record of content that the group could not read.
fn first_private(log: &Log, group: u32) -> Option<u64> {
    let is_open = |access: &Option<Access>| {
        let former = access.as_ref().and_then(Access::former);
        former.is_some_and(|former| former.group == group && former.mode & 0o040 != 0)
    };
    let private = log.records.iter().find(|record| match &record.event {
        Event::Intent(intent) => !is_open(&intent.access),
        Event::Adopted(adopted) => !is_open(&adopted.access),
        _ => false,
    });
    private.map(|record| record.seq)
}
