use persist_migrate::{Check, CheckReport, Edge, Finding, Manifest, MigrationGraph, Version};
use serde_json::{Value, json};

use crate::v;

/// The keys of a document, inner ones included.
fn keys(document: &Value) -> usize {
    match document {
        Value::Object(map) => map.len() + map.values().map(keys).sum::<usize>(),
        Value::Array(items) => items.iter().map(keys).sum(),
        _ => 0,
    }
}

fn judge(manifest: &Manifest) -> impl Fn(&Version, &Value) -> Result<(), String> {
    let validators: Vec<_> = manifest
        .versions
        .iter()
        .filter_map(|entry| {
            Some((
                entry.version.clone(),
                jsonschema::validator_for(entry.schema.as_ref()?).expect("a schema"),
            ))
        })
        .collect();
    move |version, document| {
        let validator = validators.iter().find(|(known, _)| known == version);
        validator.map_or(Ok(()), |(_, validator)| {
            validator
                .validate(document)
                .map_err(|error| error.to_string())
        })
    }
}

fn check(manifest: &Value) -> CheckReport {
    let manifest = Manifest::parse(&manifest.to_string()).expect("a manifest");
    manifest
        .check(&Check::new().judge(judge(&manifest)))
        .expect("a graph")
}

/// Every finding is of at most five keys and named here.
#[track_caller]
fn finds(report: &CheckReport, expected: &str) {
    let shown: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(shown.join("\n"), expected.trim());
    for document in report.findings.iter().filter_map(Finding::document) {
        assert!(keys(document) <= 5, "{document}");
    }
}

fn sample() -> Value {
    serde_json::from_str(crate::sample::MANIFEST).expect("JSON")
}

#[test]
fn the_sample_history_is_all_right() {
    let report = check(&sample());
    assert_eq!(
        report.to_string(),
        "3 edges checked with 192 documents: all right"
    );
    assert_eq!(
        report.refused, 0,
        "each document made from a schema meets it"
    );
}

