//! Help, usage errors, colours.

use crate::support::Sandbox;

#[test]
fn help_of_every_command() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.ok(&["-h"]), @r"
    Careful changes to any JSON, TOML or YAML file: comments kept, backups made, everything undoable

    Usage: persist [OPTIONS] <COMMAND>

    Commands:
      get      Print a value, or the whole document
      set      Change values: `persist set app.toml window.width=1280`
      unset    Remove keys, and the comments that belong to them
      status   What state a file is in
      log      Who changed what, when and why; newest first
      diff     What changed since a backup; without one, what the last change did
      undo     Take back the last change, byte for byte; repeated, the one before
      redo     Make the last change again that was taken back; repeated, the next one
      restore  Put a backup in place; the content before is backed up
      backups  List the backups
      keep     Which backups are kept, and why; with options: what is kept of this file from now on
      purge    Remove whole copies from the history: of old content, and what no migration needs
      share    Let the members of the file's group save it, too: open them its history, and never others
      convert  Write the document in another format, and list what it could not carry
      migrate  Schema versions: plan, migrate up and down, check, draw, propose
      verify   Check file, schema, journal and every backup
      recover  Bring back the last good state of a damaged or deleted file
      adopt    Take a file as it is, although it looks damaged, or is gone: the change was meant
      demo     Show what persist does, on real files, and check each step
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Options of every command:
          --color <WHEN>
              Controls when to use color [default: auto] [possible values: auto, always, never]
          --json
              Print results and failures as JSON
          --format <FORMAT>
              Treat the file as this format (json, jsonc, toml, yaml) whatever it is called
          --wait <SECONDS>
              Wait so long for another writer, in seconds [default: 10]
          --actor <NAME>
              Name in the journal; the user's by default, `alice (sudo)` for root by sudo
          --state-dir <DIR>
              The folder for journal and backups: where they are, or `.FILE.persist` beside the file
          --versions <config_versions.json>
              The manifest of schema versions; by default the nearest one that others can't write to
          --no-versions
              Use no manifest of schema versions
          --strict
              Refuse to save over changes that something else made
          --in-place
              Write into a file that can't be replaced, such as a mount point, or that has other names
              (hard links)
          --split-links
              Replace a file that has other names (hard links); they keep the content that it had

    Exit codes:
       0  done, or already so
       1  the answer is no: no such key or backup, a difference, a failed check
       2  the arguments make no sense
       3  some of several files failed
       4  the file's text, values or schema are wrong; it was not touched
       5  the file or its journal is damaged: `persist recover`; or there is no good copy
       6  locked by somebody else for too long
       7  somebody else changed the file meanwhile
       8  not saved or not readable: disk, permissions, a missing file
       9  saved, but the disk did not confirm it
      10  unknown schema version, or no way to the one asked for; or a state folder of a newer persist
    exit code 0
    ");
    for command in [
        "get", "set", "unset", "status", "log", "diff", "undo", "restore", "backups", "convert",
        "verify", "recover", "adopt", "demo",
    ] {
        let help = sandbox.ok(&[command, "--help"]).stdout;
        assert!(help.contains(&format!("persist {command}")), "{help}");
        assert!(
            help.lines().next().is_some_and(|line| line.len() > 15),
            "{help}"
        );
    }
    for command in ["plan", "to", "down", "check", "graph", "lenses", "new"] {
        let help = sandbox.ok(&["migrate", command, "--help"]).stdout;
        assert!(
            help.contains(&format!("persist migrate {command}")),
            "{help}"
        );
    }
}

#[test]
fn wrong_arguments_are_code_2() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "width"]), @r"
    error: `width` is no assignment; write KEY=VALUE, e.g. window.width=1280
      help: for a secret, name KEY alone with --stdin: at a terminal it asks for the value, and input stays hidden
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "a[=1"]), @r#"
    error: `a[`: a closing `]` is missing in the key path "a["
    exit code 2
    "#);
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "=1"]), @"
    error: `=…` has no key, and would take the place of all that is in the file
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["unset", "app.toml", ""]), @"
    error: an empty key stands for all that is in the file; name what to remove
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "a..b"]), @r#"
    error: invalid value 'a..b' for '[KEY]': a key is missing in the key path "a..b"

    For more information, try '--help'.
    exit code 2
    "#);
    let wrong = [
        &["frobnicate"][..],
        &["set", "app.toml"],
        &["--format", "ini", "get", "app.toml"],
        &["--wait", "soon", "get", "app.toml"],
        &["migrate", "to", "app.toml", "not-a-version"],
    ];
    for args in wrong {
        assert_eq!(sandbox.run(args).code, 2, "{args:?}");
        let failure = sandbox.json(2, args);
        assert_eq!(failure["error"], "usage");
        assert!(!failure["message"].as_str().unwrap().is_empty());
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    let plain = sandbox.ok(&["set", "app.toml", "a=2"]).stdout;
    assert!(!plain.contains('\u{1b}'), "a pipe gets none");
    let forced = sandbox
        .ok(&["--color", "always", "set", "app.toml", "a=3"])
        .stdout;
    assert!(forced.contains('\u{1b}'));
    let none = sandbox
        .command(&["set", "app.toml", "a=4"])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!none.stdout.contains(&0x1b));
    let json = sandbox
        .ok(&["--color", "always", "--json", "log", "app.toml"])
        .stdout;
    assert!(!json.contains('\u{1b}'), "JSON has none, ever");
}

#[test]
fn failures_are_json_too() {
    let sandbox = Sandbox::with("bad.toml", "a = \n");
    let failure = sandbox.json(4, &["get", "bad.toml"]);
    assert_eq!(failure["error"], "invalid");
    assert_eq!(failure["exit"], 4);
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .starts_with("bad.toml:1:"),
        "{failure}"
    );
    assert_eq!(sandbox.json(8, &["get", "none.toml"])["error"], "failed");
}
