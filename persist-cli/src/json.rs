//! What `--json` prints: a type for every answer, and one for every failure.
//!
//! The JSON Schema made of them is published as `json-output.schema.json` (`json/schema.rs` keeps it fresh), and the suite holds every
//! output against it. What the library tells is serialised by the library; `json/schema.rs` describes it.

use std::path::Path;

use jiff::Timestamp;
use persist_core::backup::retention::Policy;
use persist_core::backup::{Digest, Id};
use persist_core::format::{Location, merge};
use persist_core::migrate::Lens;
use persist_core::{
    Damage, Entry, Foreign, Gap, Head, HeadStatus, KeyPath, Migration, Note, Notice, PolicySource,
    Preview, Purged, Receipt, RoundTrip, Spared, Verification, Version, path_text,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure;

#[cfg(test)]
mod schema;

/// A file, or part of an answer about one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct File {
    /// Its path as text.
    file: String,
    /// Its own bytes in Base64, where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    file_bytes: Option<String>,
}

impl From<&Path> for File {
    fn from(path: &Path) -> File {
        let (file, file_bytes) = told(path);
        File { file, file_bytes }
    }
}

/// A path as text, and its bytes where that is not all of it.
fn told(path: &Path) -> (String, Option<String>) {
    let mut entries = path_text::entries("", path).map(|(_, text)| text);
    (entries.next().unwrap_or_default(), entries.next())
}

/// A manifest of versions.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Manifest {
    /// Its path as text.
    manifest: String,
    /// Its own bytes in Base64, where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    manifest_bytes: Option<String>,
}

impl From<&Path> for Manifest {
    fn from(path: &Path) -> Manifest {
        let (manifest, manifest_bytes) = told(path);
        Manifest {
            manifest,
            manifest_bytes,
        }
    }
}

/// Any command that failed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Failed<'a> {
    #[serde(flatten)]
    pub(crate) failure: Failure<'a>,
}

/// Why something failed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Failure<'a> {
    /// What caused it, outermost first.
    pub(crate) causes: &'a [String],
    /// A word for the exit code.
    pub(crate) error: Exit,
    /// The exit code of the process.
    pub(crate) exit: u8,
    /// What to do about it, in terms of this command.
    pub(crate) hint: Option<&'a str>,
    /// What went wrong.
    pub(crate) message: &'a str,
    /// What the file and the command both changed, each in its own way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) conflicts: Vec<Conflict>,
    /// What is wrong with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Damage"))]
    pub(crate) damage: Option<&'a Damage>,
    /// What is wrong in the file's text, or in what was to be saved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Problem>,
}

/// A place in a text, where it is known.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Place {
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "usize"))]
    line: Option<usize>,
    /// The column, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "usize"))]
    column: Option<usize>,
}

impl From<Option<Location>> for Place {
    fn from(location: Option<Location>) -> Place {
        Place {
            line: location.map(|place| place.line),
            column: location.map(|place| place.column),
        }
    }
}

/// A key that the file and the command both changed. A value that is left out is not there; sensitive ones are redacted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Conflict {
    /// The key, as a JSON Pointer (RFC 6901).
    path: String,
    /// What both started from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Value"))]
    base: Option<persist_core::Value>,
    /// What the file has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Value"))]
    file_has: Option<persist_core::Value>,
    /// What was to be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Value"))]
    wanted: Option<persist_core::Value>,
    /// Where that is in the file.
    #[serde(flatten)]
    place: Place,
}

impl From<&merge::Conflict> for Conflict {
    fn from(conflict: &merge::Conflict) -> Conflict {
        Conflict {
            path: conflict.path.pointer(),
            base: conflict.base.clone(),
            file_has: conflict.ours.clone(),
            wanted: conflict.theirs.clone(),
            place: conflict.places.ours.into(),
        }
    }
}

/// One thing that is wrong in a text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Problem {
    /// What.
    message: String,
    /// The key, as a JSON Pointer (RFC 6901), where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    path: Option<String>,
    #[serde(flatten)]
    place: Place,
}

impl From<&failure::Problem> for Problem {
    fn from(problem: &failure::Problem) -> Problem {
        Problem {
            message: problem.message.clone(),
            path: problem.path.as_ref().map(KeyPath::pointer),
            place: problem.place.into(),
        }
    }
}

impl<'a> From<&'a failure::Failure> for Failure<'a> {
    fn from(failure: &'a failure::Failure) -> Failure<'a> {
        Failure {
            error: failure.exit,
            exit: failure.exit as u8,
            message: &failure.message,
            causes: &failure.causes,
            hint: failure.hint.as_deref(),
            conflicts: failure.facts.conflicts.iter().map(Conflict::from).collect(),
            damage: failure.facts.damage.as_ref(),
            problems: failure.facts.problems.iter().map(Problem::from).collect(),
        }
    }
}

