//! Settings as one Rust value: what is written, what is filled in, and what a wrong file leads to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use persist_core::format::OnAlias;
use persist_core::{
    BackupFolder, Error, MigrationGraph, Outcome, RecoverySource, Source, Store, Version,
    VersionTrouble,
};
use serde::{Deserialize, Serialize};

use crate::support::{by_hand, chain, folder, notices};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    #[default]
    System,
    Dark,
    Custom {
        accent: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Window {
    width: u16,
    height: u16,
}

/// Without `#[serde(default)]`: what is missing in the file is the store's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    theme: Theme,
    window: Window,
    title: Option<String>,
    shortcuts: BTreeMap<String, BTreeMap<String, String>>,
    recent: Vec<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            theme: Theme::System,
            window: Window {
                width: 1024,
                height: 768,
            },
            title: None,
            shortcuts: BTreeMap::new(),
            recent: Vec::new(),
        }
    }
}

fn store(path: &Path) -> Store<Settings> {
    Store::builder(path)
        .actor("test")
        .open()
        .expect("as the test set it up")
}

fn with(name: &str, text: &str) -> (tempfile::TempDir, Store<Settings>) {
    let dir = folder();
    fs::write(dir.path().join(name), text).expect("as the test set it up");
    let store = store(&dir.path().join(name));
    (dir, store)
}

fn text<T: Serialize + serde::de::DeserializeOwned>(store: &Store<T>) -> String {
    fs::read_to_string(store.file().path()).expect("as the test set it up")
}

