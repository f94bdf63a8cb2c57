//! Damage done to the file, and the way back.

use crate::support::Sandbox;

const YAML: &str = "# kept\nname: a\nwidth: 1024\n";

/// A file that persist saved once.
fn saved() -> (Sandbox, Vec<u8>) {
    let sandbox = Sandbox::with("app.yaml", YAML);
    sandbox.ok(&["set", "app.yaml", "width=1280"]);
    let good = sandbox.read("app.yaml");
    (sandbox, good)
}

/// Every file in quarantine.
fn quarantine(sandbox: &Sandbox) -> Vec<Vec<u8>> {
    let dir = sandbox.path(".app.yaml.persist/quarantine");
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries
        .map(|e| std::fs::read(e.unwrap().path()).unwrap())
        .collect()
}

/// Damages the file and recovers it: the good bytes are back, the source is named, nothing is deleted.
fn check(sandbox: &Sandbox, good: &[u8], bad: &[u8]) {
    sandbox.write("app.yaml", bad);
    let receipt = sandbox.json(0, &["recover", "app.yaml"]);
    assert_eq!(sandbox.read("app.yaml"), good, "after {} bytes", bad.len());
    assert_eq!(receipt["kind"], "recover");
    assert!(
        receipt["from"].as_str().unwrap().contains("saved last"),
        "{receipt}"
    );
    assert!(
        quarantine(sandbox).iter().any(|kept| kept == bad),
        "after {} bytes",
        bad.len()
    );
}

#[test]
fn cut_off_after_every_length() {
    let (sandbox, good) = saved();
    for len in 0..good.len() {
        check(&sandbox, &good, &good[..len]);
    }
}

#[test]
fn filled_with_nuls() {
    let (sandbox, good) = saved();
    check(&sandbox, &good, &vec![0; good.len()]);
    let mut tail = good.clone();
    tail[10..].fill(0);
    check(&sandbox, &good, &tail);
}

#[test]
fn damage_is_told_with_its_remedy() {
    let (sandbox, good) = saved();
    sandbox.write("app.yaml", vec![0; good.len()]);
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "name"]), @r"
    error: app.yaml is damaged: NUL bytes from offset 0; `recover` brings back the last good state and keeps the damaged bytes
      help: persist recover app.yaml
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "name=b"]), @r"
    error: app.yaml is damaged: NUL bytes from offset 0; `recover` brings back the last good state and keeps the damaged bytes
      help: persist recover app.yaml
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "app.yaml"]), @r"
    app.yaml
      state     damaged: NUL bytes from offset 0; `persist recover app.yaml` brings back the last good state
      format    YAML
      size      27 bytes
      sha-256   [sha256]
      changes   1
      last      #1 save by tester, [time]
      backups   1 (27 bytes, since [time])
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["verify", "app.yaml"]), @r"
    problem: the file is damaged: NUL bytes from offset 0
    checked 1 journal record, 1 backup
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["recover", "app.yaml"]), @r"
    saved app.yaml (recover #2)
      from     the content saved last (mirror)
      kept     quarantine/00000002-[time]-[sha256]
    exit code 0
    ");
    assert_eq!(sandbox.json(0, &["verify", "app.yaml"])["passed"], true);
}

