//! Schema versions through the command: the sample history in three formats, plans, many files, the manifest itself.

use serde_json::{Value, json};

use crate::support::{Sandbox, own};

const TOML: &str =
    "# top\nschema_version = \"1.0.0\"\ntheme = \"dark\" # why\n\n[window]\nwidth = 1024 # px\n";
const YAML: &str =
    "# top\nschema_version: \"1.0.0\"\ntheme: dark # why\n\nwindow:\n  width: 1024 # px\n";
const JSON: &str = "{\n  \"schema_version\": \"1.0.0\",\n  \"theme\": \"dark\",\n  \"window\": { \"width\": 1024 }\n}\n";

/// The file beside the repository's own manifest.
fn sandbox(name: &str, content: &str) -> Sandbox {
    let sandbox = Sandbox::with(name, content);
    sandbox.write("config_versions.json", own("config_versions.json"));
    sandbox
}

/// Up by both steps, down again; up by the direct edge, the same. Returns the texts of 1.1.0 and 1.2.0.
fn there_and_back(name: &str, content: &str) -> String {
    let sandbox = sandbox(name, content);
    sandbox.ok(&["migrate", "to", name, "1.1.0"]);
    let middle = sandbox.text(name);
    sandbox.ok(&["migrate", "to", name]);
    let stepwise = sandbox.text(name);
    sandbox.ok(&["migrate", "down", name]);
    assert_eq!(sandbox.text(name), middle, "{name}: down by one");
    sandbox.ok(&["migrate", "down", name]);
    assert_eq!(sandbox.text(name), content, "{name}: down by two");
    sandbox.ok(&["migrate", "to", name, "1.2.0"]);
    assert_eq!(sandbox.text(name), stepwise, "{name}: the direct edge");
    sandbox.ok(&["migrate", "down", name, "1.0.0"]);
    assert_eq!(sandbox.text(name), content, "{name}: down at once");
    format!("{middle}-----\n{stepwise}")
}

#[test]
fn the_sample_history_in_toml() {
    insta::assert_snapshot!(there_and_back("app.toml", TOML), @r#"
    # top
    schema_version = "1.1.0"
    theme = "dark" # why

    [window]
    width = 1024 # px

    [performance]
    monitoring = false
    sample_interval_ms = 1000

    [cache]
    enabled = true
    max_size_mb = 256
    ttl_seconds = 3600
    -----
    # top
    schema_version = "1.2.0"
    theme = "dark" # why

    [window]
    width = 1024 # px

    [performance]
    monitoring = false
    sample_interval_ms = 1000

    [cache]
    enabled = true
    max_size_mb = 256
    ttl_seconds = 3600

    [security]
    api_key = ""
    require_auth = false
    session_timeout_minutes = 30

    [encryption]
    algorithm = "aes-256-gcm"
    enabled = false
    "#);
}

#[test]
fn the_sample_history_in_yaml() {
    insta::assert_snapshot!(there_and_back("app.yaml", YAML), @r#"
    # top
    schema_version: "1.1.0"
    theme: dark # why

    window:
      width: 1024 # px
    performance:
      monitoring: false
      sample_interval_ms: 1000
    cache:
      enabled: true
      max_size_mb: 256
      ttl_seconds: 3600
    -----
    # top
    schema_version: "1.2.0"
    theme: dark # why

    window:
      width: 1024 # px
    performance:
      monitoring: false
      sample_interval_ms: 1000
    cache:
      enabled: true
      max_size_mb: 256
      ttl_seconds: 3600
    security:
      api_key: ""
      require_auth: false
      session_timeout_minutes: 30
    encryption:
      algorithm: aes-256-gcm
      enabled: false
    "#);
}

#[test]
fn the_sample_history_in_json() {
    insta::assert_snapshot!(there_and_back("app.json", JSON), @r#"
    {
      "schema_version": "1.1.0",
      "theme": "dark",
      "window": { "width": 1024 },
      "performance": {
        "monitoring": false,
        "sample_interval_ms": 1000
      },
      "cache": {
        "enabled": true,
        "max_size_mb": 256,
        "ttl_seconds": 3600
      }
    }
    -----
    {
      "schema_version": "1.2.0",
      "theme": "dark",
      "window": { "width": 1024 },
      "performance": {
        "monitoring": false,
        "sample_interval_ms": 1000
      },
      "cache": {
        "enabled": true,
        "max_size_mb": 256,
        "ttl_seconds": 3600
      },
      "security": {
        "api_key": "",
        "require_auth": false,
        "session_timeout_minutes": 30
      },
      "encryption": {
        "algorithm": "aes-256-gcm",
        "enabled": false
      }
    }
    "#);
}

#[test]
fn comments_follow_renamed_and_moved_keys() {
    let manifest = r#"{
        "app": "a",
        "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}],
        "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [
            {"rename": {"path": "/theme", "to": "colours"}},
            {"move": {"from": "/window/width", "to": "/width"}}
        ]}]
    }"#;
    for (name, content) in [("app.toml", TOML), ("app.yaml", YAML)] {
        let sandbox = Sandbox::with(name, content);
        sandbox.write("config_versions.json", manifest);
        sandbox.ok(&["migrate", "to", name]);
        let migrated = sandbox.text(name);
        for (key, comment) in [("colours", "# why"), ("width", "# px")] {
            let line = migrated.lines().find(|l| l.trim_start().starts_with(key));
            assert!(
                line.is_some_and(|l| l.ends_with(comment)),
                "{key} in\n{migrated}"
            );
        }
    }
}

