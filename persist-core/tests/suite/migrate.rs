//! The sample's migrations, up and down, in all three formats, with edits, undos and kills in between.

use std::fs;
use std::sync::Arc;

use persist_core::journal::Event;
use persist_core::{ConfigFile, Draft, Error, Manifest, Value, Version, VersionTrouble};
use tempfile::TempDir;

use crate::support::{append, by_hand, chain, intent, live, notices, open_with, set, text, with};

pub(crate) const MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../config_versions.json"
));

const FILES: [(&str, &str); 3] = [
    (
        "app.toml",
        "# mine\nschema_version = \"1.2.0\" # s\ntheme = \"dark\" # t\n\n[security] # sec\nsession_timeout_minutes = 45 # long\napi_key = \"k\"\n\n[mine]\nx = 1 # unknown to the schema\n",
    ),
    (
        "app.yaml",
        "# mine\nschema_version: 1.2.0 # s\ntheme: dark # t\nsecurity: # sec\n  session_timeout_minutes: 45 # long\n  api_key: k\nmine:\n  x: 1 # unknown to the schema\n",
    ),
    (
        "app.json",
        "{\n  \"schema_version\": \"1.2.0\",\n  \"theme\": \"dark\",\n  \"security\": {\n    \"session_timeout_minutes\": 45,\n    \"api_key\": \"k\"\n  },\n  \"mine\": {\"x\": 1}\n}\n",
    ),
];

fn sample(name: &str, start: &str) -> (TempDir, ConfigFile) {
    let (dir, file) = with(name, start);
    (dir, managed(&file))
}

fn managed(file: &ConfigFile) -> ConfigFile {
    let manifest = Arc::new(Manifest::parse(MANIFEST).expect("as the test set it up"));
    open_with(file.path(), |o| *o = o.clone().with_manifest(manifest))
}

fn v(text: &str) -> Version {
    text.parse().expect("as the test set it up")
}

fn get(file: &ConfigFile, key: &str) -> Option<Value> {
    file.document()
        .expect("as the test set it up")
        .get(&key.parse().expect("as the test set it up"))
        .cloned()
}

#[test]
fn down_edits_and_up_again_lose_nothing() {
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start);
        let receipt = file.migrate_to(&v("1.0.0")).unwrap();
        assert_eq!(receipt.version.as_deref(), Some("1.0.0"));
        assert!(
            notices(&receipt)[0].starts_with("saved for migrating back: "),
            "{:?}",
            notices(&receipt)
        );
        assert_eq!(get(&file, "security"), None);
        assert_eq!(get(&file, "mine.x"), Some(1.into()));
        if !name.ends_with("json") {
            assert!(
                text(&file).contains("# mine\n")
                    && text(&file).contains("# t\n")
                    && text(&file).contains("# unknown to the schema\n")
            );
        }
        set(&file, "theme", "light").unwrap();
        set(&file, "mine.y", 2).unwrap();
        file.migrate_to(&v("1.1.0")).unwrap();
        set(&file, "cache.ttl_seconds", 7).unwrap();
        file.migrate_to(&v("1.2.0")).unwrap();
        for (key, wanted) in [
            ("security.session_timeout_minutes", Value::from(45)),
            ("security.api_key", "k".into()),
            ("theme", "light".into()),
            ("mine.y", 2.into()),
            ("cache.ttl_seconds", 7.into()),
            ("schema_version", "1.2.0".into()),
        ] {
            assert_eq!(
                get(&file, key),
                Some(wanted),
                "{name} {key}:\n{}",
                text(&file)
            );
        }
        assert!(file.verify().unwrap().passed());
    }
}

/// The same values set aside twice have one digest and two names.
#[test]
fn down_and_up_may_be_repeated() {
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start);
        for round in 0..4 {
            for to in ["1.0.0", "1.2.0", "1.1.0", "1.2.0"] {
                file.migrate_to(&v(to))
                    .unwrap_or_else(|e| panic!("{name} round {round} to {to}: {}", chain(&e)));
            }
            assert_eq!(
                get(&file, "security.session_timeout_minutes"),
                Some(45.into())
            );
            assert_eq!(
                get(&file, "performance.monitoring"),
                None,
                "what the file never had did not come"
            );
        }
    }
}

#[test]
fn every_migration_is_undone_byte_for_byte() {
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start);
        file.migrate_to(&v("1.0.0")).unwrap();
        let lowest = live(&file);
        set(&file, "theme", "light").unwrap();
        file.migrate_to(&v("1.2.0")).unwrap();
        file.undo().unwrap();
        file.undo().unwrap();
        assert_eq!(live(&file), lowest);
        file.undo().unwrap();
        assert_eq!(live(&file), start.as_bytes());
        // And from there as if nothing had been.
        file.migrate_to(&v("1.0.0")).unwrap();
        assert_eq!(live(&file), lowest);
        file.migrate_to(&v("1.2.0")).unwrap();
        assert_eq!(
            get(&file, "security.session_timeout_minutes"),
            Some(45.into())
        );
    }
}

