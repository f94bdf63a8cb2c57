//! What a person meets at schema versions: checks that say what they checked, drafts that a check takes, files without a version.

use serde_json::{Value, json};

use crate::support::Sandbox;

const EDGE: &str = r#"{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/colour", "to": "color"}}]}"#;

fn manifest(edges: &str) -> String {
    format!(
        r#"{{"app": "a", "version_key": "meta.version", "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}], "edges": [{edges}]}}"#
    )
}

const OLD: &str = "meta:\n  version: 1.0.0 # v\ncolour: red   # as roses\n";

#[test]
fn a_check_says_what_it_tried_and_what_it_did_not() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    insta::assert_snapshot!(sandbox.run(&["migrate", "check"]), @r"
    warning: not tested: 1.0.0 to 2.0.0; there is no document to test them with, made from a schema or given as a sample
    nothing was tested, the edges were only read; add schemas to the versions, or pass `--with FILE` for each version
    0 of 1 edge tested, up and down, with 0 documents, in [dir]/config_versions.json
    exit code 1
    ");
    sandbox.write("old.yaml", OLD);
    insta::assert_snapshot!(sandbox.run(&["migrate", "check", "--with", "old.yaml"]), @r"
    old.yaml: 1.0.0 to 2.0.0 and back: byte for byte
    all is well: 1 of 1 edge tested, up and down, with 1 document, in [dir]/config_versions.json
    exit code 0
    ");
    let told = sandbox.json(0, &["migrate", "check", "--with", "old.yaml"]);
    assert_eq!(told["samples"][0]["round_trips"][0]["same_bytes"], true);
    assert_eq!(
        (&told["untried"], &told["passed"]),
        (&json!(0), &json!(true))
    );
    let told = sandbox.json(1, &["migrate", "check"]);
    assert_eq!(
        (&told["untried"], &told["passed"]),
        (&json!(1), &json!(false))
    );
    let names = std::fs::read_dir(sandbox.path(".")).unwrap().count();
    assert_eq!(names, 2, "a check wrote something");
}

#[test]
fn part_of_the_edges_tried_is_said_to_be_a_part() {
    let more = manifest(EDGE).replace(
        r#""versions": ["#,
        r#""versions": [{"version": "3.0.0"}, {"version": "4.0.0"}, "#,
    );
    let more = more.replace(
        "]}]}",
        r#"]}, {"from": "2.0.0", "to": "3.0.0", "lenses": []}, {"from": "3.0.0", "to": "4.0.0", "lenses": []}]}"#,
    );
    let sandbox = Sandbox::with("config_versions.json", more);
    sandbox.write("old.yaml", OLD);
    insta::assert_snapshot!(sandbox.run(&["migrate", "check", "--with", "old.yaml"]), @r"
    warning: not tested: 2.0.0 to 3.0.0, 3.0.0 to 4.0.0; there is no document to test them with, made from a schema or given as a sample
    old.yaml: 1.0.0 to 4.0.0 and back: byte for byte
    no problem found in what was tested: 1 of 3 edges tested, up and down, with 1 document, in [dir]/config_versions.json
    exit code 0
    ");
}

#[test]
fn a_sample_that_does_not_fit_fails_the_check() {
    let edge = r#"{"from": "1.0.0", "to": "2.0.0", "lenses": [{"convert": {"path": "/colour", "from": "string", "to": "integer"}}]}"#;
    let sandbox = Sandbox::with("config_versions.json", manifest(edge));
    sandbox.write("red.yaml", OLD);
    sandbox.write("seven.yaml", OLD.replace("red ", "\"7\" "));
    sandbox.write("none.yaml", "colour: red\n");
    sandbox.write("broken.yaml", "colour: [\n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "check", "--with", "seven.yaml"]), @r"
    seven.yaml: 1.0.0 to 2.0.0 and back: byte for byte
    all is well: 1 of 1 edge tested, up and down, with 1 document, in [dir]/config_versions.json
    exit code 0
    ");
    for (file, said) in [
        ("red.yaml", "was not migrated"),
        ("none.yaml", "no schema version"),
        ("broken.yaml", "broken.yaml:1"),
        ("gone.yaml", "there is no such file"),
    ] {
        let told = sandbox.run(&["migrate", "check", "--with", "seven.yaml", file]);
        assert_eq!(told.code, 1, "{told}");
        assert!(told.stdout.contains(said), "{told}");
    }
    let told = sandbox.json(
        1,
        &["migrate", "check", "--with", "none.yaml", "--from", "1.0.0"],
    );
    assert_eq!(told["samples"][0]["version"], Value::Null);
    sandbox.write("none.yaml", "colour: '9'\n");
    let told = sandbox.json(
        0,
        &["migrate", "check", "--with", "none.yaml", "--from", "1.0.0"],
    );
    assert_eq!(told["samples"][0]["version"], "1.0.0");
}

#[test]
fn a_lens_that_takes_the_version_along_is_refused_by_the_check() {
    let edge = EDGE.replace(
        r#"{"rename": {"path": "/colour", "to": "color"}}"#,
        r#"{"remove": {"path": "/meta"}}"#,
    );
    let sandbox = Sandbox::with("config_versions.json", manifest(&edge));
    insta::assert_snapshot!(sandbox.run(&["migrate", "check"]), @r"
    error: [dir]/config_versions.json is not a valid version manifest
      because: line 1, column 157: at `/edges/0/lenses/0`: the version of the document is at `/meta/version`, and this lens works on `/meta`; leave the version in place: name the keys beside it one by one
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
    let edge = EDGE.replace("\"color\"", "\"/color\"");
    sandbox.write("config_versions.json", manifest(&edge));
    insta::assert_snapshot!(sandbox.run(&["migrate", "check"]), @r"
    error: [dir]/config_versions.json is not a valid version manifest
      because: line 1, column 157: at `/edges/0/lenses/0`: `/color` is written like a path, but a single key is expected here: write `color`; use `move` with `/~1color` for a key with exactly this name
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
    let edge = EDGE.replace("\"color\"", "\"look.color\"");
    sandbox.write("config_versions.json", manifest(&edge));
    sandbox.write("old.yaml", OLD);
    insta::assert_snapshot!(sandbox.run(&["migrate", "check", "--with", "old.yaml"]), @r"
    warning: 1.0.0 to 2.0.0: lens 1 makes one key, `look.color`; for a nested place, use `move` to `/look/color`
    old.yaml: 1.0.0 to 2.0.0 and back: byte for byte
    all is well: 1 of 1 edge tested, up and down, with 1 document, in [dir]/config_versions.json
    exit code 0
    ");
    sandbox.write(
        "config_versions.json",
        manifest(EDGE).replace("meta.version", "meta..version"),
    );
    insta::assert_snapshot!(sandbox.run(&["migrate", "check"]), @r"
    error: [dir]/config_versions.json is not a valid version manifest
      because: line 1, column 29: at `/version_key`: a key is missing in the version key `meta..version`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
}

/// Whatever samples and manifest say of versions: the draft, put where it says, is one that `check` takes.
#[test]
fn a_draft_is_one_that_the_check_takes() {
    let file = |version: Option<&str>, key: &str| match version {
        Some(version) => format!("meta:\n  version: {version}\n{key}: red\n"),
        None => format!("{key}: red\n"),
    };
    let versions = [
        None,
        Some("1.0.0"),
        Some("2.0.0"),
        Some("2.1.0"),
        Some("two"),
        Some("2"),
    ];
    let mut tried = 0;
    for (old, new) in versions
        .iter()
        .flat_map(|old| versions.map(|new| (*old, new)))
    {
        let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
        sandbox.write("old.yaml", file(old, "tint"));
        sandbox.write("new.yaml", file(new, "shade"));
        let told = sandbox.run(&["migrate", "new", "old.yaml", "new.yaml", "--json"]);
        if told.code == 2 {
            assert!(old > new, "{told}");
            continue;
        }
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        let mut whole: Value = serde_json::from_str(&manifest(EDGE)).unwrap();
        let edge = told["edge"].clone();
        assert_eq!(
            edge["lenses"],
            json!([{"rename": {"path": "/tint", "to": "shade"}}])
        );
        for unlisted in told["unlisted"].as_array().unwrap() {
            let versions = whole["versions"].as_array_mut().unwrap();
            versions.push(json!({ "version": unlisted }));
        }
        let edges = whole["edges"].as_array_mut().unwrap();
        edges.retain(|known| (&known["from"], &known["to"]) != (&edge["from"], &edge["to"]));
        edges.push(edge.clone());
        sandbox.write("config_versions.json", whole.to_string());
        let start = format!(
            "meta:\n  version: {}\ntint: red\n",
            edge["from"].as_str().unwrap()
        );
        sandbox.write("sample.yaml", start);
        let checked = sandbox.run(&["migrate", "check", "--with", "sample.yaml"]);
        let findings = checked.stdout.replace("no route leads from", "");
        assert!(
            checked.code == 0 || findings != checked.stdout,
            "{old:?} {new:?}\n{checked}"
        );
        tried += 1;
    }
    assert!(tried >= 30, "{tried}");
}

#[test]
fn a_draft_says_which_versions_it_took_and_why() {
    let sandbox = Sandbox::with("old.yaml", "schema_version: 2\na: 1\n");
    sandbox.write("new.yaml", "schema_version: 2.0.0\nb: 1\n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "new", "old.yaml", "new.yaml"]), @r#"
    {
      "from": "1.0.0",
      "to": "2.0.0",
      "description": "",
      "lenses": [
        {
          "remove": {
            "path": "/a",
            "value": 1
          }
        },
        {
          "add": {
            "path": "/b",
            "value": 1
          }
        }
      ]
    }
    2 is not a version such as 1.2.0, so another number was used
    put {"version": "1.0.0"} into `versions` as well; it is not listed yet
    put {"version": "2.0.0"} into `versions` as well; it is not listed yet
    a draft: read it, correct it, put it into `edges` of config_versions.json, then `persist migrate check`
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["migrate", "new", "new.yaml", "new.yaml"]), @r#"
    {
      "from": "2.0.0",
      "to": "2.1.0",
      "description": "",
      "lenses": []
    }
    both have version 2.0.0; an edge must lead to another version
    put {"version": "2.0.0"} into `versions` as well; it is not listed yet
    put {"version": "2.1.0"} into `versions` as well; it is not listed yet
    a draft: read it, correct it, put it into `edges` of config_versions.json, then `persist migrate check`
    exit code 0
    "#);
    sandbox.write("old.yaml", "schema_version: 3.0.0\na: 1\n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "new", "old.yaml", "new.yaml"]), @r"
    error: the first has version 3.0.0, the second 2.0.0; name the older one first
    exit code 2
    ");
}

#[test]
fn a_draft_leaves_the_version_alone_wherever_it_is() {
    let sandbox = Sandbox::with("config_versions.json", manifest(""));
    sandbox.write("old.yaml", "colour: red\n");
    sandbox.write(
        "new.yaml",
        "meta:\n  version: 2.0.0\n  by: me\ncolour: red\n",
    );
    let told = sandbox.json(0, &["migrate", "new", "old.yaml", "new.yaml"]);
    assert_eq!(
        told["edge"]["lenses"],
        json!([{"add": {"path": "/meta/by", "value": "me"}}])
    );
    let schema = |version: &str, key: &str| {
        let meta = json!({"type": "object", "properties": {"version": {"const": version}}});
        json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": {"meta": meta, key: {"type": "string"}}})
        .to_string()
    };
    sandbox.write("old.json", schema("1.0.0", "fontSize"));
    sandbox.write("new.json", schema("2.0.0", "font_size"));
    let told = sandbox.json(0, &["migrate", "new", "old.json", "new.json"]);
    assert_eq!(
        (&told["edge"]["from"], &told["edge"]["to"]),
        (&json!("1.0.0"), &json!("2.0.0"))
    );
    assert_eq!(
        told["edge"]["lenses"],
        json!([{"rename": {"path": "/fontSize", "to": "font_size"}}])
    );
}

#[test]
fn of_many_files_the_manifest_is_left_out() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    let text = r#"{"meta": {"version": "1.0.0"}, "colour": "red"}"#;
    sandbox.write("a.json", text);
    sandbox.write("own.json", manifest(EDGE));
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "--all", "a.json", "conf*.json"]), @r"
    migrated a.json to 2.0.0
    1 migrated, 0 unchanged, 0 failed
    config_versions.json was skipped: it is a version manifest
    exit code 0
    ");
    let told = sandbox.json(
        0,
        &[
            "migrate",
            "to",
            "1.0.0",
            "--all",
            "*.json",
            "--versions",
            "own.json",
        ],
    );
    assert_eq!(
        told["left_out"],
        json!([{"file": "config_versions.json"}, {"file": "own.json"}])
    );
    assert_eq!(sandbox.text("config_versions.json"), manifest(EDGE));
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "--all", "conf*.json"]), @r"
    config_versions.json was skipped: it is a version manifest
    error: only manifests match; nothing was touched
    exit code 1
    ");
}

#[test]
fn up_goes_one_step_as_down_does() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    sandbox.write("a.yaml", OLD);
    insta::assert_snapshot!(sandbox.run(&["migrate", "up", "a.yaml"]).stdout.lines().next().unwrap_or_default(), @"saved a.yaml (migrate #1)");
    insta::assert_snapshot!(sandbox.run(&["migrate", "up", "a.yaml"]), @r"
    error: 2.0.0 is the newest version
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "up", "a.yaml", "1.0.0"]), @r"
    error: 1.0.0 is below 2.0.0, the file's version; use `persist migrate to`
    exit code 2
    ");
    sandbox.ok(&["migrate", "up", "a.yaml", "2.0.0"]);
    sandbox.ok(&["migrate", "down", "a.yaml"]);
    assert_eq!(sandbox.text("a.yaml"), OLD);
}

#[test]
fn a_file_without_a_version_is_of_the_one_that_is_named() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    sandbox.write("a.yaml", "colour: red\n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "a.yaml"]), @r"
    error: a.yaml: no schema version at `meta.version`; set it to the file's version (1.0.0 or 2.0.0), or pass the version to assume
      help: `persist migrate to --from VERSION a.yaml` treats it as that version
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "a.yaml", "--from", "1.5.0"]), @r"
    error: --from 1.5.0: unknown version; known versions: 1.0.0, 2.0.0
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "plan", "a.yaml", "--from", "1.0.0"]), @r#"
    1.0.0 to 2.0.0: 1 step
      1. 1.0.0 to 2.0.0
      colour: removed "red"
      color: added "red"
      meta: added {"version":"2.0.0"}
    nothing was touched; `persist migrate to` applies it, after a backup
    exit code 0
    "#);
    assert!(!sandbox.path(".a.yaml.persist").exists());
    for (command, file) in [("to", "b.yaml"), ("up", "c.yaml")] {
        sandbox.write(file, "colour: red\n");
        sandbox.ok(&["migrate", command, file, "--from", "1.0.0"]);
        assert_eq!(sandbox.text(file), "color: red\nmeta:\n  version: 2.0.0\n");
    }
    sandbox.ok(&["migrate", "to", "--from", "1.0.0", "--all", "?.yaml"]);
    assert_eq!(sandbox.text("a.yaml"), sandbox.text("b.yaml"));
}

