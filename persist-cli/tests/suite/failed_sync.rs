//! A copy whose sync failed is never trusted again: the kernel has dropped its pages, and a second sync would succeed.

use crate::home_crash::{can_trace, traced};
use crate::support::Sandbox;

#[test]
fn a_mirror_that_failed_to_sync_is_no_backup_of_a_later_save() {
    if !can_trace() {
        return;
    }
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    for set in ["a=2", "a=3"] {
        assert_eq!(sandbox.run(&["set", "app.toml", set]).code, 0);
    }
    let copies = ["mirror", "backup.new"].map(|name| sandbox.path(".app.toml.persist").join(name));
    assert!(copies[0].exists());
    let inject = ["-o", "/dev/null", "-e", "inject=fdatasync:error=EIO"];
    let failed = traced(&sandbox, &inject, &["set", "app.toml", "a=4"]);
    assert_ne!(failed.code, 0, "{failed}");
    assert!(copies.iter().all(|copy| !copy.exists()), "{copies:?}");
    let text = || std::fs::read_to_string(sandbox.path("app.toml")).unwrap();
    assert_eq!(text(), "a = 3\n");
    assert_eq!(sandbox.run(&["set", "app.toml", "a=5"]).code, 0);
    assert_eq!(sandbox.run(&["verify", "app.toml"]).code, 0);
    assert_eq!(sandbox.run(&["undo", "app.toml"]).code, 0);
    assert_eq!(text(), "a = 3\n");
}
