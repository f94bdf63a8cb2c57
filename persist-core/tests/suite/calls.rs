//! How often the system is asked: calls, syncs and bytes written of one operation on a store that is open.
//!
//! A process of its own does it under strace, between two marks.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use persist_core::ConfigFile;

use crate::support::{folder, open, set};

const WHAT: &str = "PERSIST_TEST_CALLS_WHAT";
const FILE: &str = "PERSIST_TEST_CALLS_FILE";

/// A file of two kilobytes that was saved more often than there are backups.
fn saved(path: &Path) -> ConfigFile {
    let mut text = String::from("# settings\nwidth = 0\n\n[names]\n");
    for number in 0..50 {
        text.push_str(&format!(
            "key_{number} = \"a value of some length\" # {number}\n"
        ));
    }
    text.truncate(2048);
    let end = text.rfind('\n').expect("lines");
    text.truncate(end + 1);
    fs::write(path, text).expect("a file");
    let file = open(path);
    for width in 1..14 {
        set(&file, "width", width).expect("a save");
    }
    file
}

/// What is done between the marks; the process is another.
#[test]
fn child() {
    let (Ok(what), Ok(path)) = (std::env::var(WHAT), std::env::var(FILE)) else {
        return;
    };
    let file = saved(Path::new(&path));
    // What was written in this moment is looked at twice.
    thread::sleep(Duration::from_millis(150));
    file.read().expect("readable");
    let mark = |name: &str| drop(fs::metadata(format!("/persist-mark-{name}")));
    mark("begin");
    match what.as_str() {
        "save" => drop(set(&file, "width", 99).expect("saved")),
        "unchanged" => drop(set(&file, "width", 13).expect("nothing to do")),
        _ => drop(file.read().expect("readable")),
    }
    mark("end");
}

/// The lines of the calls; `None` without strace.
fn lines(what: &str) -> Option<Vec<String>> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace here");
        return None;
    }
    let dir = folder();
    let trace = dir.path().join("trace");
    let run = Command::new("strace")
        .args(["-f", "-y", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "calls::child", "--test-threads=1"])
        .env(WHAT, what)
        .env(FILE, dir.path().join("app.toml"))
        .output();
    let run = run.expect("strace");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
    let trace = fs::read_to_string(&trace).expect("a trace");
    let from = trace.find("persist-mark-begin").expect("the first mark");
    let to = trace.find("persist-mark-end").expect("the second mark");
    let mut lines = Vec::new();
    // The lines between those of the marks.
    let (_, between) = trace[from..to].split_once('\n').expect("a line");
    let between = between.rsplit_once('\n').map_or("", |(between, _)| between);
    for line in between.lines() {
        let call = line.split_once(' ').map_or("", |(_, call)| call.trim());
        let name = call.split('(').next().unwrap_or_default();
        // Memory and scheduling say nothing of the file.
        let other = [
            "brk",
            "mmap",
            "munmap",
            "mremap",
            "madvise",
            "mprotect",
            "futex",
            "sched_yield",
            "getrandom",
            "clock_gettime",
        ];
        if name.is_empty() || other.contains(&name) || name.starts_with(['+', '-', '<']) {
            continue;
        }
        if std::env::var_os("PERSIST_TEST_CALLS_SHOW").is_some() {
            println!("{call}");
        }
        lines.push(call.to_owned());
    }
    Some(lines)
}

/// The calls by name.
fn calls(what: &str) -> Option<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for line in lines(what)? {
        let name = line.split('(').next().unwrap_or_default();
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    Some(counts)
}

/// The bytes that were written.
fn written(lines: &[String]) -> u64 {
    let of = |line: &String| {
        let is_write = ["write(", "pwrite64(", "writev("]
            .iter()
            .any(|name| line.starts_with(name));
        let (_, answer) = line.rsplit_once("= ")?;
        is_write
            .then(|| answer.trim().parse::<u64>().ok())
            .flatten()
    };
    lines.iter().filter_map(of).sum()
}

#[test]
fn a_save_writes_the_content_twice_and_little_else() {
    // The stage and the mirror, of 2 KB each, and what the journal and the lock say of it.
    for (what, most) in [("save", 5_400), ("unchanged", 800), ("load", 0)] {
        let Some(lines) = lines(what) else { return };
        assert!(written(&lines) <= most, "{what}: {}", written(&lines));
    }
}

/// A backup tells that the exchange took place, so that must not be durable after it.
#[test]
fn the_exchange_is_durable_before_the_name_of_the_backup() {
    let Some(lines) = lines("save") else { return };
    let at = |what: &dyn Fn(&str) -> bool| {
        let found = lines.iter().rposition(|line| what(line));
        found.unwrap_or_else(|| panic!("{lines:#?}"))
    };
    let exchange = at(&|line| line.contains("RENAME_EXCHANGE"));
    let named = at(&|line| line.starts_with("renameat2") && line.contains("/backups>"));
    let live = at(&|line| {
        line.starts_with("fsync") && !line.contains(".persist") && line.contains(".tmp")
    });
    let backups = at(&|line| line.starts_with("fsync") && line.contains("/backups>"));
    assert!(
        exchange < named && named < live && live < backups,
        "{lines:#?}"
    );
}

fn total(calls: &BTreeMap<String, usize>) -> usize {
    calls.values().sum()
}

#[test]
fn a_save() {
    let Some(calls) = calls("save") else { return };
    let syncs = ["fsync", "fdatasync"].map(|name| calls.get(name).copied().unwrap_or(0));
    assert!(syncs.iter().sum::<usize>() <= 5, "{calls:?}");
    assert!(total(&calls) <= 91, "{} {calls:?}", total(&calls));
}

#[test]
fn what_changes_nothing() {
    for (what, most) in [("unchanged", 29), ("load", 10)] {
        let Some(calls) = calls(what) else { return };
        assert_eq!(calls.get("fsync"), None, "{calls:?}");
        assert_eq!(calls.get("fdatasync"), None, "{calls:?}");
        assert!(total(&calls) <= most, "{what}: {} {calls:?}", total(&calls));
    }
}
