//! What the file that takes the live file's place must have from it.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Gid, Uid, fchown};

use crate::error::Error;
use crate::sys::copy_attributes;

/// Gives `to` what the file at `live` has.
///
/// Order matters: a change of owner clears mode bits and an access list changes the group's, so the
/// mode comes last.
pub(crate) fn copy_metadata(live: &Path, to: &File) -> Result<(), Error> {
    let kept = |what: &str, done: io::Result<()>| {
        done.map_err(|source| Error::NotKept {
            path: live.to_path_buf(),
            what: what.to_owned(),
            source,
        })
    };
    let from = fs::symlink_metadata(live).map_err(Error::io("examine", live))?;
    let fresh = to
        .metadata()
        .map_err(Error::io("examine the stage for", live))?;
    if from.uid() != fresh.uid() {
        let owner = Uid::from_raw(from.uid());
        kept(
            "owner",
            fchown(to, Some(owner), None).map_err(io::Error::from),
        )?;
    }
    if from.gid() != fresh.gid() {
        let group = Gid::from_raw(from.gid());
        kept(
            "group",
            fchown(to, None, Some(group)).map_err(io::Error::from),
        )?;
    }
    copy_attributes(live, to)?;
    let mode = Permissions::from_mode(from.mode() & 0o7777);
    kept("mode", to.set_permissions(mode))
}
