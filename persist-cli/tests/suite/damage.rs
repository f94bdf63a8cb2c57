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
    error: app.yaml is damaged: NUL bytes from offset 0; `recover` brings back the last good state and keeps these bytes
      help: persist recover app.yaml
    exit code 5
    ");
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "name=b"]), @r"
    error: app.yaml is damaged: NUL bytes from offset 0; `recover` brings back the last good state and keeps these bytes
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
      = help: indent what is in brackets further than its key, the closing bracket too
    exit code 4
    ");
    assert_eq!(sandbox.text("app.yaml"), "name: [1\nwidth: 2\n");
}

#[test]
fn a_deleted_file_comes_back() {
    let (sandbox, good) = saved();
    std::fs::remove_file(sandbox.path("app.yaml")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "name"]), @r"
    error: app.yaml is damaged: the file is gone; `recover` brings back the last good state and keeps these bytes
      help: persist recover app.yaml
    exit code 5
    ");
    sandbox.ok(&["recover", "app.yaml"]);
    assert_eq!(sandbox.read("app.yaml"), good);
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
