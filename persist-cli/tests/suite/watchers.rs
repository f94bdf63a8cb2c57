//! What those are told who watch a file: at the end of every change, that it is there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::support::{Sandbox, own};

/// Every kind of change to one file, with what is done to it before by hand.
const CHANGES: [(&str, &[&str]); 9] = [
    ("", &["set", "app.toml", "theme=light", "window.width=1280"]),
    ("", &["unset", "app.toml", "theme"]),
    ("", &["undo", "app.toml"]),
    ("", &["restore", "app.toml", "1"]),
    ("cut", &["recover", "app.toml"]),
    ("", &["migrate", "down", "app.toml"]),
    ("", &["migrate", "to", "app.toml"]),
    ("edited", &["set", "app.toml", "window.width=1400"]),
    ("edited", &["adopt", "app.toml"]),
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with("app.toml", own("examples/app.toml"));
    sandbox.write("config_versions.json", own("config_versions.json"));
    sandbox
}

/// As a person or a crash would, into the file itself.
fn by_hand(sandbox: &Sandbox, what: &str) {
    let path = sandbox.path("app.toml");
    match what {
        "cut" => {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        }
        "edited" => {
            fs::write(path, sandbox.text("app.toml") + "# by hand\n").unwrap();
        }
        _ => {}
    }
}

/// What the kernel tells of one name in a folder, or of one file wherever it goes.
struct Watch {
    queue: OwnedFd,
    name: Option<&'static str>,
}

const WORDS: [(ReadFlags, &str); 7] = [
    (ReadFlags::CREATE, "created"),
    (ReadFlags::MOVED_TO, "moved to"),
    (ReadFlags::CLOSE_WRITE, "written"),
    (ReadFlags::MOVED_FROM, "moved from"),
    (ReadFlags::DELETE, "deleted"),
    (ReadFlags::MOVE_SELF, "moved itself"),
    (ReadFlags::DELETE_SELF, "deleted itself"),
];

/// After these the name is there.
const THERE: [&str; 3] = ["created", "moved to", "written"];

impl Watch {
    fn on(path: &Path, name: Option<&'static str>) -> Watch {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        let in_folder = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::CLOSE_WRITE;
        let of_itself = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::CLOSE_WRITE;
        inotify::add_watch(&queue, path, in_folder | of_itself).unwrap();
        Watch { queue, name }
    }

    /// What happened since it was asked last. It is all there once the process that did it has ended.
    fn told(&self) -> Vec<&'static str> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.queue, &mut buffer);
        let mut told = Vec::new();
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return told,
                Err(error) => panic!("{error}"),
            };
            let of = event.file_name().map(|name| name.to_str().unwrap());
            if of == self.name {
                let happened = event.events();
                let words = WORDS.iter().filter(|(flag, _)| happened.contains(*flag));
                told.extend(words.map(|(_, word)| word));
            }
        }
    }
}

#[test]
fn the_last_word_on_the_name_is_that_it_is_there() {
    let sandbox = sandbox();
    let folder = Watch::on(&sandbox.path(""), Some("app.toml"));
    for (before, command) in CHANGES {
        by_hand(&sandbox, before);
        folder.told();
        let file = Watch::on(&sandbox.path("app.toml"), None);
        sandbox.ok(command);
        let (name, itself) = (folder.told(), file.told());
        if command[0] == "adopt" {
            assert_eq!((name, itself), (vec![], vec![]), "nothing was written");
            continue;
        }
        // Where files can't be exchanged, another takes the name at once.
        let exchanged = ["moved from", "moved to"];
        let replaced = ["moved to"];
        assert!(
            name == exchanged || name == replaced,
            "{command:?}: {name:?}"
        );
        // It goes its own way, and is not deleted: many wait for that.
        let moved: &[_] = if name == exchanged {
            &["moved itself"]
        } else {
            &[]
        };
        assert_eq!(itself, moved, "{command:?}");
    }
}

#[test]
fn of_a_new_file_nothing_is_told_but_that_it_is_there() {
    let sandbox = sandbox();
    for (name, command) in [
        ("new.toml", &["set", "new.toml", "a=1"][..]),
        ("new.json", &["convert", "app.toml", "-o", "new.json"]),
    ] {
        let folder = Watch::on(&sandbox.path(""), Some(name));
        sandbox.ok(command);
        let told = folder.told();
        let bad = told.iter().find(|word| !THERE.contains(word));
        assert!(bad.is_none() && !told.is_empty(), "{name}: {told:?}");
    }
}

