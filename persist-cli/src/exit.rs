//! Exit codes: one for each thing a script would do differently about.

use std::process::ExitCode;

use persist_core::{Error, MigrationFailure, backup, lock};
use serde::Serialize;

/// What the process says to the shell; in JSON a word, which stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// A negative result: no such key or backup, a difference was found, a check did not pass or had nothing to test, or content that was to be
    /// purged is what the file holds.
    No = 1,
    /// The arguments are invalid.
    Usage = 2,
    /// Some of several files failed.
    Partial = 3,
    /// The file's text, values or schema are wrong where a person can correct them.
    Invalid = 4,
    /// The file is damaged or was deleted; `persist recover` helps, or says that no good copy is left.
    Damaged = 5,
    /// The lock could not be acquired in time.
    Locked = 6,
    /// Somebody else changed the file; read it again.
    Conflict = 7,
    /// Not saved, or not readable: disk, permissions, a missing file.
    Failed = 8,
    /// In place, but the disk did not confirm it.
    NotDurable = 9,
    /// The schema version, or a route to another, is not known; or a newer persist wrote the state folder.
    Version = 10,
}

/// The table that `--help` ends with.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done, or nothing to do
   1  negative result: no such key or backup, a difference, a failed check
   2  invalid arguments
   3  some of several files failed
   4  the file's text, values or schema are wrong; it was not touched
   5  the file or its journal is damaged: `persist recover`; or there is no good copy
   6  locked by somebody else for too long
   7  somebody else changed the file meanwhile
   8  not saved or not readable: disk, permissions, a missing file
   9  saved, but the disk did not confirm it
  10  unknown schema version, or no route to the one asked for; or a state folder of a newer persist";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// Every error has its arm, so that none comes to be [`Exit::Failed`] unasked; a test sees to it, where the compiler is not to.
    pub(crate) fn of(error: &Error) -> Exit {
        match error {
            Error::Invalid(..)
            | Error::Schema { .. }
            | Error::Refused { .. }
            | Error::NotReadBack { .. }
            | Error::Unparsable { .. }
            | Error::Manifest { .. }
            | Error::Untrusted { .. } => Exit::Invalid,
            Error::InStateFolder { .. } => Exit::Usage,
            Error::Damaged { .. } | Error::NoGoodCopy { .. } | Error::JournalGap { .. } => {
                Exit::Damaged
            }
            Error::ChangedOutside { .. } | Error::Conflict { .. } | Error::PlanOutdated { .. } => {
                Exit::Conflict
            }
            Error::InPlaceNotDurable { .. } => Exit::NotDurable,
            Error::Version { .. } | Error::NewerState { .. } => Exit::Version,
            Error::Purged { .. } => Exit::No,
            Error::Lock { source, .. } => Exit::of_lock(source),
            Error::Migration { source, .. } => Exit::of_migration(source),
            Error::Backup { source, .. } => Exit::of_backup(source),
            Error::Cancelled { .. }
            | Error::OpenedReadOnly { .. }
            | Error::Nested { .. }
            | Error::Obstacle { .. }
            | Error::StateFolderTaken { .. }
            | Error::History { .. }
            | Error::PrivateHistory { .. }
            | Error::SetAsideLost { .. }
            | Error::NotFound { .. }
            | Error::NotSaved { .. }
            | Error::Io { .. } => Exit::Failed,
            _ => Exit::Failed,
        }
    }

    fn of_lock(error: &lock::Error) -> Exit {
        match error {
            lock::Error::Timeout { .. } => Exit::Locked,
            _ => Exit::Failed,
        }
    }

    fn of_migration(failure: &MigrationFailure) -> Exit {
        match failure {
            // It can't be done with what is in the file.
            MigrationFailure::Step(_) => Exit::Invalid,
            MigrationFailure::NoRoute(_)
            | MigrationFailure::Graph(_)
            | MigrationFailure::Text(_)
            | MigrationFailure::NotLoaded(_) => Exit::Version,
            _ => Exit::Version,
        }
    }

    fn of_backup(error: &backup::Error) -> Exit {
        match error {
            backup::Error::NotFound { .. } | backup::Error::Ambiguous { .. } => Exit::No,
            backup::Error::Corrupt { .. }
            | backup::Error::TooLarge { .. }
            | backup::Error::NothingGoodLeft { .. }
            | backup::Error::Io { .. } => Exit::Failed,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The variants of an enum, as its source has them.
    fn variants(path: &str, name: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("a workspace");
        let source = std::fs::read_to_string(root.join(path)).expect("a source");
        let (_, body) = source
            .split_once(&format!("pub enum {name} {{\n"))
            .expect("the enum");
        let (body, _) = body.split_once("\n}").expect("its end");
        let names = body.lines().filter_map(|line| {
            let line = line.strip_prefix("    ")?;
            let is_variant = line.starts_with(|c: char| c.is_ascii_uppercase());
            let end = line.find(|c: char| !c.is_ascii_alphanumeric());
            is_variant.then(|| line[..end.unwrap_or(line.len())].to_owned())
        });
        names.collect()
    }

    /// Errors of the library may become more, so that the compiler wants an arm for all of them; this does not.
    #[test]
    fn every_error_has_an_exit_code_that_was_chosen() {
        let source = include_str!("exit.rs");
        let check = |path: &str, name: &str, arm: &str, least: usize| {
            let variants = variants(path, name);
            assert!(variants.len() >= least, "{variants:?}");
            for variant in variants {
                let has = |end: char| source.contains(&format!(" {arm}::{variant}{end}"));
                assert!(has('(') || has(' '), "{arm}::{variant} has no exit code");
            }
        };
        check("persist-core/src/error.rs", "Error", "Error", 30);
        check(
            "persist-core/src/failure.rs",
            "MigrationFailure",
            "MigrationFailure",
            5,
        );
        check("persist-backup/src/error.rs", "Error", "backup::Error", 6);
    }
}
