//! Mode and owner of a file that was removed and comes back.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use serde_json::{Value, json};

use crate::support::{Ran, Sandbox};

const ROOT: u32 = 0;
/// Whose the file is, and a group that is not the one of the same number.
const OWNER: u32 = 61_001;
const GROUP: u32 = 61_002;
/// Somebody who has no business here.
const STRANGER: u32 = 61_003;

/// Mode and owner and group of a file.
type Access = (u32, u32, u32);

struct Case(Sandbox);

impl Case {
    /// `app.toml` with this access in a folder of `around`'s; `None` where this process can't be several users.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn new(around: u32, access: Access) -> Option<Case> {
        let case = Case(Sandbox::with("app.toml", "a = 1\n"));
        let (mode, user, group) = access;
        let given = chown(case.0.path("app.toml"), Some(user), Some(group))
            .and_then(|()| chown(case.0.path("."), Some(around), Some(around)));
        case.chmod("app.toml", mode);
        case.chmod(".", 0o755);
        let mut other = case.0.command(&["--version"]);
        let other = other.uid(OWNER).gid(OWNER).output();
        if given.is_err() || !other.is_ok_and(|ran| ran.status.success()) {
            println!("SKIPPED: needs root, and a build folder that other users may read");
            return None;
        }
        Some(case)
    }

    fn chmod(&self, name: &str, mode: u32) {
        set_permissions(self.0.path(name), Permissions::from_mode(mode)).unwrap();
    }

    /// Runs a command as that user, who has the group of the same number.
    fn run(&self, user: u32, args: &[&str]) -> Ran {
        let mut command = self.0.command(args);
        command.uid(user).gid(user).output().unwrap().into()
    }

    #[track_caller]
    fn ok(&self, user: u32, args: &[&str]) {
        let ran = self.run(user, args);
        assert_eq!(ran.code, 0, "persist {args:?} as {user}\n{ran}");
    }

    fn access(&self, name: &str) -> Access {
        let meta = std::fs::symlink_metadata(self.0.path(name)).unwrap();
        (meta.mode() & 0o7777, meta.uid(), meta.gid())
    }

    fn remove(&self) {
        std::fs::remove_file(self.0.path("app.toml")).unwrap();
    }

    /// Writes the last record of the journal anew, as whoever owns the journal can.
    fn forge(&self, change: impl FnOnce(&mut Value)) {
        let path = self.0.path(".app.toml.persist/journal/00000001.log");
        let journal = std::fs::read_to_string(&path).unwrap();
        let start = journal.trim_end().rfind('\n').map_or(0, |at| at + 1);
        let (_, json) = journal[start..].trim_end().split_once(' ').unwrap();
        let mut record = serde_json::from_str(json).unwrap();
        change(&mut record);
        let json = record.to_string();
        let digest = persist_core::digest(json.as_bytes());
        std::fs::write(path, format!("{}{digest} {json}\n", &journal[..start])).unwrap();
        let found = self.0.json(5, &["status", "app.toml"]);
        assert_eq!(found["changes"], 2, "the forged record counts: {found}");
    }
}

/// Every way in which `user` brings back a file that was removed.
fn each_way(user: u32, around: u32, access: Access, check: impl Fn(&str, &Case)) {
    for way in [
        &["recover", "app.toml"][..],
        &["restore", "app.toml", "latest"],
    ] {
        let Some(case) = Case::new(around, access) else {
            return;
        };
        case.ok(user, &["set", "app.toml", "a=2"]);
        case.ok(user, &["set", "app.toml", "a=3"]);
        assert_eq!(case.access("app.toml"), access, "a save keeps it");
        case.remove();
        case.ok(user, way);
        check(&way.join(" "), &case);
    }
}

