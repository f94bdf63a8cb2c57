//! What somebody meets who tries the command for the first time: each line tells what is so, and what to do.

use crate::support::Sandbox;

const MANIFEST: &str = r#"{
    "app": "demo", "version_key": "schema_version",
    "versions": [
        {"version": "1.0.0", "schema": {"properties": {"colour": {"enum": ["red", "blue"]}, "ttl": {"type": "integer"}}}},
        {"version": "2.0.0", "schema": {"properties": {"ttl": {"type": "integer"}, "rate": {"type": "number"}}}}
    ],
    "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/colour", "to": "color"}}]}]
}"#;

fn versioned(text: &str) -> Sandbox {
    let sandbox = Sandbox::with("app.toml", text);
    sandbox.write("config_versions.json", MANIFEST);
    sandbox
}

/// Standard output and error of a command that ends with this code.
fn said(sandbox: &Sandbox, code: i32, args: &[&str]) -> String {
    let ran = sandbox.run(args);
    assert_eq!(ran.code, code, "{ran}");
    format!("{}{}", ran.stdout, ran.stderr)
}

#[test]
fn a_deletion_is_in_the_log_and_undone_first() {
    let sandbox = Sandbox::with("f.toml", "a = 1\n");
    sandbox.ok(&["set", "f.toml", "a=2"]);
    sandbox.ok(&["set", "f.toml", "a=3"]);
    std::fs::remove_file(sandbox.path("f.toml")).unwrap();
    sandbox.ok(&["adopt", "f.toml", "-m", "gone"]);
    let log = sandbox.run(&["log", "f.toml"]).stdout;
    assert!(
        log.starts_with("#3 deleted  ") && log.contains("\n  gone\n"),
        "{log}"
    );
    let shown = sandbox.ok(&["undo", "f.toml", "--dry-run"]).stdout;
    assert!(shown.contains("  a: added 3\n"), "{shown}");
    let undone = sandbox.ok(&["undo", "f.toml"]).stdout;
    assert!(undone.contains("  a: added 3\n"), "{undone}");
    assert_eq!(sandbox.text("f.toml"), "a = 3\n");
    let redo = said(&sandbox, 1, &["redo", "f.toml"]);
    assert!(
        redo.contains("change #3 deleted the file, and persist does not delete files"),
        "{redo}"
    );
}

#[test]
fn a_bad_value_is_not_changed_to_another_bad_one() {
    let sandbox = versioned("schema_version = \"2.0.0\"\nttl = \"soon\"\nother = 5\n");
    sandbox.ok(&["set", "app.toml", "other=6"]);
    let refused = said(&sandbox, 4, &["set", "app.toml", "ttl:=\"later\""]);
    assert!(refused.contains("ttl"), "{refused}");
    assert!(sandbox.text("app.toml").contains("ttl = \"soon\""));
    sandbox.ok(&["set", "app.toml", "ttl=7"]);
}

