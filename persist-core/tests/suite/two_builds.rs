//! Two builds of one application on one file: the old one knows the settings of 1.0.0, the new one those of 2.0.0.

use std::fs;
use std::path::Path;

use persist_core::{Builder, Error, Manifest, Source, Store, Version, VersionTrouble};
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder};

/// What build 1.0 saves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Old {
    colour: String,
    width: u32,
    #[serde(default)]
    legacy: u32,
}

/// What build 2.0 saves: another name, a group, and something more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct New {
    color: String,
    window: Window,
    zoom: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Window {
    width: u32,
}

const OLD: &str = r#"{ "app": "demo", "versions": [{ "version": "1.0.0" }] }"#;

const NEW: &str = r#"{
  "app": "demo",
  "versions": [{ "version": "1.0.0" }, { "version": "2.0.0" }],
  "edges": [{ "from": "1.0.0", "to": "2.0.0", "lenses": [
    { "rename": { "path": "/colour", "to": "color" } },
    { "move": { "from": "/width", "to": "/window/width" } },
    { "remove": { "path": "/legacy", "value": 7 } },
    { "add": { "path": "/zoom", "value": 1.0 } }
  ] }]
}"#;

fn old(path: &Path) -> Builder<Old> {
    let defaults = Old {
        colour: "blue".into(),
        width: 800,
        legacy: 7,
    };
    let builder = Store::with_defaults(path, defaults);
    builder
        .actor("old")
        .manifest(Manifest::parse(OLD).expect("a manifest"))
}

fn new(path: &Path) -> Builder<New> {
    let defaults = New {
        color: "blue".into(),
        window: Window { width: 800 },
        zoom: 1.0,
    };
    let builder = Store::with_defaults(path, defaults);
    builder
        .actor("new")
        .manifest(Manifest::parse(NEW).expect("a manifest"))
}

fn two_oh() -> Version {
    Version::new(2, 0, 0)
}

fn one_oh() -> Version {
    Version::new(1, 0, 0)
}

/// A file that build 1.0 made, with a person's hand in it.
fn made(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = folder();
    let path = dir.path().join(name);
    let store = old(&path).open().expect("opened");
    let made = store.update(|s| {
        s.colour = "red".into();
        s.width = 1;
        s.legacy = 42;
    });
    made.expect("saved");
    (dir, path)
}

#[test]
fn the_old_build_refuses_the_new_file_by_name_and_reads_it() {
    for name in ["app.toml", "app.yaml", "app.json"] {
        let (_dir, path) = made(name);
        new(&path).open().unwrap().update(|s| s.zoom = 2.0).unwrap();
        let before = fs::read(&path).unwrap();
        let error = old(&path).open().unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("2.0.0") && said.contains("1.0.0") && said.contains(name),
            "{said}"
        );
        assert!(matches!(
            error,
            Error::Version {
                what: VersionTrouble::Newer { .. },
                ..
            }
        ));
        let read_only = old(&path).read_only(true).open().unwrap();
        let loaded = read_only.load().unwrap();
        assert_eq!(
            (loaded.colour.as_str(), loaded.width),
            ("blue", 800),
            "as far as it understands"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn back_and_forth_ten_times_loses_nothing() {
    for name in ["app.toml", "app.yaml", "app.json"] {
        let (_dir, path) = made(name);
        for round in 0..10_u32 {
            let store = new(&path).open().unwrap();
            let loaded = store.load().unwrap().into_value();
            assert_eq!(
                (loaded.color.as_str(), loaded.window.width),
                ("red", 1 + round),
                "{name}"
            );
            if round > 0 {
                assert!(
                    (loaded.zoom - f64::from(round - 1)).abs() < 1e-9,
                    "{name} {round}"
                );
            }
            store.update(|s| s.zoom = f64::from(round)).unwrap();
            store.migrate_to(&one_oh()).unwrap();
            let store = old(&path).open().unwrap();
            let loaded = store.load().unwrap().into_value();
            let wanted = Old {
                colour: "red".into(),
                width: 1 + round,
                legacy: 42,
            };
            assert_eq!(loaded, wanted, "{name} {round}");
            store.update(|s| s.width += 1).unwrap();
        }
    }
}

/// After undo, a way down, or with migrations switched off, the file is older than the type.
#[test]
fn an_older_file_is_read_migrated_and_not_mixed_into() {
    for name in ["app.toml", "app.yaml", "app.json"] {
        let older: [fn(&Store<New>); 2] = [
            |store| drop(store.file().undo().unwrap()),
            |store| drop(store.migrate_to(&one_oh()).unwrap()),
        ];
        for make_older in older {
            let (_dir, path) = made(name);
            let store = new(&path).open().unwrap();
            make_older(&store);
            check_older(&store, &path);
        }
        let (_dir, path) = made(name);
        check_older(&new(&path).migrate_on_open(false).open().unwrap(), &path);
        let (_dir, path) = made(name);
        let read_only = new(&path).read_only(true).open().unwrap();
        assert_eq!(read_only.load().unwrap().window.width, 1);
    }
}

fn check_older(store: &Store<New>, path: &Path) {
    let before = fs::read(path).expect("as the test set it up");
    let loaded = store.load().expect("as the test set it up");
    assert_eq!(loaded.source(), &Source::Migrated { from: one_oh() });
    assert_eq!((loaded.color.as_str(), loaded.window.width), ("red", 1));
    let is_older = |error: &Error| {
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Older { .. },
                ..
            }
        )
    };
    let error = store.update(|s| s.zoom = 3.0).expect_err("refused");
    assert!(is_older(&error), "{}", chain(&error));
    let error = store.save(&loaded, loaded.value()).expect_err("refused");
    assert!(is_older(&error), "{}", chain(&error));
    assert_eq!(fs::read(path).expect("as the test set it up"), before);
    store.migrate_to(&two_oh()).expect("as the test set it up");
    store
        .update(|s| s.zoom = 3.0)
        .expect("as the test set it up");
    let loaded = store.load().expect("as the test set it up");
    assert_eq!(
        (loaded.color.as_str(), loaded.source()),
        ("red", &Source::File)
    );
}

