//! What can go wrong, by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

use persist_format::schema::Violation;

use crate::damage::Damage;
use crate::failure::{MigrationFailure, SaveFailure};
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
    #[error("{} was not saved, for the new content does not pass its check", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// What the check said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// What a change by the application returned: it did not want to go on. Nothing was changed.
    #[error("{} was not changed", file.display())]
    Cancelled {
        /// The file.
        file: PathBuf,
        /// What the change returned.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// It was opened for reading only. Nothing was changed.
    #[error("{} was opened for reading only, and is not changed", file.display())]
    OpenedReadOnly {
        /// The file.
        file: PathBuf,
    },

    /// A change within another one of the same file, by the same thread, which would wait for itself. Nothing was changed by it.
    #[error("{} is just being changed by this very thread: a change can't be made within another", file.display())]
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
    /// ([`Rung`](crate::Rung)). It is as it was.
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
        /// [`Rung::Salvage`](crate::Rung::Salvage).
        readable: usize,
        /// Whether the file is a valid document as it is (or gone), so that `adopt` takes it.
        adoptable: bool,
    },

    /// What was to be put back is no valid document. Nothing was changed. [`ConfigFile::go_even_unparsable`] and
    /// [`ConfigFile::restore_even_unparsable`] put it back all the same.
    ///
    /// [`ConfigFile::go_even_unparsable`]: crate::ConfigFile::go_even_unparsable
    /// [`ConfigFile::restore_even_unparsable`]: crate::ConfigFile::restore_even_unparsable
    #[error("{} was not changed, for {what} is no valid document", file.display())]
    Unparsable {
        /// The file.
        file: PathBuf,
        /// Which content: "the content before save #4", or "backup #4 0123456789ab".
        what: String,
        /// What is wrong with its text.
        source: Box<persist_format::Error>,
    },

    /// Something stands in the way in the state folder. Nothing was changed.
    #[error("nothing was changed in {}: {obstacle}", file.display())]
    Obstacle {
        /// The file.
        file: PathBuf,
        /// What, and where.
        obstacle: Obstacle,
    },

    /// Strict mode: the file was changed without persist.
    #[error("{} was changed by something else since the last save; `adopt` takes the change as it is", file.display())]
    ChangedOutside {
        /// The file.
        file: PathBuf,
    },

    /// Two writers changed the same keys differently. Nothing was changed.
    #[error("{} was not saved: {}", file.display(), conflict_message(conflicts, documents))]
    Conflict {
        /// The file.
        file: PathBuf,
        /// The keys, with the values of the base, the file and the caller; secrets redacted. None where it is about the
        /// documents of a file that has several.
        conflicts: Vec<String>,
        /// The numbers of documents, other than the chosen one, that the caller changed as well: only that one is merged. None, and no keys, where
        /// the change may belong to another document than the one that has the number now.
        documents: Vec<usize>,
    },

    /// The lock could not be acquired, or was lost, before anything was changed.
    #[error("{} can't be opened or locked as a config file; nothing was changed", file.display())]
    Lock {
        /// The file.
        file: PathBuf,
        /// Which of it, and who holds it.
        source: persist_lock::Error,
    },

    /// The state folder that was asked for belongs to another file. Nothing was changed.
    #[error("{} needs a state folder of its own: {} is that of {}", file.display(), folder.display(), other.display())]
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
        "the history of {} was not shared, for it holds content that the file's group could not read{}",
        file.display(), private_save(*seq)
    )]
    PrivateHistory {
        /// The file.
        file: PathBuf,
        /// The number of the save that left such content; `None` where that can't be told.
        seq: Option<u64>,
    },

    /// The file is a part of what persist keeps about another file. Nothing was changed.
    #[error("{} is what persist keeps about another file; nothing in {} is to be changed", file.display(), folder.display())]
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
    #[error("{}: what the last migration set aside is damaged or gone; `undo` of that migration brings back the content before it", file.display())]
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
    #[error("{} was not migrated, for it has changed since the plan was made; plan again", file.display())]
    PlanOutdated {
        /// The file.
        file: PathBuf,
    },

    /// The manifest (`config_versions.json`) can't be used.
    #[error("{} is not usable as a manifest of versions", file.display())]
    Manifest {
        /// The manifest.
        file: PathBuf,
        /// Why.
        source: persist_migrate::ManifestError,
    },

    /// A manifest lies beside the file, and could be anybody's. Nothing was changed.
    #[error("{} is not trusted as the file's manifest of versions: {why}", file.display())]
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
    #[error("{} was not saved, the old content is in place", file.display())]
    NotSaved {
        /// The file.
        file: PathBuf,
        /// Why.
        source: SaveFailure,
    },

    /// The new content **is** in place, but the disk did not confirm it: a power cut could bring
    /// back the old content.
    #[error("{} was changed, but the disk did not confirm it; save again once the disk is well", receipt.file.display())]
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
        "no schema version at `{key}`; add it there, whichever the file is of{}, or assume one",
        one_of(known)
    )]
    Missing {
        /// Where it was looked for.
        key: String,
        /// The versions that are known.
        known: Vec<semver::Version>,
    },
    /// The version is not a semantic version.
    #[error("`{text}` at `{key}` is no semantic version such as 1.2.0")]
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
        "schema version {found} is newer than {known}, the newest known here; it can be opened read-only"
    )]
    Newer {
        /// The file's version.
        found: semver::Version,
        /// The newest version the manifest or graph knows.
        known: semver::Version,
    },
    /// The file is of an older schema version than the settings, which are not mixed into it.
    #[error(
        "schema version {found} is older than {known}, which the settings are of; it can be read, and changed once a migration has brought it there"
    )]
    Older {
        /// The file's version.
        found: semver::Version,
        /// The version of the settings.
        known: semver::Version,
    },
    /// The schema version was to be changed as if it were a setting. [`ConfigFile::migrate_to`](crate::ConfigFile::migrate_to) changes it.
    #[error("`{key}` is the schema version, which only a migration changes")]
    NoSetting {
        /// Where it stands.
        key: String,
    },
    /// The schema version was to become another without the migration that makes the file one of that version.
    #[error("the file is of schema version {is}, and only a migration makes it one of {meant}")]
    Relabelled {
        /// The file's version.
        is: semver::Version,
        /// The version that it was to be labelled with.
        meant: semver::Version,
    },
    /// The version is not newer than the newest known one, and still not known: it lies between two of them, or before the first.
    /// No migration leads from it, and no schema says what such a file holds.
    #[error(
        "schema version {found} at `{key}` is not known here{}; correct it if the file is of one of these, else use a manifest that lists it",
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
        "the version key `{key}` names no key; the version stands in one place, such as `schema_version` or `meta.version`"
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

    fn with_causes(&self, because: &str) -> String {
        use std::error::Error as _;
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            let told = inner.to_string();
            // Some messages tell what caused them.
            if !text.contains(&told) {
                text.push_str(because);
                text.push_str(&told);
            }
            cause = inner.source();
        }
        text
    }
}

