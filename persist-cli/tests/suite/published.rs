//! What `--json` prints is what `json-output.schema.json` says: every output in this suite is held against a closed copy of it, which
//! refuses entries that are not described.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use crate::support::Sandbox;

const SCHEMA: &str = include_str!("../../json-output.schema.json");

/// For each command what it may print.
static COMMANDS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let mut schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let definitions = schema["$defs"].as_object_mut().expect("definitions");
    definitions.values_mut().for_each(close);
    let names = schema["$defs"].as_object().expect("definitions").keys();
    let commands = names.filter_map(|name| name.strip_prefix("persist "));
    let validator = |command: &str| {
        let name = format!("persist {command}").replace(' ', "%20");
        let one = json!({ "$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"] });
        (
            command.to_owned(),
            jsonschema::validator_for(&one).expect("a schema"),
        )
    };
    commands.map(validator).collect()
});

/// Lets a schema refuse entries that it does not describe. One of several shapes is closed shape by shape, unless they share entries.
fn close(schema: &mut Value) {
    let Some(entries) = schema.as_object_mut() else {
        return;
    };
    for below in ["items", "additionalProperties"] {
        entries.get_mut(below).into_iter().for_each(close);
    }
    if let Some(prefix) = entries.get_mut("prefixItems") {
        prefix.as_array_mut().into_iter().flatten().for_each(close);
    }
    if let Some(properties) = entries.get_mut("properties") {
        let properties = properties.as_object_mut().expect("a map of schemas");
        properties.values_mut().for_each(close);
        entries.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
        for shapes in ["anyOf", "oneOf"] {
            let shapes = entries.get_mut(shapes).and_then(Value::as_array_mut);
            shapes.into_iter().flatten().for_each(close_below);
        }
        return;
    }
    for shapes in ["anyOf", "oneOf"] {
        let shapes = entries.get_mut(shapes).and_then(Value::as_array_mut);
        shapes.into_iter().flatten().for_each(close);
    }
}

/// The same for the entries of a shape that shares others.
fn close_below(shape: &mut Value) {
    let properties = shape.get_mut("properties").and_then(Value::as_object_mut);
    properties
        .into_iter()
        .flat_map(serde_json::Map::values_mut)
        .for_each(close);
}

/// The command that arguments are for.
fn command(args: &[&str]) -> Option<String> {
    let mut pairs = args.windows(2);
    let two = pairs.find_map(|pair| COMMANDS.get_key_value(&pair.join(" ")));
    let one = || args.iter().find_map(|arg| COMMANDS.get_key_value(*arg));
    two.or_else(one).map(|(name, _)| name.clone())
}

/// What is wrong with each of the shapes that an output may have.
fn faults(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().flat_map(faults).collect()
        }
        _ => vec![format!("{}: {error}", error.instance_path())],
    }
}

/// Panics where a command has printed what it should not.
pub(crate) fn check(args: &[&str], stdout: &str) {
    let told: Value =
        serde_json::from_str(stdout).unwrap_or_else(|e| panic!("persist {args:?}: {e}\n{stdout}"));
    // Without a command there is nothing but a failure, which every command may print.
    let command = command(args).unwrap_or_else(|| "status".to_owned());
    if let Err(error) = COMMANDS[&command].validate(&told) {
        let faults = faults(&error).join("\n");
        panic!("persist {args:?} does not print what is published:\n{faults}\n{told:#}");
    }
    let written = told.to_string();
    for rust in ["Some(", "Ok(", "Err(", "None)", "::", "{:?}"] {
        assert!(
            !written.contains(rust),
            "persist {args:?}: {rust} in {told:#}"
        );
    }
}

const SETTINGS: &str = "schema_version = \"1.0.0\"\nfontSize = 12 # points\n";
const VERSIONS: &str = r#"{"app": "app", "versions": [{"version": "1.0.0"}, {"version": "1.1.0"}],
    "edges": [{"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/fontSize", "to": "size"}}]}]}"#;

/// In a folder with a file and its versions; each is held against the schema by the sandbox.
#[test]
fn every_command_prints_what_is_published() {
    let sandbox = Sandbox::with("app.toml", SETTINGS);
    sandbox.write("config_versions.json", VERSIONS);
    sandbox.write("other.toml", "size = 12\n");
    let mut seen = Vec::new();
    let mut run = |code: i32, line: &str| {
        let args: Vec<&str> = line.split(' ').collect();
        seen.extend(command(&args));
        sandbox.json(code, &args)
    };
    run(0, "set app.toml fontSize=13 --dry-run");
    run(0, "set app.toml fontSize=13");
    run(0, "get app.toml");
    run(0, "status app.toml");
    run(0, "migrate plan app.toml");
    run(0, "migrate to app.toml");
    run(0, "migrate down app.toml");
    run(0, "migrate up app.toml");
    run(3, "migrate to --all *.toml"); // other.toml says no version
    run(0, "migrate check --with app.toml");
    run(0, "migrate graph");
    run(0, "migrate lenses");
    run(0, "migrate lenses --schema");
    run(0, "migrate new app.toml other.toml");
    run(0, "undo app.toml");
    run(0, "redo app.toml");
    run(0, "restore app.toml 2");
    run(0, "diff app.toml");
    run(0, "log app.toml");
    run(0, "backups app.toml");
    run(0, "keep app.toml --last 3");
    run(0, "convert app.toml --to json");
    run(0, "verify app.toml --head");
    run(1, "unset app.toml size");
    run(0, "unset app.toml fontSize");
    run(0, "purge app.toml --number 2");
    run(0, "purge app.toml --number 2 --yes");
    run(0, "log app.toml");
    sandbox.write("app.toml", "fontSize = 1\nschema_version = \"1.0.0\"\n");
    run(0, "adopt app.toml");
    std::fs::remove_file(sandbox.path("app.toml")).unwrap();
    run(5, "status app.toml");
    run(5, "get app.toml");
    run(0, "recover app.toml");
    #[cfg(unix)]
    run(0, "share app.toml --off");
    let mut missed: Vec<&String> = COMMANDS.keys().collect();
    missed.retain(|command| !seen.contains(command));
    // A demonstration takes its time, and `demo` looks at one.
    missed.retain(|command| *command != "demo" && (cfg!(unix) || *command != "share"));
    assert!(missed.is_empty(), "{missed:?}");
}

