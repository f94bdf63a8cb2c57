//! What was saved last survives the damage, or the deletion, of the file, and whatever is put in its place: a restore, or a reset.

use std::fs;
use std::path::Path;

use persist_core::{ConfigFile, Error, Store};
use serde::{Deserialize, Serialize};

use crate::support::{notices, open, saved, set, somewhere, text};

const SAVED_LAST: &[u8] = b"# pixels\nwidth = 3 # of the window\n";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Settings {
    width: i64,
}

/// What is called so.
type Named<T> = (&'static str, fn(&T));

/// What becomes of a file.
const ENDS: [Named<Path>; 3] = [
    ("deleted", |path| fs::remove_file(path).expect("deleted")),
    ("emptied", |path| fs::write(path, "").expect("emptied")),
    ("full of NULs", |path| {
        fs::write(path, [0; 40]).expect("written");
    }),
];

fn reset(file: &ConfigFile) {
    let store = Store::<Settings>::builder(file.path()).defaults(Settings { width: 8 });
    let store = store.open().expect("a store");
    store.reset().expect("reset");
}

/// How something else is put in its place.
const WAYS: [Named<ConfigFile>; 2] = [
    ("restored", |file| {
        drop(file.restore("1").expect("restored"));
    }),
    ("reset", reset),
];

#[test]
fn what_was_saved_last_is_kept() {
    for (end, damage) in ENDS {
        for (way, replace) in WAYS {
            let (_dir, file) = saved(&[2, 3]);
            damage(file.path());
            replace(&file);
            assert_ne!(text(&file).as_bytes(), SAVED_LAST, "{end}, {way}");
            let kept = somewhere(&file.state_dir().join("backups"), SAVED_LAST);
            assert!(kept, "{end}, {way}");
            let verification = open(file.path()).verify().unwrap();
            assert!(
                verification.passed(),
                "{end}, {way}: {:?}",
                verification.problems()
            );
        }
    }
}

/// In the process that saved it, which remembers, and in another.
#[test]
fn a_restore_over_a_deletion_is_taken_back_to_what_was_deleted() {
    for again in [false, true] {
        let (_dir, mut file) = saved(&[2, 3]);
        fs::remove_file(file.path()).unwrap();
        if again {
            file = open(file.path());
        }
        let receipt = file.restore("1").unwrap();
        assert_eq!(receipt.notices.len(), 1, "{:?}", notices(&receipt));
        assert!(notices(&receipt)[0].starts_with("accepted that the file was deleted"));
        file.undo().unwrap();
        assert_eq!(text(&file).as_bytes(), SAVED_LAST);
        assert!(file.verify().unwrap().passed());
    }
}

#[test]
fn what_the_damage_hid_is_told_and_can_be_restored() {
    let (_dir, file) = saved(&[2, 3]);
    fs::write(file.path(), "").unwrap();
    let receipt = file.restore("1").unwrap();
    let told = notices(&receipt);
    assert!(
        told.iter()
            .any(|n| n.contains("saved last is kept in backups/")),
        "{told:?}"
    );
    // What a restore over damage replaced is damage.
    let error = file.undo().unwrap_err().to_string();
    assert!(error.contains("is in quarantine/"), "{error}");
    file.restore("latest").unwrap();
    assert_eq!(text(&file).as_bytes(), SAVED_LAST);
}

/// Emptied by somebody, it is remembered as empty; then others fill it, and something cuts it off.
#[test]
fn damage_is_not_edited_because_it_looks_like_what_was_there_before() {
    let (_dir, file) = crate::support::with("app.toml", "a = 1\n");
    file.edit(None, |document| {
        Ok(document.remove(&"a".parse()?)?.warnings)
    })
    .unwrap();
    assert_eq!(text(&file), "");
    file.read().unwrap();
    let other = open(file.path());
    set(&other, "a", 5).unwrap();
    fs::write(file.path(), "").unwrap();
    for key in ["b", "c"] {
        let error = set(&file, key, 2).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }
    let nothing = file.edit(None, |_| Ok(Vec::new())).unwrap_err();
    assert!(matches!(nothing, Error::Damaged { .. }), "{nothing}");
    file.recover(None).unwrap();
    assert_eq!(text(&file), "a = 5\n");
}

#[cfg(unix)]
#[test]
fn a_file_that_comes_back_has_its_mode_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |file: &ConfigFile| {
        fs::metadata(file.path())
            .expect("a file")
            .permissions()
            .mode()
            & 0o777
    };
    let ways: [Named<ConfigFile>; 3] = [
        ("undo", |file| drop(file.undo().expect("undone"))),
        ("restore", |file| drop(file.restore("1").expect("restored"))),
        ("set", |file| drop(set(file, "width", 9).expect("saved"))),
    ];
    for (way, back) in ways {
        let (_dir, file) = saved(&[2]);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        set(&file, "width", 3).unwrap();
        fs::remove_file(file.path()).unwrap();
        file.adopt().unwrap();
        back(&file);
        assert_eq!(mode(&file), 0o644, "{way}");
    }
}

/// Also through a checkpoint.
#[cfg(unix)]
#[test]
fn a_long_journal_remembers_the_mode_of_what_was_deleted() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, file) = saved(&[2]);
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let long = "why ".repeat(20_000);
    set(&file, "width", 3).unwrap();
    fs::remove_file(file.path()).unwrap();
    crate::support::open_with(file.path(), |o| o.reason = Some(long))
        .adopt()
        .unwrap();
    file.undo().unwrap();
    assert_eq!(crate::support::segments(&file).len(), 2);
    assert_eq!(
        fs::metadata(file.path()).unwrap().permissions().mode() & 0o777,
        0o644
    );
    assert!(open(file.path()).verify().unwrap().passed());
}

/// A recovery accepts no deletion: what it can't bring back stands in the way of no undo.
#[test]
fn a_recovery_without_the_last_save_leaves_the_steps_before_it() {
    let (_dir, file) = saved(&[2, 3, 4]);
    fs::remove_file(file.path()).unwrap();
    fs::remove_file(file.state_dir().join("mirror")).unwrap();
    file.recover(None).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    let how: Vec<String> = file
        .history()
        .unwrap()
        .iter()
        .map(|entry| entry.how.to_string())
        .collect();
    assert_eq!(how, ["save", "save", "save", "recover"]);
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
}
