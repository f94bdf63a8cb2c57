//! What a migration takes apart comes back as it stood, with what was written in between, in every format.

use std::sync::Arc;

use persist_core::{ConfigFile, Manifest, Value};
use tempfile::TempDir;

use crate::support::{open_with, set, text, with};

const TOML: &str = r#"# Farm
version = "1.0.0"   # schema
title = 'Farm'  # the title
addr = "h:80"  # where
level = "hi"   # lvl
timeout = 30 # secs

# --- the servers ---
[[servers]]       # first server
# the name of alpha
name = "alpha"    # its name
port = 80   # open
mode = "hi" # m

# second
[[servers]]
port = 81
name = 'beta'   # second
mode = "lo" # m2

[db]   # the db
# where it is
host = "h" # host
port = 1
"#;

const YAML: &str = r#"# Farm
version: 1.0.0   # schema
title: 'Farm'  # the title
addr: "h:80"  # where
level: hi   # lvl
timeout: 30 # secs

# --- the servers ---
servers:
  # first server
  - name: alpha    # its name
    port: 80   # open
    mode: hi # m
  # second
  - port: 81
    name: 'beta'   # second
    mode: lo # m2

# the db
db:   # the db too
  # where it is
  host: h # host
  port: 1
"#;

const JSONC: &str = r#"{
  // Farm
  "version": "1.0.0",   // schema
  "title":  "Farm",  // the title
  "addr": "h:80",  // where
  "level": "hi",   // lvl
  "timeout": 30, // secs

  // --- the servers ---
  "servers": [
    // first server
    {
      "name": "alpha",    // its name
      "port": 80,   // open
      "mode": "hi" // m
    },
    // second
    {
      "port": 81,
      "name":  "beta",   // second
      "mode": "lo" // m2
    }
  ],

  // the db
  "db": {   // the db too
    // where it is
    "host": "h", // host
    "port": 1
  }
}
"#;

const FILES: [(&str, &str); 3] = [("f.toml", TOML), ("f.yaml", YAML), ("f.jsonc", JSONC)];

fn sample(name: &str, start: &str, lens: &str) -> (TempDir, ConfigFile) {
    let manifest = format!(
        r#"{{"app": "farm", "version_key": "version",
            "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
            "edges": [{{"from": "1.0.0", "to": "2.0.0", "lenses": [{lens}]}}]}}"#
    );
    let manifest = Manifest::parse(&manifest).expect("a manifest");
    let (dir, file) = with(name, start);
    let file = open_with(file.path(), |o| {
        *o = o.clone().with_manifest(Arc::new(manifest));
    });
    (dir, file)
}

fn migrate(file: &ConfigFile, to: &str) {
    drop(file.migrate_to(&to.parse().expect("a version")).expect(to));
}

