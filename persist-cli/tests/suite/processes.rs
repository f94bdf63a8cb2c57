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
