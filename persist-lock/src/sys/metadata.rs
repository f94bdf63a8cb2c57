//! What the file that takes the live file's place must have from it.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Gid, Uid, fchown};

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
use super::attributes::copy_attributes;
use super::dir::NewFile;
use super::meta::Meta;
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
use super::names::copy_attributes;
use super::owner::Owner;
use super::rights;
use crate::error::{Error, Kept};

/// What is known of a file that was given what another has.
pub(crate) struct Copied {
    /// As it is now; the content was there before.
    pub(crate) meta: Meta,
    /// As it was created.
    pub(crate) created: NewFile,
}

/// Gives `to` what the opened live file `source` has, of which `from` is known.
///
/// Order matters: a change of owner clears mode bits and an access list changes the group's, so the
/// mode comes last. The bit that lends the owner's rights is not for new content.
pub(crate) fn copy_metadata(live: &Path, from: (&File, &Meta), to: &File) -> Result<Copied, Error> {
    copy(live, from, to, true)
}

/// The same where the group counts and not the owner, so that each member can save: the file is theirs then. Only root can
/// keep the owner.
pub(crate) fn copy_shared_metadata(
    live: &Path,
    from: (&File, &Meta),
    to: &File,
) -> Result<Copied, Error> {
    copy(live, from, to, Owner::caller().is_root())
}

fn copy(
    live: &Path,
    (source, from): (&File, &Meta),
    to: &File,
    with_owner: bool,
) -> Result<Copied, Error> {
    let kept = |what: Kept, done: io::Result<()>| {
        done.map_err(|source| Error::NotKept {
            path: live.to_path_buf(),
            what,
            source,
        })
    };
    let examine = || Meta::of(to).map_err(Error::io("examine the stage for", live));
    let fresh = examine()?;
    let mut owner_changed = false;
    if with_owner && from.owner.user != fresh.owner.user {
        owner_changed = true;
        let owner = Uid::from_raw(from.owner.user);
        kept(
            Kept::Owner,
            fchown(to, Some(owner), None).map_err(io::Error::from),
        )?;
    }
    if from.owner.group != fresh.owner.group {
        owner_changed = true;
        let group = Gid::from_raw(from.owner.group);
        kept(
            Kept::Group,
            fchown(to, None, Some(group)).map_err(io::Error::from),
        )?;
    }
    let inherited = copy_attributes(live, source, to)?;
    let mode = from.mode & 0o3777;
    kept(Kept::Mode, rights::keep_mode(to, mode))?;
    Ok(Copied {
        created: NewFile {
            has_lists: inherited,
            is_exact: fresh.mode == 0o600,
        },
        meta: match owner_changed {
            // Some file systems agree to that and do nothing.
            true => examine()?,
            false => Meta { mode, ..fresh },
        },
    })
}
