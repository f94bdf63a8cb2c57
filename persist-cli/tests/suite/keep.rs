//! `persist keep`: what is kept, who said so, and saying it for one file.

use crate::support::Sandbox;

fn saved(times: usize) -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "a = 0\n");
    for value in 1..=times {
        sandbox.ok(&["set", "app.toml", &format!("a={value}")]);
    }
    sandbox
}

#[test]
fn the_plan_and_its_reasons() {
    let sandbox = saved(3);
    insta::assert_snapshot!(sandbox.ok(&["keep", "app.toml"]), @r"
    keep the last 10, 24 hourly, 30 daily, 12 monthly, the last of each schema version, what 100 undos need, the last 5 that never were good; at most 64 MiB (the default; `persist keep FILE --daily 90` changes it)
    the next save keeps 3 of these, and drops 0
     number  taken (UTC)          digest              why                  
     3       [time]  [sha]  keep  the newest           
     2       [time]  [sha]  keep  number 2 of the last 
     1       [time]  [sha]  keep  number 3 of the last 
    exit code 0
    ");
    let before = sandbox.journal("app.toml");
    sandbox.ok(&["keep", "app.toml", "--json"]);
    assert_eq!(
        sandbox.journal("app.toml"),
        before,
        "a look changes nothing"
    );
    insta::assert_snapshot!(sandbox.ok(&["keep", "app.toml", "--last", "1", "--undo", "0", "--hourly", "0", "--daily", "0", "--monthly", "0", "--max-bytes", "1.5M", "--max-age", "90d", "--pin", "2"]), @r"
    keep the last 1, the last of each schema version, the last 5 that never were good, pinned #2; at most 1536 KiB; none older than 90 days (set for this file)
    the next save keeps 2 of these, and drops 1
     number  taken (UTC)          digest              why              
     3       [time]  [sha]  keep  the newest       
     2       [time]  [sha]  keep  pinned           
     1       [time]  [sha]  drop  no rule keeps it 
    exit code 0
    ");
    let told = sandbox.json(0, &["keep", "app.toml", "--yearly", "3"]);
    assert_eq!(told["said"], "file");
    assert_eq!(told["policy"]["last"], 1, "what is not named stays");
    assert_eq!(told["policy"]["yearly"], 3);
    assert_eq!(told["policy"]["pinned"], serde_json::json!([2]));
    let told = sandbox.json(
        0,
        &["keep", "app.toml", "--unpin", "2", "--max-age", "none"],
    );
    assert_eq!(told["policy"]["pinned"], serde_json::Value::Null);
    assert_eq!(told["policy"]["max-age"], serde_json::Value::Null);
    let told = sandbox.json(0, &["keep", "app.toml", "--each-version", "no"]);
    assert_eq!(told["policy"]["versions"], false);
    let told = sandbox.json(0, &["keep", "app.toml", "--each-version", "yes"]);
    assert_eq!(told["policy"]["versions"], true);
    let told = sandbox.json(0, &["keep", "app.toml", "--default"]);
    assert_eq!(
        (&told["said"], &told["policy"]["last"]),
        (&"default".into(), &10.into())
    );
    sandbox.ok(&["verify", "app.toml"]);
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let sandbox = saved(2);
    let before = sandbox.journal("app.toml");
    insta::assert_snapshot!(sandbox.run(&["keep", "app.toml", "--pin", "12"]), @r"
    error: there is no backup #12 of app.toml
      help: `persist backups app.toml` lists them
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["keep", "app.toml", "--max-bytes", "lots"]), @r"
    error: invalid value 'lots' for '--max-bytes <SIZE>': `lots` is not a number of bytes such as 65536, 512K, 100M, 1.5GiB or 100MB

    For more information, try '--help'.
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["keep", "app.toml", "--max-age", "3m"]), @r"
    error: invalid value '3m' for '--max-age <AGE>': `3m` is not an age: is m minutes or months? write 3min, or days such as 30d

    For more information, try '--help'.
    exit code 2
    ");
    assert_eq!(
        sandbox
            .run(&["keep", "app.toml", "--default", "--last", "3"])
            .code,
        2
    );
    assert_eq!(sandbox.run(&["keep", "none.toml", "--last", "3"]).code, 8);
    assert_eq!(sandbox.journal("app.toml"), before);
}

#[test]
fn the_manifest_says_it_for_every_file() {
    let sandbox = saved(2);
    let manifest = |retention: &str| {
        let text = format!("{{\n\"app\": \"a\", \"versions\": [],\n\"retention\": {retention}}}");
        sandbox.write("config_versions.json", text);
    };
    manifest(r#"{"last": 3}"#);
    assert_eq!(sandbox.json(0, &["keep", "app.toml"])["said"], "manifest");
    manifest(r#"{"last": 3, "dayly": 4}"#);
    insta::assert_snapshot!(sandbox.run(&["keep", "app.toml"]), @r"
    error: [dir]/config_versions.json is not a valid version manifest
      because: line 3, column 35: at `/retention/dayly`: is not one of last, hourly, daily, weekly, monthly, yearly, versions, undo, bad, max-age and max-bytes
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
}
