//! What a migration takes apart comes back as it stood, with what was written in between, in every format.

use std::sync::Arc;

use persist_core::format::{Edit, Error as FormatError};
use persist_core::{ConfigFile, Document, Format, KeyPath, Manifest, Value};
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

const ENDS: [(&str, &str); 3] = [
    ("f.toml", "version = \"1.0.0\"\ntimeout = 30\n# the end\n"),
    ("f.yaml", "version: 1.0.0\ntimeout: 30\n# the end\n"),
    (
        "f.jsonc",
        "{\n  \"version\": \"1.0.0\",\n  \"timeout\": 30\n  // the end\n}\n",
    ),
];
/// As a person would in an editor.
fn rewrite(file: &ConfigFile, lines: &[&str]) {
    std::fs::write(file.path(), lines.join("\n") + "\n").expect("written");
}

const EXTRA: &str = r#"{"add": {"path": "/extra", "value": 1}}"#;

/// The comment was there before the key below it, which goes again on the way back.
#[test]
fn a_comment_that_an_added_key_was_put_below_stays_in_its_place() {
    for ((name, start), end) in ENDS.into_iter().flat_map(|f| [(f, "\n"), (f, "\r\n")]) {
        let (_dir, file) = sample(name, start, EXTRA);
        migrate(&file, "2.0.0");
        set(&file, "mine", 7).expect("an edit");
        let added = text(&file);
        let lines: Vec<&str> = added.lines().collect();
        let at = |what: &str| {
            let found = lines.iter().position(|line| line.contains(what));
            found.unwrap_or_else(|| panic!("{name}:\n{added}"))
        };
        let mut lines = lines.clone();
        let comment = lines.remove(at("the end"));
        lines.insert(at("extra"), comment);
        std::fs::write(file.path(), lines.join(end) + end).expect("written");
        migrate(&file, "1.0.0");
        lines.retain(|line| !line.contains("extra"));
        let expected = lines.join(end).replace("2.0.0", "1.0.0") + end;
        assert_eq!(text(&file), expected, "{name} {end:?}");
    }
}

#[test]
fn a_comment_taken_away_above_an_added_key_stays_away() {
    for (name, start) in ENDS {
        let (_dir, file) = sample(name, start, EXTRA);
        migrate(&file, "2.0.0");
        let text_there = text(&file);
        let lines: Vec<&str> = text_there
            .lines()
            .filter(|line| !line.contains("the end"))
            .collect();
        rewrite(&file, &lines);
        migrate(&file, "1.0.0");
        assert!(!text(&file).contains("the end"), "{name}:\n{}", text(&file));
    }
}

