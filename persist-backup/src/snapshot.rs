//! One snapshot and the note beside it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Id;

/// One snapshot, as found in the folder. Its content is not checked until it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Sequence number, time and digest.
    pub id: Id,
    /// The file that holds it.
    pub path: PathBuf,
    /// Whether that file is an LZ4 frame.
    pub compressed: bool,
    /// The file's length in bytes, as stored.
    pub stored_len: u64,
    /// The note beside it, if there is a readable one.
    pub meta: Option<Meta>,
}

impl Snapshot {
    /// A snapshot that is in no folder, for planning and tests.
    #[must_use]
    pub fn new(id: Id, path: PathBuf, compressed: bool, stored_len: u64) -> Self {
        Self {
            id,
            path,
            compressed,
            stored_len,
            meta: None,
        }
    }
}

/// Who took a snapshot, where and why. Only for people: content is certified by its name alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// Why, in words: `before migrating to 1.2.0`.
    pub reason: String,
    /// Who: a user or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// On which host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The schema version of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    /// Length of the plain bytes; filled in by `create`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain_len: Option<u64>,
}

impl Meta {
    /// A note with a reason and nothing else.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::default()
        }
    }
}
