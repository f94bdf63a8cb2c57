//! Several processes at once, and readers that leave early.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Sandbox, cases};

/// Two processes with as many `set` each: all of them are in the file.
#[test]
fn two_processes_lose_nothing() {
    let rounds = cases(10);
    let sandbox = Sandbox::with("app.toml", "# counted\n");
    let write = &|who: &str| {
        for n in 0..rounds {
            let change = format!("{who}.k{n}={n}");
            let mut set = sandbox.command(&["--wait", "120", "set", "app.toml", &change]);
            assert!(
                set.stdout(Stdio::null()).status().unwrap().success(),
                "{change}"
            );
        }
    };
    std::thread::scope(|scope| {
        for who in ["left", "right"] {
            scope.spawn(move || write(who));
        }
    });
    let value = &sandbox.json(0, &["get", "app.toml"])["value"];
    for who in ["left", "right"] {
        for n in 0..rounds {
            assert_eq!(value[who][format!("k{n}")], n, "{who}.k{n} is lost");
        }
    }
    let log = sandbox.json(0, &["log", "app.toml"]);
    assert_eq!(log.as_array().unwrap().len(), 2 * rounds);
    assert_eq!(sandbox.json(0, &["verify", "app.toml"])["passed"], true);
}

/// The lock is the file's, whichever way its history is come by.
#[test]
fn processes_that_come_by_different_ways_lose_nothing() {
    let rounds = cases(10);
    let sandbox = Sandbox::with("app.toml", "# counted\n");
    sandbox.ok(&["set", "app.toml", "first=1", "--state-dir", "history"]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("app.toml", sandbox.path("link.toml")).unwrap();
    let whole = sandbox.path("history");
    let whole = whole.to_str().unwrap();
    let link = if cfg!(unix) { "link.toml" } else { "app.toml" };
    let write = &|who: &str, file: &str, state: &[&str]| {
        for n in 0..rounds {
            let change = format!("{who}.k{n}={n}");
            let args = [&["--wait", "120", "set", file, &change], state].concat();
            let mut set = sandbox.command(&args);
            assert!(
                set.stdout(Stdio::null()).status().unwrap().success(),
                "{args:?}"
            );
        }
    };
    let ways: [(&str, &str, &[&str]); 4] = [
        ("named", "app.toml", &["--state-dir", "history"]),
        ("whole", "app.toml", &["--state-dir", whole]),
        ("link", link, &["--state-dir", "history/../history"]),
        ("unnamed", "app.toml", &[]),
    ];
    std::thread::scope(|scope| {
        for (who, file, state) in ways {
            scope.spawn(move || write(who, file, state));
        }
    });
    let value = &sandbox.json(0, &["get", "app.toml"])["value"];
    for (who, ..) in ways {
        for n in 0..rounds {
            assert_eq!(value[who][format!("k{n}")], n, "{who}.k{n} is lost");
        }
    }
    let log = sandbox.json(0, &["log", "app.toml"]);
    assert_eq!(log.as_array().unwrap().len(), 4 * rounds + 1);
    assert_eq!(sandbox.json(0, &["verify", "app.toml"])["passed"], true);
}

/// Two state folders at once: whoever comes second is told, and no save that was acknowledged is missing.
#[test]
fn processes_that_name_two_folders_lose_nothing() {
    let rounds = cases(10);
    let sandbox = Sandbox::with("app.toml", "# counted\n");
    let write = &|who: &str| {
        let saved = (0..rounds).filter(|n| {
            let change = format!("{who}.k{n}={n}");
            let args = [
                "--wait",
                "120",
                "set",
                "app.toml",
                &change,
                "--state-dir",
                who,
            ];
            let ran = sandbox.run(&args);
            assert!(
                ran.code == 0 || ran.stderr.contains("can't also be kept in"),
                "{ran}"
            );
            ran.code == 0
        });
        saved.count()
    };
    let saved = std::thread::scope(|scope| {
        let writers = ["left", "right"].map(|who| scope.spawn(move || (who, write(who))));
        writers.map(|writer| writer.join().unwrap())
    });
    let value = &sandbox.json(0, &["get", "app.toml"])["value"];
    for (who, saved) in saved {
        assert!([0, rounds].contains(&saved), "{who}: {saved}");
        let found = value[who].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(found, saved, "{who}");
    }
    let log = sandbox.json(0, &["log", "app.toml"]);
    assert_eq!(log.as_array().unwrap().len(), rounds);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let list: Vec<String> = (0..20_000).map(|n| format!("\"{n}\"")).collect();
    let sandbox = Sandbox::with("app.json", format!("[{}]\n", list.join(", ")));
    let child = sandbox
        .command(&["get", "app.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap(); // and hang up
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
