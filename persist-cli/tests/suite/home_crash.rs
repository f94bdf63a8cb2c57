//! The first save of a history that is not beside its file, cut at every call: what is left is settled by the next one.

use std::process::Command;

use crate::support::{Ran, Sandbox};

const SET: [&str; 5] = ["set", "app.toml", "a=2", "--state-dir", "history"];

/// `persist` under `strace`, which does what `options` say.
pub(crate) fn traced(sandbox: &Sandbox, options: &[&str], args: &[&str]) -> Ran {
    let inner = sandbox.command(args);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(options);
    strace.arg(inner.get_program()).args(inner.get_args());
    strace.current_dir(sandbox.path("")).env("USER", "tester");
    strace.output().unwrap().into()
}

#[expect(
    clippy::print_stdout,
    reason = "who runs the tests is told of what was not tested"
)]
pub(crate) fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-o", "/dev/null", "true"]);
    let there = strace.status().is_ok_and(|status| status.success());
    if !there {
        println!("skipped: strace is not installed");
    }
    there
}

#[test]
fn killed_at_every_call() {
    if !can_trace() {
        return;
    }
    // What makes or changes something. A file is made before something is written into it.
    let calls = ["mkdirat", "renameat", "renameat2", "fsync", "write"];
    let mut kills = 0;
    for call in calls {
        for number in 1.. {
            let sandbox = Sandbox::with("app.toml", "a = 1\n");
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let ran = traced(&sandbox, &["-o", "/dev/null", "-e", &inject], &SET);
            if ran.code == 0 {
                break;
            }
            kills += 1;
            goes_on(&sandbox, number % 2 == 0, &inject);
        }
    }
    assert!(kills > 30, "{kills}");
}

/// Whoever comes next, there is one history, and all are in it who come after.
fn goes_on(sandbox: &Sandbox, named_first: bool, what: &str) {
    let change = |key: &str, named: bool| {
        let change = format!("{key}=1");
        let state: &[&str] = if named { &SET[3..] } else { &[] };
        sandbox.run(&[&["set", "app.toml", &change], state].concat())
    };
    let first = change("b", named_first);
    assert_eq!(first.code, 0, "{what}: {first}");
    let second = change("c", !named_first);
    let refused = second.stderr.contains("can't also be kept in");
    assert!(
        second.code == 0 || refused && !named_first,
        "{what}: {second}"
    );
    let journals = [".app.toml.persist", "history"].map(|folder| {
        let journal = sandbox.path(folder).join("journal/00000001.log");
        usize::from(journal.exists())
    });
    assert_eq!(journals.iter().sum::<usize>(), 1, "{what}");
    let value = &sandbox.json(0, &["get", "app.toml"])["value"];
    assert_eq!(value["b"], 1, "{what}");
    assert_eq!(value["c"].is_null(), refused, "{what}");
    let verified = sandbox.json(0, &["verify", "app.toml"]);
    assert_eq!(verified["passed"], true, "{what}: {verified}");
}

/// Before anything of the history is written, everybody will find it: whatever order the disk writes in.
#[test]
fn the_way_there_is_durable_before_the_first_record() {
    if !can_trace() {
        return;
    }
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    let trace = sandbox.path("trace");
    let options = ["-y", "-o", trace.to_str().unwrap()];
    let calls = ["-e", "trace=renameat,renameat2,fsync,write,mkdirat"];
    let ran = traced(&sandbox, &[options.as_slice(), &calls].concat(), &SET);
    assert_eq!(ran.code, 0, "{ran}");
    let around = sandbox.path("app.toml").canonicalize().unwrap();
    let at = |name: &str| format!("<{}>", around.with_file_name(name).display());
    let (beside, there) = (at(".app.toml.persist"), at("history"));
    let record = at("history/journal/00000001.log");
    let steps = [
        ("fsync", at("history/of.new")),
        ("rename", "\"of\")".into()),
        ("fsync", there),
        ("fsync", at(".app.toml.persist/elsewhere.new")),
        ("rename", "\"elsewhere\")".into()),
        ("fsync", beside.clone()),
        ("fsync", at(".app.toml.persist/format.new")),
        ("rename", "\"format\")".into()),
        ("fsync", beside.clone()),
        ("write", record.clone()),
    ];
    let trace = std::fs::read_to_string(&trace).unwrap();
    let mut lines = trace.lines();
    for (call, what) in &steps {
        let found = lines.find(|line| {
            assert!(
                *call == "write" || !line.contains(&record),
                "{call} {what}: after\n{line}"
            );
            line.contains(&format!(" {call}")) && line.contains(what)
        });
        assert!(found.is_some(), "{call} {what}\n{trace}");
    }
}

/// The file system of the file does not support locks, and the state folder was put on another for that.
#[test]
fn where_nothing_can_be_locked_beside_the_file() {
    if !can_trace() {
        return;
    }
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&SET);
    let lock = sandbox.path(".app.toml.persist/lock");
    let lock = lock.to_str().unwrap();
    let options = [
        "-o",
        "/dev/null",
        "-P",
        lock,
        "-e",
        "inject=fcntl:error=ENOLCK",
    ];
    let ran = traced(&sandbox, &options, &["set", "app.toml", "a=3"]);
    assert_eq!(ran.code, 0, "{ran}");
    // Not so where there is no other lock.
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&["set", "app.toml", "a=2"]);
    let lock = sandbox.path(".app.toml.persist/lock");
    let lock = lock.to_str().unwrap();
    let options = [
        "-o",
        "/dev/null",
        "-P",
        lock,
        "-e",
        "inject=fcntl:error=ENOLCK",
    ];
    let ran = traced(&sandbox, &options, &["set", "app.toml", "a=3"]);
    assert_eq!(ran.code, 8, "{ran}");
    assert!(ran.stderr.contains("does not support locks"), "{ran}");
}
