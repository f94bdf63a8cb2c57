//! What can go wrong, by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

use persist_format::Value;
use persist_format::merge::Conflict;
use persist_format::schema::Violation;

use crate::damage::Damage;
use crate::failure::{MigrationFailure, SaveFailure};
use crate::note::brief;
use crate::obstacle::Obstacle;
use crate::receipt::Receipt;

/// A failure, named by the remedy it calls for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file's text or values are wrong where a person can fix them. The file was not touched.
    #[error(transparent)]
    Invalid(Box<persist_format::Error>),

    /// The document breaks its JSON Schema; every violation is listed.
    #[error("{}", schema_message(file, violations))]
    Schema {
        /// The file.
        file: PathBuf,
        /// All violations, in file order.
        violations: Vec<Violation>,
    },

    /// The application's own check refused the new content. Nothing was changed.
    #[error("{} was not saved: the new content failed the application's check", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// What the check said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// What a change by the application returned: it did not want to go on. Or sharing was not possible, as `source` says. Nothing was changed.
    #[error("{} was not changed", file.display())]
    Cancelled {
        /// The file.
        file: PathBuf,
        /// What the change returned.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// It was opened for reading only. Nothing was changed.
    #[error("{} was opened for reading only and was not changed", file.display())]
    OpenedReadOnly {
        /// The file.
        file: PathBuf,
    },

    /// A change within another one of the same file, by the same thread, which would wait for itself. Nothing was changed by it.
    #[error("{} is already being changed by this thread; nested changes are not supported", file.display())]
    Nested {
        /// The file.
        file: PathBuf,
    },

    /// A load would give back something else than what was to be saved. Nothing was changed.
    ///
    /// In TOML, which has no null, `None` can't be told from "not set", for which the default stands. Else the type writes itself in
    /// another way than it is read: a field that is skipped though its default is another, say.
    /// [`Builder::unchecked`](crate::Builder::unchecked) lets a key through.
    #[error("{} was not saved: {}", file.display(), read_back_message(path, wanted.as_ref(), found.as_ref()))]
    NotReadBack {
        /// The file.
        file: PathBuf,
        /// Which setting.
        path: persist_format::KeyPath,
        /// What was to be saved, redacted; `None` for a setting that was to be absent.
        wanted: Option<String>,
        /// What a load would give, redacted.
        found: Option<String>,
    },

    /// The live file is damaged, not edited. `recover` brings back the last good state.
    ///
    /// A file that was deleted ([`Damage::Missing`]) can be accepted as such: `adopt`.
    #[error("{}", damaged_message(file, damage))]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },

    /// The file is not what was saved last, and no good copy of that is left, as far as the caller lets recovery go
    /// ([`RecoverySource`](crate::RecoverySource)). It is as it was.
    #[error("{}", no_copy_message(file, damage.as_ref(), missing))]
    NoGoodCopy {
        /// The file.
        file: PathBuf,
        /// What is wrong with it; `None` where it can be damage as well as somebody's edit, for nothing is left to compare it with.
        damage: Option<Damage>,
        /// What became of the copies, in words.
        missing: Vec<String>,
        /// How many good backups of other content there are, for [`restore`](crate::ConfigFile::restore).
        others: usize,
        /// How many values can still be read of the damaged text: recovery puts those together if it may go as far as
        /// [`RecoverySource::Salvage`](crate::RecoverySource::Salvage).
        readable: usize,
        /// Whether the file is a valid document as it is (or gone), so that `adopt` takes it.
        adoptable: bool,
    },

    /// What was to be put back is no valid document. Nothing was changed. [`ConfigFile::go_even_unparsable`] and
    /// [`ConfigFile::restore_even_unparsable`] put it back all the same.
    ///
    /// [`ConfigFile::go_even_unparsable`]: crate::ConfigFile::go_even_unparsable
    /// [`ConfigFile::restore_even_unparsable`]: crate::ConfigFile::restore_even_unparsable
    #[error("{} was not changed: {what} is not a valid document", file.display())]
    Unparsable {
        /// The file.
        file: PathBuf,
        /// Which content: "the content before save #4", or "backup #4 0123456789ab".
        what: String,
        /// What is wrong with its text.
        source: Box<persist_format::Error>,
    },

    /// Something stands in the way in the state folder. Nothing was changed.
    #[error("{} was not changed: {obstacle}", file.display())]
    Obstacle {
        /// The file.
        file: PathBuf,
        /// What, and where.
        obstacle: Obstacle,
    },

    /// Strict mode: the file was changed without persist.
    #[error("{} was changed outside persist since the last save; `adopt` accepts the change", file.display())]
    ChangedOutside {
        /// The file.
        file: PathBuf,
    },

    /// Two writers changed the same keys differently. Nothing was changed.
    #[error("{} was not saved: {}", file.display(), conflict_message(conflicts, documents))]
    Conflict {
        /// The file.
        file: PathBuf,
        /// Each key that both changed: *ours* is what the file has, *theirs* what was to be saved. Sensitive values are redacted. None where it is
        /// about the documents of a file that has several.
        conflicts: Vec<Conflict>,
        /// The numbers of documents, other than the chosen one, that the caller changed as well: only that one is merged. None, and no keys, where
        /// the change may belong to another document than the one that has the number now.
        documents: Vec<usize>,
    },

    /// The lock could not be acquired, or was lost, before anything was changed.
    #[error("{}; nothing was changed", lock_message(file, source))]
    Lock {
        /// The file.
        file: PathBuf,
        /// Which of it, and who holds it.
        source: persist_lock::Error,
    },

    /// The state folder that was asked for belongs to another file. Nothing was changed.
    #[error("{} needs its own state folder: {} is used for {}", file.display(), folder.display(), other.display())]
    StateFolderTaken {
        /// The file.
        file: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Whose folder it is.
        other: PathBuf,
    },

    /// The file's history is not where it was looked for. The file can be read. Nothing was changed.
    #[error("{}", history_message(file, what))]
    History {
        /// The file.
        file: PathBuf,
        /// Which case.
        what: HistoryTrouble,
    },

    /// The history can't be shared as it is: it holds content that the file's group could not read when it was saved.
    #[error(
        "the history of {} was not shared: it {}",
        file.display(), private_save(*seq)
    )]
    PrivateHistory {
        /// The file.
        file: PathBuf,
        /// The number of the save that left such content; `None` where that can't be told.
        seq: Option<u64>,
    },

    /// The file is a part of what persist keeps about another file. Nothing was changed.
    #[error("{} is part of persist's state folder {}; files there must not be edited", file.display(), folder.display())]
    InStateFolder {
        /// The file.
        file: PathBuf,
        /// The state folder it is in.
        folder: PathBuf,
    },

    /// The state folder was written by a newer persist. The file can be read; nothing is written.
    #[error("{}", newer_message(file, folder, *found, *known))]
    NewerState {
        /// The file.
        file: PathBuf,
        /// The state folder.
        folder: PathBuf,
        /// Its format's number, if it says one.
        found: Option<u64>,
        /// The highest number that is known here.
        known: u64,
    },

    /// The file's schema version can't be worked with.
    #[error("{}{what}", version_place(file, what))]
    Version {
        /// The file.
        file: PathBuf,
        /// Which case.
        what: VersionTrouble,
    },

    /// What the last migration set aside for the way back can't be read. Nothing was changed.
    #[error("{}: the data that the last migration saved for migrating back is damaged or missing; `undo` of that migration brings back the content before it", file.display())]
    SetAsideLost {
        /// The file.
        file: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Records of the journal are lost, and what is asked for depends on what they said. Nothing was changed.
    #[error("{}", journal_gap(file, *after, what))]
    JournalGap {
        /// The file.
        file: PathBuf,
        /// The number of the last record that could be read before those that are lost.
        after: u64,
        /// What depends on them.
        what: &'static str,
    },

    /// There is no way to migrate as asked, or a step failed. Nothing was changed.
    #[error("{} was not migrated", file.display())]
    Migration {
        /// The file.
        file: PathBuf,
        /// Why.
        source: MigrationFailure,
    },

    /// The file is not the one that a migration was planned for any more. Nothing was changed.
    #[error("{} was not migrated: it has changed since the plan was made; plan again", file.display())]
    PlanOutdated {
        /// The file.
        file: PathBuf,
    },

    /// The manifest (`config_versions.json`) can't be used.
    #[error("{} is not a valid version manifest", file.display())]
    Manifest {
        /// The manifest.
        file: PathBuf,
        /// Why.
        source: persist_migrate::ManifestError,
    },

    /// A manifest lies beside the file, and could be anybody's. Nothing was changed.
    #[error("{} is not trusted as the file's version manifest: {why}", file.display())]
    Untrusted {
        /// The manifest.
        file: PathBuf,
        /// Why.
        why: persist_lock::Distrust,
    },

    /// Something asked for by name isn't there.
    #[error("{}: {what}", file.display())]
    NotFound {
        /// The file.
        file: PathBuf,
        /// What is missing, and what there is instead.
        what: String,
    },

    /// What was asked for by number or digest was purged: nothing brings it back.
    #[error("{}: {what} was purged by {}, {}", file.display(), purged.actor.name.replace(char::is_control, " "), purged.time.strftime("%Y-%m-%d %H:%M:%S UTC"))]
    Purged {
        /// The file.
        file: PathBuf,
        /// The backup, as it was asked for.
        what: String,
        /// Who purged it, and when, with the names of all that went.
        purged: Box<crate::history::Purged>,
    },

    /// A snapshot failed.
    #[error("{}", backup_message(file, source))]
    Backup {
        /// The live file.
        file: PathBuf,
        /// Why.
        source: persist_backup::Error,
    },

    /// The save did not happen: the old content is in place, nothing is left behind.
    #[error("{} was not saved; the old content is in place", file.display())]
    NotSaved {
        /// The file.
        file: PathBuf,
        /// Why.
        source: SaveFailure,
    },

    /// The new content **is** in place, but the disk did not confirm it: a power cut could bring
    /// back the old content.
    #[error("{} was changed, but the disk did not confirm it; check the disk, then save again", receipt.file.display())]
    InPlaceNotDurable {
        /// What was done.
        receipt: Box<Receipt>,
        /// Which confirmation failed.
        source: SaveFailure,
    },

    /// An operation on the file or its state folder failed before anything was changed.
    #[error("could not {op} {}", path.display())]
    Io {
        /// The operation, as a verb.
        op: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Why a file's history can't be used. To remove the folder beside the file is to forget where the history is: the next save
/// begins a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryTrouble {
    /// It is kept in another folder than the one that was named, which would split it.
    Elsewhere {
        /// Where it is.
        at: PathBuf,
        /// The folder that was named.
        given: PathBuf,
    },
    /// There is none where the folder beside the file says: a disk is not mounted, or the folder was moved or removed.
    Gone {
        /// Where it should be.
        at: PathBuf,
        /// The folder beside the file.
        beside: PathBuf,
    },
    /// What is kept where the folder beside the file says is not said to be this file's, or is not for its owner to name.
    NotOurs {
        /// Where it should be.
        at: PathBuf,
        /// The folder beside the file.
        beside: PathBuf,
    },
    /// It is in another folder than the one beside the file, and only there can it be shared with a group.
    NotBeside {
        /// Where it is.
        at: PathBuf,
    },
    /// The folder beside the file is shared with a group, which is offered for a history in that very folder alone.
    Shared {
        /// The folder beside the file.
        beside: PathBuf,
    },
    /// The folder beside the file does not say where it is, or could be saying so by somebody else's hand.
    Unclear {
        /// The folder beside the file.
        beside: PathBuf,
    },
}

/// Why a file's schema version stops us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionTrouble {
    /// The document has no version. [`Options::assume_version`](crate::Options::assume_version) gives it one.
    #[error(
        "no schema version at `{key}`; set it to the file's version{}, or pass the version to assume",
        one_of(known)
    )]
    Missing {
        /// Where it was looked for.
        key: String,
        /// The versions that are known.
        known: Vec<semver::Version>,
    },
    /// The version is not a semantic version.
    #[error("`{text}` at `{key}` is not a valid version; write three numbers, as in 1.2.0")]
    Unparsable {
        /// Where it stands.
        key: String,
        /// Line and column of it.
        location: Option<persist_format::Location>,
        /// What stands there.
        text: String,
    },
    /// The file was written by a newer application.
    #[error(
        "schema version {found} is newer than {known}, the newest known here; the file can be opened read-only"
    )]
    Newer {
        /// The file's version.
        found: semver::Version,
        /// The newest version the manifest or graph knows.
        known: semver::Version,
    },
    /// The file is of an older schema version than the settings, which are not mixed into it.
    #[error(
        "schema version {found} is older than the application's {known}; the file can be read, but must be migrated before it is changed"
    )]
    Older {
        /// The file's version.
        found: semver::Version,
        /// The version of the settings.
        known: semver::Version,
    },
    /// The schema version was to be changed as if it were a setting. [`ConfigFile::migrate_to`](crate::ConfigFile::migrate_to) changes it.
    #[error("`{key}` is the schema version; only a migration can change it")]
    NoSetting {
        /// Where it stands.
        key: String,
    },
    /// The schema version was to become another without the migration that makes the file one of that version.
    #[error("the file has schema version {is}; only a migration can change it to {meant}")]
    Relabelled {
        /// The file's version.
        is: semver::Version,
        /// The version that it was to be labelled with.
        meant: semver::Version,
    },
    /// The version is not newer than the newest known one, and still not known: it lies between two of them, or before the first.
    /// No migration leads from it, and no schema says what such a file holds.
    #[error(
        "schema version {found} at `{key}` is not known{}; correct it if the file has one of these, or use a manifest that lists it",
        known_are(known)
    )]
    Unlisted {
        /// Where it stands.
        key: String,
        /// The file's version.
        found: semver::Version,
        /// The versions that are known, oldest first.
        known: Vec<semver::Version>,
    },
    /// What the options say of the place of the version is none.
    #[error(
        "the version key `{key}` does not name a single key; use one such as `schema_version` or `meta.version`"
    )]
    Key {
        /// The key of the options.
        key: String,
    },
    /// There is nothing that tells versions apart.
    #[error("no config_versions.json was found beside the file or above it; name one")]
    NoManifest,
}

