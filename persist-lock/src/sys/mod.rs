//! What differs between platforms, one small file each, all with the same functions.

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes;
#[cfg(unix)]
mod dir;
#[cfg(unix)]
mod metadata;
#[cfg(unix)]
mod refusal;
#[cfg(unix)]
mod rights;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod walk;
#[cfg(unix)]
pub(crate) use dir::{Access, Dir, Meta, Owner, give, set_access, set_mode};
#[cfg(unix)]
pub(crate) use refusal::{check_writable, refused};
#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(unix)]
pub(crate) use walk::{MAX_LINKS, allowed, folder, folder_from, may_follow};

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
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) use attributes::copy_attributes;
#[cfg(unix)]
pub(crate) use names::*;

#[cfg(windows)]
mod dir_windows;
#[cfg(windows)]
pub(crate) use dir_windows::*;
#[cfg(windows)]
mod replace_file;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use replace_file::*;
#[cfg(windows)]
pub(crate) use windows::*;
