//! What a person types is what is written: `set` and `unset` keep the kind of a value, and refuse what is unclear.

use crate::support::{Ran, Sandbox};

/// Runs `persist` with these arguments on a file of this content, and says what is in it then, or how it was refused.
fn on(name: &str, before: &str, args: &[&str]) -> (Ran, String) {
    let sandbox = Sandbox::with(name, before);
    let (command, rest) = args.split_first().expect("a command");
    let ran = sandbox.run(&[&[*command, name], rest].concat());
    (ran, sandbox.text(name))
}

fn set(name: &str, before: &str, assignments: &[&str], after: &str) {
    let (ran, text) = on(name, before, &[&["set"], assignments].concat());
    assert_eq!(ran.code, 0, "{before:?} {assignments:?}\n{ran}");
    assert_eq!(text, after, "{before:?} {assignments:?}");
}

/// How it was refused; nothing was written.
fn refused(name: &str, before: &str, args: &[&str]) -> Ran {
    let (ran, text) = on(name, before, args);
    assert_ne!(ran.code, 0, "{before:?} {args:?}\n{ran}");
    assert_eq!(text, before, "{args:?}");
    ran
}

#[test]
fn a_value_keeps_its_kind() {
    let json = |before: &str, to: &str, after: &str| set("a.json", before, &[to], after);
    let yaml = |before: &str, to: &str, after: &str| set("a.yaml", before, &[to], after);
    let toml = |before: &str, to: &str, after: &str| set("a.toml", before, &[to], after);
    json(r#"{"v":"3.9"}"#, "v=3.10", r#"{"v":"3.10"}"#);
    json(r#"{"v":"x"}"#, "v=true", r#"{"v":"true"}"#);
    json(r#"{"v":"x"}"#, "v=null", r#"{"v":"null"}"#);
    json(r#"{"v":"x"}"#, "v=", r#"{"v":""}"#);
    json(r#"{"v":1}"#, "v=1e3", r#"{"v":1e3}"#);
    json(r#"{"v":1}"#, "v=0x1F", r#"{"v":31}"#);
    json(r#"{"v":1}"#, "v=1_000", r#"{"v":1000}"#);
    json(r#"{"v":true}"#, "v=False", r#"{"v":false}"#);
    json(r#"{"v":[1]}"#, "v=[]", r#"{"v":[]}"#);
    json(r#"{"v":"x"}"#, "v:=3.5", r#"{"v":3.5}"#);
    yaml("l: [\"1.0\"]\n", "l[+]=1.1", "l: [\"1.0\", \"1.1\"]\n");
    yaml("l: [\"1.0\"]\n", "l+=1.1", "l: [\"1.0\", \"1.1\"]\n");
    yaml("l:\n  - yes\n", "l+=no", "l:\n  - yes\n  - no\n");
    yaml("a: True # c\n", "a=False", "a: False # c\n");
    yaml("a: True\n", "a=no", "a: False\n");
    yaml("r: .5\n", "r=.7", "r: .7\n");
    yaml("m: 0755\n", "m=0644", "m: 0644\n");
    yaml("k: yes\n", "k=no", "k: no\n");
    yaml("k: Yes\n", "k=false", "k: No\n");
    yaml("k: \"yes\"\n", "k=no", "k: \"no\"\n");
    yaml("k: yes\n", "k:=\"yes\"", "k: \"yes\"\n");
    yaml("k: maybe\n", "k=no", "k: \"no\"\n");
    yaml("t: 12:30\n", "t=13:45", "t: 13:45\n");
    yaml("d: 2020-01-01\n", "d=2021-02-03", "d: 2021-02-03\n");
    yaml("n: 5\n", "n=0o17", "n: 15\n");
    yaml("n: 3.5\n", "n=1e3", "n: 1000.0\n");
    yaml("n: 1e3\n", "n=2e3", "n: 2e3\n");
    yaml("a: !Ref x # c\n", "a=y z", "a: !Ref y z # c\n");
    yaml("a: !n 0x10\n", "a=0x20", "a: !n 0x20\n");
    yaml("a: !Ref x\n", "a:=\"z\"", "a: z\n");
    yaml("a: 1 # c\n", "a:=!vault x", "a: !vault x # c\n");
    yaml("", "a:=!Point {\"x\": 1}", "a: !Point\n  x: 1\n");
    yaml(
        "",
        "a:=!<tag:x.org,2024:y> [1]",
        "a: !<tag:x.org,2024:y>\n  - 1\n",
    );
    yaml("a: &b yes\nc: 1\n", "a=off", "a: &b no\nc: 1\n");
    toml(
        "s = \"2020-01-01\"\n",
        "s=2021-02-03",
        "s = \"2021-02-03\"\n",
    );
    toml("c = 2020-01-01\n", "c=2021-02-03", "c = 2021-02-03\n");
    toml("n = 0x00FF00\n", "n=0x00FFAA", "n = 0x00FFAA\n");
    toml("n = 1_000\n", "n=2_000", "n = 2_000\n");
    toml("n = 0x00FF00\n", "n=255", "n = 255\n");
    toml("n = 0.5\n", "n=.7", "n = 0.7\n");
    toml("n = [0x1]\n", "n+=0x2", "n = [0x1, 0x2]\n");
}

#[test]
fn a_new_value_is_json_or_text() {
    let typed = [
        "t=07:30",
        "p=+4911",
        "h=0x10",
        "x=nan",
        "d=2020-01-01",
        "w=yes",
        "i=12",
        "b=true",
    ];
    set(
        "a.json",
        "{}\n",
        &typed,
        "{\n  \"t\": \"07:30\",\n  \"p\": \"+4911\",\n  \"h\": \"0x10\",\n  \"x\": \"nan\",\n  \"d\": \"2020-01-01\",\n  \"w\": \"yes\",\n  \"i\": 12,\n  \"b\": true\n}\n",
    );
    set(
        "a.yaml",
        "",
        &typed,
        "t: \"07:30\"\np: \"+4911\"\nh: \"0x10\"\nx: \"nan\"\nd: \"2020-01-01\"\nw: \"yes\"\ni: 12\nb: true\n",
    );
    set(
        "a.toml",
        "",
        &typed,
        "t = \"07:30\"\np = \"+4911\"\nh = \"0x10\"\nx = \"nan\"\nd = \"2020-01-01\"\nw = \"yes\"\ni = 12\nb = true\n",
    );
    set("a.yaml", "a:\n", &["a=[1, x]"], "a: \"[1, x]\"\n");
    set("a.yaml", "a:\n", &["a=[1, 2]"], "a:\n  - 1\n  - 2\n");
}

#[test]
fn what_does_not_fit_is_refused_with_the_way_out() {
    insta::assert_snapshot!(refused("a.yaml", "port: 8080\n", &["set", "port=8O80"]), @r"
    error: `port` holds a number, but `8O80` is not one
     --> a.yaml:1:7
      |
    1 | port: 8080
      |       ^^^^
      |
      = help: `port:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.toml", "name = 'x'\nport = 8080 # c\n", &["set", "port="]), @r"
    error: `port` holds a number, but an empty text is not one
     --> a.toml:2:8
      |
    2 | port = 8080 # c
      |        ^^^^
      |
      = help: `port:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.json", "{\"on\": true}", &["set", "on=yes"]), @r#"
    error: `on` holds a switch (true or false), but `yes` is not one
     --> a.json:1:8
      |
    1 | {"on": true}
      |        ^^^^
      |
      = help: `on:=JSON` writes a value of another kind, --string a text
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.yaml", "on: yes\n", &["set", "on=maybe"]), @r"
    error: `on` holds a switch (true or false), but `maybe` is not one
     --> a.yaml:1:5
      |
    1 | on: yes
      |     ^^^
      |
      = help: `on:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.toml", "d = 2020-01-01\n", &["set", "d=tomorrow"]), @r"
    error: `d` holds a date or time, but `tomorrow` is not one
     --> a.toml:1:5
      |
    1 | d = 2020-01-01
      |     ^^^^^^^^^^
      |
      = help: `d:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["set", "l=1,2"]), @r#"
    error: `l` holds a list, but `1,2` is not one: write it as JSON
     --> a.json:1:7
      |
    1 | {"l": [1]}
      |       ^^^
      |
      = help: `l+=VALUE` adds an item, `l:=JSON` writes a value of any kind
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"m\": {}}", &["set", "m=[1]"]), @r#"
    error: `m` holds a map, but `[1]` is not one
     --> a.json:1:7
      |
    1 | {"m": {}}
      |       ^^
      |
      = help: `m:=JSON` writes a value of another kind, --string a text
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1, 2]}", &["set", "l[+]=x"]), @r#"
    error: each item of `l` is a number, but `x` is not one
     --> a.json:1:2
      |
    1 | {"l": [1, 2]}
      |  ^^^
      |
      = help: `'l[+]':=JSON` writes a value of another kind, --string a text
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.toml", "[[t]]\nx = 1\n", &["set", "t[+]=5"]), @r"
    error: each item of `t` is a map, but `5` is not one
     --> a.toml:1:3
      |
    1 | [[t]]
      |   ^
      |
      = help: `'t[+]':=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.toml", "a = 1\n", &["set", "b=null"]), @r"
    error: a.toml: `null` can't be written for `b`: TOML has no null
      help: `persist unset` removes a key
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.toml", "a = 1\n", &["set", "b=[1, null]"]), @r"
    error: a.toml: `[1, null]` can't be written for `b`: TOML has no null
      help: `persist unset` removes a key
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.json", "{}", &["set", "a:=x"]), @r#"
    error: a.json: `x`, given for `a`, is not JSON: expected a value, found text without quotes
      help: `a:='"text"'` is a text in JSON, `a:=[1, 2]` a list
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"a\": 0}", &["set", "a=0644"]), @r#"
    error: `a` holds a number, but `0644` is not one
     --> a.json:1:7
      |
    1 | {"a": 0}
      |       ^
      |
      = help: `a:=JSON` writes a value of another kind, --string a text
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"a\": 1}", &["set", "a:=1", "--string"]), @r"
    error: `:=` writes JSON, and --string writes text; use one of them
    exit code 2
    ");
    insta::assert_snapshot!(refused("a.json", "{\"a\": 1}", &["set", "a:=!Ref x"]), @r"
    error: a.json: `!Ref x` can't be written for `a`: JSON has no tags
      help: leave the tag out
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.yaml", "a: 1\n", &["set", "a:=!!str x"]), @r#"
    error: a.yaml: `!!str x`, given for `a`, is not JSON: JSON writes this kind without a tag
      help: `a:='"text"'` is a text in JSON, `a:=[1, 2]` a list
    exit code 4
    "#);
    // Of a secret nothing is shown.
    insta::assert_snapshot!(refused("a.json", "{\"password\": 1234}", &["set", "password:=hunter2"]), @r#"
    error: a.json: the value, given for `password`, is not JSON
      help: `password:='"text"'` is a text in JSON, `password:=[1, 2]` a list
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"password\": 1234}", &["set", "password=hunter2"]), @r#"
    error: `password` holds a number, but the value is not one
     --> a.json:1:14
      |
    1 | {"password": *****
      |              ^^^^
      |
      = help: `password:=JSON` writes a value of another kind, --string a text
    exit code 4
    "#);
}

#[test]
fn what_changes_or_is_read_otherwise_is_told() {
    let _filters = Sandbox::new();
    let told = |name: &str, before: &str, args: &[&str]| on(name, before, args).0;
    insta::assert_snapshot!(told("a.json", "{\"v\": \"3.9\"}", &["set", "v:=3.10"]), @r#"
    saved a.json (save #1)
      v: "3.9" -> 3.1
      backup   #1
      note     v was text and is now a number
      note     v: programs read 3.10 as 3.1; --string writes it as text
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.json", "{}", &["set", "v=3.10"]), @r"
    saved a.json (save #1)
      v: added 3.1
      backup   #1
      note     v: programs read 3.10 as 3.1; --string writes it as text
    exit code 0
    ");
    insta::assert_snapshot!(told("a.json", "{\"v\": 1}", &["set", "v=1", "--string"]), @r#"
    saved a.json (save #1)
      v: 1 -> "1"
      backup   #1
      note     v was a number and is now text
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.yaml", "m: 0755\n", &["set", "m=0644"]), @r"
    saved a.yaml (save #1)
      m: 755 -> 644
      backup   #1
      note     m: YAML 1.2 parsers read 0644 as 644, YAML 1.1 parsers as 420
    exit code 0
    ");
    insta::assert_snapshot!(told("a.json", "{\"n\": 1}", &["set", "n=9007199254740993"]), @r"
    saved a.json (save #1)
      n: 1 -> 9007199254740993
      backup   #1
      note     n: many programs read 9007199254740993 as 9007199254740992
    exit code 0
    ");
    insta::assert_snapshot!(told("a.json", "{\"n\": 1}", &["set", "n=0.12345678901234567891"]), @r"
    saved a.json (save #1)
      n: 1 -> 0.12345678901234568
      backup   #1
      note     n was an integer and is now a float
      note     n: many programs read 0.12345678901234567891 as 0.12345678901234568
    exit code 0
    ");
    insta::assert_snapshot!(told("a.yaml", "n: 5\n", &["set", "n=0o17"]), @r"
    saved a.yaml (save #1)
      n: 5 -> 15
      backup   #1
      note     n: the number is written differently, since some parsers do not read 0o17 as a number
    exit code 0
    ");
    insta::assert_snapshot!(told("a.yaml", "d: 2020-01-01\n", &["set", "d=soon"]), @r#"
    saved a.yaml (save #1)
      d: "2020-01-01" -> "soon"
      backup   #1
      note     d: YAML 1.1 parsers read the old value as a date, and read this one as text
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.yaml", "a: !Ref x\n", &["set", "a:=\"y\""]), @r#"
    saved a.yaml (save #1)
      a: !Ref "x" -> "y"
      backup   #1
      note     a: the tag !Ref is removed
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.yaml", "a: 1\n", &["set", "a:=!vault x"]), @r#"
    saved a.yaml (save #1)
      a: 1 -> !vault "x"
      backup   #1
      note     a was a number and is now text
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.json", "{}", &["set", "l={a: 1}"]), @r#"
    saved a.json (save #1)
      l: added "{a: 1}"
      backup   #1
      note     l: stored as text, since it is not valid JSON: expected a key in double quotes, found 'a'
    exit code 0
    "#);
    insta::assert_snapshot!(told("a.json", "{\"pin\": 1, \"password\": 2}", &["set", "password=3.10"]), @r#"
    saved a.json (save #1)
      password: "[redacted]" -> "[redacted]"
      backup   #1
      note     password was an integer and is now a float
      note     password: some programs read this as another number
    `password` was an argument, which others can see; use --stdin for secrets
    exit code 0
    "#);
}

#[test]
fn assignments_are_made_in_order() {
    set(
        "a.json",
        "{}",
        &["a={}", "a.b=1"],
        "{\n  \"a\": {\n    \"b\": 1\n  }\n}",
    );
    set(
        "a.json",
        "{\"l\":[1]}",
        &["l+=2", "l+=3", "l[0]=9"],
        "{\"l\":[9, 2, 3]}",
    );
    set("a.json", "{\"v\":1}", &["v:=\"x\"", "v=2"], "{\"v\":\"2\"}");
    set(
        "a.yaml",
        "a: yes\nb: 1\n",
        &["a=no", "b=2", "a=on"],
        "a: yes\nb: 2\n",
    );
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["set", "l[0]=1", "l[-1]=2"]), @r"
    error: a.json: `l[-1]` is the item `l[0]`, which is set before
      help: use a command for each
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["set", "l+=1", "l[-1]=2"]), @r"
    error: a.json: `l[-1]` may mean the list `l` before or after the addition
      help: use a command for each
    exit code 4
    ");
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["set", "l=[5]", "l[0]=2"]), @r"
    error: a.json: `l[0]` is part of `l`, which changes as a whole
      help: use a command for each
    exit code 4
    ");
}

#[test]
fn unset_means_the_list_as_it_was() {
    let unset = |before: &str, keys: &[&str], after: &str| {
        let (ran, text) = on("a.json", before, &[&["unset"], keys].concat());
        assert_eq!((ran.code, text.as_str()), (0, after), "{keys:?}\n{ran}");
    };
    unset(
        r#"{"l":["a","b","c"]}"#,
        &["l[0]", "l[1]"],
        r#"{"l":["c"]}"#,
    );
    unset(
        r#"{"l":["a","b","c"]}"#,
        &["l[-1]", "l[0]"],
        r#"{"l":["b"]}"#,
    );
    unset(r#"{"a":{"b":1},"c":2}"#, &["a.b", "a"], r#"{"c":2}"#);
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["unset", "l[0]", "l[-1]"]), @r"
    error: a.json: `l[0]` and `l[-1]` are the same item; nothing was removed
    exit code 2
    ");
    insta::assert_snapshot!(refused("a.json", "{\"l\": [1]}", &["unset", "l", "l[0]"]), @r"
    error: a.json: `l` and `l[0]` are one within the other; nothing was removed
    exit code 2
    ");
    insta::assert_snapshot!(refused("a.json", "{\"a.b\": 1}", &["unset", "a.b"]), @r#"
    error: a.json: there is no `a.b`; nothing was removed
      help: did you mean '"a.b"'?
    exit code 1
    "#);
}

#[test]
fn a_key_that_looks_wrong_is_refused() {
    insta::assert_snapshot!(refused("a.json", "{\"a.b\": 1}", &["set", "a.b=2"]), @r#"
    error: a.json: `a.b` would go into a map, but keys there have dots in them
      help: `'"a.b"'=…` is the key with the dot; as a JSON Pointer, `/a/b=…`, it goes into a map
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{\"editor.tabSize\": 1}", &["set", "editor.fontSize=2"]), @r#"
    error: a.json: `editor.fontSize` would go into a map, but keys there have dots in them
      help: `'"editor.fontSize"'=…` is the key with the dot; as a JSON Pointer, `/editor/fontSize=…`, it goes into a map
    exit code 4
    "#);
    set(
        "a.json",
        "{\"a.b\":1}",
        &["/a/b=2"],
        "{\"a.b\":1, \"a\":{\"b\": 2}}",
    );
    set("a.json", "{\"a.b\":1}", &["\"a.b\"=2"], "{\"a.b\":2}");
    insta::assert_snapshot!(refused("a.json", "{\"n\": 1}", &["set", "n+=2"]), @r#"
    error: a.json: `+=` adds an item to a list, but `n` does not hold one
      help: `n:=[…]` makes it a list; a key that ends in `+` needs quotes: "n+"
    exit code 4
    "#);
    insta::assert_snapshot!(refused("a.json", "{}", &["set", "/a=b=c"]), @r"
    error: a.json: it is not clear where the key ends: there is no `/a`, and no `/a=b`
      help: write the key with dots: `a=…`
    exit code 4
    ");
    set("a.json", "{\"a=b\":1}", &["/a=b=2"], "{\"a=b\":2}");
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["set", "*.json", "a=1"]), @r"
    error: no file matches the pattern `*.json`
      help: name the file; if it should have that name, create it empty first
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "a", "--file"]), @r"
    error: a value is required for '--file <KEY=PATH>' but none was supplied

    For more information, try '--help'.
    exit code 2
    ");
}

#[test]
fn a_value_comes_from_a_file() {
    let sandbox = Sandbox::with("a.yaml", "n: 1\n");
    sandbox.write("value", "@007\n");
    sandbox.write("number", "2\n");
    sandbox.write("list.json", "[1, {\"a\": null}]\n");
    sandbox.ok(&[
        "set",
        "a.yaml",
        "--file",
        "v=value",
        "--file",
        "n=number",
        "--file",
        "l:=list.json",
        "x=@y",
    ]);
    insta::assert_snapshot!(sandbox.text("a.yaml"), @r#"
    n: 2
    x: "@y"
    v: "@007"
    l:
      - 1
      - a: null
    "#);
    let missing = sandbox.run(&["set", "a.yaml", "--file", "v=nothing"]);
    let says = "could not read the value of `v` from nothing: ";
    assert!(
        missing.code == 8 && missing.stderr.contains(says),
        "{missing}"
    );
    insta::assert_snapshot!(sandbox.run(&["set", "a.yaml", "--file", "n=value"]), @r"
    error: `n` holds a number, but `@007` is not one
     --> a.yaml:1:4
      |
    1 | n: 2
      |    ^
      |
      = help: `n:=JSON` writes a value of another kind, --string a text
    exit code 4
    ");
}

#[test]
fn the_schema_says_the_kind_first() {
    let sandbox = Sandbox::with(
        "a.json",
        "{\"schema_version\": \"1.0.0\", \"n\": \"text\"}\n",
    );
    let schema = r#"{"type": "object", "properties": {
        "schema_version": {"type": "string"},
        "version": {"type": ["string", "null"]},
        "n": {"type": ["number", "string"]},
        "port": {"type": "integer"},
        "on": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "window": {"type": "object", "properties": {"width": {"type": "integer"}}}
    }}"#;
    let manifest =
        format!(r#"{{"app": "a", "versions": [{{"version": "1.0.0", "schema": {schema}}}]}}"#);
    sandbox.write("config_versions.json", manifest);
    sandbox.ok(&[
        "set",
        "a.json",
        "version=3.10",
        "n=7",
        "port=80",
        "on=False",
        "tags=[]",
        "tags+=1.0",
        "window.width=8",
    ]);
    insta::assert_snapshot!(sandbox.text("a.json"), @r#"{"schema_version": "1.0.0", "n": "7", "version": "3.10", "port": 80, "on": false, "tags": ["1.0"], "window": {"width": 8}}"#);
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "on=1"]), @r"
    error: a.json: the schema requires a switch (true or false) for `on`, not `1`
      help: see the schema; `--string` and `:=` don't change what it allows
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "port=http"]), @r"
    error: a.json: the schema requires a number for `port`, not `http`
      help: see the schema; `--string` and `:=` don't change what it allows
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "port=8.5"]), @r"
    error: a.json:1:66: expected integer, found float at port
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "prot=1"]), @r"
    saved a.json (save #2)
      prot: added 1
      backup   #2
      version  1.0.0
      note     prot: the schema does not know this key; did you mean `port`?
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "window.widht=1", "quite=2"]), @r"
    saved a.json (save #3)
      window.widht: added 1
      quite: added 2
      backup   #3
      version  1.0.0
      note     window.widht: the schema does not know this key; did you mean `width`?
      note     quite: the schema does not know this key
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.json", "port:=\"80\""]), @r"
    error: a.json:1:66: expected integer, found string at port
    exit code 4
    ");
}

#[test]
fn the_ten_lines_are_the_help() {
    let help = Sandbox::new().ok(&["help", "set"]).stdout;
    let lines = help
        .split_once("A value keeps its kind:")
        .expect("the lines")
        .1;
    for number in 1..=10 {
        let begin = format!("\n{number:4}. ");
        assert_eq!(lines.matches(&begin).count(), 1, "{number} in\n{lines}");
    }
    assert!(lines.contains("Keys\nthat end in `:` or `+`"), "{lines}");
}

#[test]
fn programs_are_told_of_another_kind() {
    let sandbox = Sandbox::with("a.toml", "n = 1000\ns = 'x'\n");
    let told = sandbox.json(0, &["set", "a.toml", "s:=3.10"]);
    assert_eq!(told["notices"][0]["notice"], "kind-changed", "{told}");
    assert_eq!(told["notices"][0]["to"], "a number", "{told}");
    assert_eq!(told["notices"][1]["key"], "s", "{told}");
    insta::assert_snapshot!(sandbox.run(&["set", "a.toml", "n=1_000"]), @r"
    saved a.toml (save #2)
      backup   #2
      note     n: same value, new spelling
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "a.toml", "n=1_000"]), @r"
    unchanged a.toml
    exit code 0
    ");
}