impl Error {
    /// The message with all that caused it, one line each, and the text that it complains about drawn below, where it complains
    /// about text.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # use persist_core::{ConfigFile, Options};
    /// let mut options = Options::default();
    /// options.check = Some(std::sync::Arc::new(|_| Err("the port is taken".into())));
    /// let file = ConfigFile::open(&path, options)?;
    /// let refused = file.edit(None, |document| Ok(document.set(&"port".parse()?, 80)?.warnings));
    /// assert!(refused.unwrap_err().render().ends_with("\n  because the port is taken"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn render(&self) -> String {
        match self {
            Error::Invalid(source) => return source.render(""),
            Error::Unparsable { source, .. } => return format!("{self}\n{}", source.render("")),
            _ => {}
        }
        self.with_causes("\n  because ")
    }

    /// The message with all that caused it in one line, and with the place of what it complains about: `app.toml:1:9: …`.
    pub fn line(&self) -> String {
        self.with_causes(": ").replace('\n', " ")
    }

    /// The messages of what caused it, outermost first. What a message before has told already is left out.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # use persist_core::{ConfigFile, Options};
    /// let mut options = Options::default();
    /// options.check = Some(std::sync::Arc::new(|_| Err("the port is taken".into())));
    /// let file = ConfigFile::open(&path, options)?;
    /// let refused = file.edit(None, |document| Ok(document.set(&"port".parse()?, 80)?.warnings));
    /// assert_eq!(refused.unwrap_err().causes(), ["the port is taken"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn causes(&self) -> Vec<String> {
        use std::error::Error as _;
        let mut told = vec![self.to_string()];
        let mut cause = self.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            if !told.iter().any(|told| told.contains(&text)) {
                told.push(text);
            }
            cause = inner.source().filter(|_| !tells_system_error(inner));
        }
        told.split_off(1)
    }

    fn with_causes(&self, because: &str) -> String {
        let message = vec![self.to_string()];
        [message, self.causes()].concat().join(because)
    }
}

