//! What is particular to Windows; run under Wine by `cargo xtask windows`.

use std::fs::{self, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::thread;
use std::time::Duration;

use persist_lock::{Error, FileLock, How, Options, Target, Wait, replace};

#[test]
fn the_old_file_gets_its_backup_name_in_the_same_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "stage").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let displaced = guard.stage(b"new").unwrap().commit().unwrap();
    assert_eq!(displaced.how(), How::ReplaceFile);
    assert_eq!(
        displaced.path(),
        Some(lock.state_dir().join("stage").as_path())
    );
    displaced.discard().unwrap();
}

/// `ReplaceFileW` may die between its two renames.
#[test]
fn a_half_done_replacement_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let half = || {
        fs::remove_file(&path).ok();
        fs::write(lock.state_dir().join("old"), "old").unwrap();
        fs::write(lock.state_dir().join("stage"), "new").unwrap();
    };
    half();
    drop(lock.write(Wait::No).unwrap());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    half();
    assert_eq!(lock.read_live(1000).unwrap().unwrap(), b"old");
}

#[test]
fn a_scanner_that_has_the_file_open_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let scanner = OpenOptions::new()
        .read(true)
        .share_mode(0)
        .open(&path)
        .unwrap();
    let closing = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        drop(scanner);
    });
    replace(&path, b"new", &Options::new()).unwrap();
    closing.join().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn a_scanner_that_has_a_leftover_open_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let lock = FileLock::beside(&path).unwrap();
    let leftover = lock.state_dir().join("stage");
    fs::write(&leftover, "of a dead writer").unwrap();
    let scanner = OpenOptions::new()
        .read(true)
        .share_mode(0)
        .open(&leftover)
        .unwrap();
    let closing = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        drop(scanner);
    });
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    staged.commit().unwrap().discard().unwrap();
    closing.join().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn a_file_that_stays_open_elsewhere_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    let held = OpenOptions::new()
        .read(true)
        .share_mode(0)
        .open(&path)
        .unwrap();
    let error = Error::from(staged.commit().unwrap_err());
    assert!(matches!(error, Error::InUse { .. }), "{error:?}");
    drop(held);
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

/// Names of more than 260 characters need another form, of which nobody should have to know.
#[test]
fn a_long_name_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let deep = (0..4).fold(folder.path().to_path_buf(), |deep, _| {
        deep.join("a-folder-name-that-alone-takes-a-quarter-of-what-is-usual-for-all")
    });
    fs::create_dir_all(&deep).unwrap();
    let path = deep.join("app.toml");
    assert!(path.as_os_str().len() > 260);
    replace(&path, b"first", &Options::new()).unwrap();
    replace(&path, b"second", &Options::new()).unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let displaced = guard.stage(b"third").unwrap().commit().unwrap();
    let backup = lock.state_dir().join("backup");
    displaced.keep_as(lock.state(), "backup").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"third");
    assert_eq!(fs::read(&backup).unwrap(), b"second");
}

/// Mandatory locks must not hide the text that names the holder.
#[test]
fn the_holder_is_readable_while_the_lock_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let text = fs::read_to_string(lock.state_dir().join("lock")).unwrap();
    assert!(
        text.contains(&format!("pid {}\n", std::process::id())),
        "{text}"
    );
    drop(guard);
}

#[test]
fn a_read_only_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let error = replace(&path, b"new", &Options::new()).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
}

#[test]
fn other_names_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    assert_eq!(Target::resolve(&path).unwrap().hard_links(), 2);
}
