//! One file, and several members of its group who save it. Needs root, to be several users.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ran, Sandbox, cases};

const TEAM: u32 = 62000;
const ROOT: u32 = 0;
const ALICE: u32 = 62001;
const BOB: u32 = 62002;
/// Is no member, and may read the file as everybody.
const EVE: u32 = 62003;
const STATE: &str = ".app.toml.persist";

/// A folder of the group's, with a file of Alice's in it that the group may read and write.
struct Team {
    sandbox: Sandbox,
}

impl Team {
    /// `None` where nobody can be somebody else; says so.
    #[expect(
        clippy::print_stdout,
        reason = "who runs the tests is told of what was not tested"
    )]
    fn new() -> Option<Team> {
        let sandbox = Sandbox::with("app.toml", "n = 0\n");
        let team = Team { sandbox };
        let folder = team.path("");
        let given = chown(&folder, Some(ROOT), Some(TEAM))
            .and_then(|()| chown(team.path("app.toml"), Some(ALICE), Some(TEAM)));
        if given.is_err() || !team.shell(BOB, "true") {
            println!("skipped: this needs root, and setpriv, to be several users");
            return None;
        }
        chmod(&folder, 0o2775);
        chmod(&team.path("app.toml"), 0o664);
        Some(team)
    }

    /// The same, shared.
    fn shared() -> Option<Team> {
        let team = Team::new()?;
        team.ok(ALICE, &["set", "app.toml", "n=1"]);
        team.ok(ALICE, &["share", "app.toml"]);
        Some(team)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path(name)
    }

    fn state(&self, name: &str) -> PathBuf {
        self.path(STATE).join(name)
    }

    fn as_user(&self, user: u32, before: &[&str], args: &[&str]) -> Command {
        let inner = self.sandbox.command(args);
        let mut command = match before.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg("setpriv");
                command
            }
            None => Command::new("setpriv"),
        };
        command.args(rights(user));
        command.arg(inner.get_program()).args(inner.get_args());
        command.current_dir(self.path(""));
        for name in ["USER", "LOGNAME", "SUDO_USER", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, user: u32, args: &[&str]) -> Ran {
        self.as_user(user, &[], args).output().unwrap().into()
    }

    fn ok(&self, user: u32, args: &[&str]) -> Ran {
        let ran = self.run(user, args);
        assert_eq!(ran.code, 0, "user {user}: persist {args:?}\n{ran}");
        ran
    }

    /// A command of the shell as that user; whether it went well.
    fn shell(&self, user: u32, script: &str) -> bool {
        let mut command = Command::new("setpriv");
        command.args(rights(user)).args(["sh", "-c", script]);
        let status = command.current_dir(self.path("")).status();
        status.is_ok_and(|status| status.success())
    }

    fn value(&self, user: u32, key: &str) -> String {
        self.ok(user, &["get", "app.toml", key])
            .stdout
            .trim()
            .to_owned()
    }

    fn mode(&self, name: &str) -> u32 {
        mode(&self.path(name))
    }

    /// Nothing of the history is for anybody but its owner.
    fn is_private(&self, what: &str) {
        assert_eq!(self.mode(STATE), 0o700, "{what}");
        for path in all(&self.path(STATE)) {
            let meta = fs::metadata(&path).unwrap();
            // What was replaced last has the mode that it had.
            let is_stage = path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("stage-");
            assert!(
                is_stage || meta.mode() & 0o7077 == 0,
                "{what}: {}",
                path.display()
            );
            assert_eq!(meta.uid(), ALICE, "{what}: {}", path.display());
        }
        assert_eq!(
            self.sandbox.text(&format!("{STATE}/format")),
            "2\n",
            "{what}"
        );
    }
}