/// Whether the message says what the system's one below it means, so that that would only say it again.
fn tells_system_error(error: &(dyn std::error::Error + 'static)) -> bool {
    let failure = error.downcast_ref().and_then(|failure| match failure {
        SaveFailure::File(source) => Some(source),
        _ => None,
    });
    match failure.or_else(|| error.downcast_ref()) {
        Some(persist_lock::Error::ReadOnly { cause, .. }) => {
            *cause != persist_lock::ReadOnly::Refused
        }
        _ => false,
    }
}

fn damaged_message(file: &Path, damage: &Damage) -> String {
    let file = file.display();
    match damage {
        Damage::Missing => format!(
            "{file} was deleted; `recover` brings back what was saved last, `adopt` accepts that it is gone"
        ),
        _ => format!(
            "{file} is damaged: {damage}; `recover` brings back the last good state and keeps the damaged bytes"
        ),
    }
}

fn no_copy_message(file: &Path, damage: Option<&Damage>, missing: &[String]) -> String {
    let file = file.display();
    let what = damage.map_or_else(
        || "it differs from the last save".to_owned(),
        ToString::to_string,
    );
    let missing = missing.join(", ");
    format!(
        "{file} was not recovered and was left unchanged: {what}, and no good copy is left ({missing})"
    )
}

fn lock_message(file: &Path, source: &persist_lock::Error) -> String {
    let file = file.display();
    match source {
        persist_lock::Error::NotShareable { .. } => {
            format!("the history of {file} can't be shared")
        }
        _ => format!("{file} could not be opened or locked"),
    }
}

fn backup_message(file: &Path, source: &persist_backup::Error) -> String {
    use persist_backup::Error::{Ambiguous, NotFound};
    let file = file.display();
    match source {
        NotFound { .. } => format!("{file} has no such backup"),
        Ambiguous { .. } => format!("{file} has several such backups"),
        _ => format!("a backup of {file} can't be used"),
    }
}

fn schema_message(file: &Path, violations: &[Violation]) -> String {
    let lines = violations.iter().map(|v| violation_line(file, v));
    lines.collect::<Vec<_>>().join("\n")
}

fn journal_gap(file: &Path, after: u64, what: &str) -> String {
    format!(
        "{}: journal records are damaged or missing (the last readable one is #{after}), so {what} is not known; `verify` shows where, \
         `restore` brings back a backup, and `adopt` accepts the current file and gives up the lost records",
        file.display()
    )
}

/// A violation as one line: file, place, what, where in the tree, and the remedy where one is known.
fn version_place(file: &Path, what: &VersionTrouble) -> String {
    let file = file.display();
    match what {
        VersionTrouble::Unparsable {
            location: Some(at), ..
        } => format!("{file}:{}:{}: ", at.line, at.column),
        _ => format!("{file}: "),
    }
}

fn history_message(file: &Path, what: &HistoryTrouble) -> String {
    let file = file.display();
    match what {
        HistoryTrouble::Elsewhere { at, given } => {
            let (at, given) = (at.display(), given.display());
            format!(
                "the history of {file} is kept in {at} and can't also be kept in {given}: leave out the state folder, or move the history there first"
            )
        }
        HistoryTrouble::Gone { at, beside } => {
            let (at, beside) = (at.display(), beside.display());
            format!(
                "the history of {file} should be in {at}, but is not there: make that folder available, or name the state folder that it was moved to; to begin a new history, remove {beside}"
            )
        }
        HistoryTrouble::NotOurs { at, beside } => {
            let (at, beside) = (at.display(), beside.display());
            format!(
                "{beside} points to {at} for the history of {file}, but that folder is not recorded as this file's, or belongs to another owner: name the right state folder; to begin a new history, remove {beside}"
            )
        }
        HistoryTrouble::NotBeside { at } => {
            let at = at.display();
            format!(
                "the history of {file} is kept in {at}; only a history kept beside the file can be shared"
            )
        }
        HistoryTrouble::Shared { beside } => {
            let beside = beside.display();
            format!(
                "{beside} is shared with a group, so the history of {file} can't be kept in another folder: leave out the state folder, or end the sharing first"
            )
        }
        HistoryTrouble::Unclear { beside } => {
            let beside = beside.display();
            format!(
                "`elsewhere` in {beside} should name the folder of the history of {file}, but can't be used: name the state folder; to begin a new history, remove {beside}"
            )
        }
    }
}

fn read_back_message(
    path: &persist_format::KeyPath,
    wanted: Option<&String>,
    found: Option<&String>,
) -> String {
    let word = |value: Option<&String>| value.map_or_else(|| "absent".to_owned(), Clone::clone);
    let hint = match wanted.is_none_or(|wanted| wanted == "null") {
        true => "; a missing key gets its default: change the default",
        false => "; make the type write it the way it reads it",
    };
    let hint = format!("{hint}, or exempt this key with `Builder::unchecked`");
    if found == wanted {
        // Both redacted.
        return format!("`{path}` would be read back as another value{hint}");
    }
    format!(
        "`{path}` would be read back as {}, not as {}{hint}",
        word(found),
        word(wanted)
    )
}

/// Whether the history holds content that the group could not read, as far as is known.
fn private_save(seq: Option<u64>) -> String {
    seq.map_or_else(
        || "may hold content that the file's group could not read, since its journal is damaged or missing".to_owned(),
        |seq| format!("holds content that the file's group could not read (record #{seq} of the journal)"),
    )
}

fn newer_message(file: &Path, folder: &Path, found: Option<u64>, known: u64) -> String {
    let (file, folder) = (file.display(), folder.display());
    match found {
        Some(found) => format!(
            "{folder}, the state folder of {file}, was written by a newer version of persist (format {found}; this version supports up to {known}); use the newer version"
        ),
        None => format!(
            "{folder}, the state folder of {file}, can't be used: `format` in it is not a number; either that file is damaged (remove it), or a newer version wrote it (use that version)"
        ),
    }
}

fn one_of(versions: &[semver::Version]) -> String {
    match versions {
        [] => String::new(),
        _ => format!(" ({})", listed(versions, "or")),
    }
}

fn known_are(versions: &[semver::Version]) -> String {
    match versions {
        [] => "; no versions are known".to_owned(),
        _ => format!("; known versions: {}", listed(versions, "and")),
    }
}

/// A few versions by name, many by their ends.
fn listed(versions: &[semver::Version], last_joined_by: &str) -> String {
    match versions {
        [first, .., last] if versions.len() > 5 => {
            format!("{} versions from {first} to {last}", versions.len())
        }
        [some @ .., last] if !some.is_empty() => {
            let some: Vec<String> = some.iter().map(ToString::to_string).collect();
            format!("{} {last_joined_by} {last}", some.join(", "))
        }
        few => few.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn violation_line(file: &Path, violation: &Violation) -> String {
    let place = violation
        .location
        .map_or_else(String::new, |at| format!("{}:{}:", at.line, at.column));
    let path = match violation.path.is_root() {
        true => String::new(),
        false => format!(" at {}", violation.path),
    };
    let help = violation.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    format!(
        "{}:{place} {}{path}{help}",
        file.display(),
        violation.message
    )
}

fn conflict_message(conflicts: &[Conflict], documents: &[usize]) -> String {
    if let [first, more @ ..] = documents {
        let others: String = more.iter().map(|n| format!(" and {n}")).collect();
        let (noun, verb) = match more {
            [] => ("document", "was"),
            _ => ("documents", "were"),
        };
        return format!(
            "it was changed meanwhile, and {noun} {first}{others} {verb} changed here as well, but only the chosen document can be merged; \
             load it again and change one document at a time"
        );
    }
    if conflicts.is_empty() {
        return "it was changed meanwhile, and its documents have changed, so the chosen one can no longer be identified; \
                load it again and repeat the change"
            .to_owned();
    }
    let keys: Vec<String> = conflicts.iter().map(conflict_line).collect();
    let keys = keys.join("; ");
    format!(
        "it was changed meanwhile, and both sides changed the same keys: {keys}; load it again and repeat the change"
    )
}

fn conflict_line(conflict: &Conflict) -> String {
    let shown = |value: &Option<Value>| match value {
        Some(value) => brief(value),
        None => "absent".into(),
    };
    let (file, here) = (shown(&conflict.ours), shown(&conflict.theirs));
    let path = match conflict.path.is_root() {
        true => "the whole document".to_owned(),
        false => conflict.path.to_string(),
    };
    format!("{path} (in the file {file}, to be saved {here})")
}

/// An [`Error::Io`].
pub(crate) fn io_error(op: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        op,
        path: path.into(),
        source,
    }
}
