//! The JSON Schema of `--json`, and what the library serialises in it.
//!
//! Nothing here is ever filled in: each type is the shape of a library's type of the same name. That they are alike is seen by the
//! suite, which holds every output of every command against the schema; what is not described is refused there.

#![allow(dead_code, reason = "shapes are described, not filled in")]

use std::collections::BTreeSet;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::File;

/// SHA-256 in lower-case hexadecimal digits.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Digest(#[schemars(regex(pattern = "^[0-9a-f]{64}$"))] String);

/// Any JSON object.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Object(Map<String, Value>);

/// A word for the exit code.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ExitWord {
    /// 0: it is done, but could not be told.
    Done,
    /// 1: the answer is no.
    No,
    /// 2: the arguments make no sense.
    Usage,
    /// 3: some of several files failed.
    Partial,
    /// 4: the file's text, values or schema are wrong; it was not touched.
    Invalid,
    /// 5: the file or its journal is damaged.
    Damaged,
    /// 6: locked by somebody else for too long.
    Locked,
    /// 7: somebody else changed the file meanwhile.
    Conflict,
    /// 8: not saved or not readable.
    Failed,
    /// 9: saved, but the disk did not confirm it.
    NotDurable,
    /// 10: an unknown schema version, or no way to the one asked for.
    Version,
}

#[derive(JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Format {
    Json,
    Jsonc,
    Toml,
    Yaml,
}

/// What happened to one key; sensitive values are redacted.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// The key, as a JSON Pointer (RFC 6901); words at the end of a list that is not whole.
    path: String,
    /// The value before; absent for an added key.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Value>,
    /// The value after; absent for a removed key.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Value>,
    /// How the JSON of a long value before begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    old_begins: Option<String>,
    /// How the JSON of a long value after begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    new_begins: Option<String>,
    /// The tag of a value of YAML before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    old_tag: Option<String>,
    /// The tag of a value of YAML after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    new_tag: Option<String>,
    /// For an item of a list that only has another place: where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    from: Option<String>,
    /// Of a stream of several documents: which, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    doc: Option<usize>,
}

/// Something worth knowing that is no failure. What is kept is named relative to the state folder.
#[derive(JsonSchema)]
#[serde(
    tag = "notice",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub(super) enum Notice {
    Finished {
        seq: u64,
    },
    RolledBack {
        seq: u64,
    },
    Adopted {
        changes: Vec<Note>,
    },
    Deleted {
        kept: Option<String>,
    },
    Merged,
    Overtaken {
        kept: String,
    },
    Recreated,
    WrittenLate {
        kept: String,
    },
    WrittenOver {
        kept: String,
    },
    Quarantined {
        what: String,
        kept: String,
    },
    JournalBroken {
        segment: u64,
    },
    Gone {
        backups: Vec<String>,
    },
    GapAccepted,
    Lost {
        keys: Vec<String>,
    },
    NoCopy,
    SetAside {
        kept: String,
    },
    Elsewhere {
        folder: String,
    },
    NotShared,
    Dropped {
        keys: Vec<String>,
    },
    Format {
        warning: String,
    },
    UnknownKeysLost {
        keys: Vec<String>,
    },
    Exposed {
        keys: Vec<String>,
        mode: u32,
    },
    KindChanged {
        key: String,
        from: String,
        to: String,
    },
    Value {
        key: String,
        note: String,
    },
    Afterwards {
        problem: String,
    },
}

/// What kind of change it is.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Create,
    Save,
    Undo,
    Redo,
    Restore,
    Migrate,
    Recover,
    Other,
}

/// The account of a change.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    #[serde(flatten)]
    file: File,
    outcome: Outcome,
    kind: Kind,
    /// The journal's record of it.
    seq: Option<u64>,
    changes: Vec<Note>,
    /// The schema version that the document has now.
    version: Option<String>,
    /// Where the content before is kept, relative to the state folder.
    backup: Option<String>,
    /// Where the content came from, if it is an earlier one.
    from: Option<String>,
    /// Of a recovery: what the content was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Rung")]
    rung: Option<Rung>,
    digest: Digest,
    notices: Vec<Notice>,
    timings: Timings,
}

/// How a change ended.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Saved,
    Unchanged,
    Adopted,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Rung {
    Copy,
    Salvage,
    Defaults,
}

/// How long the parts took.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Timings {
    lock: Duration,
    read: Duration,
    encode: Duration,
    stage: Duration,
    commit: Duration,
    after: Duration,
    whole: Duration,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Duration {
    secs: u64,
    nanos: u32,
}

