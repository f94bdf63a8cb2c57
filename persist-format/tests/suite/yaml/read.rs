//! What YAML text stands for.

use persist_format::{Document, ErrorKind, Float, Format, Integer, KeyPath, Map, Tagged, Value};

fn read(text: &str) -> Value {
    let doc =
        Document::parse(text.as_bytes(), Format::Yaml).unwrap_or_else(|e| panic!("{e}\n{text}"));
    doc.into_value()
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(Map::from_iter(entries))
}

fn tagged(tag: &str, value: impl Into<Value>) -> Value {
    Value::Tagged(Box::new(Tagged {
        tag: tag.to_owned(),
        value: value.into(),
    }))
}

#[track_caller]
fn check(text: &str, expected: impl Into<Value>) {
    assert_eq!(read(text), expected.into(), "{text}");
}

#[track_caller]
fn error(text: &str) -> String {
    let error = Document::parse(text.as_bytes(), Format::Yaml).expect_err(text);
    format!("{:?}: {error}", error.kind())
}

#[test]
fn core_schema() {
    for null in ["", "~", "null", "Null", "NULL", "!!null ''"] {
        check(null, Value::Null);
    }
    for (text, truth) in [
        ("true", true),
        ("True", true),
        ("TRUE", true),
        ("false", false),
        ("FALSE", false),
    ] {
        check(text, truth);
    }
    for (text, number) in [
        ("0", 0),
        ("017", 17),
        ("+12", 12),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("!!int '7'", 7),
    ] {
        check(text, number);
    }
    for (text, number) in [
        ("1e3", 1e3),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.inf", f64::NEG_INFINITY),
        ("+.INF", f64::INFINITY),
        (".nan", f64::NAN),
        ("!!float 1", 1.0),
        ("-0.0", -0.0),
    ] {
        check(text, Float::from(number));
    }
    for text in [
        "no",
        "Yes",
        "on",
        "y",
        "nULL",
        "tRUE",
        "1_000",
        "12:30",
        "2001-12-14",
        "0b1",
        "0x",
        "+0x1F",
        "1e",
        ".",
        "-",
        "+",
        ".e1",
        "=",
        "inf",
        "NaN",
        "1.2.3",
    ] {
        if text != "-" {
            check(text, text);
        }
    }
    check("'12'", "12");
    check("! 12", "12");
    check("!!str 12", "12");
}

#[test]
fn large_integers_are_no_floats() {
    check("18446744073709551616", 18_446_744_073_709_551_616_i128);
    let digits = "123456789012345678901234567890123456789012345678901234567890";
    check(digits, Integer::from_decimal(digits).expect("digits"));
    check(
        "0xffffffffffffffffffffffffffffffffffff",
        Integer::from_decimal("22300745198530623141535718272648361505980415").expect("digits"),
    );
}

#[test]
fn tags() {
    check("!Point {x: 1}", tagged("!Point", map([("x", 1.into())])));
    check("!N 1", tagged("!N", 1));
    check("!N '1'", tagged("!N", "1"));
    check(
        "%TAG !e! tag:example.org,2024:\n--- !e!p a",
        tagged("tag:example.org,2024:p", "a"),
    );
    check("!!binary SGVs\n bG8=", Value::Bytes(b"Hello".to_vec()));
    check(
        "!!set {a, b}",
        map([("a", Value::Null), ("b", Value::Null)]),
    );
    insta::assert_snapshot!(error("a: !!int x"), @"Syntax: not an integer, although its tag says so at a (1:10)");
    insta::assert_snapshot!(error("a: !!map [b]"), @"Syntax: an array can't have the tag tag:yaml.org,2002:map at a (1:4)");
    insta::assert_snapshot!(error("!!binary '*'"), @"Syntax: not base64 data, although its tag says so (1:10)");
}

