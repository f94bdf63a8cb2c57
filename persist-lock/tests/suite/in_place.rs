//! A bind-mounted single file, as containers get their configuration.

use std::fs;
use std::os::unix::fs::MetadataExt;

use persist_lock::{Error, FileLock, HardLinks, Options, Target, Wait, state_dir_for};

use crate::child::{can_run, outcome};

/// Saves to a file that is a mount point of its own, in a mount namespace that ends with the child.
fn save_on_mount(arguments: &[&str]) -> Option<(String, String)> {
    if !can_run("unshare", &["-m", "true"]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let (real, path) = (folder.path().join("real"), folder.path().join("app.toml"));
    fs::write(&real, "old").unwrap();
    fs::write(&path, "").unwrap();
    let script = format!(
        "mount --bind {} {} && exec \"$@\"",
        real.display(),
        path.display()
    );
    let wrapper = ["unshare", "-m", "sh", "-c", &script, "sh"];
    let said = outcome(&wrapper, "save", &path, arguments);
    Some((said, fs::read_to_string(real).unwrap()))
}

#[test]
fn a_mount_point_is_refused_by_name() {
    let Some((said, live)) = save_on_mount(&[]) else {
        return;
    };
    assert!(said.starts_with("Busy"), "{said}");
    assert!(
        said.contains("mount its folder instead, or allow writing in place"),
        "{said}"
    );
    assert_eq!(live, "old");
}

#[test]
fn a_mount_point_is_written_in_place_if_allowed() {
    let Some((said, live)) = save_on_mount(&["in-place"]) else {
        return;
    };
    assert_eq!((said.as_str(), live.as_str()), ("InPlace", "new"));
}

#[test]
fn every_name_of_a_file_follows_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "the old content").unwrap();
    fs::hard_link(&path, &other).unwrap();
    assert_eq!(
        outcome(&[], "save", &path, &["in-place", "follow"]),
        "InPlace"
    );
    assert_eq!(fs::read(&other).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().nlink(), 2);
    let backup = state_dir_for(&path).join("backup");
    assert_eq!(fs::read(backup).unwrap(), b"the old content");
}

#[test]
fn an_interrupted_write_is_finished_by_the_next_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let check = |live: &str, expected: &str, redo_stays: bool| {
        fs::write(&path, live).unwrap();
        fs::write(lock.state_dir().join("old"), "aaaa").unwrap();
        fs::write(lock.state_dir().join("redo"), certified("bbbbbb")).unwrap();
        drop(lock.write(Wait::No).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(lock.state_dir().join("redo").exists(), redo_stays);
    };
    check("aaaa", "aaaa", false);
    check("bbaa", "bbbbbb", false);
    check("bbbbbb", "bbbbbb", false);
    check("edited by hand", "edited by hand", false);
}

/// As a writer leaves it: under a line that proves it.
fn certified(text: &str) -> String {
    use sha2::Digest as _;
    let hex = |byte: u8| format!("{byte:02x}");
    let digest: String = sha2::Sha256::digest(text).into_iter().map(hex).collect();
    format!("persist-redo {digest}\n{text}")
}

/// Whoever may write in the folder could move any file to these names.
#[test]
fn what_no_writer_has_left_is_not_written_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let at = |name: &str| lock.state_dir().join(name);
    let check = |plant: &dyn Fn()| {
        fs::write(&path, "aaaa").unwrap();
        fs::write(at("old"), "aaaa").unwrap();
        plant();
        drop(lock.write(Wait::No).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "aaaa");
        assert!(fs::symlink_metadata(at("redo")).is_ok(), "it stays");
        fs::remove_file(at("redo")).unwrap();
    };
    let other = folder.path().join("other");
    fs::write(&other, certified("aabb")).unwrap();
    check(&|| fs::write(at("redo"), "aabb").unwrap());
    check(&|| std::os::unix::fs::symlink(&other, at("redo")).unwrap());
    check(&|| fs::hard_link(&other, at("redo")).unwrap());
    check(&|| {
        let file = fs::File::create(at("redo")).unwrap();
        file.set_len(1 << 40).unwrap();
    });
}

