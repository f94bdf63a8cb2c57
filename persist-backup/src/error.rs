//! What can go wrong, by what the caller does about it.

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Why an operation on snapshots failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stored bytes are not what the snapshot's name certifies. Use another snapshot.
    #[error("{}: damaged backup: expected {expected}, found {found}; {remedy}", path.display())]
    Corrupt {
        /// The damaged file; it is left where it is.
        path: PathBuf,
        /// What the name promises.
        expected: String,
        /// What is there.
        found: String,
        /// What to do now.
        remedy: String,
    },

    /// No snapshot matches.
    #[error("{}", not_found(what, have.as_ref()))]
    NotFound {
        /// What was asked for.
        what: String,
        /// The numbers of those that exist, from the oldest to the newest; some between may be gone. `None` where there are no snapshots.
        have: Option<RangeInclusive<u64>>,
    },

    /// Several snapshots match. Ask again by what tells them apart.
    #[error("{what} matches {} backups: {}; name one by its {by}", matches.len(), matches.join(", "))]
    Ambiguous {
        /// What was asked for.
        what: String,
        /// The matches, newest first: number, start of the digest, when it was taken, and why where that is known.
        matches: Vec<String>,
        /// What tells them apart: `number` or `digest`.
        by: &'static str,
    },

    /// The content is larger than [`Backups::max_len`](crate::Backups::max_len) allows.
    #[error("{}: content is larger than the limit of {limit} bytes; raise max_len to allow it", path.display())]
    TooLarge {
        /// The snapshot, or the folder for one that is being created.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },

    /// The plan would leave no readable snapshot. Nothing was dropped.
    #[error(
        "nothing was dropped: none of the {kept} backups to be kept can be read; take a new one first"
    )]
    NothingGoodLeft {
        /// How many snapshots the plan keeps.
        kept: usize,
    },

    /// The operating system refused.
    #[error("cannot {op} {}", path.display())]
    Io {
        /// What was tried, as a verb: `create`, `read`, `rename`.
        op: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// What the operating system said, where it was asked.
    pub fn os(&self) -> Option<&io::Error> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The file or folder it is about, where it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Corrupt { path, .. } | Self::TooLarge { path, .. } | Self::Io { path, .. } => {
                Some(path)
            }
            Self::NotFound { .. } | Self::Ambiguous { .. } | Self::NothingGoodLeft { .. } => None,
        }
    }

    /// For `map_err`: names the operation and its path.
    pub(crate) fn io(op: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { op, path, source }
    }

    /// A snapshot that must not be used.
    pub(crate) fn corrupt(path: &Path, expected: String, found: String) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            expected,
            found,
            remedy: "restore another backup (this file is left unchanged)".to_owned(),
        }
    }
}

fn not_found(what: &str, have: Option<&RangeInclusive<u64>>) -> String {
    match have.map(|have| (have.start(), have.end())) {
        None => "there are no backups".to_owned(),
        Some((only, newest)) if only == newest => {
            format!("there is no backup {what}; only backup {only} exists")
        }
        Some((oldest, newest)) => {
            format!("there is no backup {what}; backups {oldest} to {newest} exist")
        }
    }
}