#[test]
fn anchors_and_merge_keys() {
    check(
        "a: &x [1]\nb: *x\n",
        map([
            ("a", Value::from(vec![Value::from(1)])),
            ("b", Value::from(vec![Value::from(1)])),
        ]),
    );
    let merged = read(
        "d: &d {host: h, port: 1}\ne: &e {port: 2, user: u}\nx:\n  <<: [*d, *e]\n  host: own\n",
    );
    let x = merged
        .get(&"x".parse::<KeyPath>().expect("a path"))
        .expect("x is there");
    // Own entries win, then those of the first that is merged.
    assert_eq!(
        *x,
        map([
            ("host", "own".into()),
            ("port", 1.into()),
            ("user", "u".into())
        ])
    );
    check("'<<': {a: 1}", map([("<<", map([("a", 1.into())]))]));
    check(
        "a: &x 1\nb: &x 2\nc: *x\n",
        map([("a", 1.into()), ("b", 2.into()), ("c", 2.into())]),
    );
    insta::assert_snapshot!(error("<<: 1\n"), @"Syntax: a merge key needs a mapping or a sequence of mappings, found integer (1:5)");
    insta::assert_snapshot!(error("a: *x\n"), @"Syntax: while parsing node, found unknown anchor (1:4)");
    insta::assert_snapshot!(error("a: &x [1, *x]\n"), @"Syntax: an alias inside the node that it refers to at a[1] (1:11)");
}

#[test]
fn keys() {
    check(
        "1: a\n'1': b\n",
        Value::Map(Map::from_iter([
            (Value::from(1), "a"),
            (Value::from("1"), "b"),
        ])),
    );
    check(
        "[a, b]: c\n",
        Value::Map(Map::from_iter([(
            Value::from(vec![Value::from("a"), Value::from("b")]),
            "c",
        )])),
    );
    insta::assert_snapshot!(error("a: 1\nb: 2\n\"a\": 3\n"), @r#"DuplicateKey: duplicate key "a" (3:1)"#);
    insta::assert_snapshot!(error("x:\n  0x1: a\n  1: b\n"), @"DuplicateKey: duplicate key 1 at x (3:3)");
}

#[test]
fn streams() {
    let doc = Document::parse(b"--- 1\n--- a: b\n...\n--- # empty\n", Format::Yaml);
    assert!(doc.is_err(), "a block mapping can't begin after `---`");
    let doc =
        Document::parse(b"--- 1\n---\na: b\n...\n--- # empty\n", Format::Yaml).expect("a stream");
    assert_eq!(doc.documents(), 3);
    let mut second = doc.select(1).expect("there are three");
    assert_eq!(*second.value(), map([("a", "b".into())]));
    let edit = second.set(&"a".parse().expect("a path"), "c");
    assert!(edit.is_ok());
    assert_eq!(second.text(), "--- 1\n---\na: c\n...\n--- # empty\n");
}

#[test]
fn syntax_errors_say_where() {
    insta::assert_snapshot!(error("a: [1, 2\nb: 3\n"), @"Syntax: invalid indentation (2:1)");
    insta::assert_snapshot!(error("a:\n\t- b\n"), @"Syntax: tabs disallowed within this context (block indentation) (2:1)");
    insta::assert_snapshot!(error("a: 1\n\tb: 2"), @"Syntax: while scanning a plain scalar, found a tab (2:1)");
    insta::assert_snapshot!(error("a:\n  b: é\n \tc: 2\n"), @"Syntax: while scanning a plain scalar, found a tab (3:2)");
    insta::assert_snapshot!(error("a: 1\n# é\n\tb: 2"), @"Syntax: tab cannot be used as indentation (3:1)");
    insta::assert_snapshot!(error("a: 1\n  \tb: 2\n"), @"Syntax: tab cannot be used as indentation (2:3)");
    insta::assert_snapshot!(error("a: b: c\n"), @"Syntax: mapping values are not allowed in this context (1:5)");
    insta::assert_snapshot!(error("a: 'b\n"), @"Syntax: invalid indentation in multiline quoted scalar (2:1)");
    insta::assert_snapshot!(error("a: [\n  1,\n]\n"), @"Syntax: invalid indentation (3:1)");
}

/// A text without a last line break gives the block scalar none: so says the grammar (8.1.1.2), and so do libyaml and its kin.
#[test]
fn block_scalar_at_the_end() {
    check("a: |\n x", map([("a", "x".into())]));
    check("a: |+\n x", map([("a", "x".into())]));
    check("a: >\n x\n y", map([("a", "x y".into())]));
    check("a: |\n x\n ", map([("a", "x\n".into())]));
    check("a: |+\n x\n\n ", map([("a", "x\n\n".into())]));
    check("a: |\n x\n# c", map([("a", "x\n".into())]));
}

#[test]
fn numbers_of_any_length_are_bounded() {
    let text = format!("a: {}\n", "1".repeat(5_000));
    let error = Document::parse(text.as_bytes(), Format::Yaml).expect_err("it is too long");
    assert_eq!(error.kind(), ErrorKind::Limit);
}
