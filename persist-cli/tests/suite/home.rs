//! A history that is not beside its file: what the command says of it.

use insta::assert_snapshot;

use crate::support::Sandbox;

/// `app.toml` with one save, the history of which is in `history`.
fn apart() -> Sandbox {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&["set", "app.toml", "a=2", "--state-dir", "history"]);
    sandbox
}

#[test]
fn who_does_not_name_it_is_told_where_it_is() {
    let sandbox = apart();
    let status = sandbox.ok(&["status", "app.toml"]).stdout;
    let lines: Vec<_> = status.lines().skip(1).take(2).collect();
    assert_snapshot!(lines.join("\n"), @r"
      state     unchanged since the last save
      history   kept in [dir]/history
    ");
    assert_snapshot!(sandbox.ok(&["undo", "app.toml"]), @r"
    saved app.toml (undo #2)
      a: 2 -> 1
      from     the content before change #1
      backup   #2
      note     its history is kept in [dir]/history
    exit code 0
    ");
    let receipt = sandbox.json(0, &["set", "app.toml", "a=3"]);
    let told = receipt["notices"].to_string();
    assert!(told.contains("history"), "{told}");
    let receipt = sandbox.json(0, &["set", "app.toml", "a=4", "--state-dir", "history"]);
    assert_eq!(receipt["notices"].as_array().unwrap().len(), 0, "{receipt}");
}

/// What is quoted for a shell is quoted more often on Windows, whose paths hold backslashes.
#[cfg(unix)]
#[test]
fn what_is_refused_says_what_to_do() {
    let sandbox = apart();
    let set = ["set", "app.toml", "a=3"];
    let there = |state| sandbox.run(&[&set[..], &["--state-dir", state]].concat());
    assert_snapshot!(there("other"), @r"
    error: the history of app.toml is kept in [dir]/history and can't also be kept in other: leave out the state folder, or move the history there first
      help: leave out --state-dir, or first `mv [dir]/history other`
    exit code 8
    ");
    std::fs::rename(sandbox.path("history"), sandbox.path("moved")).unwrap();
    assert_snapshot!(sandbox.run(&set), @r"
    error: the history of app.toml should be in [dir]/history, but is not there: make that folder available, or name the state folder that it was moved to; to begin a new history, remove [dir]/.app.toml.persist
      help: --state-dir DIR names its folder; after `rm -r [dir]/.app.toml.persist` the next save begins a new history
    exit code 8
    ");
    assert_eq!(sandbox.ok(&["get", "app.toml", "a"]).stdout, "2\n");
    let status = sandbox.ok(&["status", "app.toml"]).stdout;
    let lines: Vec<_> = status.lines().skip(1).take(2).collect();
    assert_snapshot!(lines.join("\n"), @r"
      state     unknown: there is no history to compare it with
      history   the history of app.toml should be in [dir]/history, but is not there: make that folder available, or name the state folder that it was moved to; to begin a new history, remove [dir]/.app.toml.persist
    ");
    assert_eq!(sandbox.run(&["log", "app.toml"]).code, 8);
    assert_eq!(there("moved").code, 0);
    let pointer = sandbox.path(".app.toml.persist/elsewhere");
    std::fs::write(&pointer, "moved").unwrap();
    assert_snapshot!(sandbox.run(&set), @r"
    error: `elsewhere` in [dir]/.app.toml.persist should name the folder of the history of app.toml, but can't be used: name the state folder; to begin a new history, remove [dir]/.app.toml.persist
      help: --state-dir DIR names its folder; after `rm -r [dir]/.app.toml.persist` the next save begins a new history
    exit code 8
    ");
    let around = pointer.ancestors().nth(2).unwrap();
    std::fs::write(&pointer, around.to_str().unwrap()).unwrap();
    sandbox.write("of", "/nowhere");
    assert_snapshot!(sandbox.run(&set), @r"
    error: [dir]/.app.toml.persist points to [dir] for the history of app.toml, but that folder is not recorded as this file's, or belongs to another owner: name the right state folder; to begin a new history, remove [dir]/.app.toml.persist
      help: --state-dir DIR names its folder; after `rm -r [dir]/.app.toml.persist` the next save begins a new history
    exit code 8
    ");
}

/// In a folder that everybody may write to: somebody else was first to make the folder beside the file.
#[cfg(unix)]
#[test]
fn where_the_folder_beside_the_file_is_somebody_elses() {
    const EACH: usize = 5;
    let Some(shared) = shared(0o1777) else { return };
    let theirs = shared.path(".app.toml.persist");
    std::fs::create_dir(&theirs).unwrap();
    give(&theirs, MALLORY, 0o700);
    let ran = as_alice(&shared, &["set", "app.toml", "a=1"]);
    assert_eq!(ran.code, 8, "{ran}");
    assert!(ran.stderr.contains("choose another state folder"), "{ran}");
    std::thread::scope(|scope| {
        for who in ["left", "right"] {
            let shared = &shared;
            scope.spawn(move || {
                for n in 0..EACH {
                    let change = format!("{who}{n}={n}");
                    let args = ["set", "app.toml", &change, "--state-dir", "alices/state"];
                    let ran = as_alice(shared, &args);
                    assert_eq!(ran.code, 0, "{ran}");
                }
            });
        }
    });
    assert_eq!(shared.text("app.toml").lines().count(), 1 + 2 * EACH);
    assert_eq!(std::fs::read_dir(&theirs).unwrap().count(), 0);
}

/// The file is what can't be saved there, and nothing is left of the attempt.
#[cfg(unix)]
#[test]
fn where_nothing_can_be_made_beside_the_file() {
    let Some(shared) = shared(0o755) else { return };
    std::fs::create_dir(shared.path("alices/state")).unwrap();
    give(&shared.path("alices/state"), ALICE, 0o700);
    let ran = as_alice(
        &shared,
        &["set", "app.toml", "a=1", "--state-dir", "alices/state"],
    );
    assert!(ran.stderr.contains("app.toml was not saved"), "{ran}");
    assert!(ran.stderr.contains("can't create files"), "{ran}");
    assert!(!shared.path(".app.toml.persist").exists());
}

#[cfg(unix)]
const ALICE: u32 = 61_001;
#[cfg(unix)]
const MALLORY: u32 = 61_002;

/// A folder of root's with a file and a folder of Alice's; `None` for who can't give files away.
#[cfg(unix)]
#[expect(
    clippy::print_stdout,
    reason = "who runs the tests is told of what was not tested"
)]
fn shared(mode: u32) -> Option<Sandbox> {
    let sandbox = Sandbox::with("app.toml", "# counted\n");
    std::fs::create_dir(sandbox.path("alices")).unwrap();
    if std::os::unix::fs::chown(sandbox.path("app.toml"), Some(ALICE), None).is_err() {
        println!("skipped: only root can act for a user");
        return None;
    }
    give(&sandbox.path("app.toml"), ALICE, 0o644);
    give(&sandbox.path("alices"), ALICE, 0o700);
    give(&sandbox.path(""), 0, mode);
    Some(sandbox)
}

#[cfg(unix)]
fn give(path: &std::path::Path, user: u32, mode: u32) {
    use std::os::unix::fs::{PermissionsExt, chown};
    chown(path, Some(user), Some(user)).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn as_alice(sandbox: &Sandbox, args: &[&str]) -> crate::support::Ran {
    use std::os::unix::process::CommandExt;
    let mut command = sandbox.command(&[&["--wait", "60"], args].concat());
    command.uid(ALICE).gid(ALICE);
    command.output().unwrap().into()
}
