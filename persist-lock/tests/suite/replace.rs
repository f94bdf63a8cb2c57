use std::fs;

use persist_lock::{Error, Options, replace, replace_checked};

#[test]
fn replaces_and_creates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    assert!(replace(&path, b"1", &Options::new()).unwrap().created);
    assert!(!replace(&path, b"22", &Options::new()).unwrap().created);
    assert_eq!(fs::read(&path).unwrap(), b"22");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_rejected_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let error = replace_checked(&path, b"new", &Options::new(), |_| Err("no".into())).unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