#[test]
fn a_direct_edge_that_is_not_its_chain_is_found() {
    let mut manifest = sample();
    manifest["edges"][2]["lenses"][1]["add"]["value"]["max_size_mb"] = json!(255);
    manifest["edges"][2]["digest"] = Value::Null;
    manifest["edges"][2]
        .as_object_mut()
        .unwrap()
        .remove("digest");
    finds(
        &check(&manifest),
        "error: the direct edge gives a different result than the chain 1.0.0, 1.1.0, 1.2.0
  given {\"schema_version\":\"1.0.0\"}
  at /cache/max_size_mb: direct edge 255, chain 256",
    );
}

/// What is only in tables hardly turns up by chance.
#[test]
fn faults_that_only_values_of_tables_show_are_found() {
    let number = json!({ "properties": { "a": { "type": "integer" } } });
    let versions =
        ["1.0.0", "2.0.0", "3.0.0"].map(|version| json!({ "version": version, "schema": number }));
    let map = |from: &str, to: &str, table: Value, down: Option<Value>| {
        let lens = |table| json!([{ "map": { "path": "/a", "table": table } }]);
        let mut edge = json!({ "from": from, "to": to, "lenses": lens(table) });
        if let Some(down) = down {
            edge["down"] = lens(down);
        }
        edge
    };
    let not_its_chain = json!({ "app": "a", "versions": versions, "edges": [
        map("1.0.0", "2.0.0", json!([[100_001, 100_002]]), None),
        map("2.0.0", "3.0.0", json!([[100_002, 100_003]]), None),
        map("1.0.0", "3.0.0", json!([[100_001, 100_002]]), None),
    ] });
    let found = check(&not_its_chain).findings;
    assert!(
        found.iter().any(|f| f
            .to_string()
            .contains("the direct edge gives a different result than the chain")),
        "{found:?}"
    );
    let wrong_down = json!({ "app": "a", "versions": &versions[..2], "edges": [
        map("1.0.0", "2.0.0", json!([[100_001, 100_010], [737_373, 5]]), Some(json!([[100_010, 100_001], [5, 6]]))),
    ] });
    let found = check(&wrong_down).findings;
    assert!(
        found
            .iter()
            .any(|f| f.is_error() && f.to_string().contains("737373")),
        "{found:?}"
    );
}

#[test]
fn a_wrong_inverse_is_found() {
    let manifest = json!({
        "app": "a",
        "versions": [
            { "version": "1.0.0", "schema": { "properties": { "a": { "type": "integer" }, "b": { "type": "string" }, "c": {}, "d": {}, "e": {}, "f": {} } } },
            { "version": "1.1.0" },
        ],
        "edges": [{
            "from": "1.0.0", "to": "1.1.0",
            "lenses": [{ "rename": { "path": "/a", "to": "x" } }],
            "down": [{ "rename": { "path": "/x", "to": "b" } }],
        }],
    });
    finds(
        &check(&manifest),
        "error: 1.0.0 to 1.1.0 and back gives a different document\n  given {\"a\":0}\n  at /a: before 0, back again nothing\n  at /b: before nothing, back again 0",
    );
}

#[test]
fn a_wrong_inverse_in_code_is_found() {
    let add = |by: i64| {
        move |document: &mut Value| {
            if let Some(n) = document["n"].as_i64() {
                document["n"] = json!(n + by);
            }
            Ok(())
        }
    };
    let schema =
        json!({ "properties": { "n": { "type": "integer" }, "m": { "type": "integer" } } });
    for lossy in [false, true] {
        let mut graph = MigrationGraph::new();
        let edge = Edge::new(v("1.0.0"), v("1.1.0")).up(add(1)).down(add(-2));
        graph
            .add_edge(if lossy {
                edge.lossy_up().lossy_down()
            } else {
                edge
            })
            .unwrap();
        let report = graph.check(&Check::new().schema(v("1.0.0"), &schema));
        finds(
            &report,
            "error: 1.0.0 to 1.1.0 and back gives a different document\n  given {\"n\":0}\n  at /n: before 0, back again -1",
        );
    }
}

#[test]
fn an_edited_released_edge_is_found() {
    let mut manifest = sample();
    manifest["edges"][0]["lenses"][1]["add"]["value"]["ttl_seconds"] = json!(60);
    manifest["edges"][2]["lenses"][1]["add"]["value"]["ttl_seconds"] = json!(60);
    finds(
        &check(&manifest),
        "error: 1.0.0 to 1.1.0 was released and has changed since; undo the change and make a new version\n  released sha256:aa014a57c8f848db964f22d50b2e5c75e174df7b0d9ee134c668d053cb9c9b90\n  now      sha256:a8f4eda0702daad08bb62bec999cdb019cbedb369a48cbf28d3a22d0f1a55846\nerror: 1.0.0 to 1.2.0 was released and has changed since; undo the change and make a new version\n  released sha256:6c183af7090d7ef9301bd66cfa964dcc4dc261dd45b2d7fd7e041f31ee70763e\n  now      sha256:bd25713b69da2acb5d9be8db653196d6ca4b5d5323e9c477461a08e55ef35fad",
    );
}

#[test]
fn an_invalid_result_is_found() {
    let mut manifest = sample();
    for edge in [0, 2] {
        manifest["edges"][edge]["lenses"][1]["add"]["value"]["max_size_mb"] = json!(0);
        manifest["edges"][edge]
            .as_object_mut()
            .unwrap()
            .remove("digest");
    }
    finds(
        &check(&manifest),
        "error: 1.0.0 to 1.1.0 gives a document that is not valid at 1.1.0: 0 is less than the minimum of 1\n  given {\"schema_version\":\"1.0.0\"}\nerror: 1.0.0 to 1.2.0 gives a document that is not valid at 1.2.0: 0 is less than the minimum of 1\n  given {\"schema_version\":\"1.0.0\"}",
    );
}

#[test]
fn a_step_that_fails_is_found() {
    let manifest = json!({
        "app": "a",
        "versions": [
            { "version": "1.0.0", "schema": { "properties": { "port": { "type": "string" }, "host": { "type": "string" } } } },
            { "version": "1.1.0" },
        ],
        "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [{ "convert": { "path": "/port", "from": "string", "to": "integer" } }] }],
    });
    finds(
        &check(&manifest),
        "error: 1.0.0 to 1.1.0 fails: lens 1, `convert`: at `/port`: a string can't be converted to an integer; give the lens an `otherwise` or correct the file\n  given {\"port\":\"\"}",
    );
}

#[test]
fn what_is_known_to_be_lossy_is_no_fault() {
    let schema = json!({ "properties": {
        "old": { "type": "integer" }, "theme": { "enum": ["dark", "black", "light"] }, "listen": { "type": "string" },
        "name": { "type": "string" }, "servers": { "type": "array", "items": { "properties": { "addr": { "type": "string" }, "w": { "type": "integer" } } } },
    } });
    let manifest = json!({
        "app": "a",
        "versions": [{ "version": "1.0.0", "schema": schema }, { "version": "1.1.0" }],
        "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [
            { "rename": { "path": "/old", "to": "older" } },
            { "remove": { "path": "/older" } },
            { "map": { "path": "/theme", "table": [["dark", "dark"], ["black", "dark"]] } },
            { "split": { "path": "/listen", "separator": ":", "into": ["/listen/host", "/listen/port"] } },
            { "default": { "path": "/name", "value": "x" } },
            { "rename": { "path": "/servers", "to": "hosts" } },
            { "remove": { "path": "/hosts/*/w" } },
            { "wrap": { "path": "/hosts/*/addr" } },
        ] }],
    });
    assert_eq!(
        check(&manifest).to_string(),
        "1 edges checked with 64 documents: all right"
    );
}