fn rights(user: u32) -> Vec<String> {
    let id = user.to_string();
    let mut all = vec!["--reuid".into(), id.clone(), "--regid".into(), id];
    match user {
        ALICE | BOB => all.extend(["--groups".into(), TEAM.to_string()]),
        _ => all.push("--clear-groups".into()),
    }
    all
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything below a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn who_may_not_save_is_told_why_and_who_can_change_it() {
    let Some(team) = Team::new() else { return };
    // Before there is a history, and after.
    for _ in 0..2 {
        let ran = team.run(BOB, &["set", "app.toml", "n=5"]);
        assert_eq!(ran.code, 8, "{ran}");
        let help = format!("`persist share app.toml`, run by user {ALICE} or root");
        assert!(ran.stderr.contains(&help), "{ran}");
        assert_eq!(team.value(BOB, "n"), "0");
        team.ok(ALICE, &["set", "app.toml", "m=1"]);
    }
    let status = team.ok(BOB, &["status", "app.toml"]).stdout;
    let owner = format!("only user {ALICE} can read the history; `persist share app.toml`");
    assert!(status.contains(&owner), "{status}");
    for other in [BOB, EVE] {
        let ran = team.run(other, &["share", "app.toml"]);
        assert_eq!(ran.code, 8, "{ran}");
    }
    team.is_private("nothing was shared");
    // Bob has replaced the file, as editors do, and it is his.
    assert!(team.shell(
        BOB,
        "cp app.toml new && chgrp 62000 new && chmod 664 new && mv -f new app.toml"
    ));
    let ran = team.run(BOB, &["set", "app.toml", "n=5"]);
    assert!(ran.stderr.contains("persist share app.toml"), "{ran}");
    team.ok(ALICE, &["share", "app.toml"]);
    team.ok(BOB, &["set", "app.toml", "n=5"]);
}

#[test]
fn members_save_undo_and_verify_and_others_never_get_in() {
    let Some(team) = Team::shared() else { return };
    let others = team.sandbox.text("app.toml");
    team.ok(BOB, &["set", "app.toml", "n=2"]);
    team.ok(ALICE, &["set", "app.toml", "n=3"]);
    team.ok(BOB, &["undo", "app.toml"]);
    assert_eq!(team.value(ALICE, "n"), "2");
    team.ok(ROOT, &["set", "app.toml", "n=4"]);
    team.ok(ALICE, &["restore", "app.toml", "1"]);
    team.ok(BOB, &["undo", "app.toml"]);
    assert_eq!(team.value(EVE, "n"), "4");
    for member in [ALICE, BOB, ROOT] {
        team.ok(member, &["verify", "app.toml"]);
        let status = team.ok(member, &["status", "app.toml"]).stdout;
        assert!(status.contains(&format!("with group {TEAM}")), "{status}");
    }
    assert_eq!(team.mode("app.toml"), 0o664);
    assert_eq!(fs::metadata(team.path("app.toml")).unwrap().gid(), TEAM);
    assert_eq!(team.mode(STATE), 0o6770);
    for path in all(&team.path(STATE)) {
        let meta = fs::metadata(&path).unwrap();
        let is_stage = path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("stage");
        let expected = match meta.is_dir() {
            true => 0o2770,
            false => 0o660,
        };
        assert_eq!(meta.gid(), TEAM, "{}", path.display());
        // What was replaced has the mode that it had.
        let of_others = if is_stage { 0o004 } else { 0 };
        assert_eq!(
            meta.mode() & 0o7777 & !of_others,
            expected,
            "{}",
            path.display()
        );
    }
    assert!(!team.shell(EVE, "ls .app.toml.persist 2>/dev/null"));
    assert!(!team.shell(EVE, "cat .app.toml.persist/mirror 2>/dev/null"));
    let ran = team.run(EVE, &["set", "app.toml", "n=9"]);
    assert_eq!(ran.code, 8, "{ran}");
    assert!(
        ran.stderr.contains(&format!(
            "only by user {ALICE} and the members of group {TEAM}"
        )),
        "{ran}"
    );
    let status = team.ok(EVE, &["status", "app.toml"]).stdout;
    assert!(status.contains("only the members of group"), "{status}");
    assert_ne!(team.sandbox.text("app.toml"), others);
}

#[test]
fn all_saves_of_two_members_at_once_are_in_the_file() {
    let Some(team) = Team::shared() else { return };
    let each = cases(20);
    let saves = |user: u32, key: &str| {
        for number in 0..each {
            let set = format!("{key}{number}={number}");
            team.ok(user, &["set", "app.toml", &set, "--wait", "120"]);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| saves(ALICE, "a"));
        scope.spawn(|| saves(BOB, "b"));
    });
    let text = team.sandbox.text("app.toml");
    let found = text
        .lines()
        .filter(|line| line.starts_with(['a', 'b']))
        .count();
    assert_eq!(found, 2 * each);
    team.ok(ALICE, &["verify", "app.toml"]);
}

