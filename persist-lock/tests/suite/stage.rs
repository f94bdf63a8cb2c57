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
    assert_eq!(displaced.read(1000).unwrap().unwrap(), b"old");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let backup = lock.state_dir().join("backup");
    displaced.keep_as(lock.state(), "backup").unwrap();
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

#[test]
fn the_live_file_is_read_without_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    assert_eq!(lock.read_live(1000).unwrap(), None);
    let displaced = guard.stage(b"1").unwrap().commit().unwrap();
    assert_eq!(lock.read_live(1000).unwrap().unwrap(), b"1");
    displaced.discard().unwrap();
}

#[test]
fn what_a_dead_writer_left_is_found_and_can_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    // As if the process had died between the commit and the backup's name.
    drop(guard.stage(b"new").unwrap().commit().unwrap());
    drop(guard);
    let guard = lock.write(Wait::No).unwrap();
    let mut left = guard.leftovers().unwrap();
    assert_eq!(left.len(), 1);
    let old = left.remove(0);
    assert_eq!(old.how(), How::Leftover);
    assert_eq!(old.read(1000).unwrap().unwrap(), b"old");
    old.keep_as(lock.state(), "backup").unwrap();
    assert_eq!(fs::read(lock.state_dir().join("backup")).unwrap(), b"old");
}

#[test]
fn a_leftover_that_is_not_ours_is_never_removed() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let stage = lock.state_dir().join("stage");
    fs::create_dir(&stage).unwrap();
    fs::write(stage.join("precious"), "").unwrap();
    let guard = lock.write(Wait::No).unwrap();
    assert!(matches!(guard.leftovers(), Err(Error::NotRegular { .. })));
    assert!(matches!(guard.stage(b"new"), Err(Error::NotRegular { .. })));
    assert!(stage.join("precious").exists());
}

#[test]
fn a_backup_name_in_use_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let backup = lock.state_dir().join("backup");
    fs::write(&backup, "older").unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let error = guard
        .stage(b"new")
        .unwrap()
        .commit()
        .unwrap()
        .keep_as(lock.state(), "backup")
        .unwrap_err();
    let Error::BackupNotNamed { kept, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(error.is_in_place());
    assert_eq!(fs::read(kept).unwrap(), b"old");
    assert_eq!(fs::read(&backup).unwrap(), b"older");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[cfg(target_os = "linux")]
#[test]
fn a_state_folder_on_another_file_system_gets_copies() {
    let folder = tempfile::tempdir().unwrap();
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("SKIPPED: no /dev/shm here");
        return;
    };
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let target = persist_lock::Target::resolve(&path).unwrap();
    let lock = FileLock::open(&target, memory.path()).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    assert_eq!(
        staged.path().parent(),
        Some(target.folder()),
        "beside the live file"
    );
    let displaced = staged.commit().unwrap();
    assert_eq!(displaced.how(), How::Exchange);
    let backup = memory.path().join("backup");
    displaced.keep_as(lock.state(), "backup").unwrap();
    assert_eq!(fs::read(backup).unwrap(), b"old");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let mut beside: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
    beside.retain(|entry| entry.path() != path);
    assert_eq!(beside.len(), 1, "nothing stays beside it but the lock");
    let locks = fs::read_dir(beside[0].path()).unwrap().flatten();
    let locks: Vec<_> = locks.map(|entry| entry.file_name()).collect();
    assert_eq!(locks, ["lock"]);
}
