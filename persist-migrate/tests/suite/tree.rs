use persist_migrate::{Path, Tree, TreeError};
use serde_json::{Value, json};

fn p(text: &str) -> Path {
    text.parse().expect("a path")
}

/// Edits a document and compares, or compares the error; an error must leave the document alone.
fn check<R>(
    before: Value,
    edit: impl FnOnce(&mut Value) -> Result<R, TreeError>,
    expected: Result<Value, &str>,
) {
    let mut document = before.clone();
    let outcome = edit(&mut document)
        .map(|_| ())
        .map_err(|error| error.to_string());
    match expected {
        Ok(after) => assert_eq!((outcome, document), (Ok(()), after)),
        Err(message) => assert_eq!((outcome, document), (Err(message.to_owned()), before)),
    }
}

#[test]
fn set_replaces_inserts_and_appends() {
    check(
        json!({}),
        |d| d.set(&p("/a"), json!(1)),
        Ok(json!({"a": 1})),
    );
    check(json!({"a": 1}), |d| d.set(&p(""), json!([])), Ok(json!([])));
    check(
        json!({"a": [1]}),
        |d| d.set(&p("/a/1"), json!(2)),
        Ok(json!({"a": [1, 2]})),
    );
    check(
        json!({"a": [1]}),
        |d| d.set(&p("/a/0"), json!(2)),
        Ok(json!({"a": [2]})),
    );
    check(
        json!({"0": 1}),
        |d| d.set(&p("/0"), json!(2)),
        Ok(json!({"0": 2})),
    );
    check(
        json!({"a": [1]}),
        |d| d.set(&p("/a/2"), json!(2)),
        Err("`/a` is an array and can't hold entries of this kind"),
    );
    check(
        json!({"a": 1}),
        |d| d.set(&p("/a/b"), json!(2)),
        Err("`/a` is a number and can't hold entries of this kind"),
    );
    check(
        json!({}),
        |d| d.set(&p("/a/b"), json!(2)),
        Err("there is nothing at `/a`"),
    );
    check(
        json!([1]),
        |d| d.set(&p("/*"), json!(2)),
        Err("`/*` is a pattern, but a single node is needed"),
    );
}

#[test]
fn remove_takes_what_is_there() {
    check(json!({"a": 1}), |d| d.remove(&p("/a")), Ok(json!({})));
    check(json!([1, 2, 3]), |d| d.remove(&p("/1")), Ok(json!([1, 3])));
    check(
        json!({"a": 1}),
        |d| d.remove(&p("/b/c")),
        Ok(json!({"a": 1})),
    );
    check(json!({"a": 1}), |d| d.remove(&p("/*")), Ok(json!({"a": 1})));
    check(
        json!({"a": 1}),
        |d| d.remove(&p("")),
        Err("the whole document can't be removed, renamed or moved"),
    );
}

#[test]
fn rename_and_move_overwrite_nothing() {
    check(
        json!({"a": 1}),
        |d| d.rename(&p("/a"), "b"),
        Ok(json!({"b": 1})),
    );
    check(
        json!({"a": 1}),
        |d| d.rename(&p("/a"), "a"),
        Ok(json!({"a": 1})),
    );
    check(
        json!({"a": 1, "b": 2}),
        |d| d.rename(&p("/a"), "b"),
        Err("`/b` already exists"),
    );
    check(
        json!({"b": 2}),
        |d| d.rename(&p("/a"), "c"),
        Err("there is nothing at `/a`"),
    );
    check(
        json!([1]),
        |d| d.rename(&p("/0"), "c"),
        Err("`` is an array and can't hold entries of this kind"),
    );
    check(
        json!({"a": 1, "b": {}}),
        |d| d.move_to(&p("/a"), &p("/b/c")),
        Ok(json!({"b": {"c": 1}})),
    );
    check(
        json!({"a": 1, "b": []}),
        |d| d.move_to(&p("/a"), &p("/b/0")),
        Ok(json!({"b": [1]})),
    );
    check(
        json!({"a": 1, "b": []}),
        |d| d.move_to(&p("/a"), &p("/b/1")),
        Err("`/b` is an array and can't hold entries of this kind"),
    );
    check(
        json!({"a": {}}),
        |d| d.move_to(&p("/a"), &p("/a/b")),
        Err("`/a/b` already exists"),
    );
    check(
        json!({"a": 1, "b": 2}),
        |d| d.move_to(&p("/a"), &p("/b")),
        Err("`/b` already exists"),
    );
    check(
        json!({"b": 2}),
        |d| d.move_to(&p("/a"), &p("/c")),
        Err("there is nothing at `/a`"),
    );
}
