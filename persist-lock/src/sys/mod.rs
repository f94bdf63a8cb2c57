//! What the system is asked and told. What differs between platforms is here, one small file each, all with the same functions.

mod access;
mod owner;
pub(crate) use access::Access;
pub(crate) use owner::{NewOwner, Owner};

#[cfg(unix)]
mod access_lists;
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes;
#[cfg(unix)]
mod dir;
#[cfg(unix)]
mod errno;
#[cfg(unix)]
mod meta;
#[cfg(unix)]
mod metadata;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux.rs"]
mod names;
#[cfg(target_vendor = "apple")]
#[path = "macos.rs"]
mod names;
#[cfg(all(
    unix,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
))]
#[path = "posix.rs"]
mod names;
#[cfg(unix)]
mod refusal;
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod renames;
#[cfg(unix)]
mod rights;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod walk;
#[cfg(unix)]
pub(crate) use dir::{Dir, NameIn};
#[cfg(unix)]
pub(crate) use errno::{is_busy, is_contended, is_unsupported};
#[cfg(unix)]
pub(crate) use meta::{FileId, Meta, Stamp, meta_of};
#[cfg(unix)]
pub(crate) use metadata::{copy_metadata, copy_shared_metadata};
#[cfg(unix)]
pub(crate) use names::{reflink, start_write_back, sync_file};
#[cfg(unix)]
pub(crate) use refusal::{check_sticky, check_writable, refused};
#[cfg(unix)]
pub(crate) use rights::{give, set_mode, set_permission};
#[cfg(unix)]
pub(crate) use unix::{
    COPIES_METADATA, REPLACES_AT_ONCE, blocker, exchange, file_id, file_id_at, give_as, is_passing,
    read_at, read_part, relock, replace_over, same_mount, write_at,
};
#[cfg(unix)]
pub(crate) use walk::{allowed, folder, folder_from, may_follow};

#[cfg(windows)]
mod calls_windows;
#[cfg(windows)]
mod dir_windows;
#[cfg(windows)]
mod meta_windows;
#[cfg(windows)]
mod replace_file;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use calls_windows::{is_contended, is_passing, is_unsupported};
#[cfg(windows)]
pub(crate) use dir_windows::{Dir, NameIn, allowed, folder, folder_from, may_follow};
#[cfg(windows)]
pub(crate) use meta_windows::{FileId, Meta, Stamp, meta_of};
#[cfg(windows)]
pub(crate) use replace_file::{exchange, replace_over};
#[cfg(windows)]
pub(crate) use windows::{
    COPIES_METADATA, REPLACES_AT_ONCE, blocker, check_sticky, check_writable, copy_metadata,
    copy_shared_metadata, file_id, file_id_at, give, give_as, is_busy, read_at, read_part, reflink,
    refused, relock, same_mount, set_mode, set_permission, start_write_back, sync_file, write_at,
};
