//! Real processes: this test binary starts itself again with a role to play.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use persist_lock::{FileLock, Wait};

const ROLE: &str = "PERSIST_LOCK_ROLE";

/// Starts a child that plays `role` on `path` with `arguments`.
pub(crate) fn spawn(role: &str, path: &Path, arguments: &[&str]) -> Child {
    command(role, path, arguments)
        .spawn()
        .expect("start the test binary again")
}

pub(crate) fn command(role: &str, path: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["child_role", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env("PERSIST_LOCK_PATH", path)
        .env("PERSIST_LOCK_ARGUMENTS", arguments.join(" "))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

pub(crate) fn run_role() {
    let Ok(role) = env::var(ROLE) else {
        return;
    };
    let path = env::var_os("PERSIST_LOCK_PATH").unwrap();
    let arguments = env::var("PERSIST_LOCK_ARGUMENTS").unwrap();
    let numbers: Vec<u64> = arguments
        .split(' ')
        .filter_map(|n| n.parse().ok())
        .collect();
    let path = Path::new(&path);
    match role.as_str() {
        "increment" => increment(path, numbers[0], numbers[1]),
        "hold" => hold(path, numbers[0]),
        other => panic!("no such role: {other}"),
    }
}

/// Adds 1 to the number in the file, `rounds` times on each of `threads` threads.
pub(crate) fn increment(path: &Path, threads: u64, rounds: u64) {
    let lock = FileLock::beside(path).unwrap();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..rounds {
                    let guard = lock.write(Wait::For(Duration::from_secs(600))).unwrap();
                    let text = fs::read_to_string(path).unwrap();
                    let next = text.trim().parse::<u64>().unwrap() + 1;
                    let staged = guard.stage(next.to_string().as_bytes()).unwrap();
                    staged.commit().unwrap().discard().unwrap();
                }
            });
        }
    });
}

/// Holds the lock alone and says so by a file `held` beside it.
fn hold(path: &Path, milliseconds: u64) {
    let lock = FileLock::beside(path).unwrap();
    let guard = lock.write(Wait::default()).unwrap();
    fs::write(path.with_extension("held"), "").unwrap();
    thread::sleep(Duration::from_millis(milliseconds));
    drop(guard);
}