/// What a change would do.
#[derive(JsonSchema)]
pub(super) struct Preview {
    #[serde(flatten)]
    file: File,
    kind: Kind,
    changes: Vec<Note>,
    /// Whether there are no values to compare: one of the contents is no document.
    is_text_alone: bool,
    /// Of the content that it was worked out on; null where there is no file.
    base: Option<Digest>,
    digest: Digest,
    version: Option<String>,
    from: Option<String>,
    notices: Vec<Notice>,
}

/// `status`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Info {
    #[serde(flatten)]
    file: File,
    /// The file itself, where the path is a symbolic link.
    target: Option<String>,
    /// Its own bytes in Base64, where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    target_bytes: Option<String>,
    /// Where the history is kept.
    state_dir: Option<String>,
    /// Its own bytes in Base64, where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    state_dir_bytes: Option<String>,
    /// The number of the group that the history is shared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    shared_with: Option<u32>,
    /// The number of the user whose alone the state folder is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    closed_by: Option<u32>,
    /// Why the history can't be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    history_problem: Option<String>,
    format: Option<Format>,
    /// Length in bytes.
    len: Option<u64>,
    digest: Option<Digest>,
    condition: Condition,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Damage")]
    damage: Option<Damage>,
    /// What is wrong with the text.
    problem: Option<String>,
    /// How many places break the schema.
    violations: usize,
    version: Option<String>,
    /// What is wrong with the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    version_problem: Option<String>,
    /// The newest version that the manifest knows.
    latest: Option<String>,
    /// How many changes there were.
    changes: u64,
    /// Records of the journal after this number are lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    lost_after: Option<u64>,
    /// Then: backups that no record tells of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost_backups: Vec<String>,
    last: Option<Change>,
    backups: BackupInfo,
}

/// How the file relates to its history.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Condition {
    /// There is no file, and there never was one.
    Absent,
    /// There is a file, and no history of it.
    Unmanaged,
    /// The content is what was saved last.
    Clean,
    /// Something else changed the file since the last save.
    ChangedOutside,
    /// The content was saved here, but the journal's record of it is damaged or missing.
    Unrecorded,
    /// The state folder was written by a newer persist.
    NewerState,
    /// The history can't be looked into.
    Unverified,
    /// The file is damaged, or was deleted; `damage` says which.
    Damaged,
}

/// What is wrong with a file that is damaged.
#[derive(JsonSchema)]
#[serde(tag = "damage", rename_all = "kebab-case")]
enum Damage {
    /// It was deleted.
    Missing,
    /// It has no bytes.
    Empty,
    /// There are NUL bytes.
    Nuls {
        /// Of the first one.
        offset: usize,
    },
    /// It is no text.
    NotUtf8 {
        /// Of the first bad byte.
        offset: usize,
    },
    /// It is the beginning of content that is known.
    Truncated {
        /// Bytes left.
        len: usize,
        /// Bytes there were.
        of: usize,
    },
    /// Length and time are those of the last save, the content is not.
    SilentChange,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct BackupInfo {
    count: usize,
    /// On disk.
    bytes: u64,
    newest: Option<String>,
    since: Option<String>,
}

/// A change in a file's history.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The journal's record of it.
    seq: u64,
    time: String,
    actor: Actor,
    how: How,
    /// Of the content before; null where there was no file.
    old: Option<Digest>,
    /// Of the content after; null where the file was deleted.
    new: Option<Digest>,
    /// Where the content before is kept, relative to the state folder.
    backup: Option<String>,
    version: Option<String>,
    reason: Option<String>,
    /// Where the content came from, if it is an earlier one.
    from: Option<String>,
    changes: Vec<Note>,
    /// A later undo took it back.
    undone: bool,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Actor {
    name: String,
    /// The process.
    pid: u32,
}

/// How a change came about.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum How {
    Saved(Kind),
    /// By something else, and adopted.
    Outside,
    /// Deleted by something else, which was accepted.
    Deleted,
    /// Saved here, while the journal has lost the record of it.
    Unrecorded,
}

/// Copies that were removed because somebody said so.
#[derive(JsonSchema)]
pub(super) struct Purged {
    seq: u64,
    time: String,
    actor: Actor,
    copies: Vec<String>,
}

/// A place of the journal where records are lost.
#[derive(JsonSchema)]
pub(super) struct Lost {
    /// Records after this number are lost.
    after: u64,
    /// The record that notes it.
    noted: Option<u64>,
    /// Backups that no record tells of.
    backups: Vec<String>,
}

