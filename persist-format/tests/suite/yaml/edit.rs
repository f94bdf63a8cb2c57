//! Edits touch what they are about and nothing else.

use persist_format::{Document, Edit, Error, ErrorKind, Extent, Format, KeyPath, Value};

fn doc(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Yaml).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn path(text: &str) -> KeyPath {
    text.parse().expect("a key path")
}

fn value(yaml: &str) -> Value {
    doc(yaml).into_value()
}

#[track_caller]
fn check(
    before: &str,
    after: &str,
    edit: impl FnOnce(&mut Document) -> Result<persist_format::Edit, persist_format::Error>,
) {
    let mut document = doc(before);
    let done = edit(&mut document).unwrap_or_else(|e| panic!("{e}\n{before}"));
    assert_eq!(document.text(), after);
    assert!(done.extent <= Extent::Splice, "{:?}", done.extent);
}

#[track_caller]
fn set(before: &str, at: &str, to: &str, after: &str) {
    check(before, after, |doc| doc.set(&path(at), value(to)));
}

#[track_caller]
fn insert(before: &str, at: &str, to: &str, after: &str) {
    check(before, after, |doc| doc.insert(&path(at), value(to)));
}

#[track_caller]
fn remove(before: &str, at: &str, after: &str) {
    check(before, after, |doc| doc.remove(&path(at)));
}

#[track_caller]
fn rename(before: &str, at: &str, to: &str, after: &str) {
    check(before, after, |doc| doc.rename(&path(at), to));
}

#[track_caller]
fn move_to(before: &str, from: &str, to: &str, after: &str) {
    check(before, after, |doc| doc.move_to(&path(from), &path(to)));
}

#[test]
fn sets_scalars() {
    set("a: 1 # c\nb: 2\n", "a", "5", "a: 5 # c\nb: 2\n");
    set("a: 'x' # c\n", "a", "y z", "a: 'y z' # c\n");
    set("a: \"x\"\n", "a", "y", "a: \"y\"\n");
    set("a: x\n", "a", "'no'", "a: \"no\"\n");
    set("a:\nb: 2\n", "a", "5", "a: 5\nb: 2\n");
    set("a: # c\nb: 2\n", "a", "5", "a: 5 # c\nb: 2\n");
    set("- 1\n-\n- 3\n", "[1]", "x", "- 1\n- x\n- 3\n");
    set(
        "- 1 # one\n- 2 # two\n",
        "[0]",
        "x",
        "- x # one\n- 2 # two\n",
    );
    set("a: foo\n  bar # c\nb: 1\n", "a", "x", "a: x # c\nb: 1\n");
    set("a: |\n  x\n  y\n\nb: 1\n", "a", "z", "a: z\n\nb: 1\n");
    set("a: | # h\n  x\nb: 1\n", "a", "z", "a: z # h\nb: 1\n");
    set("{a: 1, b: [2, 3]}\n", "b[1]", "x", "{a: 1, b: [2, x]}\n");
    set("{a: 1, b}\n", "b", "x", "{a: 1, b: x}\n");
    set("{\"a\":1}\n", "a", "x", "{\"a\": x}\n");
    set("--- 5 # c\n", "", "6", "--- 6 # c\n");
    set("5 # c", "", "6", "6 # c");
    set("# c\n", "a", "6", "# c\na: 6\n");
    set("", "a", "6", "a: 6\n");
    set("? a\n? b\n", "a", "1", "? a\n: 1\n? b\n");
    set("a: &x 1\nb: 2\n", "a", "3", "a: &x 3\nb: 2\n");
    set("a: !t 1\nb: 2\n", "a", "3", "a: 3\nb: 2\n");
    set("a: 1\r\nb: 2\r\n", "b", "3", "a: 1\r\nb: 3\r\n");
}

