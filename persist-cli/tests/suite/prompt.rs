//! A secret is asked for at a terminal, and not seen.

use std::os::unix::process::ExitStatusExt as _;

use crate::pty::Pty;
use crate::support::Sandbox;

const BEFORE: &str = "password = \"old\"\n";
const SIGINT: i32 = 2;

fn asked(sandbox: &Sandbox) -> Pty {
    let mut pty = Pty::start(sandbox, &["set", "f.toml", "password", "--stdin"]);
    pty.shows("value of password (input stays hidden): ");
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
    // As `cat` has it: once hands over what is typed, twice ends the input.
    assert_eq!(typed("hunter\u{4}2\u{4}\u{4}"), saved("hunter2"));
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

#[test]
fn what_can_not_be_set_is_not_asked_for() {
    let sandbox = Sandbox::with("f.toml", "[smtp]\npin = 1\nports = [1]\n");
    sandbox.write("x.ini", "a=1\n");
    sandbox.write("bad.toml", "a = \n");
    for (file, key, told) in [
        ("f.toml", "smtp", "`smtp` holds a map"),
        ("f.toml", "smtp.ports", "`smtp.ports` holds a list"),
        ("x.ini", "a", "x.ini"),
        ("new.ini", "a", "new.ini"),
        ("bad.toml", "a", "bad.toml"),
        ("f.toml", "a..b", "a..b"),
    ] {
        let mut pty = Pty::start(&sandbox, &["set", file, key, "--stdin"]);
        pty.type_in("hunter2\r"); // so that a prompt does not hang
        assert!(!pty.ends().success());
        let seen = pty.seen();
        assert!(seen.contains(told), "{file} {key}: {seen}");
        assert!(!seen.contains("input stays hidden"), "{file} {key}: {seen}");
    }
}

#[test]
fn what_was_typed_unseen_is_not_told_afterwards_whatever_its_key_is_called() {
    for (name, text, key) in [
        ("f.toml", "[smtp]\npin = \"1111\"\n", "smtp.pin"),
        ("f.yaml", "smtp:\n- pin: 1111\n", "/smtp/0/pin"),
        ("f.json", "{\"pins\": [\"1111\"]}\n", "pins[+]"),
        ("new.toml", "", "pin"),
    ] {
        for args in [&[][..], &["--json"], &["--dry-run"]] {
            let sandbox = Sandbox::with(name, text);
            let args = [&["set", name, key, "--stdin"], args].concat();
            let mut pty = Pty::start(&sandbox, &args);
            pty.shows("(input stays hidden): ");
            pty.type_in("4321\r");
            assert!(pty.ends().success(), "{args:?}: {}", pty.seen());
            let seen = pty.seen();
            assert!(seen.contains("[redacted]"), "{args:?}: {seen}");
            assert!(!seen.contains("4321"), "{args:?}: {seen}");
            assert!(
                key.contains('+') || !seen.contains("1111"),
                "{args:?}: {seen}"
            );
            if !args.contains(&"--dry-run") {
                assert!(sandbox.text(name).contains("4321"));
                let log = sandbox.ok(&["log", name, "--json"]).stdout;
                assert!(!log.contains("4321"), "{log}");
            }
        }
    }
    // Nor where it does not fit.
    let sandbox = Sandbox::with("f.yaml", "smtp:\n- pin: 1111\n");
    let mut pty = Pty::start(&sandbox, &["set", "f.yaml", "/smtp/0/pin", "--stdin"]);
    pty.shows("(input stays hidden): ");
    pty.type_in("hunter2\r");
    assert!(!pty.ends().success());
    assert!(!pty.seen().contains("hunter2"), "{}", pty.seen());
}

#[test]
fn a_key_alone_leads_to_the_question() {
    let sandbox = Sandbox::with("f.toml", BEFORE);
    let ran = sandbox.run(&["set", "f.toml", "password"]);
    assert!(ran.stderr.contains("--stdin"), "{ran}");
    let help = sandbox.ok(&["set", "--help"]).stdout;
    assert!(help.contains("without showing"), "{help}");
}
