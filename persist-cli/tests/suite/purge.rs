//! `persist purge`: shown first, done with --yes, told by `log` and `undo`.

use std::fs;

use crate::support::Sandbox;

fn saved(times: usize) -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "a = 0\n");
    for value in 1..=times {
        sandbox.ok(&["set", "app.toml", &format!("a={value}")]);
    }
    sandbox
}

#[test]
fn shown_then_done_then_told() {
    let sandbox = saved(3);
    let before = sandbox.journal("app.toml");
    insta::assert_snapshot!(sandbox.ok(&["purge", "app.toml", "--before", "2999-01-01"]), @r"
    would purge 2 copies of app.toml; run with --yes to do so (cannot be undone)
      purge #2 of [time], [sha], in backups
      purge #1 of [time], [sha], in backups
      stay  #3 of [time], [sha], in backups: the last good backup
    exit code 0
    ");
    assert_eq!(sandbox.journal("app.toml"), before, "nothing was done");
    insta::assert_snapshot!(sandbox.ok(&["purge", "app.toml", "--before", "0d", "--number", "3", "--yes"]), @r"
    purged 3 copies of app.toml
      purge #3 of [time], [sha], in backups
      purge #2 of [time], [sha], in backups
      purge #1 of [time], [sha], in backups
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.ok(&["log", "app.toml", "-n", "1"]), @r"
    #4 purged  [time], tester
      backups/00000003-[time]-[sha256]
      backups/00000002-[time]-[sha256]
      backups/00000001-[time]-[sha256]
    #3 save  [time], tester
      a: 2 -> 3
    exit code 0
    ");
    let log = sandbox.json(0, &["log", "app.toml"]);
    assert_eq!(log[0]["how"], "purged");
    assert_eq!(log[0]["copies"].as_array().map(Vec::len), Some(3));
    assert_eq!(log.as_array().map(Vec::len), Some(4));
    insta::assert_snapshot!(sandbox.run(&["undo", "app.toml"]), @r"
    error: app.toml: the content before change #3 was purged by tester, [time]
    exit code 1
    ");
    let told = sandbox.run(&["restore", "app.toml", "2"]);
    insta::assert_snapshot!(told, @r"
    error: app.toml: backup 2 was purged by tester, [time]
    exit code 1
    ");
    insta::assert_snapshot!(sandbox.run(&["purge", "app.toml", "--number", "1"]), @r"
    error: app.toml: #1 was purged by tester, [time]
    exit code 1
    ");
    let never = sandbox.json(1, &["restore", "app.toml", "12"]);
    let cause = never["causes"][0].as_str().unwrap();
    assert_eq!(cause, "there are no backups", "{never}");
    sandbox.ok(&["verify", "app.toml"]);
    sandbox.ok(&["set", "app.toml", "a=9"]);
    let log = sandbox.json(0, &["log", "app.toml", "-n", "1"]);
    assert_eq!(
        log.as_array().map(Vec::len),
        Some(1),
        "what is older is not shown"
    );
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let sandbox = saved(2);
    let before = sandbox.journal("app.toml");
    insta::assert_snapshot!(sandbox.run(&["purge", "app.toml", "--before", "yesterday", "--yes"]), @r"
    error: invalid value 'yesterday' for '--before <TIME>': expected a date (2026-11-28), a time with its zone ([time]), or an age (30d)

    For more information, try '--help'.
    exit code 2
    ");
    insta::assert_snapshot!(sandbox.run(&["purge", "app.toml", "--number", "12", "--yes"]), @r"
    error: app.toml has no such backup
      because: there is no backup 12; backups 1 to 2 exist
      help: `persist backups app.toml` lists them
    exit code 1
    ");
    assert_eq!(sandbox.run(&["purge", "app.toml", "--yes"]).code, 2);
    assert_eq!(
        sandbox
            .run(&["purge", "none.toml", "--number", "1", "--yes"])
            .code,
        8
    );
    assert_eq!(
        sandbox
            .run(&["purge", "app.toml", "--before", "30d", "--yes"])
            .code,
        0
    );
    assert_eq!(sandbox.journal("app.toml"), before);
}

/// Killed or failed at any call: either nothing is gone and nothing is said, or the next command finishes it.
#[cfg(target_os = "linux")]
#[test]
fn killed_at_every_call() {
    use crate::home_crash::{can_trace, traced};
    if !can_trace() {
        return;
    }
    let purge = ["purge", "app.toml", "--before", "2999-01-01", "--yes"];
    let (mut kills, mut halfway) = (0, 0);
    for call in ["unlinkat", "write", "fsync", "fdatasync"] {
        for how in ["signal=KILL", "error=EIO"] {
            for number in 1.. {
                let sandbox = saved(4);
                let backups = sandbox.path(".app.toml.persist/backups");
                let count = || std::fs::read_dir(&backups).unwrap().count();
                let inject = format!("inject={call}:{how}:when={number}");
                let ran = traced(&sandbox, &["-o", "/dev/null", "-e", &inject], &purge);
                let log = sandbox.json(0, &["log", "app.toml"]);
                let told = log[0]["how"] == "purged";
                let case = format!("{inject}: {ran}");
                assert!(told || count() == 4, "gone and not told, {case}");
                halfway += usize::from(told && count() > 1);
                sandbox.ok(&["verify", "app.toml"]);
                sandbox.ok(&["set", "app.toml", "a=4"]);
                assert_eq!(count(), if told { 1 } else { 4 }, "{case}");
                sandbox.ok(&["undo", "app.toml"]);
                assert_eq!(sandbox.text("app.toml"), "a = 3\n");
                sandbox.ok(&["verify", "app.toml"]);
                if ran.code == 0 {
                    break;
                }
                kills += 1;
            }
        }
    }
    assert!(kills > 8 && halfway > 4, "{kills} kills, {halfway} halfway");
}

#[test]
fn a_file_of_somebody_else_is_listed_with_its_time_and_length() {
    let sandbox = saved(1);
    let quarantine = sandbox.path(".app.toml.persist/quarantine");
    fs::create_dir_all(&quarantine).unwrap();
    fs::write(quarantine.join("foreign-1-1000"), "theirs").unwrap();
    let before = ["purge", "app.toml", "--before", "1970-01-02"];
    insta::assert_snapshot!(sandbox.ok(&before), @r"
    would purge 1 copy of app.toml; run with --yes to do so (cannot be undone)
      purge quarantine/foreign-1-1000 of [time], 6 bytes
    exit code 0
    ");
    let told = sandbox.json(0, &[&before[..], &["--yes"]].concat());
    assert_eq!(told["purged"], true);
    assert_eq!(told["foreign"][0]["name"], "quarantine/foreign-1-1000");
    assert_eq!(
        told["copies"],
        serde_json::json!(["quarantine/foreign-1-1000"])
    );
    assert_eq!(told["foreign"][0]["taken"], "1970-01-01T00:00:01Z");
    assert_eq!(told["foreign"][0]["len"], 6);
    assert!(!quarantine.join("foreign-1-1000").exists());
    let log = sandbox.json(0, &["log", "app.toml"]);
    let lines = log.as_array().unwrap();
    let purged = lines.iter().find(|line| line["how"] == "purged").unwrap();
    assert_eq!(purged["copies"], told["copies"], "the same list");
    assert_eq!(purged["foreign"][0]["name"], told["foreign"][0]["name"]);
}

/// The file is never purged, so what was named may be there still.
#[test]
fn content_that_the_file_holds_now_is_said_to_be_left() {
    let sandbox = Sandbox::with("z.toml", "token = \"hunter2live\"\n");
    sandbox.ok(&["set", "z.toml", "a=2"]);
    sandbox.ok(&["undo", "z.toml"]);
    insta::assert_snapshot!(sandbox.run(&["purge", "z.toml", "--number", "1"]), @r"
    would purge 1 copy of z.toml; run with --yes to do so (cannot be undone)
      purge #1 of [time], [sha], in backups
      stay  the file itself, and its mirror: they hold this content now
    to remove it there as well, change the value first; that makes one more backup, which `persist purge z.toml --number latest --yes` removes
    exit code 1
    ");
    let told = sandbox.json(1, &["purge", "z.toml", "--number", "1", "--yes"]);
    assert_eq!(
        (&told["live"], &told["purged"]),
        (&true.into(), &true.into())
    );
    let old = sandbox.json(0, &["purge", "z.toml", "--before", "0d", "--yes"]);
    assert_eq!(old["live"], false, "no content was named");
    // What it says to do, and the other content that has the secret.
    sandbox.ok(&["set", "z.toml", "token=other"]);
    let told = sandbox.json(
        0,
        &[
            "purge", "z.toml", "--number", "latest", "--number", "2", "--yes",
        ],
    );
    assert_eq!(told["live"], false);
    for file in walk(&sandbox.path(".")) {
        let bytes = fs::read(&file).unwrap();
        assert!(
            !crate::support::contains(&bytes, "hunter2live"),
            "{}",
            file.display()
        );
    }
    sandbox.ok(&["verify", "z.toml"]);
}

/// Every file in a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(walk(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn a_copy_is_named_as_for_restore() {
    let sandbox = saved(4);
    let backups = sandbox.json(0, &["backups", "app.toml"]);
    let backups = backups.as_array().unwrap();
    let text = |at: usize, key: &str| backups[at][key].as_str().unwrap().to_owned();
    let (id, digest) = (text(3, "id"), text(2, "digest"));
    for (name, number) in [
        ("#4", 4),
        ("latest", 4),
        (&*format!("backups/{id}"), 1),
        (&id, 1),
        (&digest[..12], 2),
        (&digest, 2),
    ] {
        let told = sandbox.json(0, &["purge", "app.toml", "--number", name]);
        let copies = told["copies"].as_array().unwrap();
        let start = format!("backups/{number:08}-");
        assert!(copies.len() == 1, "{name}: {told}");
        assert!(copies[0].as_str().unwrap().starts_with(&start), "{told}");
        // What a person takes from the listing or a receipt works with all commands that take a backup.
        sandbox.ok(&["diff", "app.toml", name]);
        sandbox.ok(&["diff", "app.toml", "#3", name]);
        sandbox.ok(&["restore", "app.toml", name, "--dry-run"]);
    }
    insta::assert_snapshot!(sandbox.run(&["purge", "app.toml", "--number", "deadbeef", "--yes"]).code, @"1");
    let gone = format!("backups/{}", id.replace("00000001", "00000009"));
    let ran = sandbox.run(&["purge", "app.toml", "--number", &gone, "--yes"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert_eq!(
        sandbox
            .ok(&["backups", "app.toml", "--json"])
            .stdout
            .matches("\"id\"")
            .count(),
        4
    );
    sandbox.ok(&["purge", "app.toml", "--number", &id, "--yes"]);
    let named = format!("backups/{id}");
    for name in ["#1", &id, &named] {
        for command in [
            &["restore", "app.toml", name][..],
            &["diff", "app.toml", name],
            &["purge", "app.toml", "--number", name],
        ] {
            let ran = sandbox.run(command);
            assert_eq!(ran.code, 1, "{command:?}: {ran}");
            assert!(
                ran.stderr.contains("was purged by tester"),
                "{command:?}: {ran}"
            );
        }
    }
    assert!(
        sandbox
            .ok(&["restore", "--help"])
            .stdout
            .contains("receipt")
    );
}

#[test]
fn a_number_may_have_its_sign() {
    let sandbox = saved(3);
    sandbox.ok(&["keep", "app.toml", "--pin", "#2"]);
    sandbox.ok(&["keep", "app.toml", "--unpin", "#2"]);
    sandbox.ok(&["undo", "app.toml", "--to", "#2"]);
    insta::assert_snapshot!(sandbox.run(&["undo", "app.toml", "--to", "two"]), @r"
    error: invalid value 'two' for '--to <NUMBER>': expected a number, such as 3 or #3

    For more information, try '--help'.
    exit code 2
    ");
}