#[test]
fn from_root_the_owner_gets_it_back_as_it_was() {
    for around in [ROOT, OWNER] {
        for mode in [0o644, 0o600, 0o775] {
            let access = (mode, OWNER, GROUP);
            each_way(ROOT, around, access, |way, case| {
                assert_eq!(
                    case.access("app.toml"),
                    access,
                    "{way}, in {around}'s folder"
                );
                assert_eq!(case.access(".app.toml.persist"), (0o700, OWNER, GROUP));
            });
        }
        let roots = (0o644, ROOT, ROOT);
        each_way(ROOT, around, roots, |way, case| {
            assert_eq!(
                case.access("app.toml"),
                roots,
                "{way}, in {around}'s folder"
            );
        });
    }
}

#[test]
fn from_the_owner_too() {
    for mode in [0o644, 0o640, 0o600] {
        let access = (mode, OWNER, OWNER);
        each_way(OWNER, OWNER, access, |way, case| {
            assert_eq!(case.access("app.toml"), access, "{way}");
        });
    }
}

#[test]
fn what_counts_is_the_mode_that_it_had_last() {
    let Some(case) = Case::new(ROOT, (0o644, OWNER, GROUP)) else {
        return;
    };
    case.ok(ROOT, &["set", "app.toml", "a=2"]);
    case.chmod("app.toml", 0o600);
    case.ok(ROOT, &["set", "app.toml", "a=3"]);
    case.remove();
    case.ok(ROOT, &["recover", "app.toml"]);
    assert_eq!(case.access("app.toml"), (0o600, OWNER, GROUP));
    // Also where something else has written the file, which was adopted.
    case.chmod("app.toml", 0o640);
    std::fs::write(case.0.path("app.toml"), "a = 4\n").unwrap();
    case.ok(ROOT, &["adopt", "app.toml"]);
    case.remove();
    case.ok(ROOT, &["recover", "app.toml"]);
    assert_eq!(case.access("app.toml"), (0o640, OWNER, GROUP));
    assert_eq!(case.0.text("app.toml"), "a = 4\n");
}

/// An undo does not take a missing file for one to bring back.
#[test]
fn undo_and_edits_leave_a_removed_file_to_recover() {
    let Some(case) = Case::new(ROOT, (0o644, OWNER, GROUP)) else {
        return;
    };
    case.ok(ROOT, &["set", "app.toml", "a=2"]);
    case.remove();
    for args in [&["undo", "app.toml"][..], &["set", "app.toml", "a=3"]] {
        assert_eq!(case.run(ROOT, args).code, 5, "{args:?}");
        assert!(!case.0.path("app.toml").exists(), "{args:?}");
    }
    case.ok(ROOT, &["recover", "app.toml"]);
    case.ok(ROOT, &["undo", "app.toml"]);
    assert_eq!(case.access("app.toml"), (0o644, OWNER, GROUP));
    assert_eq!(case.0.text("app.toml"), "a = 1\n");
}

/// Removed on purpose, and back: who could read it can again, and nobody else.
#[test]
fn after_an_adopted_removal_it_is_as_it_was() {
    for way in [
        &["undo", "app.toml"][..],
        &["restore", "app.toml", "latest"],
    ] {
        let Some(case) = Case::new(ROOT, (0o644, OWNER, GROUP)) else {
            return;
        };
        case.ok(ROOT, &["set", "app.toml", "a=2"]);
        case.remove();
        case.ok(ROOT, &["adopt", "app.toml"]);
        case.ok(ROOT, way);
        assert_eq!(case.access("app.toml"), (0o644, OWNER, GROUP), "{way:?}");
    }
}

/// Removed, with another mode and owner in the journal than it had, and brought back by `user`.
fn forged(user: u32, around: u32, access: &Value) -> Option<Access> {
    let group = if user == ROOT { GROUP } else { OWNER };
    let case = Case::new(around, (0o644, OWNER, group))?;
    case.ok(user, &["set", "app.toml", "a=2"]);
    case.ok(user, &["set", "app.toml", "a=3"]);
    case.remove();
    case.forge(|record| record["access"] = access.clone());
    case.ok(user, &["recover", "app.toml"]);
    assert_eq!(case.0.text("app.toml"), "a = 3\n");
    Some(case.access("app.toml"))
}