#[test]
fn a_save_of_one_member_that_was_killed_is_settled_by_another() {
    let Some(team) = Team::shared() else { return };
    let there = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    if !there.is_ok_and(|status| status.success()) {
        return;
    }
    let mut kills = 0;
    for call in [
        "fchmod",
        "fchown",
        "renameat2",
        "fsync",
        "write",
        "unlinkat",
    ] {
        for number in 1.. {
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
            let new = format!("n={}", 1000 + kills);
            let ran = team
                .as_user(BOB, &strace, &["set", "app.toml", &new])
                .output();
            if ran.unwrap().status.success() {
                break;
            }
            kills += 1;
            team.value(ALICE, "n");
            team.ok(ALICE, &["set", "app.toml", &format!("alice={kills}")]);
            let alice = team.value(BOB, "alice");
            assert_eq!(alice, kills.to_string(), "{inject}");
            let verified = team.ok(BOB, &["verify", "app.toml"]).stdout;
            assert!(verified.contains("all is well"), "{inject}: {verified}");
        }
    }
    assert!(kills > 9, "{kills}");
}

#[test]
fn what_is_lost_comes_back_for_the_group_by_any_member() {
    let Some(team) = Team::shared() else { return };
    team.ok(BOB, &["set", "app.toml", "n=2"]);
    fs::write(team.path("app.toml"), "n").unwrap();
    team.ok(ALICE, &["recover", "app.toml"]);
    assert_eq!(team.value(BOB, "n"), "2");
    for (member, next) in [(BOB, 3), (ALICE, 4), (ROOT, 5)] {
        fs::remove_file(team.path("app.toml")).unwrap();
        team.ok(member, &["recover", "app.toml"]);
        let meta = fs::metadata(team.path("app.toml")).unwrap();
        assert_eq!(
            (meta.mode() & 0o7777, meta.gid()),
            (0o664, TEAM),
            "{member}"
        );
        for saver in [ALICE, BOB] {
            team.ok(
                saver,
                &["set", "--string", "app.toml", &format!("n={next}{saver}")],
            );
        }
    }
    team.ok(ALICE, &["verify", "app.toml"]);
}

