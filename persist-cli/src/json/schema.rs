//! The JSON Schema of `--json`, and what the library serialises in it.
//!
//! Nothing here is ever filled in: each type is the shape of a library's type of the same name. That they are alike is seen by the
//! suite, which holds every output of every command against the schema, closed: what is not described is refused there. What is one of
//! several words or variants (notices, damage, how a change came about) is described by the library's own types, so that none is missing.

#![allow(dead_code, reason = "shapes are described, not filled in")]

use std::collections::BTreeSet;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{File, Note, Notice};
use persist_core::journal::{Flaw, Kind};
use persist_core::{Condition, Damage, How, Outcome, RecoverySource};

/// SHA-256 in lower-case hexadecimal digits.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Digest(#[schemars(regex(pattern = "^[0-9a-f]{64}$"))] String);

/// Any JSON object.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Object(Map<String, Value>);

#[derive(JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Format {
    Json,
    Jsonc,
    Toml,
    Yaml,
}

/// The account of a change.
#[derive(JsonSchema)]
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
    #[schemars(with = "RecoverySource")]
    recovered_from: Option<RecoverySource>,
    digest: Digest,
    notices: Vec<Notice>,
    timings: Timings,
}

/// How long the parts took.
#[derive(JsonSchema)]
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
    /// Whether there are no values to compare, since one side is not a valid document.
    is_text_alone: bool,
    /// Of the content that it was computed from; null where there is no file.
    base: Option<Digest>,
    digest: Digest,
    version: Option<String>,
    from: Option<String>,
    notices: Vec<Notice>,
}

/// `status`.
#[derive(JsonSchema)]
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
    /// The number of the only user who can open the state folder.
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
    condition: Verdict,
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
    /// The last readable journal record, where records are lost: after it, or before it where the damage is further up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    lost_after: Option<u64>,
    /// Then: backups that no record mentions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost_backups: Vec<String>,
    last: Option<Change>,
    backups: BackupInfo,
}

/// How the file relates to its history.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Verdict {
    Known(Condition),
    /// The file is damaged, or was deleted; `damage` says which.
    Damaged(#[schemars(extend("const" = "damaged"))] String),
}

#[derive(JsonSchema)]
struct BackupInfo {
    count: usize,
    /// On disk.
    bytes: u64,
    newest: Option<String>,
    since: Option<String>,
}

/// A change in a file's history.
#[derive(JsonSchema)]
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
    /// A later undo reverted it.
    undone: bool,
}

#[derive(JsonSchema)]
struct Actor {
    name: String,
    /// The process.
    pid: u32,
}

/// Copies that were removed by a purge.
#[derive(JsonSchema)]
pub(super) struct Purged {
    seq: u64,
    time: String,
    actor: Actor,
    /// Relative to the state folder.
    copies: Vec<String>,
    /// Those of these that something else had put in the place of a save's own file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign: Vec<Foreign>,
}

/// A file of somebody else's.
#[derive(JsonSchema)]
struct Foreign {
    /// Relative to the state folder.
    name: String,
    /// Its length in bytes.
    len: u64,
    /// Of its content, where that may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Digest")]
    sha256: Option<Digest>,
}

/// A place of the journal where records are lost.
#[derive(JsonSchema)]
pub(super) struct Lost {
    /// The last readable record: those after it are lost, or before it where the damage is further up.
    after: u64,
    /// The record that notes it.
    noted: Option<u64>,
    /// Backups that no record mentions.
    backups: Vec<String>,
}

/// What is kept, in restic's terms.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
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

/// `share`.
#[derive(JsonSchema)]
struct Sharing {
    #[serde(flatten)]
    file: File,
    /// The number of the group whose members may save the file; null if only its owner may.
    group: Option<u32>,
    /// Whether this call changed it.
    changed: bool,
    /// Whether its members may replace the file.
    folder_open: bool,
    /// The number of the file's owner, where the history belongs to another user.
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
    /// Of the content that it was computed from.
    base: Digest,
}

#[derive(JsonSchema)]
struct Plan {
    from: String,
    to: String,
    steps: Vec<PlanStep>,
    cost: u64,
    /// Whether another route is equally good.
    ambiguous: bool,
}

#[derive(JsonSchema)]
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
struct Report {
    from: String,
    to: String,
    steps: Vec<StepReport>,
    /// Values that an earlier migration had saved and that are restored.
    restored: Vec<String>,
    /// Values that were saved for migrating back and have changed meanwhile.
    superseded: Vec<String>,
    /// The values saved for migrating back, by the version that can hold them.
    kept: Vec<(String, String)>,
    /// Whether dropped values are saved.
    reversible: bool,
}

#[derive(JsonSchema)]
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
pub(super) struct RoundTrip {
    from: String,
    to: String,
    violations: Vec<String>,
    differs: Vec<Note>,
    same_bytes: bool,
}

/// What a check of file, journal and backups found.
#[derive(JsonSchema)]
pub(super) struct Verification {
    live: Verdict,
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
    /// Why the text was not checked against a schema, although the manifest has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    unchecked: Option<String>,
    faults: Vec<Fault>,
    /// Bytes at the journal's end that are not a record.
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

/// A place in the journal that could not be verified.
#[derive(JsonSchema)]
struct Fault {
    segment: u64,
    /// Of the line, in bytes.
    offset: u64,
    flaw: Flaw,
    /// Whether a later record tells of it.
    known: bool,
}

#[derive(JsonSchema)]
struct Interrupted {
    seq: u64,
    took_effect: bool,
}

#[derive(JsonSchema)]
struct Obstacle {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    path_bytes: Option<String>,
    is: String,
    folder_wanted: bool,
}

/// What each command answers where it does not fail. `persist-cli/tests/suite/published.rs` reads these names, too.
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
    definitions.values_mut().for_each(open);
    definitions.values_mut().for_each(in_plain_words);
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
        "description": "What persist prints with --json. `#/$defs/persist set` is what `persist set` prints, and so on. Later versions may add entries, and values of `enum` and `const`, that are not described here: ignore those that you don't know.",
        "anyOf": any,
        "$defs": definitions,
    })
}

/// Takes away what refuses entries that are not described.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            for closing in ["additionalProperties", "unevaluatedProperties"] {
                if entries.get(closing) == Some(&Value::Bool(false)) {
                    entries.remove(closing);
                }
            }
            entries.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// Takes the links of Rust's documentation out of what describes: their text stays.
fn in_plain_words(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::String(words)) = entries.get_mut("description") {
                *words = without_links(words);
            }
            entries.values_mut().for_each(in_plain_words);
        }
        Value::Array(items) => items.iter_mut().for_each(in_plain_words),
        _ => {}
    }
}

/// ``[`Options::keep`](crate::Options::keep)`` is `Options::keep` in backticks.
fn without_links(words: &str) -> String {
    let mut plain = String::new();
    let mut rest = words;
    while let Some((before, link)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((name, after)) = link.split_once("`]") else {
            plain.push_str("[`");
            rest = link;
            continue;
        };
        plain.extend(["`", name, "`"]);
        let target = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(')'));
        rest = target.map_or(after, |(_, after)| after);
    }
    plain + rest
}

#[test]
fn what_describes_has_no_links_of_rust() {
    let check = |words: &str, plain: &str| assert_eq!(without_links(words), plain);
    check("By [`a`](elsewhere).", "By `a`.");
    check("Then [`a`], [`b`] and (c)", "Then `a`, `b` and (c)");
    check("`a[0]`, [1], and [`open", "`a[0]`, [1], and [`open");
    let all = schema().to_string();
    assert!(!all.contains("[`") && !all.contains("]("));
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
