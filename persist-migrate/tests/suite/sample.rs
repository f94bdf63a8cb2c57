//! The sample history, up and down.

use std::sync::LazyLock;

use persist_migrate::{Complement, FileVersion, Manifest, MigrationGraph};
use serde_json::{Value, json};

use crate::v;

pub(crate) const MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../config_versions.json"
));

pub(crate) fn graph() -> &'static MigrationGraph<Value> {
    static GRAPH: LazyLock<MigrationGraph<Value>> = LazyLock::new(read_graph);
    &GRAPH
}

fn read_graph() -> MigrationGraph<Value> {
    Manifest::parse(MANIFEST)
        .expect("the sample manifest is valid")
        .graph()
        .expect("parse has built it")
}

fn oldest() -> Value {
    json!({ "theme": "dark", "language": "en", "window": { "width": 1024 }, "mine": [1, 2] })
}

#[test]
fn the_direct_edge_is_taken_and_printed() {
    let plan = graph().plan(&v("1.0.0"), &v("1.2.0")).unwrap();
    insta::assert_snapshot!(plan, @r"
    1.0.0 to 1.2.0: 1 step
      1. 1.0.0 to 1.2.0: add performance, cache, security and encryption settings
    ");
    let plan = graph().plan(&v("1.2.0"), &v("1.0.0")).unwrap();
    insta::assert_snapshot!(plan, @r#"
    1.2.0 to 1.0.0: 1 step
      1. 1.2.0 to 1.0.0: reverses "add performance, cache, security and encryption settings" (dropped values are saved)
    "#);
}

#[test]
fn down_edits_and_up_again_lose_nothing() {
    let graph = graph();
    let mut complement = Complement::empty();
    let mut settings = oldest();
    let up = graph.plan(&v("1.0.0"), &v("1.2.0")).unwrap();
    graph.run(&up, &mut settings, &mut complement).unwrap();
    settings["security"]["api_key"] = json!("k-1");
    settings["cache"]["max_size_mb"] = json!(7);
    let at_1_2 = settings.clone();

    let down = graph.plan(&v("1.2.0"), &v("1.0.0")).unwrap();
    graph.run(&down, &mut settings, &mut complement).unwrap();
    assert_eq!(settings, oldest());
    settings["theme"] = json!("light");

    // At 1.1.0, reached by another route, what 1.2.0 knew of the cache is there already.
    let part_way = graph.plan(&v("1.0.0"), &v("1.1.0")).unwrap();
    graph
        .run(&part_way, &mut settings, &mut complement)
        .unwrap();
    assert_eq!(settings["cache"]["max_size_mb"], json!(7));
    settings["cache"]["ttl_seconds"] = json!(1);

    let rest = graph.plan(&v("1.1.0"), &v("1.2.0")).unwrap();
    graph.run(&rest, &mut settings, &mut complement).unwrap();
    let mut expected = at_1_2;
    expected["theme"] = json!("light");
    expected["cache"]["ttl_seconds"] = json!(1);
    assert_eq!(settings, expected);
}

#[test]
fn file_versions_are_told_apart() {
    let graph = graph();
    let classify = |text| FileVersion::classify(text, graph);
    assert_eq!(classify(None), FileVersion::Missing);
    assert_eq!(classify(Some("two")), FileVersion::Unparsable("two".into()));
    assert_eq!(classify(Some("1.1.0")), FileVersion::Known(v("1.1.0")));
    assert_eq!(classify(Some("1.3.0")), FileVersion::Newer(v("1.3.0")));
    for between_or_before in ["1.1.5", "0.9.0", "1.1.0-beta", "1.1.0+build"] {
        let unlisted = FileVersion::Unlisted(v(between_or_before));
        assert_eq!(classify(Some(between_or_before)), unlisted);
    }
}

/// Each edge of the sample, up and down, as one who has never edited anything gets it.
#[test]
fn every_edge_up_and_down_as_text() {
    let shown = |from: &str, to: &str, document: &Value| {
        let (graph, mut document) = (graph(), document.clone());
        let plan = graph.plan(&v(from), &v(to)).unwrap();
        graph
            .run(&plan, &mut document, &mut Complement::empty())
            .unwrap();
        document
    };
    let at_1_1 = shown("1.0.0", "1.1.0", &oldest());
    insta::assert_snapshot!(at_1_1, @r#"{"cache":{"enabled":true,"max_size_mb":256,"ttl_seconds":3600},"language":"en","mine":[1,2],"performance":{"monitoring":false,"sample_interval_ms":1000},"theme":"dark","window":{"width":1024}}"#);
    let at_1_2 = shown("1.1.0", "1.2.0", &at_1_1);
    insta::assert_snapshot!(at_1_2, @r#"{"cache":{"enabled":true,"max_size_mb":256,"ttl_seconds":3600},"encryption":{"algorithm":"aes-256-gcm","enabled":false},"language":"en","mine":[1,2],"performance":{"monitoring":false,"sample_interval_ms":1000},"security":{"api_key":"","require_auth":false,"session_timeout_minutes":30},"theme":"dark","window":{"width":1024}}"#);
    assert_eq!(shown("1.0.0", "1.2.0", &oldest()), at_1_2);
    assert_eq!(shown("1.2.0", "1.1.0", &at_1_2), at_1_1);
    assert_eq!(shown("1.1.0", "1.0.0", &at_1_1), oldest());
    assert_eq!(shown("1.2.0", "1.0.0", &at_1_2), oldest());
}