#[test]
fn a_plan_touches_nothing_and_is_followed_once() {
    let sandbox = sandbox("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["migrate", "plan", "app.toml"]), @r#"
    1.0.0 to 1.2.0: 1 step
      1. 1.0.0 to 1.2.0: add performance, cache, security and encryption settings
      schema_version: "1.0.0" -> "1.2.0"
      performance: added {"monitoring":false,"sample_interval_ms":1000}
      cache: added {"enabled":true,"max_size_mb":256,"ttl_seconds":3600}
      security: added {"api_key":"[redacted]","require_auth":false,"session_timeout_minutes":30}
      encryption: added {"algorithm":"aes-256-gcm","enabled":false}
    nothing was touched; `persist migrate to` applies it, after a backup
    exit code 0
    "#);
    let plan = sandbox.json(0, &["migrate", "plan", "app.toml"]);
    assert_eq!(sandbox.text("app.toml"), TOML);
    sandbox.write("plan.json", plan.to_string());
    sandbox.ok(&["set", "app.toml", "theme=light"]);
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "--plan", "plan.json"]), @r"
    error: [dir]/app.toml: it has changed since the plan was made; nothing was touched
      help: plan again
    exit code 7
    ");
    sandbox.ok(&["undo", "app.toml"]);
    sandbox.ok(&["migrate", "to", "--plan", "plan.json"]);
    assert_eq!(
        sandbox.ok(&["get", "app.toml", "schema_version"]).stdout,
        "1.2.0\n"
    );
    assert_eq!(
        sandbox.json(7, &["migrate", "to", "--plan", "plan.json"])["error"],
        "conflict"
    );
    sandbox.write("plan.json", "{}");
    assert_eq!(
        sandbox.run(&["migrate", "to", "--plan", "plan.json"]).code,
        2
    );
}

#[test]
fn versions_that_can_not_be_worked_with() {
    for text in [
        "",
        "schema_version = \"nine\"\n",
        "schema_version = \"9.0.0\"\n",
        "schema_version = \"1.0.5\"\n",
    ] {
        let sandbox = sandbox("app.toml", text);
        assert_eq!(
            sandbox.json(10, &["migrate", "to", "app.toml"])["error"],
            "version",
            "{text}"
        );
        assert_eq!(sandbox.text("app.toml"), text);
    }
    let sandbox = sandbox("app.toml", "schema_version = \"9.0.0\"\n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "app.toml"]), @r"
    error: app.toml: schema version 9.0.0 is newer than 1.2.0, the newest known here; the file can be opened read-only
    exit code 10
    ");
    sandbox.write("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "app.toml", "3.0.0"]), @r"
    error: app.toml was not migrated
      because: schema version 3.0.0 is unknown; the nearest known one is 1.2.0
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "down", "app.toml"]), @r"
    error: 1.0.0 is the oldest version
    exit code 10
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "down", "app.toml", "1.2.0"]), @r"
    error: 1.2.0 is above 1.0.0, the file's version; use `persist migrate to`
    exit code 2
    ");
    std::fs::remove_file(sandbox.path("config_versions.json")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "app.toml"]), @r"
    error: app.toml: no config_versions.json was found beside the file or above it; name one
      help: name it with --versions FILE
    exit code 10
    ");
}

