//! Files whose names are not UTF-8, with every command.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::published;
use crate::support::{Ran, Sandbox};

/// `app\xff.toml`.
fn name() -> &'static OsStr {
    OsStr::from_bytes(b"app\xff.toml")
}

const TEXT: &str = "app\u{fffd}.toml";
const BASE64: &str = "YXBw/y50b21s";

const MANIFEST: &str = r#"{
  "app": "app",
  "versions": [
    {"version": "1.0.0", "schema": {"type": "object", "properties": {"schema_version": {"type": "string"}, "a": {"type": "integer"}}}},
    {"version": "1.1.0", "schema": {"type": "object", "properties": {"schema_version": {"type": "string"}, "b": {"type": "integer"}}}}
  ],
  "edges": [{"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/a", "to": "b"}}]}]
}"#;

struct Folder(Sandbox);

impl Folder {
    /// `None` on file systems that want UTF-8.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn new() -> Option<Folder> {
        let folder = Folder(Sandbox::new());
        if std::fs::write(folder.file(), "schema_version = \"1.0.0\"\na = 1\n").is_err() {
            println!("skipped: names must be UTF-8 on this file system");
            return None;
        }
        folder.0.write("config_versions.json", MANIFEST);
        Some(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path("").join(name())
    }

    /// Runs the command line, with the file's name for `FILE`, or fails.
    fn run(&self, code: i32, args: &[&str]) -> Ran {
        let mut command = self.0.command(&[]);
        for arg in args {
            command.arg(match *arg {
                "FILE" => name().to_owned(),
                "OTHER" => OsString::from("other.json"),
                arg => arg.into(),
            });
        }
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, code, "{args:?}\n{ran}");
        ran
    }

    /// With words and with JSON.
    fn both(&self, code: i32, args: &[&str]) -> Value {
        self.run(code, args);
        self.json(code, args)
    }

    fn json(&self, code: i32, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        let ran = self.run(code, &args);
        published::check(&args, &ran.stdout);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{ran}"))
    }
}

fn named(told: &Value) {
    assert_eq!(told["file"], TEXT, "{told}");
    assert_eq!(told["file_bytes"], BASE64, "{told}");
}

#[test]
fn reading() {
    let Some(folder) = Folder::new() else { return };
    named(&folder.both(0, &["get", "FILE"]));
    folder.both(1, &["get", "FILE", "none"]);
    named(&folder.both(0, &["status", "FILE"]));
    folder.both(0, &["log", "FILE"]);
    folder.run(0, &["log", "FILE", "--changelog"]);
    folder.both(0, &["backups", "FILE"]);
    folder.both(0, &["diff", "FILE"]);
    folder.both(0, &["diff", "FILE", "--with", "FILE"]);
    folder.both(0, &["verify", "FILE"]);
    folder.both(0, &["convert", "FILE", "--to", "json"]);
    folder.both(0, &["migrate", "new", "FILE", "FILE"]);
    let utf8 = folder.0.json(0, &["get", "config_versions.json", "app"]);
    assert!(utf8.get("file_bytes").is_none(), "{utf8}");
}

#[test]
fn changing() {
    let Some(folder) = Folder::new() else { return };
    named(&folder.json(0, &["set", "FILE", "c=1"]));
    folder.run(0, &["set", "FILE", "c=2"]);
    folder.both(0, &["diff", "FILE"]);
    folder.run(0, &["diff", "FILE", "--text"]);
    folder.both(0, &["log", "FILE"]);
    folder.both(0, &["backups", "FILE"]);
    named(&folder.json(0, &["undo", "FILE"]));
    named(&folder.json(0, &["unset", "FILE", "c"]));
    named(&folder.json(0, &["restore", "FILE", "1"]));
    named(&folder.json(0, &["adopt", "FILE"]));
    std::fs::write(folder.file(), "").unwrap();
    folder.both(5, &["get", "FILE"]);
    named(&folder.json(5, &["status", "FILE"]));
    named(&folder.json(0, &["recover", "FILE"]));
    folder.both(0, &["verify", "FILE"]);
    named(&folder.json(0, &["convert", "config_versions.json", "--out", "FILE"]));
    std::fs::write(folder.file(), "a = = 1\n").unwrap();
    folder.both(4, &["get", "FILE"]);
    folder.both(4, &["set", "FILE", "a=1"]);
}

#[test]
fn migrating() {
    let Some(folder) = Folder::new() else { return };
    let plan = folder.both(0, &["migrate", "plan", "FILE"]);
    assert!(plan["file"].as_str().unwrap().ends_with(TEXT), "{plan}");
    folder.0.write("plan.json", plan.to_string());
    named_by_path(&folder.json(0, &["migrate", "to", "--plan", "plan.json"]));
    named(&folder.json(0, &["migrate", "down", "FILE"]));
    named(&folder.json(0, &["migrate", "to", "FILE"]));
    named(&folder.json(0, &["migrate", "down", "FILE"]));
    let all = folder.json(0, &["migrate", "to", "--all", "*.toml"]);
    named(&all["files"][0]);
    named(&all["files"][0]["receipt"]);
    folder.run(0, &["migrate", "down", "FILE"]);
    // As a shell expands the pattern.
    let all = folder.json(0, &["migrate", "to", "--all", "FILE"]);
    assert_eq!(all["migrated"], 1, "{all}");
    std::fs::rename(folder.0.path("config_versions.json"), folder.file()).unwrap();
    let checked = folder.both(0, &["migrate", "check", "FILE"]);
    assert_eq!(checked["manifest_bytes"], BASE64, "{checked}");
    folder.both(0, &["migrate", "graph", "FILE"]);
    folder.both(10, &["migrate", "down", "FILE"]);
}

/// The receipt of a plan names the file as the plan does: by its whole path.
fn named_by_path(receipt: &Value) {
    assert!(
        receipt["file"].as_str().unwrap().ends_with(TEXT),
        "{receipt}"
    );
    assert!(receipt["file_bytes"].is_string(), "{receipt}");
}

/// Two names that look alike as text are two files all the same.
#[test]
fn a_state_folder_of_its_own() {
    let Some(folder) = Folder::new() else { return };
    let other = folder.0.path("").join(OsStr::from_bytes(b"app\xfe.toml"));
    std::fs::write(other, "a = 1\n").unwrap();
    folder.run(0, &["set", "FILE", "a=2", "--state-dir", "state"]);
    let mut command = folder.0.command(&["--state-dir", "state", "set"]);
    command.arg(OsStr::from_bytes(b"app\xfe.toml")).arg("a=2");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 8, "{ran}");
    assert!(ran.stderr.contains("needs its own state folder"), "{ran}");
}

#[test]
fn wrong_arguments() {
    let Some(folder) = Folder::new() else { return };
    folder.json(2, &["get"]);
    folder.json(2, &["get", "FILE", "a", "b"]);
    folder.json(2, &["set", "FILE", "FILE"]);
}
