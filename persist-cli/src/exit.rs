//! Exit codes: one for each thing a script would do differently about.

use std::process::ExitCode;

use persist_core::{Error, MigrationFailure, backup};
use serde::Serialize;

/// What the process says to the shell; in JSON a word, which stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or already so.
    Done = 0,
    /// The answer is no: no such key or backup, a difference was found, or a check did not pass or had nothing to try.
    No = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// Some of several files failed.
    Partial = 3,
    /// The file's text, values or schema are wrong where a person can mend them.
    Invalid = 4,
    /// The file is damaged or was deleted; `persist recover` helps, or says that no good copy is left.
    Damaged = 5,
    /// The lock was not to be had in time.
    Locked = 6,
    /// Somebody else changed the file; read it again.
    Conflict = 7,
    /// Not saved, or not readable: disk, permissions, a missing file.
    Failed = 8,
    /// In place, but the disk did not confirm it.
    NotDurable = 9,
    /// The schema version, or the way to another, is not known; or the state folder is of a newer persist.
    Version = 10,
}

/// The table that `--help` ends with.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done, or already so
   1  the answer is no: no such key or backup, a difference, a failed check
   2  the arguments make no sense
   3  some of several files failed
   4  the file's text, values or schema are wrong; it was not touched
   5  the file or its journal is damaged: `persist recover`; or there is no good copy
   6  locked by somebody else for too long
   7  somebody else changed the file meanwhile
   8  not saved or not readable: disk, permissions, a missing file
   9  saved, but the disk did not confirm it
  10  unknown schema version, or no way to the one asked for; or a state folder of a newer persist";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    pub(crate) fn of(error: &Error) -> Exit {
        match error {
            Error::Unparsable { .. } => Exit::Invalid,
            Error::Invalid(..) | Error::Schema { .. } | Error::Refused { .. } => Exit::Invalid,
            Error::Manifest { .. } | Error::Untrusted { .. } => Exit::Invalid,
            Error::InStateFolder { .. } => Exit::Usage,
            Error::Damaged { .. } | Error::NoGoodCopy { .. } => Exit::Damaged,
            Error::Lock {
                source: persist_core::lock::Error::Timeout { .. },
                ..
            } => Exit::Locked,
            Error::Conflict { .. } | Error::ChangedOutside { .. } | Error::PlanOutdated { .. } => {
                Exit::Conflict
            }
            Error::JournalGap { .. } => Exit::Damaged,
            Error::Purged { .. } => Exit::No,
            Error::InPlaceNotDurable { .. } => Exit::NotDurable,
            // A step that can't be done with what is in the file.
            Error::Migration {
                source: MigrationFailure::Step(_),
                ..
            } => Exit::Invalid,
            Error::Version { .. } | Error::Migration { .. } => Exit::Version,
            Error::NewerState { .. } => Exit::Version,
            Error::Backup {
                source: backup::Error::NotFound { .. } | backup::Error::Ambiguous { .. },
                ..
            } => Exit::No,
            _ => Exit::Failed,
        }
    }
}