#[test]
fn rights_of_the_owner_are_never_lent() {
    for (mode, expected) in [
        ("4755", 0o755),
        ("2755", 0o755),
        ("7777", 0o777),
        ("104755", 0o755),
        ("0644", 0o644),
    ] {
        for (user, group) in [(ROOT, GROUP), (OWNER, OWNER)] {
            let access = json!({"mode": mode, "user": OWNER, "group": group});
            let Some(found) = forged(user, OWNER, &access) else {
                return;
            };
            assert_eq!(found, (expected, OWNER, group), "{mode} from {user}");
        }
    }
}

/// A mode that is no number is none.
#[test]
fn a_mode_that_can_not_be_read_is_that_of_before() {
    for mode in ["rwxr-xr-x", "", "0999", "-644", "77777777777777777777"] {
        let access = json!({"mode": mode, "user": OWNER, "group": GROUP});
        let Some(found) = forged(ROOT, OWNER, &access) else {
            return;
        };
        // The record before says what it was.
        assert_eq!(found, (0o644, OWNER, GROUP), "{mode:?}");
    }
}

#[test]
fn nobody_is_given_a_file_because_a_journal_says_so() {
    for (user, group) in [
        (STRANGER, STRANGER),
        (STRANGER, GROUP),
        (STRANGER, 0),
        (OWNER, STRANGER),
        (OWNER, 0),
        (u32::MAX, u32::MAX),
        (ROOT, ROOT), // with what the owner has written in it
    ] {
        for around in [ROOT, OWNER] {
            let access = json!({"mode": "4644", "user": user, "group": group});
            let Some((mode, found, its_group)) = forged(ROOT, around, &access) else {
                return;
            };
            let told = format!("{user}:{group} in {around}'s folder became {found}:{its_group}");
            assert_eq!((mode, found), (0o644, OWNER), "{told}");
            // The group of the folder around is known as well, whoever names it.
            let around_group = user == OWNER && group == around;
            assert!(its_group == GROUP || around_group, "{told}");
        }
    }
    // The owner can't give anything away at all.
    let access = json!({"mode": "0666", "user": STRANGER, "group": STRANGER});
    if let Some(found) = forged(OWNER, OWNER, &access) {
        assert_eq!(found, (0o666, OWNER, OWNER));
    }
}

/// In `/tmp`, say, they could have made the state folder for root to find: what comes out of it is theirs, and root's own
/// content goes nowhere near it.
#[test]
fn what_somebody_keeps_in_a_shared_folder_stays_theirs() {
    for mode in [0o1777, 0o775] {
        let Some(case) = Case::new(ROOT, (0o644, OWNER, GROUP)) else {
            return;
        };
        case.ok(ROOT, &["set", "app.toml", "a=2"]);
        case.chmod(".", mode);
        case.remove();
        case.ok(ROOT, &["recover", "app.toml"]);
        let (mode, owner, _) = case.access("app.toml");
        assert_eq!((mode, owner), (0o644, OWNER));
        case.remove();
        let ran = case.run(ROOT, &["set", "app.toml", "a=3"]);
        assert_eq!(ran.code, 8, "{ran}");
        assert!(ran.stderr.contains("belongs to user"), "{ran}");
        assert!(!case.0.path("app.toml").exists());
    }
}

#[test]
fn a_new_file_with_secrets_is_private_and_any_other_as_the_umask_says() {
    for (user, around) in [(ROOT, ROOT), (ROOT, OWNER), (OWNER, OWNER)] {
        let Some(case) = Case::new(around, (0o644, around, around)) else {
            return;
        };
        case.ok(user, &["set", "new.toml", "a=1"]);
        case.ok(user, &["set", "key.toml", "api_key=1"]);
        std::fs::write(case.0.path("plain"), "").unwrap();
        let (plain, ..) = case.access("plain");
        for (name, expected) in [("new.toml", plain), ("key.toml", 0o600)] {
            let (mode, owner, _) = case.access(name);
            assert_eq!((mode, owner), (expected, user), "{name}");
        }
    }
}