/// Up, an edit of something else, down: the text is the old one with the edit.
#[track_caller]
fn comes_back(lens: &str) {
    let mut wrong = String::new();
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        set(&file, "timeout", 31).expect("an edit");
        let between = text(&file);
        migrate(&file, "1.0.0");
        if text(&file) != start.replace("30", "31") {
            wrong += &format!("{name} {lens}\n{between}----\n{}\n", text(&file));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a step moves takes all its comments along.
#[test]
fn every_comment_goes_along() {
    for lens in [
        r#"{"move": {"from": "/title", "to": "/meta/title"}}"#,
        r#"{"move": {"from": "/title", "to": "/db/title"}}"#,
        r#"{"move": {"from": "/db", "to": "/x/db"}}"#,
        r#"{"move": {"from": "/servers", "to": "/x/servers"}}"#,
        r#"{"hoist": {"path": "/db", "key": "host"}}"#,
        r#"{"plunge": {"path": "/db", "key": "title"}}"#,
        r#"{"rename": {"path": "/servers/*/name", "to": "hostname"}}"#,
    ] {
        for (name, start) in FILES {
            let (_dir, file) = sample(name, start, lens);
            let comments = |file: &ConfigFile| {
                let document = file.document().expect("a document");
                let mut comments: Vec<_> = document.comments().map(str::to_owned).collect();
                comments.sort();
                comments
            };
            let before = comments(&file);
            migrate(&file, "2.0.0");
            assert_eq!(comments(&file), before, "{name} {lens}\n{}", text(&file));
        }
    }
}

#[test]
fn moved_to_a_map_that_was_not_there() {
    comes_back(r#"{"move": {"from": "/title", "to": "/meta/title"}}"#);
}

#[test]
fn moved_to_a_map_that_was_there() {
    comes_back(r#"{"move": {"from": "/title", "to": "/db/title"}}"#);
    comes_back(r#"{"plunge": {"path": "/db", "key": "title"}}"#);
    comes_back(r#"{"hoist": {"path": "/db", "key": "host"}}"#);
}

#[test]
fn moved_with_all_below_it() {
    comes_back(r#"{"move": {"from": "/db", "to": "/x/db"}}"#);
    comes_back(r#"{"move": {"from": "/servers", "to": "/x/servers"}}"#);
}

#[test]
fn renamed() {
    comes_back(r#"{"rename": {"path": "/title", "to": "name"}}"#);
    comes_back(r#"{"rename": {"path": "/servers/*/name", "to": "hostname"}}"#);
    comes_back(r#"{"rename": {"path": "/db", "to": "base"}}"#);
}

#[test]
fn removed() {
    comes_back(r#"{"remove": {"path": "/title", "value": "x"}}"#);
    comes_back(r#"{"remove": {"path": "/db/host", "value": "x"}}"#);
    comes_back(r#"{"remove": {"path": "/servers/*/port", "value": 1}}"#);
    comes_back(r#"{"remove": {"path": "/servers/*/name", "value": "x"}}"#);
}

#[test]
fn split() {
    comes_back(r#"{"split": {"path": "/addr", "separator": ":"}}"#);
    comes_back(r#"{"split": {"path": "/addr", "separator": ":", "into": ["/host", "/port"]}}"#);
}

#[test]
fn wrapped() {
    comes_back(r#"{"wrap": {"path": "/title", "key": "text"}}"#);
    comes_back(r#"{"wrap": {"path": "/addr"}}"#);
}

#[test]
fn mapped_and_converted() {
    comes_back(r#"{"map": {"path": "/level", "table": [["hi", "high"], ["lo", "low"]]}}"#);
    comes_back(r#"{"convert": {"path": "/db/port", "from": "integer", "to": "string"}}"#);
}

/// What is edited in between where the step changed something stays as it was edited, in its place and beside its comment.
#[test]
fn what_was_written_in_between_wins() {
    let lens = r#"{"split": {"path": "/addr", "separator": ":"}}"#;
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        set(&file, "addr", vec![Value::from("i"), "81".into()]).expect("an edit");
        migrate(&file, "1.0.0");
        let (at, _) = start
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains("h:80"))
            .expect("addr");
        let text = text(&file);
        let line = text.lines().nth(at).unwrap_or_default();
        assert!(
            line.contains("i:81") && line.ends_with(" where"),
            "{name}:\n{text}"
        );
    }
}

/// Where it stands now is the step's doing, what it says is the person's.
#[test]
fn what_was_moved_and_edited_goes_back_to_its_place() {
    let lens = r#"{"move": {"from": "/addr", "to": "/db/addr"}}"#;
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        set(&file, "db.addr", "i:81").expect("an edit");
        migrate(&file, "1.0.0");
        assert_eq!(text(&file), start.replace("h:80", "i:81"), "{name}");
    }
}

/// In YAML the dash of an item goes from the line of one key to that of another.
#[test]
fn what_was_edited_beside_what_comes_back() {
    let check = |key: &str, at: &str, old: &str, new: &str| {
        let lens = format!(r#"{{"remove": {{"path": "/servers/*/{key}", "value": 1}}}}"#);
        for (name, start) in FILES {
            let (_dir, file) = sample(name, start, &lens);
            migrate(&file, "2.0.0");
            let value = new
                .parse()
                .map_or_else(|_| Value::from(new), |n: i64| n.into());
            set(&file, at, value).expect("an edit");
            migrate(&file, "1.0.0");
            assert_eq!(text(&file), start.replace(old, new), "{name} {key}");
        }
    };
    check("port", "servers[1].name", "beta", "gamma");
    check("name", "servers[1].port", "81", "82");
    check("mode", "servers[1].port", "81", "82");
}

#[test]
fn a_plain_version_and_a_quoted_entry() {
    let lens = r#"{"move": {"from": "/q", "to": "/m/q"}}"#;
    let start = "version: 1.0.0\nroot: x\nq: \"z\"  # quoted\n";
    let (_dir, file) = sample("y.yaml", start, lens);
    migrate(&file, "2.0.0");
    assert_eq!(
        text(&file),
        "version: 2.0.0\nroot: x\nm:\n  q: \"z\"  # quoted\n"
    );
    file.edit(None, |document| {
        Ok(document.remove(&"root".parse()?)?.warnings)
    })
    .expect("an edit");
    migrate(&file, "1.0.0");
    assert_eq!(text(&file), "version: 1.0.0\nq: \"z\"  # quoted\n");
}
