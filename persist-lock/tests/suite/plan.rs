//! Files that should not, or can't, be replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};

use persist_lock::{Error, FileLock, HardLinks, Options, ReadOnly, Target, Wait, state_dir_for};

use crate::child::{can_run, outcome};

const NOBODY: [&str; 6] = [
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
];

fn can_be_nobody() -> bool {
    can_run(NOBODY[0], &[&NOBODY[1..], &["true"]].concat())
}

#[test]
fn a_read_only_file_is_refused_even_to_root() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    assert!(matches!(guard.stage(b"new"), Err(Error::ReadOnly { .. })));
    let error = persist_lock::replace(&path, b"new", &Options::new()).unwrap_err();
    let protected = ReadOnly::Protected;
    assert!(matches!(error, Error::ReadOnly { cause, .. } if cause == protected));
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    if !can_be_nobody() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let said = outcome(&NOBODY, "save", &path, &[]);
    assert!(said.starts_with("ReadOnly"), "{said}");
    assert!(said.contains("save as its owner"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_file_in_a_closed_folder_is_refused() {
    if !can_be_nobody() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    chown(&path, Some(65534), Some(65534)).unwrap();
    let said = outcome(&NOBODY, "save", &path, &[]);
    assert!(said.starts_with("ReadOnly"), "{said}");
    assert!(said.contains("is a folder in which"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_file_of_somebody_else_in_a_sticky_folder_is_refused_or_written_in_place() {
    if !can_be_nobody() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let said = outcome(&NOBODY, "save", &path, &[]);
    assert!(said.starts_with("Sticky"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(outcome(&NOBODY, "save", &path, &["in-place"]), "InPlace");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn an_immutable_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let name = path.to_str().unwrap();
    if !can_run("chattr", &["+i", name]) {
        return;
    }
    let said = outcome(&[], "save", &path, &[]);
    assert!(can_run("chattr", &["-i", name]));
    assert!(said.starts_with("ReadOnly"), "{said}");
    assert!(said.contains("is immutable"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

/// A folder can be immutable, too: then no other file takes the name.
#[test]
fn an_immutable_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    drop(FileLock::beside(&path).unwrap());
    let name = folder.path().to_str().unwrap();
    if !can_run("chattr", &["+i", name]) {
        return;
    }
    let said = outcome(&[], "save", &path, &[]);
    assert!(can_run("chattr", &["-i", name]));
    assert!(said.starts_with("ReadOnly"), "{said}");
    assert!(said.contains(&format!("{name} is immutable")), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_read_only_file_system_is_refused() {
    if !can_run("unshare", &["-m", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let at = folder.path().display();
    let script = format!("mount --bind -o ro {at} {at} && exec \"$@\"");
    let said = outcome(
        &["unshare", "-m", "sh", "-c", &script, "sh"],
        "save",
        &path,
        &[],
    );
    assert!(said.starts_with("ReadOnly"), "{said}");
    assert!(said.contains("read-only file system"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn other_names_keep_the_old_content_and_the_backup_is_not_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, &other).unwrap();
    let target = Target::resolve(&path).unwrap();
    assert_eq!(target.hard_links(), 2);
    assert_eq!(outcome(&[], "save", &path, &[]), "Exchange");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    // Writing through the other name must not reach the backup.
    fs::write(&other, "changed").unwrap();
    assert_eq!(
        fs::read(state_dir_for(&path).join("backup")).unwrap(),
        b"old"
    );
}

#[test]
fn hard_links_are_refused_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    let target = Target::resolve(&path).unwrap();
    for choice in [HardLinks::Refuse, HardLinks::Follow] {
        let options = Options::new().hard_links(choice);
        let lock = FileLock::open_with(&target, &state_dir_for(&path), options).unwrap();
        let guard = lock.write(Wait::No).unwrap();
        assert!(matches!(
            guard.stage(b"new"),
            Err(Error::HardLinked { links: 2, .. })
        ));
    }
}
