//! A state folder that a newer persist wrote: the file is read, and nothing is written anywhere.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use persist_core::lock::{FileLock, Target};
use persist_core::{Condition, ConfigFile, Document, Error, Manifest, Receipt, Store, Wait};
use tempfile::TempDir;

use crate::support::{by_hand, inventory, open, open_with, saved, set, with};

const LAST: &str = "# pixels\nwidth = 3 # of the window\n";

/// Saved twice; then `make` puts something else in the place of the number.
fn newer(make: impl FnOnce(&Path)) -> (TempDir, ConfigFile) {
    let (dir, file) = saved(&[2, 3]);
    let number = file.state_dir().join("format");
    fs::remove_file(&number).expect("a number");
    make(&number);
    (dir, file)
}

/// A refusal by name, of a folder that says it is of format `said`.
#[track_caller]
fn refused<T>(what: &str, outcome: Result<T, Error>, file: &ConfigFile, said: Option<u64>) {
    match outcome {
        Err(Error::NewerState {
            folder,
            found,
            known,
            ..
        }) => {
            assert_eq!(folder, file.state_dir(), "{what}");
            assert_eq!((found, known), (said, 4), "{what}");
        }
        Err(error) => panic!("{what}: {error:?}"),
        Ok(_) => panic!("{what} was not refused"),
    }
}

fn every_write(file: &ConfigFile) -> Vec<(&'static str, Result<Receipt, Error>)> {
    let reading = file.read().expect("reading is allowed");
    let mut wanted = reading.document().expect("a document").clone();
    crate::support::assign(&mut wanted, "width", 7);
    let version = "1.0.0".parse().expect("a version");
    vec![
        ("edit", set(file, "width", 7)),
        ("edit to what is there", set(file, "width", 3)),
        ("commit", file.commit(&reading, &wanted, None)),
        ("undo", file.undo()),
        ("restore", file.restore("1")),
        ("restore latest", file.restore("latest")),
        ("restore what is not there", file.restore("77")),
        ("recover", file.recover(None)),
        ("recover to defaults", file.recover(Some(&wanted))),
        ("adopt", file.adopt()),
        ("migrate", file.migrate_to(&version)),
    ]
}

/// The file is read; all else is refused by name and leaves no trace.
#[track_caller]
fn check(name: &str, dir: &TempDir, file: &ConfigFile, said: Option<u64>) {
    let before = inventory(dir.path());
    let reading = file.read().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(reading.condition(), Condition::NewerState, "{name}");
    let document = reading.document().expect("a document");
    assert_eq!(document.bytes(), LAST.as_bytes(), "{name}");
    let info = file.info().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(info.condition, Ok(Condition::NewerState), "{name}");
    assert_eq!(info.state_dir.as_deref(), Some(file.state_dir()), "{name}");
    assert_eq!((info.changes, info.backups.count), (0, 0), "{name}");
    for (what, outcome) in every_write(file) {
        refused(&format!("{name}: {what}"), outcome, file, said);
    }
    refused("verify", file.verify(), file, said);
    refused("history", file.history(), file, said);
    refused("the last good", file.last_good(), file, said);
    let version = "1.0.0".parse().expect("a version");
    refused("a plan", file.plan_migration(&version), file, said);
    assert!(file.backups().list().is_err(), "{name}: not as if none");
    assert!(file.backup_info().is_err(), "{name}: not as if none");
    assert_eq!(inventory(dir.path()), before, "{name}");
}

#[test]
fn a_higher_number_and_what_is_no_number() {
    for (text, said) in [
        ("5\n", Some(5)),
        ("99\n", Some(99)),
        ("18446744073709551615\n", Some(u64::MAX)),
        ("0\n", Some(0)),
        ("3.1\n", None),
        ("two\n", None),
        ("two", None),
        ("2\nand more\n", None),
        ("\n", None),
        ("\0\0", None),
        ("\u{FEFF}2\n", None),
        (" 2\n", None),
        ("2 \n", None),
        ("2\r\n", None),
        ("18446744073709551616\n", None),
    ] {
        let (dir, file) = newer(|number| fs::write(number, text).unwrap());
        check(&format!("{text:?}"), &dir, &file, said);
    }
    let (dir, file) = newer(|number| fs::write(number, "2".repeat(1000)).unwrap());
    check("a long one", &dir, &file, None);
    let (dir, file) = newer(|number| fs::write(number, b"\xff\xfe2\n").unwrap());
    check("no text", &dir, &file, None);
    let (dir, file) = newer(|number| fs::create_dir(number).unwrap());
    check("a folder", &dir, &file, None);
}

