//! `persist convert`, and what it can't carry.

use crate::support::Sandbox;

#[test]
fn what_could_not_be_carried_is_listed() {
    let yaml = "# top\nbase: &b {x: 1}\nuse: *b\n1: one\nnone: null\nwhen: 2024-01-01\n";
    let sandbox = Sandbox::with("app.yaml", yaml);
    insta::assert_snapshot!(sandbox.run(&["convert", "app.yaml", "--to", "json"]), @r#"
    {
      "base": {
        "x": 1
      },
      "use": {
        "x": 1
      },
      "1": "one",
      "none": null,
      "when": "2024-01-01"
    }
    lost in conversion: key written as a string at 1
    lost in conversion: 1 comment left out
    lost in conversion: 1 alias or merge key written out
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["convert", "app.yaml", "--to", "toml"]), @r#"
    1 = "one"
    when = "2024-01-01"

    # top
    [base]
    x = 1

    [use]
    x = 1
    lost in conversion: key written as a string at 1
    lost in conversion: null left out at none
    lost in conversion: 1 alias or merge key written out
    exit code 0
    "#);
    let told = sandbox.json(0, &["convert", "app.yaml", "--to", "toml"]);
    assert!(!told["lost"].as_array().unwrap().is_empty());
}

#[test]
fn what_can_not_be_said_is_refused() {
    let sandbox = Sandbox::with("app.toml", "a = nan\n");
    insta::assert_snapshot!(sandbox.run(&["convert", "app.toml", "--to", "json"]), @r"
    error: app.toml: JSON has no NaN at a
    exit code 4
    ");
    sandbox.write("list.json", "[1, null]\n");
    insta::assert_snapshot!(sandbox.run(&["convert", "list.json", "--to", "toml"]), @r"
    error: list.json: a TOML document is a table, not an array
    exit code 4
    ");
}

#[test]
fn saving_the_result_is_a_save_like_any_other() {
    let sandbox = Sandbox::with("app.json", "{\"a\": {\"b\": [1, 2]}}\n");
    sandbox.ok(&["convert", "app.json", "-o", "app.toml"]);
    assert_eq!(
        sandbox.json(0, &["get", "app.toml"])["value"]["a"]["b"][1],
        2
    );
    sandbox.ok(&["set", "app.json", "a.b[0]=5"]);
    sandbox.ok(&["convert", "app.json", "-o", "app.toml"]);
    assert_eq!(sandbox.ok(&["get", "app.toml", "a.b[0]"]).stdout, "5\n");
    sandbox.ok(&["undo", "app.toml"]);
    assert_eq!(sandbox.ok(&["get", "app.toml", "a.b[0]"]).stdout, "1\n");
    insta::assert_snapshot!(sandbox.run(&["convert", "app.json", "-o", "app.conf"]), @r"
    error: the format can't be determined from the file's name; name it with --to
    exit code 2
    ");
}

#[test]
fn a_conversion_says_why() {
    let sandbox = Sandbox::with("app.yaml", "a: 1\n");
    let said = |args: &[&str]| {
        sandbox.ok(&[&["convert", "app.yaml", "-o", "app.toml"], args].concat());
        let log = sandbox.json(0, &["log", "app.toml", "-n", "1"]);
        log[0]["reason"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(said(&[]), "converted");
    sandbox.write("app.yaml", "a: 2\n");
    assert_eq!(said(&["-m", "for the new parser"]), "for the new parser");
    let printed = sandbox.run(&["convert", "app.yaml", "--to", "toml", "-m", "why"]);
    assert_eq!(printed.code, 2, "{printed}");
}