/// Undoing the way up brings the complement of the way down back into force.
#[test]
fn what_was_set_aside_survives_undo() {
    let (_dir, file) = sample(FILES[0].0, FILES[0].1);
    file.migrate_to(&v("1.0.0")).unwrap();
    file.migrate_to(&v("1.2.0")).unwrap();
    file.undo().unwrap();
    assert_eq!(get(&file, "security"), None);
    file.migrate_to(&v("1.2.0")).unwrap();
    assert_eq!(
        get(&file, "security.session_timeout_minutes"),
        Some(45.into())
    );
}

/// Killed after the complement and the intent were written, before the exchange; then run again.
#[test]
fn an_interrupted_migration_is_run_again() {
    for (name, start) in FILES {
        let (_dir, file) = sample(name, start);
        file.migrate_to(&v("1.0.0")).unwrap();
        let after = live(&file);
        // Back to the moment before the exchange.
        let records = crate::support::records(&file);
        let Event::Intent(mut announced) = records[0].0.event.clone() else {
            panic!("the first record is the migration's");
        };
        file.undo().unwrap();
        announced.backup = intent(&file, Some(&live(&file)), &after).backup;
        append(&file, Event::Intent(announced));
        fs::write(file.state_dir().join("stage"), &after).unwrap();
        let receipt = file
            .migrate_to(&v("1.0.0"))
            .unwrap_or_else(|e| panic!("{name}: {}", chain(&e)));
        assert!(
            notices(&receipt)[0].starts_with("save #3 had been interrupted before taking effect")
        );
        assert_eq!(live(&file), after);
        file.migrate_to(&v("1.2.0")).unwrap();
        assert_eq!(
            get(&file, "security.session_timeout_minutes"),
            Some(45.into())
        );
    }
}

#[test]
fn a_plan_changes_nothing_and_holds_for_the_content_it_was_made_for() {
    let (dir, file) = sample(FILES[0].0, FILES[0].1);
    let before = crate::support::picture(dir.path());
    let planned = file.plan_migration(&v("1.0.0")).unwrap();
    assert_eq!(crate::support::picture(dir.path()), before);
    insta::assert_snapshot!(planned.plan, @r#"
    1.2.0 to 1.0.0: 1 step
      1. 1.2.0 to 1.0.0: reverses "add performance, cache, security and encryption settings" (dropped values are saved)
    "#);
    let shown: Vec<String> = planned.changes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    schema_version: "1.2.0" -> "1.0.0"
    security: removed {"api_key":"[redacted]","session_timeout_minutes":45}
    "#);
    by_hand(file.path(), format!("{}# later\n", text(&file)));
    let error = file.migrate_as_planned(&planned).unwrap_err();
    assert!(matches!(error, Error::PlanOutdated { .. }));
    let said = error.to_string();
    assert!(
        said.ends_with(
            "app.toml was not migrated: it has changed since the plan was made; plan again"
        ),
        "{said}"
    );
    let planned = file.plan_migration(&v("1.0.0")).unwrap();
    file.migrate_as_planned(&planned).unwrap();
    assert!(text(&file).ends_with("# later\n"));
}

#[test]
fn to_the_version_it_has_is_no_change() {
    let (_dir, file) = sample(FILES[1].0, FILES[1].1);
    let receipt = file.migrate_to(&v("1.2.0")).unwrap();
    assert_eq!(receipt.outcome, persist_core::Outcome::Unchanged);
    assert_eq!(live(&file), FILES[1].1.as_bytes());
}

#[test]
fn versions_that_cannot_be_worked_with_are_told_apart() {
    let check = |text: &str, to: &str| {
        let (_dir, file) = sample("app.toml", text);
        let error = file.migrate_to(&v(to)).unwrap_err();
        assert_eq!(live(&file), text.as_bytes());
        (
            chain(&error).replace(&file.path().display().to_string(), "app.toml"),
            error,
        )
    };
    let (said, error) = check("x = 1\n", "1.2.0");
    assert!(
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Missing { .. },
                ..
            }
        ),
        "{said}"
    );
    let (said, error) = check("schema_version = \"one\"\n", "1.2.0");
    assert!(
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Unparsable { .. },
                ..
            }
        ),
        "{said}"
    );
    let (said, error) = check("schema_version = \"2.0.0\"\n", "1.2.0");
    assert!(
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Newer { .. },
                ..
            }
        ),
        "{said}"
    );
    let (said, error) = check("schema_version = \"1.0.5\"\n", "1.2.0");
    assert!(
        matches!(
            error,
            Error::Version {
                what: VersionTrouble::Unlisted { .. },
                ..
            }
        ),
        "{said}"
    );
    insta::assert_snapshot!(said, @"app.toml: schema version 1.0.5 at `schema_version` is not known; known versions: 1.0.0, 1.1.0 and 1.2.0; correct it if the file has one of these, or use a manifest that lists it");
    let (said, _) = check("schema_version = \"1.0.0\"\n", "3.0.0");
    insta::assert_snapshot!(said, @"app.toml was not migrated: schema version 3.0.0 is unknown; the nearest known one is 1.2.0");
    let (_dir, file) = with("app.toml", "schema_version = \"1.0.0\"\n");
    let error = file.migrate_to(&v("1.2.0")).unwrap_err();
    assert!(matches!(
        error,
        Error::Version {
            what: VersionTrouble::NoManifest,
            ..
        }
    ));
}