fn damaged_message(file: &Path, damage: &Damage) -> String {
    let file = file.display();
    match damage {
        Damage::Missing => format!(
            "{file} was deleted; `recover` brings back what was saved last, `adopt` accepts that it is gone"
        ),
        _ => format!(
            "{file} is damaged: {damage}; `recover` brings back the last good state, and keeps these bytes"
        ),
    }
}

fn no_copy_message(file: &Path, damage: Option<&Damage>, missing: &[String]) -> String {
    let file = file.display();
    let what = damage.map_or_else(
        || "it is not what was saved last".to_owned(),
        ToString::to_string,
    );
    let missing = missing.join(", ");
    format!(
        "{file} was not recovered and is as it was: {what}, and no good copy is left ({missing})"
    )
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
        "{}: records of the journal are damaged or missing (the last that is left is #{after}), so {what} is not known; `verify` shows where, \
         `restore` brings back a backup, and `adopt` goes on with the file as it is, without what is lost",
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
                "the history of {file} is kept in {at} and can't be kept in {given}, too: name no state folder, or move that one there first"
            )
        }
        HistoryTrouble::Gone { at, beside } => {
            let (at, beside) = (at.display(), beside.display());
            format!(
                "the history of {file} is kept in {at}, and there is none: make that folder available, or name the state folder that it was moved to; to begin a new history, remove {beside}"
            )
        }
        HistoryTrouble::NotOurs { at, beside } => {
            let (at, beside) = (at.display(), beside.display());
            format!(
                "{beside} says that the history of {file} is kept in {at}, which does not say so, or is not for the file's owner to name: name the right state folder; to begin a new history, remove {beside}"
            )
        }
        HistoryTrouble::NotBeside { at } => {
            let at = at.display();
            format!(
                "the history of {file} is kept in {at}; only one that is kept beside the file can be shared"
            )
        }
        HistoryTrouble::Shared { beside } => {
            let beside = beside.display();
            format!(
                "{beside} is shared with a group, so the history of {file} can't be kept in another folder: name no state folder, or end the sharing first"
            )
        }
        HistoryTrouble::Unclear { beside } => {
            let beside = beside.display();
            format!(
                "{beside} should say where the history of {file} is kept, but `elsewhere` in it can't be used: name the state folder; to begin a new history, remove {beside}"
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
        true => "; what is not in the file gets its default: change the default",
        false => "; write it as it is read",
    };
    let hint = format!("{hint}, or let this key through (`Builder::unchecked`)");
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

fn private_save(seq: Option<u64>) -> String {
    seq.map_or_else(
        || ", as far as can be told".to_owned(),
        |seq| format!(" (record #{seq} of the journal)"),
    )
}

fn newer_message(file: &Path, folder: &Path, found: Option<u64>, known: u64) -> String {
    let (file, folder) = (file.display(), folder.display());
    match found {
        Some(found) => format!(
            "{folder}, where the history of {file} is kept, was written by a newer version: it is of format {found}, and this version knows formats up to {known}; use the newer one"
        ),
        None => format!(
            "{folder}, where the history of {file} is kept, can't be used: `format` in it is no number; it is damaged (remove it), or was written by a newer version (use that)"
        ),
    }
}

fn one_of(versions: &[semver::Version]) -> String {
    match versions {
        [] => String::new(),
        _ => format!(": {}", listed(versions, "or")),
    }
}

fn known_are(versions: &[semver::Version]) -> String {
    match versions {
        [] => ", nor is any other".to_owned(),
        [one] => format!("; known is {one}"),
        _ => format!("; known are {}", listed(versions, "and")),
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

fn conflict_message(conflicts: &[String], documents: &[usize]) -> String {
    if let [first, more @ ..] = documents {
        let others: String = more.iter().map(|n| format!(" and {n}")).collect();
        let (noun, verb) = match more {
            [] => ("document", "was"),
            _ => ("documents", "were"),
        };
        return format!(
            "it was changed meanwhile, and {noun} {first}{others} {verb} changed here as well, while only the one that is chosen can be merged; \
             load it again and change one document at a time"
        );
    }
    if conflicts.is_empty() {
        return "it was changed meanwhile, and has other documents now, so that the number does not tell which one is meant; \
                load it again and repeat the change"
            .to_owned();
    }
    let keys = conflicts.join("; ");
    format!(
        "it was changed meanwhile, and both changed the same keys: {keys}; load it again and repeat the change"
    )
}

/// An [`Error::Io`].
pub(crate) fn io_error(op: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        op,
        path: path.into(),
        source,
    }
}