/// `get`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Got {
    #[serde(flatten)]
    pub(crate) file: File,
    /// The key, as a JSON Pointer (RFC 6901).
    pub(crate) path: String,
    /// What stands there.
    pub(crate) value: Value,
}

/// A change of what is on standard input.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Piped<'a> {
    /// The changed text.
    pub(crate) text: &'a str,
    pub(crate) changes: &'a [Note],
    pub(crate) notices: &'a [Notice],
}

/// A change with `--dry-run`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct WouldDo<'a> {
    pub(crate) outcome: WouldBe,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "schema::Preview"))]
    pub(crate) preview: &'a Preview,
}

/// How it would end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) enum WouldBe {
    WouldSave,
    Unchanged,
}

/// `diff`.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Diff {
    /// The keys whose values differ.
    pub(crate) changes: Vec<Note>,
    /// Whether the texts differ. Where `changes` is empty, they have the same values, and differ in comments, spelling, order or layout. Absent
    /// where there is nothing to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "bool"))]
    pub(crate) text_differs: Option<bool>,
    /// With `--text`: the lines that differ, as a unified difference without names of files. Sensitive values, and comments that may tell of
    /// them, are masked; absent where that can't be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) text: Option<String>,
    /// With `--text`: what differs and is not to be seen in `text`, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hidden: Vec<String>,
    /// Why there is nothing to compare with, where the content before the last change is not a valid document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) no_document: Option<String>,
}

/// One of `log`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) enum Line<'a> {
    Change(#[cfg_attr(test, schemars(with = "schema::Change"))] &'a Entry),
    Purged {
        #[cfg_attr(test, schemars(extend("const" = "purged")))]
        how: &'static str,
        #[serde(flatten)]
        #[cfg_attr(test, schemars(with = "schema::Purged"))]
        purge: &'a Purged,
    },
    Lost {
        #[cfg_attr(test, schemars(extend("const" = "lost")))]
        how: &'static str,
        #[serde(flatten)]
        #[cfg_attr(test, schemars(with = "schema::Lost"))]
        gap: &'a Gap,
    },
}

/// A backup by what names it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Named {
    /// Its whole name: number, time and digest.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Id,
    pub(crate) number: u64,
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub(crate) taken: Timestamp,
    /// SHA-256 of its content.
    #[cfg_attr(test, schemars(with = "schema::Digest"))]
    pub(crate) digest: Digest,
}

impl From<Id> for Named {
    fn from(id: Id) -> Named {
        Named {
            id,
            number: id.seq(),
            taken: id.taken(),
            digest: id.digest(),
        }
    }
}

/// One of `backups`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Backup {
    #[serde(flatten)]
    pub(crate) named: Named,
    /// Length on disk.
    pub(crate) bytes: u64,
    pub(crate) compressed: bool,
    /// Which change it was made by.
    pub(crate) why: Option<String>,
    /// What is wrong with it.
    pub(crate) problem: Option<String>,
}

/// `keep`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Kept<'a> {
    #[cfg_attr(test, schemars(with = "schema::Policy"))]
    pub(crate) policy: &'a Policy,
    pub(crate) said: PolicySource,
    /// What the next save keeps.
    pub(crate) keep: Vec<Fate>,
    /// What the next save removes.
    pub(crate) drop: Vec<Fate>,
    pub(crate) notices: &'a [Notice],
}

/// What becomes of a backup.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Fate {
    #[serde(flatten)]
    pub(crate) named: Named,
    /// By which rule, in words.
    pub(crate) why: String,
}

/// `purge`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Purge {
    /// Whether something was removed. Without `--yes` nothing is.
    pub(crate) purged: bool,
    /// What would be or was removed, relative to the state folder.
    pub(crate) copies: Vec<String>,
    /// Those of these that something else had put in the place of a save's own file.
    pub(crate) foreign: Vec<ForeignFile>,
    pub(crate) spared: Vec<SparedCopy>,
    /// Whether the file itself holds content that was named. It stays there, and in the mirror; exit code 1.
    pub(crate) live: bool,
}

/// A foreign file in quarantine.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ForeignFile {
    /// Relative to the state folder.
    pub(crate) name: String,
    /// When it was moved there.
    pub(crate) taken: Option<String>,
    /// Its length in bytes.
    pub(crate) len: u64,
    /// Its digest, where that may be told.
    pub(crate) sha256: Option<String>,
}

impl ForeignFile {
    pub(crate) fn of(foreign: &Foreign) -> Self {
        Self {
            name: foreign.name.clone(),
            taken: foreign.taken().map(|taken| taken.to_string()),
            len: foreign.len,
            sha256: foreign.sha256.map(|digest| digest.to_string()),
        }
    }
}

/// A copy that is kept nevertheless.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SparedCopy {
    /// Relative to the state folder.
    pub(crate) name: String,
    pub(crate) why: Spared,
}

