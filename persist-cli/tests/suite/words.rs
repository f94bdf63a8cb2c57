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
      status   Show the state of a file
      log      Show who changed what, when and why; newest first
      diff     Show what changed since a backup; without one, in the last change
      undo     Undo the last change, byte for byte; repeated, the one before
      redo     Redo the last undone change; repeated, the next one
      restore  Restore a backup; the replaced content is backed up
      backups  List the backups
      keep     Show which backups are kept, and why; with options, set what is kept of this file
      purge    Remove copies of old content from the history, and unneeded migration data
      share    Let the file's group save it: give the group, and nobody else, access to its history
      convert  Convert the document to another format, and list what was lost
      migrate  Schema versions: plan, migrate up and down, check, draw, propose
      verify   Check file, schema, journal and every backup
      recover  Bring back the last good state of a damaged or deleted file
      adopt    Accept the file as it is, although it looks damaged or was deleted
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
              Treat the file as this format (json, jsonc, toml, yaml) regardless of its name
          --wait <SECONDS>
              How long to wait for another writer, in seconds [default: 10]
          --actor <NAME>
              Name to record in the journal; by default the user's, or `alice (sudo)` for root by sudo
          --state-dir <DIR>
              State folder (journal and backups); by default the existing one, or `.FILE.persist`
          --versions <config_versions.json>
              The manifest of schema versions; by default the nearest one that others can't write to
          --no-versions
              Use no manifest of schema versions
          --strict
              Refuse to save over changes made outside persist
          --in-place
              Write into a file that can't be replaced, such as a mount point, or that has other names
              (hard links)
          --split-links
              Replace a file that has other names (hard links); they keep the old content

    Exit codes:
       0  done, or nothing to do
       1  negative result: no such key or backup, a difference, a failed check
       2  invalid arguments
       3  some of several files failed
       4  the file's text, values or schema are wrong; it was not touched
       5  the file or its journal is damaged: `persist recover`; or there is no good copy
       6  locked by somebody else for too long
       7  somebody else changed the file meanwhile
       8  not saved or not readable: disk, permissions, a missing file
       9  saved, but the disk did not confirm it
      10  unknown schema version, or no route to the one asked for; or a state folder of a newer persist
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
    error: `width` is not an assignment; write KEY=VALUE, e.g. window.width=1280
      help: for a secret, name KEY alone with --stdin: a terminal asks for the value without showing it
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "a[=1"]), @r#"
    error: `a[`: a closing `]` is missing in the key path "a["
    exit code 2
    "#);
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "=1"]), @"
    error: `=…` has no key; it would replace the whole document
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["unset", "app.toml", ""]), @"
    error: an empty key means the whole document; name what to remove
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
    let problem = &failure["problems"][0];
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&1.into(), &5.into())
    );
    assert_eq!(sandbox.json(8, &["get", "none.toml"])["error"], "failed");
}

/// What a program would else have to find in a message.
#[test]
fn damage_is_told_as_a_value_too() {
    let sandbox = Sandbox::with("app.yaml", "width: 1\nheight: 2\n");
    sandbox.ok(&["set", "app.yaml", "width=3"]);
    sandbox.write("app.yaml", b"width: 3\nhe\0\0\0\0\0\0\0\0");
    let damaged = sandbox.json(5, &["set", "app.yaml", "width=4"]);
    assert!(damaged["damage"].is_object(), "{damaged}");
}
