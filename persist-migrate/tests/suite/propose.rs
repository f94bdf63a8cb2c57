use persist_migrate::{Proposal, propose, propose_from_schemas};
use serde_json::{Value, json};

/// The draft has these lenses, leads to the new shape, and its inverse leads back to the old document's shape.
#[track_caller]
fn drafts(old: Value, new: Value, expected: Value) -> Proposal {
    let draft = propose(&old, &new);
    assert_eq!(serde_json::to_value(&draft.lenses).unwrap(), expected);
    assert_eq!(draft.unexplained, []);
    let mut document = old.clone();
    for lens in draft
        .lenses
        .iter()
        .chain(&persist_migrate::inverse(&draft.lenses))
    {
        lens.validate().unwrap();
        lens.apply(&mut document).unwrap();
    }
    assert_eq!(
        propose(&document, &old).lenses,
        [],
        "back again: {document}"
    );
    draft
}

#[test]
fn same_shape_needs_nothing() {
    drafts(
        json!({"a": 1, "b": {"c": "x"}}),
        json!({"a": 2, "b": {"c": "y"}}),
        json!([]),
    );
}

#[test]
fn spelling_place_and_value_tell_fields() {
    drafts(
        json!({"fontSize": 13}),
        json!({"font_size": 14}),
        json!([{"rename": {"path": "/fontSize", "to": "font_size"}}]),
    );
    drafts(
        json!({"colour": "solarized"}),
        json!({"theme": "solarized"}),
        json!([{"rename": {"path": "/colour", "to": "theme"}}]),
    );
    drafts(
        json!({"a": {"host": "h1"}, "x": 1}),
        json!({"b": {"host": "h1"}, "x": 1}),
        json!([{"rename": {"path": "/a", "to": "b"}}]),
    );
    drafts(
        json!({"width": 7}),
        json!({"window": {"width": 7}}),
        json!([{"move": {"from": "/width", "to": "/window/width"}}]),
    );
    // Equal values that tell nothing are no reason to call it a rename.
    drafts(
        json!({"verbose": true}),
        json!({"dark": true}),
        json!([{"remove": {"path": "/verbose", "value": true}}, {"add": {"path": "/dark", "value": true}}]),
    );
}

#[test]
fn types_change_in_place() {
    drafts(
        json!({"port": "80"}),
        json!({"port": 80}),
        json!([{"convert": {"path": "/port", "from": "string", "to": "integer"}}]),
    );
    drafts(
        json!({"port": 80}),
        json!({"port": [80]}),
        json!([{"wrap": {"path": "/port"}}]),
    );
    drafts(
        json!({"tags": "a,b"}),
        json!({"tags": ["a", "b"]}),
        json!([{"split": {"path": "/tags", "separator": ","}}]),
    );
    drafts(
        json!({"listen": "h:80"}),
        json!({"host": "h", "port": "80"}),
        json!([{"split": {"path": "/listen", "separator": ":", "into": ["/host", "/port"]}}]),
    );
    drafts(
        json!({"w": "3", "h": "4"}),
        json!({"size": "3x4"}),
        json!([{"join": {"path": "/size", "separator": "x", "from": ["/w", "/h"]}}]),
    );
}

#[test]
fn the_sample_history_is_found_again_from_its_schemas() {
    let manifest: Value = serde_json::from_str(crate::sample::MANIFEST).unwrap();
    let schema = |n: usize| &manifest["versions"][n]["schema"];
    let lenses = |from: usize, to: usize| {
        serde_json::to_value(propose_from_schemas(schema(from), schema(to)).lenses).unwrap()
    };
    // The manifest's own edges add the same sections; their order is that of the keys.
    let sorted = |lenses: &Value| {
        let mut lenses = lenses.as_array().cloned().unwrap_or_default();
        lenses.sort_by_key(Value::to_string);
        lenses
    };
    for (edge, from, to) in [(0, 0, 1), (1, 1, 2), (2, 0, 2)] {
        assert_eq!(
            sorted(&lenses(from, to)),
            sorted(&manifest["edges"][edge]["lenses"])
        );
    }
}

#[test]
fn maps_in_arrays_are_compared_as_well() {
    drafts(
        json!({"servers": [{"name": "alpha", "port": 80}, {"name": "beta", "old": 1}]}),
        json!({"servers": [{"id": "alpha", "port": "80", "on": true}]}),
        json!([
            {"rename": {"path": "/servers/*/name", "to": "id"}},
            {"convert": {"path": "/servers/*/port", "from": "integer", "to": "string"}},
            {"remove": {"path": "/servers/*/old", "value": 1}},
            {"add": {"path": "/servers/*/on", "value": true}},
        ]),
    );
    drafts(
        json!({"a": {"rules": [{"match": {"hostName": "h"}}]}}),
        json!({"a": {"rules": [{"match": {"host_name": "h"}}]}}),
        json!([{"rename": {"path": "/a/rules/*/match/hostName", "to": "host_name"}}]),
    );
    let schema = |item: Value| json!({"type": "object", "properties": {"s": {"type": "array", "items": {"type": "object", "properties": item}}}});
    let draft = propose_from_schemas(
        &schema(json!({"name": {"type": "string"}})),
        &schema(json!({"name": {"type": "string"}, "on": {"type": "boolean", "default": true}})),
    );
    assert_eq!(
        serde_json::to_value(&draft.lenses).unwrap(),
        json!([{"add": {"path": "/s/*/on", "value": true}}])
    );
}