/// What is told where a schema could not be asked.
#[test]
fn what_a_file_without_a_version_comes_to_is_published() {
    let sandbox = Sandbox::with("other.toml", "size = 12\n");
    sandbox.write(
        "config_versions.json",
        r#"{"app": "app", "versions": [{"version": "1.0.0", "schema": {"type": "object"}}], "edges": []}"#,
    );
    let told = sandbox.json(0, &["set", "other.toml", "x=1"]);
    assert_eq!(told["notices"][0]["notice"], "unchecked", "{told:#}");
    let told = sandbox.json(0, &["set", "other.toml", "x=inf"]);
    assert_eq!(told["changes"][0]["new_text"], "inf", "which is all of it");
    let told = sandbox.json(0, &["verify", "other.toml"]);
    assert!(told["verification"]["unchecked"].is_string(), "{told:#}");
}

#[test]
fn what_is_not_published_is_found() {
    let check = |args: &[&str], told: Value, good: bool| {
        let printed = told.to_string();
        let found = std::panic::catch_unwind(|| check(args, &printed));
        assert_eq!(found.is_ok(), good, "{args:?} {told}");
    };
    let failure = |word: &str| json!({ "error": word, "exit": 4, "message": "m", "causes": [], "hint": null });
    check(&["set", "f", "--json"], failure("invalid"), true);
    check(&["set", "f", "--json"], failure("Invalid"), false);
    check(&["--json"], failure("usage"), true);
    check(
        &["diff", "f"],
        json!({ "changes": [{ "path": "/a", "new": 1 }] }),
        true,
    );
    check(
        &["diff", "f"],
        json!({ "changes": [{ "path": "/a", "now": 1 }] }),
        false,
    );
    check(&["diff", "f"], json!({ "changes": [], "more": 1 }), false);
    check(&["diff", "f"], json!({}), false);
    let changes = |notice: Value| json!({ "text": "", "changes": [], "notices": [notice] });
    let broken = |more: Value| {
        let mut notice = json!({ "notice": "journal-broken", "segment": 1 });
        notice
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        changes(notice)
    };
    check(&["set", "-"], broken(json!({})), true);
    check(&["set", "-"], broken(json!({ "more": 1 })), false);
    check(
        &["set", "-"],
        changes(json!({ "notice": "unknown" })),
        false,
    );
    let purged = |more: Value| {
        let mut line = json!({ "how": "purged", "seq": 2, "time": "t", "copies": ["c"],
            "actor": { "name": "n", "pid": 1 } });
        line.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        json!([line])
    };
    let foreign = json!({ "foreign": [{ "name": "quarantine/foreign-1-2", "len": 3 }] });
    check(&["log", "f"], purged(foreign), true);
    check(&["log", "f"], purged(json!({ "more": 1 })), false);
    let many = |more: Value| {
        let mut one = json!({ "file": "f", "error": "invalid", "exit": 4, "message": "m", "causes": [], "hint": null });
        one.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        json!({ "migrated": 0, "unchanged": 0, "failed": 1, "files": [one], "left_out": [] })
    };
    check(&["migrate", "to"], many(json!({})), true);
    check(&["migrate", "to"], many(json!({ "more": 1 })), false);
    let tried = |more: Value| {
        let mut sample = json!({ "file": "f", "passed": false, "message": "m", "causes": [] });
        sample
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        json!({ "manifest": "m", "passed": false, "edges": 0, "untried": 0, "documents": 0,
            "findings": [], "samples": [sample] })
    };
    check(&["migrate", "check"], tried(json!({})), true);
    check(&["migrate", "check"], tried(json!({ "more": 1 })), false);
    check(
        &["migrate", "graph"],
        json!({ "as": "text", "picture": "Some(1)" }),
        false,
    );
}

/// What is published itself refuses no entry, for later versions have more.
#[test]
fn what_is_published_is_open() {
    let closing = ["additionalProperties", "unevaluatedProperties"];
    for line in SCHEMA.lines() {
        let closes = closing.iter().any(|word| line.contains(word)) && line.contains("false");
        assert!(!closes, "{line}");
    }
}