/// What is kept, in restic's words.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    last: u32,
    hourly: u32,
    daily: u32,
    weekly: u32,
    monthly: u32,
    yearly: u32,
    versions: bool,
    undo: u32,
    bad: u32,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pinned: BTreeSet<u64>,
    /// In ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    max_age: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    max_bytes: Option<u64>,
}

/// Who said so.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Said {
    File,
    Application,
    Manifest,
    Default,
}

/// Why a copy stays.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Spared {
    LastGood,
    Pinned,
    Needed,
}

/// `share`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sharing {
    #[serde(flatten)]
    file: File,
    /// The number of the group whose members may save the file; null if it is its owner's alone.
    group: Option<u32>,
    /// Whether that is news.
    changed: bool,
    /// Whether its members may replace the file.
    folder_open: bool,
    /// The number of the file's owner, where the history is another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    parted_from: Option<u32>,
}

/// A migration worked out, and not yet made.
#[derive(JsonSchema)]
pub(super) struct Migration {
    plan: Plan,
    report: Report,
    changes: Vec<Note>,
    /// Of the content that it was worked out on.
    base: Digest,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Plan {
    from: String,
    to: String,
    steps: Vec<PlanStep>,
    cost: u64,
    /// Whether another route is as good.
    ambiguous: bool,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct PlanStep {
    from: String,
    to: String,
    direction: Direction,
    description: String,
    lossy: bool,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Up,
    Down,
}

/// What a migration does. Places are JSON Pointers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    from: String,
    to: String,
    steps: Vec<StepReport>,
    /// What an earlier migration had set aside and comes back.
    restored: Vec<String>,
    /// What had been set aside and has been changed meanwhile.
    superseded: Vec<String>,
    /// What is set aside, by the version that can hold it.
    kept: Vec<(String, String)>,
    /// Whether what is dropped is set aside.
    reversible: bool,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct StepReport {
    from: String,
    to: String,
    direction: Direction,
    description: String,
    changed: Vec<Touched>,
    dropped: Vec<String>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Touched {
    Added(String),
    Removed(String),
    Moved { from: String, to: String },
    Replaced(String),
}

/// A file taken to another version and back in memory.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoundTrip {
    from: String,
    to: String,
    violations: Vec<String>,
    differs: Vec<Note>,
    same_bytes: bool,
}

/// What became of a head that was noted earlier.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HeadIs {
    Contained,
    RolledBack,
    Diverged,
    LetGo,
}

/// What a check of file, journal and backups found.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verification {
    live: Condition,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Damage")]
    damage: Option<Damage>,
    /// The text's error.
    text: Option<String>,
    /// Violations of the schema, in words.
    schema: Vec<String>,
    /// In the journal.
    records: usize,
    lost_after: Option<u64>,
    faults: Vec<Fault>,
    /// Bytes at the journal's end that are no record.
    torn: usize,
    journal_lost: bool,
    interrupted: Option<Interrupted>,
    set_aside: Option<String>,
    mirror: Option<String>,
    mirror_behind: Option<String>,
    backup_gone: Option<String>,
    gone: Vec<String>,
    /// How many were checked.
    backups: usize,
    damaged_backups: Vec<String>,
    obstacles: Vec<Obstacle>,
}

