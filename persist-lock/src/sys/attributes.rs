//! Extended attributes, in which Linux also keeps access lists and security labels.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::XattrFlags;
use rustix::io::Errno;

use super::errno::lacks;
use crate::error::{Error, Kept};

/// Attributes that belong to the bytes or to the system, not to the name.
///
/// Integrity hashes would be wrong for the new content, any write drops capabilities anyway, and what macOS notes of where
/// a file came from and who may open it, only macOS may write.
const NOT_COPIED: [&[u8]; 5] = [
    b"security.ima",
    b"security.evm",
    b"security.capability",
    b"com.apple.provenance",
    b"com.apple.macl",
];

/// Gives `to` the attributes of `source`, the file at `live`, and takes away those that only `to` has. Whether `to`, which is
/// new, had got an access list from its folder.
pub(super) fn copy_attributes(live: &Path, source: &File, to: &File) -> Result<bool, Error> {
    let from = attributes(
        |buffer| rustix::fs::flistxattr(source, buffer),
        |name, buffer| rustix::fs::fgetxattr(source, name, buffer),
    )
    .map_err(Error::io("read the attributes of", live))?;
    let fresh = attributes(
        |buffer| rustix::fs::flistxattr(to, buffer),
        |name, buffer| rustix::fs::fgetxattr(to, name, buffer),
    )
    .map_err(Error::io("read the attributes of the stage for", live))?;
    let kept = |name: &CStr, done: rustix::io::Result<()>| {
        done.map_err(|errno| Error::NotKept {
            path: live.to_path_buf(),
            what: Kept::Attribute(OsStr::from_bytes(name.to_bytes()).to_os_string()),
            source: errno.into(),
        })
    };
    for (name, value) in &from {
        // Unequal only: a label that is right already needs no privilege to set.
        if fresh.get(name) != Some(value) {
            kept(
                name,
                rustix::fs::fsetxattr(to, name, value, XattrFlags::empty()),
            )?;
        }
    }
    for name in fresh.keys().filter(|name| !from.contains_key(*name)) {
        // What the stage inherited from its folder (a default access list) and the live file has not.
        if is_removable(name) {
            kept(name, rustix::fs::fremovexattr(to, name))?;
        }
    }
    let is_list = |name: &CString| name.to_bytes().starts_with(b"system.posix_acl");
    Ok(fresh.keys().any(is_list))
}

fn is_removable(name: &CStr) -> bool {
    name.to_bytes() == b"system.posix_acl_access" || name.to_bytes().starts_with(b"user.")
}

type Attributes = BTreeMap<CString, Vec<u8>>;

/// All attributes that can be read; none where the file system has none.
fn attributes(
    list: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    get: impl Fn(&CStr, &mut [u8]) -> rustix::io::Result<usize>,
) -> io::Result<Attributes> {
    let names = match grown(list) {
        Ok(names) => names,
        Err(errno) if lacks(errno) => return Ok(Attributes::new()),
        Err(errno) => return Err(errno.into()),
    };
    let mut found = Attributes::new();
    for name in names.split_inclusive(|&byte| byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else {
            continue;
        };
        if NOT_COPIED.contains(&name.to_bytes()) {
            continue;
        }
        match grown(|buffer| get(name, buffer)) {
            Ok(value) => {
                found.insert(name.to_owned(), value);
            }
            // Removed meanwhile, or shown in the list but not to us.
            Err(NO_ATTRIBUTE | Errno::ACCESS) => {}
            Err(errno) if lacks(errno) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(found)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_ATTRIBUTE: Errno = Errno::NODATA;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const NO_ATTRIBUTE: Errno = Errno::NOATTR;

/// Calls `read` with a buffer that is large enough.
fn grown(read: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
    let mut buffer = vec![0; 4096];
    loop {
        match read(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(Errno::RANGE) => buffer = vec![0; buffer.len() * 2],
            Err(errno) => return Err(errno),
        }
    }
}
