//! A password is in the file, and in nothing that is printed or logged.

use crate::support::{Sandbox, contains};

const SECRET: &str = "hunter2-and-more";

/// Runs everything that prints on a file that holds the secret, and looks for it.
fn check(name: &str, content: &str, key: &str) {
    let sandbox = Sandbox::with(name, content);
    let silent = |args: &[&str]| {
        for json in [&[][..], &["--json"][..]] {
            let ran = sandbox.run(&[args, json].concat());
            let shown = ran.stdout.clone() + &ran.stderr;
            assert!(!shown.contains(SECRET), "{name}: {args:?} shows it\n{ran}");
        }
    };
    silent(&["set", name, &format!("{key}={SECRET}")]);
    silent(&["set", name, "other=1"]);
    assert!(
        contains(&sandbox.read(name), SECRET),
        "{name}: the file has it"
    );
    let commands: [&[&str]; 12] = [
        &["get", name],
        &["status", name],
        &["log", name],
        &["log", name, "--changelog"],
        &["diff", name],
        &["diff", name, "1"],
        &["diff", name, "1", "--text"],
        &["backups", name],
        &["verify", name],
        &["convert", name, "--to", "json"],
        &["undo", name],
        &["unset", name, key],
    ];
    for args in commands {
        silent(args);
    }
    assert!(
        !contains(&sandbox.journal(name), SECRET),
        "{name}: the journal has it"
    );
}

#[test]
fn secrets_are_never_shown() {
    check("app.toml", "a = 1\n[db]\nuser = \"u\"\n", "db.password");
    check("app.yaml", "a: 1\ndb:\n  user: u\n", "db.api_key");
    check("app.json", "{\"db\": {\"user\": \"u\"}}\n", "db.auth_token");
    check("app.jsonc", "{\"a\": 1} // note\n", "client_secret");
}

#[test]
fn a_secret_that_is_asked_for_by_name_is_answered() {
    let sandbox = Sandbox::with("app.toml", format!("password = \"{SECRET}\"\n"));
    assert_eq!(
        sandbox.ok(&["get", "app.toml", "password"]).stdout,
        format!("{SECRET}\n")
    );
    let all = sandbox.ok(&["get", "app.toml", "--reveal"]).stdout;
    assert!(all.contains(SECRET));
}

#[test]
fn syntax_errors_near_a_secret_do_not_draw_it() {
    let broken = [
        ("app.toml", format!("password = \"{SECRET}\nb = 1\n")),
        ("app.toml", format!("password = \"{SECRET}\"\nb = = 1\n")),
        ("app.toml", format!("password = {SECRET}\n")),
        (
            "app.json",
            format!("{{\"password\": \"{SECRET}\" \"b\": 1}}"),
        ),
        ("app.json", format!("{{\"a\": 1, \"password\": {SECRET}}}")),
        ("app.yaml", format!("password: \"{SECRET}\nb: 1\n")),
        ("app.yaml", format!("password: {SECRET}: x\n")),
    ];
    for (name, content) in broken {
        let sandbox = Sandbox::with(name, &content);
        for args in [
            &["get", name][..],
            &["set", name, "x=1"],
            &["status", name],
            &["verify", name],
        ] {
            for json in [&[][..], &["--json"][..]] {
                let ran = sandbox.run(&[args, json].concat());
                assert_ne!(ran.code, 0, "{content}: {args:?}");
                let shown = ran.stdout.clone() + &ran.stderr;
                assert!(
                    !shown.contains(SECRET),
                    "{content}: {args:?} shows it\n{ran}"
                );
            }
        }
    }
}