/// Up, an edit of elements, down: the text is the old one with the same edit.
#[track_caller]
fn comes_back_with(lens: &str, edit: impl Fn(&mut Document) -> Result<Edit, FormatError>) {
    let mut wrong = String::new();
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        let edited = file.edit(None, |document| Ok(edit(document)?.warnings));
        drop(edited.expect("an edit"));
        let between = text(&file);
        migrate(&file, "1.0.0");
        let format = Format::from_path(name.as_ref()).expect("a format by its name");
        let mut expected = Document::parse(start.as_bytes(), format).expect("a document");
        drop(edit(&mut expected).expect("the same edit"));
        if text(&file) != expected.text() {
            wrong += &format!("{name} {lens}\n{between}----\n{}\n", text(&file));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn at(path: &str) -> KeyPath {
    path.parse().expect("a path")
}

const ELEMENTS: [&str; 3] = [
    r#"{"remove": {"path": "/servers/*/port"}}"#,
    r#"{"remove": {"path": "/servers/*/mode"}}"#,
    r#"{"rename": {"path": "/servers/*/name", "to": "hostname"}}, {"remove": {"path": "/servers/*/port"}}"#,
];

/// What belongs to an element stays with it, wherever that goes.
#[test]
fn elements_in_another_order() {
    for lens in ELEMENTS {
        comes_back_with(lens, |document| {
            document.move_to(&at("servers[1]"), &at("servers[0]"))
        });
    }
}

#[test]
fn an_element_taken_away() {
    for lens in ELEMENTS {
        comes_back_with(lens, |document| document.remove(&at("servers[0]")));
        comes_back_with(lens, |document| document.remove(&at("servers[1]")));
    }
}

/// Nothing tells the element again but its place.
#[test]
fn the_only_entry_left_of_an_element_edited() {
    let lens =
        r#"{"remove": {"path": "/servers/*/port"}}, {"remove": {"path": "/servers/*/mode"}}"#;
    comes_back_with(lens, |document| document.set(&at("servers[0].name"), "x"));
    comes_back_with(lens, |document| document.set(&at("servers[1].name"), "x"));
}

/// The new element looks like the old ones, of which the way back leaves nothing.
#[test]
fn an_element_added_to_others_that_steps_have_made() {
    let lens = r#"{"join": {"path": "/servers/*/all", "separator": ":", "from": ["/servers/*/name", "/servers/*/port", "/servers/*/mode"]}}"#;
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        let new = Value::from_cli(r#"{"all": "c:82:no"}"#);
        let added = file.edit(None, |document| {
            Ok(document.insert(&at("servers[2]"), new)?.warnings)
        });
        drop(added.expect("an edit"));
        migrate(&file, "1.0.0");
        let text = text(&file);
        for line in start.lines().filter(|line| line.contains(['#', '/'])) {
            let line = line.trim().trim_end_matches(',');
            assert!(text.contains(line), "{name}: {line}\n{text}");
        }
        assert!(text.contains("82"), "{name}:\n{text}");
    }
}

#[test]
fn a_number_that_was_joined_and_edited_is_a_number() {
    let lens =
        r#"{"join": {"path": "/db/all", "separator": ":", "from": ["/db/host", "/db/port"]}}"#;
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start, lens);
        migrate(&file, "2.0.0");
        set(&file, "db.all", "i:2").expect("an edit");
        migrate(&file, "1.0.0");
        let document = file.document().expect("a document");
        assert_eq!(
            document.get(&at("db.port")),
            Some(&Value::from(2)),
            "{name}\n{}",
            text(&file)
        );
    }
}

/// They are no marks of the format there.
#[test]
fn commas_and_brackets_within_comments() {
    let lens = r#"[{"remove": {"path": "/b"}}, {"move": {"from": "/c", "to": "/s/c"}}]"#;
    let files = [
        (
            "f.toml",
            "version = \"1.0.0\"\na = 1 # x, y\n# of b, {c}\nb = 2 # [b], ]\nc = 3 # c, #d\n",
        ),
        (
            "f.yaml",
            "version: 1.0.0\na: 1 # x, y\n# of b, {c}\nb: 2 # [b], ]\nc: 3 # c, #d\n",
        ),
        (
            "f.jsonc",
            "{\n  \"version\": \"1.0.0\",\n  \"a\": 1, // x, y\n  // of b, {c}\n  \"b\": 2, // [b], ]\n  \"c\": 3 // c, //d\n}\n",
        ),
    ];
    for (name, start) in files {
        let (_dir, file) = sample(name, start, lens.trim_matches(['[', ']']));
        migrate(&file, "2.0.0");
        let reworded = text(&file).replace("x, y", "x, y, z");
        rewrite(&file, &reworded.lines().collect::<Vec<_>>());
        migrate(&file, "1.0.0");
        assert_eq!(text(&file), start.replace("x, y", "x, y, z"), "{name}");
    }
}