#[test]
fn values_that_break_the_schema_are_refused() {
    let sandbox = sandbox("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "window.width=12", "theme=red"]), @r"
    error: app.toml:3:9: expected one of `dark`, `light`, `system` at theme
    app.toml:6:9: expected at least 200 at window.width
    exit code 4
    ");
    let refused = sandbox.json(4, &["set", "app.toml", "window.width=12", "theme=red"]);
    let problems = refused["problems"].as_array().expect("what is wrong");
    let told: Vec<_> = problems
        .iter()
        .map(|p| (p["path"].as_str(), p["line"].as_u64()))
        .collect();
    assert_eq!(
        told,
        [(Some("/theme"), Some(3)), (Some("/window/width"), Some(6))]
    );
    assert_eq!(sandbox.text("app.toml"), TOML);
}

#[test]
fn many_files_and_one_that_can_not_be() {
    let sandbox = sandbox("a.toml", TOML);
    sandbox.write("b.yaml", YAML);
    sandbox.write("c.toml", "theme = \n");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "1.2.0", "--all", "*.toml", "*.yaml"]), @r"
    migrated a.toml to 1.2.0
    migrated b.yaml to 1.2.0
    failed c.toml:1:9: there is no value after the `=`
    2 migrated, 0 unchanged, 1 failed
    exit code 3
    ");
    let told = sandbox.json(3, &["migrate", "to", "--all", "?.*"]);
    assert_eq!(
        (&told["unchanged"], &told["failed"]),
        (&2.into(), &1.into())
    );
    sandbox.ok(&["migrate", "to", "1.0.0", "--all", "[ab].*"]);
    assert_eq!(sandbox.text("b.yaml"), YAML);
    assert_eq!(sandbox.run(&["migrate", "to", "--all", "*.none"]).code, 1);
}

#[test]
fn why_one_of_many_could_not_be() {
    let sandbox = sandbox("a.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "3.0.0", "--all", "*.toml"]), @r"
    failed a.toml was not migrated
      schema version 3.0.0 is unknown; the nearest known one is 1.2.0
    0 migrated, 0 unchanged, 1 failed
    exit code 3
    ");
    let told = sandbox.json(3, &["migrate", "to", "3.0.0", "--all", "*.toml"]);
    insta::assert_snapshot!(told["files"][0]["causes"], @r#"["schema version 3.0.0 is unknown; the nearest known one is 1.2.0"]"#);
}

#[test]
fn what_is_kept_about_a_file_is_not_migrated() {
    let sandbox = sandbox("a.toml", TOML);
    sandbox.ok(&["set", "a.toml", "theme=light"]);
    let all = ["*.toml", ".a.toml.persist/*", ".a.toml.persist/*/*"];
    let told = sandbox.json(0, &[&["migrate", "to", "--all"], &all[..]].concat());
    let files = told["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{told}");
    assert_eq!(files[0]["file"], "a.toml");
    sandbox.ok(&["verify", "a.toml"]);
}

#[test]
fn patterns_reach_into_folders() {
    let sandbox = sandbox("a.toml", TOML);
    for folder in ["conf/deep", "conf/.hidden"] {
        std::fs::create_dir_all(sandbox.path(folder)).unwrap();
        sandbox.write(&format!("{folder}/b.toml"), TOML);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", sandbox.path("conf/loop")).unwrap();
    let matched = |pattern: &str, version| {
        let told = sandbox.json(0, &["migrate", "to", version, "--all", pattern]);
        let rows = told["files"].as_array().unwrap().clone();
        let name = |row: &serde_json::Value| row["file"].as_str().unwrap().replace('\\', "/");
        rows.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        matched("**/*.toml", "1.1.0"),
        ["a.toml", "conf/deep/b.toml"]
    );
    assert_eq!(matched("conf/**/*.toml", "1.2.0"), ["conf/deep/b.toml"]);
    assert_eq!(
        matched("./c*/?eep/[ab].toml", "1.1.0"),
        ["./conf/deep/b.toml"]
    );
    assert_eq!(matched("conf/../*.toml", "1.2.0"), ["conf/../a.toml"]);
    let absolute = sandbox.path("conf/*/b.toml");
    assert_eq!(matched(absolute.to_str().unwrap(), "1.2.0").len(), 1);
}

/// Else a mistyped pattern, or a version after the option, would go unnoticed beside those that match.
#[test]
fn each_pattern_has_to_match() {
    let sandbox = sandbox("a.toml", TOML);
    let before = sandbox.text("a.toml");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "--all", "*.toml", "1.1.0"]), @r"
    error: no file matches 1.1.0; nothing was touched
      help: the version comes first: `migrate to 1.1.0 --all GLOB`
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "--all", "*.toml", "*.yml"]), @r"
    error: no file matches *.yml; nothing was touched
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "1.1.0", "a.toml"]), @r"
    error: invalid value 'a.toml' for '[TO]': expected a version such as 1.2.0, after the file

    For more information, try '--help'.
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["migrate", "to", "a.toml", "v1.1"]), @r"
    error: invalid value 'v1.1' for '[TO]': expected a version such as 1.2.0, after the file

    For more information, try '--help'.
    exit code 2
    ");
    assert_eq!(sandbox.text("a.toml"), before);
}

