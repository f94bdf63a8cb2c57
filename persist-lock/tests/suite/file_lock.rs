use std::time::Duration;

use persist_lock::{Error, FileLock, Wait};

use crate::child;

#[test]
fn readers_share_and_a_writer_is_alone() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let one = lock.read(Wait::No).unwrap();
    let two = lock.read(Wait::No).unwrap();
    assert!(matches!(lock.write(Wait::No), Err(Error::Timeout { .. })));
    drop((one, two));
    let writer = lock.write(Wait::No).unwrap();
    assert!(matches!(lock.write(Wait::No), Err(Error::Timeout { .. })));
    assert!(matches!(lock.read(Wait::No), Err(Error::Timeout { .. })));
    drop(writer);
    drop(lock.read(Wait::No).unwrap());
}

#[test]
fn another_process_is_kept_out_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let mut holder = child::spawn("hold", &path, &["20000"]);
    let lock = FileLock::beside(&path).unwrap();
    child::wait_for(&path.with_extension("held"));
    let error = lock
        .write(Wait::For(Duration::from_millis(50)))
        .unwrap_err();
    let Error::Timeout {
        holder: Some(found),
        waited,
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(found.pid, holder.id());
    assert!(found.since.is_some());
    assert!(*waited >= Duration::from_millis(50));
    // A killed holder's lock is free at once.
    holder.kill().unwrap();
    holder.wait().unwrap();
    drop(lock.write(Wait::For(Duration::from_secs(5))).unwrap());
}