#[test]
fn a_sound_file_is_left_alone_by_recover() {
    let (sandbox, good) = saved();
    insta::assert_snapshot!(sandbox.run(&["recover", "app.yaml"]), @r"
    unchanged app.yaml
    exit code 0
    ");
    assert_eq!(sandbox.read("app.yaml"), good);
}

#[test]
fn a_broken_edit_is_never_replaced() {
    let (sandbox, _) = saved();
    sandbox.write("app.yaml", "name: [1\nwidth: 2\n");
    insta::assert_snapshot!(sandbox.run(&["recover", "app.yaml"]), @r"
    error: invalid indentation
     --> app.yaml:2:1
      |
    2 | width: 2
      | ^
      |
      = help: indent what is in brackets further than its key, the closing bracket too; `persist restore app.yaml latest` restores the last backup, and keeps this text
    exit code 4
    ");
    assert_eq!(sandbox.text("app.yaml"), "name: [1\nwidth: 2\n");
    sandbox.ok(&["restore", "app.yaml", "latest"]);
    assert!(
        sandbox
            .ok(&["restore", "app.yaml", "latest", "--force"])
            .stdout
            .contains("saved")
    );
    assert_eq!(
        sandbox.text("app.yaml"),
        "name: [1\nwidth: 2\n",
        "it was kept"
    );
}

#[test]
fn a_deleted_file_comes_back() {
    let (sandbox, good) = saved();
    std::fs::remove_file(sandbox.path("app.yaml")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "name"]), @r"
    error: app.yaml was deleted; `recover` brings back what was saved last, `adopt` accepts that it is gone
      help: `persist recover app.yaml` brings it back
      help: `persist adopt app.yaml` accepts that it is gone
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "app.yaml"]), @r"
    app.yaml
      state     deleted; `persist recover app.yaml` brings it back, `persist adopt app.yaml` accepts that it is gone
      changes   1
      last      #1 save by tester, [time]
      backups   1 (27 bytes, since [time])
    exit code 5
    ");
    assert_eq!(
        sandbox.json(5, &["status", "app.yaml"])["damage"]["damage"],
        "missing"
    );
    insta::assert_snapshot!(sandbox.run(&["verify", "app.yaml"]), @r"
    problem: the file was deleted; `recover` brings it back, `adopt` accepts that it is gone
    checked 1 journal record, 1 backup
    exit code 5
    ");
    assert_eq!(sandbox.run(&["set", "app.yaml", "width=1"]).code, 5);
    sandbox.ok(&["recover", "app.yaml"]);
    assert_eq!(sandbox.read("app.yaml"), good);
}

#[test]
fn a_deleted_file_can_be_accepted_as_such() {
    let (sandbox, good) = saved();
    std::fs::remove_file(sandbox.path("app.yaml")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["adopt", "app.yaml"]), @r"
    adopted app.yaml
      note     accepted that the file was deleted; its last content is kept in backups/00000002-[time]-[sha256]
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["adopt", "app.yaml"]), @r"
    unchanged app.yaml
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["recover", "app.yaml"]), @r"
    error: app.yaml: the file was deleted, and the deletion was accepted; its last content is among the backups
      help: `persist restore app.yaml latest` brings it back
    exit code 8
    ");
    sandbox.ok(&["verify", "app.yaml"]);
    sandbox.ok(&["restore", "app.yaml", "latest"]);
    assert_eq!(sandbox.read("app.yaml"), good);
}

/// Leaves no good copy of what was saved last.
fn lose_the_copies(sandbox: &Sandbox) {
    let state = sandbox.path(".app.yaml.persist");
    std::fs::write(state.join("mirror"), "rotten").unwrap();
    for folder in [state.join("backups"), state] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("0000") {
                std::fs::write(path, "rotten").unwrap();
            } else if name.starts_with("stage-") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
}

/// Recovers, which must fail and leave the file as it is.
fn not_recovered(sandbox: &Sandbox, bytes: &[u8]) -> crate::support::Ran {
    sandbox.write("app.yaml", bytes);
    let ran = sandbox.run(&["recover", "app.yaml"]);
    assert_eq!(
        (ran.code, sandbox.read("app.yaml")),
        (5, bytes.to_vec()),
        "{ran}"
    );
    ran
}

