//! Manifests and documents that are made to cost much: each command ends, within bounded memory and time, and says why.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Ran, Sandbox};

/// Address space in KiB and seconds of CPU that a command may take in a debug build.
const LIMITS: &str = "ulimit -v 600000; ulimit -t 20; exec \"$0\" \"$@\"";

/// Runs `persist` within the limits. What it says must not be endless either.
fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let output = Command::new("sh")
        .args(["-c", LIMITS, env!("CARGO_BIN_EXE_persist")])
        .args(args)
        .current_dir(sandbox.path(""))
        .env("USER", "tester")
        .stdin(Stdio::null())
        .output();
    let ran = Ran::from(output.unwrap());
    assert!(
        (0..=10).contains(&ran.code),
        "{args:?} ended with {}: {:.300}",
        ran.code,
        ran.stderr
    );
    assert!(ran.stderr.len() < 200_000, "{args:?} says too much");
    ran
}

/// Definitions in a row, of which each names the next one as `link` has it.
fn chain(length: usize, link: impl Fn(Value) -> Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for at in 0..length {
        let next = json!({ "$ref": format!("#/$defs/d{}", at + 1) });
        definitions.insert(format!("d{at}"), link(next));
    }
    definitions.insert(format!("d{length}"), json!({ "type": "integer" }));
    json!({ "$defs": definitions, "$ref": "#/$defs/d0" })
}

fn nested(depth: usize, inner: Value, link: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(inner, |inner, _| link(inner))
}

/// Schemas, and what `verify` or `migrate check` must say of each; empty where it is taken as any other.
fn schemas() -> Vec<(&'static str, Value, &'static str)> {
    let twice = |keyword: &'static str| chain(40, move |next| json!({ keyword: [next, next] }));
    let names: Vec<String> = (0..20_000).map(|at| format!("k{at}")).collect();
    let times = "more than";
    vec![
        ("allOf", twice("allOf"), times),
        ("anyOf", twice("anyOf"), times),
        ("oneOf", twice("oneOf"), times),
        (
            "if",
            chain(40, |next| json!({ "if": next, "then": next, "else": next })),
            times,
        ),
        (
            "not",
            chain(40, |next| json!({ "not": { "allOf": [next, next] } })),
            times,
        ),
        (
            "dependentSchemas",
            chain(
                40,
                |next| json!({ "dependentSchemas": { "a": next, "c": next } }),
            ),
            times,
        ),
        (
            "properties",
            chain(
                40,
                |next| json!({ "type": "object", "required": ["a", "b"], "properties": { "a": next, "b": next } }),
            ),
            "",
        ),
        (
            "items",
            chain(
                40,
                |next| json!({ "minItems": 2, "items": next, "prefixItems": [next, next] }),
            ),
            "",
        ),
        (
            "patternProperties",
            chain(
                40,
                |next| json!({ "patternProperties": { "c": next, "^c": next, ".": next } }),
            ),
            times,
        ),
        (
            "additionalProperties",
            chain(
                40,
                |next| json!({ "additionalProperties": next, "propertyNames": next }),
            ),
            "",
        ),
        (
            "recursive",
            json!({ "$defs": { "n": { "anyOf": [
            { "required": ["x"], "properties": { "c": { "$ref": "#/$defs/n" } } },
            { "required": ["y"], "properties": { "c": { "$ref": "#/$defs/n" } } },
        ] } }, "$ref": "#/$defs/n" }),
            times,
        ),
        (
            "dynamic",
            json!({ "$dynamicAnchor": "n", "allOf": [
            { "properties": { "c": { "$dynamicRef": "#n" } } }, { "properties": { "c": { "$dynamicRef": "#n" } } },
        ] }),
            times,
        ),
        (
            "itself",
            json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#" }] }),
            "part of itself",
        ),
        ("row", chain(2_000, |next| next), "nests more than"),
        (
            "nested alternatives",
            nested(
                12,
                json!({ "type": "integer" }),
                |inner| json!({ "anyOf": [inner, inner] }),
            ),
            "too many alternatives",
        ),
        (
            "remote",
            json!({ "$ref": "http://127.0.0.1:9/schema.json" }),
            "unusable",
        ),
        (
            "file",
            json!({ "$ref": "file:///etc/hostname" }),
            "unusable",
        ),
        (
            "backtracking",
            json!({ "properties": { "a": { "pattern": "^(?=(a+)+$)x" } } }),
            "expected text",
        ),
        (
            "linear",
            json!({ "properties": { "a": { "pattern": "(a+)+$" } } }),
            "expected text",
        ),
        (
            "huge pattern",
            json!({ "properties": { "a": { "pattern": "((a{1000}){1000}){10}" } } }),
            "unusable",
        ),
        (
            "huge numbers",
            json!({ "properties": {
            "a": { "minItems": 1_000_000_000, "type": "array", "items": { "minLength": 1_000_000_000 } }, "c": { "multipleOf": 1e-300 },
        } }),
            "",
        ),
        (
            "many names",
            json!({ "required": names }),
            "more violations not listed",
        ),
        (
            "huge enum",
            json!({ "properties": { "a": { "enum": (0..20_000).collect::<Vec<_>>() } } }),
            "19950 more",
        ),
        (
            "huge default",
            json!({ "properties": { "a": { "default": vec!["x"; 20_000] } } }),
            "",
        ),
        ("resources", resources(), "ways through"),
    ]
}

