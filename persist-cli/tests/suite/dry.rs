//! What would change, and content that is in no file.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Ran, Sandbox};

const FILE: &str = "# sizes\na = 1 # one\n\n[db]\npassword = \"hunter2\"\n";

/// All that is in the folder, with its bytes.
fn tree(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![sandbox.path("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path.clone()),
                false => found.push((path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

/// The command with something on standard input.
fn piped(sandbox: &Sandbox, input: &str, args: &[&str]) -> Ran {
    let mut command = sandbox.command(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that refuses its arguments reads nothing.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap().into()
}

/// Runs it dry, sees that nothing was touched, then for real, and sees that it did what was said.
fn check(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let dry = [args, &["--dry-run"]].concat();
    let before = tree(sandbox);
    let shown = sandbox.run(&dry);
    let told = sandbox.json(shown.code, &dry);
    assert!(tree(sandbox) == before, "{args:?} touched something");
    let real = sandbox.json(shown.code, args);
    assert_eq!(told["changes"], real["changes"], "{args:?}");
    assert_eq!(told["digest"], real["digest"], "{args:?}");
    assert_eq!(told["message"], real["message"], "{args:?}");
    shown
}

#[test]
fn a_dry_run_says_what_a_run_does_and_touches_nothing() {
    let sandbox = Sandbox::with("app.toml", FILE);
    insta::assert_snapshot!(check(&sandbox, &["set", "app.toml", "a=2", "db.password=x"]), @r#"
    would save app.toml (save)
      a: 1 -> 2
      db.password: "[redacted]" -> "[redacted]"
    nothing was touched
    `db.password` was an argument, which others can see; use --stdin for secrets
    exit code 0
    "#);
    assert!(
        sandbox.path(".app.toml.persist").exists(),
        "by the run, not by the dry one"
    );
    insta::assert_snapshot!(check(&sandbox, &["unset", "app.toml", "a"]), @r"
    would save app.toml (save)
      a: removed 2
    nothing was touched
    exit code 0
    ");
    insta::assert_snapshot!(check(&sandbox, &["undo", "app.toml"]), @r"
    would save app.toml (undo)
      a: added 2
      from     the content before change #2
    nothing was touched
    exit code 0
    ");
    insta::assert_snapshot!(check(&sandbox, &["redo", "app.toml"]), @r"
    would save app.toml (redo)
      a: removed 2
      from     the content after change #2
    nothing was touched
    exit code 0
    ");
    insta::assert_snapshot!(check(&sandbox, &["restore", "app.toml", "1"]), @r#"
    would save app.toml (restore)
      db.password: "[redacted]" -> "[redacted]"
      a: added 1
      from     backup #1 [sha]
    nothing was touched
    exit code 0
    "#);
    insta::assert_snapshot!(check(&sandbox, &["set", "app.toml", "a=1"]), @r"
    unchanged app.toml
    exit code 0
    ");
    insta::assert_snapshot!(check(&sandbox, &["set", "new.yaml", "k=v"]), @r#"
    would save new.yaml (create)
      k: added "v"
    nothing was touched
    exit code 0
    "#);
    insta::assert_snapshot!(check(&sandbox, &["convert", "new.yaml", "-o", "new.json"]), @r#"
    would save new.json (create)
      k: added "v"
    nothing was touched
    exit code 0
    "#);
    // Somebody else's change would be taken back first.
    sandbox.write("app.toml", "a = 5\n");
    check(&sandbox, &["undo", "app.toml"]);
    assert_eq!(sandbox.text("app.toml"), FILE);
    check(&sandbox, &["undo", "app.toml", "2"]);
    check(&sandbox, &["undo", "app.toml", "--to", "1"]);
}

/// What a run refuses its dry one refuses too, by the same words.
#[test]
fn a_dry_run_refuses_what_a_run_does() {
    let sandbox = Sandbox::with("app.toml", FILE);
    let refused =
        |args: &[&str], code: i32| assert_eq!(check(&sandbox, args).code, code, "{args:?}");
    refused(&["set", "app.toml", "a=text"], 4);
    refused(&["unset", "app.toml", "none"], 1);
    refused(&["undo", "app.toml"], 1);
    refused(&["restore", "app.toml", "1"], 1);
    refused(&["undo", "none.toml"], 8);
    sandbox.ok(&["set", "app.toml", "a=3"]);
    refused(&["undo", "app.toml", "7"], 1);
    refused(&["restore", "app.toml", "9"], 1);
    sandbox.write("app.toml", "a = [\n");
    refused(&["set", "app.toml", "a=4"], 4);
    sandbox.write("app.toml", "a = 8\n");
    refused(&["--strict", "set", "app.toml", "a=4"], 7);
    sandbox.write("app.toml", "\0\0\0\0");
    refused(&["set", "app.toml", "a=4"], 5);
    assert_eq!(
        sandbox
            .run(&["convert", "app.toml", "--to", "json", "--dry-run"])
            .code,
        2
    );
}

#[test]
fn standard_input_is_changed_on_its_way_and_leaves_no_state() {
    let sandbox = Sandbox::new();
    let toml = |args: &[&str]| piped(&sandbox, FILE, &[args, &["--format", "toml"]].concat());
    insta::assert_snapshot!(toml(&["set", "-", "a=2", "b=new"]), @r#"
    # sizes
    a = 2 # one
    b = "new"

    [db]
    password = "hunter2"
    exit code 0
    "#);
    insta::assert_snapshot!(toml(&["set", "-", "a:=\"x\""]), @r#"
    # sizes
    a = "x" # one

    [db]
    password = "hunter2"
    a was a number and is now text
    exit code 0
    "#);
    insta::assert_snapshot!(toml(&["unset", "-", "db"]), @r"
    # sizes
    a = 1 # one
    exit code 0
    ");
    insta::assert_snapshot!(toml(&["set", "-", "a=2", "--dry-run"]), @r"
    would save standard input (save)
      a: 1 -> 2
    nothing was touched
    exit code 0
    ");
    insta::assert_snapshot!(toml(&["get", "-", "a"]), @r"
    1
    exit code 0
    ");
    insta::assert_snapshot!(toml(&["get", "-"]), @r"
    error: standard input was not printed, because it holds sensitive values: db.password
      help: --redacted hides them, --reveal prints all
    exit code 1
    ");
    insta::assert_snapshot!(toml(&["get", "-", "c"]), @r"
    error: standard input: there is no `c`
    exit code 1
    ");
    insta::assert_snapshot!(toml(&["set", "-", "a=text"]), @r"
    error: `a` holds a number, but `text` is not one
     --> standard input:2:5
      |
    2 | a = 1 # one
      |     ^
      |
      = help: `a:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(toml(&["set", "-", "a", "--stdin"]), @r"
    error: standard input can't be both the file and the value
      help: --file KEY=PATH reads a value from a file
    exit code 2
    ");
    insta::assert_snapshot!(toml(&["convert", "-", "--to", "yaml", "--redacted"]), @r#"
    # sizes
    a: 1 # one
    db:
      password: "[redacted]"
    exit code 0
    "#);
    insta::assert_snapshot!(piped(&sandbox, "a: [", &["get", "-", "--format", "yaml"]), @r"
    error: unclosed bracket '['
     --> standard input:1:4
      |
    1 | a: [
      |    ^
    exit code 4
    ");
    insta::assert_snapshot!(piped(&sandbox, "a: 1\n", &["get", "-"]), @r"
    error: the format of standard input is not known
      help: name it with --format
    exit code 2
    ");
    insta::assert_snapshot!(piped(&sandbox, "{\"a\": 1}\n", &["set", "-", "a=2"]), @r#"
    {"a": 2}
    exit code 0
    "#);
    assert!(tree(&sandbox).is_empty());
    sandbox.write("app.toml", FILE);
    insta::assert_snapshot!(piped(&sandbox, "a = 7\n", &["diff", "app.toml", "--with", "-"]), @r#"
    a: 1 -> 7
    db: removed {"password":"[redacted]"}
    exit code 0
    "#);
    insta::assert_snapshot!(piped(&sandbox, "{\"a\": 7}", &["diff", "app.toml", "--with", "-", "--format", "toml"]), @r#"
    error: invalid key-value pair, expected key
     --> standard input:1:1
      |
    1 | {"a": 7}
      | ^
    exit code 4
    "#);
    insta::assert_snapshot!(piped(&sandbox, "{\"a\": 7}", &["diff", "app.toml", "--with", "-"]), @r#"
    a: 1 -> 7
    db: removed {"password":"[redacted]"}
    exit code 0
    "#);
    insta::assert_snapshot!(piped(&sandbox, "[1]\n", &["get", "-"]), @r"
    error: the format of standard input is not known
      help: name it with --format
    exit code 2
    ");
    assert_eq!(tree(&sandbox).len(), 1);
    toml(&["convert", "-", "-o", "out.json"]);
    assert_eq!(sandbox.json(0, &["get", "out.json", "a"])["value"], 1);
    // A file can be called so.
    sandbox.write("-", FILE);
    assert_eq!(
        sandbox.ok(&["get", "./-", "a", "--format", "toml"]).stdout,
        "1\n"
    );
}