#[test]
fn backups_are_listed_where_there_are_any() {
    let sandbox = Sandbox::with("f.toml", "a = 1\n");
    insta::assert_snapshot!(said(&sandbox, 1, &["restore", "f.toml", "latest"]), @"
    error: f.toml has no such backup
      because: there are no backups
    ");
    sandbox.ok(&["set", "f.toml", "a=2"]);
    let told = said(&sandbox, 1, &["restore", "f.toml", "7"]);
    assert!(
        told.contains("`persist backups f.toml` lists them"),
        "{told}"
    );
}

#[test]
fn the_version_is_changed_by_migrations_alone() {
    let sandbox = versioned("schema_version = \"1.0.0\"\ncolour = \"red\"\n");
    insta::assert_snapshot!(said(&sandbox, 10, &["set", "app.toml", "schema_version=2.0.0"]), @"
    error: app.toml: the file has schema version 1.0.0; only a migration can change it to 2.0.0
      help: persist migrate to app.toml 2.0.0
    ");
    insta::assert_snapshot!(said(&sandbox, 10, &["unset", "app.toml", "schema_version"]), @"
    error: app.toml: `schema_version` is the schema version; only a migration can change it
      help: persist migrate to app.toml VERSION
    ");
    said(
        &sandbox,
        10,
        &["set", "app.toml", "schema_version=2.0.0", "--dry-run"],
    );
    assert!(!sandbox.path(".app.toml.persist").exists());
}

#[test]
fn an_integer_stays_one_where_the_schema_wants_it() {
    let sandbox = versioned("schema_version = \"2.0.0\"\nttl = 5\nrate = 1\n");
    for (typed, written) in [("ttl=1e3", "1000"), ("ttl=10.0", "10"), ("ttl:=1e2", "100")] {
        let told = sandbox.ok(&["set", "app.toml", typed]).stdout;
        assert!(
            told.contains(&format!(
                " is written as {written}, since the schema requires an integer"
            )),
            "{told}"
        );
        assert!(
            sandbox
                .text("app.toml")
                .contains(&format!("ttl = {written}\n")),
            "{told}"
        );
    }
    said(&sandbox, 4, &["set", "app.toml", "ttl=1.5"]);
    // Where the schema allows both, nothing is to be told.
    let told = sandbox.ok(&["set", "app.toml", "rate=1.5"]).stdout;
    assert!(!told.contains("note"), "{told}");
}

#[test]
fn that_an_integer_becomes_a_float_is_told() {
    for (name, text) in [
        ("f.toml", "a = 5\n"),
        ("f.yaml", "a: 5\n"),
        ("f.json", "{\"a\": 5}\n"),
    ] {
        let sandbox = Sandbox::with(name, text);
        let told = sandbox.ok(&["set", name, "a=1.5"]).stdout;
        assert!(
            told.contains("note     a was an integer and is now a float"),
            "{told}"
        );
        let told = sandbox.ok(&["set", name, "a=2"]).stdout;
        assert!(!told.contains("note"), "{told}");
    }
    let sandbox = Sandbox::with("f.toml", "a = 5\n");
    let told = sandbox.ok(&["set", "f.toml", "a=nan"]).stdout;
    assert!(told.contains("a: 5 -> NaN"), "{told}");
    assert!(
        told.contains("a was an integer and is now a float"),
        "{told}"
    );
}

#[test]
fn there_is_no_document_to_choose_in_a_file_that_is_not_there() {
    let sandbox = Sandbox::new();
    let refused = said(&sandbox, 8, &["set", "n.yaml", "a=1", "--doc", "2"]);
    assert!(refused.contains("no document to choose"), "{refused}");
    assert!(!sandbox.path("n.yaml").exists() && !sandbox.path(".n.yaml.persist").exists());
}

#[test]
fn that_no_schema_was_asked_is_told() {
    let sandbox = versioned("");
    let why =
        "not checked against a schema: no version at `schema_version`; add it there (1.0.0, 2.0.0)";
    for args in [
        &["set", "new.toml", "ttl=xyz", "--dry-run"][..],
        &["set", "new.toml", "ttl=xyz"],
        &["verify", "new.toml"],
    ] {
        let told = sandbox.ok(args).stdout;
        assert!(told.contains(why), "{told}");
    }
    let told = sandbox
        .ok(&["set", "new.toml", "schema_version=2.0.0", "ttl:=1"])
        .stdout;
    assert!(!told.contains("not checked"), "{told}");
    let told = sandbox.ok(&["verify", "new.toml"]).stdout;
    assert!(!told.contains("not checked"), "{told}");
}

#[test]
fn what_a_migration_would_give_is_named_as_such() {
    let sandbox = versioned("schema_version = \"2.0.0\"\n# of the frame\ncolor = \"green\"\n");
    let refused = said(&sandbox, 4, &["migrate", "down", "app.toml", "1.0.0"]);
    insta::assert_snapshot!(refused, @"error: app.toml: once migrated to 1.0.0, expected one of `red`, `blue` at colour; correct the value that it comes from, or the migration");
}

#[test]
fn tags_and_all_digits_are_in_receipts() {
    let sandbox = Sandbox::with("f.yaml", "tag: !color green\nn: 5\n");
    let plain = sandbox.ok(&["set", "f.yaml", "tag=green2"]);
    assert_eq!(plain.stderr, "", "nothing around it was touched");
    sandbox.ok(&["undo", "f.yaml"]);
    let told = sandbox.ok(&["set", "f.yaml", "tag:=!other green"]).stdout;
    assert!(
        told.contains(r#"tag: !color "green" -> !other "green""#),
        "{told}"
    );
    let told = sandbox
        .ok(&["set", "f.yaml", "n=12345678901234567890123"])
        .stdout;
    assert!(told.contains("n: 5 -> 12345678901234567890123\n"), "{told}");
    let log = sandbox.ok(&["log", "f.yaml"]).stdout;
    assert!(log.contains("n: 5 -> 12345678901234567890123\n"), "{log}");
}

#[test]
fn an_integer_that_toml_has_no_room_for_is_named_as_such() {
    let sandbox = versioned("schema_version = \"2.0.0\"\nttl = 5\nother = 5\n");
    insta::assert_snapshot!(said(&sandbox, 4, &["set", "app.toml", "other=99999999999999999999"]), @"
    error: app.toml: `99999999999999999999` can't be written for `other`: TOML integers have 64 bits
      help: `--string` writes it as text
    ");
    insta::assert_snapshot!(said(&sandbox, 4, &["set", "app.toml", "ttl=99999999999999999999"]), @"
    error: app.toml: `99999999999999999999` can't be written for `ttl`: TOML integers have 64 bits
      help: the largest is 9223372036854775807
    ");
    sandbox.ok(&["set", "app.toml", "other=99999999999999999999", "--string"]);
}

#[test]
fn a_number_that_no_float_holds_is_named_as_such() {
    let sandbox = versioned("schema_version = \"2.0.0\"\nttl = 5\nother = 5\n");
    insta::assert_snapshot!(said(&sandbox, 4, &["set", "app.toml", "other=-1e400"]), @"
    error: app.toml: `-1e400` can't be written for `other`: it is beyond the range of a 64-bit float
      help: `--string` writes it as text
    ");
    insta::assert_snapshot!(said(&sandbox, 4, &["set", "app.toml", "ttl=1e400"]), @"
    error: app.toml: `1e400` can't be written for `ttl`: it is beyond the range of a 64-bit float
      help: the largest is 1.7976931348623157e308
    ");
    for (name, text) in [("f.json", "{\"port\": 1}\n"), ("f.yaml", "port: 1\n")] {
        std::fs::write(sandbox.path(name), text).unwrap();
        let told = said(&sandbox, 4, &["set", name, "port=1_0.5e400"]);
        assert!(
            told.contains("beyond the range of a 64-bit float"),
            "{told}"
        );
        let told = said(&sandbox, 4, &["set", name, "port=1e4x"]);
        assert!(told.contains("is not one"), "{told}");
    }
}

#[test]
fn which_of_several_documents_was_changed_is_told() {
    let sandbox = Sandbox::with(
        "d.yaml",
        "kind: A\nreplicas: 2\n---\nkind: B\nreplicas: 1\n",
    );
    sandbox.ok(&["set", "d.yaml", "--doc", "1", "replicas=3"]);
    let told = sandbox
        .ok(&["set", "d.yaml", "--doc", "2", "replicas=5"])
        .stdout;
    assert!(told.contains("replicas (document 2): 1 -> 5\n"), "{told}");
    let log = sandbox.ok(&["log", "d.yaml"]).stdout;
    assert!(log.contains("replicas (document 2): 1 -> 5\n"), "{log}");
    assert!(log.contains("replicas (document 1): 2 -> 3\n"), "{log}");
    insta::assert_snapshot!(said(&sandbox, 0, &["diff", "d.yaml"]), @"replicas (document 2): 1 -> 5");
    insta::assert_snapshot!(said(&sandbox, 0, &["diff", "d.yaml", "--doc", "2"]), @"replicas: 1 -> 5");
    let undone = sandbox.ok(&["undo", "d.yaml"]).stdout;
    assert!(
        undone.contains("replicas (document 2): 5 -> 1\n"),
        "{undone}"
    );
}

#[test]
fn damage_before_the_last_record_is_not_said_to_be_after_it() {
    let sandbox = Sandbox::with("f.toml", "a = 1\n");
    for value in ["a=2", "a=3", "a=4"] {
        sandbox.ok(&["set", "f.toml", value]);
    }
    let journal = ".f.toml.persist/journal/00000001.log";
    let mut bytes = sandbox.read(journal);
    bytes[100] ^= 1;
    sandbox.write(journal, bytes);
    let log = sandbox.run(&["log", "f.toml"]).stdout;
    assert!(
        log.starts_with("records are lost; the last readable one was #3\n"),
        "{log}"
    );
    let refused = said(&sandbox, 5, &["undo", "f.toml"]);
    assert!(
        refused.contains("are damaged or missing (the last readable one is #3)"),
        "{refused}"
    );
}

#[test]
fn only_what_helps_is_advised() {
    let sandbox = Sandbox::with("m.yaml", "d: &d\n  a: 1\n  b: 2\ne:\n  <<: *d\n  a: 5\n");
    let refused = said(&sandbox, 4, &["unset", "m.yaml", "e.a"]);
    assert!(
        refused.contains("--rewrite") && !refused.contains("--aliases"),
        "{refused}"
    );
    sandbox.ok(&["unset", "m.yaml", "e.a", "--rewrite"]);
    let sandbox = Sandbox::with("m.yaml", "d: &d\n  a: 1\ne: *d\n");
    let refused = said(&sandbox, 4, &["set", "m.yaml", "e.a=2"]);
    assert!(refused.contains("--aliases"), "{refused}");
    sandbox.ok(&["set", "m.yaml", "e.a=2", "--aliases", "expand"]);
}

#[test]
fn of_several_values_for_a_key_the_notes_are_about_the_last() {
    let sandbox = Sandbox::with("h.toml", "hex = 0xFF\n");
    let told = sandbox.ok(&["set", "h.toml", "hex=0x10", "hex=16"]).stdout;
    assert!(
        told.contains("hex: 255 -> 16\n") && !told.contains("same value"),
        "{told}"
    );
    let told = sandbox.ok(&["set", "h.toml", "hex=1.5", "hex=0x10"]).stdout;
    assert!(
        told.contains("new spelling") && !told.contains("float"),
        "{told}"
    );
}

#[test]
fn what_names_nothing_is_refused_by_name() {
    let sandbox = Sandbox::with("f.toml", "a = 1\n");
    let never = said(&sandbox, 1, &["undo", "f.toml", "0"]);
    assert!(never.contains("at least 1"), "{never}");
    let format = said(&sandbox, 2, &["get", "f.toml", "--format", "xml"]);
    assert!(
        format.contains("the formats are json, jsonc, toml and yaml"),
        "{format}"
    );
    for command in ["undo", "status", "log", "recover", "adopt", "verify"] {
        let refused = said(&sandbox, 2, &[command, "-"]);
        assert!(
            refused.contains("a file of that name is `./-`"),
            "{refused}"
        );
    }
    sandbox.ok(&["set", "f.toml", "a=2"]);
    let none = said(&sandbox, 1, &["restore", "f.toml", "77"]);
    assert!(none.contains("f.toml has no such backup"), "{none}");
}

#[test]
fn text_that_is_no_document_is_not_compared_by_values() {
    let sandbox = Sandbox::with("f.toml", "a = 1\n");
    sandbox.ok(&["set", "f.toml", "a=2"]);
    sandbox.write("f.toml", "a = [");
    sandbox.ok(&["restore", "f.toml", "latest"]);
    let shown = sandbox
        .ok(&["restore", "f.toml", "latest", "--force", "--dry-run"])
        .stdout;
    assert!(
        shown.contains("values not compared") && !shown.contains("same values"),
        "{shown}"
    );
}