#[cfg(unix)]
#[test]
fn a_link_or_a_fifo_in_the_place_of_the_number() {
    use std::os::unix::fs::symlink;
    let (dir, file) = newer(|number| {
        fs::write(number.with_file_name("other"), "2\n").unwrap();
        symlink("other", number).unwrap();
    });
    check("a link to a number", &dir, &file, None);
    let (dir, file) = newer(|number| symlink("nowhere", number).unwrap());
    check("a link that leads nowhere", &dir, &file, None);
    let (dir, file) = newer(|number| {
        let made = std::process::Command::new("mkfifo").arg(number).status();
        assert!(made.unwrap().success());
    });
    check("a FIFO", &dir, &file, None);
}

/// What a crash tore has no end. What it stands for is read like ours.
#[test]
fn a_torn_number_is_written_again() {
    for text in ["", "2", "1"] {
        let (_dir, file) = newer(|number| fs::write(number, text).unwrap());
        assert_eq!(file.read().unwrap().condition(), Condition::Clean);
        assert!(file.verify().unwrap().passed());
        file.undo().unwrap();
        let number = fs::read_to_string(file.state_dir().join("format")).unwrap();
        assert_eq!(number, "2\n");
    }
}

#[test]
fn wherever_the_state_folder_is() {
    let (dir, file) = with("app.toml", LAST);
    let state = dir.path().join("elsewhere");
    let file = open_with(file.path(), |o| o.state_dir = Some(state.clone()));
    set(&file, "width", 2).unwrap();
    file.undo().unwrap();
    fs::write(state.join("format"), "5\n").unwrap();
    check("elsewhere", &dir, &file, Some(5));
    // The folder beside the file, whose lock would be taken.
    fs::write(state.join("format"), "2\n").unwrap();
    let number = dir.path().join(".app.toml.persist/format");
    fs::write(&number, "5\n").unwrap();
    let before = inventory(dir.path());
    assert_eq!(file.read().unwrap().condition(), Condition::NewerState);
    for (what, outcome) in every_write(&file) {
        assert!(matches!(outcome, Err(Error::NewerState { .. })), "{what}");
    }
    assert_eq!(inventory(dir.path()), before);
    // One with nothing in it but the number; as another file's it could not be used anyway.
    let (dir, file) = with("app.toml", LAST);
    fs::create_dir(file.state_dir()).unwrap();
    fs::write(file.state_dir().join("format"), "5\n").unwrap();
    check("nothing but a number", &dir, &file, Some(5));
}

#[test]
fn a_missing_damaged_or_broken_file_is_left_to_the_newer_one() {
    let (dir, file) = newer(|number| fs::write(number, "5\n").unwrap());
    let defaults = Document::parse(b"width = 9\n", persist_core::Format::Toml).unwrap();
    let left_alone = || {
        let before = inventory(dir.path());
        refused("recover", file.recover(Some(&defaults)), &file, Some(5));
        refused("adopt", file.adopt(), &file, Some(5));
        refused("undo", file.undo(), &file, Some(5));
        refused("edit", set(&file, "width", 7), &file, Some(5));
        let info = file.info().map(|info| info.condition);
        assert_eq!(inventory(dir.path()), before);
        info.unwrap()
    };
    by_hand(file.path(), "width = = 2\n");
    assert_eq!(left_alone(), Ok(Condition::NewerState));
    fs::write(file.path(), [0; 40]).unwrap();
    assert!(left_alone().is_err());
    assert!(matches!(file.read(), Err(Error::Damaged { .. })));
    fs::remove_file(file.path()).unwrap();
    assert_eq!(left_alone(), Ok(Condition::Absent));
}