#[test]
fn converting_to_the_terminal_names_what_it_will_not_print() {
    let sandbox = Sandbox::with("app.toml", format!("a = 1\npassword = \"{SECRET}\"\n"));
    insta::assert_snapshot!(sandbox.run(&["convert", "app.toml", "--to", "json"]), @r"
    error: app.toml was not printed, because it holds sensitive values: password
      help: --redacted hides them, --reveal prints all; --out FILE saves all of it there
    exit code 1
    ");
    sandbox.ok(&["convert", "app.toml", "--out", "app.json"]);
    assert!(
        contains(&sandbox.read("app.json"), SECRET),
        "the copy is whole"
    );
    let shown = sandbox.ok(&["convert", "app.toml", "--to", "json", "--reveal"]);
    assert!(shown.stdout.contains(SECRET));
}

#[test]
fn comments_tell_no_secrets() {
    let text =
        "# the password was hunter2\npassword = \"hunter2\" # DB_PASSWORD=topsecret2\nport = 1\n";
    let sandbox = Sandbox::with("app.toml", text);
    sandbox.write("plain.toml", "port = 1 # DB_PASSWORD=topsecret2\n");
    sandbox.ok(&["set", "app.toml", "password=correcthorse", "port=2"]);
    sandbox.ok(&["set", "app.toml", "port=3"]);
    for args in [
        &["convert", "app.toml", "--to", "yaml", "--redacted"][..],
        &["convert", "app.toml", "--to", "toml", "--redacted"],
        &["convert", "plain.toml", "--to", "yaml", "--redacted"],
        &["diff", "app.toml", "--text"],
        &["undo", "app.toml"],
        &["diff", "app.toml", "--text"],
        &["undo", "app.toml", "--dry-run"],
    ] {
        let ran = sandbox.ok(args).to_string();
        for secret in ["topsecret2", "correcthorse"] {
            assert!(!ran.contains(secret), "{args:?}: {ran}");
        }
    }
    sandbox.ok(&["undo", "app.toml"]);
    let ran = sandbox.ok(&["diff", "app.toml", "--text"]).to_string();
    assert!(!ran.contains("hunter2"), "{ran}");
}

#[test]
fn the_path_of_a_value_may_be_the_value() {
    let sandbox = Sandbox::with("app.toml", "");
    let ran = sandbox.run(&["set", "app.toml", "--file", "password=hunter2"]);
    let said = ran.to_string();
    let (said, _systems_words) = said.rsplit_once("): ").unwrap_or_default();
    insta::assert_snapshot!(said, @"error: could not read the value of `password` from the path that was given (not shown, in case it is the value itself");
    assert!(!ran.to_string().contains("hunter2"), "{ran}");
    let ran = sandbox.run(&["set", "app.toml", "--file", "title=missing.txt"]);
    assert!(ran.to_string().contains("from missing.txt"), "{ran}");
}

/// A key that nobody would take for a secret, if the manifest did not say so.
fn declared(text: &str) -> Sandbox {
    let sandbox = Sandbox::with("app.toml", text);
    let manifest = r#"{"app": "app", "versions": [{"version": "1.0.0"}], "sensitive": ["pin"]}"#;
    sandbox.write("config_versions.json", manifest);
    sandbox
}

#[test]
fn what_the_manifest_declares_is_in_no_error_about_the_arguments() {
    let sandbox = declared("schema_version = \"1.0.0\"\n");
    for args in [
        &["set", "app.toml", "--file", "pin=hunter2"][..],
        &["set", "app.toml", "--file", "/pin=hunter2=x"],
        &["set", "app.toml", "pin=battery", "hunter2"],
        &["set", "app.toml", "/pin=hunter2=x"],
    ] {
        let ran = sandbox.run(args);
        assert_ne!(ran.code, 0, "{args:?}: {ran}");
        assert!(!ran.to_string().contains("hunter2"), "{args:?}: {ran}");
    }
    let ran = sandbox.run(&["set", "app.toml", "=hunter2"]).to_string();
    assert!(!ran.contains("hunter2"), "from a variable, perhaps: {ran}");
}

#[test]
fn what_is_asked_for_redacted_is_redacted_though_it_is_named() {
    let sandbox = declared("schema_version = \"1.0.0\"\npin = 4711\nplain = \"text\"\n");
    let get = |args: &[&str]| {
        let ran = sandbox.ok(&[&["get", "app.toml"], args].concat());
        assert_eq!(ran.stderr, "", "{args:?}");
        ran.stdout
    };
    assert_eq!(get(&["pin"]), "4711\n");
    assert_eq!(get(&["pin", "--reveal"]), "4711\n");
    assert_eq!(get(&["pin", "--redacted"]), "[redacted]\n");
    assert_eq!(get(&["/pin", "--redacted"]), "[redacted]\n");
    assert_eq!(
        get(&["pin", "--redacted", "-o", "json"]),
        "\"[redacted]\"\n"
    );
    assert_eq!(get(&["plain", "--redacted"]), "text\n");
    let told = sandbox.json(0, &["get", "app.toml", "pin", "--redacted"]);
    assert_eq!(told["value"], "[redacted]");
    let yaml = "env:\n- name: DB_PASSWORD\n  value: hunter2\n";
    sandbox.write("app.yaml", yaml);
    let args = ["get", "app.yaml", "env[0].value", "--redacted"];
    assert_eq!(sandbox.ok(&args).stdout, "[redacted]\n");
}

#[test]
fn a_secret_among_the_arguments_is_told_of() {
    let sandbox = declared("schema_version = \"1.0.0\"\n");
    let told = |args: &[&str]| sandbox.ok(&[&["set", "app.toml"], args].concat()).stderr;
    insta::assert_snapshot!(told(&["pin=4711"]), @"`pin` was an argument, which others can see; use --stdin for secrets");
    assert!(told(&["a=1", "password=x", "url=pg://u:pw@h"]).contains("`password`, `url` were"));
    assert_eq!(told(&["password=", "a=2"]), "", "none is given");
    sandbox.write("value", "hunter2\n");
    assert_eq!(told(&["--file", "password=value"]), "");
    sandbox.json(0, &["set", "app.toml", "pin=4712"]);
}

#[test]
fn what_the_manifest_declares_stays_in_other_files_too() {
    let sandbox = declared("schema_version = \"1.0.0\"\n");
    sandbox.write("old.toml", "pin = \"hunter2\"\n");
    sandbox.write(
        "new.toml",
        "pin = \"hunter2\"\ndb = { pin = \"hunter2\" }\n",
    );
    sandbox.write("bad.toml", "pin = hunter2\n");
    for (code, args) in [
        (0, &["migrate", "new", "app.toml", "new.toml"][..]),
        (0, &["migrate", "new", "old.toml", "app.toml"]),
        (4, &["migrate", "new", "old.toml", "bad.toml"]),
        (0, &["diff", "app.toml", "--with", "new.toml"]),
        (0, &["diff", "app.toml", "--with", "new.toml", "--text"]),
        (4, &["diff", "app.toml", "--with", "bad.toml"]),
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, code, "{args:?}: {ran}");
        assert!(!ran.to_string().contains("hunter2"), "{args:?}: {ran}");
    }
}

