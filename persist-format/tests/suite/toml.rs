use persist_format::{Document, ErrorKind, Format};

use crate::support::{document, edited, path, value};

#[test]
fn set_touches_only_the_value() {
    let check = |text: &str, at: &str, new: &str, expected: &str| {
        assert_eq!(
            edited(Format::Toml, text, |doc| doc.set(&path(at), value(new))),
            expected,
            "{at} in {text:?}"
        );
    };
    check("k = 1 # c\n", "k", "2", "k = 2 # c\n");
    check("k = 'a'\r\nl = 1\r\n", "k", "\"b\"", "k = 'b'\r\nl = 1\r\n");
    check("", "k", "2", "k = 2\n");
    check("a = 1", "k", "2", "a = 1\nk = 2");
    check(
        "# top\n\n[t]\nx = 1\n",
        "k",
        "2",
        "# top\n\nk = 2\n\n[t]\nx = 1\n",
    );
    check(
        "a = 1 # a\n\n[t]\nx = 1\n",
        "k",
        "2",
        "a = 1 # a\nk = 2\n\n[t]\nx = 1\n",
    );
    check(
        "[t]\n  x = 1\n  # y = 2\n\n[u]\n",
        "t.k",
        "2",
        "[t]\n  x = 1\n  k = 2\n  # y = 2\n\n[u]\n",
    );
    check("[t.s]\nx = 1\n", "t.k", "2", "[t]\nk = 2\n\n[t.s]\nx = 1\n");
    check("t.x = 1\nu = 1\n", "t.k", "2", "t.x = 1\nt.k = 2\nu = 1\n");
    check(
        "a = 1\n",
        "window.width",
        "1280",
        "a = 1\n\n[window]\nwidth = 1280\n",
    );
    check(
        "[deps]\na = { v = 1 }\n",
        "deps.b",
        "{\"v\": 2}",
        "[deps]\na = { v = 1 }\nb = { v = 2 }\n",
    );
    check(
        "[a]\n[a.x]\nk = 1\n\n[z]\n",
        "a.y",
        "{\"k\": 2}",
        "[a]\n[a.x]\nk = 1\n\n[a.y]\nk = 2\n\n[z]\n",
    );
    check("a = { x = 1 }\n", "a.y", "2", "a = { x = 1, y = 2 }\n");
    check("a = {}\n", "a.y", "2", "a = { y = 2 }\n");
    check(
        "a = [\n  1, # one\n  2 # two\n]\n",
        "a[+]",
        "3",
        "a = [\n  1, # one\n  2, # two\n  3\n]\n",
    );
    check("a = []\n", "a[+]", "3", "a = [3]\n");
    check(
        "[[t]]\nx = 1\n\n[u]\n",
        "t[+]",
        "{\"x\": 2}",
        "[[t]]\nx = 1\n\n[[t]]\nx = 2\n\n[u]\n",
    );
    check(
        "[[t]]\nx = 1\n[[t]]\nx = 2\n",
        "t[1].y",
        "3",
        "[[t]]\nx = 1\n[[t]]\nx = 2\ny = 3\n",
    );
    check("[t]\nx = 1\n", "t", "5", "t = 5\n");
    check("t = 5\n", "t", "{\"a\": 1}", "t = { a = 1 }\n");
    check(
        "apple.t = 1\norange.t = 1\napple.s = 2\n",
        "apple.s",
        "3",
        "apple.t = 1\norange.t = 1\napple.s = 3\n",
    );
}

#[test]
fn remove_takes_the_lines_and_their_own_comments() {
    let check = |text: &str, at: &str, expected: &str| {
        assert_eq!(
            edited(Format::Toml, text, |doc| doc.remove(&path(at))),
            expected,
            "{at} in {text:?}"
        );
    };
    check("# a's\na = 1 # a\n# b's\nb = 2\n", "a", "# b's\nb = 2\n");
    check(
        "# file\n\n# a's\na = 1\n\nb = 2\n",
        "a",
        "# file\n\nb = 2\n",
    );
    check("a = 1\n\n[t]\nx = 1\n", "t", "a = 1\n");
    check("[t]\nx = 1\n\n[t.s]\ny = 1\n\n[u]\n", "t", "[u]\n");
    check("[a.b.c]\nx = 1\n", "a.b.c", "[a.b]\n");
    check("a.b.c = 1\n", "a.b.c", "a.b = {}\n");
    check("[t]\nx = 1\n", "t.x", "[t]\n");
    check("[[t]]\nx = 1\n\n[[t]]\nx = 2\n", "t[0]", "[[t]]\nx = 2\n");
    check("[[t]]\nx = 1\n", "t[0]", "t = []\n");
    check("a = { x = 1, y = 2 }\n", "a.x", "a = { y = 2 }\n");
    check(
        "a = [\n  1, # one\n  # two's\n  2, # two\n]\n",
        "a[1]",
        "a = [\n  1, # one\n]\n",
    );
}