#[test]
fn a_store_reads_and_does_not_save() {
    let (dir, file) = newer(|number| fs::write(number, "5\n").unwrap());
    let before = inventory(dir.path());
    let store: Store<std::collections::BTreeMap<String, i64>> =
        Store::builder(file.path()).open().unwrap();
    let loaded = store.load().unwrap();
    assert_eq!(loaded.value()["width"], 3);
    let changed = store.update(|value| value.extend([("width".to_owned(), 4)]));
    refused("update", changed, &file, Some(5));
    let mut value = loaded.value().clone();
    value.insert("width".into(), 4);
    refused("save", store.save(&loaded, &value), &file, Some(5));
    refused("recover", store.recover(), &file, Some(5));
    refused("restore", store.restore("1"), &file, Some(5));
    refused("validate", store.validate(), &file, Some(5));
    assert_eq!(store.info().unwrap().condition, Ok(Condition::NewerState));
    assert_eq!(inventory(dir.path()), before);
}

#[test]
fn a_migration_that_is_due_waits_for_the_newer_one() {
    let (dir, file) = with("app.toml", "schema_version = \"1.0.0\"\n");
    let manifest = Manifest::parse(crate::migrate::MANIFEST).unwrap();
    let manifest = Arc::new(manifest);
    let file = open_with(file.path(), |o| *o = o.clone().with_manifest(manifest));
    let version = "1.2.0".parse().unwrap();
    let migration = file.plan_migration(&version).unwrap();
    set(&file, "theme", "dark").unwrap();
    file.undo().unwrap();
    fs::write(file.state_dir().join("format"), "5\n").unwrap();
    let before = inventory(dir.path());
    refused(
        "as planned",
        file.migrate_as_planned(&migration),
        &file,
        Some(5),
    );
    refused("a plan", file.plan_migration(&version), &file, Some(5));
    assert_eq!(inventory(dir.path()), before);
}

/// A newer persist takes the folder over while an older one, which has looked already, waits for the lock.
#[test]
fn what_came_while_the_lock_was_waited_for_counts() {
    for number in ["5\n", "later\n"] {
        let (dir, file) = saved(&[2, 3]);
        let target = Target::resolve(file.path()).unwrap();
        let lock = FileLock::open(&target, file.state_dir()).unwrap();
        let guard = lock.write(Wait::default()).unwrap();
        // Made anew after the first look and before the lock is taken: a sign of how far the other has come.
        let backups = file.state_dir().join("backups");
        let moved = dir.path().join("moved");
        fs::rename(&backups, &moved).unwrap();
        std::thread::scope(|threads| {
            let writer = threads.spawn(|| set(&open(file.path()), "width", 7));
            while !backups.exists() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            fs::write(file.state_dir().join("format"), number).unwrap();
            let mut before = inventory(dir.path());
            drop(guard);
            let outcome = writer.join().unwrap();
            refused(number, outcome, &file, number.trim().parse().ok());
            let mut after = inventory(dir.path());
            for pictured in [&mut before, &mut after] {
                pictured.remove(&file.state_dir().join("lock"));
                // Given its mode after it was made, before or after the first picture: of that alone this is no trace.
                let told = pictured.get_mut(&backups).expect("it was made");
                *told = but_for_the_change_of_its_mode(told);
            }
            assert_eq!(after, before);
        });
    }
}

fn but_for_the_change_of_its_mode(told: &str) -> String {
    let words = told.split(' ');
    let mut after = "";
    let kept = words.filter(|word| std::mem::replace(&mut after, word) != "changed");
    kept.collect::<Vec<_>>().join(" ")
}

/// Also where root could do as it likes.
#[cfg(unix)]
#[test]
fn it_stays_whose_it_is() {
    use std::os::unix::fs::chown;
    let (dir, file) = newer(|number| fs::write(number, "5\n").unwrap());
    let mut given = vec![dir.path().to_path_buf(), file.path().to_path_buf()];
    given.extend(inventory(file.state_dir()).into_keys());
    for path in given {
        if chown(path, Some(61_001), Some(61_001)).is_err() {
            println!("skipped: only root can give a folder away");
            return;
        }
    }
    check("of the owner of the file", &dir, &file, Some(5));
    fs::write(file.state_dir().join("format"), "2\n").unwrap();
    set(&file, "width", 4).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(file.state_dir()).unwrap());
    assert_eq!(owner, 61_001, "it stays theirs");
}