#[test]
fn where_no_good_copy_is_left_recover_changes_nothing_and_names_the_choices() {
    let (sandbox, good) = saved();
    lose_the_copies(&sandbox);
    insta::assert_snapshot!(not_recovered(&sandbox, b"# kept\nname: a\nwid\0\0\0"), @r"
    error: app.yaml was not recovered and was left unchanged: NUL bytes from offset 18, and no good copy is left (the second copy is damaged or of an earlier save, the only backup is damaged)
      help: `persist recover --salvage app.yaml` rebuilds the file from the 1 value that can still be read, and keeps the damaged bytes
    exit code 5
    ");
    insta::assert_snapshot!(not_recovered(&sandbox, b"# kept\nname: a\n"), @r"
    error: app.yaml was not recovered and was left unchanged: it differs from the last save, and no good copy is left (the second copy is damaged or of an earlier save, the only backup is damaged)
      help: `persist adopt app.yaml` accepts it as it is
    exit code 5
    ");
    insta::assert_snapshot!(not_recovered(&sandbox, b""), @r"
    error: app.yaml was not recovered and was left unchanged: the file is empty, and no good copy is left (the second copy is damaged or of an earlier save, the only backup is damaged)
      help: `persist adopt app.yaml` accepts it as it is
    exit code 5
    ");
    insta::assert_snapshot!(not_recovered(&sandbox, &vec![0; good.len()]), @r"
    error: app.yaml was not recovered and was left unchanged: NUL bytes from offset 0, and no good copy is left (the second copy is damaged or of an earlier save, the only backup is damaged)
      help: write the file again by hand, or copy it from elsewhere
    exit code 5
    ");
    insta::assert_snapshot!(not_recovered(&sandbox, b"# kept\nname: [a\nwidth: 3\n"), @r"
    error: app.yaml was not recovered and was left unchanged: it differs from the last save, and no good copy is left (the second copy is damaged or of an earlier save, the only backup is damaged)
      help: `persist recover --salvage app.yaml` rebuilds the file from the 1 value that can still be read, and keeps the damaged bytes
    exit code 5
    ");
    let damaged = b"# kept\nname: a\nwid\0\0\0";
    sandbox.write("app.yaml", damaged);
    let receipt = sandbox.json(0, &["recover", "app.yaml", "--salvage"]);
    assert_eq!(receipt["recovered_from"], "salvage");
    assert!(sandbox.text("app.yaml").contains("name: a"));
    assert!(quarantine(&sandbox).iter().any(|kept| kept == damaged));
}

#[test]
fn an_emptied_file_comes_back_from_the_mirror() {
    let (sandbox, good) = saved();
    sandbox.write("app.yaml", "");
    let receipt = sandbox.json(0, &["recover", "app.yaml"]);
    assert_eq!(
        (receipt["recovered_from"].as_str(), sandbox.read("app.yaml")),
        (Some("copy"), good)
    );
}

#[test]
fn what_is_no_document_is_put_back_only_by_force() {
    let (sandbox, _) = saved();
    sandbox.write("app.yaml", "name: [1\nwidth: 2\n");
    sandbox.ok(&["restore", "app.yaml", "1"]); // what was there is the newest backup now
    insta::assert_snapshot!(sandbox.run(&["restore", "app.yaml", "latest"]), @r"
    error: app.yaml was not changed: backup #3 [sha] is not a valid document
      because: backup #3 [sha]:2:1: invalid indentation
      help: `persist restore --force app.yaml latest` restores it anyway
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["undo", "app.yaml"]), @r"
    error: app.yaml was not changed: the content before change #3 is not a valid document
      because: the content before change #3:2:1: invalid indentation
      help: `persist undo --force app.yaml` restores it anyway
    exit code 4
    ");
    assert_eq!(sandbox.text("app.yaml"), YAML);
    sandbox.ok(&["undo", "app.yaml", "--force"]);
    assert_eq!(sandbox.text("app.yaml"), "name: [1\nwidth: 2\n");
}

/// What the last change replaced may have been no document.
#[test]
fn diff_after_a_recovery_says_that_there_is_nothing_to_compare_with() {
    let (sandbox, _) = saved();
    sandbox.write("app.yaml", b"name: a\0\0");
    sandbox.ok(&["recover", "app.yaml"]);
    insta::assert_snapshot!(sandbox.run(&["diff", "app.yaml"]), @r"
    nothing to compare with: the content that recover #2 replaced is not a valid document; it is kept in quarantine/00000002-[time]-[sha256]; name a backup to compare with
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["diff", "app.yaml", "--exit-code", "--text"]), @r"
    nothing to compare with: the content that recover #2 replaced is not a valid document; it is kept in quarantine/00000002-[time]-[sha256]; name a backup to compare with
    exit code 1
    ");
    assert_eq!(
        sandbox.json(0, &["diff", "app.yaml"])["changes"],
        serde_json::json!([])
    );
}

#[test]
fn a_flipped_bit_in_a_backup_or_the_journal_is_found() {
    for folder in ["backups", "journal"] {
        let (sandbox, _) = saved();
        sandbox.ok(&["set", "app.yaml", "width=3"]);
        let dir = sandbox.path(".app.yaml.persist").join(folder);
        let mut files: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.sort();
        let mut bytes = std::fs::read(&files[0]).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&files[0], bytes).unwrap();
        let found = sandbox.json(1, &["verify", "app.yaml"]);
        assert_eq!(found["passed"], false);
        assert_ne!(found["problems"].as_array().unwrap().len(), 0, "{found}");
    }
}

#[test]
fn adopt_takes_a_cut_that_was_meant() {
    let (sandbox, _) = saved();
    sandbox.write("app.yaml", "# kept\n");
    sandbox.ok(&["adopt", "app.yaml"]);
    sandbox.ok(&["set", "app.yaml", "a=1"]);
    assert_eq!(sandbox.text("app.yaml"), "# kept\na: 1\n");
}

/// Damaged, cut off, and noted by the next change: what backups may fill the gap is said each time.
#[test]
fn a_gap_in_the_journal_is_told_with_what_may_fill_it() {
    let sandbox = Sandbox::with("app.toml", "a = 0\n");
    for value in 1..=4 {
        sandbox.ok(&["set", "app.toml", &format!("a={value}")]);
    }
    let journal = ".app.toml.persist/journal/00000001.log";
    let text = sandbox.text(journal);
    let kept: String = text.split_inclusive('\n').take(2).collect();
    sandbox.write(journal, kept);
    let lines = |args: &[&str], word: &str| {
        let ran = sandbox.run(args);
        let lines = ran.stdout.lines().skip_while(|line| !line.contains(word));
        lines
            .take(2)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    insta::assert_snapshot!(lines(&["status", "app.toml"], "lost"), @r"
    lost      journal records (the last readable one is #2); `persist verify app.toml` shows where
              what they replaced may be backup #4 of [time], #3 of [time]
    ");
    insta::assert_snapshot!(lines(&["log", "app.toml"], "are lost"), @r"
    records are lost; the last readable one was #2
      what they replaced may be backup #4 of [time], #3 of [time]
    ");
    sandbox.ok(&["set", "app.toml", "b=1"]);
    insta::assert_snapshot!(lines(&["log", "app.toml"], "are lost"), @r"
    records are lost; the last readable one was #2  noted by #6
      what they replaced may be backup #4 of [time], #3 of [time]
    ");
    let log = sandbox.json(0, &["log", "app.toml"]);
    let rows = log.as_array().unwrap();
    let how: Vec<&str> = rows.iter().filter_map(|row| row["how"].as_str()).collect();
    assert!(how.contains(&"lost"), "{log:#}");
    // Accepted, it stays in the history.
    sandbox.ok(&["adopt", "app.toml"]);
    assert_eq!(lines(&["status", "app.toml"], "lost"), "");
    insta::assert_snapshot!(lines(&["log", "app.toml"], "are lost"), @r"
    records are lost; the last readable one was #2  noted by #6
      what they replaced may be backup #4 of [time], #3 of [time]
    ");
    sandbox.ok(&["restore", "app.toml", "4"]);
    assert_eq!(sandbox.text("app.toml"), "a = 3\n");
}

#[test]
fn what_there_is_not_is_said_and_not_offered() {
    let sandbox = Sandbox::with("bad.toml", "a = \n");
    let told = sandbox.run(&["recover", "bad.toml"]).to_string();
    assert!(told.contains("correct the edit\n"), "{told}");
    assert!(!told.contains("restore"), "{told}");
    let never = "missing.toml: there is no such file, and none was ever saved";
    for command in [
        "keep", "log", "backups", "undo", "redo", "verify", "recover",
    ] {
        let ran = sandbox.run(&[command, "missing.toml"]);
        assert_eq!(ran.code, 8, "{command}: {ran}");
        assert!(ran.stderr.contains(never), "{command}: {ran}");
    }
    for which in [["--before", "1d"], ["--number", "1"]] {
        for yes in [&[][..], &["--yes"]] {
            let purge = [&["purge", "missing.toml"], &which[..], yes].concat();
            let ran = sandbox.run(&purge);
            assert_eq!(ran.code, 8, "{purge:?}: {ran}");
            assert!(ran.stderr.contains(never), "{purge:?}: {ran}");
        }
    }
    let ran = sandbox.run(&["keep", "missing.toml", "--daily", "3"]);
    assert_eq!(ran.code, 8, "{ran}");
    sandbox.write("app.toml", "a = 1\n");
    let ran = sandbox.run(&["undo", "app.toml"]);
    assert!(ran.stderr.contains("there is no change to undo"), "{ran}");
    for (value, told) in [
        ("a=2", "there is no backup 77; only backup 1 exists\n"),
        ("a=3", "there is no backup 77; backups 1 to 2 exist\n"),
    ] {
        sandbox.ok(&["set", "app.toml", value]);
        let ran = sandbox.run(&["restore", "app.toml", "77"]).to_string();
        assert!(ran.contains(told), "{ran}");
    }
}