/// A folder that tells of nothing would be a riddle, and with many files a litter.
#[test]
fn what_fails_the_first_time_leaves_no_state_folder() {
    for start in [
        "schema_version = \n",
        "theme = \"dark\"\n",
        "schema_version = \"1.0.5\"\n",
        "schema_version = \"9.0.0\"\n",
        "schema_version = \"1.0.0\"\ncache = \"mine\"\n",
    ] {
        let (dir, file) = sample("app.toml", start);
        file.migrate_to(&v("1.2.0")).unwrap_err();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "{start}");
    }
    let (dir, file) = sample("app.toml", "schema_version = \n");
    set(&file, "theme", "dark").unwrap_err();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    let (dir, file) = sample("app.toml", "schema_version = \"1.0.0\"\n");
    let reading = file.read().unwrap();
    let mut wanted = reading.document().unwrap().clone();
    crate::support::assign(&mut wanted, "window.width", "wide");
    file.commit(&reading, &wanted, None).unwrap_err();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// A file out there and back again, by a manifest that loses something and one that does not.
#[test]
fn a_rehearsal_says_what_would_not_come_back() {
    let start = "schema_version = \"1.0.0\"\ntheme = \"dark\" # dim\n";
    let (dir, file) = sample("app.toml", start);
    let trips = file.rehearse_migrations().unwrap();
    let [trip] = trips.as_slice() else {
        panic!("{trips:?}")
    };
    assert!(trip.passed() && trip.same_bytes, "{trip:?}");
    assert_eq!((&trip.from, &trip.to), (&v("1.0.0"), &v("1.2.0")));
    let (_dir, middle) = sample("app.toml", "schema_version = \"1.1.0\"\n");
    let ends = middle.rehearse_migrations().unwrap();
    assert_eq!(
        ends.iter().map(|trip| &trip.to).collect::<Vec<_>>(),
        [&v("1.2.0"), &v("1.0.0")]
    );

    let wrong = r#"{"app": "a", "versions": [{"version": "1.0.0"}, {"version": "2.0.0", "schema": {"required": ["colour"]}}],
        "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/theme", "to": "tint"}}],
            "down": [{"rename": {"path": "/tint", "to": "colour"}}]}]}"#;
    let manifest = Arc::new(Manifest::parse(wrong).unwrap());
    let file = open_with(file.path(), |options| {
        *options = options.clone().with_manifest(manifest);
    });
    let trips = file.rehearse_migrations().unwrap();
    assert_eq!(trips[0].violations.len(), 1, "{trips:?}");
    assert!(!trips[0].passed());
    // What the way back would lose by itself is kept aside.
    assert!(
        trips[0].differs.is_empty() && trips[0].same_bytes,
        "{trips:?}"
    );
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "a rehearsal wrote something"
    );
}

#[test]
fn a_known_version_is_not_changed_to_one_that_nobody_knows_but_back() {
    let (_dir, file) = sample("app.toml", "schema_version = \"1.0.0\"\n");
    for unknown in ["1.0.5", "0.1.0", "9.0.0", "one"] {
        let change = |document: &mut persist_core::Document| {
            Ok(document.set(&"schema_version".parse()?, unknown)?.warnings)
        };
        let error = file.edit(None, change).unwrap_err();
        assert!(matches!(error, Error::Version { .. }), "{unknown}: {error}");
    }
    assert_eq!(live(&file), b"schema_version = \"1.0.0\"\n");
    let (_dir, file) = sample("app.toml", "schema_version = \"1.0.5\"\n");
    set(&file, "schema_version", "1.1.0").unwrap();
    assert_eq!(live(&file), b"schema_version = \"1.1.0\"\n");
}

#[test]
fn a_result_that_breaks_its_schema_is_not_saved() {
    let (_dir, file) = sample("app.toml", "schema_version = \"1.0.0\"\ncache = \"mine\"\n");
    let before = live(&file);
    let error = file.migrate_to(&v("1.1.0")).unwrap_err();
    assert_eq!(live(&file), before, "{}", chain(&error));
    assert_eq!(file.history().unwrap(), []);
}

