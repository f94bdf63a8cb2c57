//! A secret is asked for at a terminal, and not seen.

use std::os::unix::process::ExitStatusExt as _;

use crate::pty::Pty;
use crate::support::Sandbox;

const BEFORE: &str = "password = \"old\"\n";
const SIGINT: i32 = 2;

fn asked(sandbox: &Sandbox) -> Pty {
    let mut pty = Pty::start(sandbox, &["set", "f.toml", "password", "--stdin"]);
    pty.shows("value of password: ");
    assert!(!pty.echoes(), "before it is asked for");
    pty
}

/// What is saved of what is typed, and whether it succeeds.
fn typed(keys: &str) -> (bool, String) {
    let sandbox = Sandbox::with("f.toml", BEFORE);
    let mut pty = asked(&sandbox);
    pty.type_in(keys);
    let status = pty.ends();
    assert!(pty.echoes(), "as it was: {}", pty.seen());
    assert!(!pty.seen().contains("hunter2"), "{}", pty.seen());
    (status.success(), sandbox.text("f.toml"))
}

fn saved(password: &str) -> (bool, String) {
    (true, format!("password = \"{password}\"\n"))
}

/// Whether this process ignores the signal, and so do those that it starts.
fn ignores_interrupts() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    ignored.is_some_and(|bits| bits & (1 << (SIGINT - 1)) != 0)
}

#[test]
fn a_value_that_is_typed_is_asked_for_and_not_seen() {
    assert_eq!(typed("hunter2\r"), saved("hunter2"));
    assert_eq!(typed("hunterX\u{7f}2\n"), saved("hunter2"));
    // Longer than a line that the terminal edits itself.
    let long = "0123456789".repeat(1000);
    assert_eq!(typed(&format!("{long}\r")), saved(&long));
}

#[test]
fn what_is_no_value_changes_nothing() {
    for keys in ["\r", "\u{4}", "hunter2\u{1b}[D\r"] {
        assert_eq!(typed(keys), (false, BEFORE.to_owned()), "{keys:?}");
    }
}

#[test]
fn an_interrupt_ends_it_and_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::with("f.toml", BEFORE);
    let mut pty = asked(&sandbox);
    pty.type_in("hunter2\u{3}");
    let status = pty.ends();
    // As any program ends by it: a loop of a shell ends with it. Who ignores the signal, as a shell has it for what runs in the background, gets an error.
    match ignores_interrupts() {
        true => assert!(!status.success(), "{}", pty.seen()),
        false => assert_eq!(status.signal(), Some(SIGINT), "{}", pty.seen()),
    }
    assert!(pty.echoes());
    assert!(!pty.seen().contains("hunter2"), "{}", pty.seen());
    assert_eq!(sandbox.text("f.toml"), BEFORE);
}

#[test]
fn the_key_has_no_power_over_the_terminal() {
    let sandbox = Sandbox::with("f.toml", "");
    let key = "\"a\u{9b}2J\u{202e}\"";
    let mut pty = Pty::start(&sandbox, &["set", "f.toml", key, "--stdin"]);
    pty.shows(": ");
    pty.type_in("\r");
    pty.ends();
    let harmless = |c: char| !(c.is_control() && c != '\r' && c != '\n' || c == '\u{202e}');
    let seen = pty.seen();
    let prompt = seen.lines().next().unwrap_or_default();
    assert!(prompt.chars().all(harmless), "{prompt:?}");
    assert!(prompt.contains("J\\u{202e}"), "{prompt:?}");
}