#[test]
fn what_is_printed_redacted_can_be_read_again() {
    let sandbox = Sandbox::with("app.toml", "[tokens]\na = \"x\"\nsecrets = [\"y\"]\n");
    let told = sandbox.ok(&["convert", "app.toml", "--to", "json", "--redacted"]);
    let read: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let wanted = serde_json::json!({"tokens": {"a": "[redacted]", "secrets": ["[redacted]"]}});
    assert_eq!(read, wanted);
    sandbox.ok(&["set", "app.toml", "b=1", "tokens.use=true"]);
    let shown = sandbox.ok(&["diff", "app.toml", "--text"]).stdout;
    assert!(
        shown.contains(" secrets = [\"[redacted]\"]\n+use = true\n"),
        "{shown}"
    );
}

/// What makes a secret of a value is not its key alone.
#[test]
fn no_error_of_set_shows_a_value_that_its_place_makes_a_secret() {
    let yaml = "args: [--password, 5]\nenv:\n- name: DB_PASSWORD\n  value: 5\nauth: 5\nplain: 5\n";
    let sandbox = Sandbox::with("app.yaml", yaml);
    for key in ["args[1]", "args[-1]", "env[0].value", "auth"] {
        for sign in ["=", ":="] {
            let assignment = format!("{key}{sign}hunter2");
            let ran = sandbox.run(&["set", "app.yaml", &assignment]);
            assert_eq!(ran.code, 4, "{assignment}: {ran}");
            assert!(!ran.to_string().contains("hunter2"), "{assignment}: {ran}");
        }
    }
    sandbox.write(
        "app.yaml",
        "args: [1, --password]\nenv:\n- name: DB_PASSWORD\n",
    );
    for assignment in ["args+:=hunter2", "env[0].value:=hunter2"] {
        let ran = sandbox.run(&["set", "app.yaml", assignment]);
        assert_eq!(ran.code, 4, "{assignment}: {ran}");
        assert!(!ran.to_string().contains("hunter2"), "{assignment}: {ran}");
    }
    sandbox.write("app.yaml", yaml);
    let ran = sandbox
        .run(&["set", "app.yaml", "plain=hunter2"])
        .to_string();
    assert!(ran.contains("`hunter2` is not one"), "{ran}");
}
