use std::fs;

use persist_lock::{CommitError, Error, FileLock, How, Wait};

#[test]
fn the_previous_version_becomes_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let mut staged = guard.stage(b"new").unwrap();
    let mut seen = Vec::new();
    staged
        .check(|stage| {
            seen = fs::read(stage)?;
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, b"new");
    staged.sync().unwrap();
    let displaced = staged.commit().unwrap();
    assert_eq!(displaced.read().unwrap().unwrap(), b"old");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let backup = lock.state_dir().join("backup");
    displaced.keep_as(&backup).unwrap();
    assert_eq!(fs::read(&backup).unwrap(), b"old");
    assert!(guard.leftovers().unwrap().is_empty());
}

#[test]
fn a_first_creation_displaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let displaced = guard.stage(b"new").unwrap().commit().unwrap();
    assert_eq!((displaced.path(), displaced.how()), (None, How::Created));
    displaced.discard().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn of_two_first_creations_one_wins_and_the_other_keeps_its_stage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"mine").unwrap();
    fs::write(&path, "theirs").unwrap();
    let Err(CommitError::NotReplaced { staged, source }) = staged.commit() else {
        panic!("the other's file was taken");
    };
    assert!(matches!(source, Error::Changed { .. }));
    assert_eq!(fs::read(staged.path()).unwrap(), b"mine");
    drop(staged);
    assert!(guard.leftovers().unwrap().is_empty());
    assert_eq!(fs::read(&path).unwrap(), b"theirs");
}

#[test]
fn a_dropped_stage_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    drop(guard.stage(b"new").unwrap());
    assert!(guard.leftovers().unwrap().is_empty());
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_guard_has_one_stage_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let first = guard.stage(b"1").unwrap();
    assert!(guard.stage(b"2").is_err());
    drop(first);
    drop(guard.stage(b"2").unwrap());
}