#[test]
fn without_a_file_there_are_defaults_and_none_is_made() {
    let dir = folder();
    let store = store(&dir.path().join("app.toml"));
    let loaded = store.load().unwrap();
    assert_eq!(loaded.value(), &Settings::default());
    assert_eq!(loaded.source(), &Source::Defaults);
    assert!(!store.file().path().exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn every_format_gives_back_what_was_saved() {
    for name in ["app.toml", "app.yaml", "app.json"] {
        let dir = folder();
        let store = store(&dir.path().join(name));
        let mut wanted = Settings {
            theme: Theme::Custom {
                accent: "no".into(),
            },
            title: Some("# not a comment".into()),
            recent: vec!["a\nb".into(), String::new(), "null".into()],
            ..Settings::default()
        };
        let keys = BTreeMap::from([("copy here".to_owned(), "ctrl.c".to_owned())]);
        wanted.shortcuts.insert("weird \"key\"".into(), keys);
        let target = wanted.clone();
        store.update(|s| *s = target).unwrap();
        assert_eq!(
            store.load().unwrap().value(),
            &wanted,
            "{name}:\n{}",
            text(&store)
        );
        store.update(|s| s.title = None).unwrap();
        wanted.title = None;
        assert_eq!(
            store.load().unwrap().value(),
            &wanted,
            "{name}:\n{}",
            text(&store)
        );
        store.file().undo().unwrap();
        store.update(|s| s.recent.clear()).unwrap();
        assert_eq!(store.load().unwrap().recent, Vec::<String>::new());
    }
}

#[test]
fn only_what_changed_is_written() {
    let start = "# by a person\nplugins = [\"x\"]   # unknown to the application\ntheme = 'dark'\n\n[window]\nwidth = 1_000 # odd spelling\n";
    let (_dir, store) = with("app.toml", start);
    let loaded = store.load().unwrap();
    assert_eq!(
        loaded.window,
        Window {
            width: 1000,
            height: 768
        },
        "the missing height comes from the defaults"
    );
    let receipt = store.update(|s| s.theme = Theme::System).unwrap();
    assert_eq!(receipt.changes.len(), 1);
    assert_eq!(
        text(&store),
        start
            .replace("'dark'", "'system'")
            .replace("\"system\"", "'system'")
    );
    let receipt = store.update(|s| s.window.width = 1000).unwrap();
    assert_eq!(receipt.outcome, Outcome::Unchanged);
}

/// The file need not hold what the application was given.
#[test]
fn fields_that_the_file_lacks_or_spells_otherwise_can_be_changed() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Loose {
        ratio: f64,
        scale: f64,
        title: Option<String>,
        nested: BTreeMap<String, u32>,
        servers: Vec<Server>,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Server {
        name: String,
        #[serde(default)]
        port: u16,
    }
    for (name, text) in [
        (
            "app.toml",
            "ratio = 1\nscale = 2\n[[servers]]\nname = \"a\" # first\nextra = 1\n[[servers]]\nname = \"b\"\nextra = 2\n",
        ),
        (
            "app.yaml",
            "ratio: 1\nscale: 2\nservers:\n  - name: a # first\n    extra: 1\n  - name: b\n    extra: 2\n",
        ),
        (
            "app.json",
            "{\"ratio\": 1, \"scale\": 2, \"servers\": [{\"name\": \"a\", \"extra\": 1}, {\"name\": \"b\", \"extra\": 2}]}",
        ),
    ] {
        let dir = folder();
        fs::write(dir.path().join(name), text).unwrap();
        let store: Store<Loose> = Store::builder(dir.path().join(name)).open().unwrap();
        let mut wanted = store.load().unwrap().into_value();
        let steps: [fn(&mut Loose); 9] = [
            |s| s.ratio = 1.5,
            |s| s.title = Some("new".into()),
            |s| s.title = None,
            |s| {
                s.nested.insert("x".into(), 1);
            },
            |s| {
                s.nested.insert("y".into(), 2);
            },
            |s| {
                s.nested.remove("x");
            },
            |s| s.servers[1].port = 80,
            |s| s.servers.swap(0, 1),
            |s| {
                s.servers.push(Server {
                    name: "c".into(),
                    port: 1,
                });
            },
        ];
        for (at, step) in steps.iter().enumerate() {
            store
                .update(step)
                .unwrap_or_else(|e| panic!("{name} step {at}: {}", chain(&e)));
            step(&mut wanted);
            assert_eq!(store.load().unwrap().value(), &wanted, "{name} step {at}");
        }
        let document = store.file().document().unwrap();
        for (key, unknown) in [
            ("servers[0].extra", 2),
            ("servers[1].extra", 1),
            ("scale", 2),
        ] {
            assert_eq!(
                document.get(&key.parse().unwrap()),
                Some(&unknown.into()),
                "{name} {key}"
            );
        }
    }
}

#[test]
fn an_empty_file_is_filled_and_its_comments_stay() {
    for name in ["app.toml", "app.yaml"] {
        let (_dir, store) = with(name, "# only a comment\n");
        assert_eq!(store.load().unwrap().value(), &Settings::default());
        store.update(|s| s.title = Some("x".into())).unwrap();
        assert!(
            text(&store).starts_with("# only a comment\n"),
            "{}",
            text(&store)
        );
        assert_eq!(store.load().unwrap().title.as_deref(), Some("x"));
    }
}

/// A save that could not be read again is refused before it is made.
#[test]
fn a_key_that_stands_there_under_an_alias_is_not_doubled() {
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    struct Aliased {
        #[serde(alias = "colour")]
        color: String,
    }
    let dir = folder();
    let path = dir.path().join("app.toml");
    fs::write(&path, "colour = \"red\"\n").unwrap();
    let store: Store<Aliased> = Store::builder(&path).open().unwrap();
    let outcome = store.update(|a| a.color = "blue".into());
    match outcome {
        Ok(_) => assert_eq!(store.load().unwrap().color, "blue"),
        Err(error) => {
            assert!(chain(&error).contains("color"), "{}", chain(&error));
            assert_eq!(fs::read_to_string(&path).unwrap(), "colour = \"red\"\n");
        }
    }
}

#[test]
fn a_new_file_has_all_settings() {
    let dir = folder();
    let store = store(&dir.path().join("app.toml"));
    store.update(|s| s.window.width = 640).unwrap();
    insta::assert_snapshot!(text(&store), @r#"
    theme = "system"
    recent = []

    [window]
    width = 640
    height = 768

    [shortcuts]
    "#);
}

#[test]
fn saving_against_what_was_loaded_merges_or_conflicts() {
    let (_dir, store) = with(
        "app.yaml",
        "theme: dark # t\nwindow:\n  width: 1\n  height: 2\n",
    );
    let mine = store.load().unwrap();
    store.update(|s| s.window.height = 20).unwrap();
    let mut wanted = mine.value().clone();
    wanted.window.width = 10;
    let receipt = store.save(&mine, &wanted).unwrap();
    assert_eq!(
        notices(&receipt),
        ["merged with changes that were made meanwhile"]
    );
    assert_eq!(
        text(&store),
        "theme: dark # t\nwindow:\n  width: 10\n  height: 20\n"
    );
    wanted.window.height = 30;
    let Err(Error::Conflict { conflicts, .. }) = store.save(&mine, &wanted) else {
        panic!("both changed the height");
    };
    let [conflict] = &conflicts[..] else {
        panic!("{conflicts:?}");
    };
    assert_eq!(conflict.path.to_string(), "window.height");
    let values = [&conflict.base, &conflict.ours, &conflict.theirs].map(Clone::clone);
    assert_eq!(values, [2, 20, 30].map(|n| Some(n.into())));
    let in_file = conflict.places.ours.expect("it is in the file");
    assert_eq!((in_file.line, in_file.column), (4, 11));
    assert_eq!(store.load().unwrap().window.height, 20);
}

#[test]
fn a_wrong_type_is_named_by_line_and_column_and_good_settings_go_on() {
    let (_dir, store) = with(
        "app.toml",
        "theme = \"dark\"\n[window]\nwidth = 800\nheight = 600\n",
    );
    store.load().unwrap();
    store.update(|s| s.window.width = 801).unwrap();
    by_hand(
        store.file().path(),
        "theme = \"dark\"\n[window]\nwidth = \"wide\"\nheight = 600\n",
    );
    let error = store.load().unwrap_err();
    let said = chain(&error).replace(&store.file().path().display().to_string(), "app.toml");
    insta::assert_snapshot!(said, @"app.toml:3:9: expected u16, found string at window.width");
    let (value, from) = store.last_good();
    assert_eq!(
        (value.window.width, from.as_str()),
        (800, "the settings loaded last")
    );
    // Another process has loaded nothing yet.
    let other: Store<Settings> = Store::builder(store.file().path()).open().unwrap();
    let (value, from) = other.last_good();
    assert_eq!(
        (value.window.width, from.as_str()),
        (801, "the content saved last (mirror)")
    );
    let error = store.update(|s| s.window.height = 1).unwrap_err();
    assert!(matches!(error, Error::Invalid(..)), "{error}");
    assert!(
        text(&store).contains("\"wide\""),
        "what a person wrote is never touched"
    );
}

/// What is missing is no mistake; the message is about what is wrong.
#[test]
fn a_wrong_type_behind_a_missing_field_is_what_is_named() {
    let (_dir, store) = with(
        "app.toml",
        "theme = \"dark\"\nrecent = 5\n[window]\nwidth = 1\n",
    );
    let error = store.load().unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("recent") && said.contains("array") || said.contains("sequence"),
        "{said}"
    );
    let (_dir, store) = with(
        "app.toml",
        "recent = []\n[window]\nwidth = 1\n\n[shortcuts]\na = 3\n",
    );
    let said = store.load().unwrap_err().to_string();
    assert!(
        said.contains("shortcuts.a") && !said.contains("missing"),
        "{said}"
    );
}

#[test]
fn opening_repairs_damage_and_leaves_a_persons_mistake() {
    let (_dir, store) = with("app.toml", "title = \"mine\"\n");
    store.update(|s| s.window.width = 5).unwrap();
    let good = text(&store);
    let path = store.file().path().to_path_buf();
    fs::write(&path, [0; 30]).unwrap();
    let asleep: Store<Settings> = Store::builder(&path).recover_on_open(false).open().unwrap();
    assert!(matches!(asleep.load(), Err(Error::Damaged { .. })));
    let store: Store<Settings> = Store::builder(&path).open().unwrap();
    assert_eq!(
        store.opened().unwrap().from.as_deref(),
        Some("the content saved last (mirror)")
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), good);
    by_hand(&path, "title = = \"mine\"\n");
    let store: Store<Settings> = Store::builder(&path).open().unwrap();
    assert!(store.opened().is_none());
    assert_eq!(fs::read_to_string(&path).unwrap(), "title = = \"mine\"\n");
    assert_eq!(store.last_good().0.title.as_deref(), Some("mine"));
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counter {
    count: u32,
}

#[test]
fn no_increment_is_lost_between_threads() {
    let dir = folder();
    let path = dir.path().join("count.json");
    let (threads, times) = (8, 50);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let store: Store<Counter> = Store::builder(&path).open().unwrap();
                for _ in 0..times {
                    store.update(|c| c.count += 1).unwrap();
                }
            });
        }
    });
    let store: Store<Counter> = Store::builder(&path).open().unwrap();
    assert_eq!(store.load().unwrap().count, threads * times);
    assert_eq!(
        store.file().history().unwrap().len() as u32,
        threads * times
    );
    assert!(store.file().verify().unwrap().passed());
}

