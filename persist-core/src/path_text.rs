//! Paths in JSON, which has only Unicode for them.
//!
//! A path stands there as text. Where part of it is not UTF-8 that part is `U+FFFD` in the text, and a second entry holds the
//! path's own bytes in Base64 (RFC 4648), so that a program finds the file all the same. On Windows those bytes
//! are WTF-8, and are not read back.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap, Serializer};

/// The entries of a JSON object for a path: `key`, and `key_bytes` only where the path is not UTF-8.
///
/// ```
/// use std::path::Path;
/// let entries: Vec<_> = persist_core::path_text::entries("file", Path::new("app.toml")).collect();
/// assert_eq!(entries, [("file".to_owned(), "app.toml".to_owned())]);
/// ```
pub fn entries(key: &str, path: &Path) -> impl Iterator<Item = (String, String)> {
    let bytes = path.to_str().is_none().then(|| {
        let bytes = path.as_os_str().as_encoded_bytes();
        (format!("{key}_bytes"), STANDARD.encode(bytes))
    });
    let text = (key.to_owned(), path.to_string_lossy().into_owned());
    std::iter::once(text).chain(bytes)
}

/// The path that [`entries`] were made from; `None` if the bytes are not Base64.
pub fn path(text: &str, bytes: Option<&str>) -> Option<PathBuf> {
    let Some(bytes) = bytes else {
        return Some(text.into());
    };
    let bytes = STANDARD.decode(bytes).ok()?;
    Some(from_bytes(bytes))
}

/// The path of an `OsStr`'s encoded bytes.
pub(crate) fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    let name = <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes);
    // Only `unsafe` makes names of all that WTF-8 can hold.
    #[cfg(not(unix))]
    let name = String::from_utf8_lossy(&bytes).into_owned();
    PathBuf::from(name)
}

// What `serialize_with` names, on fields that are flattened into the object around them.

pub(crate) fn obstacle<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    flatten("path", Some(path), serializer)
}

pub(crate) fn file<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    flatten("file", Some(path), serializer)
}

pub(crate) fn target<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    flatten("target", path.as_deref(), serializer)
}

pub(crate) fn state_dir<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    flatten("state_dir", path.as_deref(), serializer)
}

fn flatten<S: Serializer>(
    key: &str,
    path: Option<&Path>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    match path {
        Some(path) => {
            for (key, text) in entries(key, path) {
                map.serialize_entry(&key, &text)?;
            }
        }
        None => map.serialize_entry(key, &None::<&str>)?,
    }
    map.end()
}