#[test]
fn stranded_versions_and_one_way_edges_are_named() {
    let mut graph: MigrationGraph<Value> = MigrationGraph::new();
    graph.add_version(v("0.9.0"), Default::default());
    graph.add_edge(Edge::new(v("1.0.0"), v("1.1.0"))).unwrap();
    finds(
        &graph.check(&Check::new()),
        "error: no route leads from 0.9.0 to 1.1.0\nwarning: 1.0.0 to 1.1.0 has no way back\nwarning: not tested: 1.0.0 to 1.1.0; there is no document to test them with, made from a schema or given as a sample",
    );
}

#[test]
fn a_schema_that_no_document_meets_is_named() {
    let manifest = json!({
        "app": "a",
        "versions": [{ "version": "1.0.0", "schema": { "type": "object", "properties": { "a": { "type": "string", "pattern": "^z{7}$" } }, "required": ["a"] } }, { "version": "1.1.0" }],
        "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [] }],
    });
    finds(
        &check(&manifest),
        "warning: no document that its schema allows could be made for 1.0.0; give samples\nwarning: not tested: 1.0.0 to 1.1.0; there is no document to test them with, made from a schema or given as a sample",
    );
}

/// A mistyped path does nothing, and no law is broken by that.
#[test]
fn a_lens_that_never_finds_its_path_is_named() {
    let schema = json!({ "properties": { "a": { "type": "integer" }, "s": { "type": "array", "minItems": 1, "items": { "properties": { "n": { "type": "string" } } } } } });
    let manifest = json!({
        "app": "a",
        "versions": [{ "version": "1.0.0", "schema": schema }, { "version": "1.1.0" }],
        "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [
            { "rename": { "path": "/a", "to": "b" } },
            { "rename": { "path": "/nope", "to": "c" } },
            { "remove": { "path": "/b" } },
            { "rename": { "path": "/s/*/n", "to": "m" } },
            { "rename": { "path": "/s/*/nn", "to": "mm" } },
            { "add": { "path": "/new" } },
        ] }],
    });
    let report = check(&manifest);
    finds(
        &report,
        "warning: 1.0.0 to 1.1.0: lens 2 (rename /nope to c) found nothing to work on in any document of 1.0.0; is its path right?\nwarning: 1.0.0 to 1.1.0: lens 5 (rename /s/*/nn to mm) found nothing to work on in any document of 1.0.0; is its path right?",
    );
    assert!(report.is_ok(), "only warnings");
}
