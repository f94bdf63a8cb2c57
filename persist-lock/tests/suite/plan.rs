//! Files that should not, or can't, be replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use persist_lock::{Error, FileLock, HardLinks, Options, ReadOnly, Target, Wait, state_dir_for};

use tempfile::TempDir;

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
fn other_names_keep_the_old_content_if_asked_and_the_backup_is_not_theirs() {
    let (folder, path, other) = with_two_names();
    let target = Target::resolve(&path).unwrap();
    assert_eq!(target.hard_links(), 2);
    assert_eq!(outcome(&[], "save", &path, &["part"]), "Exchange");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    // Writing through the other name must not reach the backup.
    fs::write(&other, "changed").unwrap();
    assert_eq!(
        fs::read(state_dir_for(&path).join("backup")).unwrap(),
        b"old"
    );
    drop(folder);
}

fn with_two_names() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "old").expect("write");
    fs::hard_link(&path, &other).expect("link");
    (folder, path, other)
}

fn lock_with(path: &Path, options: Options) -> FileLock {
    let target = Target::resolve(path).expect("a target");
    FileLock::open_with(&target, &state_dir_for(path), options).expect("a lock")
}

#[test]
fn hard_links_are_refused_unless_somebody_says_what_is_to_become_of_them() {
    let (_folder, path, other) = with_two_names();
    let follow = Options::new().hard_links(HardLinks::Follow);
    for options in [Options::new(), Options::new().in_place(true), follow] {
        let lock = lock_with(&path, options);
        let guard = lock.write(Wait::No).unwrap();
        assert!(matches!(
            guard.stage(b"new"),
            Err(Error::HardLinked { links: 2, .. })
        ));
        drop(guard);
        let done = persist_lock::replace(&path, b"new", &options);
        assert!(matches!(done, Err(Error::HardLinked { .. })), "{done:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), b"old");
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    assert_eq!(inode(&path), inode(&other));
}

#[test]
fn a_name_that_comes_after_the_stage_is_seen_as_well() {
    let (_folder, path, other) = with_two_names();
    fs::remove_file(&other).unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    fs::hard_link(&path, &other).unwrap();
    let done = staged.commit().map(drop).map_err(Error::from);
    assert!(matches!(done, Err(Error::HardLinked { .. })), "{done:?}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

/// Who owns the folder could have linked any file of the caller's there.
#[test]
fn in_a_folder_of_somebody_else_a_file_with_other_names_is_not_written_into() {
    let (folder, path, other) = with_two_names();
    if chown(&path, Some(1234), Some(1234)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    let follow = Options::new().in_place(true).hard_links(HardLinks::Follow);
    let saved = |folder_owner: u32, mode: u32, path_owner: u32| {
        chown(folder.path(), Some(folder_owner), None).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        chown(&path, Some(path_owner), None).unwrap();
        let lock = lock_with(&path, follow);
        let guard = lock.write(Wait::No).unwrap();
        guard.stage(b"new").map(drop)
    };
    for (folder_owner, mode, path_owner) in [(1235, 0o755, 0), (0, 0o1777, 0), (0, 0o777, 0)] {
        let done = saved(folder_owner, mode, path_owner);
        assert!(matches!(done, Err(Error::ForeignName { .. })), "{done:?}");
    }
    for (folder_owner, mode, path_owner) in [(1234, 0o755, 1234), (0, 0o755, 0)] {
        saved(folder_owner, mode, path_owner).unwrap();
    }
    assert_eq!(fs::read(&other).unwrap(), b"old");
}
