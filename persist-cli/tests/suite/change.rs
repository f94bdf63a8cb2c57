//! `set`, `unset`, `undo`, `restore`, and what tells of them.

use std::io::Write as _;

use crate::support::Sandbox;

const TOML: &str = "# sizes in pixels\nwidth = 1024 # a note\nname = \"a\"\n";

#[test]
fn a_set_is_told_by_a_receipt() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "width=1280", "-m", "a wider screen"]), @r"
    saved app.toml (save #1)
      width: 1024 -> 1280
      backup   #1
    exit code 0
    ");
    assert_eq!(sandbox.text("app.toml"), TOML.replace("1024", "1280"));
}

#[test]
fn the_same_value_again_changes_nothing() {
    let sandbox = Sandbox::with("app.toml", TOML);
    sandbox.ok(&["set", "app.toml", "width=1024"]);
    assert_eq!(
        sandbox.json(0, &["set", "app.toml", "width=1024"])["outcome"],
        "unchanged"
    );
    assert!(!sandbox.path(".app.toml.persist").exists());
}

#[test]
fn several_values_are_one_change() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "width=1", "deep.er=[1, 2]", "name=b c"]), @r#"
    saved app.toml (save #1)
      width: 1024 -> 1
      name: "a" -> "b c"
      deep: added {"er":[1,2]}
      backup   #1
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.text("app.toml"), @r#"
    # sizes in pixels
    width = 1 # a note
    name = "b c"

    [deep]
    er = [1, 2]
    "#);
    sandbox.ok(&["undo", "app.toml"]);
    assert_eq!(sandbox.text("app.toml"), TOML);
}

#[test]
fn text_is_forced_with_string() {
    let sandbox = Sandbox::with("app.json", "{}\n");
    sandbox.ok(&["set", "app.json", "a=1", "b=true", "--string"]);
    assert_eq!(sandbox.json(0, &["get", "app.json"])["value"]["a"], "1");
    assert_eq!(sandbox.json(0, &["get", "app.json"])["value"]["b"], "true");
}

#[test]
fn keys_with_dots_quotes_and_equals_signs() {
    let sandbox = Sandbox::with("app.json", "{}\n");
    sandbox.ok(&[
        "set",
        "app.json",
        r#""a.b".'c"d'=1"#,
        r#""x=y"=2"#,
        "/p~1q=3",
    ]);
    let value = &sandbox.json(0, &["get", "app.json"])["value"];
    assert_eq!(value["a.b"]["c\"d"], 1);
    assert_eq!(value["x=y"], 2);
    assert_eq!(value["p/q"], 3);
    assert_eq!(
        sandbox.json(0, &["get", "app.json", "/a.b"])["path"],
        "/a.b"
    );
}

#[test]
fn a_file_that_is_not_there_is_created() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["set", "new.yaml", "a.b=1"]), @r#"
    saved new.yaml (create #1)
      a: added {"b":1}
    exit code 0
    "#);
    assert_eq!(sandbox.text("new.yaml"), "a:\n  b: 1\n");
}

#[test]
fn unset_takes_the_comment_along_or_says_what_is_missing() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["unset", "app.toml", "width", "nothing"]), @r"
    error: app.toml: there is no `nothing`; nothing was removed
    exit code 1
    ");
    assert_eq!(sandbox.text("app.toml"), TOML);
    sandbox.ok(&["unset", "app.toml", "width"]);
    assert_eq!(sandbox.text("app.toml"), "name = \"a\"\n");
}

#[test]
fn get_answers_for_scripts() {
    let sandbox = Sandbox::with("app.yaml", "b: [x, 1]\na:\n  n: null\n  t: two words\n");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "a.t"]), @r"
    two words
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "b[-1]"]), @r"
    1
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml"]), @r#"
    b:
      - x
      - 1
    a:
      "n": null
      t: two words
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "a.x"]), @r"
    error: app.yaml: there is no `a.x`
    exit code 1
    ");
    assert_eq!(sandbox.json(1, &["get", "app.yaml", "a.x"])["error"], "no");
}

