//! What ends a command early.

use std::path::Path;

use persist_core::format::merge::Conflict;
use persist_core::format::schema::Violation;
use persist_core::format::{self, ErrorKind, Location, Remedy};
use persist_core::{
    Damage, Error, HistoryTrouble, KeyPath, SaveFailure, VersionTrouble, backup, lock,
};

use crate::exit::Exit;
use crate::out::{adopt, counted};
use crate::people;
use crate::quote::quoted;

/// What a command comes to.
pub(crate) type Outcome = Result<Exit, Failure>;

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// The message with the text it is about drawn, where there is one.
    pub(crate) drawn: Option<String>,
    /// The messages of what caused it, outermost first.
    pub(crate) causes: Vec<String>,
    /// What to do about it, in terms of this command.
    pub(crate) hint: Option<String>,
    /// The same for programs.
    pub(crate) facts: Box<Facts>,
}

/// What a failure is about, as values.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What the file and the command both changed.
    pub(crate) conflicts: Vec<Conflict>,
    /// What is wrong with the file.
    pub(crate) damage: Option<Damage>,
    /// What is wrong in the file's text, or in what was to be saved.
    pub(crate) problems: Vec<Problem>,
}

/// One thing that is wrong in a text.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) path: Option<KeyPath>,
    pub(crate) place: Option<Location>,
}

impl Facts {
    fn of(error: &Error) -> Facts {
        let mut facts = Facts::default();
        match error {
            Error::Conflict { conflicts, .. } => facts.conflicts.clone_from(conflicts),
            Error::Damaged { damage, .. } => facts.damage = Some(damage.clone()),
            Error::NoGoodCopy { damage, .. } => facts.damage.clone_from(damage),
            Error::Invalid(source) => facts.problems.push(Problem {
                message: source.message().to_owned(),
                path: source.key_path().cloned(),
                place: source.location(),
            }),
            Error::Schema { violations, .. } => {
                let problem = |violation: &Violation| Problem {
                    message: violation.message.clone(),
                    path: Some(violation.path.clone()),
                    place: violation.location,
                };
                facts.problems = violations.iter().map(problem).collect();
            }
            _ => {}
        }
        facts
    }
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
            drawn: None,
            causes: Vec::new(),
            hint: None,
            facts: Box::default(),
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn because(mut self, cause: impl Into<String>) -> Failure {
        self.causes.push(cause.into());
        self
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let error = with_help(error, |source| {
            let choices = source.choices()?;
            Some(format!("`--doc` chooses one: {choices}"))
        });
        let error = with_help(error, |source| match source.kind() {
            ErrorKind::Limit => Some(
                "input over this limit is not read; programs that trust the file can raise it through persist's library",
            ),
            ErrorKind::UnknownFormat => Some(
                "the formats are json, jsonc, toml and yaml: name the right one with --format, or by the file's extension",
            ),
            _ => None,
        });
        let message = match &error {
            // What helps is the hint.
            Error::Invalid(source) => source.as_ref().clone().without_help().to_string(),
            other => other.to_string(),
        };
        Failure {
            exit: Exit::of(&error),
            causes: error.causes(),
            message,
            drawn: drawn(&error),
            hint: hint(&error),
            facts: Box::new(Facts::of(&error)),
        }
    }
}

/// What the command's options are for what a library leaves to its caller.
fn with_help<H: Into<String>>(error: Error, help: impl Fn(&format::Error) -> Option<H>) -> Error {
    match error {
        Error::Invalid(source) => match help(&source) {
            Some(help) => Error::Invalid(Box::new(source.with_help(help))),
            None => Error::Invalid(source),
        },
        other => other,
    }
}

/// A refused edit, with the options by which it can be made all the same.
pub(crate) fn of_edit(error: Error) -> Failure {
    with_help(error, |source| match source.remedy()? {
        Remedy::OnAlias => Some(
            "edit the file by hand, or choose how aliases are treated: `--aliases follow` (change all) or `--aliases expand` (only this place)",
        ),
        Remedy::OnLoss => Some(
            "edit the file by hand, or rewrite that part with --rewrite (its comments are lost)",
        ),
        _ => None,
    })
    .into()
}

/// The line of the file that the error is about. In colours only where nothing that is quoted brings its own.
fn drawn(error: &Error) -> Option<String> {
    let Error::Invalid(source) = error else {
        return None;
    };
    source.location()?;
    let plain = source.render("");
    Some(match plain.contains('\u{1b}') {
        true => plain,
        false => adopt(&source.render_coloured("")),
    })
}

fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Invalid(source) => source.help().map(str::to_owned),
        Error::Damaged {
            file,
            damage: Damage::Missing,
        } => {
            let file = quoted(file);
            Some(format!(
                "`persist recover {file}` brings it back\n`persist adopt {file}` accepts that it is gone"
            ))
        }
        Error::NoGoodCopy { .. } => Some(choices(error)),
        Error::Damaged { file, .. } => Some(format!("persist recover {}", quoted(file))),
        Error::JournalGap { file, .. } => Some(format!("persist verify {}", quoted(file))),
        Error::ChangedOutside { file } => Some(format!("persist adopt {}", quoted(file))),
        Error::Version {
            what: VersionTrouble::NoManifest,
            ..
        } => Some("name it with --versions FILE".into()),
        Error::Version {
            file,
            what: VersionTrouble::Missing { .. },
        } => Some(format!(
            "`persist migrate to --from VERSION {}` treats it as that version",
            quoted(file)
        )),
        Error::Version {
            file,
            what: VersionTrouble::Relabelled { meant, .. },
        } => Some(format!("persist migrate to {} {meant}", quoted(file))),
        Error::Version {
            file,
            what: VersionTrouble::NoSetting { .. },
        } => Some(format!("persist migrate to {} VERSION", quoted(file))),
        Error::History { what, .. } => history_hint(what),
        Error::PrivateHistory { file, .. } => Some(format!(
            "persist share --with-past {} shares it anyway",
            quoted(file)
        )),
        Error::Lock { file, source } => match source {
            lock::Error::NotShared {
                owner, group: None, ..
            } => Some(share_hint(file, *owner)),
            lock::Error::ForeignState { owner, .. } => foreign_hint(file, *owner),
            other => another_way(other).map(str::to_owned),
        },
        Error::NotSaved {
            file,
            source: SaveFailure::File(source),
        } => {
            // Somebody else's file was to be replaced.
            let owner_lost = matches!(
                source,
                lock::Error::NotKept {
                    what: lock::Kept::Owner,
                    ..
                }
            );
            let owner = owner_lost.then(|| owner_who_could_share(file)).flatten();
            match owner {
                Some(owner) => Some(share_hint(file, owner)),
                None => another_way(source).map(str::to_owned),
            }
        }
        // There is nothing to list.
        Error::Backup {
            source: backup::Error::NotFound { have: None, .. },
            ..
        } => None,
        Error::Backup { file, .. } => {
            let list = format!("persist backups {}", quoted(file));
            Some(format!("`{list}` lists them"))
        }
        _ => None,
    }
}

/// What can be done about a file of which no good copy is left, one line each.
fn choices(error: &Error) -> String {
    let Error::NoGoodCopy {
        file,
        damage,
        others: backups,
        readable,
        adoptable,
        ..
    } = error
    else {
        return String::new();
    };
    let name = quoted(file);
    let values = counted(*readable, "value");
    let salvage = format!(
        "`persist recover --salvage {name}` rebuilds the file from the {values} that can still be read, and keeps the damaged bytes"
    );
    let others = format!(
        "`persist backups {name}` lists {} of other content, for `persist restore`",
        counted(*backups, "good backup")
    );
    let adopt = match damage {
        Some(Damage::Missing) => format!("`persist adopt {name}` accepts that it is gone"),
        _ => format!("`persist adopt {name}` accepts it as it is"),
    };
    let by_hand = "write the file again by hand, or copy it from elsewhere".to_owned();
    let offered = [
        (*readable > 0, salvage),
        (*backups > 0, others),
        (*adoptable, adopt),
    ];
    let mut offered: Vec<String> = offered
        .into_iter()
        .filter_map(|(is, line)| is.then_some(line))
        .collect();
    if offered.is_empty() {
        offered.push(by_hand);
    }
    offered.join("\n")
}

fn history_hint(what: &HistoryTrouble) -> Option<String> {
    match what {
        // Moved into a folder that is there it would become a folder in that.
        HistoryTrouble::Elsewhere { given, .. } if given.exists() => Some(
            "leave out --state-dir, or move the history to a path that does not exist yet, and name that"
                .into(),
        ),
        HistoryTrouble::Elsewhere { at, given } => {
            let (at, given) = (quoted(at), quoted(given));
            Some(format!(
                "leave out --state-dir, or first `mv {at} {given}`"
            ))
        }
        HistoryTrouble::Gone { beside, .. }
        | HistoryTrouble::NotOurs { beside, .. }
        | HistoryTrouble::Unclear { beside, .. } => Some(format!(
            "--state-dir DIR names its folder; after `rm -r {}` the next save begins a new history",
            quoted(beside)
        )),
        _ => None,
    }
}

/// How a file can be changed all the same that is not replaced.
fn another_way(error: &persist_core::lock::Error) -> Option<&'static str> {
    use persist_core::lock::Error::{Busy, HardLinked, NotKept, Sticky};
    match error {
        Busy { .. } | NotKept { .. } | Sticky { .. } => Some(
            "--in-place writes into the file itself, which a power cut can leave half-written until the next save",
        ),
        HardLinked { .. } => Some(
            "--split-links saves under this name only, and the other names keep the old content, as copies made with `cp -al` should; --in-place writes into the file that all the names share",
        ),
        _ => None,
    }
}

/// Who has to do what, so that the members of the file's group can save it.
fn share_hint(file: &Path, owner: u32) -> String {
    let owner = people::user(owner);
    let share = format!("persist share {}", quoted(file));
    format!("`{share}`, run by {owner} or root, lets the members of the file's group save it")
}

/// A state folder of a member of the group, most likely, whose file another one has replaced.
fn foreign_hint(file: &Path, owner: u32) -> Option<String> {
    owner_who_could_share(file).map(|_| share_hint(file, owner))
}

/// Who could share the history of a file that its group may read and write: its owner, or the file's where there is none yet.
#[cfg(unix)]
fn owner_who_could_share(file: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(file).ok()?;
    let is_open = found.mode() & 0o060 == 0o060 && found.gid() != 0;
    let state = std::fs::symlink_metadata(lock::state_dir_for(file));
    is_open.then(|| state.map_or(found.uid(), |state| state.uid()))
}

#[cfg(not(unix))]
fn owner_who_could_share(_file: &Path) -> Option<u32> {
    None
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::new(Exit::Failed, format!("could not write the output: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::new(
            Exit::Failed,
            format!("could not encode the output: {error}"),
        )
    }
}