#[test]
fn files_that_fail_get_no_state_folder() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    sandbox.write("good.yaml", OLD);
    for (name, text) in [
        ("none.yaml", "colour: red\n"),
        ("broken.yaml", "colour: [\n"),
        ("odd.yaml", "meta: {version: 1.5.0}\n"),
        ("new.yaml", "meta: {version: 3.0.0}\n"),
    ] {
        sandbox.write(name, text);
        sandbox.run(&["migrate", "to", name]);
        sandbox.run(&["migrate", "down", name]);
    }
    let told = sandbox.json(3, &["migrate", "to", "--all", "*.yaml"]);
    assert_eq!((&told["migrated"], &told["failed"]), (&json!(1), &json!(4)));
    let entries = std::fs::read_dir(sandbox.path(".")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let folders: Vec<String> = names.filter(|name| name.ends_with(".persist")).collect();
    assert_eq!(folders, [".good.yaml.persist"]);
}

#[test]
fn a_version_between_the_known_ones_is_told() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    sandbox.write("a.yaml", OLD.replace("1.0.0", "1.5.0"));
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "a.yaml"]), @r"
    error: a.yaml: schema version 1.5.0 at `meta.version` is not known; known versions: 1.0.0 and 2.0.0; correct it if the file has one of these, or use a manifest that lists it
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "a.yaml"]).stdout.lines().find(|line| line.contains("not known")).unwrap_or_default(), @"            schema version 1.5.0 at `meta.version` is not known; known versions: 1.0.0 and 2.0.0; correct it if the file has one of these, or use a manifest that lists it");
    sandbox.ok(&["set", "a.yaml", "meta.version=1.0.0"]);
    let refused = sandbox.run(&["set", "a.yaml", "meta.version=1.5.0"]);
    assert_eq!(refused.code, 10, "{refused}");
}

