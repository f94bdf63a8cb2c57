//! Values that are spelled as the caller says.

use persist_format::{Document, ErrorKind, Extent, Format, Value};

use super::{document, path};

fn check(
    format: Format,
    before: &str,
    at: &str,
    value: impl Into<Value>,
    spelling: &str,
    after: &str,
) {
    let mut doc = document(format, before);
    let edit = doc.set_spelled(&path(at), value, spelling);
    let edit = edit.unwrap_or_else(|e| panic!("{before:?} {at} {spelling}: {e}"));
    assert_eq!(doc.text(), after);
    assert_eq!(edit.changed(), before != after);
    doc.check().expect("both parsers have read it");
    let at = doc
        .value()
        .resolve(&path(&at.replace("[+]", "[-1]")))
        .expect("it is there");
    assert_eq!(doc.spelling(&at).is_some(), !after.contains('!'), "{after}");
}

#[test]
fn a_spelling_is_put_in_where_the_value_goes() {
    check(
        Format::Toml,
        "n = 0x00FF00 # c\n",
        "n",
        0xFFAA,
        "0x00FFAA",
        "n = 0x00FFAA # c\n",
    );
    check(
        Format::Toml,
        "n = 1000\n",
        "n",
        1000,
        "1_000",
        "n = 1_000\n",
    );
    check(
        Format::Toml,
        "l = [0x1]\n",
        "l[+]",
        2,
        "0x2",
        "l = [0x1, 0x2]\n",
    );
    check(Format::Toml, "", "a.n", 2, "0b10", "[a]\nn = 0b10\n");
    check(
        Format::Json,
        "{\"a\": [1]}",
        "a[0]",
        1000.0,
        "1E3",
        "{\"a\": [1E3]}",
    );
    check(
        Format::Yaml,
        "a: True # c\n",
        "a",
        false,
        "False",
        "a: False # c\n",
    );
    check(
        Format::Yaml,
        "a: &x yes # c\n",
        "a",
        "no",
        "no",
        "a: &x no # c\n",
    );
    check(
        Format::Yaml,
        "a: {b: .5}\n",
        "a.b",
        0.7,
        ".7",
        "a: {b: .7}\n",
    );
    check(
        Format::Yaml,
        "l:\n- 0x1\n",
        "l[+]",
        2,
        "0x2",
        "l:\n- 0x1\n- 0x2\n",
    );
    check(Format::Yaml, "l:\n", "l[+]", 2, "0x2", "l:\n  - 0x2\n");
    check(
        Format::Yaml,
        "a: 1\n---\na: 2\n",
        "a",
        3,
        "0x3",
        "a: 0x3\n---\na: 2\n",
    );
}

#[test]
fn what_does_not_read_as_the_value_is_refused() {
    let check = |format: Format, before: &str, value: Value, spelling: &str| {
        let mut doc = document(format, before);
        let error = doc
            .set_spelled(&path("a"), value, spelling)
            .expect_err(spelling);
        assert_eq!(error.kind(), ErrorKind::Refused, "{spelling}: {error}");
        assert_eq!(doc.text(), before);
    };
    check(Format::Json, "{\"a\": 1}", 2.into(), "3");
    check(Format::Json, "{\"a\": 1}", 2.into(), "2, \"b\": 1");
    check(Format::Json, "{\"a\": 1}", 2.into(), "");
    check(Format::Toml, "a = 1\n", 2.into(), "2\nb = 1");
    check(Format::Yaml, "a: 1\n", 2.into(), "2\nb: 1");
    check(Format::Yaml, "a: 1\n", "x".into(), "\"y\"");
    check(Format::Yaml, "{a: 1}\n", "x,y".into(), "x,y");
    check(
        Format::Yaml,
        "a: 1\n",
        Value::Sequence(vec![1.into()]),
        "[1]",
    );
}

#[test]
fn edits_go_on_after_one_that_is_spelled() {
    let mut doc = document(Format::Yaml, "# top\nl: [1, 2] # l\nb: yes\nc: 1\n");
    let edit = doc.edit(|edits| {
        edits.set(&path("l[0]"), 9)?;
        edits.set_spelled(&path("b"), "no", "no")?;
        assert!(!edits.is_empty());
        assert_eq!(edits.get(&path("l[0]")), Some(&9.into()));
        assert_eq!(edits.spelling(&path("b")), Some("no"));
        edits.remove(&path("c"))?;
        edits.set(&path("d"), "new")
    });
    assert_eq!(edit.expect("they can be made").extent, Extent::Splice);
    assert_eq!(doc.text(), "# top\nl: [9, 2] # l\nb: no\nd: new\n");
}

#[test]
fn a_spelling_is_read_without_anchor_and_not_under_a_tag() {
    let doc = document(
        Format::Yaml,
        "a: &x 0x10\nb: *x\nc: !t 1\nd:\ne: 'q'\nf: |\n  text\ng: [1]\nh: !!str 1\n",
    );
    let spelling = |at: &str| doc.spelling(&path(at)).map(str::to_owned);
    assert_eq!(spelling("a").as_deref(), Some("0x10"));
    assert_eq!(spelling("b"), None);
    assert_eq!(spelling("c"), None);
    assert_eq!(spelling("d"), None);
    assert_eq!(spelling("e").as_deref(), Some("'q'"));
    assert!(spelling("f").is_some_and(|text| text.starts_with("|\n")));
    assert_eq!(spelling("g"), None);
    assert_eq!(spelling("g[0]").as_deref(), Some("1"));
    assert_eq!(spelling("h"), None);
    let doc: Document = document(Format::Toml, "[a]\nb = '''x'''\n");
    assert_eq!(doc.spelling(&path("a.b")), Some("'''x'''"));
    assert_eq!(doc.spelling(&path("a")), None);
}