#[test]
fn replaces_by_structures_and_back() {
    set(
        "a: 1 # c\nb: 2\n",
        "a",
        "{x: 1, z: [2]}",
        "a: # c\n  x: 1\n  z:\n    - 2\nb: 2\n",
    );
    set(
        "a: # c\n  x: 1\n  # inner\n  y: 2\nb: 2\n",
        "a",
        "5",
        "a: 5 # c\nb: 2\n",
    );
    set(
        "- 1 # c\n- 2\n",
        "[0]",
        "{x: 1, z: 2}",
        "- x: 1 # c\n  z: 2\n- 2\n",
    );
    set("- x: 1\n  y: 2\n- 2\n", "[0]", "5", "- 5\n- 2\n");
    set("a:\n    b: 1\n", "a", "[1, 2]", "a:\n  - 1\n  - 2\n");
    set("a: &x\n  b: 1\n", "a", "[1, 2]", "a: &x\n  - 1\n  - 2\n");
    set(
        "x: []\n  # - y\n",
        "x",
        "\"p\\nq\\n\"",
        "x: \"p\\nq\\n\"\n  # - y\n",
    );
    set("x: 1\n", "x", "\"p\\nq\\n\"", "x: |\n  p\n  q\n");
    set("x: 1", "x", "\"p\\nq\\n\"", "x: \"p\\nq\\n\"");
    set("a: [1, 2]\n", "a", "[x, v, z]", "a: [x, v, z]\n");
    set("a: {}\n", "a.b", "1", "a:\n  b: 1\n");
    set("a: {} # c\nd: 1\n", "a.b", "1", "a: # c\n  b: 1\nd: 1\n");
}

#[test]
fn inserts() {
    set("a: 1\nb: 2\n", "c", "3", "a: 1\nb: 2\nc: 3\n");
    set("a: 1\nb: 2", "c", "3", "a: 1\nb: 2\nc: 3");
    set("a: 1\r\nb: 2\r\n", "c", "3", "a: 1\r\nb: 2\r\nc: 3\r\n");
    set(
        "a:\n    b: 1\n\n# d\nd: 1\n",
        "a.c",
        "{x: 1}",
        "a:\n    b: 1\n    c:\n        x: 1\n\n# d\nd: 1\n",
    );
    insert("a:\n- 1\n- 2\n", "a[1]", "x", "a:\n- 1\n- x\n- 2\n");
    insert(
        "a:\n  # one\n  - 1\n  # two\n  - 2\n",
        "a[1]",
        "x",
        "a:\n  # one\n  - 1\n  - x\n  # two\n  - 2\n",
    );
    insert(
        "a:\n  - 1\n",
        "a[0]",
        "{b: 1, c: 2}",
        "a:\n  - b: 1\n    c: 2\n  - 1\n",
    );
    insert(
        "- - 1\n  - 2\n- 3\n",
        "[0][0]",
        "x",
        "- - x\n  - 1\n  - 2\n- 3\n",
    );
    insert("a: [1, 2]\n", "a[1]", "x", "a: [1, x, 2]\n");
    insert("a: [1, 2]\n", "a[0]", "x", "a: [x, 1, 2]\n");
    insert("a: [1, 2]\n", "a[+]", "x", "a: [1, 2, x]\n");
    insert(
        "a: [\n  1, # one\n  2 # two\n ]\n",
        "a[+]",
        "x",
        "a: [\n  1, # one\n  2, # two\n  x\n ]\n",
    );
    insert(
        "a: [\n  1,\n  2,\n ]\n",
        "a[+]",
        "x",
        "a: [\n  1,\n  2,\n  x,\n ]\n",
    );
    set("{a: 1}\n", "b", "2", "{a: 1, b: 2}\n");
    set("{ a: 1 }\n", "b", "2", "{ a: 1, b: 2 }\n");
    set("a: []\n", "a[+]", "x", "a: [x]\n");
}

#[test]
fn removes() {
    remove("a: 1\nb: 2 # c\nd: 3\n", "b", "a: 1\nd: 3\n");
    remove("a: 1\nb: 2", "b", "a: 1");
    remove(
        "a: 1\n# own\nb: 2\n\n# far\n\nc: 3\n",
        "b",
        "a: 1\n\n# far\n\nc: 3\n",
    );
    remove(
        "- name: x\n  # note\n  uses: y\n",
        "[0].name",
        "- # note\n  uses: y\n",
    );
    remove("- name: x # c\n  uses: y\n", "[0].name", "- uses: y\n");
    remove("a:\n  b: 1\nc: 2\n", "a.b", "a: {}\nc: 2\n");
    remove("a: # c\n  b: 1\n", "a.b", "a: {} # c\n");
    remove("- a: 1\n- b\n", "[0].a", "- {}\n- b\n");
    remove("# head\na: 1\n", "a", "# head\n{}\n");
    remove("a: [1, 2, 3]\n", "a[1]", "a: [1, 3]\n");
    remove("a: [1, 2, 3]\n", "a[0]", "a: [2, 3]\n");
    remove("a: [1, 2, 3]\n", "a[2]", "a: [1, 2]\n");
    remove("a: [1]\n", "a[0]", "a: []\n");
    remove(
        "a: [\n  1, # one\n  2 # two\n ]\n",
        "a[0]",
        "a: [\n  2 # two\n ]\n",
    );
    remove(
        "a: [\n  1, # one\n  2 # two\n ]\n",
        "a[1]",
        "a: [\n  1 # one\n ]\n",
    );
    remove("a: {b: 1, c: 2}\n", "a.b", "a: {c: 2}\n");
    remove(
        "a: |\n  x\nb: 1\n    # deep\nc: 2\n",
        "b",
        "a: |\n  x\n# deep\nc: 2\n",
    );
}

