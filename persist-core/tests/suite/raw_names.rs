//! Names are bytes on Unix, and two that look alike as text are two names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use persist_core::{Condition, ConfigFile, Error};

use crate::support::{by_hand, folder, open, open_with, set, text};

const TEXT: &str = "# raw\nwidth = 1\n";

fn raw(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// A folder with `app\xff.toml`; `None` on file systems that want UTF-8.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn with_raw_name() -> Option<(tempfile::TempDir, PathBuf)> {
    let dir = folder();
    let path = dir.path().join(raw(b"app\xff.toml"));
    if fs::write(&path, TEXT).is_err() {
        println!("skipped: names must be UTF-8 on this file system");
        return None;
    }
    Some((dir, path))
}

fn everything(file: &ConfigFile) {
    set(file, "width", 2).expect("as the test set it up");
    set(file, "width", 3).expect("as the test set it up");
    assert_eq!(
        file.read().expect("as the test set it up").condition(),
        Condition::Clean
    );
    assert_eq!(file.history().expect("as the test set it up").len(), 2);
    assert!(file.verify().expect("as the test set it up").passed());
    fs::write(file.path(), [0; 17]).expect("as the test set it up");
    file.recover(None).expect("as the test set it up");
    assert_eq!(text(file), TEXT.replace('1', "3"));
    by_hand(file.path(), "# raw\nwidth = 4\n");
    set(file, "height", 1).expect("as the test set it up");
    for width in ["4", "3", "2", "1"] {
        file.undo().expect("as the test set it up");
        assert_eq!(text(file), TEXT.replace('1', width));
    }
    assert!(file.verify().expect("as the test set it up").passed());
}

#[test]
fn beside_the_file() {
    let Some((dir, path)) = with_raw_name() else {
        return;
    };
    let file = open(&path);
    assert_eq!(
        file.state_dir(),
        dir.path().join(raw(b".app\xff.toml.persist"))
    );
    everything(&file);
    assert!(file.state_dir().join("journal/00000001.log").exists());
    // Nothing is under the name that it is shown by.
    let alike = dir.path().join(".app\u{fffd}.toml.persist");
    assert!(!alike.exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn in_a_folder_of_its_own() {
    let Some((dir, path)) = with_raw_name() else {
        return;
    };
    let state = dir.path().join(raw(b"state\xfe"));
    let kept = |path: &Path| open_with(path, |o| o.state_dir = Some(state.clone()));
    everything(&kept(&path));
    let sign = fs::read(state.join("of")).unwrap();
    assert_eq!(sign, path.as_os_str().as_bytes(), "byte for byte");
    let other = dir.path().join(raw(b"app\xfe.toml"));
    fs::write(&other, TEXT).unwrap();
    let error = set(&kept(&other), "width", 2).unwrap_err();
    assert!(
        matches!(&error, Error::StateFolderTaken { other, .. } if *other == path),
        "{error:?}"
    );
    assert_eq!(fs::read(&other).unwrap(), TEXT.as_bytes());
    // A file that is moved takes its folder along.
    fs::rename(&path, &other).unwrap();
    set(&kept(&other), "width", 9).unwrap();
    kept(&other).undo().unwrap();
    assert_eq!(fs::read(&other).unwrap(), TEXT.as_bytes());
    let sign = fs::read(state.join("of")).unwrap();
    assert_eq!(sign, other.as_os_str().as_bytes());
}

#[test]
fn through_a_folder_of_such_a_name() {
    let Some((dir, _)) = with_raw_name() else {
        return;
    };
    let folder = dir.path().join(raw(b"conf\xc0"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("app.toml"), TEXT).unwrap();
    everything(&open(
        &folder.join("../").join(raw(b"conf\xc0")).join("app.toml"),
    ));
}
