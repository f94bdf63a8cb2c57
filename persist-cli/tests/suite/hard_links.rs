//! A file with other names: what becomes of them is never decided in silence.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::support::{Sandbox, own};

fn with_two_names() -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "width = 1\n");
    fs::hard_link(sandbox.path("app.toml"), sandbox.path("copy.toml")).unwrap();
    sandbox
}

fn texts(sandbox: &Sandbox) -> [String; 2] {
    ["app.toml", "copy.toml"].map(|name| sandbox.text(name))
}

#[test]
fn it_is_refused_and_the_ways_are_named() {
    let sandbox = with_two_names();
    insta::assert_snapshot!(sandbox.run(&["set", "app.toml", "width=2"]), @r"
    error: app.toml was not saved; the old content is in place
      because: [dir]/app.toml has 2 names (hard links): allow splitting it from the others, or writing in place for all of them
      help: --split-links saves under this name only, and the other names keep the old content, as copies made with `cp -al` should; --in-place writes into the file that all the names share
    exit code 8
    ");
    assert_eq!(texts(&sandbox), ["width = 1\n"; 2]);
    let inode = |name| fs::metadata(sandbox.path(name)).unwrap().ino();
    assert_eq!(inode("app.toml"), inode("copy.toml"));
    let both = ["--in-place", "--split-links", "set", "app.toml", "width=2"];
    assert_eq!(sandbox.run(&both).code, 2, "one answer, not two");
}

#[test]
fn what_changes_nothing_is_no_error() {
    let sandbox = with_two_names();
    sandbox.ok(&["get", "app.toml"]);
    sandbox.ok(&["set", "app.toml", "width=1"]);
    sandbox.ok(&["status", "app.toml"]);
    sandbox.ok(&["adopt", "app.toml"]);
    sandbox.ok(&["verify", "app.toml"]);
}

#[test]
fn the_other_names_keep_the_content_or_follow() {
    let sandbox = with_two_names();
    sandbox.ok(&["--split-links", "set", "app.toml", "width=2"]);
    assert_eq!(texts(&sandbox), ["width = 2\n", "width = 1\n"]);
    sandbox.ok(&["set", "app.toml", "width=3"]); // it has one name by now
    sandbox.ok(&["undo", "app.toml"]);
    sandbox.ok(&["undo", "app.toml"]);
    assert_eq!(texts(&sandbox), ["width = 1\n"; 2]);
    let sandbox = with_two_names();
    sandbox.ok(&["--in-place", "set", "app.toml", "width=2"]);
    assert_eq!(texts(&sandbox), ["width = 2\n"; 2]);
    sandbox.ok(&["--in-place", "undo", "app.toml"]);
    assert_eq!(texts(&sandbox), ["width = 1\n"; 2]);
}

/// Each command that puts content in place asks.
#[test]
fn every_kind_of_change_is_refused() {
    let sandbox = Sandbox::with("app.toml", own("examples/app.toml"));
    sandbox.write("config_versions.json", own("config_versions.json"));
    sandbox.ok(&["set", "app.toml", "theme=light"]);
    sandbox.write("new.json", "{}\n");
    for name in ["app.toml", "new.json"] {
        fs::hard_link(sandbox.path(name), sandbox.path(&format!("copy-{name}"))).unwrap();
    }
    let before = sandbox.text("app.toml");
    for args in [
        &["set", "app.toml", "theme=dark"][..],
        &["unset", "app.toml", "theme"],
        &["undo", "app.toml"],
        &["restore", "app.toml", "latest"],
        &["migrate", "down", "app.toml"],
        &["convert", "app.toml", "-o", "new.json"],
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, 8, "{args:?}\n{ran}");
        assert!(ran.stderr.contains("--split-links"), "{args:?}\n{ran}");
        assert_eq!(sandbox.text("app.toml"), before, "{args:?}");
        assert_eq!(sandbox.text("copy-new.json"), "{}\n", "{args:?}");
    }
    let file = fs::OpenOptions::new()
        .write(true)
        .open(sandbox.path("app.toml"));
    file.unwrap().set_len(30).unwrap();
    let ran = sandbox.run(&["recover", "app.toml"]);
    assert_eq!(ran.code, 8, "{ran}");
    sandbox.ok(&["recover", "app.toml", "--split-links"]);
    assert_eq!(sandbox.text("app.toml"), before);
    assert_eq!(sandbox.text("copy-app.toml").len(), 30);
}