#[test]
fn a_panic_in_an_update_leaves_no_lock_and_no_change() {
    let (_dir, store) = with("app.toml", "title = \"mine\"\n");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.update(|s| {
            s.title = None;
            panic!("a bug in the application");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(text(&store), "title = \"mine\"\n");
    store.update(|s| s.title = Some("other".into())).unwrap();
    assert_eq!(text(&store), "title = \"other\"\n");
}

fn graph() -> MigrationGraph<persist_core::Draft> {
    let manifest =
        persist_core::Manifest::parse(crate::migrate::MANIFEST).expect("as the test set it up");
    manifest.graph().expect("as the test set it up")
}

fn versioned(path: &Path) -> persist_core::Builder<serde_json::Value> {
    Store::<serde_json::Value>::builder(path)
        .graph(graph())
        .defaults(serde_json::json!({"theme": "system"}))
}

#[test]
fn an_older_file_is_migrated_when_it_is_opened() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    fs::write(&path, "schema_version = \"1.0.0\" # s\ntheme = \"dark\"\n").unwrap();
    let asleep = versioned(&path).migrate_on_open(false).open().unwrap();
    assert!(asleep.opened().is_none());
    let store = versioned(&path).open().unwrap();
    assert_eq!(store.opened().unwrap().version.as_deref(), Some("1.2.0"));
    let text = text(&store);
    assert!(
        text.starts_with("schema_version = \"1.2.0\" # s\ntheme = \"dark\"\n"),
        "{text}"
    );
    assert!(versioned(&path).open().unwrap().opened().is_none(), "once");
}

#[test]
fn a_file_of_a_version_between_the_known_ones_is_not_opened_as_current() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    for unlisted in ["0.9.0", "1.0.5", "1.2.0-beta", "1.1.0+build"] {
        let start = format!("schema_version = \"{unlisted}\"\ntheme = \"neon\"\n");
        fs::write(&path, &start).unwrap();
        let reader = versioned(&path).read_only(true).open().unwrap();
        for error in [
            versioned(&path).open().unwrap_err(),
            reader.load().unwrap_err(),
        ] {
            assert!(
                matches!(&error, Error::Version { what: VersionTrouble::Unlisted { found, known, .. }, .. }
                if found.to_string() == unlisted && known.len() == 3),
                "{error}"
            );
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), start);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_newer_file_is_refused_and_can_be_read() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    let start = "schema_version = \"9.1.0\"\ntheme = \"neon\"\n";
    fs::write(&path, start).unwrap();
    let error = versioned(&path).open().unwrap_err();
    assert!(
        matches!(&error, Error::Version { what: VersionTrouble::Newer { found, known }, .. }
        if *found == Version::new(9, 1, 0) && *known == Version::new(1, 2, 0)),
        "{error}"
    );
    let store = versioned(&path).read_only(true).open().unwrap();
    assert_eq!(store.load().unwrap()["theme"], "neon");
    let refused = store.update(|s| s["theme"] = "dark".into()).unwrap_err();
    assert!(matches!(refused, Error::OpenedReadOnly { .. }), "{refused}");
    let refused = crate::support::set(store.file(), "theme", "dark");
    assert!(
        matches!(refused, Err(Error::OpenedReadOnly { .. })),
        "{refused:?}"
    );
    for refused in [
        store.recover(),
        store.restore("latest"),
        store.migrate_to(&Version::new(1, 0, 0)),
    ] {
        assert!(
            matches!(refused, Err(Error::OpenedReadOnly { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), start);
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "reading made a state folder"
    );
}

#[test]
fn a_missing_or_unreadable_version_is_told() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    for (text, expected) in [
        (
            "theme = \"dark\"\n",
            "no schema version at `schema_version`; set it to the file's version (1.0.0, 1.1.0 or 1.2.0), or pass the version to assume",
        ),
        (
            "schema_version = \"latest\"\n",
            "`latest` at `schema_version` is not a valid version; write three numbers, as in 1.2.0",
        ),
        (
            "schema_version = 2\n",
            "`2` at `schema_version` is not a valid version; write three numbers, as in 1.2.0",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let outcome = versioned(&path).open().and_then(|s| s.load());
        let error = outcome
            .err()
            .unwrap_or_else(|| panic!("{text}: taken for a known version"));
        assert!(error.to_string().ends_with(expected), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, "theme = \"dark\"\n").unwrap();
    let store = versioned(&path)
        .assume_version(Version::new(1, 0, 0))
        .open()
        .unwrap();
    assert_eq!(store.opened().unwrap().version.as_deref(), Some("1.2.0"));
}

#[test]
fn a_new_file_says_which_version_it_is() {
    let dir = folder();
    let path = dir.path().join("app.json");
    versioned(&path)
        .open()
        .unwrap()
        .update(|s| s["theme"] = "dark".into())
        .unwrap();
    let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(value["schema_version"], "1.2.0");
    // So do defaults that a recovery came down to.
    let other = dir.path().join("other.json");
    fs::write(&other, [0; 20]).unwrap();
    let refused = versioned(&other).open();
    assert!(matches!(refused, Err(Error::NoGoodCopy { .. })));
    assert_eq!(fs::read(&other).unwrap(), [0; 20]);
    let store = versioned(&other)
        .unattended(RecoverySource::Defaults)
        .open()
        .unwrap();
    assert_eq!(
        store.opened().unwrap().recovered_from,
        Some(RecoverySource::Defaults)
    );
    assert_eq!(
        store.opened().unwrap().from.as_deref(),
        Some("the defaults, because nothing better was left")
    );
    store.migrate_to(&Version::new(1, 0, 0)).unwrap();
}

#[test]
fn a_value_that_the_format_cannot_say_is_refused() {
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    struct Odd {
        ratio: f64,
        big: u64,
    }
    let dir = folder();
    let json: Store<Odd> = Store::builder(dir.path().join("a.json")).open().unwrap();
    let error = json.update(|o| o.ratio = f64::NAN).unwrap_err();
    assert!(error.to_string().contains("ratio"), "{error}");
    let toml: Store<Odd> = Store::builder(dir.path().join("a.toml")).open().unwrap();
    let error = toml.update(|o| o.big = u64::MAX).unwrap_err();
    assert!(error.to_string().contains("big"), "{error}");
    assert!(!json.file().path().exists() && !toml.file().path().exists());
    json.update(|o| o.big = u64::MAX).unwrap();
    assert_eq!(json.load().unwrap().big, u64::MAX);
}

/// Whatever is in the file, it is kept, and can be undone.
#[test]
fn a_reset_goes_back_to_the_defaults_and_keeps_the_history() {
    let (_dir, store) = with("app.toml", "# mine\ntitle = \"x\" # a note\nunknown = 1\n");
    let edited = text(&store);
    let receipt = store.reset().unwrap();
    assert_eq!(receipt.outcome, Outcome::Saved);
    assert_eq!(store.load().unwrap().value(), &Settings::default());
    assert!(!text(&store).contains("unknown"), "{}", text(&store));
    assert_eq!(store.reset().unwrap().outcome, Outcome::Unchanged);
    let entry = store.file().history().unwrap().pop().unwrap();
    assert_eq!(entry.reason.as_deref(), Some("reset to the defaults"));
    store.file().undo().unwrap();
    assert_eq!(text(&store), edited);

    // An edit that broke it, damage, and a file that is gone.
    by_hand(store.file().path(), "title = [\n");
    let kept = store.reset().unwrap().backup.unwrap();
    let kept = fs::read_to_string(store.file().state_dir().join(kept.path())).unwrap();
    assert_eq!(kept, "title = [\n");
    fs::write(store.file().path(), "tit\0\0").unwrap();
    let kept = store.reset().unwrap().backup.unwrap();
    assert_eq!(kept.folder, BackupFolder::Quarantine);
    fs::remove_file(store.file().path()).unwrap();
    assert_eq!(store.reset().unwrap().backup, None);
    assert_eq!(store.load().unwrap().value(), &Settings::default());
    assert!(store.file().verify().unwrap().passed());

    let newer = "schema_version = \"9.0.0\"\ntheme = \"x\"\n";
    let path = store.file().path().with_file_name("newer.toml");
    fs::write(&path, newer).unwrap();
    let store = versioned(&path).open();
    assert!(matches!(store, Err(Error::Version { .. })) || store.unwrap().reset().is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

/// Opening puts a copy back by itself, and nothing else.
#[test]
fn opening_goes_as_far_as_it_may_unattended() {
    let (_dir, first) = with("app.toml", "title = \"x\"\n");
    first.update(|s| s.title = Some("y".into())).unwrap();
    let saved = text(&first);
    let path = first.file().path().to_path_buf();
    let builder = || Store::<Settings>::builder(&path).actor("test");
    fs::write(&path, "title = \"y\"\0\0").unwrap();
    let opened = builder().open().unwrap();
    assert_eq!(
        opened.opened().unwrap().recovered_from,
        Some(RecoverySource::Copy)
    );
    assert_eq!(text(&opened), saved);
    // The copies go.
    let damaged = b"title = \"z\"\nrecent\0\0";
    for folder in ["mirror", "backups"] {
        let at = first.file().state_dir().join(folder);
        drop(fs::remove_file(&at));
        drop(fs::remove_dir_all(&at));
    }
    crate::support::forget_replaced(first.file());
    fs::write(&path, damaged).unwrap();
    let refused = builder().open().unwrap_err();
    assert!(matches!(refused, Error::NoGoodCopy { .. }), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), damaged);
    let opened = builder()
        .unattended(RecoverySource::Salvage)
        .open()
        .unwrap();
    assert_eq!(
        opened.opened().unwrap().recovered_from,
        Some(RecoverySource::Salvage)
    );
    assert_eq!(opened.load().unwrap().title.as_deref(), Some("z"));
}

#[test]
fn what_can_not_be_loaded_is_refused_before_anything_is_made() {
    for wrong in ["window = 7\n", "theme = 'no such'\n"] {
        let (_dir, store) = with("app.toml", wrong);
        store.update(|s| s.title = None).expect_err(wrong);
        assert!(!store.file().state_dir().exists(), "{wrong}");
    }
}

/// What a format can't say is told once a save, with its places, and where it was changed.
#[test]
fn losses_are_told_once() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Large {
        a: Option<u8>,
        b: Option<u8>,
        c: Option<u8>,
        items: Vec<Option<u8>>,
        large: u128,
        other: u8,
    }
    let told = |receipt: &persist_core::Receipt| -> Vec<String> {
        let words = receipt.notices.iter().map(ToString::to_string);
        words.filter(|words| !words.contains("adopted")).collect()
    };
    let dir = tempfile::tempdir().expect("a folder");
    let toml = Store::<Large>::builder(dir.path().join("a.toml"));
    let store = toml.open().expect("it opens");
    let receipt = store.update(|large| large.other = 1).expect("saved");
    assert_eq!(told(&receipt), ["null left out at a, b, c"]);
    let receipt = store.update(|large| large.a = Some(1)).expect("saved");
    assert_eq!(told(&receipt), [""; 0]);

    let json = Store::<Large>::builder(dir.path().join("a.json"));
    let store = json.open().expect("it opens");
    let set = |large: &mut Large| large.large = u128::MAX;
    let large = "integer beyond 64 bits, which many programs read as a float at large";
    assert_eq!(told(&store.update(set).expect("saved")), [large]);
    let receipt = store.update(|large| large.other = 2).expect("saved");
    assert_eq!(told(&receipt), [""; 0]);
    let loaded = store.load().expect("it loads");
    let mut value = (*loaded).clone();
    value.large -= 1;
    assert_eq!(told(&store.save(&loaded, &value).expect("saved")), [large]);
    // Merged.
    let loaded = store.load().expect("it loads");
    store.update(|large| large.other = 3).expect("saved");
    value.large -= 1;
    let receipt = store.save(&loaded, &value).expect("saved");
    assert_eq!(
        told(&receipt)
            .iter()
            .filter(|words| **words == large)
            .count(),
        1
    );
}

/// What stands in the way is named with what a program can do about it.
#[test]
fn a_shared_value_is_refused_with_the_remedy() {
    let text = "day: &l 60\nnight: *l\n";
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("app.yaml");
    let store = || {
        by_hand(&path, text);
        Store::<BTreeMap<String, u32>>::builder(&path)
    };
    let set = |store: Store<BTreeMap<String, u32>>| {
        store.update(|levels| {
            levels.insert("day".into(), 70);
        })
    };
    let refused = set(store().open().expect("it opens")).unwrap_err();
    let words = refused.to_string();
    assert!(
        words.contains("with `on_alias`: `OnAlias::Follow` (change all)"),
        "{words}"
    );
    assert!(!words.contains("--"), "{words}");
    let store_on_file = || {
        let store = Store::<BTreeMap<String, u32>>::builder(&path);
        store.open().expect("it opens")
    };
    let store_on = |on_alias| store().on_alias(on_alias).open().expect("it opens");
    let now = || fs::read_to_string(&path).expect("readable");
    set(store_on(OnAlias::Expand)).expect("saved");
    assert_eq!(now(), "day: &l 70\nnight: 60\n");
    // No other setting changes with it unless the program says so.
    let refused = set(store_on(OnAlias::Follow)).unwrap_err();
    assert!(matches!(refused, Error::NotReadBack { .. }), "{refused}");
    assert_eq!(now(), text);
    let both = |levels: &mut BTreeMap<String, u32>| levels.values_mut().for_each(|n| *n = 70);
    store_on(OnAlias::Follow).update(both).expect("saved");
    let levels = store_on_file().load().expect("it loads");
    assert_eq!((levels["day"], levels["night"]), (70, 70));
}

/// Of several documents one is to be chosen, and the error says by what.
#[test]
fn one_document_of_a_stream_holds_the_settings() {
    let text = "name: a\nwidth: 1\n---\nname: b\nwidth: 2 # pixels\n";
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("app.yaml");
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Named {
        name: String,
        width: u32,
    }
    let open = |doc: Option<&str>| {
        let builder = Store::<Named>::builder(&path);
        let choice = doc.map(|doc| doc.parse().expect("a choice"));
        let builder = choice.into_iter().fold(builder, persist_core::Builder::doc);
        builder.open().expect("it opens")
    };
    by_hand(&path, text);
    let refused = open(None).update(|named| named.width = 3).unwrap_err();
    let words = refused.to_string();
    assert!(
        words.contains("`Options::doc` takes one of: 1 (name=a), 2 (name=b)"),
        "{words}"
    );
    assert_eq!(fs::read_to_string(&path).expect("readable"), text);
    for doc in ["2", "name=b"] {
        by_hand(&path, text);
        let store = open(Some(doc));
        assert_eq!(store.load().expect("it loads").width, 2);
        store.update(|named| named.width = 3).expect("saved");
        let loaded = store.load().expect("it loads");
        let wider = Named {
            width: 4,
            ..(*loaded).clone()
        };
        store.save(&loaded, &wider).expect("saved");
        let wanted = text.replace("width: 2", "width: 4");
        assert_eq!(fs::read_to_string(&path).expect("readable"), wanted);
        store.reset().expect("reset");
        assert!(
            fs::read_to_string(&path)
                .expect("readable")
                .starts_with("name: a\nwidth: 1\n---\n")
        );
    }
    let words = open(Some("3")).load().unwrap_err();
    let Error::Invalid(source) = words else {
        panic!("{words}");
    };
    assert_eq!(
        source.help(),
        Some("`Options::doc` takes one of: 1 (name=a), 2 (name=)")
    );
}