/// What is narrowed, and how.
type Narrowing = (&'static str, fn(&Team));

#[test]
fn narrowing_is_followed_at_once() {
    let narrow: [Narrowing; 7] = [
        ("the file", |team| chmod(&team.path("app.toml"), 0o600)),
        ("the file, for writing", |team| {
            chmod(&team.path("app.toml"), 0o644);
        }),
        ("its group", |team| {
            chown(team.path("app.toml"), Some(ALICE), Some(ALICE)).unwrap();
            chmod(&team.path("app.toml"), 0o664);
        }),
        ("the folder, as chmod g-rwx does", |team| {
            chmod(&team.path(STATE), 0o6700);
        }),
        ("the folder, for writing", |team| {
            chmod(&team.path(STATE), 0o6750);
        }),
        ("the folder, opened to others", |team| {
            chmod(&team.path(STATE), 0o6775);
        }),
        ("by command", |team| {
            let told = team.ok(ALICE, &["share", "--off", "app.toml"]).stdout;
            assert!(told.starts_with("closed"), "{told}");
            team.is_private("at once");
        }),
    ];
    for (what, narrow) in narrow {
        let Some(team) = Team::shared() else { return };
        team.ok(BOB, &["set", "app.toml", "n=2"]);
        team.ok(BOB, &["set", "app.toml", "n=3"]);
        // What Bob has left last is the displaced file of Alice or his own; the live one is to be Alice's.
        team.ok(ALICE, &["set", "app.toml", "n=4"]);
        let bobs = all(&team.path(STATE))
            .iter()
            .any(|path| fs::metadata(path).unwrap().uid() == BOB);
        assert!(bobs, "something in there is Bob's");
        narrow(&team);
        let refused = team.run(BOB, &["set", "app.toml", "n=9"]);
        assert_ne!(refused.code, 0, "{what}: {refused}");
        let saved = team.ok(ALICE, &["set", "app.toml", "n=5"]).stdout;
        let told = saved.contains("no longer shared with the group");
        assert_eq!(told, what != "by command", "{what}: {saved}");
        team.is_private(what);
        // The history is whole, and Alice's.
        let verified = team.ok(ALICE, &["verify", "app.toml"]).stdout;
        assert!(verified.contains("all is well"), "{what}: {verified}");
        for expected in ["4", "3", "2", "1"] {
            team.ok(ALICE, &["undo", "app.toml"]);
            assert_eq!(team.value(ALICE, "n"), expected, "{what}");
        }
        team.is_private(what);
    }
}

#[test]
fn a_file_of_another_member_is_told_of_when_the_history_is_closed() {
    let Some(team) = Team::shared() else { return };
    team.ok(BOB, &["set", "app.toml", "n=2"]);
    let told = team.ok(ALICE, &["share", "--off", "app.toml"]).stdout;
    assert!(told.contains(&format!("belongs to user {BOB}")), "{told}");
    team.is_private("closed");
    for member in [ALICE, BOB] {
        let ran = team.run(member, &["set", "app.toml", "n=3"]);
        assert_eq!(ran.code, 8, "{ran}");
        let remedy = format!("`persist share app.toml`, run by user {ALICE} or root");
        assert!(ran.stderr.contains(&remedy), "{ran}");
    }
    chown(team.path("app.toml"), Some(ALICE), None).unwrap();
    team.ok(ALICE, &["undo", "app.toml"]);
    assert_eq!(team.value(ALICE, "n"), "1");
}

#[test]
fn closing_that_was_killed_goes_on() {
    let Some(team) = Team::shared() else { return };
    let there = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    if !there.is_ok_and(|status| status.success()) {
        return;
    }
    let mut kills = 0;
    for call in [
        "fchmod",
        "renameat",
        "renameat2",
        "fsync",
        "write",
        "unlinkat",
    ] {
        for number in 1.. {
            team.ok(BOB, &["set", "app.toml", &format!("k={call}{number}")]);
            team.ok(ALICE, &["set", "app.toml", "m=1", &format!("k={number}")]);
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
            let ran = team
                .as_user(ALICE, &strace, &["share", "--off", "app.toml"])
                .output();
            let done = ran.unwrap().status.success();
            // It goes on with the next save, where it has begun.
            let begun = team.mode(STATE) != 0o6770;
            team.ok(ALICE, &["set", "app.toml", &format!("k={number}1")]);
            if begun {
                team.is_private(&inject);
            }
            let verified = team.ok(ALICE, &["verify", "app.toml"]).stdout;
            assert!(verified.contains("all is well"), "{inject}: {verified}");
            team.ok(ALICE, &["share", "app.toml"]);
            if done {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 9, "{kills}");
}

#[test]
fn only_what_the_group_could_read_is_shared() {
    let Some(team) = Team::new() else { return };
    let refused = |args: &[&str], why: &str| {
        for user in [ALICE, ROOT] {
            let ran = team.run(user, args);
            assert_eq!(ran.code, 8, "{why}: {ran}");
            assert!(ran.stderr.contains(why), "{why}: {ran}");
        }
    };
    chmod(&team.path("app.toml"), 0o644);
    refused(&["share", "app.toml"], "may not read and write the file");
    chmod(&team.path("app.toml"), 0o600);
    team.ok(ALICE, &["set", "app.toml", "secret=hunter2"]);
    team.ok(ALICE, &["unset", "app.toml", "secret"]);
    chmod(&team.path("app.toml"), 0o664);
    refused(
        &["share", "app.toml"],
        "could not read (record #1 of the journal)",
    );
    team.is_private("nothing was shared");
    chown(team.path("app.toml"), Some(ALICE), Some(ROOT)).unwrap();
    chmod(&team.path("app.toml"), 0o664);
    refused(
        &["share", "--with-past", "app.toml"],
        "file's group is root's",
    );
    chown(team.path("app.toml"), Some(ALICE), Some(TEAM)).unwrap();
    team.ok(ALICE, &["share", "--with-past", "app.toml"]);
    team.ok(BOB, &["set", "app.toml", "n=1"]);
    let again = team.ok(ALICE, &["share", "app.toml"]).stdout;
    assert!(again.starts_with("unchanged"), "{again}");
}

#[test]
fn the_history_of_a_private_file_that_was_moved_here_is_not_shared() {
    let Some(team) = Team::new() else { return };
    fs::write(team.path("key.toml"), "key = 'hunter2'\n").unwrap();
    chown(team.path("key.toml"), Some(ALICE), Some(TEAM)).unwrap();
    chmod(&team.path("key.toml"), 0o600);
    team.ok(ALICE, &["set", "key.toml", "n=1"]);
    // Bob may rename in the group's folder.
    assert!(team.shell(BOB, "mv .key.toml.persist .app.toml.persist"));
    for user in [ALICE, ROOT] {
        let ran = team.run(user, &["share", "app.toml"]);
        assert_eq!(ran.code, 8, "{ran}");
    }
    assert!(!team.shell(BOB, "cat .app.toml.persist/backups/* 2>/dev/null"));
}

#[test]
fn a_private_file_that_a_member_moves_into_the_folder_is_told_to_nobody() {
    let planted = [
        "mirror",
        "backup.new",
        "stage-99",
        "stage-2",
        "redo",
        "lock",
        "format",
        "journal/00000002.log",
        "journal/00000001.log",
        "quarantine/x",
    ];
    for name in planted {
        for (caller, owner) in [(ALICE, ALICE), (ROOT, ALICE), (ROOT, ROOT)] {
            let Some(team) = Team::shared() else { return };
            team.ok(BOB, &["set", "app.toml", "n=2"]);
            // In a folder of the group's, so that Bob may move it, and it has the group by setgid.
            fs::write(team.path("private"), "canary = 1\n").unwrap();
            chown(team.path("private"), Some(owner), Some(TEAM)).unwrap();
            chmod(&team.path("private"), 0o600);
            assert!(team.shell(BOB, &format!("mv -f private {STATE}/{name}")));
            // Damage makes everything be looked at.
            fs::write(team.path("app.toml"), "n").unwrap();
            for args in [
                &["set", "app.toml", "n=3"][..],
                &["recover", "app.toml"],
                &["set", "app.toml", "n=4"],
                &["undo", "app.toml"],
                &["share", "app.toml"],
                &["share", "--off", "app.toml"],
                &["set", "app.toml", "n=5"],
                &["share", "app.toml", "--with-past"],
                &["set", "app.toml", "n=6"],
            ] {
                let ran = team.run(caller, args);
                assert!(
                    !format!("{ran}").contains("canary"),
                    "{name} {caller} {args:?}: {ran}"
                );
            }
            for path in all(&team.path("")) {
                let meta = fs::symlink_metadata(&path).unwrap();
                if !meta.is_file() || meta.mode() & 0o040 == 0 || meta.gid() != TEAM {
                    continue;
                }
                let bytes = fs::read(&path).unwrap();
                let told = crate::support::contains(&bytes, "canary");
                assert!(!told, "{name} by {caller}, of {owner}: {}", path.display());
            }
        }
    }
}

#[test]
fn who_is_no_member_can_make_no_folder_that_is_believed() {
    let Some(team) = Team::new() else { return };
    // Everybody may create things here, with the group by setgid.
    chmod(&team.path(""), 0o2777);
    for make in [
        "umask 007; mkdir STATE",
        "umask 007; mkdir STATE; chmod ug+s STATE",
        "umask 0; mkdir -m 6770 STATE",
    ] {
        assert!(team.shell(EVE, &make.replace("STATE", STATE)), "{make}");
        assert_ne!(team.mode(STATE), 0o6770, "the kernel has let it be");
        for user in [ALICE, BOB, ROOT] {
            let ran = team.run(user, &["set", "app.toml", "n=1"]);
            match user {
                ROOT => assert_eq!(ran.code, 0, "root sets it aside: {ran}"),
                _ => assert_eq!(ran.code, 8, "{ran}"),
            }
        }
        fs::remove_dir_all(team.path(STATE)).unwrap();
    }
}

#[test]
fn a_history_elsewhere_is_not_shared_and_a_shared_one_leads_nowhere() {
    let Some(team) = Team::new() else { return };
    chmod(&team.path(""), 0o2777);
    team.ok(ALICE, &["set", "app.toml", "n=1", "--state-dir", "history"]);
    let ran = team.run(ALICE, &["share", "app.toml"]);
    assert_eq!(ran.code, 8, "{ran}");
    assert!(
        ran.stderr.contains("only a history kept beside the file"),
        "{ran}"
    );
    let Some(team) = Team::shared() else { return };
    // A member makes the shared folder lead elsewhere.
    assert!(team.shell(
        BOB,
        &format!("printf '3\\n' >{STATE}/format; printf /tmp >{STATE}/elsewhere")
    ));
    for user in [ALICE, ROOT] {
        let ran = team.run(user, &["set", "app.toml", "n=2"]);
        assert_eq!(ran.code, 8, "{ran}");
        assert!(ran.stderr.contains("is shared with a group"), "{ran}");
        assert_eq!(team.value(user, "n"), "1");
    }
}

#[test]
fn the_state_of_a_shared_file_as_data() {
    let Some(team) = Team::shared() else { return };
    let told = team.ok(ALICE, &["share", "app.toml", "--json"]).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["group"], &told["changed"]),
        (&TEAM.into(), &false.into()),
        "{told}"
    );
    chmod(&team.path(""), 0o2755);
    let told = team.ok(ALICE, &["share", "app.toml"]).stdout;
    assert!(told.contains("can't replace it yet"), "{told}");
    let state = team.state("format");
    assert_eq!(fs::read_to_string(state).unwrap(), "4\n");
}