#[test]
fn the_log_tells_the_story() {
    let sandbox = Sandbox::with("app.toml", TOML);
    sandbox.ok(&["set", "app.toml", "width=2", "-m", "smaller"]);
    sandbox.write("app.toml", TOML.replace("1024", "3"));
    sandbox.ok(&["set", "app.toml", "name=b", "--actor", "somebody"]);
    sandbox.ok(&["undo", "app.toml"]);
    insta::assert_snapshot!(sandbox.run(&["log", "app.toml"]), @r#"
    #4 undo  [time], tester
      from the content before change #3
      name: "b" -> "a"
    #3 save (undone)  [time], somebody
      name: "a" -> "b"
    #2 outside  [time], somebody
      width: 2 -> 3
    #1 save  [time], tester
      smaller
      width: 1024 -> 2
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["log", "app.toml", "--changelog", "-n", "2"]), @r#"
    # Changes of app.toml

    ## #4 undo ([time], tester)

    From the content before change #3.

    - `name`: "b" → "a"

    ## #3 save ([time], somebody, undone later)

    - `name`: "a" → "b"
    exit code 0
    "#);
    let log = sandbox.json(0, &["log", "app.toml", "-n", "1"]);
    assert_eq!(log[0]["changes"][0]["path"], "/name");
    assert_eq!(log.as_array().unwrap().len(), 1);
}

#[test]
fn diff_by_keys_by_text_and_with_another_file() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml"]), @r"
    nothing to compare with: no backup yet
    exit code 0
    ");
    sandbox.ok(&["set", "app.toml", "width=2"]);
    sandbox.ok(&["set", "app.toml", "name=b"]);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml"]), @r#"
    name: "a" -> "b"
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml", "1", "--text"]), @r#"
    @@ -1,3 +1,3 @@
     # sizes in pixels
    -width = 1024 # a note
    -name = "a"
    +width = 2 # a note
    +name = "b"
    exit code 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml", "1", "2", "--exit-code"]), @r"
    width: 1024 -> 2
    exit code 1
    ");
    sandbox.write("other.json", r#"{"width": 2, "name": "b"}"#);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.toml", "--with", "other.json"]), @r"
    same values, different text
    exit code 0
    ");
}

#[test]
fn backups_are_listed_and_restored() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["backups", "app.toml"]), @r"
    no backups yet
    exit code 0
    ");
    sandbox.ok(&["set", "app.toml", "width=2"]);
    sandbox.ok(&["set", "app.toml", "width=3"]);
    insta::assert_snapshot!(sandbox.run(&["backups", "app.toml"]), @r"
     number  taken (UTC)          bytes  digest        why             state 
     2       [time]  48     [sha]  before save #2  good  
     1       [time]  51     [sha]  before save #1  good  
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["restore", "app.toml", "1"]), @r"
    saved app.toml (restore #3)
      width: 3 -> 1024
      from     backup #1 [sha]
      backup   #3
    exit code 0
    ");
    assert_eq!(sandbox.text("app.toml"), TOML);
    insta::assert_snapshot!(sandbox.run(&["restore", "app.toml", "77"]), @r"
    error: app.toml has no such backup
      because: there is no backup 77; backups 1 to 3 exist
      help: `persist backups app.toml` lists them
    exit code 1
    ");
    let backups = sandbox.json(0, &["backups", "app.toml"]);
    assert_eq!(backups.as_array().unwrap().len(), 3);
}

#[test]
fn nothing_to_undo_is_said() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["undo", "app.toml"]), @r"
    error: app.toml: there is no change to undo
    exit code 1
    ");
}

