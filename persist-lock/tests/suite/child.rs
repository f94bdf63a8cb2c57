//! Real processes: this test binary starts itself again with a role to play.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use persist_lock::{Error, FileLock, HardLinks, Options, Target, Wait, state_dir_for};

const ROLE: &str = "PERSIST_LOCK_ROLE";
const RESULT: &str = "RESULT ";

/// Starts a child that plays `role` on `path` with `arguments`.
pub(crate) fn spawn(role: &str, path: &Path, arguments: &[&str]) -> Child {
    command(&[], role, path, arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("start the test binary again")
}

/// Plays `role` under the command `wrapper` (`strace …`, `setpriv …`) and returns what it says.
#[cfg(unix)]
pub(crate) fn outcome(wrapper: &[&str], role: &str, path: &Path, arguments: &[&str]) -> String {
    let output = command(wrapper, role, path, arguments)
        .output()
        .expect("start the test binary again");
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().find_map(|line| line.split_once(RESULT)) {
        Some((_, result)) => result.to_owned(),
        None => panic!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Can `program` be run here as root? Says so when not.
#[cfg(unix)]
pub(crate) fn can_run(program: &str, arguments: &[&str]) -> bool {
    let can = Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success());
    if !can {
        eprintln!(
            "SKIPPED: {program} {} does not work here",
            arguments.join(" ")
        );
    }
    can
}

pub(crate) fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{path:?} never came"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

fn command(wrapper: &[&str], role: &str, path: &Path, arguments: &[&str]) -> Command {
    let exe = env::current_exe().unwrap();
    let mut command = match wrapper.split_first() {
        None => Command::new(&exe),
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(&exe);
            command
        }
    };
    command
        .args(["child_role", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env("PERSIST_LOCK_PATH", path)
        .env("PERSIST_LOCK_ARGUMENTS", arguments.join(" "))
        .stdin(Stdio::null());
    command
}

pub(crate) fn run_role() {
    let Ok(role) = env::var(ROLE) else {
        return;
    };
    let path = env::var_os("PERSIST_LOCK_PATH").unwrap();
    let path = Path::new(&path);
    let text = env::var("PERSIST_LOCK_ARGUMENTS").unwrap();
    let arguments: Vec<&str> = text.split(' ').collect();
    let number = |at: usize| arguments[at].parse::<u64>().unwrap();
    match role.as_str() {
        "increment" => increment(path, number(0), number(1)),
        "hold" => hold(path, number(0)),
        "read" => read_until_stopped(path, number(0), number(1)),
        "save" => report(&match save(path, &arguments) {
            Ok(how) => how,
            Err(error) => format!("{error:?} | {error}"),
        }),
        "sync-twice" => report(&sync_twice(path)),
        #[cfg(unix)]
        "fork" => report(&crate::registry::fork_with_a_guard(path)),
        "crash" => save_for_ever(path),
        other => panic!("no such role: {other}"),
    }
}

/// For `outcome` to find among what the test harness prints.
fn report(result: &str) {
    println!("\n{RESULT}{result}");
}

/// One save of "new", the previous version kept as `backup` in the state folder.
fn save(path: &Path, arguments: &[&str]) -> Result<String, Error> {
    let mut options = Options::new();
    for argument in arguments {
        options = match *argument {
            "in-place" => options.in_place(true),
            "unlocked" => options.unlocked(true),
            "follow" => options.hard_links(HardLinks::Follow),
            "part" => options.hard_links(HardLinks::Part),
            _ => options,
        };
    }
    let target = Target::resolve(path)?;
    let lock = FileLock::open_with(&target, &state_dir_for(target.path()), options)?;
    let guard = lock.write(Wait::default())?;
    let displaced = guard.stage(b"new")?.commit()?;
    let how = format!("{:?}", displaced.how());
    displaced.keep_as(lock.state(), "backup")?;
    Ok(how)
}

/// Goes on after a sync that failed, as no caller should.
fn sync_twice(path: &Path) -> String {
    let lock = FileLock::beside(path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let mut staged = guard.stage(b"new").unwrap();
    let (first, second) = (staged.sync(), staged.sync());
    let commit = staged.commit().map(drop).map_err(Error::from);
    format!("{first:?} {second:?} {commit:?}")
}

/// Adds 1 to the number in the file, `rounds` times on each of `threads` threads.
fn increment(path: &Path, threads: u64, rounds: u64) {
    let lock = FileLock::beside(path).unwrap();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..rounds {
                    add_one(&lock, path);
                }
            });
        }
    });
}

fn add_one(lock: &FileLock, path: &Path) {
    let guard = lock.write(Wait::For(Duration::from_secs(600))).unwrap();
    let text = fs::read_to_string(path).unwrap();
    let next = text.trim().parse::<u64>().unwrap() + 1;
    let staged = guard.stage(next.to_string().as_bytes()).unwrap();
    staged.commit().unwrap().discard().unwrap();
}

/// Holds the lock alone and says so by a file `held` beside it.
fn hold(path: &Path, milliseconds: u64) {
    let lock = FileLock::beside(path).unwrap();
    let guard = lock.write(Wait::default()).unwrap();
    fs::write(path.with_extension("held"), "").unwrap();
    thread::sleep(Duration::from_millis(milliseconds));
    drop(guard);
}

/// Takes and gives back the read lock on each of `threads` threads, held for a moment each time,
/// until a file `stop` appears.
pub(crate) fn read_until_stopped(path: &Path, threads: u64, microseconds: u64) {
    let lock = FileLock::beside(path).unwrap();
    let stop = path.with_extension("stop");
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.exists() {
                    let guard = lock.read(Wait::For(Duration::from_secs(60))).unwrap();
                    thread::sleep(Duration::from_micros(microseconds));
                    drop(guard);
                }
            });
        }
    });
}

/// Saves pages of one repeated digit, until killed.
fn save_for_ever(path: &Path) {
    let lock = FileLock::beside(path).unwrap();
    for round in 0u64.. {
        let guard = lock.write(Wait::For(Duration::from_secs(60))).unwrap();
        let digit = b'0' + u8::try_from(round % 10).unwrap();
        let staged = guard.stage(&[digit; 8192]).unwrap();
        let displaced = staged.commit().unwrap();
        displaced.discard().unwrap();
    }
}
