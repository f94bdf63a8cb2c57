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

#[test]
fn spellings_of_a_batch_are_put_in_together_wherever_their_values_go() {
    let mut doc = document(Format::Yaml, "l: [1, 2]\na: yes\nm: {b: 0x1}\n");
    let edit = doc.edit(|edits| {
        edits.set_spelled(&path("l[+]"), 3, "0x3")?;
        edits.set_spelled(&path("l[+]"), 4, "0x4")?;
        edits.set_spelled(&path("a"), "no", "no")?;
        edits.set_spelled(&path("a"), "off", "off")?;
        edits.set_spelled(&path("m.b"), 2, "0x2")?;
        edits.set(&path("m.b"), 5)?;
        edits.set_spelled(&path("num"), 2.5, "2.50")?;
        // What was spelled is moved.
        edits.insert(&path("l[0]"), 0)?;
        edits.rename(&path("num"), "sum")?;
        edits.set_spelled(&path("l[0]"), 9, "0x9")
    });
    assert_eq!(edit.expect("they can be made").extent, Extent::Splice);
    assert_eq!(
        doc.text(),
        "l: [0x9, 1, 2, 0x3, 0x4]\na: off\nm: {b: 5}\nsum: 2.50\n"
    );
}

#[test]
fn one_spelling_that_can_not_be_put_in_hinders_no_other_unless_it_is_of_text() {
    let mut doc = document(Format::Yaml, "a: 1\nb: 1\nc: 1\n");
    let done = doc.edit(|edits| {
        edits.set_spelled(&path("a"), 2, "0x2")?;
        edits.set_spelled(&path("b"), 2, "3")?;
        edits.set_spelled(&path("c"), 2, "+2")
    });
    drop(done.expect("they can be made"));
    assert_eq!(doc.text(), "a: 0x2\nb: 2\nc: +2\n");
    let text = "{a: yes}\n";
    let mut doc = document(Format::Yaml, text);
    let error = doc
        .edit(|edits| edits.set_spelled(&path("a"), "x,y", "x,y"))
        .expect_err("it would be quoted");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.key_path(), Some(&path("a")));
    assert_eq!(doc.text(), text);
}

#[test]
fn an_alias_of_a_switch_stays_a_switch() {
    use persist_format::kind::{self, Kinds};
    let check = |on_alias, before: &str, at: &str, typed: &str, after: &str| {
        let mut doc = document(Format::Yaml, before).on_alias(on_alias);
        let meant = kind::read(typed, &doc.place(&path(at)).allowing(Kinds::ALL));
        let meant = meant.unwrap_or_else(|misfit| panic!("{before} {typed}: {misfit:?}"));
        let done = doc.edit(|edits| super::put(edits, &path(at), meant));
        drop(done.unwrap_or_else(|error| panic!("{before} {typed}: {error}")));
        assert_eq!(doc.text(), after);
    };
    use persist_format::OnAlias::{Expand, Follow, Refuse};
    check(
        Refuse,
        "a: &x yes\nb: *x\n",
        "b",
        "no",
        "a: &x yes\nb: no\n",
    );
    check(
        Expand,
        "a: &x yes\nb: *x\n",
        "b",
        "no",
        "a: &x yes\nb: no\n",
    );
    check(
        Follow,
        "a: &x yes\nb: *x\n",
        "b",
        "no",
        "a: &x yes\nb: no\n",
    );
    check(
        Refuse,
        "a: &x Yes\nb: *x\n",
        "b",
        "false",
        "a: &x Yes\nb: No\n",
    );
    // What is so already stays an alias, and nothing is changed for others.
    check(
        Refuse,
        "a: &x yes\nb: *x\n",
        "b",
        "yes",
        "a: &x yes\nb: *x\n",
    );
    check(
        Refuse,
        "a: &x 0x10\nb: *x\n",
        "b",
        "16",
        "a: &x 0x10\nb: *x\n",
    );
    check(
        Expand,
        "a: &x {k: yes}\nb: *x\n",
        "b.k",
        "no",
        "a: &x {k: yes}\nb:\n  k: no\n",
    );
    check(
        Follow,
        "a: &x\n  k: yes\nb:\n  <<: *x\n",
        "b.k",
        "no",
        "a: &x\n  k: yes\nb:\n  <<: *x\n  k: no\n",
    );
}