#[test]
fn a_write_in_place_moves_nothing() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    fs::hard_link(sandbox.path("app.toml"), sandbox.path("other.toml")).unwrap();
    let folder = Watch::on(&sandbox.path(""), Some("app.toml"));
    let file = Watch::on(&sandbox.path("app.toml"), None);
    sandbox.ok(&["--in-place", "set", "app.toml", "a=2"]);
    assert_eq!(
        (folder.told(), file.told()),
        (vec!["written"], vec!["written"])
    );
}

/// Prints what happens to the file named first, and the marks in its folder. Of what is told at once the order is not known.
const WATCHFILES: &str = r#"
import os, sys, watchfiles
live = sys.argv[1]
for changes in watchfiles.watch(os.path.dirname(live), watch_filter=None, recursive=False, step=5, debounce=20):
    words = sorted({c.raw_str() for c, path in changes if path == live})
    marks = sorted({os.path.basename(path) for _, path in changes if "mark-" in path})
    for line in ([" ".join(words)] if words else []) + marks:
        print(line, flush=True)
"#;

/// The same, one by one.
const WATCHDOG: &str = r#"
import os, sys, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer
live = sys.argv[1]
class Told(FileSystemEventHandler):
    def on_any_event(self, event):
        if event.event_type in ("opened", "closed_no_write"):
            return
        path = getattr(event, "dest_path", "") or event.src_path
        if path == live:
            print(event.event_type, flush=True)
        elif "mark-" in path:
            print(os.path.basename(path), flush=True)
observer = Observer()
observer.schedule(Told(), os.path.dirname(live))
observer.start()
observer.join()
"#;

/// A watcher that people use, running.
struct Watcher {
    child: Child,
    lines: Receiver<String>,
    live: PathBuf,
    marks: u32,
}

impl Watcher {
    /// `None`, and it says so, where Python or the package is missing.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn start(package: &str, script: &str, live: PathBuf) -> Option<Watcher> {
        let python = |script: &str| {
            let mut command = Command::new("python3");
            command.args(["-c", script]).stdin(Stdio::null());
            command
        };
        let found = python(&format!("import {package}")).output();
        if !found.is_ok_and(|output| output.status.success()) {
            println!("SKIPPED: python3 has no {package} (pip install {package})");
            return None;
        }
        let mut command = python(script);
        let mut child = command.arg(&live).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut watcher = Watcher {
            child,
            lines,
            live,
            marks: 0,
        };
        watcher.told(); // it is at work
        Some(watcher)
    }

    /// What it told of the file since it was asked last: up to a mark that is set now, and told of later than all before.
    fn told(&mut self) -> Vec<String> {
        let (mut told, start) = (Vec::new(), Instant::now());
        loop {
            self.marks += 1;
            let mark = format!("mark-{}", self.marks);
            fs::write(self.live.with_file_name(&mark), "").unwrap();
            loop {
                match self.lines.recv_timeout(Duration::from_secs(3)) {
                    Ok(line) if line == mark => return told,
                    Ok(line) if line.starts_with("mark-") => {}
                    Ok(line) => told.push(line),
                    // It was not at work yet: once more.
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => panic!("the watcher has ended"),
                }
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{mark} is not seen"
            );
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Makes every change; each time the watcher has to end with one of these words.
fn watched_by(package: &str, script: &str, there: &[&str]) {
    let sandbox = sandbox();
    // As the kernel spells it.
    let live = fs::canonicalize(sandbox.path("app.toml")).unwrap();
    let Some(mut watcher) = Watcher::start(package, script, live) else {
        return;
    };
    for (before, command) in CHANGES {
        by_hand(&sandbox, before);
        watcher.told();
        sandbox.ok(command);
        let told = watcher.told();
        if command[0] == "adopt" {
            assert_eq!(told, Vec::<String>::new(), "nothing was written");
            continue;
        }
        let last = told.last().expect("it is told of");
        let is_there = last.split(' ').any(|word| there.contains(&word));
        assert!(is_there, "{command:?}: {told:?}");
    }
}

#[test]
fn watchfiles_ends_with_a_file_that_is_there() {
    watched_by("watchfiles", WATCHFILES, &["added", "modified"]);
}

#[test]
fn watchdog_ends_with_a_file_that_is_there() {
    let there = ["created", "modified", "closed"];
    watched_by("watchdog", WATCHDOG, &there);
}
