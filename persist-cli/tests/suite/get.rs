//! `persist get`: in which form a value is printed, and what is not.

use crate::support::Sandbox;

const TOML: &str = "\
# first
zeta = 1
when = 2024-01-01
list = [3, 1]
empty = \"\"

[window]
width  = 1280 # px
height = 0x10

[[servers]]
host = \"a\"
[[servers]]
host = \"b\"
";

#[test]
fn a_section_is_in_the_files_own_format_and_order() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml"]), @r#"
    zeta = 1
    when = 2024-01-01
    list = [3, 1]
    empty = ""

    [window]
    width = 1280
    height = 0x10

    [[servers]]
    host = "a"

    [[servers]]
    host = "b"
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "window"]), @r"
    width = 1280
    height = 0x10
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "servers"]), @r#"
    [{ host = "a" }, { host = "b" }]
    exit code 0
    "#);
    sandbox.write("app.yaml", "z: [1, 2]\na:\n  t: no\n  d: \"1\"\n");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml"]), @r#"
    z:
      - 1
      - 2
    a:
      t: "no"
      d: "1"
    exit code 0
    "#);
    sandbox.write("app.jsonc", "{\"z\": 1.50, // c\n \"a\": [1]}\n");
    insta::assert_snapshot!(sandbox.run(&["get", "app.jsonc"]), @r#"
    {
      "z": 1.50,
      "a": [
        1
      ]
    }
    exit code 0
    "#);
}

#[test]
fn a_form_can_be_asked_for() {
    let sandbox = Sandbox::with("app.toml", TOML);
    let get = |key: &str, form: &str| sandbox.run(&["get", "app.toml", key, "-o", form]);
    insta::assert_snapshot!(get("window", "json"), @r#"
    {
      "width": 1280,
      "height": 16
    }
    exit code 0
    "#);
    insta::assert_snapshot!(get("servers", "yaml"), @r"
    - host: a
    - host: b
    exit code 0
    ");
    insta::assert_snapshot!(get("when", "json"), @r#"
    "2024-01-01"
    lost in conversion: datetime written as a string at when
    exit code 0
    "#);
    insta::assert_snapshot!(get("list", "raw"), @r"
    error: app.toml: `list` is an array, but only a single value can be printed raw
      help: use -o json, toml or yaml
    exit code 2
    ");
    insta::assert_snapshot!(get("", "raw"), @r"
    error: app.toml: the document is a table, but only a single value can be printed raw
      help: use -o json, toml or yaml
    exit code 2
    ");
    sandbox.write("app.yaml", "t: 'a: b'\nn: null\nl: [null]\ni: .inf\n");
    let get = |key: &str, form: &str| sandbox.run(&["get", "app.yaml", key, "-o", form]);
    for (form, text) in [
        ("raw", "a: b\n"),
        ("json", "\"a: b\"\n"),
        ("toml", "\"a: b\"\n"),
        ("yaml", "\"a: b\"\n"),
    ] {
        assert_eq!(get("t", form).stdout, text, "{form}");
    }
    insta::assert_snapshot!(get("n", "toml"), @r"
    error: app.yaml: TOML has no null at n
    exit code 4
    ");
    insta::assert_snapshot!(get("l", "toml"), @r"
    error: app.yaml: TOML has no null at l[0]
    exit code 4
    ");
    insta::assert_snapshot!(get("i", "json"), @r"
    error: app.yaml: JSON has no inf at i
    exit code 4
    ");
    insta::assert_snapshot!(get("", "toml"), @r"
    error: app.yaml: TOML has no null at l[0]
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "--json", "-o", "yaml"]), @r#"
    {
      "causes": [],
      "error": "usage",
      "exit": 2,
      "hint": null,
      "message": "the argument '--json' cannot be used with '--output <FORM>'"
    }
    exit code 2
    "#);
}

/// What is printed reads back as what was asked for, in every format.
#[test]
fn what_is_printed_reads_back() {
    let sandbox = Sandbox::with("app.toml", TOML);
    let all = sandbox.json(0, &["get", "app.toml"])["value"].clone();
    for form in ["json", "toml", "yaml"] {
        let printed = sandbox.ok(&["get", "app.toml", "-o", form]).stdout;
        let name = format!("copy.{form}");
        sandbox.write(&name, printed);
        assert_eq!(sandbox.json(0, &["get", &name])["value"], all, "{form}");
    }
}

const SECRETS: &str =
    "a = 1\n\n[db]\npassword = \"hunter2\"\nurl = \"pg://u:pw@h\"\n[c]\npassword = \"\"\n";

#[test]
fn a_program_gets_secrets_as_it_says_and_never_in_part_unasked() {
    let sandbox = Sandbox::with("app.toml", SECRETS);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml"]), @r"
    error: app.toml was not printed, because it holds sensitive values: db.password, db.url
      help: --redacted hides them, --reveal prints all
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "db"]), @r"
    error: app.toml was not printed, because it holds sensitive values: db.password, db.url
      help: --redacted hides them, --reveal prints all
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "--json"]), @r#"
    {
      "causes": [],
      "error": "no",
      "exit": 1,
      "hint": "--redacted hides them, --reveal prints all",
      "message": "app.toml was not printed, because it holds sensitive values: db.password, db.url"
    }
    exit code 1
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "db", "--redacted"]), @r#"
    password = "[redacted]"
    url = "pg://u:[redacted]@h"
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "db", "--reveal"]), @r#"
    password = "hunter2"
    url = "pg://u:pw@h"
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "c"]), @r#"
    password = ""
    exit code 0
    "#);
    let shown = sandbox.json(0, &["get", "app.toml", "--redacted"]);
    assert_eq!(shown["value"]["db"]["password"], "[redacted]");
    let shown = sandbox.json(0, &["get", "app.toml", "--reveal"]);
    assert_eq!(shown["value"]["db"]["password"], "hunter2");
    let all = ["get", "app.toml", "--reveal", "--redacted"];
    assert_eq!(sandbox.run(&all).code, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_sees_the_rest_and_is_told() {
    let sandbox = Sandbox::with("app.toml", SECRETS);
    let Some(sent) = crate::terminal::on_terminal(&sandbox, &["get", "app.toml"]) else {
        return;
    };
    insta::assert_snapshot!(sent, @r#"
    [2m2 sensitive values are shown as [redacted]; --reveal shows all[0m
    a = 1

    [db]
    password = "[redacted]"
    url = "pg://u:[redacted]@h"

    [c]
    password = "[redacted]"
    "#);
    let sent = |args: &[&str]| crate::terminal::on_terminal(&sandbox, args).unwrap();
    insta::assert_snapshot!(sent(&["convert", "app.toml", "--to", "yaml"]), @r#"
    [2m2 sensitive values are shown as [redacted]; --reveal shows all[0m
    a: 1
    db:
      password: "[redacted]"
      url: "pg://u:[redacted]@h"
    c:
      password: "[redacted]"
    "#);
    insta::assert_snapshot!(sent(&["get", "app.toml", "db.password"]), @"hunter2");
    insta::assert_snapshot!(sent(&["get", "app.toml", "db", "--reveal"]), @r#"
    password = "hunter2"
    url = "pg://u:pw@h"
    "#);
}

#[test]
fn a_key_that_is_not_there_names_the_one_that_was_meant() {
    let sandbox = Sandbox::with("app.toml", TOML);
    sandbox.write(
        "vs.json",
        "{\"editor.fontSize\": 12, \"a\": {\"b.c\": {\"d\": 1}}}",
    );
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "window.widht"]), @r"
    error: app.toml: there is no `window.widht`
      help: did you mean window.width?
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "width"]), @r"
    error: app.toml: there is no `width`
      help: did you mean window.width?
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "server[0].host"]), @r"
    error: app.toml: there is no `server[0].host`
      help: did you mean 'servers[0].host'?
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "servers[2]"]), @r"
    error: app.toml: there is no `servers[2]`
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "vs.json", "editor.fontSize"]), @r#"
    error: vs.json: there is no `editor.fontSize`
      help: did you mean '"editor.fontSize"'?
    exit code 1
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "vs.json", "a.b.c.d"]), @r#"
    error: vs.json: there is no `a.b.c.d`
      help: did you mean 'a."b.c".d'?
    exit code 1
    "#);
    insta::assert_snapshot!(sandbox.run(&["unset", "app.toml", "window.heigth"]), @r"
    error: app.toml: there is no `window.heigth`; nothing was removed
      help: did you mean window.height?
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml", "nothing.like.it"]), @r"
    error: app.toml: there is no `nothing.like.it`
    exit code 1
    ");
}