#[test]
fn renames_and_moves() {
    rename("a: 1 # c\nb: 2\n", "a", "z", "z: 1 # c\nb: 2\n");
    rename("'a': 1\n", "a", "z y", "'z y': 1\n");
    rename("&k a: 1\n", "a", "z", "&k z: 1\n");
    rename("{a: 1, b: 2}\n", "b", "z", "{a: 1, z: 2}\n");
    rename(
        "a:\n  # note\n  b: 1 # c\n  d: 2\n",
        "a.b",
        "no",
        "a:\n  # note\n  \"no\": 1 # c\n  d: 2\n",
    );
    move_to(
        "a:\n  # note\n  b: 1 # c\n  d: 2\ne: {}\n",
        "a.b",
        "f",
        "a:\n  d: 2\ne: {}\n# note\nf: 1 # c\n",
    );
    move_to(
        "- 1 # one\n- 2\n- 3\n",
        "[0]",
        "[2]",
        "- 2\n- 3\n- 1 # one\n",
    );
    move_to("- a: 1\n- 2\n", "[0]", "[1]", "- 2\n- a: 1\n");
    move_to(
        "x:\n  - a: |\n      t\n      u\n    b: 1\ny:\n- 1\n",
        "x[0]",
        "y[0]",
        "x: []\ny:\n- a: |\n    t\n    u\n  b: 1\n- 1\n",
    );
}

#[test]
fn keys_written_with_a_question_mark() {
    set("? a # c\n? b\n", "a", "[1]", "? a # c\n:\n  - 1\n? b\n");
    rename("&k !!str a: 1\nb: 2\n", "a", "z", "&k z: 1\nb: 2\n");
}

#[test]
fn comments_do_not_run_into_block_scalars() {
    remove(
        "- |\n  x\n- b\n# own\n- c:\n    d: 1\n",
        "[1]",
        "- |\n  x\n# own\n- c:\n    d: 1\n",
    );
    remove(
        "a: |\n  x\nb: 1\n\n    # deep\n\nc: 2\n",
        "b",
        "a: |\n  x\n\n# deep\n\nc: 2\n",
    );
}

#[track_caller]
fn refused(
    text: &str,
    why: &str,
    edit: impl FnOnce(&mut Document) -> Result<persist_format::Edit, persist_format::Error>,
) {
    let mut document = doc(text);
    let error = edit(&mut document).expect_err("it would change what an alias stands for");
    assert_eq!(error.kind(), persist_format::ErrorKind::Refused);
    assert!(error.to_string().contains(why), "{error}");
    assert_eq!(document.text(), text);
}

/// New keys are written as those around them are, values as the values are.
#[test]
fn keys_and_values_have_styles_of_their_own() {
    let quoted_values = "a: \"x\"\nb: \"y\"\nc: \"z\"\n";
    set(
        quoted_values,
        "cache.on",
        "yes",
        &format!("{quoted_values}cache:\n  \"on\": \"yes\"\n"),
    );
    let quoted_keys = "'a': x\n'b': y\nc:\n  d: 1\n  e: 2\n  f: 3\n";
    set(quoted_keys, "g", "z", &format!("{quoted_keys}'g': z\n"));
    set(quoted_keys, "c.g", "z", &format!("{quoted_keys}  g: z\n"));
    rename(quoted_keys, "a", "h", &quoted_keys.replace('a', "h"));
    set(
        "{\"a\": \"x\", \"b\": 1, \"c\": \"y\", \"d\": \"z\"}\n",
        "e",
        "{f: z}",
        "{\"a\": \"x\", \"b\": 1, \"c\": \"y\", \"d\": \"z\", \"e\": {\"f\": \"z\"}}\n",
    );
    // Quotes that a key needs say nothing.
    set("\"on\": 1\n", "b", "2", "\"on\": 1\nb: 2\n");
}

