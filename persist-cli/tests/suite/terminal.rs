//! What reaches a program is exact; what reaches a terminal is harmless.

use crate::support::Sandbox;

/// A value, a key and a comment that a terminal would act upon: colour, title, erasure, and text turned around.
const HOSTILE: &str = "\
# \u{9b}2J
red = \"\\u001b[31mred\\u001b[0m\"
title = \"\\u001b]0;owned\\u0007\"
c1 = \"\u{9b}2J\\u007f\"
turned = \"\u{202e}\u{2066}\"
'\u{9b}key' = 1
";

#[test]
fn a_pipe_gets_every_byte() {
    let sandbox = Sandbox::with("app.toml", HOSTILE);
    let get = |key| sandbox.ok(&["get", "app.toml", key]).stdout;
    assert_eq!(get("red"), "\u{1b}[31mred\u{1b}[0m\n");
    assert_eq!(get("title"), "\u{1b}]0;owned\u{7}\n");
    assert_eq!(get("c1"), "\u{9b}2J\u{7f}\n");
    assert_eq!(get("turned"), "\u{202e}\u{2066}\n");
    let coloured = sandbox.ok(&["get", "app.toml", "red", "--color", "always"]);
    assert_eq!(coloured.stdout, "\u{1b}[31mred\u{1b}[0m\n");
    let document = sandbox.ok(&["convert", "app.toml", "--to", "toml"]);
    assert!(document.stdout.starts_with("# \u{9b}2J\n"), "{document}");
    sandbox.ok(&["set", "app.toml", "plain=1"]);
    let diff = sandbox.ok(&["diff", "app.toml", "--text"]).stdout;
    assert!(diff.contains(" '\u{9b}key' = 1\n+plain = 1\n"), "{diff}");
}

#[test]
fn json_holds_no_control_characters_and_the_same_values() {
    let sandbox = Sandbox::with("app.toml", HOSTILE);
    let ran = sandbox.ok(&["get", "app.toml", "--json"]);
    let harmless =
        |c: char| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{2069}').contains(&c));
    assert!(ran.stdout.chars().all(harmless), "{:?}", ran.stdout);
    let value = sandbox.json(0, &["get", "app.toml"]);
    assert_eq!(value["value"]["c1"], "\u{9b}2J\u{7f}");
    assert_eq!(value["value"]["turned"], "\u{202e}\u{2066}");
}

/// The command on a terminal of its own, made by script(1) of util-linux: all that it was sent.
#[cfg(target_os = "linux")]
pub(crate) fn on_terminal(sandbox: &Sandbox, args: &[&str]) -> Option<String> {
    let persist = sandbox.command(args);
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy());
    let mut line = quoted(persist.get_program());
    for arg in persist.get_args() {
        line = format!("{line} {}", quoted(arg));
    }
    let mut script = std::process::Command::new("script");
    script
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .current_dir(sandbox.path(""))
        .env("TERM", "xterm")
        .env("USER", "tester")
        .env_remove("NO_COLOR")
        .stdin(std::process::Stdio::null());
    let output = script.output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Whether only colours are left of what a terminal acts upon.
#[cfg(target_os = "linux")]
fn harmless(sent: &str) -> bool {
    // The terminal itself ends lines so.
    let mut rest = sent.replace("\r\n", "\n");
    while let Some(start) = rest.find("\u{1b}[") {
        let Some(len) = rest[start..].find('m') else {
            return false;
        };
        let numbers = &rest[start + 2..start + len];
        if !numbers.chars().all(|c| c.is_ascii_digit() || c == ';') {
            return false;
        }
        rest.replace_range(start..=start + len, "");
    }
    rest.chars().all(|c| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !turns && (c == '\n' || c == '\t' || !c.is_control())
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_nothing_to_act_upon() {
    let sandbox = Sandbox::with("app.toml", HOSTILE);
    match on_terminal(&sandbox, &["status", "app.toml"]) {
        Some(sent) if sent.contains("app.toml") => {
            assert!(sent.contains("\u{1b}[1m"), "colours of our own: {sent:?}");
        }
        _ => {
            println!("skipped: needs script(1) of util-linux");
            return;
        }
    }
    let sent = |args: &[&str]| on_terminal(&sandbox, args).unwrap();
    let get = |key| sent(&["get", "app.toml", key]);
    assert_eq!(get("red"), "\\u{1b}[31mred\\u{1b}[0m\r\n");
    assert_eq!(get("title"), "\\u{1b}]0;owned\\u{7}\r\n");
    assert_eq!(get("c1"), "\\u{9b}2J\\u{7f}\r\n");
    assert_eq!(get("turned"), "\\u{202e}\\u{2066}\r\n");

    let words = "why\u{1b}[8m \u{9b}2J \u{202e}";
    let changes = [
        "set",
        "app.toml",
        "red=\u{1b}[32m\u{9b}",
        "-m",
        words,
        "--actor",
        words,
    ];
    sandbox.ok(&changes);
    sandbox.write("broken.toml", "a = 1\n\"\u{1b}[31m\u{9b}\" = = 1\n");
    let commands: [&[&str]; 12] = [
        &["get", "app.toml"],
        &["convert", "app.toml", "--to", "yaml"],
        &["convert", "app.toml", "--to", "toml"],
        &["diff", "app.toml"],
        &["diff", "app.toml", "--text"],
        &["log", "app.toml"],
        &["log", "app.toml", "--changelog"],
        &["log", "app.toml", "--json"],
        &["status", "app.toml"],
        &["backups", "app.toml"],
        &["get", "broken.toml"],
        &["unset", "app.toml", "no\u{1b}[31m\u{9b}"],
    ];
    for args in commands {
        let sent = sent(args);
        assert!(harmless(&sent), "{args:?}: {sent:?}");
    }
    let log = sent(&["log", "app.toml"]);
    assert!(log.contains("why\\u{1b}[8m \\u{9b}2J \\u{202e}"), "{log:?}");
}

/// Only on a terminal, only where there is something to wait for, and gone before the result.
#[cfg(target_os = "linux")]
#[test]
fn a_check_that_takes_long_shows_how_far_it_is() {
    const DRAWN: &str = "journal and backups";
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&["set", "app.toml", "a=2"]);
    let verify = ["verify", "app.toml"];
    match on_terminal(&sandbox, &verify) {
        Some(sent) if sent.contains("all is well") => {
            assert!(!sent.contains(DRAWN), "nothing to wait for: {sent:?}");
        }
        _ => {
            println!("skipped: needs script(1) of util-linux");
            return;
        }
    }
    // Each line is hashed, and none is a record.
    let long = "0 x\n".repeat(10_000);
    for number in 2..42 {
        let segment = format!(".app.toml.persist/journal/{number:08}.log");
        sandbox.write(&segment, &long);
    }
    let sent = on_terminal(&sandbox, &verify).unwrap();
    assert!(sent.contains(DRAWN) && sent.contains('%'), "{sent:?}");
    let result = sent.rfind("checked ").expect("what it found");
    let drawn = sent.rfind(DRAWN).expect("as above");
    assert!(drawn < result, "{sent:?}");
    let json = on_terminal(&sandbox, &["verify", "app.toml", "--json"]).unwrap();
    assert!(!json.contains(DRAWN), "{json:?}");
    assert!(!sandbox.run(&verify).stderr.contains(DRAWN));
}
