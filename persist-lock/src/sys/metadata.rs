//! What the file that takes the live file's place must have from it.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Gid, Uid, fchown};

use super::dir::{Meta, Owner};
use super::rights;
use crate::error::Error;
use crate::sys::copy_attributes;

/// Gives `to` what the opened live file `source` has, of which `from` is known.
///
/// Order matters: a change of owner clears mode bits and an access list changes the group's, so the
/// mode comes last. The bit that lends the owner's rights is not for new content.
pub(crate) fn copy_metadata(live: &Path, from: (&File, &Meta), to: &File) -> Result<(), Error> {
    copy(live, from, to, true)
}

/// The same where the group counts and not the owner, so that each member can save: the file is theirs then. Only root can
/// keep the owner.
pub(crate) fn copy_shared_metadata(
    live: &Path,
    from: (&File, &Meta),
    to: &File,
) -> Result<(), Error> {
    copy(live, from, to, Owner::caller().is_root())
}

fn copy(
    live: &Path,
    (source, from): (&File, &Meta),
    to: &File,
    with_owner: bool,
) -> Result<(), Error> {
    let kept = |what: &str, done: io::Result<()>| {
        done.map_err(|source| Error::NotKept {
            path: live.to_path_buf(),
            what: what.to_owned(),
            source,
        })
    };
    let fresh = Meta::of(to).map_err(Error::io("examine the stage for", live))?;
    if with_owner && from.owner.user != fresh.owner.user {
        let owner = Uid::from_raw(from.owner.user);
        kept(
            "owner",
            fchown(to, Some(owner), None).map_err(io::Error::from),
        )?;
    }
    if from.owner.group != fresh.owner.group {
        let group = Gid::from_raw(from.owner.group);
        kept(
            "group",
            fchown(to, None, Some(group)).map_err(io::Error::from),
        )?;
    }
    copy_attributes(live, source, to)?;
    kept("mode", rights::keep_mode(to, from.mode & 0o3777))
}
