//! What is moved takes its comments and its spelling along, whatever the place that it comes to.

use persist_format::{Document, Extent, Format, KeyPath};

#[track_caller]
fn check(before: &str, from: &str, to: &str, after: &str) {
    let path = |text: &str| -> KeyPath { text.parse().expect("a key path") };
    let mut document = Document::parse(before.as_bytes(), Format::Yaml).expect("a document");
    let done = document.move_to(&path(from), &path(to)).expect("an edit");
    assert_eq!(document.text(), after, "{from} to {to}");
    assert!(done.extent <= Extent::Splice, "{:?}", done.extent);
}

#[test]
fn to_a_map_that_is_there() {
    check(
        "a: 1\n# the\nt: 'x'  # beside\nm:\n    k: 1\n",
        "t",
        "m.t",
        "a: 1\nm:\n    k: 1\n    # the\n    t: 'x'  # beside\n",
    );
    check(
        "m:\n  # the\n  t: \"x\"   # beside\n  k: 1\nz: 2\n",
        "m.t",
        "u",
        "m:\n  k: 1\nz: 2\n# the\nu: \"x\"   # beside\n",
    );
}

/// Above the first entry of a file stands what is about the file.
#[test]
fn the_comment_of_the_file_stays() {
    check(
        "# file\nt: 'x'\na: 1\n",
        "t",
        "m.t",
        "# file\na: 1\nm:\n  t: 'x'\n",
    );
}

#[test]
fn to_a_map_that_is_empty() {
    check(
        "a: 1\n# the\nt: 'x'  # beside\nm: {}  # of m\n",
        "t",
        "m.t",
        "a: 1\nm:  # of m\n  # the\n  t: 'x'  # beside\n",
    );
    check(
        "# file\n\nt: 0x10 # hex\nm: &a {}\n",
        "t",
        "m.u",
        "# file\n\nm: &a\n  u: 0x10 # hex\n",
    );
    check(
        "l:\n- {}\n- 2\nt: 'x' # beside\n",
        "t",
        "l[0].t",
        "l:\n- t: 'x' # beside\n- 2\n",
    );
    check(
        "t: 'x' # c\r\nm: {}\r\n",
        "t",
        "m.t",
        "m:\r\n  t: 'x' # c\r\n",
    );
}

#[test]
fn to_a_map_that_is_not_there() {
    check(
        "a: 1\n# the\nt: 'x'  # beside\nb: 2\n",
        "t",
        "m.t",
        "a: 1\nb: 2\nm:\n  # the\n  t: 'x'  # beside\n",
    );
    check(
        "a: 1\nt: \"x\" # beside\n",
        "t",
        "m.o.u",
        "a: 1\nm:\n  o:\n    u: \"x\" # beside\n",
    );
    check(
        "t: 'x' # c\nl:\n- k: 1\n",
        "t",
        "l[0].m.t",
        "l:\n- k: 1\n  m:\n    t: 'x' # c\n",
    );
    check("a: 1\nt: 'x' # c", "t", "m.t", "a: 1\nm:\n  t: 'x' # c");
}

/// The place is counted without what is moved.
#[test]
fn an_item_to_a_map_that_is_not_there_in_another_item() {
    check(
        "- 1\n- a: 1 # a\n- b: 1 # b\n",
        "0",
        "1.m.x",
        "- a: 1 # a\n- b: 1 # b\n  m:\n    x: 1\n",
    );
}

#[test]
fn collections_and_block_scalars() {
    check(
        "a: 1\n# the\ndb:   # db\n  # where\n  host: 'h' # host\n\n  port: 0x50\n",
        "db",
        "m.db",
        "a: 1\nm:\n  # the\n  db:   # db\n    # where\n    host: 'h' # host\n\n    port: 0x50\n",
    );
    check(
        "t: |  # two\n  x\n\n    y\na: 1\n",
        "t",
        "m.t",
        "a: 1\nm:\n  t: |  # two\n    x\n\n      y\n",
    );
    check(
        "t: >-\n  folded\n  text\nm: {}\na: 1\n",
        "t",
        "m.t",
        "m:\n  t: >-\n    folded\n    text\na: 1\n",
    );
    check(
        "t: { x: 'y',  z: [1,2] } # flow\na: 1\n",
        "t",
        "m.t",
        "a: 1\nm:\n  t: { x: 'y',  z: [1,2] } # flow\n",
    );
    check(
        "l:\n- 'x' # one\n- - 1\na: 1\n",
        "l",
        "m.l",
        "a: 1\nm:\n  l:\n  - 'x' # one\n  - - 1\n",
    );
}

#[test]
fn to_a_map_in_an_item_that_is_appended() {
    for to in ["l[+].t", "l.-.t"] {
        check("t: x\nl:\n- k: 1\n", "t", to, "l:\n- k: 1\n- t: x\n");
    }
}

/// A map on one line has no room for comments; the spelling goes along.
#[test]
fn into_and_out_of_flow_style() {
    check("t: 'x'\nm: {k: 1}\n", "t", "m.t", "m: {k: 1, t: 'x'}\n");
    check("t: 0x10\nm: {k: 1}\n", "t", "m.u", "m: {k: 1, u: 0x10}\n");
    check(
        "t: a, b\nm: {k: 1}\n",
        "t",
        "m.t",
        "m: {k: 1, t: \"a, b\"}\n",
    );
    check(
        "m: {k: 1, t: 'x'}\na: 1\n",
        "m.t",
        "t",
        "m: {k: 1}\na: 1\nt: 'x'\n",
    );
    check(
        "m: {t: 0x10}\na: 1\n",
        "m.t",
        "o.u",
        "m: {}\na: 1\no:\n  u: 0x10\n",
    );
}