/// One edit where a step has changed something too must not cost the layout of all the rest.
#[test]
fn an_edit_of_what_a_step_has_changed_leaves_the_rest_alone() {
    let remove = r#"{"remove": {"path": "/legacy"}}"#;
    let toml = "version = \"1.0.0\"\n# old, stuff\nlegacy = 0x1F # drop me\nb = 1\n\n[motd]\ntext = \"hi\"\n";
    let tags = "version: 1.0.0\n# old, stuff\nlegacy: 0x1F # drop me\ntags: a,b  # three\nb: 1\n";
    let name = "version: 1.0.0\n# old, stuff\nlegacy: 0x1F # drop me\nname: x   # nm\nb: 1\n";
    let unwrap = r#"{"unwrap": {"path": "/motd", "key": "text"}}"#;
    let split = r#"{"split": {"path": "/tags", "separator": ","}}"#;
    let wrap = r#"{"wrap": {"path": "/name", "key": "k"}}"#;
    let cases = [
        ("f.toml", toml, unwrap, ("hi", "hey"), ("hi", "hey")),
        ("f.yaml", tags, split, ("three", "four"), ("three", "four")),
        ("f.yaml", tags, split, ("- b", "- c"), ("a,b", "\"a,c\"")),
        ("f.yaml", name, wrap, ("nm", "nn"), ("nm", "nn")),
    ];
    let mut wrong = String::new();
    for (file_name, start, lens, there, here) in cases {
        let (_dir, file) = sample(file_name, start, &format!("{remove}, {lens}"));
        migrate(&file, "2.0.0");
        let edited = text(&file).replace(there.0, there.1);
        rewrite(&file, &edited.lines().collect::<Vec<_>>());
        migrate(&file, "1.0.0");
        if text(&file) != start.replace(here.0, here.1) {
            wrong += &format!("{lens}\n{edited}----\n{}\n", text(&file));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What comes back ends its lines as the file does by then, within texts of several lines too.
#[test]
fn lines_end_as_in_the_file_as_it_is_now() {
    let texts = [
        (
            "f.toml",
            "# head\nversion = \"1.0.0\"\n# of it\ntitle = 'x' # old\ntimeout = 30\ntext = \"\"\"\none # 1\n\n  two\"\"\" # t\n\n[db]\n# here\nhost = \"h\" # host\n",
        ),
        (
            "f.yaml",
            "# head\nversion: 1.0.0\n# of it\ntitle: |\n  one\n\n  two # text\ntimeout: 30\n\ndb:\n  # here\n  host: >-\n    three\n    four\n",
        ),
        (
            "f.jsonc",
            "{\n  /* of\n     it */\n  \"version\": \"1.0.0\",\n  \"title\": 1, // old\n  \"timeout\": 30,\n\n  \"db\": {\n    // here\n    \"host\": \"h\" // host\n  }\n}\n",
        ),
    ];
    let lenses = [
        r#"{"remove": {"path": "/title", "value": "x"}}"#,
        r#"{"remove": {"path": "/db/host", "value": "x"}}"#,
        r#"{"move": {"from": "/title", "to": "/db/title"}}"#,
        r#"{"move": {"from": "/db", "to": "/x/db"}}"#,
        r#"{"rename": {"path": "/db", "to": "base"}}"#,
        r#"{"wrap": {"path": "/title", "key": "text"}}"#,
        r#"{"hoist": {"path": "/db", "key": "host"}}"#,
        EXTRA,
    ];
    let with_ends = |text: &str, end: &str| text.replace("\r\n", "\n").replace('\n', end);
    let mut wrong = String::new();
    for (name, start) in FILES.into_iter().chain(texts) {
        for lens in lenses {
            for [before, now] in [["\n", "\r\n"], ["\r\n", "\n"]] {
                let (_dir, file) = sample(name, &with_ends(start, before), lens);
                migrate(&file, "2.0.0");
                std::fs::write(file.path(), with_ends(&text(&file), now)).expect("written");
                set(&file, "timeout", 31).expect("an edit");
                migrate(&file, "1.0.0");
                if text(&file) != with_ends(&start.replace("30", "31"), now) {
                    wrong += &format!("{name} {lens}\n{:?}\n", text(&file));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
