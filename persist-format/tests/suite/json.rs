use persist_format::{Document, Extent, Format, Value};

use crate::support::{document, edited, path, value};

#[test]
fn set_touches_only_the_value() {
    let check = |text: &str, at: &str, new: &str, expected: &str| {
        assert_eq!(
            edited(Format::Jsonc, text, |doc| doc.set(&path(at), value(new))),
            expected
        );
    };
    check(r#"{"a": 1, "b": 2}"#, "a", "10", r#"{"a": 10, "b": 2}"#);
    check(
        "{\n  \"a\" : 1 // one\n}\n",
        "a",
        "true",
        "{\n  \"a\" : true // one\n}\n",
    );
    check("[1, 2,\t3]", "[1]", "\"x\"", "[1, \"x\",\t3]");
    check(
        "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
        "a.c",
        "2",
        "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": 2\n  }\n}\n",
    );
    check(
        "{\n  \"a\": {}\n}\n",
        "a.c",
        "2",
        "{\n  \"a\": {\n    \"c\": 2\n  }\n}\n",
    );
    check("{\"a\":1}", "b", "2", "{\"a\":1, \"b\":2}");
    check(
        "{\"a\":1,\"b\":2}",
        "c.d",
        "3",
        "{\"a\":1,\"b\":2,\"c\":{\"d\": 3}}",
    );
    check("{}", "c", "3", "{\n  \"c\": 3\n}");
    check("[]\n", "[+]", "3", "[\n  3\n]\n");
    check(
        "{\r\n\t\"a\": []\r\n}\r\n",
        "a[+]",
        "[1]",
        "{\r\n\t\"a\": [\r\n\t\t[\r\n\t\t\t1\r\n\t\t]\r\n\t]\r\n}\r\n",
    );
    check(
        "// top\n[1, // one\n 2 // two\n]",
        "[+]",
        "3",
        "// top\n[1, // one\n 2, // two\n 3\n]",
    );
    check(
        "[\n  1,\n  2, // two\n]",
        "[+]",
        "3",
        "[\n  1,\n  2, // two\n  3,\n]",
    );
    check("null", "a", "3", "{\"a\": 3}");
    check("[ // todo\n]", "[+]", "3", "[ // todo\n  3\n]");
}

#[test]
fn remove_takes_the_item_and_its_own_comments() {
    let check = |text: &str, at: &str, expected: &str| {
        assert_eq!(
            edited(Format::Jsonc, text, |doc| doc.remove(&path(at))),
            expected
        );
    };
    check("[1, 2, 3]", "[0]", "[2, 3]");
    check("[1, 2, 3]", "[-1]", "[1, 2]");
    check("[1]", "[0]", "[]");
    check("{ \"a\": 1, \"b\": 2 }", "a", "{ \"b\": 2 }");
    check("{ \"a\": 1 }", "a", "{}");
    check(
        "{\n  // a's\n  \"a\": 1, // a\n  // b's\n  \"b\": 2 // b\n}\n",
        "a",
        "{\n  // b's\n  \"b\": 2 // b\n}\n",
    );
    check(
        "{\n  // a's\n  \"a\": 1, // a\n  // b's\n  \"b\": 2 // b\n}\n",
        "b",
        "{\n  // a's\n  \"a\": 1 // a\n}\n",
    );
    check("[1, // one\n 2]", "[1]", "[1 // one\n]");
    check("[1, // one\n 2, 3]", "[1]", "[1, // one\n 3]");
    check(
        "[\n  // section\n\n  1,\n  2,\n]",
        "[0]",
        "[\n  // section\n\n  2,\n]",
    );
    check("[1 /* c */, 2]", "[0]", "[2]");
    check("[1, /* c */ 2]", "[0]", "[ /* c */ 2]");
}

