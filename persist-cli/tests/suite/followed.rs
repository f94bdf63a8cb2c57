//! A secret that was renamed, moved or repeated is one still, wherever it is printed.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::Sandbox;

/// Compares two texts in every way that there is; none shows a secret. Gives the lines of text.
fn compared(name: &str, old: &str, new: &str) -> String {
    let format = name.rsplit_once('.').unwrap().1;
    let sandbox = Sandbox::with(name, old);
    sandbox.ok(&["set", name, "zz=1", "--doc", "1"]);
    sandbox.write(name, new);
    sandbox.write("old", old);
    let mut shown = String::new();
    for args in [
        &["diff", name, "--with", "old"][..],
        &["diff", name, "--with", "old", "--text"],
        &["diff", "old", "--with", name, "--text"],
        &["diff", "old", "--with", name, "--text", "--json"],
        &["diff", name, "1"],
        &["diff", name, "1", "--doc", "1"],
        &["diff", name, "1", "--text"],
    ] {
        let ran = sandbox.ok(&[args, &["--format", format]].concat());
        assert!(!ran.to_string().contains("hunter2"), "{args:?}: {ran}");
        shown = ran.stdout;
    }
    let args = ["diff", "old", "--with", "-", "--text", "--format", format];
    let mut command = sandbox.command(&args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut piped = command.spawn().unwrap();
    let mut input = piped.stdin.take().unwrap();
    input.write_all(new.as_bytes()).unwrap();
    drop(input);
    let piped = String::from_utf8(piped.wait_with_output().unwrap().stdout).unwrap();
    assert!(!piped.contains("hunter2"), "{piped}");
    assert_eq!(piped, shown);
    shown
}

#[test]
fn no_difference_shows_a_secret_that_was_renamed_or_moved() {
    let shown = compared(
        "r.yaml",
        "a: 2\npassword: hunter2ren\n",
        "a: 2\ndisplay: hunter2ren\n",
    );
    insta::assert_snapshot!(shown, @r#"
    @@ -1,2 +1,2 @@
     a: 2
    -password: "[redacted]"
    +display: "[redacted]"
    "#);
    for (name, old, new) in [
        (
            "r.toml",
            "[secret]\nx = \"hunter2a\"\ny = \"hunter2b\"\n",
            "[display]\nx = \"hunter2a\"\ny = \"hunter2b\"\n",
        ),
        (
            "r.yaml",
            "env:\n  - name: DB_PASSWORD\n    value: hunter2n\n",
            "env:\n  - name: X\n    value: hunter2n\n",
        ),
        (
            "r.yaml",
            "args: [--password, hunter2n, x]\n",
            "args: [--name, x, hunter2n]\n",
        ),
        // Split, and put together.
        (
            "r.json",
            "{\"password\": \"me:hunter2\", \"note\": \"try hunter2!\"}\n",
            "{\"me\": \"hunter2\", \"note\": \"gone\"}\n",
        ),
        // Out of an address.
        (
            "r.yaml",
            "url: pg://u:hunter2@h/d\n",
            "url: pg://u@h/d\ndisplay: hunter2\n",
        ),
        // What takes the place of a secret by a name beside it.
        (
            "r.yaml",
            "a: {name: DB_PASSWORD, value: hunter2o}\n",
            "a: {name: X, value: hunter2n}\n",
        ),
        // Into another document of the stream.
        (
            "r.yaml",
            "password: hunter2s\n---\na: 1\n",
            "b: 1\n---\na: 1\ndisplay: hunter2s\n",
        ),
        ("r.yaml", "a: 1\n", "password: hunter2s\n---\nb: hunter2s\n"),
    ] {
        compared(name, old, new);
        compared(name, new, old);
    }
}

/// An item before a secret moves it, and makes no secret of what has its place now.
#[test]
fn what_stands_where_a_secret_stood_in_a_list_is_shown() {
    let shown = compared(
        "r.yaml",
        "env:\n- {name: A, value: one}\n- {name: DB_PASSWORD, value: hunter2}\n- {name: H, value: host}\n",
        "env:\n- {name: A, value: one}\n- {name: B, value: two}\n- {name: DB_PASSWORD, value: hunter2}\n- {name: H, value: host}\n",
    );
    insta::assert_snapshot!(shown, @r#"
    @@ -1,4 +1,5 @@
     env:
     - {name: A, value: one}
    +- {name: B, value: two}
     - {name: DB_PASSWORD, value: "[redacted]"}
     - {name: H, value: host}
    "#);
}

#[test]
fn what_repeats_a_secret_is_redacted_with_it() {
    for (name, text, key) in [
        (
            "r.yaml",
            "db:\n  api_key: &k hunter2anchor\n  again: *k\n",
            "db.again",
        ),
        ("r.yaml", "z: &tok hunter2tok\ntoken: *tok\n", "z"),
        (
            "r.yaml",
            "base: &b {token: hunter2b}\nx:\n  <<: *b\ny: hunter2b\n",
            "y",
        ),
        (
            "r.toml",
            "note = \"hunter2l2\"\n[db]\nsecret = \"\"\"\nhunter2l1\nhunter2l2\"\"\"\n",
            "note",
        ),
        (
            "r.json",
            "{\"a\": {\"b\": \"x hunter2 y\"}, \"password\": \"hunter2\"}\n",
            "a.b",
        ),
        ("r.yaml", "a: hunter2u\nurl: pg://u:hunter2u@h\n", "a"),
        ("r.yaml", "password: hunter2s\n---\ndisplay: hunter2s\n", ""),
    ] {
        let sandbox = Sandbox::with(name, text);
        for args in [
            &["get", name, "--redacted"][..],
            &["get", name, "--redacted", "-o", "json"],
            &["get", name, "--redacted", "--json"],
            &["convert", name, "--to", "json", "--redacted"],
            &["convert", name, "--to", "yaml", "--redacted"],
            &["convert", name, "--to", "yaml", "--redacted", "--json"],
        ] {
            let ran = sandbox.run(args);
            assert!(!ran.to_string().contains("hunter2"), "{args:?}: {ran}");
        }
        if key.is_empty() {
            let args = ["get", name, "display", "--doc", "2", "--redacted"];
            assert_eq!(sandbox.ok(&args).stdout, "[redacted]\n");
            continue;
        }
        let told = sandbox.ok(&["get", name, key, "--redacted"]);
        assert_eq!(told.stdout, "[redacted]\n");
        for args in [&["get", name][..], &["convert", name, "--to", "json"]] {
            let refused = sandbox.run(args);
            assert_eq!(refused.code, 1, "{refused}");
            let message = refused.stderr.lines().next().unwrap();
            let keys = message.rsplit_once(": ").unwrap().1;
            assert!(keys.split(", ").any(|k| k == key), "{key}: {message}");
        }
    }
}

/// What many values are gives no secret away.
#[test]
fn short_and_common_values_are_shown_beside_secrets() {
    let text = "password: ab\nuse_password: true\ntoken: x1\nother: ab\nswitch: true\none: 1\nmax_tokens: 1\nname: Ada\nwords: [x1, 'true']\n";
    let sandbox = Sandbox::with("r.yaml", text);
    let shown = sandbox.ok(&["get", "r.yaml", "--redacted"]).stdout;
    insta::assert_snapshot!(shown, @r#"
    password: "[redacted]"
    use_password: true
    token: "[redacted]"
    other: ab
    switch: true
    one: 1
    max_tokens: 1
    name: Ada
    words:
      - x1
      - "true"
    "#);
}