/// No reader has numbers with two points; everything else that looks like a number to some reader stays in quotes.
#[test]
fn versions_stay_plain() {
    let to = |before: &str, to: &str, after: &str| {
        check(before, after, |doc| doc.set(&path("v"), to));
    };
    to("v: 1.0.0\n", "1.1.0", "v: 1.1.0\n");
    to("v: 1.0.0\n", "2.0.0-beta.1+7", "v: 2.0.0-beta.1+7\n");
    to("v: '1.0.0'\n", "1.1.0", "v: '1.1.0'\n");
    to("v: \"1.0.0\"\n", "1.1.0", "v: \"1.1.0\"\n");
    to("v: host\n", "10.0.0.1", "v: 10.0.0.1\n");
    for text in [
        "1.0",
        "12:30:45.5",
        "1_0.0.0",
        "2024-01-01",
        ".0.0",
        "1..0",
        "0x1.0.0",
    ] {
        to("v: 1.0.0\n", text, &format!("v: \"{text}\"\n"));
    }
}

#[test]
fn aliases() {
    let text = "b: &b {x: 1}\nc: *b\n";
    refused(text, "anchored as &b", |doc| doc.set(&path("b.x"), 2));
    refused(text, "behind an alias", |doc| doc.set(&path("c.x"), 2));
    refused(text, "the anchor &b in it has an alias elsewhere", |doc| {
        doc.remove(&path("b"))
    });
    refused(text, "anchored as &b", |doc| doc.set(&path("b"), 2));
    // An alias itself can go, and with it the reason to refuse.
    set(text, "c", "2", "b: &b {x: 1}\nc: 2\n");
    remove(text, "c", "b: &b {x: 1}\n");
    set("b: &b {x: 1}\n", "b.x", "2", "b: &b {x: 2}\n");
    // What is not anchored itself can change around it.
    set(
        "a:\n  b: &b 1\n  c: 2\nd: *b\n",
        "a.c",
        "3",
        "a:\n  b: &b 1\n  c: 3\nd: *b\n",
    );
    rename("b: &b 1\nd: *b\n", "b", "z", "z: &b 1\nd: *b\n");
}

#[test]
fn merged_entries_are_overridden() {
    let text = "b: &b\n  x: 1\nc:\n  <<: *b\n  y: 2\n";
    set(
        text,
        "c.x",
        "5",
        "b: &b\n  x: 1\nc:\n  <<: *b\n  y: 2\n  x: 5\n",
    );
    set(text, "c.y", "5", "b: &b\n  x: 1\nc:\n  <<: *b\n  y: 5\n");
    refused(text, "merge key", |doc| doc.remove(&path("c.x")));
    refused(text, "merge key", |doc| doc.rename(&path("c.x"), "z"));
    refused(text, "anchored as &b", |doc| doc.set(&path("b.x"), 2));
    let text = "b: &b\n  x: 1\nc:\n  <<: *b\n  x: 2\n";
    refused(text, "brings in another entry", |doc| {
        doc.remove(&path("c.x"))
    });
}

#[test]
fn documents_that_say_nothing_yet() {
    set("--- # c\n", "a", "6", "--- # c\na: 6\n");
    set("~\n", "a", "6", "a: 6\n");
    set("---\n~ # c\n...\n", "a", "6", "--- # c\na: 6\n...\n");
    set("# c", "a", "6", "# c\na: 6\n");
    set("%YAML 1.2\n---\n", "a", "6", "%YAML 1.2\n---\na: 6\n");
    set("{}\n", "a", "6", "a: 6\n");
    set("{} # c\n", "a", "6", "# c\na: 6\n");
    set("---\n{}\n", "a", "{b: 1}", "---\na:\n  b: 1\n");
    let stream = doc("---\n---\na: 1\n").select(0).expect("there are two");
    let mut first = stream;
    assert!(first.set(&path("b"), 1).is_ok());
    assert_eq!(first.text(), "---\nb: 1\n---\na: 1\n");
}