#[test]
fn rename_move_and_insert_keep_comments_and_text() {
    let text = "{\n  // a's\n  \"a\": 1.50, // a\n  \"b\": [1, 2, 3]\n}\n";
    let renamed = edited(Format::Jsonc, text, |doc| doc.rename(&path("a"), "z"));
    assert_eq!(renamed, text.replace("\"a\"", "\"z\""));
    let moved = edited(
        Format::Jsonc,
        "{\n  \"a\": 1.50,\n  \"b\": {}\n}\n",
        |doc| doc.move_to(&path("a"), &path("b.c")),
    );
    assert_eq!(moved, "{\n  \"b\": {\n    \"c\": 1.50\n  }\n}\n");
    let check = |text: &str, from: &str, to: &str, expected: &str| {
        let moved = edited(Format::Jsonc, text, |doc| {
            doc.move_to(&path(from), &path(to))
        });
        assert_eq!(moved, expected, "{from} to {to}");
    };
    let text = "{\n  \"k\": 1,\n  // a's\n  \"a\": 1.50,  // a\n  \"b\": {}\n}\n";
    let expected = "{\n  \"k\": 1,\n  \"b\": {\n    // a's\n    \"c\": 1.50  // a\n  }\n}\n";
    check(text, "a", "b.c", expected);
    let expected =
        "{\n  \"k\": 1,\n  \"b\": {},\n  \"m\": {\n    // a's\n    \"c\": 1.50  // a\n  }\n}\n";
    check(text, "a", "m.c", expected);
    check(
        "{\n  \"b\": {\n    /* a's */\n    \"a\": 1.50 /* a */\n  },\n  \"z\": 1 // z\n}\n",
        "b.a",
        "a",
        "{\n  \"b\": {},\n  \"z\": 1, // z\n  /* a's */\n  \"a\": 1.50 /* a */\n}\n",
    );
    // A map on one line has no room for comments.
    check(
        "{\n  \"a\": 1.50, // a\n  \"b\": {\"k\": 1}\n}\n",
        "a",
        "b.a",
        "{\n  \"b\": {\"k\": 1, \"a\": 1.50}\n}\n",
    );
    let moved = edited(
        Format::Jsonc,
        "[\n  1, // one\n  2, // two\n  3 // three\n]",
        |doc| doc.move_to(&path("[2]"), &path("[0]")),
    );
    assert_eq!(moved, "[\n  3, // three\n  1, // one\n  2 // two\n]");
    let inserted = edited(Format::Json, "[1, 2]", |doc| {
        doc.insert(&path("[0]"), value("0"))
    });
    assert_eq!(inserted, "[0, 1, 2]");
    let inserted = edited(Format::Json, "[\n  1,\n  2\n]", |doc| {
        doc.insert(&path("[1]"), value("0"))
    });
    assert_eq!(inserted, "[\n  1,\n  0,\n  2\n]");
}

#[test]
fn apply_makes_the_difference() {
    let text = "{\n  // keep\n  \"a\": [1, 2, 3], // list\n  \"b\": {\"x\": 1.0, \"y\": null},\n\n  \"gone\": 1\n}\n";
    let wanted = value(r#"{"a": [3, 1, 2, 4], "b": {"x": 1.0, "y": 2}, "c": "new"}"#);
    let new = edited(Format::Jsonc, text, |doc| doc.apply(&wanted));
    assert_eq!(
        new,
        "{\n  // keep\n  \"a\": [3, 1, 2, 4], // list\n  \"b\": {\"x\": 1.0, \"y\": 2},\n  \"c\": \"new\"\n}\n"
    );
}

#[test]
fn same_value_same_bytes() {
    let text = "\u{feff}{\"a\" :  1e2 , \"b\":0.10}\r\n";
    let mut doc = document(Format::Json, text);
    let wanted = doc.value().clone();
    assert_eq!(
        doc.apply(&wanted).expect("nothing to do").extent,
        Extent::Unchanged
    );
    assert_eq!(doc.bytes(), text.as_bytes());
    assert_eq!(doc.get(&path("a")), Some(&Value::from(100.0)));
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "// c\n1",
        "{a: 1}",
        "'a'",
        "01",
        "1.",
        "nul",
        "\"\\ud800\"",
        "[1] 2",
        "\"a\\\"",
        "\u{a0}1",
        "-",
        "+1",
        "1e999",
    ] {
        assert!(
            Document::parse(text.as_bytes(), Format::Json).is_err(),
            "{text:?}"
        );
    }
    for text in [
        "",
        "[,]",
        "[1,,]",
        "{,}",
        "/* open",
        "[1 /",
        "{\"a\":1 \"b\":2}",
    ] {
        assert!(
            Document::parse(text.as_bytes(), Format::Jsonc).is_err(),
            "{text:?}"
        );
    }
}

#[test]
fn errors_draw_the_line() {
    let error = Document::parse(b"{\n  \"a\": 1,\n  \"b\": tru,\n}\n", Format::Json).unwrap_err();
    insta::assert_snapshot!(error, @"expected a value, found text without quotes at b (3:8)");
    insta::assert_snapshot!(error.render("app.json"), @r#"
    error: expected a value, found text without quotes at b
     --> app.json:3:8
      |
    3 |   "b": tru,
      |        ^^^
      |
      = help: put text in double quotes
    "#);
    let error = Document::parse(b"{\"a\": 1, \"a\": 2}", Format::Json).unwrap_err();
    insta::assert_snapshot!(error, @"duplicate key in the object at a (1:10)");
}
