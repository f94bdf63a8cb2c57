//! Many processes at once. Small by default; `PERSIST_LOCK_STORM=1` runs the full proof (release build).

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use persist_lock::{FileLock, Wait};

use crate::child;

fn size(small: u64, full: u64) -> u64 {
    match std::env::var_os("PERSIST_LOCK_STORM") {
        Some(_) => full,
        None => small,
    }
}

fn is_full() -> bool {
    size(0, 1) == 1
}

#[test]
fn no_increment_is_lost() {
    let (processes, threads, rounds) = (size(4, 16), size(4, 8), size(10, 1000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("count");
    fs::write(&path, "0").unwrap();
    let start = Instant::now();
    let arguments = [threads.to_string(), rounds.to_string()];
    let children: Vec<Child> = (0..processes)
        .map(|_| child::spawn("increment", &path, &[&arguments[0], &arguments[1]]))
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let count: u64 = fs::read_to_string(&path).unwrap().parse().unwrap();
    eprintln!("{count} increments in {:.1?}", start.elapsed());
    assert_eq!(count, processes * threads * rounds);
}

/// A writer killed at any moment leaves the old content or the new, and the lock to the next.
#[test]
fn a_killed_writer_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    fs::write(&path, [b'0'; 8192]).unwrap();
    let lock = FileLock::beside(&path).unwrap();
    for round in 0..size(10, 500) {
        let mut writers = [
            child::spawn("crash", &path, &[]),
            child::spawn("crash", &path, &[]),
        ];
        // The moment differs from round to round; starting up takes some milliseconds.
        thread::sleep(Duration::from_micros(3_000 + round * 7_919 % 20_000));
        for writer in &mut writers {
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
        check_whole(&path);
        let guard = lock.write(Wait::For(Duration::from_secs(5))).unwrap();
        check_whole(&path);
        assert!(guard.leftovers().unwrap().len() <= 1);
        let staged = guard.stage(&[b'9'; 8192]).unwrap();
        staged.commit().unwrap().discard().unwrap();
        assert!(guard.leftovers().unwrap().is_empty());
    }
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2, "the file and its state folder, nothing stray");
}

fn check_whole(path: &Path) {
    let page = fs::read(path).unwrap();
    assert!(page.len() == 8192 && page.iter().all(|byte| *byte == page[0]));
}

/// Readers whose turns overlap without a gap must not keep a writer out, nor writers readers.
#[test]
fn nobody_starves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    // Eight readers of one process, whose turns overlap without a gap, two processes of one, and two
    // threads beside the writer.
    let children = ["8", "1", "1"].map(|threads| child::spawn("read", &path, &[threads, "2000"]));
    let waits = thread::scope(|scope| {
        scope.spawn(|| child::read_until_stopped(&path, 2, 2000));
        let _stop = Stop(path.with_extension("stop"));
        writer_waits(&lock, size(40, 2000))
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let percentile = |part: usize| waits[(waits.len() - 1) * part / 100];
    eprintln!(
        "writer waits with 12 churning readers: p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
        percentile(50),
        percentile(99),
        percentile(100)
    );
    // Without the gate it is a second. The small run is a debug build beside other tests, on a machine that does other things.
    let (part, limit) = if is_full() { (99, 50) } else { (50, 250) };
    assert!(percentile(part) < Duration::from_millis(limit));
}

/// Ends the readers, also if the writer gives up.
struct Stop(std::path::PathBuf);

impl Drop for Stop {
    fn drop(&mut self) {
        drop(fs::write(&self.0, ""));
    }
}

fn writer_waits(lock: &FileLock, rounds: u64) -> Vec<Duration> {
    let mut waits: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let guard = lock.write(Wait::For(Duration::from_secs(5))).unwrap();
            let waited = start.elapsed();
            drop(guard);
            thread::sleep(Duration::from_millis(1));
            waited
        })
        .collect();
    waits.sort();
    waits
}

/// A chain of writers that never leaves the lock free must let a reader in.
#[test]
fn readers_do_not_starve_behind_writers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("count");
    fs::write(&path, "0").unwrap();
    let mut writers: Vec<Child> = (0..4).map(|_| child::spawn("crash", &path, &[])).collect();
    let lock = FileLock::beside(&path).unwrap();
    for _ in 0..size(20, 500) {
        drop(lock.read(Wait::For(Duration::from_secs(10))).unwrap());
    }
    for writer in &mut writers {
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
}
