//! Modes and owners, as far as a file system has any.
//!
//! FAT, exFAT and much of what FUSE brings give every file the mode and the owner of the mount, and refuse to change them
//! in several ways. What can't be set there is not there to be set: only the outcome counts.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid, fchmod, fchown, fstat, openat, unlinkat};
use rustix::io::Errno;

use super::access_lists;
use super::errno::lacks;
use super::meta::Meta;
use super::owner::{NewOwner, Owner};

/// The bits that say who may read, write and execute.
const PERMISSIONS: u32 = 0o777;

/// A name for a moment in a folder that is new and empty.
const PROBE: &str = "owner";

/// Sets the mode; where that can't be done, it must be that already.
pub(super) fn keep_mode(file: impl AsFd, mode: u32) -> io::Result<()> {
    set(file, mode, |found| found == mode & PERMISSIONS)
}

/// Sets the permission bits, never those that lend the owner's rights; where that can't be done, the mode that is there must
/// not allow more.
pub(crate) fn set_mode(file: impl AsFd, mode: u32) -> io::Result<()> {
    let mode = mode & PERMISSIONS;
    set(file, mode, |found| found & !mode == 0)
}

fn set(file: impl AsFd, mode: u32, will_do: impl Fn(u32) -> bool) -> io::Result<()> {
    let Err(refused) = change_mode(&file, mode)? else {
        return Ok(());
    };
    match will_do(Meta::from(fstat(&file)?).mode & PERMISSIONS) {
        true => Ok(()),
        false => Err(refused.into()),
    }
}

/// Makes what was just created its owner's alone, whatever the umask; where that can't be done, it is as private as the
/// file system makes it: it was asked for that mode when it was created.
pub(super) fn make_private(new: impl AsFd, mode: u32) -> io::Result<()> {
    change_mode(new, mode).map(|_| ())
}

/// Whether the mode of a file can be changed, found by giving it the one that it has.
pub(super) fn can_change(file: impl AsFd) -> io::Result<bool> {
    let mode = Meta::from(fstat(&file)?).mode;
    Ok(change_mode(file, mode)?.is_ok())
}

/// `Ok(Err(_))` where the file system does not offer it.
fn change_mode(file: impl AsFd, mode: u32) -> io::Result<Result<(), Errno>> {
    match fchmod(file, Mode::from_raw_mode(mode as _)) {
        Err(errno) if lacks(errno) => Ok(Err(errno)),
        other => Ok(Ok(other?)),
    }
}

/// Gives it to another owner, which clears no bit that a file of 0600 has; where that can't be done, it must belong to them
/// already.
pub(crate) fn give(file: impl AsFd, owner: Owner) -> io::Result<()> {
    let (user, group) = (Uid::from_raw(owner.user), Gid::from_raw(owner.group));
    match fchown(&file, Some(user), Some(group)) {
        Err(errno) if lacks(errno) && Meta::from(fstat(&file)?).owner == owner => Ok(()),
        other => Ok(other?),
    }
}

/// Opens a file or folder to the members of a group.
pub(super) fn share(file: impl AsFd, mode: u32, group: u32) -> io::Result<()> {
    fchown(&file, None, Some(Gid::from_raw(group)))?;
    keep_mode(file, mode)
}

/// Makes a new file or folder its owner's alone, or its group's, too. In this order: a change of owner clears bits, and the group
/// must be right before it may enter.
pub(super) fn hand_over(new: impl AsFd, private: u32, shared: u32, to: NewOwner) -> io::Result<()> {
    make_private(&new, private)?;
    pass_on(new, shared, to)
}

pub(super) fn pass_on(new: impl AsFd, shared: u32, to: NewOwner) -> io::Result<()> {
    if let Some(owner) = to.owner {
        give(&new, owner)?;
    }
    match to.group {
        Some(group) => share(&new, shared, group),
        None => Ok(()),
    }
}

/// Gives an opened file another mode, and a group, if one is named. No access list stays.
pub(crate) fn set_permission(file: impl AsFd, mode: u32, group: Option<u32>) -> io::Result<()> {
    access_lists::clear(&file);
    match group {
        Some(group) => share(&file, mode, group),
        None => keep_mode(&file, mode),
    }
}

/// Whether a new folder is the caller's own doing, and not one that somebody put in its place before it was opened.
///
/// A folder of another owner can be ours only where the file system chooses owners. A file tells: it is ours from the
/// first moment of its handle, so that it would be the caller's anywhere else.
pub(super) fn is_callers_doing(folder: impl AsFd) -> io::Result<bool> {
    let (found, caller) = (Meta::from(fstat(&folder)?).owner, Owner::caller());
    if found.user == caller.user {
        return Ok(true);
    }
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(file) = openat(&folder, PROBE, flags, Mode::from_raw_mode(0o600)) else {
        return Ok(false);
    };
    let given = fstat(&file).map(|stat| Meta::from(stat).owner);
    unlinkat(&folder, PROBE, AtFlags::empty())?;
    Ok(given? == found)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_not_the_callers_doing() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || File::open(folder.path()).expect("opened");
        assert!(is_callers_doing(open()).expect("judged"));
        // Only root can give it away.
        if std::os::unix::fs::chown(folder.path(), Some(1234), None).is_ok() {
            assert!(!is_callers_doing(open()).expect("judged"));
        }
        let left = fs::read_dir(folder.path()).expect("a list").count();
        assert_eq!(left, 0, "nothing stays of the probe");
    }
}