/// A place in the journal that does not prove itself.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fault {
    segment: u64,
    /// Of the line, in bytes.
    offset: u64,
    flaw: Flaw,
    /// Whether a later record tells of it.
    known: bool,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Flaw {
    Damaged,
    Forged,
    Missing,
    Repeated,
    OutOfOrder,
    Checkpoint,
    DamagedCheckpoint,
    End,
    Lost,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Interrupted {
    seq: u64,
    took_effect: bool,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Obstacle {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    path_bytes: Option<String>,
    is: String,
    folder_wanted: bool,
}

/// What each command answers where it does not fail. `persist-cli/tests/suite/support.rs` reads these names, too.
fn answers(of: &mut SchemaGenerator) -> Vec<(&'static str, Vec<Value>)> {
    use super::{
        Backup, Checked, Converted, Demo, Diff, Example, Got, Kept, Line, Many, Picture, Piped,
        Planned, Proposal, Purge, Verified, WouldDo,
    };
    fn one<T: JsonSchema>(of: &mut SchemaGenerator) -> Value {
        of.subschema_for::<T>().to_value()
    }
    let receipt = one::<Receipt>(of);
    let change = vec![receipt.clone(), one::<WouldDo<'_>>(of)];
    let edit = [change.clone(), vec![one::<Piped<'_>>(of)]].concat();
    let lenses = vec![
        json!({ "type": "array", "items": one::<Example<'_>>(of) }),
        one::<Object>(of), // the schema of manifests
    ];
    let convert = [vec![one::<Converted<'_>>(of)], change.clone()].concat();
    let log = json!({ "type": "array", "items": one::<Line<'_>>(of) });
    let backups = json!({ "type": "array", "items": one::<Backup>(of) });
    vec![
        ("get", vec![one::<Got>(of)]),
        ("set", edit.clone()),
        ("unset", edit),
        ("status", vec![one::<Info>(of)]),
        ("log", vec![log]),
        ("diff", vec![one::<Diff>(of)]),
        ("undo", change.clone()),
        ("redo", change.clone()),
        ("restore", change),
        ("backups", vec![backups]),
        ("keep", vec![one::<Kept<'_>>(of)]),
        ("purge", vec![one::<Purge>(of)]),
        ("convert", convert),
        ("migrate plan", vec![one::<Planned<'_>>(of)]),
        ("migrate to", vec![receipt.clone(), one::<Many<'_>>(of)]),
        ("migrate up", vec![receipt.clone()]),
        ("migrate down", vec![receipt.clone()]),
        ("migrate check", vec![one::<Checked<'_>>(of)]),
        ("migrate graph", vec![one::<Picture<'_>>(of)]),
        ("migrate lenses", lenses),
        ("migrate new", vec![one::<Proposal<'_>>(of)]),
        ("verify", vec![one::<Verified<'_>>(of)]),
        ("recover", vec![receipt.clone()]),
        ("adopt", vec![receipt]),
        ("share", vec![one::<Sharing>(of)]),
        ("demo", vec![one::<Demo<'_>>(of)]),
    ]
}

fn schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.contract = schemars::generate::Contract::Serialize;
    let mut generator = settings.into_generator();
    let failure = generator.subschema_for::<super::Failed<'_>>().to_value();
    let answers = answers(&mut generator);
    let mut definitions = generator.take_definitions(true);
    let mut any = Vec::new();
    for (command, mut shapes) in answers {
        shapes.push(failure.clone());
        any.push(json!({ "$ref": format!("#/$defs/persist {command}").replace(' ', "%20") }));
        let title = format!("persist {command} --json");
        definitions.insert(
            format!("persist {command}"),
            json!({ "title": title, "anyOf": shapes }),
        );
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "persist --json",
        "description": "What persist prints with --json. `#/$defs/persist set` is what `persist set` prints, and so on. Programs take no offence at entries and words that they don't know: later versions have more.",
        "anyOf": any,
        "$defs": definitions,
    })
}

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/json-output.schema.json");

/// With `PERSIST_WRITE_SCHEMA=1` it is written.
#[test]
fn the_published_schema_is_that_of_the_types() {
    let text = format!("{:#}\n", schema());
    if std::env::var_os("PERSIST_WRITE_SCHEMA").is_some() {
        std::fs::write(PUBLISHED, &text).expect("writable");
    }
    let published = std::fs::read_to_string(PUBLISHED).expect("published");
    assert!(
        published.replace("\r\n", "\n") == text,
        "json-output.schema.json is stale: run this test with PERSIST_WRITE_SCHEMA=1"
    );
}

/// Every command that there is has an answer in it.
#[test]
fn every_command_has_its_answers() {
    let mut there = BTreeSet::new();
    for command in crate::args::command().get_subcommands() {
        let name = command.get_name();
        let below: Vec<_> = command.get_subcommands().collect();
        if below.is_empty() {
            there.insert(name.to_owned());
        }
        there.extend(
            below
                .iter()
                .map(|below| format!("{name} {}", below.get_name())),
        );
    }
    there.retain(|name| name.split(' ').all(|word| word != "help"));
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let told: BTreeSet<String> = answers(&mut generator)
        .into_iter()
        .map(|(command, _)| command.to_owned())
        .collect();
    assert_eq!(told, there);
}

/// What an exit code is called is what the schema says.
#[test]
fn every_word_for_an_exit_code_is_in_it() {
    let schema = schema();
    let words = schema["$defs"]["ExitWord"].to_string();
    use crate::exit::Exit::{
        Conflict, Damaged, Done, Failed, Invalid, Locked, No, NotDurable, Partial, Usage, Version,
    };
    let all = [
        Done, No, Usage, Partial, Invalid, Damaged, Locked, Conflict, Failed, NotDurable, Version,
    ];
    for word in all.map(crate::exit::Exit::word) {
        assert!(words.contains(&format!("\"{word}\"")), "{word}");
    }
}
