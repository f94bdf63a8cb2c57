//! Small things that a person meets.

use crate::support::Sandbox;

/// `app.toml` with three changes.
fn changed() -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    for value in ["2", "3", "4"] {
        sandbox.ok(&["set", "app.toml", &format!("a={value}")]);
    }
    sandbox
}

#[test]
fn every_change_takes_a_reason() {
    let sandbox = changed();
    sandbox.ok(&["undo", "app.toml", "-m", "why undo"]);
    sandbox.ok(&["redo", "app.toml", "-m", "why redo"]);
    sandbox.ok(&["restore", "app.toml", "1", "-m", "why restore"]);
    std::fs::remove_file(sandbox.path("app.toml")).unwrap();
    sandbox.ok(&["recover", "app.toml", "--reason", "why recover"]);
    sandbox.write("app.toml", "a = 9\n");
    sandbox.ok(&["adopt", "app.toml", "-m", "why adopt"]);
    sandbox.write("app.toml", "a = 10\n");
    sandbox.ok(&["undo", "app.toml", "-m", "of the undo alone"]);
    insta::assert_snapshot!(sandbox.run(&["log", "app.toml", "-n", "7"]), @r"
    #10 undo  [time], tester
      of the undo alone
      from the content before change #9
      a: 10 -> 9
    #9 outside (undone)  [time], tester
      a: 9 -> 10
    #8 outside  [time], tester
      why adopt
      a: 1 -> 9
    #7 recover  [time], tester
      why recover
      the file was deleted
      from the content saved last (mirror)
    #6 restore  [time], tester
      why restore
      from backup #1 [sha]
      a: 4 -> 1
    #5 redo  [time], tester
      why redo
      from the content after change #3
      a: 3 -> 4
    #4 undo  [time], tester
      why undo
      from the content before change #3
      a: 4 -> 3
    exit code 0
    ");
}

#[test]
fn a_file_that_is_not_there_ends_as_its_status_does() {
    let sandbox = changed();
    let check = |name: &str, code: i32| {
        for command in ["status", "log", "backups"] {
            assert_eq!(sandbox.run(&[command, name]).code, code, "{command} {name}");
            sandbox.json(code, &[command, name]);
        }
    };
    check("none.toml", 8);
    check("app.toml", 0);
    insta::assert_snapshot!(sandbox.run(&["log", "none.toml"]), @r"
    error: none.toml: there is no such file, and none was ever saved
    exit code 8
    ");
    insta::assert_snapshot!(sandbox.run(&["backups", "none.toml"]), @r"
    error: none.toml: there is no such file, and none was ever saved
    exit code 8
    ");
    std::fs::remove_file(sandbox.path("app.toml")).unwrap();
    check("app.toml", 5);
    insta::assert_snapshot!(sandbox.run(&["log", "app.toml", "-n", "1"]), @r"
    #3 save  [time], tester
      a: 3 -> 4
    the file no longer exists; this is its remaining history
    exit code 5
    ");
    sandbox.ok(&["adopt", "app.toml"]);
    check("app.toml", 8);
    sandbox.write("new.toml", "a = 1\n");
    check("new.toml", 0);
}

#[test]
fn a_damaged_backup_is_called_so_and_verify_says_the_rest() {
    let sandbox = changed();
    let folder = sandbox.path(".app.toml.persist/backups");
    let first = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let first = first
        .filter(|path| path.to_string_lossy().contains("001-"))
        .min();
    std::fs::write(first.unwrap(), "a = 0\n").unwrap();
    insta::assert_snapshot!(sandbox.run(&["backups", "app.toml"]), @r"
     number  taken (UTC)          bytes  digest        why             state   
     3       [time]  6      [sha]  before save #3  good    
     2       [time]  6      [sha]  before save #2  good    
     1       [time]  6      [sha]  before save #1  damaged 
    1 backup is damaged; `persist verify app.toml` shows how
    exit code 0
    ");
    let rows = sandbox.json(0, &["backups", "app.toml"]);
    let problem = rows[2]["problem"].as_str().unwrap();
    assert!(problem.contains("expected"), "{problem}");
    let said = sandbox
        .run(&["verify", "app.toml"])
        .to_string()
        .replace(r"persist\backups\", "persist/backups/");
    insta::assert_snapshot!(said, @r"
    problem: [dir]/.app.toml.persist/backups/00000001-[time]-[sha256]: damaged backup: expected SHA-256 [sha256], found [sha256] in 6 bytes; restore another backup (this file is left unchanged)
    checked 3 journal records, 3 backups
    exit code 1
    ");
}

#[test]
fn a_move_is_told_as_one() {
    let sandbox = Sandbox::with("app.json", "{\"l\": [\"a\", \"b\", \"c\"]}\n");
    insta::assert_snapshot!(sandbox.run(&["set", "app.json", "l=[\"b\", \"a\", \"c\"]"]), @r"
    saved app.json (save #1)
      l: moved from 1 to 0
      backup   #1
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["log", "app.json"]), @r"
    #1 save  [time], tester
      l: moved from 1 to 0
    exit code 0
    ");
    assert!(
        sandbox
            .ok(&["log", "app.json", "--changelog"])
            .stdout
            .contains("moved from")
    );
    let told = sandbox.json(0, &["diff", "app.json"]);
    assert_eq!(told["changes"][0]["from"], "/l/1");
    sandbox.write("list.yaml", "- a\n- b\n");
    sandbox.write("other.yaml", "- b\n- a\n");
    insta::assert_snapshot!(sandbox.run(&["diff", "list.yaml", "--with", "other.yaml"]), @r"
    the whole document: moved from 1 to 0
    exit code 0
    ");
}

#[test]
fn the_same_content_twice_is_found_by_its_digest() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    for value in ["2", "1", "3"] {
        sandbox.ok(&["set", "app.toml", &format!("a={value}")]);
    }
    let rows = sandbox.json(0, &["backups", "app.toml"]);
    assert_eq!(rows[0]["digest"], rows[2]["digest"]);
    let digest = rows[0]["digest"].as_str().unwrap()[..8].to_owned();
    sandbox.ok(&["restore", "app.toml", &digest]);
    assert_eq!(sandbox.text("app.toml"), "a = 1\n");
    sandbox.ok(&["diff", "app.toml", &digest]);
}

#[test]
fn the_state_folder_of_another_file_is_refused_by_readers_too() {
    let sandbox = changed();
    sandbox.write("b.toml", "b = 1\n");
    sandbox.ok(&["set", "b.toml", "b=2", "--state-dir", "elsewhere"]);
    for folder in ["elsewhere", ".b.toml.persist"] {
        let set = sandbox.json(8, &["set", "app.toml", "a=7", "--state-dir", folder]);
        let with = |args: &[&str]| sandbox.json(8, &[args, &["--state-dir", folder]].concat());
        let commands: [&[&str]; 5] = [
            &["status", "app.toml"],
            &["log", "app.toml"],
            &["backups", "app.toml"],
            &["diff", "app.toml"],
            &["diff", "app.toml", "1"],
        ];
        for args in commands {
            assert_eq!(with(args)["message"], set["message"], "{args:?} {folder}");
        }
    }
    sandbox.write("c.toml", "c = 1\n");
    insta::assert_snapshot!(sandbox.run(&["status", "c.toml", "--state-dir", "elsewhere"]), @r"
    error: c.toml needs its own state folder: elsewhere is used for [dir]/b.toml
    exit code 8
    ");
    insta::assert_snapshot!(sandbox.run(&["diff", "c.toml", "1", "--state-dir", "elsewhere"]), @r"
    error: c.toml needs its own state folder: elsewhere is used for [dir]/b.toml
    exit code 8
    ");
}

#[test]
fn a_hint_names_what_the_command_can_do() {
    let sandbox = Sandbox::with("deep.json", "[".repeat(200) + &"]".repeat(200));
    let ran = sandbox.run(&["get", "deep.json"]).stderr;
    insta::assert_snapshot!(ran.lines().last().unwrap(), @"  = help: input over this limit is not read; programs that trust the file can raise it through persist's library");
    sandbox.write("app.yaml", "a: &x [1]\nb: *x\n");
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "b[0]=2"]), @r"
    error: the change can't be made in place: it is written elsewhere, behind an alias at b[0]
     --> app.yaml:1:8
      |
    1 | a: &x [1]
      |        ^
      |
      = help: edit the file by hand, or choose how aliases are treated: `--aliases follow` (change all) or `--aliases expand` (only this place)
    exit code 4
    ");
    sandbox.write("conf", "just words\n");
    insta::assert_snapshot!(sandbox.run(&["get", "conf"]), @r"
    error: conf: the format can't be determined from the file's name or content
      help: the formats are json, jsonc, toml and yaml: name the right one with --format, or by the file's extension
    exit code 4
    ");
    let sandbox = changed();
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml", "a"]), @r"
    error: app.toml has no such backup
      because: there is no backup a; backups 1 to 3 exist
      help: diff takes backups, and shows every key that differs
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml", "99"]), @r"
    error: app.toml has no such backup
      because: there is no backup 99; backups 1 to 3 exist
      help: `persist backups app.toml` lists them
    exit code 1
    ");
}

/// What is the same everywhere is shown in one place, which every other names.
#[test]
fn help_shows_the_options_of_every_command_once() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.ok(&["unset", "--help"]).stdout, @r"
    Remove keys, and the comments that belong to them

    Usage: persist unset [OPTIONS] <FILE> <KEYS>...

    Arguments:
      <FILE>     The config file, or `-` for standard input to standard output
      <KEYS>...  Key paths

    Options:
          --doc <DOC>      Which document of a YAML file with several: its number, from 1, or a value
                           that only it has, such as `kind=Deployment`
          --rewrite        Rewrite as much as needed; comments in that part are lost
          --aliases <HOW>  How to treat YAML aliases of the changed text: `follow` changes all, `expand`
                           only this place [possible values: follow, expand]
          --dry-run        Show what would change, and touch nothing
      -m, --reason <TEXT>  Reason to record in the journal
      -h, --help           Print help
      -V, --version        Print version

    `persist help` shows the options of every command (--json, --format, --state-dir …) and the exit
    codes.
    ");
    for args in [
        &["get", "-h"][..],
        &["help", "log"],
        &["migrate", "to", "--help"],
        &["help", "migrate", "plan"],
        &["demo", "--help"],
    ] {
        let help = sandbox.ok(args).stdout;
        assert!(!help.contains("--split-links"), "{args:?}: {help}");
        assert!(help.contains("`persist help`"), "{args:?}: {help}");
    }
    for args in [&["help"][..], &["--help"], &["-h"]] {
        assert!(sandbox.ok(args).stdout.contains("--split-links"));
    }
    // They are known all the same, before and after the command.
    sandbox.write("x", "a: 1\n");
    sandbox.ok(&["--format", "yaml", "get", "x", "a"]);
    sandbox.ok(&["get", "x", "a", "--format", "yaml"]);
    assert_eq!(
        sandbox
            .run(&["get", "x", "--versions", "v", "--no-versions"])
            .code,
        2
    );
}

#[test]
fn what_names_a_secret_is_none() {
    let yaml = "secretName: my-tls\npassword_file: /run/x\nsecretKeyRef:\n  name: n\n  key: k\nsecrets:\n  name: hidden\n";
    let sandbox = Sandbox::with("app.yaml", yaml);
    insta::assert_snapshot!(sandbox.ok(&["get", "app.yaml", "--redacted"]).stdout, @r#"
    secretName: my-tls
    password_file: /run/x
    secretKeyRef:
      name: "n"
      key: k
    secrets:
      name: "[redacted]"
    "#);
}

#[cfg(unix)]
mod modes {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    fn mode(sandbox: &Sandbox, name: &str) -> u32 {
        let found = std::fs::metadata(sandbox.path(name)).unwrap();
        found.permissions().mode() & 0o7777
    }

    /// Runs the command under a umask.
    fn under(sandbox: &Sandbox, umask: &str, args: &[&str]) {
        let persist = sandbox.command(args);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
        shell.arg(persist.get_program()).args(persist.get_args());
        let ran = shell.current_dir(sandbox.path("")).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }

    #[test]
    fn a_new_file_has_the_mode_that_the_umask_gives() {
        for (umask, expected) in [
            ("022", 0o644),
            ("077", 0o600),
            ("002", 0o664),
            ("027", 0o640),
        ] {
            let sandbox = Sandbox::new();
            under(&sandbox, umask, &["set", "app.toml", "a=1"]);
            assert_eq!(mode(&sandbox, "app.toml"), expected, "umask {umask}");
            under(&sandbox, umask, &["convert", "app.toml", "-o", "b.yaml"]);
            // Whoever may not read the one may not read the other.
            let copy = if expected & 0o004 == 0 {
                0o600
            } else {
                expected
            };
            assert_eq!(mode(&sandbox, "b.yaml"), copy, "umask {umask}");
            // What it keeps of the file is nobody else's business.
            assert_eq!(mode(&sandbox, ".app.toml.persist"), 0o700);
            assert_eq!(mode(&sandbox, ".app.toml.persist/mirror"), 0o600);
        }
    }

    #[test]
    fn a_new_file_with_secrets_is_its_owners_alone() {
        let sandbox = Sandbox::new();
        under(&sandbox, "022", &["set", "app.toml", "password=x", "a=1"]);
        assert_eq!(mode(&sandbox, "app.toml"), 0o600);
        under(&sandbox, "022", &["convert", "app.toml", "-o", "b.yaml"]);
        assert_eq!(mode(&sandbox, "b.yaml"), 0o600);
        let manifest = r#"{"app": "x", "sensitive": ["pin"], "versions": [{"version": "1.0.0"}]}"#;
        sandbox.write("config_versions.json", manifest);
        under(
            &sandbox,
            "022",
            &["set", "c.toml", "schema_version=\"1.0.0\""],
        );
        assert_eq!(
            mode(&sandbox, "c.toml"),
            0o600,
            "none in it yet, but declared"
        );
    }

    #[test]
    fn a_copy_is_no_wider_than_what_it_is_of() {
        let sandbox = Sandbox::with("app.toml", "a = 1\n");
        for (of, copy) in [
            (0o600, 0o600),
            (0o640, 0o600),
            (0o644, 0o644),
            (0o664, 0o644),
        ] {
            let permissions = std::fs::Permissions::from_mode(of);
            std::fs::set_permissions(sandbox.path("app.toml"), permissions).unwrap();
            let name = format!("{of:o}.yaml");
            under(&sandbox, "022", &["convert", "app.toml", "-o", &name]);
            assert_eq!(mode(&sandbox, &name), copy, "of {of:o}");
        }
    }

    #[test]
    fn a_secret_that_others_can_read_from_now_on_is_noted() {
        let sandbox = Sandbox::with("app.toml", "a = 1\n");
        let chmod = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(sandbox.path("app.toml"), mode).unwrap();
        };
        chmod(0o644);
        let dry = sandbox.ok(&["set", "app.toml", "db.password=x", "--dry-run"]);
        assert!(dry.stdout.contains("chmod"), "{dry}");
        insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "db.password=x"]), @r#"
        saved app.toml (save #1)
          db: added {"password":"[redacted]"}
          backup   #1
          note     db.password is sensitive, and the file's mode 0644 lets others read it; `chmod 600` keeps it to its owner
        `db.password` was an argument, which others can see; use --stdin for secrets
        exit code 0
        "#);
        let again = sandbox.ok(&["set", "app.toml", "db.password=y"]).stdout;
        assert!(!again.contains("chmod"), "{again}");
        chmod(0o600);
        let private = sandbox.ok(&["set", "app.toml", "token=y"]).stdout;
        assert!(!private.contains("chmod"), "{private}");
    }
}