/// A version that nobody has released is none of ours.
#[test]
fn a_version_between_the_known_ones_does_not_open() {
    let (_dir, path) = made("app.toml");
    let text = fs::read_to_string(&path).unwrap().replace("1.0.0", "1.5.0");
    crate::support::by_hand(&path, &text);
    let error = new(&path).open().unwrap_err();
    assert!(
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Unlisted { .. },
                ..
            }
        ),
        "{}",
        chain(&error)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_migration_whose_result_does_not_load_is_not_committed() {
    let (_dir, path) = made("app.toml");
    let before = fs::read(&path).unwrap();
    // The new build wants a number where the lens leaves a text.
    #[derive(Debug, Serialize, Deserialize)]
    struct Wrong {
        color: u32,
    }
    let manifest = Manifest::parse(NEW).unwrap();
    let error = Store::with_defaults(&path, Wrong { color: 1 })
        .manifest(manifest)
        .open()
        .unwrap_err();
    assert!(
        matches!(error, Error::Migration { .. }),
        "{}",
        chain(&error)
    );
    assert!(chain(&error).contains("color"), "{}", chain(&error));
    assert_eq!(fs::read(&path).unwrap(), before);
    old(&path).open().unwrap().load().unwrap();
}

#[test]
fn an_empty_file_is_a_new_one() {
    for (name, text) in [
        ("app.toml", ""),
        ("app.toml", "# only this\n"),
        ("app.yaml", "# x\n"),
        ("app.json", "{}\n"),
    ] {
        let dir = folder();
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let store = new(&path).open().unwrap();
        assert_eq!(store.load().unwrap().window.width, 800);
        store.update(|s| s.zoom = 2.0).unwrap();
        let version = store.info().unwrap().version;
        assert_eq!(version.as_deref(), Some("2.0.0"), "{name} {text:?}");
    }
}

/// Some applications have the version among their settings, some refuse what they don't know.
#[test]
fn the_version_may_be_in_the_type_or_unknown_to_it() {
    #[derive(Debug, Default, Serialize, Deserialize)]
    struct Within {
        schema_version: String,
        color: String,
    }
    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Strict {
        color: String,
    }
    for name in ["app.toml", "app.yaml", "app.json"] {
        let dir = folder();
        let path = dir.path().join(name);
        let within = Store::<Within>::builder(&path).manifest(Manifest::parse(NEW).unwrap());
        let within = within.open().unwrap();
        within.update(|s| s.color = "red".into()).unwrap();
        assert_eq!(within.load().unwrap().schema_version, "2.0.0");
        within.update(|s| s.color = "green".into()).unwrap();
        let error = within
            .update(|s| s.schema_version = "3.0.0".into())
            .unwrap_err();
        assert!(matches!(
            error,
            Error::Version {
                what: VersionTrouble::NoSetting { .. },
                ..
            }
        ));
        within.reset().unwrap();
        assert_eq!(within.load().unwrap().schema_version, "2.0.0");

        let path = dir.path().join(format!("strict-{name}"));
        let strict = || Store::<Strict>::builder(&path).manifest(Manifest::parse(NEW).unwrap());
        strict()
            .open()
            .unwrap()
            .update(|s| s.color = "red".into())
            .unwrap();
        let again = strict().open().unwrap();
        again.update(|s| s.color = "green".into()).unwrap();
        assert_eq!(again.load().unwrap().color, "green");
        let nested = NEW.replacen("\"app\"", "\"version_key\": \"meta.version\", \"app\"", 1);
        let path = dir.path().join(format!("nested-{name}"));
        let nested = Store::<Strict>::builder(&path).manifest(Manifest::parse(&nested).unwrap());
        let nested = nested.open().unwrap();
        nested.update(|s| s.color = "red".into()).unwrap();
        nested.update(|s| s.color = "green".into()).unwrap();
        assert_eq!(nested.load().unwrap().color, "green");
        assert_eq!(nested.info().unwrap().version.as_deref(), Some("2.0.0"));
    }
}
