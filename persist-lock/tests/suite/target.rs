use persist_lock::{Error, Kind, Target};

#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Target::resolve(folder.path()).unwrap_err();
    assert!(matches!(
        error,
        Error::NotRegular {
            kind: Kind::Directory,
            ..
        }
    ));
}

#[test]
fn a_missing_parent_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Target::resolve(&folder.path().join("no/app.toml")).unwrap_err();
    assert!(matches!(error, Error::ParentMissing { path } if path.ends_with("no")));
}