#[test]
fn status_at_each_stage() {
    let sandbox = Sandbox::with("app.toml", TOML);
    insta::assert_snapshot!(sandbox.run(&["status", "app.toml"]), @r"
    app.toml
      state     not yet changed through persist
      format    TOML
      size      51 bytes
      sha-256   [sha256]
      changes   0
      backups   none yet
    exit code 0
    ");
    sandbox.ok(&["set", "app.toml", "width=2"]);
    insta::assert_snapshot!(sandbox.run(&["status", "app.toml"]), @r"
    app.toml
      state     unchanged since the last save
      format    TOML
      size      48 bytes
      sha-256   [sha256]
      changes   1
      last      #1 save by tester, [time]
      backups   1 (51 bytes, since [time])
    exit code 0
    ");
    sandbox.write("app.toml", "width = \n");
    insta::assert_snapshot!(sandbox.run(&["status", "app.toml"]), @r"
    app.toml
      state     not a valid document; nothing was touched
      problem   error: there is no value after the `=`
                 --> app.toml:1:9
                  |
                1 | width = 
                  |         ^
      format    TOML
      size      9 bytes
      sha-256   [sha256]
      changes   1
      last      #1 save by tester, [time]
      backups   1 (51 bytes, since [time])
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "nothing.toml"]), @r"
    nothing.toml
      state     there is no such file
      changes   0
      backups   none yet
    exit code 8
    ");
    let told = sandbox.json(4, &["status", "app.toml"]);
    assert_eq!(told["changes"], 1);
    let problem = "app.toml:1:9: there is no value after the `=`";
    assert_eq!(told["problem"], problem);
    let told = sandbox.json(1, &["verify", "app.toml"]);
    assert_eq!(told["problems"][0], problem);
    assert_eq!(told["verification"]["text"], problem);
    let told = sandbox.run(&["verify", "app.toml"]).stdout;
    assert!(told.contains("1 | width = \n"), "{told}");
}

#[test]
fn strict_refuses_to_save_over_an_edit() {
    let sandbox = Sandbox::with("app.toml", TOML);
    sandbox.ok(&["set", "app.toml", "width=2"]);
    sandbox.write("app.toml", "width = 5\n");
    insta::assert_snapshot!(sandbox.run(&["--strict", "set", "app.toml", "width=6"]), @r"
    error: app.toml was changed outside persist since the last save; `adopt` accepts the change
      help: persist adopt app.toml
    exit code 7
    ");
    assert_eq!(sandbox.text("app.toml"), "width = 5\n");
    sandbox.ok(&["adopt", "app.toml"]);
    sandbox.ok(&["--strict", "set", "app.toml", "width=6"]);
}

/// Others can see a command's arguments, and a shell keeps them.
#[test]
fn a_secret_comes_by_standard_input() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    let set = |key: &[&str], input: &str| {
        let args = [&["set", "app.toml"], key, &["--stdin"]].concat();
        let mut child = sandbox
            .command(&args)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the command runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        // Where the arguments are wrong, nobody reads.
        drop(pipe.write_all(input.as_bytes()));
        drop(pipe);
        child.wait_with_output().expect("it ends")
    };
    let done = set(&["db.password"], "12 three\n");
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && !told.contains("three"), "{told}");
    assert_eq!(
        sandbox.text("app.toml"),
        "a = 1\n\n[db]\npassword = \"12 three\"\n"
    );
    // The kind of what is there stays; a new key holds text.
    assert!(set(&["a"], "5").status.success());
    assert!(set(&["pin"], "007\r\n").status.success());
    assert!(set(&["list:="], "[1]").status.success());
    assert!(
        sandbox
            .text("app.toml")
            .starts_with("a = 5\npin = \"007\"\nlist = [1]\n")
    );
    for wrong in [&["a=1"][..], &["a", "b"], &[""]] {
        assert_eq!(set(wrong, "x").status.code(), Some(2), "{wrong:?}");
    }
    // What was to give the value has failed.
    assert_eq!(set(&["db.password"], "").status.code(), Some(2));
    let told = sandbox.run(&["set", "app.toml", "db.password=12", "three"]);
    assert!(told.code == 2 && !told.stderr.contains("three"), "{told}");
}