#[test]
fn rename_and_move_keep_comments_and_text() {
    let check = |text: &str, from: &str, to: &str, expected: &str| {
        assert_eq!(
            edited(Format::Toml, text, |doc| doc
                .move_to(&path(from), &path(to))),
            expected,
            "{from} to {to}"
        );
    };
    check(
        "# a's\na = 0x10 # a\nb = 1\n",
        "a",
        "z",
        "# a's\nz = 0x10 # a\nb = 1\n",
    );
    check(
        "[t]\nx = 1\n[t.s]\ny = 1\n",
        "t",
        "u",
        "[u]\nx = 1\n[u.s]\ny = 1\n",
    );
    check(
        "# a's\na = 0x10 # a\nb = 1\n\n[t]\nx = 1\n",
        "a",
        "t.z",
        "b = 1\n\n[t]\nx = 1\n# a's\nz = 0x10 # a\n",
    );
    check(
        "[t]\nk = 1\n# s\n[t.s]\ny = 1 # y\n\n[u]\nk = 1\n",
        "t.s",
        "s",
        "[t]\nk = 1\n\n[u]\nk = 1\n\n# s\n[s]\ny = 1 # y\n",
    );
    check(
        "a = 1\n\n# t's\n[t] # t\nx = 0x10 # x\n",
        "t",
        "u.t",
        "a = 1\n\n[u]\n\n# t's\n[u.t] # t\nx = 0x10 # x\n",
    );
    check(
        "a = 1\n\n# first\n[[t]] # t\nx = 0x10 # x\n\n[[t]]\nx.y = 'z'\n[t.s]\n\n[u]\n",
        "t",
        "u.v",
        "a = 1\n\n[u]\n\n# first\n[[u.v]] # t\nx = 0x10 # x\n\n[[u.v]]\nx.y = 'z'\n[u.v.s]\n",
    );
    check(
        "[[t]]\nx = 1 # one\n\n[[t]]\nx = 2 # two\n",
        "t[1]",
        "t[0]",
        "[[t]]\nx = 2 # two\n\n[[t]]\nx = 1 # one\n",
    );
    check("a = [1, 2, 3]\n", "a[2]", "a[0]", "a = [3, 1, 2]\n");
}

#[test]
fn fresh_text_puts_values_before_tables() {
    let (doc, warnings) = Document::encode(
        &value(
            r#"{"t": {"x": 1, "l": [{"y": 1.0}, {"y": 2}], "e": {}}, "a": "1 \"q\"", "n": null}"#,
        ),
        Format::Toml,
    )
    .expect("it can be said");
    insta::assert_snapshot!(doc.text(), @r#"
    a = '1 "q"'

    [t]
    x = 1

    [[t.l]]
    y = 1.0

    [[t.l]]
    y = 2

    [t.e]
    "#);
    assert_eq!(
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["null left out at n"]
    );
}

/// A comment that stands elsewhere in the same words doesn't stand for the lost one.
#[test]
fn comments_within_what_is_written_anew_are_counted() {
    let table = "[a]\nx = { b = 1, # optional\n  c.d = 2 }\n";
    for rest in ["", "\n[z]\ny = 1 # optional\n"] {
        let text = format!("{table}{rest}");
        let mut doc = document(Format::Toml, &text);
        match doc.set(&path("a.x.c.e"), 3) {
            Ok(_) => {
                let count = |text: &str| text.matches("# optional").count();
                assert_eq!(count(doc.text()), count(&text), "{}", doc.text());
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Refused);
                assert_eq!(doc.text(), text);
            }
        }
    }
}

/// The place that it comes from is in the item that it comes before.
#[test]
fn a_value_moved_out_of_an_item_to_before_it() {
    let text = "a = 1\n\n# why\n[[s]]\nt = 2\nf.k.on = false\n";
    let moved = edited(Format::Toml, text, |doc| {
        doc.move_to(&path("s[0].f.k.on"), &path("s[0]"))
    });
    insta::assert_snapshot!(moved, @r"
    a = 1
    s = [
      false,
      # why
      { t = 2, f = { k = {} } },
    ]
    ");
}

#[test]
fn a_value_that_is_missing_is_said_to_be() {
    let error = |text: &str| {
        let error = Document::parse(text.as_bytes(), Format::Toml);
        error.expect_err(text).to_string()
    };
    insta::assert_snapshot!(error("theme = "), @"there is no value after the `=` (1:9)");
    insta::assert_snapshot!(error("a.b =\r\nc = 1"), @"there is no value after the `=` (1:6)");
    insta::assert_snapshot!(error("theme = # c\n"), @"there is no value after the `=` (1:9)");
    insta::assert_snapshot!(error("a = { b = }"), @"there is no value after the `=` (1:11)");
    insta::assert_snapshot!(error("a = x"), @"string values must be quoted, expected literal string (1:5)");
    insta::assert_snapshot!(error("a = 'x =\n"), @"invalid literal string, expected `'` (1:9)");
}
