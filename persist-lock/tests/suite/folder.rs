use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use persist_lock::{Error, create_dir_private, state_dir_for};

use crate::child::outcome;

#[test]
fn what_is_created_is_private_whatever_the_umask() {
    for umask in ["000", "022", "777"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.toml");
        let script = format!("umask {umask} && exec \"$@\"");
        assert_eq!(
            outcome(&["sh", "-c", &script, "sh"], "save", &path, &[]),
            "Created"
        );
        let mode = |path| fs::metadata(path).unwrap().mode() & 0o7777;
        let state = state_dir_for(&path);
        assert_eq!(mode(path), 0o600);
        assert_eq!(mode(state.join("lock")), 0o600);
        assert_eq!(mode(state), 0o700);
    }
}

#[test]
fn root_gives_the_state_folder_to_the_user() {
    let folder = tempfile::tempdir().unwrap();
    if chown(folder.path(), Some(1234), Some(1234)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    let path = folder.path().join("app.toml");
    assert_eq!(outcome(&[], "save", &path, &[]), "Created");
    let state = state_dir_for(&path);
    assert_eq!(fs::metadata(&state).unwrap().uid(), 1234);
    assert_eq!(fs::metadata(state.join("lock")).unwrap().uid(), 1234);
}

#[test]
fn a_link_or_a_file_is_no_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (link, file) = (folder.path().join("link"), folder.path().join("file"));
    symlink(folder.path(), &link).unwrap();
    fs::write(&file, "").unwrap();
    for path in [link, file] {
        let error = create_dir_private(&path).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error:?}");
    }
}

#[test]
fn a_folder_that_is_there_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o750)).unwrap();
    create_dir_private(folder.path()).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o750);
}
