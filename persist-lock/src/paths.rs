//! Where things lie, told from the path of a file alone.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// As many links as Linux itself follows.
pub(crate) const MAX_LINKS: usize = 40;

/// The folder of a file; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The default state folder of a file: `.NAME.persist` beside it.
///
/// ```
/// # use std::path::Path;
/// let folder = persist_lock::state_dir_for(Path::new("conf/app.toml"));
/// assert_eq!(folder, Path::new("conf/.app.toml.persist"));
/// ```
pub fn state_dir_for(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".persist");
    parent(path).join(name)
}
