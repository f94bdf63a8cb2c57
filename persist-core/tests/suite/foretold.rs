//! A preview tells what the save would tell.

use persist_core::{ConfigFile, Error, HistoryMove, Notice, Preview, Receipt};

use crate::support::{by_hand, open_with, saved, segments};

type Previewed = fn(&ConfigFile) -> Result<Preview, Error>;
type Save = fn(&ConfigFile) -> Result<Receipt, Error>;

fn changed(
    document: &mut persist_core::Document,
) -> Result<Vec<persist_core::format::Warning>, persist_core::format::Error> {
    Ok(document.set(&"a".parse()?, 1)?.warnings)
}

const WAYS: [(&str, Previewed, Save); 3] = [
    (
        "edit",
        |file| file.preview(changed),
        |file| file.edit(None, changed),
    ),
    (
        "undo",
        |file| file.preview_go(HistoryMove::Undo(1), false),
        |file| file.go(HistoryMove::Undo(1)),
    ),
    (
        "restore",
        |file| file.preview_restore("latest", false),
        |file| file.restore("latest"),
    ),
];

fn check(is_wanted: fn(&Notice) -> bool, prepare: &dyn Fn(&ConfigFile)) {
    for (name, preview, save) in WAYS {
        let (_dir, file) = saved(&[2, 3]);
        prepare(&file);
        let told = preview(&file).expect(name).notices;
        assert!(
            name == "edit" || told.iter().any(is_wanted),
            "{name}: {told:?}"
        );
        assert_eq!(told, save(&file).expect(name).notices, "{name}");
    }
}

#[test]
fn that_an_edit_from_outside_is_adopted() {
    let adopted =
        |notice: &Notice| matches!(notice, Notice::Adopted { changes } if !changes.is_empty());
    check(adopted, &|file| by_hand(file.path(), "width = 7\n"));
    check(|_| true, &|file| by_hand(file.path(), "width = 7\n"));
    let (_dir, file) = saved(&[2]);
    by_hand(file.path(), "width = 7\n");
    assert!(file.preview(changed).unwrap().notices.iter().any(adopted));
}

#[cfg(unix)]
#[test]
fn that_others_can_read_what_comes_back() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use crate::support::set;
    check(|notice| matches!(notice, Notice::Exposed { .. }), &|file| {
        set(file, "password", "hunter2").unwrap();
        file.edit(None, |document| {
            Ok(document.remove(&"password".parse()?)?.warnings)
        })
        .unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    });
}

/// Also where it is no edit that brings the secret in.
#[cfg(unix)]
#[test]
fn that_others_can_read_what_a_migration_or_a_recovery_makes_a_secret() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use crate::support::{modified, open_with, put, text, with};
    let manifest = r#"{"app": "a", "version_key": "version", "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}],
        "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/word", "to": "password"}}]}]}"#;
    let manifest = persist_core::Manifest::parse(manifest).unwrap();
    let (_dir, file) = with("app.toml", "version = \"1.0.0\"\nword = \"hunter2\"\n");
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let file = open_with(file.path(), |o| {
        *o = o.clone().with_manifest(Arc::new(manifest));
    });
    let exposed = Notice::Exposed {
        keys: vec!["password".into()],
        mode: 0o644,
    };
    let receipt = file.migrate_to(&"2.0.0".parse().unwrap()).unwrap();
    assert!(receipt.notices.contains(&exposed), "{receipt:?}");
    let damaged = text(&file).replace("password", "possword");
    put(file.path(), damaged.as_bytes(), modified(file.path()));
    let receipt = file.recover(None).unwrap();
    assert!(receipt.notices.contains(&exposed), "{receipt:?}");
}

/// What becomes of a file whose preview is to say what the save says.
type Prepared = (&'static str, fn(&ConfigFile));

/// The last record is broken, and the file is not what was saved last.
fn loses_a_record(file: &ConfigFile) {
    let last = segments(file).pop().expect("a segment");
    let mut bytes = std::fs::read(&last).expect("a journal");
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    std::fs::write(&last, bytes).expect("written");
    by_hand(file.path(), "width = 77\n");
}

#[test]
fn what_a_save_refuses_its_preview_refuses_in_the_same_words() {
    let prepared: [Prepared; 4] = [
        ("as it was saved", |_| {}),
        ("edited by hand", |file| by_hand(file.path(), "width = 7\n")),
        ("edited, a record lost", loses_a_record),
        ("truncated", |file| by_hand(file.path(), "")),
    ];
    let none: (&str, Previewed, Save) = (
        "undo nothing",
        |file| file.preview_go(HistoryMove::Undo(0), false),
        |file| file.go(HistoryMove::Undo(0)),
    );
    let mut refused = 0;
    for (becomes, prepare) in prepared {
        for strict in [false, true] {
            for (name, preview, save) in WAYS.into_iter().chain([none]) {
                let (_dir, file) = saved(&[2, 3, 4]);
                prepare(&file);
                let file = open_with(file.path(), |options| options.strict = strict);
                let foretold = preview(&file).map(|p| p.changes).map_err(|e| e.to_string());
                let saved = save(&file).map(|r| r.changes).map_err(|e| e.to_string());
                refused += usize::from(saved.is_err());
                assert_eq!(
                    foretold, saved,
                    "{name} of a file {becomes}, strict: {strict}"
                );
            }
        }
    }
    assert!(refused > 10, "{refused}");
}
