//! Why a save or a migration did not happen, by the layer that said so.

use std::io;
use std::path::Path;

use persist_migrate::{PlanError, RunError, TouchesVersion};

use crate::error::Error;

/// Why a save did not happen, or was not confirmed. Its message is that of what it holds.
///
/// ```
/// use persist_core::{Error, SaveFailure, lock};
/// fn is_mount_point(error: &Error) -> bool {
///     matches!(error, Error::NotSaved { source: SaveFailure::File(lock::Error::Busy { .. }), .. })
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveFailure {
    /// The file could not be replaced, or what is to replace it could not be written.
    #[error(transparent)]
    File(#[from] persist_lock::Error),
    /// The content before, or what a migration set aside, could not be kept.
    #[error(transparent)]
    Backup(Box<persist_backup::Error>),
    /// Something in the state folder could not be written or synced.
    #[error(transparent)]
    State(#[from] io::Error),
    /// What comes before it failed: an interrupted save could not be finished, or the journal not be opened.
    #[error(transparent)]
    Before(Box<Error>),
}

impl From<persist_backup::Error> for SaveFailure {
    fn from(error: persist_backup::Error) -> SaveFailure {
        SaveFailure::Backup(Box::new(error))
    }
}

impl From<Error> for SaveFailure {
    fn from(error: Error) -> SaveFailure {
        SaveFailure::Before(Box::new(error))
    }
}

/// Why a file was not migrated. Its message is that of what it holds.
///
/// ```
/// use persist_core::{Error, MigrationFailure, migrate::PlanError};
/// fn has_no_way_back(error: &Error) -> bool {
///     match error {
///         Error::Migration { source: MigrationFailure::NoRoute(why), .. } => matches!(**why, PlanError::NoWayBack { .. }),
///         _ => false,
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationFailure {
    /// No route leads there.
    #[error(transparent)]
    NoRoute(Box<PlanError>),
    /// A step can't be done with what is in the file.
    #[error(transparent)]
    Step(#[from] RunError),
    /// The application's graph has a lens that works on the version of documents.
    #[error(transparent)]
    Graph(#[from] TouchesVersion),
    /// The result can't be written as text.
    #[error(transparent)]
    Text(Box<persist_format::Error>),
    /// The settings would not load from the result.
    #[error(transparent)]
    NotLoaded(Box<Error>),
}

impl From<PlanError> for MigrationFailure {
    fn from(error: PlanError) -> MigrationFailure {
        MigrationFailure::NoRoute(Box::new(error))
    }
}

impl From<persist_format::Error> for MigrationFailure {
    fn from(error: persist_format::Error) -> MigrationFailure {
        MigrationFailure::Text(Box::new(error))
    }
}

impl From<Error> for MigrationFailure {
    fn from(error: Error) -> MigrationFailure {
        MigrationFailure::NotLoaded(Box::new(error))
    }
}

impl SaveFailure {
    fn os(&self) -> Option<&io::Error> {
        match self {
            SaveFailure::File(source) => source.os(),
            SaveFailure::Backup(source) => source.os(),
            SaveFailure::State(source) => Some(source),
            SaveFailure::Before(source) => source.os(),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            SaveFailure::File(source) => Some(source.path()),
            SaveFailure::Backup(source) => source.path(),
            SaveFailure::State(_) => None,
            SaveFailure::Before(source) => source.path(),
        }
    }
}

impl Error {
    /// What the operating system said, where a file operation failed.
    pub(crate) fn os(&self) -> Option<&io::Error> {
        match self {
            Error::Lock { source, .. } => source.os(),
            Error::Backup { source, .. } => source.os(),
            Error::NotSaved { source, .. } => source.os(),
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }

    /// What the failed file operation was for.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Error::Lock { source, .. } => Some(source.path()),
            Error::Backup { source, .. } => source.path(),
            Error::NotSaved { source, .. } => source.path(),
            Error::Io { path, .. } => Some(path),
            _ => None,
        }
    }
}
