//! One descriptor per lock file and process, and what happens when somebody meddles.

use std::fs;
use std::path::Path;

use fork::Fork;
use persist_lock::{Error, FileLock, Wait};

use crate::child::{self, wait_for};

#[test]
fn a_deleted_lock_file_is_noticed_before_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    fs::remove_file(lock.state_dir().join("lock")).unwrap();
    // Somebody else now locks another file and believes to be alone.
    let other = FileLock::beside(&path).unwrap();
    let theirs = other.write(Wait::No).unwrap();
    let error = Error::from(staged.commit().unwrap_err());
    assert!(matches!(error, Error::Lost { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    drop((theirs, guard));
    drop(lock.write(Wait::No).unwrap());
}

/// POSIX drops a process's locks when it closes *any* descriptor of the file.
#[test]
fn a_lock_dropped_behind_our_back_is_noticed_before_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    drop(fs::read(lock.state_dir().join("lock")).unwrap());
    // Nobody used the gap: the lock is simply taken again, and keeps others out again.
    guard.verify().unwrap();
    let mut other = child::spawn("hold", &path, &["1"]);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!path.with_extension("held").exists());
    drop(fs::read(lock.state_dir().join("lock")).unwrap());
    wait_for(&path.with_extension("held"));
    other.wait().unwrap();
    // Somebody was writer in between, though the lock is free again.
    let error = guard.stage(b"new").unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn opening_and_dropping_more_locks_of_the_same_file_drops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    for _ in 0..3 {
        let again = FileLock::beside(&path).unwrap();
        assert!(again.write(Wait::No).is_err());
    }
    let mut other = child::spawn("hold", &path, &["1"]);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(
        !path.with_extension("held").exists(),
        "the lock was dropped"
    );
    drop(guard);
    wait_for(&path.with_extension("held"));
    other.wait().unwrap();
}

/// In a process of its own: what other threads hold at a fork is held for ever in the child.
#[test]
fn a_guard_is_not_inherited_over_fork() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    assert_eq!(child::outcome(&[], "fork", &path, &[]), "kept");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

pub(crate) fn fork_with_a_guard(path: &Path) -> String {
    let lock = FileLock::beside(path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let mut staged = Some(guard.stage(b"new").unwrap());
    in_child(|| {
        let commit = staged.take().unwrap().commit().map_err(Error::from);
        matches!(commit, Err(Error::NotInherited { .. }))
            && matches!(guard.stage(b"child"), Err(Error::NotInherited { .. }))
            && matches!(lock.write(Wait::No), Err(Error::Timeout { .. }))
    });
    // The child dropped its copy of the stage; the file is the parent's all the same.
    let staged = staged.unwrap();
    assert_eq!(fs::read(staged.path()).unwrap(), b"new");
    staged.commit().unwrap().discard().unwrap();
    let mut guard = Some(guard);
    in_child(|| {
        drop(guard.take());
        true
    });
    guard.unwrap().verify().unwrap();
    "kept".to_owned()
}

/// Runs `check` in a forked child and passes on whether it held.
fn in_child(check: impl FnOnce() -> bool) {
    match fork::fork().unwrap() {
        Fork::Child => std::process::exit(if check() { 7 } else { 1 }),
        Fork::Parent(child) => {
            let status = fork::waitpid(child).unwrap();
            assert_eq!(status >> 8, 7, "status {status:#x}");
        }
    }
}

/// Whoever waits for a lock file that is deleted meanwhile must not go on with the old one.
#[test]
fn a_waiter_notices_that_the_lock_file_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let first = lock.write(Wait::No).unwrap();
    let mut waiter = child::spawn("hold", &path, &["1"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    fs::remove_file(lock.state_dir().join("lock")).unwrap();
    let second = lock.write(Wait::No).unwrap();
    drop(first);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let held = path.with_extension("held");
    assert!(
        !held.exists(),
        "two writers at once, each with a lock file of its own"
    );
    drop(second);
    wait_for(&held);
    waiter.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn without_locks_the_caller_must_choose() {
    if !child::can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let wrapper = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "inject=fcntl:error=ENOLCK",
    ];
    let said = child::outcome(&wrapper, "save", &path, &[]);
    assert!(said.starts_with("Unsupported"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(
        child::outcome(&wrapper, "save", &path, &["unlocked"]),
        "Exchange"
    );
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

/// Who comes by the name of the state folder then locks another file.
#[test]
fn a_lock_whose_folder_was_moved_away_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    fs::rename(lock.state_dir(), folder.path().join("moved")).unwrap();
    assert!(matches!(guard.verify(), Err(Error::Lost { .. })));
    assert!(staged.commit().is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    drop(FileLock::beside(&path).unwrap().write(Wait::No).unwrap());
}