#[test]
fn spellings_stay() {
    set(
        "a: [1.50, 0x1F]\n",
        "a[+]",
        "2.50",
        "a: [1.50, 0x1F, 2.50]\n",
    );
    set("a: 1\n", "a", "1.0E+2", "a: 1.0E+2\n");
    set("a: 1\n", "a", "1e2", "a: 100.0\n");
    set("a: 1\n", "a", "1e300", "a: 1.0e+300\n");
}

/// Some parsers take `&a:` for an anchor `a` and a colon; that they disagree on it already is no reason to refuse an edit.
#[test]
fn what_parsers_disagree_on_already() {
    set("x: &a:\n  b: 1\nc: 2\n", "c", "3", "x: &a:\n  b: 1\nc: 3\n");
}

const SHARED: &str = "\
base: &b {x: 1, y: [1, 2]}
one: *b # the first
two: *b
merged:
  <<: *b
  z: 3
";

/// Asked to follow, an edit changes the text that is shared; asked to expand, the place alone.
#[test]
fn aliases_are_followed_or_expanded_on_request() {
    use persist_format::OnAlias;
    let with = |on_alias, text: &str, edit: fn(&mut Document) -> Result<Edit, Error>| {
        let mut document = doc(text).on_alias(on_alias);
        let done = edit(&mut document);
        let again = Document::parse(document.text().as_bytes(), Format::Yaml);
        let again = again.expect("what is left can be read").into_value();
        assert_eq!(again, *document.value(), "text and value agree");
        match done {
            Ok(_) => document.text().to_owned(),
            Err(error) => {
                assert_eq!(document.text(), text, "a refused edit changes nothing");
                error.to_string()
            }
        }
    };
    let through_alias: fn(&mut Document) -> _ = |doc| doc.set(&path("two.x"), 5);
    let at_anchor: fn(&mut Document) -> _ = |doc| doc.set(&path("base.x"), 5);
    insta::assert_snapshot!(with(OnAlias::Refuse, SHARED, through_alias), @"the change can't be made in place: it is written elsewhere, behind an alias at two.x (1:11); edit the file by hand, or choose how aliases are treated with `on_alias`: `OnAlias::Follow` (change all) or `OnAlias::Expand` (only this place)");
    let followed = with(OnAlias::Follow, SHARED, through_alias);
    assert_eq!(followed, SHARED.replace("x: 1", "x: 5"));
    assert_eq!(followed, with(OnAlias::Follow, SHARED, at_anchor));
    insta::assert_snapshot!(with(OnAlias::Expand, SHARED, through_alias), @r#"
    base: &b {x: 1, y: [1, 2]}
    one: *b # the first
    two:
      x: 5
      "y":
        - 1
        - 2
    merged:
      <<: *b
      z: 3
    "#);
    // The merge key would still bring the change in.
    insta::assert_snapshot!(with(OnAlias::Expand, SHARED, at_anchor), @"the change can't be made in place: the edited text would have another meaning at base.x (1:11); edit the file by hand, or allow a rewrite with `on_loss`: `OnLoss::Reemit` (comments are lost)");
    let twice = "base: &b\n  x: 1\none: *b\ntwo: *b\n";
    insta::assert_snapshot!(with(OnAlias::Expand, twice, at_anchor), @r#"
    base: &b
      x: 5
    one:
      x: 1
    two:
      x: 1
    "#);
    insta::assert_snapshot!(with(OnAlias::Follow, twice, |doc| doc.set(&path("two.new"), 7)), @r#"
    base: &b
      x: 1
      new: 7
    one: *b
    two: *b
    "#);
    insta::assert_snapshot!(with(OnAlias::Follow, SHARED, |doc| doc.set(&path("one.new"), 7)), @r#"
    base: &b {x: 1, y: [1, 2], new: 7}
    one: *b # the first
    two: *b
    merged:
      <<: *b
      z: 3
    "#);
    insta::assert_snapshot!(with(OnAlias::Follow, SHARED, |doc| doc.remove(&path("one.y[0]"))), @r#"
    base: &b {x: 1, y: [2]}
    one: *b # the first
    two: *b
    merged:
      <<: *b
      z: 3
    "#);
    insta::assert_snapshot!(with(OnAlias::Expand, SHARED, |doc| doc.remove(&path("one.y"))), @r#"
    base: &b {x: 1, y: [1, 2]}
    one: # the first
      x: 1
    two: *b
    merged:
      <<: *b
      z: 3
    "#);
    let deep = "a: &a {k: &k [1]}\nb: {c: *a, d: *k}\n";
    insta::assert_snapshot!(with(OnAlias::Follow, deep, |doc| doc.set(&path("b.c.k[+]"), 2)), @r#"
    a: &a {k: &k [1, 2]}
    b: {c: *a, d: *k}
    "#);
    insta::assert_snapshot!(with(OnAlias::Expand, deep, |doc| doc.set(&path("b.c.k[+]"), 2)), @r#"
    a: &a {k: &k [1]}
    b: {c: {k: [1, 2]}, d: *k}
    "#);
    let scalar = "a: &x 1 # one\nb: *x\n";
    let set: fn(&mut Document) -> _ = |doc| doc.set(&path("a"), 5);
    insta::assert_snapshot!(with(OnAlias::Refuse, scalar, set), @"the change can't be made in place: it is anchored as &x, and its aliases *x would change with it at a (1:1); edit the file by hand, or choose how aliases are treated with `on_alias`: `OnAlias::Follow` (change all) or `OnAlias::Expand` (only this place)");
    insta::assert_snapshot!(with(OnAlias::Follow, scalar, set), @r"
    a: &x 5 # one
    b: *x
    ");
    insta::assert_snapshot!(with(OnAlias::Expand, scalar, set), @r"
    a: &x 5 # one
    b: 1
    ");
    // The alias itself is text of its own.
    insta::assert_snapshot!(with(OnAlias::Follow, twice, |doc| doc.set(&path("one"), 2)), @r#"
    base: &b
      x: 1
    one: 2
    two: *b
    "#);
}

/// Where all places that share a text are to have the same value, it is written once, and what repeats it stays.
#[test]
fn changes_that_agree_leave_aliases_and_merge_keys() {
    let check = |text: &str, wanted: &[(&str, &str)], expected: &str| {
        let mut document = doc(text).on_alias(persist_format::OnAlias::Follow);
        let mut value = document.value().clone();
        for (at, new) in wanted {
            drop(value.set(&path(at), Value::from(*new)));
        }
        let edit = document.apply(&value).expect("it can be applied");
        assert_eq!(edit.extent, Extent::Splice);
        assert_eq!(document.text(), expected);
        assert_eq!(*document.value(), value);
    };
    check(
        "n: 1\na: &k one\nagain: *k # c\n",
        &[("a", "new"), ("again", "new")],
        "n: 1\na: &k new\nagain: *k # c\n",
    );
    check(
        "base: &b {x: 1, y: 2}\none: *b\nmerged:\n  <<: *b\n  z: &z [q]\n  more: *z\n",
        &[
            ("base.x", "new"),
            ("one.x", "new"),
            ("merged.x", "new"),
            ("merged.z[0]", "r"),
            ("merged.more[0]", "r"),
        ],
        "base: &b {x: new, y: 2}\none: *b\nmerged:\n  <<: *b\n  z: &z [r]\n  more: *z\n",
    );
    // Of places that are to differ each is written.
    check(
        "a: &k one\nagain: *k\n",
        &[("a", "new"), ("again", "other")],
        "a: &k new\nagain: other\n",
    );
}

/// `PyYAML` and libyaml read a key over several lines in a flow mapping only as long as it has no colon.
#[test]
fn a_key_over_several_lines_gets_no_colon() {
    let mut document = doc("- {\"multi\n  line\", a: b}\n");
    let edit = document
        .set(&path("[0].\"multi line\""), "x")
        .expect("it can be set");
    assert_eq!(edit.extent, Extent::Collection);
    assert_eq!(document.text(), "- {multi line: x, a: b}\n");
}

/// A text without a last line break keeps to it, also when its last value goes.
#[test]
fn a_text_without_a_last_line_break_gets_none() {
    remove("a: 1\nb:\n  c: 2", "b.c", "a: 1\nb: {}");
    remove("a: 1\r\nb: # d\r\n  c: 2", "b.c", "a: 1\r\nb: {} # d");
    remove("a: 1\nb:\n  - 2", "b[0]", "a: 1\nb: []");
}

/// Without a line break after it, its value has none either, until something follows.
#[test]
fn a_block_scalar_at_the_very_end_of_the_text() {
    set("a: |\n  x", "b", "1", "a: |-\n  x\nb: 1");
    set(
        "a: >2+ # why\n   x\n  y",
        "b",
        "1",
        "a: >2- # why\n   x\n  y\nb: 1",
    );
    set("a: 1\nb: |\r\n  x", "a", "2", "a: 2\nb: |\r\n  x");
    set("a: |-\n  x", "b", "1", "a: |-\n  x\nb: 1");
    remove("a: 1\nb: |\n  x", "a", "b: |-\n  x\n");
    insert("a:\n  - |\n    x", "a[1]", "z", "a:\n  - |-\n    x\n  - z");
    set("a: |\n  x\n", "b", "1", "a: |\n  x\nb: 1\n");
}

/// Paths can't name what is in a map with a key like `[a, b]`, so that all of it would have to be written anew.
#[test]
fn comments_are_not_lost_where_a_key_is_a_collection() {
    let text = "a: |+\n  x\n\n\nb: 1\n\nc: 2 # why\n? [k, l]\n: 3\n";
    let mut document = doc(text);
    match document.remove(&path("b")) {
        Ok(_) => assert!(document.text().contains("# why"), "{}", document.text()),
        Err(error) => assert_eq!((error.kind(), document.text()), (ErrorKind::Refused, text)),
    }
}

/// With `+`, blank lines that come to stand below a block scalar would be lines of it.
#[test]
fn blank_lines_below_a_block_scalar_that_keeps_them() {
    remove(
        "a: |+\n  x\n\n\nb: 1\n\nc: 2 # why\n? [k, l]\n: 3\n",
        "b",
        "a: |+\n  x\n\n\nc: 2 # why\n? [k, l]\n: 3\n",
    );
    // Two gaps, a comment further right, and a sequence.
    remove(
        "- >2+\n   x\n\n- b\n\n   \n   # why\n\n- c\n",
        "[1]",
        "- >2+\n   x\n\n# why\n\n- c\n",
    );
    // The lines below the collection.
    remove(
        "m:\n  ? [c]\n  : 2 # why\n  a: |+\n    x\n\n  b: 1\n\n\nz: 1\n",
        "m.b",
        "m:\n  ? [c]\n  : 2 # why\n  a: |+\n    x\n\nz: 1\n",
    );
    remove(
        "m:\n  l: # why\n  - |+\n    x\n  - c\n\nz: 1\n",
        "m.l[1]",
        "m:\n  l: # why\n  - |+\n    x\nz: 1\n",
    );
    // The end of the text, with and without a line break.
    remove("a: |+\n  x\n\nb: 1\n\n", "b", "a: |+\n  x\n\n");
    remove(
        "a: |+\r\n  x\r\n\r\nb: 1\r\n\r\nc: 2",
        "b",
        "a: |+\r\n  x\r\n\r\nc: 2",
    );
    // The scalar moves to the end, and before a gap.
    let mut document = doc("- |+\n  x\n\n- b # why\n\n- c\n");
    let edit = document.apply(&value("[b, \"x\\n\\n\", c]"));
    assert_eq!(edit.expect("it can be edited").extent, Extent::Splice);
    assert_eq!(document.text(), "- b # why\n- |+\n  x\n\n- c\n");
    // Without `+` they stay.
    remove("a: |\n  x\n\nb: 1\n\nc: 2\n", "b", "a: |\n  x\n\n\nc: 2\n");
}

/// A comment at the end of the last line, and below it, is within what is written anew, though it is within no value.
#[test]
fn the_last_comments_are_not_lost_by_writing_anew() {
    // The line of spaces would become one of the scalar.
    let scalar = "a: |\n  x\nb: 1\n      \n";
    // A comment of the same words elsewhere doesn't stand for it.
    for (twin, rest) in ["", "# why\n"].into_iter().flat_map(|twin| {
        ["c: 2 # why\n", "c: 2\n# why\n", "c: 2\n\n# why"].map(|rest| (twin, rest))
    }) {
        let text = format!("{twin}{scalar}{rest}");
        let count = |text: &str| text.matches("# why").count();
        let inner: String = text
            .split_inclusive('\n')
            .map(|l| format!("  {l}"))
            .collect();
        for (text, at) in [(text, "b"), (format!("m:\n{inner}\nz: 1\n"), "m.b")] {
            let mut document = doc(&text);
            let removed = document.remove(&path(at));
            let now = document.text();
            match removed {
                Ok(edit) => assert_eq!(count(now), count(&text), "{edit:?}: {now}"),
                Err(error) => assert_eq!((error.kind(), now), (ErrorKind::Refused, &*text)),
            }
        }
    }
}
