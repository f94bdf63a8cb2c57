use std::thread;
use std::time::{Duration, Instant};

use persist_lock::{Error, FileLock, Target, Wait};

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

/// However many state folders it was given.
#[test]
fn one_file_has_one_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let target = Target::resolve(&path).unwrap();
    let lock = |state: &str| FileLock::open(&target, &folder.path().join(state)).unwrap();
    let locks = [FileLock::beside(&path).unwrap(), lock("a"), lock("b")];
    for (number, lock) in locks.iter().enumerate() {
        let held = lock.write(Wait::No).unwrap();
        for other in &locks {
            assert!(other.write(Wait::No).is_err(), "{number}");
            assert!(other.read(Wait::No).is_err(), "{number}");
        }
        held.verify().unwrap();
        drop(held);
        // Who was refused holds nothing.
        let shared = [&locks[0], &locks[1], &locks[2]].map(|lock| lock.read(Wait::No).unwrap());
        drop(shared);
    }
    // As by way of the folder beside the file, also by another path.
    let same = lock("a/../.app.toml.persist");
    drop(same.write(Wait::No).unwrap());
}

#[test]
fn no_update_is_lost_between_two_state_folders() {
    const EACH: usize = 50;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    std::fs::write(&path, "").unwrap();
    let target = Target::resolve(&path).unwrap();
    thread::scope(|threads| {
        for state in ["a", "b", "a", "b"] {
            let lock = FileLock::open(&target, &folder.path().join(state)).unwrap();
            threads.spawn(move || {
                for _ in 0..EACH {
                    let guard = lock.write(Wait::default()).unwrap();
                    let mut bytes = lock.read_live(1000).unwrap().unwrap();
                    bytes.extend(b".");
                    let staged = guard.stage(&bytes).unwrap();
                    staged.commit().unwrap().discard().unwrap();
                }
            });
        }
    });
    assert_eq!(std::fs::read(&path).unwrap().len(), 4 * EACH);
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

#[test]
fn waits_of_every_length_end() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let past = Instant::now();
    // Free: one try is enough, however long or short the wait.
    for wait in [
        Wait::No,
        Wait::Until(past),
        Wait::For(Duration::ZERO),
        Wait::For(Duration::MAX),
    ] {
        drop(lock.write(wait).unwrap());
    }
    let guard = lock.read(Wait::No).unwrap();
    for (wait, at_least) in [
        (Wait::Until(past), Duration::ZERO),
        (
            Wait::For(Duration::from_millis(30)),
            Duration::from_millis(30),
        ),
    ] {
        let Err(Error::Timeout { waited, .. }) = lock.write(wait) else {
            panic!("a writer beside a reader");
        };
        assert!(waited >= at_least);
    }
    drop(guard);
}

/// Who comes first is served first: a writer that waits keeps later readers of its process back.
#[test]
fn threads_are_served_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let reader = lock.read(Wait::No).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| lock.write(Wait::default()).map(drop));
        // Once the writer waits, nobody slips in beside the reader.
        let start = Instant::now();
        while lock.read(Wait::No).is_ok() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "readers pass a waiting writer"
            );
            thread::yield_now();
        }
        drop(reader);
        writer.join().unwrap().unwrap();
    });
    drop(lock.read(Wait::No).unwrap());
}
