//! What becomes of a new comment in a merge when the other side changes or removes what it is about.

use persist_format::merge::{self, Merge};
use persist_format::{Document, Format};

fn merged(format: Format, texts: [&str; 3]) -> Merge {
    let read = |text: &str| {
        Document::parse(text.as_bytes(), format)
            .unwrap_or_else(|error| panic!("{format}: {error}\n{text}"))
    };
    let [base, ours, theirs] = texts.map(read);
    let merge = merge::three_way(&base, &ours, &theirs).expect("the values can be said");
    assert!(merge.conflicts.is_empty(), "{:?}", merge.conflicts);
    merge
}

/// The base, a side with a new comment and the other side, whichever of these is ours: what the merge says, and the comments that it names.
fn check(format: Format, [base, comment, other]: [&str; 3], text: &str, named: &[&str]) {
    for texts in [[base, comment, other], [base, other, comment]] {
        let merge = merged(format, texts);
        assert_eq!(
            merge.document.text(),
            text,
            "{format}:\n{}",
            texts.join("----\n")
        );
        let unplaced: Vec<&str> = merge.comments.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(unplaced, named, "{format}:\n{}", texts.join("----\n"));
    }
}

/// The other side has removed what the comment is about: the comment is named, and the text is the other's.
fn is_named(format: Format, [base, comment, other]: [&str; 3], named: &str) {
    check(format, [base, comment, other], other, &[named]);
}

#[test]
fn a_comment_above_what_is_gone_is_named() {
    use Format::{Jsonc, Toml, Yaml};
    let texts = [
        "services:\n  web:\n    p: 1\n  db:\n    p: 2\n",
        "services:\n  # do not expose\n  web:\n    p: 1\n  db:\n    p: 2\n",
        "services:\n  db:\n    p: 2\n",
    ];
    is_named(Yaml, texts, "# do not expose");
    let texts = ["- web\n- db\n", "# why\n- web\n- db\n", "- db\n"];
    is_named(Yaml, texts, "# why");
    let texts = [
        "[deps]\na = \"1\"\nb = \"2\"\n",
        "[deps]\n# pinned because X\na = \"1\"\nb = \"2\"\n",
        "[deps]\nb = \"2\"\n",
    ];
    is_named(Toml, texts, "# pinned because X");
    let texts = [
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
        "{\n  // why\n  \"a\": 1,\n  \"b\": 2\n}\n",
        "{\n  \"b\": 2\n}\n",
    ];
    is_named(Jsonc, texts, "// why");
    let texts = [
        "[\n  1,\n  2\n]\n",
        "[\n  // why\n  1,\n  2\n]\n",
        "[\n  2\n]\n",
    ];
    is_named(Jsonc, texts, "// why");
    let texts = [
        "k = [\n  1,\n  2,\n]\n",
        "k = [\n  # why\n  1,\n  2,\n]\n",
        "k = [\n  2,\n]\n",
    ];
    is_named(Toml, texts, "# why");
    let texts = [
        "[[s]]\nn = 1\n\n[[s]]\nn = 2\n\n[z]\n",
        "[[s]]\nn = 1\n\n# note\n[[s]]\nn = 2\n\n[z]\n",
        "[[s]]\nn = 1\n\n[z]\n",
    ];
    is_named(Toml, texts, "# note");
    let texts = ["b = 2\n", "# why b\nb = 2\n\n[t]\n", ""];
    check(Toml, texts, "[t]\n", &["# why b"]);
}

#[test]
fn a_comment_within_what_is_gone_is_named() {
    let texts = [
        "[a]\nk = [\n  1,\n]\n\n[z]\n",
        "[a]\nk = [\n  # why\n  1,\n]\n\n[z]\n",
        "[a]\n\n[z]\n",
    ];
    is_named(Format::Toml, texts, "# why");
}

#[test]
fn a_comment_beside_what_is_gone_is_named() {
    use Format::{Jsonc, Toml, Yaml};
    let texts = [
        "[\n  1,\n  2\n]\n",
        "[\n  1,\n  2 // note\n]\n",
        "[\n  1\n]\n",
    ];
    is_named(Jsonc, texts, "// note");
    let texts = [
        "[[s]]\nn = 1\n\n[[s]]\nn = 2\n",
        "[[s]]\nn = 1\n\n[[s]]\nn = 2 # note\n",
        "[[s]]\nn = 1\n",
    ];
    is_named(Toml, texts, "# note");
    let texts = [
        "steps:\n  - uses: a\n  - name: B\n    run: b\n",
        "steps:\n  - uses: a\n  - name: B # new\n    run: b\n",
        "steps:\n  - uses: a\n",
    ];
    is_named(Yaml, texts, "# new");
    let texts = [
        "steps:\n  - uses: a\n    with:\n      x: 1\n  - name: B\n    run: b\n",
        "steps:\n  - uses: a\n    with:\n      x: 1\n  - name: B # new\n    run: b\n",
        "steps:\n  - uses: a\n    with:\n      x: 1\n",
    ];
    is_named(Yaml, texts, "# new");
    let texts = [
        "p:\n  - \"80\"\n  - \"443\"\n",
        "p:\n  - \"80\" # web\n  - \"443\"\n",
        "p:\n  - \"443\"\n",
    ];
    is_named(Yaml, texts, "# web");
}

