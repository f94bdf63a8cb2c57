//! A state folder that a newer persist wrote: what is said, and with which exit code.

use std::time::SystemTime;

use crate::support::Sandbox;

const MANIFEST: &str = r#"{
  "app": "app",
  "versions": [{"version": "0.9.0"}, {"version": "1.0.0"}, {"version": "1.1.0"}],
  "edges": [
    {"from": "0.9.0", "to": "1.0.0", "lenses": [{"add": {"path": "/c", "value": 1}}]},
    {"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/a", "to": "b"}}]}
  ]
}"#;

/// `app.toml` saved twice, and then by a persist whose folders are of format `number`.
fn newer(number: &str) -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "schema_version = \"1.0.0\"\na = 1\n");
    sandbox.write("config_versions.json", MANIFEST);
    sandbox.ok(&["set", "app.toml", "a=2"]);
    sandbox.ok(&["set", "app.toml", "a=3"]);
    sandbox.write(".app.toml.persist/format", number);
    sandbox
}

type Picture = Vec<(std::path::PathBuf, Vec<u8>, SystemTime)>;

fn picture(dir: &std::path::Path) -> Picture {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let (path, meta) = entry.map(|e| (e.path(), e.metadata().unwrap())).unwrap();
        let bytes = std::fs::read(&path).unwrap_or_default();
        if meta.is_dir() {
            found.extend(picture(&path));
        }
        found.push((path, bytes, meta.modified().unwrap()));
    }
    found.sort();
    found
}

const READ: [&[&str]; 3] = [
    &["get", "app.toml", "a"],
    &["status", "app.toml"],
    &["convert", "app.toml", "--to", "json"],
];

const REFUSED: [&[&str]; 15] = [
    &["set", "app.toml", "a=4"],
    &["set", "app.toml", "a=3"], // which would change nothing
    &["unset", "app.toml", "a"],
    &["undo", "app.toml"],
    &["restore", "app.toml", "1"],
    &["restore", "app.toml", "latest"],
    &["recover", "app.toml"],
    &["adopt", "app.toml"],
    &["migrate", "to", "app.toml"],
    &["migrate", "down", "app.toml"],
    &["migrate", "plan", "app.toml"],
    &["verify", "app.toml"],
    &["log", "app.toml"],
    &["backups", "app.toml"],
    &["diff", "app.toml"],
];

#[test]
fn every_command_says_so_and_changes_nothing() {
    let sandbox = newer("5\n");
    let before = picture(&sandbox.path(""));
    for args in READ {
        sandbox.ok(args);
        sandbox.json(0, args);
    }
    assert_eq!(sandbox.ok(&["get", "app.toml", "a"]).stdout, "3\n");
    for args in REFUSED {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, 10, "persist {args:?}\n{ran}");
        assert!(
            ran.stderr
                .contains("(format 5; this version supports up to 4)"),
            "persist {args:?}\n{ran}"
        );
        let told = sandbox.json(10, args);
        assert_eq!(told["error"], "version", "{told}");
    }
    assert_eq!(picture(&sandbox.path("")), before);
}

#[test]
fn what_is_said() {
    let sandbox = newer("5\n");
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "a=4"]), @"
    error: [dir]/.app.toml.persist, the state folder of app.toml, was written by a newer version of persist (format 5; this version supports up to 4); use the newer version
    exit code 10
    ");
    sandbox.write(".app.toml.persist/format", "later\n");
    insta::assert_snapshot!(sandbox.run(&["undo", "app.toml"]), @"
    error: [dir]/.app.toml.persist, the state folder of app.toml, can't be used: `format` in it is not a number; either that file is damaged (remove it), or a newer version wrote it (use that version)
    exit code 10
    ");
    let status = sandbox.ok(&["status", "app.toml"]).stdout;
    let state = status.lines().nth(1).unwrap_or_default();
    insta::assert_snapshot!(state, @"  state     unknown: a newer persist wrote the state folder; this version can only read the file");
    assert_eq!(
        sandbox.json(0, &["status", "app.toml"])["condition"],
        "newer-state"
    );
}

/// Its bytes tell that it is damaged; who can bring it back is the newer one.
#[test]
fn a_damaged_file_is_left_to_the_newer_one() {
    let sandbox = newer("5\n");
    sandbox.write("app.toml", [0; 40]);
    let before = picture(&sandbox.path(""));
    sandbox.json(5, &["get", "app.toml"]);
    sandbox.json(5, &["status", "app.toml"]);
    sandbox.json(10, &["recover", "app.toml"]);
    assert_eq!(picture(&sandbox.path("")), before);
    std::fs::remove_file(sandbox.path("app.toml")).unwrap();
    let before = picture(&sandbox.path(""));
    sandbox.json(10, &["recover", "app.toml"]);
    sandbox.json(10, &["set", "app.toml", "a=1"]);
    assert_eq!(picture(&sandbox.path("")), before);
}

/// The others are migrated all the same.
#[test]
fn one_of_many_files() {
    let sandbox = newer("5\n");
    sandbox.write("other.toml", "schema_version = \"1.0.0\"\na = 1\n");
    let told = sandbox.json(3, &["migrate", "to", "--all", "*.toml"]);
    assert_eq!(told["migrated"], 1, "{told}");
    assert_eq!(
        sandbox.text("app.toml"),
        "schema_version = \"1.0.0\"\na = 3\n"
    );
    assert_eq!(
        sandbox.text("other.toml"),
        "schema_version = \"1.1.0\"\nb = 1\n"
    );
}
