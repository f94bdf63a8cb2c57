//! Access lists that a folder hands to what is created in it, where those are extended attributes.

use std::fs::File;

/// Takes away what the folder around hands to new files and folders: they are their owner's alone, also when their mode is
/// widened later.
#[cfg(target_os = "linux")]
pub(super) fn clear(file: impl std::os::fd::AsFd) {
    for list in ["system.posix_acl_access", "system.posix_acl_default"] {
        // There is none, most likely.
        rustix::fs::fremovexattr(&file, list).ok();
    }
}

/// Taken for granted where that can't be told.
#[cfg(target_os = "linux")]
pub(super) fn has_any(file: &File) -> bool {
    let mut names = [0; 1024];
    match rustix::fs::flistxattr(file, &mut names) {
        Ok(len) => names[..len]
            .split(|byte| *byte == 0)
            .any(|name| name.starts_with(b"system.posix_acl")),
        Err(errno) => !super::errno::lacks(errno),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn has_any(_file: &File) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn clear(_file: impl std::os::fd::AsFd) {}