#[test]
fn code_edges_edit_the_document_and_a_failing_one_changes_nothing() {
    use persist_core::migrate::Edge;
    let mut graph = persist_core::MigrationGraph::<Draft>::new();
    let up = Edge::new(v("1.0.0"), v("2.0.0")).up(|draft: &mut Draft| {
        let edited = draft.edit(|document| document.rename(&"colour".parse()?, "color"))?;
        assert_eq!(edited.warnings, []);
        Ok(())
    });
    graph.add_edge(up).unwrap();
    let fails = Edge::new(v("2.0.0"), v("3.0.0")).up(|_: &mut Draft| Err("out of luck".into()));
    graph.add_edge(fails).unwrap();
    let (_dir, file) = with(
        "app.toml",
        "schema_version = \"1.0.0\"\ncolour = 1 # kept\n",
    );
    let file = open_with(file.path(), |o| o.graph = Some(Arc::new(graph)));
    let error = file.migrate_to(&v("3.0.0")).unwrap_err();
    assert!(chain(&error).contains("out of luck"), "{}", chain(&error));
    assert_eq!(
        text(&file),
        "schema_version = \"1.0.0\"\ncolour = 1 # kept\n"
    );
    file.migrate_to(&v("2.0.0")).unwrap();
    assert_eq!(
        text(&file),
        "schema_version = \"2.0.0\"\ncolor = 1 # kept\n"
    );
}

/// The schema of the document's version is held against every save, but old sins do not stand in the way.
#[test]
fn the_schema_guards_saves() {
    let (_dir, file) = sample("app.toml", "schema_version = \"1.2.0\"\ntheme = \"neon\"\n");
    set(&file, "window.width", 300).unwrap();
    let error = set(&file, "window.width", 3).unwrap_err();
    let said = chain(&error).replace(&file.path().display().to_string(), "app.toml");
    insta::assert_snapshot!(said, @"app.toml:5:9: expected at least 200 at window.width");
    assert_eq!(get(&file, "window.width"), Some(300.into()));
    let problems = file.verify().unwrap().problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[test]
fn what_was_set_aside_and_is_lost_is_told() {
    let (name, start) = FILES[0];
    let (_dir, file) = sample(name, start);
    file.migrate_to(&v("1.0.0")).unwrap();
    assert!(file.verify().unwrap().passed());
    for entry in fs::read_dir(file.state_dir().join("complements")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let found = file.verify().unwrap();
    assert!(!found.passed());
    let [problem] = &found.problems()[..] else {
        panic!("{found:?}");
    };
    assert!(
        problem.starts_with("the data that the last migration saved for migrating back is lost: "),
        "{problem}"
    );
}

fn set_aside(file: &ConfigFile) -> Vec<String> {
    let folder = file.state_dir().join("complements");
    let names = fs::read_dir(folder).expect("complements");
    let names = names.map(|entry| entry.expect("a name").file_name().into_string());
    let names = names.map(|name| name.expect("text"));
    names.filter(|name| !name.ends_with(".json")).collect()
}

/// What an undone migration has set aside goes once the changes since have made sure that nobody comes back to it; what undo
/// and the way back need stays, once.
#[test]
fn what_nothing_leads_back_to_goes_after_a_migration() {
    let (name, start) = FILES[0];
    let (_dir, file) = sample(name, start);
    for round in 0..6 {
        // Each sets another value aside, and each is undone but the last.
        set(&file, "security.session_timeout_minutes", 30 + round).unwrap();
        file.migrate_to(&v("1.0.0")).unwrap();
        assert_eq!(set_aside(&file).len(), 1, "round {round}");
        if round < 5 {
            file.undo().unwrap();
            assert_eq!(set_aside(&file).len(), 1, "it can be made again");
        }
    }
    let below = text(&file);
    file.migrate_to(&v("1.2.0")).unwrap();
    assert_eq!(
        get(&file, "security.session_timeout_minutes"),
        Some(35.into())
    );
    for _ in 0..5 {
        file.migrate_to(&v("1.0.0")).unwrap();
        file.migrate_to(&v("1.2.0")).unwrap();
    }
    let mut digests: Vec<String> = set_aside(&file)
        .iter()
        .filter_map(|name| Some(name.rsplit('-').next()?.to_owned()))
        .collect();
    let all = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), all, "of equal ones one is enough");
    for _ in 0..11 {
        file.undo().unwrap();
        assert!(file.verify().unwrap().passed());
    }
    assert_eq!(text(&file), below);
    file.migrate_to(&v("1.2.0")).unwrap();
    assert_eq!(
        get(&file, "security.session_timeout_minutes"),
        Some(35.into())
    );
}