/// A number is printed as the document has it, wherever its own format is printed; `-o` asks for a value.
#[test]
fn numbers_are_printed_as_they_are_spelled() {
    let toml = "mode = 0o644 # as chmod has it\nfar = 1_000\nlist = [0x10, 16]\n[t]\nx = 1e3\n";
    let yaml = "mode: 0o644 # as chmod has it\nfar: &f 0x3e8\nagain: *f\ntag: !!int 0x10\nlist: [0x10, 16, .5, True]\n";
    let json = "{\"far\": 1E3, \"list\": [1.50, 2]}";
    let check = |name: &str, text: &str, args: &[&str], wanted: &str| {
        let sandbox = Sandbox::with(name, text);
        let told = sandbox.ok(&[&["get", name], args].concat());
        assert_eq!(told.stdout, wanted, "{name} {args:?}");
    };
    check("a.toml", toml, &["mode"], "0o644\n");
    check("a.toml", toml, &["mode", "-o", "raw"], "0o644\n");
    check("a.toml", toml, &["mode", "-o", "json"], "420\n");
    check("a.toml", toml, &["mode", "-o", "toml"], "420\n");
    check("a.toml", toml, &["list"], "[0x10, 16]\n");
    check("a.toml", toml, &["t"], "x = 1e3\n");
    check(
        "a.toml",
        toml,
        &[],
        "mode = 0o644\nfar = 1_000\nlist = [0x10, 16]\n\n[t]\nx = 1e3\n",
    );
    check("a.yaml", yaml, &["far"], "0x3e8\n");
    check("a.yaml", yaml, &["again"], "1000\n");
    check("a.yaml", yaml, &["tag"], "16\n");
    check("a.yaml", yaml, &["list"], "- 0x10\n- 16\n- .5\n- true\n");
    check("a.json", json, &["far"], "1E3\n");
    check("a.json", json, &["list"], "[\n  1.50,\n  2\n]\n");
    check("a.jsonc", json, &["far"], "1E3\n");
    let sandbox = Sandbox::with("a.toml", "[a]\npassword = 0x10\nwidth = 0x10\n");
    let told = sandbox.ok(&["get", "a.toml", "a", "--redacted"]);
    assert_eq!(told.stdout, "password = \"[redacted]\"\nwidth = 0x10\n");
    assert_eq!(sandbox.json(0, &["get", "a.toml", "a.width"])["value"], 16);
}