#[test]
fn a_reworded_comment_of_what_is_gone_is_named() {
    let texts = [
        "# about b\nb: 2\nc: 3\n",
        "# about b, longer\nb: 2\nc: 3\n",
        "c: 3\n",
    ];
    is_named(Format::Yaml, texts, "# about b, longer");
    let texts = [
        "# about b\nb = 2\nc = 3\n",
        "# about b, longer\nb = 2\nc = 3\n",
        "c = 3\n",
    ];
    is_named(Format::Toml, texts, "# about b, longer");
    let texts = [
        "{\n  // about b\n  \"b\": 2,\n  \"c\": 3\n}\n",
        "{\n  // about b, longer\n  \"b\": 2,\n  \"c\": 3\n}\n",
        "{\n  \"c\": 3\n}\n",
    ];
    is_named(Format::Jsonc, texts, "// about b, longer");
}

/// Of two comments that say the same the one whose entry is left.
#[test]
fn of_two_comments_that_say_the_same_one_is_named() {
    let texts = [
        "a: 1\nb: 2\nc: 3\n",
        "# pinned\na: 1\n# pinned\nb: 2\nc: 3\n",
        "b: 2\nc: 3\n",
    ];
    check(Format::Yaml, texts, "# pinned\nb: 2\nc: 3\n", &["# pinned"]);
    let texts = [
        "a: 1\nb: 2\nc: 3\n",
        "# pinned\na: 1\n# pinned\nb: 2\nc: 3\n",
        "a: 1\nc: 3\n",
    ];
    check(Format::Yaml, texts, "# pinned\na: 1\nc: 3\n", &["# pinned"]);
}

#[test]
fn a_comment_stays_above_an_item_that_gets_another_value() {
    use Format::{Jsonc, Toml, Yaml};
    let text = |comment: &str, last: &str| {
        let yaml = format!("ports:\n  - \"80:80\"\n{comment}  - \"{last}\"\nenv: 1\n");
        let toml = format!("ports = [\n  \"80:80\",\n{comment}  \"{last}\",\n]\nenv = 1\n");
        let bare = format!("ports = [\n  \"80:80\",\n{comment}  \"{last}\"\n]\nenv = 1\n");
        let json = format!("[\n  \"80:80\",\n{comment}  \"{last}\"\n]\n");
        let json = json.replace("# ", "// ");
        let first = format!("ports:\n{comment}  - \"{last}\"\n  - \"80:80\"\n");
        [
            (Yaml, yaml),
            (Toml, toml),
            (Toml, bare),
            (Jsonc, json),
            (Yaml, first),
        ]
    };
    let (old, comment) = (text("", "443:443"), text("  # tls\n", "443:443"));
    let (other, expected) = (text("", "8443:443"), text("  # tls\n", "8443:443"));
    for (at, (format, base)) in old.iter().enumerate() {
        let texts = [base, &comment[at].1, &other[at].1].map(String::as_str);
        check(*format, texts, &expected[at].1, &[]);
    }
}

#[test]
fn a_comment_stays_beside_an_item_when_others_come() {
    use Format::Jsonc;
    let texts = ["[1]\n", "[1 /* one */]\n", "[1, 2]\n"];
    check(Jsonc, texts, "[1 /* one */, 2]\n", &[]);
    let texts = [
        "{\"l\": [{\"n\": \"b\"}],\"m\": 1}\n",
        "{\"l\": [{\"n\": \"b\" /* moved */}],\"m\": 1}\n",
        "{\"l\": [{\"n\": \"b\"}, {\"n\": \"c\"}],\"m\": 1}\n",
    ];
    let expected = "{\"l\": [{\"n\": \"b\" /* moved */}, {\"n\": \"c\"}],\"m\": 1}\n";
    check(Jsonc, texts, expected, &[]);
}

#[test]
fn a_comment_stays_above_the_first_key_of_an_item_whose_value_changes() {
    use Format::{Jsonc, Toml, Yaml};
    for key in ["name", "id", "host", "x"] {
        let text = |comment: &str, one: &str| {
            let toml = format!(
                "[[c]]\n{comment}{key} = \"{one}\"\ntype = \"x\"\n\n[[c]]\n{key} = \"two\"\ntype = \"y\"\n"
            );
            let yaml = format!(
                "c:\n  -\n{}    {key}: {one}\n    type: x\n  - {key}: two\n    type: y\n",
                comment.replace('#', "    #")
            );
            let item = format!(
                "  {{\n{}    \"{key}\": \"{one}\",\n    \"type\": \"x\"\n  }},\n  {{\n    \"{key}\": \"two\"\n  }}\n",
                comment.replace('#', "    //")
            );
            [(Toml, toml), (Yaml, yaml), (Jsonc, format!("[\n{item}]\n"))]
        };
        let (old, comment) = (text("", "one"), text("# note\n", "one"));
        let (other, expected) = (text("", "t"), text("# note\n", "t"));
        for (at, (format, base)) in old.iter().enumerate() {
            let texts = [base, &comment[at].1, &other[at].1].map(String::as_str);
            check(*format, texts, &expected[at].1, &[]);
        }
    }
}

/// One side has reordered the items of a list in a list that the other has put a comment into.
#[test]
fn a_comment_stays_above_an_item_that_moves() {
    let texts = [
        "[\n  {\n    \"a\": [\n      1,\n      2 // two\n    ]\n  }\n]\n",
        "[\n  {\n    \"a\": [\n      // one\n      1,\n      2 // two\n    ]\n  }\n]\n",
        "[\n  {\n    \"a\": [\n      2, // two\n      1\n    ]\n  }\n]\n",
    ];
    let expected = "[\n  {\n    \"a\": [\n      2, // two\n      // one\n      1\n    ]\n  }\n]\n";
    check(Format::Jsonc, texts, expected, &[]);
}
