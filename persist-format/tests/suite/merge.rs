//! Merges of texts, by example. That nothing is lost by any is shown in `tests/lossless/merges`.

use persist_format::merge::{self, Merge, Policy, Side, TextEdits};
use persist_format::{Document, Format};

use crate::support::{path, value};

fn read(text: &str, format: Format) -> Document {
    Document::parse(text.as_bytes(), format)
        .unwrap_or_else(|error| panic!("{format}: {error}\n{text}"))
}

fn merged(format: Format, base: &str, ours: &str, theirs: &str) -> Merge {
    let [base, ours, theirs] = [base, ours, theirs].map(|text| read(text, format));
    merge::three_way(&base, &ours, &theirs).expect("the values can be said")
}

/// What a merge without conflicts says.
fn told(format: Format, base: &str, ours: &str, theirs: &str) -> String {
    let merge = merged(format, base, ours, theirs);
    assert!(merge.conflicts.is_empty(), "{:?}", merge.conflicts);
    assert!(merge.comments.is_empty(), "{:?}", merge.comments);
    merge.document.text().to_owned()
}

#[test]
fn texts_of_both_sides_are_kept() {
    let base = "# head\n\n[a]\nx = 1\ny = 2 # two\n\n[b]\nz = [1, 2]\n";
    let ours = "# head\n\n[a]\n# one\nx = 0x1\ny = 2 # two\n\n[b]\nz = [1, 2, 3]\n";
    let theirs = "# head\n\n[a]\nx = 1\ny = 5 # five\n\n\n[b]\nz = [0, 1, 2]\n\n[c]\nnew = true\n";
    insta::assert_snapshot!(told(Format::Toml, base, ours, theirs), @r"
    # head

    [a]
    # one
    x = 0x1
    y = 5 # five


    [b]
    z = [0, 1, 2, 3]

    [c]
    new = true
    ");
}

#[test]
fn items_are_known_again_by_their_names() {
    let base = "servers:\n  - name: a\n    port: 1\n  - name: b # second\n    port: 2\n";
    let ours = "servers:\n  - name: b # second\n    port: 2\n  - name: a\n    port: 10\n";
    let theirs = "servers:\n  - name: a\n    port: 1\n    tls: true\n  - name: c\n    port: 3\n  - name: b # second\n    port: 20\n";
    insta::assert_snapshot!(told(Format::Yaml, base, ours, theirs), @r"
    servers:
      - name: b # second
        port: 20
      - name: a
        port: 10
        tls: true
      - name: c
        port: 3
    ");
}

#[test]
fn conflicts_are_named_with_both_values_and_places() {
    let base = "{\"a\": 1,\n \"l\": [{\"id\": 1, \"v\": 1}], \"gone\": 1}";
    let ours = "{\"a\": 2,\n \"l\": [{\"id\": 0}, {\"id\": 1, \"v\": 2}]}";
    let theirs = "{\"new\": 0,\n\"a\": 3,\n \"l\": [{\"id\": 1, \"v\": 3}],\n \"gone\": 2}";
    let merge = merged(Format::Json, base, ours, theirs);
    let place = |at: Option<persist_format::Location>| {
        at.map_or("-".into(), |at| format!("{}:{}", at.line, at.column))
    };
    let told = merge.conflicts.iter().map(|conflict| {
        let places = [
            conflict.places.base,
            conflict.places.ours,
            conflict.places.theirs,
        ]
        .map(place);
        let values = [&conflict.base, &conflict.ours, &conflict.theirs];
        let values = values.map(|value| value.as_ref().map_or("-".into(), ToString::to_string));
        format!(
            "{}: {} at {}\n",
            conflict.path,
            values.join(", "),
            places.join(", ")
        )
    });
    insta::assert_snapshot!(told.collect::<String>(), @r"
    a: 1, 2, 3 at 1:7, 1:7, 2:6
    l[1].v: 1, 2, 3 at 2:23, 2:34, 3:23
    gone: 1, -, 2 at 2:36, -, 4:10
    ");
    insta::assert_snapshot!(merge.document.text(), @r#"
    {"a": 2,
     "l": [{"id": 0}, {"id": 1, "v": 2}],
     "new": 0}
    "#);
}

/// The one is ours and the other is named; what else both have made of the text is there.
#[test]
fn one_comment_that_both_have_reworded() {
    let base = "# the old words of it\na = 1\nb = 2\n";
    let ours = "# our old words of it\na = 1\nb = 0x3\n";
    let theirs = "# the old words of theirs\nb = 2\n\na = 0b1 # one\n";
    let merge = merged(Format::Toml, base, ours, theirs);
    insta::assert_snapshot!(merge.document.text(), @r"
    # our old words of it
    b = 0x3

    a = 0b1 # one
    ");
    let unplaced = merge
        .comments
        .iter()
        .map(|c| (c.side, &*c.text, c.place.line));
    let theirs = (Side::Theirs, "# the old words of theirs", 1);
    assert_eq!(unplaced.collect::<Vec<_>>(), [theirs]);
}

/// Indented anew, a comment over several lines is the same.
#[test]
fn a_comment_of_several_lines_may_be_indented_anew() {
    let base = "{\n  \"a\": {\n    \"x\": 1\n  }\n}\n";
    let ours = "{\n  \"a\": {\n    /* one\n       two */\n    \"x\": 1\n  }\n}\n";
    let theirs = "{\n  \"a\": {\n    \"x\": 1\n  },\n  \"b\": 2\n}\n";
    told(Format::Jsonc, base, ours, theirs);
    let theirs = "{\n    \"a\": {\n        /* one\n           two */\n        \"x\": 1\n    },\n    \"b\": 2\n}\n";
    told(Format::Jsonc, base, ours, theirs);
}

#[test]
fn an_item_that_both_have_added_at_different_places_is_one() {
    let list = |items: &str| format!("[{items}]\n");
    let cases = [
        // The same item, and one of the same name.
        (
            r#"{"id":"x"}, "b""#,
            r#""b", {"id":"x"}"#,
            r#"{"id":"x"}, "b""#,
        ),
        (
            r#"{"id":"x","our":1}, "b""#,
            r#""b", {"id":"x","our":1,"their":2}"#,
            r#"{"id":"x","our":1,"their":2}, "b""#,
        ),
        // Beside others, and two that change places.
        (
            r#"{"id":"x"}, {"id":"y"}, "b""#,
            r#""b", {"id":"y"}, {"id":"x"}"#,
            r#"{"id":"x"}, {"id":"y"}, "b""#,
        ),
        // A name that several bear tells none from the other.
        (
            r#"{"id":"x","our":1}, "b""#,
            r#""b", {"id":"x","v":1}, {"id":"x","v":2}"#,
            r#"{"id":"x","our":1}, "b", {"id":"x","v":1}, {"id":"x","v":2}"#,
        ),
    ];
    for (ours, theirs, expected) in cases {
        let [ours, theirs, expected] =
            [ours, theirs, expected].map(|rest| list(&format!("\"a\", {rest}")));
        let told = told(Format::Json, &list("\"a\", \"b\""), &ours, &theirs);
        let [told, expected] = [told, expected].map(|text| read(&text, Format::Json).into_value());
        assert_eq!(told, expected);
    }
}

/// With the comments of both, wherever these come to stand.
#[test]
fn a_key_that_both_have_added_at_different_places_is_one() {
    let [toml, yaml, jsonc] = ["a = 1\nb = 2\n", "a: 1\nb: 2\n", "{\n  \"a\": 1\n}\n"];
    let cases = [
        (
            Format::Toml,
            toml,
            "x = 5 # our\na = 1\nb = 2\n",
            "a = 1\nb = 2\n# their\nx = 5\n",
            "5",
        ),
        (
            Format::Toml,
            toml,
            "x = 5 # our\na = 1\nb = 2\n",
            "a = 1\nb = 2\n# their\nx = 6\n",
            "5",
        ),
        (
            Format::Toml,
            "[b]\nc = 2\n",
            "[x]\ny = 5 # our\n[b]\nc = 2\n",
            "[b]\nc = 2\n# their\n[x]\nz = 6\n",
            r#"{"y":5,"z":6}"#,
        ),
        (
            Format::Yaml,
            yaml,
            "x: 5 # our\na: 1\nb: 2\n",
            "a: 1\nb: 2\n# their\nx: 5\n",
            "5",
        ),
        (
            Format::Yaml,
            yaml,
            "x: 5 # our\na: 1\nb: 2\n",
            "a: 1\nb: 2\n# their\nx: 6\n",
            "5",
        ),
        (
            Format::Yaml,
            yaml,
            "x:\n  y: 5 # our\na: 1\nb: 2\n",
            "a: 1\nb: 2\n# their\nx:\n  z: 6\n",
            r#"{"y":5,"z":6}"#,
        ),
        (
            Format::Jsonc,
            jsonc,
            "{\n  \"x\": 5, // our\n  \"a\": 1\n}\n",
            "{\n  \"a\": 1,\n  // their\n  \"x\": 5\n}\n",
            "5",
        ),
        (
            Format::Jsonc,
            jsonc,
            "{\n  \"x\": {\n    \"y\": 5 // our\n  },\n  \"a\": 1\n}\n",
            "{\n  \"a\": 1,\n  // their\n  \"x\": {\n    \"z\": 6\n  }\n}\n",
            r#"{"y":5,"z":6}"#,
        ),
    ];
    for (format, base, ours, theirs, expected) in cases {
        let merge = merged(format, base, ours, theirs);
        let text = merge.document.text();
        assert_eq!(
            merge.document.get(&path("x")),
            Some(&value(expected)),
            "{text}"
        );
        assert_eq!(text.matches('x').count(), 1, "{text}");
        for comment in ["our", "their"] {
            assert_eq!(text.matches(comment).count(), 1, "{text}");
        }
        assert_eq!(
            merge.conflicts.len(),
            usize::from(theirs.contains("x = 6") || theirs.contains("x: 6")),
            "{text}"
        );
        assert!(merge.comments.is_empty(), "{text}");
    }
}

/// Comments that have gone elsewhere are not those that have come, though they are as many.
#[test]
fn comments_that_have_moved_are_not_reworded() {
    let base = "m:\n  # five\n  # six\n  c: 3\n";
    let ours = "m:\n  # five again\n  # six\n  c: 3\n";
    let theirs = "# five\n# six\nc: 3\nm:\n  # nine\n  # ten\n  x: 1\n";
    insta::assert_snapshot!(told(Format::Yaml, base, ours, theirs), @r"
    # five again
    # six
    c: 3
    m:
      # nine
      # ten
      x: 1
    ");
}

/// Both add an entry at the end of the map, and nobody has written the comma between these. Commas elsewhere are nobody's business.
#[test]
fn commas_before_brackets_stay_where_they_stood() {
    let base = "{\n  \"a\": [\n    1,\n    2,\n  ],\n  \"z\": 1\n}\n";
    let with = |entry: &str| base.replace("\"z\": 1", &format!("\"z\": 1,\n  {entry}"));
    let [ours, theirs] = ["\"b\": 2", "\"c\": 3"].map(with);
    insta::assert_snapshot!(told(Format::Jsonc, base, &ours, &theirs), @r#"
    {
      "a": [
        1,
        2,
      ],
      "z": 1,
      "b": 2,
      "c": 3
    }
    "#);
    let base = "{\"a\": [1, 2,], \"z\": 1}\n";
    let [ours, theirs] = [
        "{\"a\": [1, 2,], \"z\": 1, \"b\": 2}\n",
        "{\"a\": [1, 2,], \"z\": 1, /* , */ \"c\": [3,]}\n",
    ];
    insta::assert_snapshot!(told(Format::Jsonc, base, ours, theirs), @r#"{"a": [1, 2,], "z": 1, "b": 2, /* , */ "c": [3,]}"#);
}

/// One side takes away an item and the other the next: the comma before both is left.
#[test]
fn no_comma_comes_to_stand_before_a_bracket_where_nobody_has_such() {
    let base = "{\"a\": [1, 2, 3]}\n";
    let [ours, theirs] = ["{\"a\": [1, 2]}\n", "{\"a\": [1, 3]}\n"];
    for format in [Format::Json, Format::Jsonc] {
        assert_eq!(told(format, base, ours, theirs), "{\"a\": [1]}\n");
    }
}

/// New lines get the line end of the first line, wherever they come from.
#[test]
fn lines_end_as_the_first_does() {
    let base = "a = 1\nb = 2\r\n";
    let [ours, theirs] = ["# ours\n", "# theirs\n"].map(|line| line.to_owned() + base);
    let merged = told(Format::Toml, base, &ours, &theirs);
    assert_eq!(merged, "# ours\n# theirs\na = 1\nb = 2\r\n");
}

/// The first line can be taken away as any other.
#[test]
fn edits_of_a_text_are_made_in_it() {
    let cases = [
        ("a = 1\nb = 2 # two\n", "a = 1\n"),
        ("a = 1\nb = 2 # two\n", "b = 2\n"),
        ("a = 1\nb = 2\n", "# new\na = 3\nb = 2\n"),
        ("\na = 1\n", "a = 1\nb = 2\n"),
        ("a = 1\r\nb = 2\r\n", "b = 2\r\nc = 3\r\n"),
        ("a = 1\nb = 2\r\nc = 3\n", "c = 3\n"),
        ("a = 1\r\nb = 2\nc = 3\n", "b = 3\nc = 3\n"),
        ("a = 1", "a = 2"),
        ("", "a = 1\n"),
        ("a = 1\n", ""),
    ];
    for (from, to) in cases {
        let [from, to] = [from, to].map(|text| read(text, Format::Toml));
        let edits = TextEdits::between(&from, &to);
        let stored = serde_json::to_string(&edits).expect("it is a list");
        let edits: TextEdits = serde_json::from_str(&stored).expect("it was stored so");
        assert_eq!(edits.apply(&from).as_deref(), Some(to.text()), "{stored}");
    }
}

/// As state folders of earlier builds have them.
#[test]
fn stored_edits_are_read_as_ever() {
    let cases = [
        (
            "size: 256\ntimeout: 45 # long\n",
            r#"[[10,22,""],[22,29,""]]"#,
        ),
        (
            "size: 256\r\ntimeout: 45 # long\r\n",
            r#"[[11,24,""],[24,31,""]]"#,
        ),
    ];
    for (text, stored) in cases {
        let document = read(text, Format::Yaml);
        let edits: TextEdits = serde_json::from_str(stored).expect("it is a list");
        let bare = edits.apply(&document).expect("they are of this text");
        assert_eq!(bare.trim_end(), "size: 256");
        let bare = read(&bare, Format::Yaml);
        assert_eq!(TextEdits::between(&document, &bare), edits);
    }
    let beyond: TextEdits = serde_json::from_str(r#"[[10,99,""]]"#).expect("it is a list");
    assert_eq!(beyond.apply(&read("a: 1\n", Format::Yaml)), None);
    let twice: TextEdits = serde_json::from_str(r#"[[1,3,""],[2,3,""]]"#).expect("it is a list");
    assert_eq!(twice.apply(&read("a: 1\n", Format::Yaml)), None);
}

/// However lines end in the other document, and however deep it is indented there.
#[test]
fn a_comment_that_both_have_comes_back() {
    let mut document = read("a:\r\n  b: 1\r\n", Format::Yaml);
    let from = read("a:\r\n  # of b\r\n  b: 1\r\n  # mine\r\n", Format::Yaml);
    let other = read("# of b\nb: 1\n", Format::Yaml);
    assert!(merge::keep_comments(&mut document, &from, &other));
    assert_eq!(document.text(), "a:\r\n  # of b\r\n  b: 1\r\n");
}

/// Though the other one is there, which says the same.
#[test]
fn one_of_two_comments_that_say_the_same_comes_back() {
    let from = read("# same\na = 1\n# same\nb = 2\nc = 3\n", Format::Toml);
    let mut document = read("a = 1\n# same\nb = 2\nc = 3\n", Format::Toml);
    assert!(merge::keep_comments(&mut document, &from, &from));
    assert_eq!(document.text(), from.text());
    let moved = read("a = 1\n# same\nb = 2\n# same\nc = 3\n", Format::Toml);
    assert!(!merge::keep_comments(&mut moved.clone(), &from, &from));
}

/// What theirs has taken away stays as ours has changed it, and its keys in the order in which ours has them.
#[test]
fn keys_of_a_conflict_stay_in_order() {
    let [base, ours, theirs] = [
        r#"[{"a": 1}, {"a": 2}]"#,
        r#"[{"a": 1, "x": 103}, {"a": 2}]"#,
        r#"[{"a": 2}]"#,
    ]
    .map(|json| Document::encode(&value(json), Format::Json).expect("JSON says it"))
    .map(|(document, _)| document.text().to_owned());
    let merge = merged(Format::Json, &base, &ours, &theirs);
    assert_eq!(merge.conflicts.len(), 1);
    assert_eq!(merge.document.text(), ours);

    let [base, ours, theirs] = ["a = []\nb = 1\n", "a = [102]\nb = 1\n", "b = 1\n"];
    let merge = merged(Format::Toml, base, ours, theirs);
    assert_eq!(merge.conflicts.len(), 1);
    assert_eq!(merge.document.text(), ours);
}

/// One side puts a comment somewhere, the other something new next to it: whoever is ours, the comment stands where it did, as these lines.
#[test]
fn a_comment_stays_with_what_it_belongs_to() {
    fn check(format: Format, [base, one, other]: [&str; 3], lines: &str) {
        for [ours, theirs] in [[one, other], [other, one]] {
            let text = told(format, base, ours, theirs);
            let whole = format!("\n{text}");
            let is_there = whole.contains(&format!("\n{lines}\n"));
            assert!(is_there, "{format}: {lines:?} is not in {text:?}");
        }
    }
    let yaml = |texts: [&str; 3], lines: &str| check(Format::Yaml, texts, lines);
    let toml = |texts: [&str; 3], lines: &str| check(Format::Toml, texts, lines);
    let jsonc = |texts: [&str; 3], lines: &str| check(Format::Jsonc, texts, lines);

    // Above a key, and an item before it.
    for [item, at] in [["  - ", ""], ["- ", ""], ["    - ", "  "]] {
        let around = if at.is_empty() { "" } else { "x:\n" };
        let text = |items: &[&str], comment: &str| {
            let items: String = items.iter().map(|i| format!("{item}{i}\n")).collect();
            format!("{around}{at}hosts:\n{items}{comment}{at}plugin: 7\n")
        };
        let comment = format!("{at}# about the plugin\n");
        let texts = [
            text(&["a"], ""),
            text(&["a"], &comment),
            text(&["a", "b"], ""),
        ];
        yaml(
            texts.each_ref().map(String::as_str),
            &format!("{comment}{at}plugin: 7"),
        );
    }
    let texts = [
        "[[w]]\nn = 1\n\n[z]\n",
        "[[w]]\nn = 1\n\n# about z\n[z]\n",
        "[[w]]\nn = 1\n\n[[w]]\nn = 2\n\n[z]\n",
    ];
    toml(texts, "# about z\n[z]");
    // At the end of the text, and an item before it.
    yaml(
        ["l:\n  - a\n", "l:\n  - a\n# end\n", "l:\n  - a\n  - b\n"],
        "  - b\n# end",
    );

    // At the end of a section, and another section.
    let texts = [
        "[server]\nport = 1\n",
        "[server]\nport = 1\n# debug = true\n",
        "[server]\nport = 1\n\n[log]\nlevel = \"x\"\n",
    ];
    toml(texts, "port = 1\n# debug = true\n\n[log]");
    let texts = [
        "s:\n  port: 1\nz: 1\n",
        "s:\n  port: 1\n  # debug: true\nz: 1\n",
        "s:\n  port: 1\nlog:\n  level: x\nz: 1\n",
    ];
    yaml(texts, "  port: 1\n  # debug: true\nlog:");
    let texts = [
        "l:\n  - a\n",
        "l:\n  - a\n  # - b\n",
        "l:\n  - a\nm:\n  - c\n",
    ];
    yaml(texts, "  - a\n  # - b\nm:");

    // Beside a new last item, after one with a comment beside it.
    let texts = [
        "p:\n  - 80  # web\n",
        "p:\n  - 80  # web\n  - 443  # tls\n",
        "p:\n  - 80  # web\n  - 9090\n",
    ];
    yaml(texts, "  - 443  # tls");

    // Above an item, and another item before that.
    yaml(
        ["- b\n", "# about b\n- b\n", "- a\n- b\n"],
        "# about b\n- b",
    );
    let texts = [
        "args:\n  - name: b\n    x: 1\n",
        "args:\n  # about b\n  - name: b\n    x: 1\n",
        "args:\n  - name: a\n    x: 0\n  - name: b\n    x: 1\n",
    ];
    yaml(texts, "  # about b\n  - name: b");
    toml(
        [
            "l = [\n  2,\n]\n",
            "l = [\n  # two\n  2,\n]\n",
            "l = [\n  1,\n  2,\n]\n",
        ],
        "  # two\n  2,",
    );
    jsonc(
        ["[\n  2\n]\n", "[\n  // two\n  2\n]\n", "[\n  1,\n  2\n]\n"],
        "  // two\n  2",
    );

    // Above what the other side puts a key before, in the place of one that is gone.
    yaml(
        ["a: 1\nb: 2\n", "# about b\nb: 2\n", "a: 1\nc: 3\nb: 2\n"],
        "# about b\nb: 2",
    );
    toml(
        [
            "a = 1\nb = 2\n",
            "# about b\nb = 2\n",
            "a = 1\nc = 3\nb = 2\n",
        ],
        "# about b\nb = 2",
    );
    let texts = [
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
        "{\n  // about b\n  \"b\": 2\n}\n",
        "{\n  \"a\": 1,\n  \"c\": 3,\n  \"b\": 2\n}\n",
    ];
    jsonc(texts, "  // about b\n  \"b\": 2");

    // Above a new key, and another new one that says a list with commas.
    yaml(
        ["z: 1\n", "o: [1, 181]\nz: 1\n", "# about t\nt: 212\nz: 1\n"],
        "# about t\nt: 212",
    );
    toml(
        [
            "z = 1\n",
            "o = [1, 181]\nz = 1\n",
            "# about t\nt = 212\nz = 1\n",
        ],
        "# about t\nt = 212",
    );

    // Beside an item that goes elsewhere.
    yaml(
        ["- a\n- b\n- c\n", "- a # ca\n- b\n- c\n", "- b\n- c\n- a\n"],
        "- c\n- a # ca",
    );

    // At the top of the text, and a key at the top.
    toml(
        ["a = 1\n", "# license\n\na = 1\n", "b = 0\na = 1\n"],
        "# license\n\nb = 0\na = 1",
    );
    yaml(
        ["a: 1\n", "# license\n\na: 1\n", "b: 0\na: 1\n"],
        "# license\n\nb: 0\na: 1",
    );
}

/// Where one side has put the list on one line, the text of the other is taken: a new comment stays with its item.
#[test]
fn a_new_comment_of_an_item_keeps_its_line() {
    let base = "l:\n  - 1\nz: 1\n";
    let theirs = "l:\n  - 1\n  # two\n  - 2\nz: 1\n";
    assert_eq!(told(Format::Yaml, base, "l: [1]\nz: 1\n", theirs), theirs);
}

fn merges(format: Format, cases: &[[&str; 4]]) {
    for [base, ours, theirs, expected] in cases {
        assert_eq!(told(format, base, ours, theirs), *expected, "{base}");
    }
}

/// Nor in a list. To readers of TOML 1.0 it is a mistake.
#[test]
fn no_comma_comes_to_stand_at_the_end_of_an_inline_table() {
    let toml = [
        [
            "serde = { version = \"1\", optional = true, features = [\"derive\"] }\n",
            "serde = { version = \"1\", optional = true }\n",
            "serde = { version = \"1\", features = [\"derive\"] }\n",
            "serde = { version = \"1\" }\n",
        ],
        [
            "t = { a = 1, b = 2 }\n",
            "t = { b = 2 }\n",
            "t = { b = 2, a = 1 }\n",
            "t = { b = 2 }\n",
        ],
        [
            "l = [1, 2, 3]\n",
            "l = [1, 2]\n",
            "l = [1, 3]\n",
            "l = [1]\n",
        ],
        [
            "l = [\n  1,\n  2,\n  3,\n]\n",
            "l = [\n  1,\n  2,\n]\n",
            "l = [\n  1,\n  3,\n]\n",
            "l = [\n  1,\n]\n",
        ],
        // The list ends with one, but not what is in it.
        [
            "l = [\n  { name = \"n\", b = 2, c = 3 },\n]\n",
            "l = [\n  { name = \"n\", b = 2 },\n]\n",
            "l = [\n  { name = \"n\", c = 3 },\n]\n",
            "l = [\n  { name = \"n\" },\n]\n",
        ],
    ];
    merges(Format::Toml, &toml);
    let yaml = [["l: [1, 2, 3]\n", "l: [1, 2]\n", "l: [1, 3]\n", "l: [1]\n"]];
    merges(Format::Yaml, &yaml);
    let jsonc = [[
        "{\"a\":1,\"b\":2,\"c\":3}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":1,\"c\":3}",
        "{\"a\":1}",
    ]];
    merges(Format::Jsonc, &jsonc);
}

/// A blank line above what comes after it belongs there, and not before a bracket that has come in between.
#[test]
fn no_line_ends_within_an_inline_table() {
    let cases = [
        [
            "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n",
            "[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"1\"\n",
            "[dependencies]\na = { version = \"1\", features = [\"x\"] }\n[dev-dependencies]\nb = \"1\"\n",
        ],
        ["[a]\nx = 1\n", "[a]\n\nx = 1\n", "a = { x = 1 }\n"],
        ["many = {a = 1}\n", "", "e = [{},{n=1}]\nmany = {a = 1}\n"],
    ];
    for [base, ours, theirs] in cases {
        let text = told(Format::Toml, base, ours, theirs);
        for line in text.lines() {
            let count = |bracket| line.matches(bracket).count();
            assert_eq!((count('{'), count('[')), (count('}'), count(']')), "{text}");
        }
    }
}

/// Ours can't be given a value that an alias repeats, but the texts go together.
#[test]
fn values_with_anchors_are_merged_where_texts_are() {
    let cases = [
        [
            "x: &a\n  p: 1\ny: *a\nz: 1\n",
            "x: &a\n  p: 1\ny: *a\nz: 2\n",
            "x: &a\n  p: 2\ny: *a\nz: 1\n",
            "x: &a\n  p: 2\ny: *a\nz: 2\n",
        ],
        // Neither side can be given the values.
        [
            "x: &a\n  p: 1\n  o: 1\n  q: 1\ny: *a\n",
            "x: &a\n  p: 2\n  o: 1\n  q: 1\ny: *a\n",
            "x: &a\n  p: 1\n  o: 1\n  q: 2\ny: *a\n",
            "x: &a\n  p: 2\n  o: 1\n  q: 2\ny: *a\n",
        ],
    ];
    merges(Format::Yaml, &cases);
}

/// Ours has no place for an item after the comment in its flow style, or for what an alias repeats, and no text of both says the values: theirs is given them.
#[test]
fn values_that_ours_refuses_are_given_to_theirs() {
    let base = "k:\n  - - a\n    - b # b\nz: 1\n";
    let ours = "k:\n  - [a, b # b\n    ]\nz: 2\n";
    let theirs = "k:\n  - - a\n    - b # b\n    - 5 # new\nz: 1\n";
    let wanted = value(r#"{"k":[["a","b",5]],"z":2}"#);
    assert!(read(ours, Format::Yaml).apply(&wanted).is_err());
    let expected = "k:\n  - - a\n    - b # b\n    - 5 # new\nz: 2\n";
    merges(Format::Yaml, &[[base, ours, theirs, expected]]);

    let base = "l:\n  - &a\n    p: 1\n  - {q: 1} # q\ny: *a\n";
    let ours = "l:\n  - &a {p: 1}\n  - {q: 2} # q\ny: *a\n";
    let theirs = "l:\n  - &a\n    p: 1\n    r: 2 # new\n  - {q: 1} # q\ny: *a\n";
    let wanted = value(r#"{"l":[{"p":1,"r":2},{"q":2}],"y":{"p":1,"r":2}}"#);
    assert!(read(ours, Format::Yaml).apply(&wanted).is_err());
    insta::assert_snapshot!(told(Format::Yaml, base, ours, theirs), @r"
    l:
      - &a
        p: 1
        r: 2 # new
      - {q: 2} # q
    y: *a
    ");
}

/// With all that stands at it.
#[test]
fn comments_of_what_stays_in_a_conflict_stay() {
    let cases = [
        (
            Format::Yaml,
            "a: 1\n# b\nb: 1 # bb\n",
            "a: 1\n# b\nb: 2 # bb\n",
            "a: 1\n",
        ),
        (
            Format::Yaml,
            "a: 1\nm:\n  # in\n  x: 1 # x\nz: 1\n",
            "a: 1\nm:\n  # in\n  x: 2 # x\nz: 1\n",
            "a: 1\nm: 5\nz: 1\n",
        ),
        (
            Format::Toml,
            "a = 1\n\n# b\n[b]\nx = 1 # x\n",
            "a = 1\n\n# b\n[b]\nx = 2 # x\n",
            "a = 1\n",
        ),
        (
            Format::Jsonc,
            "{\n  \"a\": 1,\n  // b\n  \"b\": 1 // bb\n}\n",
            "{\n  \"a\": 1,\n  // b\n  \"b\": 2 // bb\n}\n",
            "{\n  \"a\": 1\n}\n",
        ),
    ];
    for (format, base, ours, theirs) in cases {
        let merge = merged(format, base, ours, theirs);
        assert_eq!(merge.document.text(), ours);
        assert_eq!((merge.conflicts.len(), merge.comments.len()), (1, 0));
    }
}

/// It is not there: a comment above it would come to stand above another.
#[test]
fn comments_at_what_is_gone_in_a_conflict_are_named() {
    let base = "a: 1\n# b\nb: 1 # bb\nc: 1\n";
    let theirs = "a: 1\n# b\n# new\nb: 2 # new too\nc: 0x1\n";
    let merge = merged(Format::Yaml, base, "a: 1\nc: 1\n", theirs);
    assert_eq!(merge.document.text(), "a: 1\nc: 0x1\n");
    assert_eq!(merge.conflicts.len(), 1);
    let named = merge.comments.iter();
    let named: Vec<_> = named.map(|c| (c.side, &*c.text, c.place.line)).collect();
    let [new, beside] =
        [("# new", 3), ("# new too", 4)].map(|(text, line)| (Side::Theirs, text, line));
    assert_eq!(named, [new, beside]);
}

/// Where one side has changed how lines end, all of them end so.
#[test]
fn lines_end_as_in_the_text_that_has_changed_them() {
    let base = "a: 1\nb: 2\n";
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let (ours, theirs) = ("a: 0\nb: 2\n", "a: 1\nb: 2\n# text\nt: |\n  one\n  two\n");
    let expected = "a: 0\nb: 2\n# text\nt: |\n  one\n  two\n";
    assert_eq!(
        told(Format::Yaml, base, &crlf(ours), theirs),
        crlf(expected)
    );
    assert_eq!(
        told(Format::Yaml, base, ours, &crlf(theirs)),
        crlf(expected)
    );
    assert_eq!(
        told(Format::Yaml, &crlf(base), &crlf(ours), theirs),
        expected
    );
    assert_eq!(told(Format::Yaml, base, &crlf(base), theirs), crlf(theirs));
    // What is named is named where it stands.
    let merge = merged(
        Format::Yaml,
        "a: 1\n# b\nb: 1\n",
        "a: 1\r\n",
        "a: 1\n# new\nb: 2\n",
    );
    assert_eq!(
        (merge.document.text(), merge.conflicts.len()),
        ("a: 1\r\n", 1)
    );
    assert_eq!(merge.comments[0].place.offset, 5);
}

/// The same where the values are given, which are written as ours is.
#[test]
fn lines_end_alike_where_the_values_are_given() {
    let policy = Policy {
        first: Side::Theirs,
        same_items: &|_, _| Vec::new(),
    };
    let texts = [
        (
            Format::Toml,
            ["a = 1\n", "a = 2\n", "# new\nn = 'x' # beside\n\na = 1\n"],
        ),
        (
            Format::Yaml,
            ["a: 1\n", "a: 2\n", "# new\nn: |\n  one\n\n  two\n\na: 1\n"],
        ),
        (
            Format::Jsonc,
            [
                "{\n  \"a\": 1\n}\n",
                "{\n  \"a\": 2\n}\n",
                "{\n  /* new\n     one */\n  \"n\": 3, // beside\n\n  \"a\": 1\n}\n",
            ],
        ),
    ];
    for (format, [base, ours, theirs]) in texts {
        for [old, now] in [["\n", "\r\n"], ["\r\n", "\n"]] {
            let [base, theirs] = [base, theirs].map(|text| read(&text.replace('\n', old), format));
            let ours = read(&ours.replace('\n', now), format);
            let mut wanted = ours.clone();
            let values = merge::values(base.value(), ours.value(), theirs.value());
            drop(
                wanted
                    .apply(&values.expect("no conflict"))
                    .expect("ours can say them"),
            );
            let merged = merge::texts(&base, &ours, &theirs, &wanted, &policy);
            let expected = theirs.text().replace(old, now);
            let expected = expected.replace("a = 1", "a = 2").replace("a: 1", "a: 2");
            let expected = expected.replace("\"a\": 1", "\"a\": 2");
            assert_eq!(
                merged.expect("a text says them").text(),
                expected,
                "{format}"
            );
        }
    }
}

/// There a line end is a part of the value.
#[test]
fn line_ends_within_strings_of_toml_stay() {
    let text = |lines: &str, string: &str| {
        let text = "a = 1\n# b\nb = 1\nt = \"\"\"one|two\"\"\" # t\n".replace('\n', lines);
        text.replace('|', string)
    };
    let new = |text: String, line_end: &str| {
        let new = format!("# new{line_end}b = 2");
        text.replace("b = 1", &new)
    };
    let base = text("\n", "\n");
    let theirs = new(base.clone(), "\n");
    for string in ["\n", "\r\n"] {
        let ours = text("\r\n", string);
        let merged = told(Format::Toml, &base, &ours, &theirs);
        assert_eq!(merged, new(ours, "\r\n"), "{string:?}");
    }
}

/// A blank line above an item finds no place where its dash has got a line of its own.
#[test]
fn no_line_of_spaces_is_left() {
    let merge = told(
        Format::Yaml,
        "k:\n  - name: \"n\"\n",
        "k:\n  -\n    name: \"n\"\n",
        "k:\n\n  - name: \"n\"\n",
    );
    assert!(merge.contains("name: \"n\""), "{merge}");
    assert!(
        !merge
            .lines()
            .any(|line| line.starts_with(' ') && line.trim().is_empty()),
        "{merge}"
    );
}