/// `convert` without `--out`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Converted<'a> {
    #[cfg_attr(test, schemars(with = "schema::Format"))]
    pub(crate) format: &'a str,
    /// The document in that format.
    pub(crate) text: &'a str,
    /// What was lost in the conversion, in words.
    pub(crate) lost: &'a [String],
}

/// `migrate plan`, which `migrate to --plan` reads.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Planned<'a> {
    #[serde(flatten)]
    pub(crate) file: File,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "schema::Migration"))]
    pub(crate) migration: &'a Migration,
}

/// `migrate to --all`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Many<'a> {
    pub(crate) migrated: usize,
    pub(crate) unchanged: usize,
    pub(crate) failed: usize,
    pub(crate) files: Vec<OneOfMany<'a>>,
    /// Manifests that the patterns match, too.
    pub(crate) left_out: Vec<File>,
}

/// What became of one of the files.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct OneOfMany<'a> {
    #[serde(flatten)]
    pub(crate) file: File,
    #[serde(flatten)]
    pub(crate) end: End<'a>,
}

/// How it ended.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) enum End<'a> {
    Migrated {
        #[cfg_attr(test, schemars(with = "schema::Receipt"))]
        receipt: &'a Receipt,
    },
    Failed {
        #[serde(flatten)]
        failure: Failure<'a>,
    },
}

/// `migrate check`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Checked<'a> {
    #[serde(flatten)]
    pub(crate) manifest: Manifest,
    pub(crate) passed: bool,
    /// How many there are.
    pub(crate) edges: usize,
    /// How many of them could not be tested, since there was no document for them.
    pub(crate) untried: usize,
    /// How many were tested.
    pub(crate) documents: usize,
    pub(crate) findings: Vec<Finding<'a>>,
    /// The files of `--with`.
    pub(crate) samples: Vec<Sample<'a>>,
}

/// What `migrate check` found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Finding<'a> {
    /// Whether it is an error, not a warning.
    pub(crate) error: bool,
    pub(crate) message: String,
    /// The document that shows it.
    pub(crate) document: Option<&'a Value>,
}

/// A file that edges were tested with.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Sample<'a> {
    #[serde(flatten)]
    pub(crate) file: File,
    pub(crate) passed: bool,
    #[serde(flatten)]
    pub(crate) tried: Tried<'a>,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) enum Tried<'a> {
    Done {
        #[cfg_attr(test, schemars(with = "String"))]
        version: &'a Version,
        /// How it breaks the schema of its own version.
        violations: &'a [String],
        #[cfg_attr(test, schemars(with = "Vec<schema::RoundTrip>"))]
        round_trips: &'a [RoundTrip],
    },
    Failed {
        message: &'a str,
        causes: &'a [String],
    },
}

/// `migrate graph`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Picture<'a> {
    /// `text`, `dot`, `mermaid` or `svg`.
    pub(crate) r#as: &'a str,
    pub(crate) picture: &'a str,
}

/// One of `migrate lenses`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Example<'a> {
    pub(crate) purpose: &'a str,
    #[cfg_attr(test, schemars(with = "schema::Object"))]
    pub(crate) lens: &'a Lens,
    pub(crate) before: &'a Value,
    pub(crate) after: &'a Value,
}

/// `migrate new`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Proposal<'a> {
    pub(crate) edge: &'a Draft<'a>,
    /// Versions that the manifest does not list yet.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) unlisted: &'a [Version],
    /// Places that no lens covers.
    pub(crate) unexplained: &'a [String],
}

/// An edge as `config_versions.json` spells it, in the order that people write it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Draft<'a> {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) description: &'a str,
    #[cfg_attr(test, schemars(with = "Vec<schema::Object>"))]
    pub(crate) lenses: &'a [Lens],
}

/// `verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Verified<'a> {
    /// The journal's last record, as `NUMBER:DIGEST`, with `--head`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) head: Option<Head>,
    /// What became of the head that was named.
    pub(crate) kept_head_is: Option<HeadStatus>,
    pub(crate) passed: bool,
    /// What is wrong, in words.
    pub(crate) problems: Vec<String>,
    /// What an interrupted save left and the next operation cleans up, in words.
    pub(crate) notes: Vec<String>,
    #[cfg_attr(test, schemars(with = "schema::Verification"))]
    pub(crate) verification: &'a Verification,
}

/// `demo`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Demo<'a> {
    pub(crate) passed: bool,
    /// How many there were.
    pub(crate) checks: usize,
    /// Those that did not hold.
    pub(crate) failed: &'a [String],
    /// Where the files are, if they were to be kept.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) scenarios: &'a [Scenario],
}

/// A part of `demo`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// What must hold.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Step {
    pub(crate) what: String,
    pub(crate) passed: bool,
}
