//! Where the schema version stands: the same place to the manifest, its lenses, the store and a file.

use std::fs;
use std::sync::Arc;

use persist_core::migrate::{Edge, Lens};
use persist_core::{
    ConfigFile, Draft, Error, KeyPath, Manifest, MigrationGraph, Options, Store, Version,
};

use crate::support::chain;

fn manifest(key: &str, lens: &str) -> Manifest {
    let text = format!(
        r#"{{"app": "a", "version_key": {}, "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
            "edges": [{{"from": "1.0.0", "to": "2.0.0", "lenses": [{lens}]}}]}}"#,
        serde_json::Value::from(key)
    );
    Manifest::parse(&text).expect("as the test set it up")
}

const RENAME: &str = r#"{"rename": {"path": "/colour", "to": "color"}}"#;

#[test]
fn every_spelling_of_the_key_is_one_place_to_manifest_file_and_store() {
    let nested = "meta:\n  version: 1.0.0 # v\ncolour: red\n";
    let dotted = "meta.version: 1.0.0 # v\ncolour: red\n";
    for (key, text) in [
        ("meta.version", nested),
        ("/meta/version", nested),
        ("\"meta\".'version'", nested),
        ("\"meta.version\"", dotted),
        ("'meta.version'", dotted),
        ("/meta.version", dotted),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.yaml");
        fs::write(&path, text).unwrap();
        let options = Options::default().with_manifest(Arc::new(manifest(key, RENAME)));
        let file = ConfigFile::open(&path, options).unwrap();
        let receipt = file.migrate_to(&Version::new(2, 0, 0)).unwrap();
        assert_eq!(receipt.version.as_deref(), Some("2.0.0"), "{key}");
        let wanted = text.replace("1.0.0", "2.0.0").replace("colour", "color");
        assert_eq!(fs::read_to_string(&path).unwrap(), wanted, "{key}");

        fs::write(&path, text).unwrap();
        let store = Store::<serde_json::Value>::builder(&path)
            .manifest(manifest(key, RENAME))
            .defaults(serde_json::json!({}))
            .open()
            .unwrap();
        assert_eq!(store.load().unwrap()["color"], "red", "{key}");
        assert_eq!(fs::read_to_string(&path).unwrap(), wanted, "{key}");
    }
}