#[test]
fn what_can_not_be_done_in_place_is_done_on_request() {
    let start = "a: &x 1 # one\nb: *x\n";
    let sandbox = Sandbox::with("app.yaml", start);
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "a=2"]), @r"
    error: the change can't be made in place: it is anchored as &x, and its aliases *x would change with it at a
     --> app.yaml:1:1
      |
    1 | a: &x 1 # one
      | ^
      |
      = help: edit the file by hand, or choose how aliases are treated: `--aliases follow` (change all) or `--aliases expand` (only this place)
    exit code 4
    ");
    sandbox.ok(&["set", "app.yaml", "a=2", "--aliases", "follow"]);
    assert_eq!(sandbox.text("app.yaml"), "a: &x 2 # one\nb: *x\n");
    sandbox.ok(&["set", "app.yaml", "a=3", "--aliases", "expand"]);
    assert_eq!(sandbox.text("app.yaml"), "a: &x 3 # one\nb: 2\n");
    sandbox.write("app.yaml", start);
    let told = sandbox.ok(&["unset", "app.yaml", "a", "--rewrite"]).stderr;
    assert!(told.contains("rewritten"), "{told}");
    assert_eq!(sandbox.text("app.yaml"), "b: 1\n");
}

#[test]
fn a_number_that_no_float_can_hold_stays_as_it_is_written() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&["set", "app.toml", "b=1e400"]);
    assert_eq!(sandbox.text("app.toml"), "a = 1\nb = \"1e400\"\n");
    assert_eq!(sandbox.run(&["set", "app.toml", "a=1e400"]).code, 4);
    sandbox.ok(&["set", "app.toml", "a=inf"]);
    assert_eq!(sandbox.text("app.toml"), "a = inf\nb = \"1e400\"\n");
}

#[test]
fn undo_by_so_many_and_to_a_number_and_redo() {
    let sandbox = Sandbox::with("app.toml", TOML);
    for width in ["width=1", "width=2", "width=3", "width=4"] {
        sandbox.ok(&["set", "app.toml", width]);
    }
    let steps: [(&[&str], &str); 5] = [
        (&["undo", "app.toml", "2"], "width: 4 -> 2"),
        (&["redo", "app.toml"], "width: 2 -> 3"),
        (&["undo", "app.toml", "--to", "1"], "width: 3 -> 1"),
        (&["redo", "app.toml", "3"], "width: 1 -> 4"),
        (&["undo", "app.toml", "4"], "width: 4 -> 1024"),
    ];
    for (args, told) in steps {
        let ran = sandbox.run(args);
        assert_eq!(
            (ran.code, ran.stdout.lines().nth(1)),
            (0, Some(&*format!("  {told}")))
        );
    }
    assert_eq!(sandbox.text("app.toml"), TOML);
    for (args, code, told) in [
        (
            &["redo", "app.toml", "5"][..],
            1,
            "only 4 changes can be redone",
        ),
        (&["undo", "app.toml"], 1, "there is no change to undo"),
        (
            &["undo", "app.toml", "9", "--to", "1"],
            2,
            "cannot be used with",
        ),
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, code, "{args:?}");
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    let log = sandbox.run(&["log", "app.toml", "-n", "2"]).stdout;
    let headings: Vec<&str> = log.lines().filter_map(|l| l.strip_prefix('#')).collect();
    let headings: Vec<&str> = headings
        .iter()
        .filter_map(|l| l.split("  ").next())
        .collect();
    assert_eq!(headings, ["9 undo", "8 redo"]);
}

#[test]
fn a_kept_head_tells_what_became_of_the_journal() {
    let sandbox = Sandbox::with("app.toml", TOML);
    sandbox.ok(&["set", "app.toml", "width=1"]);
    let head = || {
        let told = sandbox.json(0, &["verify", "app.toml", "--head"]);
        told["head"].as_str().expect("a head").to_owned()
    };
    let early = head();
    sandbox.ok(&["set", "app.toml", "width=2"]);
    let ran = sandbox.run(&["verify", "app.toml", "--head", &early]);
    let contained = "kept head: record #1 is contained: the journal continues from it";
    assert_eq!((ran.code, ran.stdout.lines().next()), (0, Some(contained)));
    let late = head();
    let journal = sandbox.path(".app.toml.persist/journal/00000001.log");
    let text = std::fs::read_to_string(&journal).unwrap();
    let first = text.lines().next().expect("a record");
    std::fs::write(journal, format!("{first}\n")).unwrap();
    let ran = sandbox.run(&["verify", "app.toml", "--head", &late]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("record #2 is rolled back"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.run(&["verify", "--head", "app.toml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("`app.toml` is not a valid journal head")
    );
}
