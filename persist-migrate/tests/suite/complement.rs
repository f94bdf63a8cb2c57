use persist_migrate::{Complement, Edge, Lens, MigrationGraph};
use serde_json::{Value, json};

use crate::v;

fn graph(lenses: Value) -> MigrationGraph<Value> {
    let lenses: Vec<Lens> = serde_json::from_value(lenses).expect("lenses");
    let mut graph = MigrationGraph::new();
    graph
        .add_edge(Edge::lenses(v("1.0.0"), v("2.0.0"), lenses).expect("valid"))
        .expect("one edge");
    graph
}

/// Down, an edit, and up again.
#[track_caller]
fn down_and_up(lenses: Value, start: Value, edit: impl FnOnce(&mut Value), expected: Value) {
    let graph = graph(lenses);
    let (mut document, mut complement) = (start, Complement::empty());
    let down = graph.plan(&v("2.0.0"), &v("1.0.0")).unwrap();
    let up = graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap();
    graph.run(&down, &mut document, &mut complement).unwrap();
    edit(&mut document);
    // As core does: to disk and back.
    let stored = serde_json::to_string(&complement).unwrap();
    complement = serde_json::from_str(&stored).unwrap();
    graph.run(&up, &mut document, &mut complement).unwrap();
    assert_eq!(document, expected);
}

#[test]
fn dropped_fields_come_back_and_edits_stay() {
    let lenses = json!([{"add": {"path": "/tls", "value": {"on": false, "cert": null}}}]);
    let start = json!({"host": "a", "tls": {"on": true, "cert": "x"}});
    down_and_up(
        lenses,
        start,
        |d| d["host"] = json!("b"),
        json!({"host": "b", "tls": {"on": true, "cert": "x"}}),
    );
}

#[test]
fn values_that_fell_together_are_told_apart_again() {
    let lenses = json!([{"map": {"path": "/theme", "table": [["dark", "dark"], ["dark", "midnight"], ["light", "light"]]}}]);
    down_and_up(
        lenses.clone(),
        json!({"theme": "midnight"}),
        |_| {},
        json!({"theme": "midnight"}),
    );
    down_and_up(
        lenses,
        json!({"theme": "midnight"}),
        |d| d["theme"] = json!("light"),
        json!({"theme": "light"}),
    );
}

#[test]
fn elements_are_known_again_after_others_went() {
    let lenses = json!([{"add": {"path": "/servers/*/tls", "value": 0}}]);
    let start = json!({"servers": [{"name": "a", "tls": 1}, {"name": "b", "tls": 2}, {"name": "c", "tls": 3}]});
    let without_first = |d: &mut Value| {
        d["servers"].as_array_mut().unwrap().remove(0);
    };
    down_and_up(
        lenses.clone(),
        start.clone(),
        without_first,
        json!({"servers": [{"name": "b", "tls": 2}, {"name": "c", "tls": 3}]}),
    );
    let reversed = |d: &mut Value| d["servers"].as_array_mut().unwrap().reverse();
    down_and_up(
        lenses.clone(),
        start.clone(),
        reversed,
        json!({"servers": [{"name": "c", "tls": 3}, {"name": "b", "tls": 2}, {"name": "a", "tls": 1}]}),
    );
    let new_first = |d: &mut Value| {
        d["servers"]
            .as_array_mut()
            .unwrap()
            .insert(0, json!({"name": "n"}));
    };
    down_and_up(
        lenses.clone(),
        json!({"servers": [{"name": "a", "tls": 1}]}),
        new_first,
        json!({"servers": [{"name": "n", "tls": 0}, {"name": "a", "tls": 1}]}),
    );
    // An element that has been edited is still known by what it kept.
    let start = json!({"servers": [{"name": "a", "port": 1, "tls": 1}, {"name": "b", "port": 2, "tls": 2}]});
    let edited = |d: &mut Value| {
        d["servers"][1]["port"] = json!(9);
        d["servers"].as_array_mut().unwrap().remove(0);
    };
    down_and_up(
        lenses,
        start,
        edited,
        json!({"servers": [{"name": "b", "port": 9, "tls": 2}]}),
    );
}

#[test]
fn a_section_that_was_removed_does_not_come_back() {
    let lenses = json!([{"add": {"path": "/window/dpi"}}]);
    let removed = |d: &mut Value| {
        d.as_object_mut().unwrap().remove("window");
    };
    down_and_up(
        lenses,
        json!({"window": {"width": 1, "dpi": 96}}),
        removed,
        json!({}),
    );
}

#[test]
fn what_stood_in_the_way_comes_back() {
    let graph = graph(json!([{"rename": {"path": "/a", "to": "b"}}]));
    let start = json!({"a": 1, "b": "of a plug-in"});
    let (mut document, mut complement) = (start.clone(), Complement::empty());
    let report = graph
        .run(
            &graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    assert_eq!(document, json!({"b": 1}));
    assert_eq!(report.steps[0].dropped, ["/b".parse().unwrap()]);
    assert_eq!(report.kept, [(v("1.0.0"), "/b".parse().unwrap())]);
    let report = graph
        .run(
            &graph.plan(&v("2.0.0"), &v("1.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    assert_eq!(document, start);
    assert_eq!(report.restored, ["/b".parse().unwrap()]);
}

#[test]
fn debug_output_names_no_values() {
    let graph = graph(json!([{"add": {"path": "/key", "value": ""}}]));
    let (mut document, mut complement) = (json!({"key": "hunter2"}), Complement::empty());
    graph
        .run(
            &graph.plan(&v("2.0.0"), &v("1.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    insta::assert_snapshot!(format!("{complement:?}"), @r#"{"2.0.0": ["/key"]}"#);
}

#[test]
fn a_null_that_was_kept_is_no_absence() {
    let lenses = json!([{"add": {"path": "/a", "value": 1}}]);
    down_and_up(lenses, json!({"a": null}), |_| {}, json!({"a": null}));
}

#[test]
fn scalars_are_known_again_after_others_went() {
    let lenses = json!([{"convert": {"path": "/flags/*", "from": "boolean", "to": "string"}}]);
    let without_first = |d: &mut Value| {
        d["flags"].as_array_mut().unwrap().remove(0);
    };
    down_and_up(
        lenses,
        json!({"flags": ["FALSE", "True"]}),
        without_first,
        json!({"flags": ["True"]}),
    );
}