/// What both can read, both read alike.
#[test]
fn a_manifest_reads_key_paths_as_files_do() {
    let letters = [
        "", "a", "b-c", "é", "0", ".", "..", "'", "\"", "/", "~0", "~1", "[0]", " ", "*",
    ];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts
            .iter()
            .flat_map(|text| letters.iter().map(move |more| format!("{text}{more}")))
            .collect();
    }
    texts.sort();
    texts.dedup();
    let mut read = 0;
    for text in texts {
        let mut manifest = Manifest::new("a");
        manifest.version_key.clone_from(&text);
        let Ok(path) = manifest.version_path() else {
            continue;
        };
        let as_file: KeyPath = text.parse().expect(&text);
        let pointer = as_file.pointer();
        let keys = pointer
            .split('/')
            .map(|key| if key == "*" { "~2" } else { key });
        assert_eq!(
            path.to_string(),
            keys.collect::<Vec<_>>().join("/"),
            "{text}"
        );
        read += 1;
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn no_lens_touches_the_version_where_the_options_say_it_is() {
    let remove = r#"{"remove": {"path": "/meta"}}"#;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.yaml");
    let start = "meta:\n  version: 1.0.0\ncolour: red\n";
    fs::write(&path, start).unwrap();
    let mut options = Options::default().with_manifest(Arc::new(manifest("version", remove)));
    options.version_key = Some("meta.version".parse().unwrap());
    let file = ConfigFile::open(&path, options).unwrap();
    let error = file.migrate_to(&Version::new(2, 0, 0)).unwrap_err();
    assert!(matches!(error, Error::Manifest { .. }), "{}", chain(&error));

    let mut graph = MigrationGraph::<Draft>::new();
    let lens: Lens = serde_json::from_str(remove).unwrap();
    let edge = Edge::lenses(Version::new(1, 0, 0), Version::new(2, 0, 0), vec![lens]);
    graph.add_edge(edge.unwrap()).unwrap();
    let mut options = Options::default();
    options.graph = Some(Arc::new(graph));
    options.version_key = Some("meta.version".parse().unwrap());
    let file = ConfigFile::open(&path, options).unwrap();
    let error = file.migrate_to(&Version::new(2, 0, 0)).unwrap_err();
    insta::assert_snapshot!(chain(&error).replace(&path.display().to_string(), "app.yaml"), @"app.yaml was not migrated: the edge from 1.0.0 to 2.0.0 can't be used: the version of the document is at `/meta/version`, and this lens works on `/meta`; leave the version in place: name the keys beside it one by one");
    assert_eq!(fs::read_to_string(&path).unwrap(), start);
}

#[test]
fn a_version_key_that_names_no_key_is_refused_at_once() {
    let open = |options: Options| ConfigFile::open("app.toml", options).unwrap_err();
    let mut options = Options::default();
    options.version_key = Some("list[-1]".parse().unwrap());
    insta::assert_snapshot!(chain(&open(options)), @"app.toml: the version key `list[-1]` does not name a single key; use one such as `schema_version` or `meta.version`");
    let mut manifest = Manifest::new("a");
    manifest.version_key = "a..b".into();
    let options = Options::default().with_manifest(Arc::new(manifest));
    insta::assert_snapshot!(chain(&open(options)), @"app.toml is not a valid version manifest: at `/version_key`: a key is missing in the version key `a..b`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`");
}

/// Nobody could change a file again that says to be of a version which is not known.
#[test]
fn no_file_gets_a_version_that_is_not_known() {
    for start in [
        None,
        Some("colour = 1\n"),
        Some("schema_version = \"odd\"\n"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.toml");
        if let Some(text) = start {
            fs::write(&path, text).unwrap();
        }
        let manifest = Arc::new(manifest("schema_version", RENAME));
        let file = ConfigFile::open(&path, Options::default().with_manifest(manifest)).unwrap();
        for wrong in ["9.9.9", "1.5.0", "new"] {
            let edit = file.edit(None, |document| {
                drop(document.set(&"schema_version".parse()?, wrong)?);
                Ok(document.set(&"a".parse()?, 1)?.warnings)
            });
            let error = edit.expect_err(wrong);
            assert!(matches!(error, Error::Version { .. }), "{wrong}: {error}");
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), start, "{wrong}");
        }
        // What was wrong before hinders nothing else; a version that is known is welcome.
        for (key, value) in [("a", "1"), ("schema_version", "1.0.0"), ("a", "2")] {
            let edit = file.edit(None, |document| {
                Ok(document.set(&key.parse()?, value)?.warnings)
            });
            edit.unwrap_or_else(|error| panic!("{start:?} {key}: {error}"));
        }
    }
}

/// Another label is no migration.
#[test]
fn the_version_is_no_setting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.yaml");
    let text = "schema_version: 1.0.0\ncolour: red\n";
    fs::write(&path, text).unwrap();
    let options = Options::default().with_manifest(Arc::new(manifest("schema_version", RENAME)));
    let file = ConfigFile::open(&path, options).unwrap();
    let key: KeyPath = "schema_version".parse().unwrap();
    for meant in ["2.0.0", "3.0.0", "1.5.0", "none"] {
        let refused = file.edit(None, |d| Ok(d.set(&key, meant)?.warnings));
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("only a migration"), "{said}");
        let refused = file.edit_tried(None, |d| Ok(d.set(&key, meant)?.warnings));
        assert_eq!(refused.unwrap_err().to_string(), said);
        let refused = file.preview(|d| Ok(d.set(&key, meant)?.warnings));
        assert_eq!(refused.unwrap_err().to_string(), said);
        let reading = file.read().unwrap();
        let mut wanted = reading.document().unwrap().clone();
        crate::support::assign(&mut wanted, "schema_version", meant);
        let refused = file.commit(&reading, &wanted, None);
        assert_eq!(refused.unwrap_err().to_string(), said);
    }
    let refused = file.edit(None, |d| Ok(d.remove(&key)?.warnings));
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("only a migration"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    // What says no version that is known may be told its own.
    for unknown in ["colour: red\n", "schema_version: 1.5.0\ncolour: red\n"] {
        fs::write(&path, unknown).unwrap();
        file.adopt().unwrap();
        file.edit(None, |d| Ok(d.set(&key, "1.0.0")?.warnings))
            .unwrap();
    }
}
