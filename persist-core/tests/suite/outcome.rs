//! What is checked before it is written anywhere, and the version that it is checked as.

use std::fs;
use std::sync::Arc;

use persist_core::{ConfigFile, Error, Manifest, Options, Store, Version};
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder, set};

const MANIFEST: &str = r#"{
    "app": "a", "version_key": "schema_version",
    "versions": [{"version": "1.0.0", "schema": {"properties": {"n": {"type": "integer"}}}}, {"version": "2.0.0"}],
    "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/addr", "to": "port"}}]}]
}"#;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Settings {
    port: u16,
}

/// A place in the text that a migration would give is one that nobody can look up.
#[test]
fn what_a_migration_would_give_has_no_line() {
    let dir = folder();
    let path = dir.path().join("m.toml");
    let text = "schema_version = \"1.0.0\"\naddr = \"x\"\n";
    fs::write(&path, text).unwrap();
    let builder = || {
        let manifest = Manifest::parse(MANIFEST).unwrap();
        Store::<Settings>::builder(&path).manifest(manifest)
    };
    let opened = builder().open().map(drop).unwrap_err();
    let read = builder().migrate_on_open(false).open().unwrap();
    let loaded = read.load().map(drop).unwrap_err();
    for error in [opened, loaded] {
        let said = chain(&error);
        assert!(
            said.contains("once migrated to 2.0.0, expected u16"),
            "{said}"
        );
        assert!(said.contains("port"), "{said}");
        assert!(!said.contains(":2:"), "{said}");
        let rendered = error.render();
        assert!(rendered.contains("\n  because "), "{rendered}");
        assert!(rendered.contains("once migrated to 2.0.0"), "{rendered}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

/// "Taken for one of that version" means its schema, too.
#[test]
fn the_schema_of_an_assumed_version_counts() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    fs::write(&path, "n = 1\n").unwrap();
    let open = |assumed: Option<Version>| {
        let manifest = Manifest::parse(MANIFEST).unwrap();
        let mut options = Options::default().with_manifest(Arc::new(manifest));
        options.assume_version = assumed;
        ConfigFile::open(&path, options).unwrap()
    };
    let assumed = open(Some(Version::new(1, 0, 0)));
    assert!(matches!(set(&assumed, "n", "x"), Err(Error::Schema { .. })));
    assert_eq!(assumed.verify().unwrap().unchecked, None);
    // Nothing says which schema: that is told, and not taken for good.
    let free = open(None);
    let receipt = set(&free, "n", "x").unwrap();
    let told = receipt.notices.iter().map(ToString::to_string);
    let told: Vec<String> = told.collect();
    assert!(
        told[0].starts_with("not checked against a schema"),
        "{told:?}"
    );
    let found = free.verify().unwrap();
    assert!(found.passed() && found.notes() == told, "{found:?}");
}