/// `set` and `unset` find out before they make a folder, too.
#[test]
fn a_set_that_fails_makes_no_state_folder() {
    let schema = r#"{"properties": {"colour": {"enum": ["red", "blue"]}}}"#;
    let versions = manifest(EDGE).replacen(
        r#"{"version": "1.0.0"}"#,
        &format!(r#"{{"version": "1.0.0", "schema": {schema}}}"#),
        1,
    );
    let sandbox = Sandbox::with("config_versions.json", versions);
    sandbox.write("a.yaml", OLD);
    sandbox.write("broken.yaml", "colour: [\n");
    for (code, words) in [
        (4, ["set", "a.yaml", "colour=green"]),
        (4, ["set", "a.yaml", "meta=none"]),
        (4, ["set", "broken.yaml", "colour=red"]),
        (1, ["unset", "a.yaml", "none"]),
        (10, ["set", "a.yaml", "meta.version=1.5.0"]),
    ] {
        let told = sandbox.run(&words);
        assert_eq!(told.code, code, "{words:?}: {told}");
        assert!(!sandbox.path(".a.yaml.persist").exists(), "{words:?}");
        assert!(!sandbox.path(".broken.yaml.persist").exists(), "{words:?}");
    }
    sandbox.ok(&["set", "a.yaml", "colour=blue"]);
}

/// Every way to migrate takes words for the journal, as every other change does.
#[test]
fn a_migration_says_why() {
    let sandbox = Sandbox::with("config_versions.json", manifest(EDGE));
    let why = |args: &[&str]| {
        sandbox.ok(args);
        let log = sandbox.json(0, &["log", "old.yaml", "-n", "1"]);
        log[0]["reason"].as_str().unwrap_or_default().to_owned()
    };
    sandbox.write("old.yaml", OLD);
    let said = why(&["migrate", "up", "old.yaml", "-m", "first"]);
    assert_eq!(said, "first\n1.0.0 to 2.0.0");
    let said = why(&["migrate", "down", "old.yaml", "-m", "second"]);
    assert_eq!(said, "second\n2.0.0 to 1.0.0");
    let said = why(&["migrate", "to", "old.yaml", "--reason", "third"]);
    assert_eq!(said, "third\n1.0.0 to 2.0.0");
    let all = [
        "migrate", "to", "1.0.0", "--all", "old.yaml", "-m", "fourth",
    ];
    assert_eq!(why(&all), "fourth\n2.0.0 to 1.0.0");
    let plan = sandbox
        .ok(&["--json", "migrate", "plan", "old.yaml"])
        .stdout;
    sandbox.write("plan.json", plan);
    let said = why(&["migrate", "to", "--plan", "plan.json", "-m", "fifth"]);
    assert_eq!(said, "fifth\n1.0.0 to 2.0.0");
}