#[test]
fn a_file_of_a_newer_version_is_not_changed() {
    let text = TOML.replace("1.0.0", "2.0.0");
    let sandbox = sandbox("app.toml", &text);
    for change in [
        &["set", "app.toml", "theme=light"][..],
        &["unset", "app.toml", "theme"],
    ] {
        let refused = sandbox.run(change);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @r"
            error: app.toml: schema version 2.0.0 is newer than 1.2.0, the newest known here; the file can be opened read-only
            exit code 10
            ");
        }
    }
    assert_eq!(sandbox.text("app.toml"), text);
    assert_eq!(sandbox.ok(&["get", "app.toml", "theme"]).stdout, "dark\n");
}

#[test]
fn the_version_stays() {
    let sandbox = sandbox("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["unset", "app.toml", "schema_version"]), @r"
    error: app.toml: `schema_version` is the schema version; only a migration can change it
      help: persist migrate to app.toml VERSION
    exit code 10
    ");
    assert_eq!(sandbox.text("app.toml"), TOML);
}

#[test]
fn an_edge_that_was_released_and_has_changed_is_not_taken() {
    let sandbox = sandbox("app.toml", TOML);
    sandbox.ok(&["migrate", "to", "app.toml", "1.1.0"]);
    let text = sandbox.text("app.toml");
    let manifest = sandbox.text("config_versions.json");
    let changed = manifest.replace("\"monitoring\": false", "\"monitoring\": true");
    assert_ne!(manifest, changed);
    sandbox.write("config_versions.json", changed);
    insta::assert_snapshot!(sandbox.run(&["migrate", "down", "app.toml"]), @r"
    error: app.toml was not migrated
      because: the edge from 1.0.0 to 1.1.0 was released and has changed since; restore it, and make the change in a new version
    exit code 10
    ");
    assert_eq!(
        sandbox.run(&["migrate", "plan", "app.toml", "1.0.0"]).code,
        10
    );
    assert_eq!(sandbox.text("app.toml"), text);
    sandbox.write("config_versions.json", manifest);
    sandbox.ok(&["migrate", "down", "app.toml"]);
    assert_eq!(sandbox.text("app.toml"), TOML);
}

#[test]
fn secrets_stay_in_the_samples() {
    let sandbox = Sandbox::with("old.yaml", "db:\n  password: hunter2\ntoken: abc\n");
    sandbox.write("new.yaml", "api_key: s3cret\nport: 80\n");
    let told = sandbox.ok(&["migrate", "new", "old.yaml", "new.yaml"]);
    for secret in ["hunter2", "abc", "s3cret"] {
        assert!(!told.to_string().contains(secret), "{told}");
    }
    assert!(
        told.stderr.contains("a secret value was left out: /token"),
        "{told}"
    );
    // Under a name that says nothing, too, in either of the two.
    sandbox.write("old.yaml", "token: hunter2\nargs: [x]\n");
    sandbox.write("new.yaml", "token: hunter2\nshown: is hunter2\nb: {c: 1}\n");
    for pair in [["old.yaml", "new.yaml"], ["new.yaml", "old.yaml"]] {
        let told = sandbox.ok(&[&["migrate", "new"], &pair[..]].concat());
        assert!(!told.to_string().contains("hunter2"), "{told}");
    }
}

#[test]
fn the_manifest_itself() {
    let sandbox = sandbox("app.toml", TOML);
    assert_eq!(
        sandbox.json(0, &["migrate", "check", "--cases", "4"])["passed"],
        true
    );
    insta::assert_snapshot!(sandbox.run(&["migrate", "graph"]), @r"
    1.0.0 (2025-01-15): initial settings
      <-> 1.1.0: add performance monitoring and caching
      <-> 1.2.0: add performance, cache, security and encryption settings
    1.1.0 (2025-06-02): performance monitoring and caching
      <-> 1.2.0: add security and encryption settings
    1.2.0 (2026-02-20): security and encryption settings
    exit code 0
    ");
    for (kind, start) in [
        ("dot", "digraph"),
        ("mermaid", "flowchart"),
        ("svg", "<?xml"),
    ] {
        assert!(
            sandbox
                .ok(&["migrate", "graph", "--as", kind])
                .stdout
                .starts_with(start),
            "{kind}"
        );
    }
    let wrong = own("config_versions.json").replacen(
        "\"max_size_mb\": 256, \"ttl",
        "\"max_size_mb\": 257, \"ttl",
        1,
    );
    sandbox.write("wrong.json", wrong);
    let found = sandbox.json(1, &["migrate", "check", "wrong.json", "--cases", "4"]);
    assert_eq!(found["passed"], false);
    let differs = found["findings"].as_array().unwrap().iter().any(|finding| {
        finding["message"]
            .as_str()
            .unwrap()
            .contains("/cache/max_size_mb")
    });
    assert!(differs, "{found}");
}

/// The sample's manifest with a fault planted in it, and what `check` says of it: the message, and the document that shows it.
fn found_by_check(plant: impl Fn(&mut Value)) -> Vec<(String, Value)> {
    let mut manifest: Value = serde_json::from_str(&own("config_versions.json")).unwrap();
    plant(&mut manifest);
    let sandbox = Sandbox::with("config_versions.json", manifest.to_string());
    let report = sandbox.json(1, &["migrate", "check"]);
    assert_eq!(report["passed"], false);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|found| {
            let message = found["message"].as_str().unwrap().lines().next();
            (message.unwrap().to_owned(), found["document"].clone())
        })
        .collect()
}

#[test]
fn planted_faults_are_found_and_shown_on_small_documents() {
    let drop_digest = |edge: &mut Value| drop(edge.as_object_mut().unwrap().remove("digest"));
    let direct = found_by_check(|manifest| {
        let edge = &mut manifest["edges"][2];
        edge["lenses"][1]["add"]["value"]["max_size_mb"] = 255.into();
        drop_digest(edge);
    });
    let [(message, document)] = direct.as_slice() else {
        panic!("{direct:?}")
    };
    assert!(
        message.contains("the direct edge gives a different result than the chain"),
        "{message}"
    );
    assert_eq!(*document, json!({ "schema_version": "1.0.0" }));

    let inverse = found_by_check(|manifest| {
        let edge = &mut manifest["edges"][0];
        edge["lenses"] = json!([{ "rename": { "path": "/theme", "to": "colours" } }]);
        edge["down"] = json!([{ "rename": { "path": "/colours", "to": "language" } }]);
        drop_digest(edge);
    });
    let wrong = inverse
        .iter()
        .find(|(message, _)| message.contains("and back gives a different document"));
    let (_, document) = wrong.unwrap_or_else(|| panic!("{inverse:?}"));
    assert!(document.as_object().unwrap().len() <= 5, "{document}");

    let edited = found_by_check(|manifest| {
        manifest["edges"][1]["lenses"][1]["add"]["value"]["enabled"] = true.into();
    });
    let changed = edited
        .iter()
        .find(|(message, _)| message.contains("was released and has changed since"));
    assert!(changed.is_some(), "{edited:?}");
    let small =
        |(_, document): &(String, Value)| document.as_object().is_none_or(|map| map.len() <= 5);
    assert!(edited.iter().all(small), "{edited:?}");
}

#[test]
fn an_edge_is_drafted_from_two_files() {
    let sandbox = Sandbox::with("old.toml", "schema_version = \"1.0.0\"\ntheme = \"dark\"\n");
    sandbox.write(
        "new.toml",
        "schema_version = \"1.1.0\"\ncolours = \"dark\"\nzoom = 1\n",
    );
    insta::assert_snapshot!(sandbox.run(&["migrate", "new", "old.toml", "new.toml"]), @r#"
    {
      "from": "1.0.0",
      "to": "1.1.0",
      "description": "",
      "lenses": [
        {
          "rename": {
            "path": "/theme",
            "to": "colours"
          }
        },
        {
          "add": {
            "path": "/zoom",
            "value": 1
          }
        }
      ]
    }
    put {"version": "1.0.0"} into `versions` as well; it is not listed yet
    put {"version": "1.1.0"} into `versions` as well; it is not listed yet
    a draft: read it, correct it, put it into `edges` of config_versions.json, then `persist migrate check`
    exit code 0
    "#);
}

#[test]
fn the_version_is_no_part_of_a_proposal() {
    let sandbox = sandbox("old.json", r#"{"a": 1}"#);
    sandbox.write("new.json", r#"{"schema_version": "2.0.0", "a": 1}"#);
    sandbox.write("schema.json", r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"schema_version": {"const": "3.0.0"}, "a": {"type": "integer"}}}"#);
    let edge = sandbox.json(0, &["migrate", "new", "old.json", "new.json"])["edge"].clone();
    assert_eq!(edge["to"], "2.0.0");
    assert_eq!(edge["lenses"], serde_json::json!([]));
    let edge = sandbox.json(0, &["migrate", "new", "schema.json", "schema.json"])["edge"].clone();
    assert_eq!(edge["from"], "3.0.0");
    insta::assert_snapshot!(sandbox.run(&["migrate", "new", "old.json", "schema.json"]), @r"
    error: one is a JSON Schema, the other a document; compare two of a kind
    exit code 2
    ");
}

#[test]
fn status_names_the_newest_version_and_counts_violations() {
    let sandbox = Sandbox::with("a.json", r#"{"schema_version": "1.0.0", "w": "x"}"#);
    sandbox.write(
        "config_versions.json",
        r#"{"app": "a", "versions": [{"version": "1.10.0"}, {"version": "1.9.0"},
            {"version": "1.0.0", "schema": {"properties": {"w": {"type": "integer"}}}}]}"#,
    );
    let told = sandbox.ok(&["status", "a.json"]).stdout;
    assert!(told.contains("1.0.0 (newest: 1.10.0)"), "{told}");
    assert!(told.contains("1 violation; `persist verify"), "{told}");
}

/// It is the file that is asked about.
#[test]
fn status_speaks_although_the_schema_is_broken() {
    let sandbox = Sandbox::with("a.json", r#"{"schema_version": "1.0.0"}"#);
    sandbox.write(
        "config_versions.json",
        r#"{"app": "a", "versions": [{"version": "1.0.0", "schema": {"type": 7}}]}"#,
    );
    let told = sandbox.ok(&["status", "a.json"]).stdout;
    assert!(told.contains("1.0.0"), "{told}");
}

#[test]
fn a_migration_whose_aside_is_lost_says_how_to_go_on() {
    let sandbox = sandbox("app.toml", &TOML.replace("1.0.0", "1.2.0"));
    let before = sandbox.text("app.toml");
    sandbox.ok(&["migrate", "to", "app.toml", "1.1.0"]);
    let folder = sandbox.path(".app.toml.persist/complements");
    std::fs::remove_dir_all(folder).unwrap();
    let refused = sandbox.run(&["migrate", "to", "app.toml", "1.2.0"]);
    assert_eq!(refused.code, 8, "{refused}");
    assert!(
        refused.stderr.contains("`undo` of that migration"),
        "{refused}"
    );
    sandbox.ok(&["undo", "app.toml"]);
    assert_eq!(sandbox.text("app.toml"), before);
}