/// Resources of which each leads to two more: a validator compiles them anew for each way.
fn resources() -> Value {
    let mut all = serde_json::Map::new();
    for at in 0..24 {
        for side in ["a", "b"] {
            let next =
                ["a", "b"].map(|side| json!({ "$ref": format!("http://x/r{}{side}", at + 1) }));
            let schema = match at {
                23 => json!({ "$id": format!("http://x/r{at}{side}") }),
                _ => json!({ "$id": format!("http://x/r{at}{side}"), "allOf": next }),
            };
            all.insert(format!("r{at}{side}"), schema);
        }
    }
    json!({ "$defs": all, "$ref": "http://x/r0a" })
}

#[test]
fn hostile_schemas() {
    let document = nested(60, json!(1), |inner| json!({ "c": inner }));
    let document =
        json!({ "schema_version": "1.0.0", "a": format!("{}!", "a".repeat(40)), "c": document });
    for (name, schema, says) in schemas() {
        let sandbox = Sandbox::with("app.json", document.to_string());
        let versions =
            ["1.0.0", "1.1.0"].map(|version| json!({ "version": version, "schema": schema }));
        let lenses = json!([{ "rename": { "path": "/a", "to": "b" } }]);
        let edges = json!([{ "from": "1.0.0", "to": "1.1.0", "lenses": lenses }]);
        let manifest = json!({ "app": "a", "versions": versions, "edges": edges });
        sandbox.write("config_versions.json", manifest.to_string());
        let mut sample = schema;
        sample["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        sandbox.write("schema.json", sample.to_string());
        let commands: [&[&str]; 8] = [
            &["verify", "app.json"],
            &["get", "app.json", "a"],
            &["status", "app.json"],
            &["set", "app.json", "z", "1"],
            &["migrate", "graph"],
            &["migrate", "check"],
            &["migrate", "new", "schema.json", "schema.json"],
            &["migrate", "to", "app.json"],
        ];
        for (number, args) in commands.into_iter().enumerate() {
            let ran = run(&sandbox, args);
            let said = number > 0 || ran.to_string().contains(says);
            assert!(said, "{name}: verify does not say `{says}`\n{ran:.2000}");
        }
    }
}

#[test]
fn hostile_manifests() {
    let lenses = |lenses: Value| {
        let versions = json!([{ "version": "1.0.0" }, { "version": "1.1.0" }]);
        let edges = json!([{ "from": "1.0.0", "to": "1.1.0", "lenses": lenses }]);
        json!({ "app": "a", "versions": versions, "edges": edges }).to_string()
    };
    let manifests = [
        (
            lenses(json!(vec![
                json!({ "wrap": { "path": "/a", "key": "k" } });
                500
            ])),
            "",
        ),
        (
            lenses(json!(vec![
                json!({ "remove": { "path": format!("/b{}", "/*".repeat(100)) } });
                500
            ])),
            "",
        ),
        (
            lenses(json!([{ "add": { "path": "/n", "value": vec![0; 5_000] } }])),
            "",
        ),
        (
            r#"{"app": "a", "app": "b", "versions": []}"#.to_owned(),
            "duplicate",
        ),
        (format!(r#"{{"app": {}"#, "[".repeat(100_000)), "manifest"),
        (
            format!(r#"{{"app": "{}", "versions": []}}"#, "a".repeat(17 << 20)),
            "16777216 bytes",
        ),
        (
            format!(r#"{{"app": "a", "versions": [{}0]}}"#, "0,".repeat(500_000)),
            "400000 values",
        ),
    ];
    for (manifest, says) in manifests {
        let document = json!({ "schema_version": "1.0.0", "a": 1, "b": [[[1]]] });
        let sandbox = Sandbox::with("app.json", document.to_string());
        sandbox.write("config_versions.json", manifest);
        let commands: [&[&str]; 4] = [
            &["get", "app.json", "a"],
            &["migrate", "check"],
            &["migrate", "plan", "app.json"],
            &["migrate", "graph"],
        ];
        for (number, args) in commands.into_iter().enumerate() {
            let ran = run(&sandbox, args);
            assert!(
                number == 0 || says.is_empty() || ran.stderr.contains(says),
                "{says}: {ran:.2000}"
            );
        }
    }
}

#[test]
fn hostile_documents() {
    let tokens = |name: &str, count: usize| {
        let entries = (0..count).map(|at| {
            format!("\"{name}_{at}\": {{\"token\": \"secret-{at}\", \"x\": \"text-{at}\"}}")
        });
        format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
    };
    let bomb = |item: &str| {
        let lines = (1..12).map(|at| {
            format!(
                "k{at}: &k{at} [{}]",
                vec![format!("*k{}", at - 1); 9].join(", ")
            )
        });
        format!("k0: &k0 {item}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    let keys = |sign: &str, count: usize| {
        (0..count)
            .map(|at| format!("k{at}{sign}1\n"))
            .collect::<String>()
    };
    let documents = [
        ("bomb.yaml", bomb("[x]")),
        ("wide.yaml", bomb(&"x".repeat(1_000))),
        (
            "merge.yaml",
            "a: &a {<<: *a, x: 1}\nb:\n  <<: *a\n".to_owned(),
        ),
        ("deep.json", "[".repeat(50_000)),
        ("deep.yaml", "[".repeat(50_000)),
        ("dashes.yaml", "- ".repeat(50_000)),
        ("question.yaml", "? ".repeat(50_000)),
        ("deep.toml", format!("a = {}", "[".repeat(50_000))),
        ("dotted.toml", format!("a{} = 1", ".a".repeat(50_000))),
        ("headers.toml", format!("[a{}]", ".a".repeat(50_000))),
        ("digits.json", format!("{{\"a\": {}}}", "9".repeat(100_000))),
        ("digits.yaml", format!("a: {}", "9".repeat(100_000))),
        ("digits.toml", format!("a = {}", "9".repeat(100_000))),
        ("exponent.json", "{\"a\": 1e999999999}".to_owned()),
        ("hex.yaml", format!("a: 0x{}", "f".repeat(100_000))),
        ("key.json", format!("{{\"{}\": 1}}", "k".repeat(100_000))),
        ("key.yaml", format!("{}: 1", "k".repeat(100_000))),
        (
            "twins.json",
            format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(10_000)),
        ),
        ("keys.yaml", keys(": ", 5_000)),
        ("keys.toml", keys(" = ", 5_000)),
        ("tokens.json", tokens("a", 1_000)),
        (
            "flat.json",
            format!(
                "{{{}\"a\": 1}}",
                (0..2_000)
                    .map(|at| format!("\"token{at}\": \"v{at}\","))
                    .collect::<String>()
            ),
        ),
        (
            "anchors.yaml",
            (0..3_000).map(|at| format!("a{at}: &a{at} x\n")).collect(),
        ),
        (
            "comments.json",
            format!("{{{} \"a\": 1}}", "/**/".repeat(20_000)),
        ),
        ("nul.toml", "\0".repeat(100_000)),
    ];
    for (name, text) in documents {
        let sandbox = Sandbox::with(name, text);
        let commands: [&[&str]; 6] = [
            &["get", name, "a"],
            &["verify", name],
            &["status", name],
            &["set", name, "zz", "1"],
            &["diff", name],
            &["convert", name, "--to", "json"],
        ];
        for args in commands {
            run(&sandbox, args);
        }
    }
}

/// What no schema of the kind that people write must run into.
#[test]
fn an_honest_large_schema_is_taken() {
    let mut definitions = serde_json::Map::new();
    let text = json!({ "type": "string", "pattern": "^(?!__)[a-z_-]+$" });
    definitions.insert("text".into(), text);
    for at in 0..400 {
        let below = |shift: usize| json!({ "$ref": format!("#/$defs/{}", if at > shift { format!("d{}", (at - shift) / 2) } else { "text".into() }) });
        let branch = json!({ "type": "object", "properties": { "name": below(500), "next": below(1), "all": { "items": below(2) } } });
        definitions.insert(
            format!("d{at}"),
            json!({ "anyOf": [branch, { "type": "null" }, below(3)] }),
        );
    }
    let schema =
        json!({ "$defs": definitions, "properties": { "top": { "$ref": "#/$defs/d399" } } });
    let manifest = json!({ "app": "a", "versions": [{ "version": "1.0.0", "schema": schema }] });
    let top = nested(
        5,
        json!(null),
        |inner| json!({ "name": "a", "next": inner, "all": [{ "name": "b" }, null] }),
    );
    let document = json!({ "schema_version": "1.0.0", "top": top });
    let sandbox = Sandbox::with("app.json", document.to_string());
    sandbox.write("config_versions.json", manifest.to_string());
    let ran = run(&sandbox, &["verify", "app.json"]);
    assert_eq!(ran.code, 0, "{ran}");
}