/// Who owns the folder can exchange the file for somebody else's while the lock is waited for. What was torn was theirs.
#[test]
fn somebody_elses_file_is_not_healed() {
    use std::os::unix::fs::chown;
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "aaaa").unwrap();
    if chown(&path, Some(1234), Some(1234)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    let lock = FileLock::beside(&path).unwrap();
    for (name, text) in [("old", "aaaa"), ("redo", certified("bbbb").as_str())] {
        let at = lock.state_dir().join(name);
        fs::write(&at, text).unwrap();
        chown(&at, Some(1234), Some(1234)).unwrap();
    }
    fs::write(&other, "aabb").unwrap(); // a mix of both, as far as bytes tell
    fs::rename(&other, &path).unwrap();
    drop(lock.write(Wait::No).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "aabb", "root's");
    chown(&path, Some(1234), Some(1234)).unwrap();
    drop(lock.write(Wait::No).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "bbbb", "theirs");
}

/// The same at the moment of writing.
#[test]
fn somebody_elses_file_is_not_written_into() {
    use std::os::unix::fs::chown;
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "theirs").unwrap();
    fs::hard_link(&path, folder.path().join("second")).unwrap();
    if chown(&path, Some(1234), Some(1234)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    let options = Options::new().in_place(true).hard_links(HardLinks::Follow);
    let target = Target::resolve(&path).unwrap();
    let lock = FileLock::open_with(&target, &state_dir_for(&path), options).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    fs::write(&other, "of root alone").unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(staged.commit().is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "of root alone");
    for kept in fs::read_dir(lock.state_dir()).unwrap().flatten() {
        let text = fs::read_to_string(kept.path()).unwrap();
        assert!(!text.contains("root alone"), "{:?}", kept.path());
    }
}

/// What root has left is finished by the next writer, whoever that is.
#[test]
fn what_root_left_of_a_users_file_is_the_users() {
    use std::os::unix::fs::chown;
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "the old content").unwrap();
    fs::hard_link(&path, &other).unwrap();
    if chown(&path, Some(1234), Some(1234)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    let live = path.to_str().unwrap();
    let fault = "inject=fsync:error=EIO";
    let wrapper = ["strace", "-f", "-o", "/dev/null", "-P", live, "-e", fault];
    let said = outcome(&wrapper, "save", &path, &["in-place", "follow"]);
    assert!(said.starts_with("InPlaceNotDurable"), "{said}");
    let redo = state_dir_for(&path).join("redo");
    assert_eq!(fs::metadata(&redo).unwrap().uid(), 1234);
    fs::remove_file(&other).unwrap();
    drop(FileLock::beside(&path).unwrap().write(Wait::No).unwrap());
    assert!(!redo.exists(), "finished");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

/// Lets one call on the live file itself fail; what was written by then must be taken back.
fn check_taken_back(call: &str, kind: &str) {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "the old content").unwrap();
    fs::hard_link(&path, other).unwrap();
    let inject = format!("inject={call}:when=1");
    let live = path.to_str().unwrap();
    let wrapper = ["strace", "-f", "-o", "/dev/null", "-P", live, "-e", &inject];
    let said = outcome(&wrapper, "save", &path, &["in-place", "follow"]);
    assert!(said.starts_with("Io"), "{said}");
    assert!(said.contains(kind), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"the old content");
    let state = state_dir_for(&path);
    assert_eq!(
        fs::read_dir(state).unwrap().count(),
        1,
        "only the lock stays"
    );
}

#[test]
fn a_failure_on_the_way_leaves_the_old_bytes() {
    check_taken_back("write:error=ENOSPC", "StorageFull");
    check_taken_back("ftruncate:error=EIO", "Io");
}

#[test]
fn after_a_failed_sync_the_next_writer_writes_again() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("app.toml"), folder.path().join("other"));
    fs::write(&path, "the old content").unwrap();
    fs::hard_link(&path, other).unwrap();
    let live = path.to_str().unwrap();
    let wrapper = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-P",
        live,
        "-e",
        "inject=fsync:error=EIO",
    ];
    let said = outcome(&wrapper, "save", &path, &["in-place", "follow"]);
    assert!(said.starts_with("InPlaceNotDurable"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let redo = state_dir_for(&path).join("redo");
    // Another file could have been given this name, and another content these two.
    let refused = FileLock::beside(&path).unwrap().write(Wait::No);
    assert!(matches!(refused, Err(Error::HardLinked { .. })));
    assert!(redo.exists());
    let options = Options::new().in_place(true).hard_links(HardLinks::Follow);
    let target = Target::resolve(&path).unwrap();
    let lock = FileLock::open_with(&target, &state_dir_for(&path), options).unwrap();
    drop(lock.write(Wait::No).unwrap());
    assert!(!lock.state_dir().join("redo").exists());
    assert_eq!(fs::read(&path).unwrap(), b"new");
}
