//! Files that no other file can take the place of, written into themselves because that was allowed.

use std::fs;
use std::os::unix::fs::MetadataExt;

use persist_core::lock::{self, HardLinks};
use persist_core::{Condition, ConfigFile, Error};

use crate::support::{folder, open, open_with, set, text};

/// A file with two names, which both are to show what is saved.
fn with_two_names() -> (tempfile::TempDir, ConfigFile) {
    let dir = folder();
    let path = dir.path().join("app.toml");
    fs::write(&path, "width = 1\nheight = 2\n").expect("write");
    fs::hard_link(&path, dir.path().join("other.toml")).expect("link");
    let allow = lock::Options::new()
        .in_place(true)
        .hard_links(HardLinks::Follow);
    let file = open_with(&path, |options| options.allow = allow);
    (dir, file)
}

#[test]
fn saved_undone_and_verified_as_any_other_file() {
    let (dir, file) = with_two_names();
    set(&file, "width", 1280).unwrap();
    let other = dir.path().join("other.toml");
    assert_eq!(
        fs::read_to_string(&other).unwrap(),
        "width = 1280\nheight = 2\n"
    );
    set(&file, "height", 720).unwrap();
    assert_eq!(file.read().unwrap().condition(), Condition::Clean);
    assert!(file.verify().unwrap().passed());
    file.undo().unwrap();
    file.undo().unwrap();
    assert_eq!(
        fs::read_to_string(&other).unwrap(),
        "width = 1\nheight = 2\n"
    );
    assert_eq!(fs::metadata(&other).unwrap().nlink(), 2);
}

/// What a power cut leaves in the middle of a write in place: some of the new bytes, and both versions beside it.
#[test]
fn a_torn_write_is_finished_by_the_next_writer() {
    let (_dir, file) = with_two_names();
    set(&file, "width", 1280).unwrap();
    let state = file.state_dir();
    let before = text(&file);
    let after = before.replace("1280", "1920");
    let certified = format!(
        "persist-redo {}\n{after}",
        persist_core::digest(after.as_bytes())
    );
    fs::write(state.join("redo"), certified).unwrap();
    fs::write(state.join("old"), &before).unwrap();
    fs::write(file.path(), &after[..after.len() - 5]).unwrap();
    set(&file, "height", 720).unwrap();
    assert_eq!(text(&file), "width = 1920\nheight = 720\n");
}

#[test]
fn readers_wait_for_a_write_in_place() {
    let (_dir, file) = with_two_names();
    set(&file, "width", 1280).unwrap();
    let whole = fs::read(file.path()).unwrap();
    let guard = lock::FileLock::open(
        &lock::Target::resolve(file.path()).unwrap(),
        file.state_dir(),
    )
    .unwrap()
    .write(lock::Wait::default())
    .unwrap();
    fs::write(file.path(), &whole[..9]).unwrap();
    std::thread::scope(|threads| {
        let reader = threads.spawn(|| file.read());
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::write(file.path(), &whole).unwrap();
        drop(guard);
        let reading = reader.join().unwrap().unwrap();
        assert_eq!(reading.condition(), Condition::Clean);
    });
    // Who was not told of writing in place takes what is there for damage.
    fs::write(file.path(), &whole[..9]).unwrap();
    let error = open(file.path()).read().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}
