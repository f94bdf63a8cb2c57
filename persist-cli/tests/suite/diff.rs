//! `persist diff --text`: what can be shown is, and what can't be is named.

use serde_json::json;

use crate::support::{Ran, Sandbox};

/// The second text compared with the first, by lines.
fn compared(name: &str, old: &str, new: &str) -> (Sandbox, Ran) {
    let sandbox = Sandbox::with(name, new);
    let other = format!("old-{name}");
    sandbox.write(&other, old);
    let ran = sandbox.run(&["diff", &other, "--with", name, "--text", "--exit-code"]);
    (sandbox, ran)
}

#[test]
fn what_aliases_share_is_shown_without_its_secrets() {
    let text = "a: 1\napi_key: &k hunter2anchor\nagain: *k\n";
    let sandbox = Sandbox::with("h.yaml", text);
    sandbox.ok(&["set", "h.yaml", "a=2"]);
    insta::assert_snapshot!(sandbox.run(&["diff", "h.yaml", "--text", "--exit-code"]), @r#"
    @@ -1,3 +1,3 @@
    -a: 1
    +a: 2
     api_key: &k "[redacted]"
     again: *k
    exit code 1
    "#);
}

#[test]
fn a_sensitive_value_that_differs_is_named() {
    let (_sandbox, ran) = compared(
        "a.toml",
        "password = \"hunter1\"\n",
        "password = \"hunter2\"\n",
    );
    insta::assert_snapshot!(ran, @r"
    a sensitive value differs, which is not shown: password
    exit code 1
    ");
    let (sandbox, ran) = compared(
        "a.yaml",
        "a: 1\nurl: pg://u:hunter1@h\ntokens: [third1]\nkept_token: x\n",
        "a: 2\nurl: pg://u:hunter2@h\ntokens: [third2]\nkept_token: x\n",
    );
    insta::assert_snapshot!(ran, @r#"
    @@ -1,4 +1,4 @@
    -a: 1
    +a: 2
     url: "pg://u:[redacted]@h"
     tokens: ["[redacted]"]
     kept_token: "[redacted]"
    sensitive values differ, which are not shown: url, tokens.0
    exit code 1
    "#);
    let told = sandbox.json(0, &["diff", "old-a.yaml", "--with", "a.yaml", "--text"]);
    let hidden = "sensitive values differ, which are not shown: url, tokens.0";
    assert_eq!(told["hidden"], json!([hidden]));
}

#[test]
fn what_is_hidden_in_both_texts_is_said_to_be() {
    for (old, new) in [
        (
            "password = \"x\" # hunter1\n",
            "password = \"x\" # hunter2\n",
        ),
        ("password = \"x\"\n", "password = \"\\u0078\"\n"),
    ] {
        let name = if new.contains(':') {
            "a.yaml"
        } else {
            "a.toml"
        };
        let (_sandbox, ran) = compared(name, old, new);
        insta::allow_duplicates! {
            insta::assert_snapshot!(ran, @r"
            what differs is hidden: how sensitive values are written, or comments beside them
            exit code 1
            ");
        }
    }
    let (_sandbox, ran) = compared("a.toml", "a = 1\n", "\u{feff}a = 1\n");
    insta::assert_snapshot!(ran, @r"
    same text, with a byte order mark on one side alone
    exit code 1
    ");
    let (_sandbox, ran) = compared("a.toml", "a = 1\n", "a = 1\n");
    insta::assert_snapshot!(ran, @r"
    no difference
    exit code 0
    ");
}

/// Of a key that holds a secret a mask would make something else.
#[test]
fn a_text_that_can_not_be_shown_is_said_to_be_with_the_keys_that_differ() {
    let text = |n| format!("ghp_0123456789abcdefghij: 1\na: {n}\n");
    let (sandbox, ran) = compared("a.yaml", &text(1), &text(2));
    insta::assert_snapshot!(ran, @r"
    the text can't be shown: its sensitive values can't be removed from it
    a: 1 -> 2
    exit code 1
    ");
    let told = sandbox.json(0, &["diff", "old-a.yaml", "--with", "a.yaml", "--text"]);
    assert_eq!(told.get("text"), None);
    assert_eq!(told["hidden"].as_array().map(Vec::len), Some(1), "{told}");
}

#[test]
fn json_says_whether_the_texts_differ_and_how() {
    let sandbox = Sandbox::with("a.toml", "a = 1 # one\n");
    sandbox.write("b.toml", "a = 1 # two\n");
    let with = ["diff", "a.toml", "--with", "b.toml", "--exit-code"];
    let told = sandbox.json(1, &with);
    assert_eq!(told, json!({"changes": [], "text_differs": true}));
    let told = sandbox.json(1, &[&with[..], &["--text"]].concat());
    let lines = "@@ -1 +1 @@\n-a = 1 # one\n+a = 1 # two\n";
    assert_eq!(
        told,
        json!({"changes": [], "text_differs": true, "text": lines})
    );
    let told = sandbox.json(0, &["diff", "a.toml", "--with", "a.toml", "--exit-code"]);
    assert_eq!(told, json!({"changes": [], "text_differs": false}));
}
