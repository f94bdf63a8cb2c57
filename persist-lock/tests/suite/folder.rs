use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use persist_lock::{Error, FileLock, Folder, Site, Target, Wait, state_dir_for};

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

fn owner(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().uid()
}

/// What is kept about a file belongs to whom the file belongs to, whoever owns the folder around them.
#[test]
fn root_gives_the_state_folder_to_the_owner_of_the_file() {
    for (file, expected) in [(Some(1234), 1234), (Some(0), 0), (None, 0)] {
        let folder = tempfile::tempdir().unwrap();
        if chown(folder.path(), Some(5678), Some(5678)).is_err() {
            eprintln!("SKIPPED: only root can give files away");
            return;
        }
        let path = folder.path().join("app.toml");
        if let Some(user) = file {
            fs::write(&path, "old").unwrap();
            chown(&path, Some(user), Some(user)).unwrap();
        }
        let said = outcome(&[], "save", &path, &[]);
        assert!(said == "Created" || said == "Exchange", "{said}");
        let state = state_dir_for(&path);
        for path in [&path, &state, &state.join("lock")] {
            assert_eq!(owner(path), expected, "{}", path.display());
        }
    }
}

#[test]
fn root_sets_aside_what_the_owner_of_the_folder_keeps_about_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "root's").unwrap();
    let state = state_dir_for(&path);
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o700)).unwrap();
    let given = chown(folder.path(), Some(1234), Some(1234))
        .and_then(|()| chown(&state, Some(1234), Some(1234)));
    if given.is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    assert_eq!(outcome(&[], "save", &path, &[]), "Exchange");
    let aside = folder.path().join(".app.toml.persist-of-1234-1");
    assert_eq!(owner(&aside), 1234);
    for path in [&path, &state, &state.join("lock"), &state.join("backup")] {
        assert_eq!(owner(path), 0, "{}", path.display());
    }
}

#[test]
fn a_link_or_a_file_is_no_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let (link, file) = (folder.path().join("link"), folder.path().join("file"));
    symlink(folder.path(), &link).unwrap();
    fs::write(&file, "").unwrap();
    let target = Target::resolve(&path).unwrap();
    for path in [link, file] {
        let error = FileLock::open(&target, &path).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error:?}");
        assert!(Site::open(&target, &path).is_err());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_folder_that_is_there_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o750)).unwrap();
    let target = Target::resolve(&folder.path().join("app.toml")).unwrap();
    drop(FileLock::open(&target, folder.path()).unwrap());
    assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o750);
}

#[test]
fn nothing_is_reached_but_by_a_name_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("outside"), "x").unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let inner = Folder::open(&folder.path().join("in")).unwrap();
    for name in ["../outside", "..", ".", "", "a/b", "/etc/passwd", "a/"] {
        assert!(inner.read(name, 10).is_err(), "{name}");
        assert!(inner.create(name).is_err(), "{name}");
        assert!(inner.folder(name).is_err(), "{name}");
        assert!(inner.remove(name).is_err(), "{name}");
    }
    assert!(folder.path().join("outside").exists());
}

/// What the folder around hands to new files would let others at them as soon as their mode is widened.
/// Makes what is created in a folder from now on open to another user, where that can be done.
#[cfg(target_os = "linux")]
fn hand_down_a_list(folder: &std::path::Path) -> bool {
    // Version 2; owner, user 1234, group, mask and others, each with its permissions.
    let entries = [
        (1, 7, u32::MAX),
        (2, 7, 1234),
        (4, 5, u32::MAX),
        (16, 7, u32::MAX),
        (32, 5, u32::MAX),
    ];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, allowed, id) in entries {
        list.extend(u16::to_le_bytes(tag));
        list.extend(u16::to_le_bytes(allowed));
        list.extend(u32::to_le_bytes(id));
    }
    let name = "system.posix_acl_default";
    let set = rustix::fs::lsetxattr(folder, name, &list, rustix::fs::XattrFlags::empty());
    if set.is_err() {
        eprintln!("SKIPPED: no access lists here");
    }
    set.is_ok()
}

#[cfg(target_os = "linux")]
#[track_caller]
fn has_no_list(path: &std::path::Path) {
    for list in ["system.posix_acl_access", "system.posix_acl_default"] {
        let found = rustix::fs::lgetxattr(path, list, &mut [0_u8; 256][..]);
        assert!(found.is_err(), "{} has {list}", path.display());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_access_list_is_inherited() {
    let folder = tempfile::tempdir().unwrap();
    if !hand_down_a_list(folder.path()) {
        return;
    }
    let opened = Folder::open(folder.path()).unwrap();
    drop(opened.create("file").unwrap());
    opened.create_folder("folder").unwrap();
    for name in ["file", "folder"] {
        has_no_list(&folder.path().join(name));
    }
}

/// How a stage began tells of the files to come.
#[cfg(target_os = "linux")]
#[test]
fn nor_after_a_stage_was_created() {
    use persist_lock::{FileLock, Wait};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    for handed_down in [false, true] {
        let lock = FileLock::beside(&path).unwrap();
        let state = lock.state_dir().to_path_buf();
        if handed_down && !hand_down_a_list(&state) {
            return;
        }
        let guard = lock.write(Wait::No).unwrap();
        guard
            .stage(b"new")
            .unwrap()
            .commit()
            .unwrap()
            .discard()
            .unwrap();
        drop(lock.state().create("mirror").unwrap());
        has_no_list(&path);
        has_no_list(&state.join("mirror"));
        let mode = fs::metadata(state.join("mirror")).unwrap().permissions();
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
            0o600
        );
        fs::remove_file(state.join("mirror")).unwrap();
    }
}

/// Whatever is planted under a name: nothing is waited for, written through, or read beyond the bound.
#[test]
fn what_is_planted_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "precious").unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let at = folder.path().join("in/name");
    let inner = Folder::open(&folder.path().join("in")).unwrap();
    let check = |what: &str, plant: &dyn Fn(), reads: bool| {
        plant();
        assert_eq!(inner.read("name", 100).is_ok(), reads, "{what}");
        assert!(inner.read_own("name", 100).is_err(), "{what}");
        assert!(inner.append_own("name").is_err(), "{what}");
        assert!(inner.create("name").is_err(), "{what}");
        assert_eq!(inner.folder("name").is_ok(), what == "folder");
        if what != "folder" {
            inner.recreate("name").unwrap();
            assert_eq!(inner.read_own("name", 100).unwrap(), b"", "{what}");
            inner.remove("name").unwrap();
        }
        assert_eq!(fs::read(&other).unwrap(), b"precious", "{what}");
    };
    let fifo = || assert!(Command::new("mkfifo").arg(&at).status().unwrap().success());
    let sparse = || fs::File::create(&at).unwrap().set_len(60 << 30).unwrap();
    let socket = || drop(std::os::unix::net::UnixListener::bind(&at).unwrap());
    check("link", &|| symlink(&other, &at).unwrap(), false);
    check("link to a folder", &|| symlink("..", &at).unwrap(), false);
    check("dangling", &|| symlink("gone", &at).unwrap(), false);
    check("second name", &|| fs::hard_link(&other, &at).unwrap(), true);
    check("FIFO", &fifo, false);
    check("socket", &socket, false);
    // A long file is ours to append to, and to read as far as it is short enough.
    sparse();
    assert!(inner.read("name", 1000).is_err());
    inner.remove("name").unwrap();
    check("folder", &|| fs::create_dir(&at).unwrap_or(()), false);
}

/// A copy of the folder made by links (`cp -al`) shares the lock file with it; neither is written by way of the other.
#[test]
fn a_lock_with_other_names_gives_way_to_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let foreign = folder.path().join("foreign");
    fs::write(&foreign, "somebody else's text").unwrap();
    let lock = FileLock::beside(&path).unwrap();
    let name = lock.state_dir().join("lock");
    fs::remove_file(&name).unwrap();
    fs::hard_link(&foreign, &name).unwrap();
    drop(lock.read(Wait::No).unwrap());
    drop(lock.write(Wait::No).unwrap());
    assert_eq!(fs::read(&foreign).unwrap(), b"somebody else's text");
    assert_eq!(fs::metadata(&name).unwrap().nlink(), 1);
    assert_eq!(fs::metadata(&foreign).unwrap().nlink(), 1);
    // Who comes by another handle meets the same lock.
    let guard = lock.write(Wait::No).unwrap();
    let other = FileLock::beside(&path).unwrap();
    assert!(matches!(other.write(Wait::No), Err(Error::Timeout { .. })));
    drop(guard);
}

/// The handle stays with the folder, whatever its path leads to by now.
#[test]
fn a_folder_that_is_swapped_for_a_link_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("conf")).unwrap();
    fs::create_dir(at("elsewhere")).unwrap();
    fs::write(at("conf/app.toml"), "old").unwrap();
    let lock = FileLock::beside(&at("conf/app.toml")).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    fs::rename(at("conf"), at("moved")).unwrap();
    symlink(at("elsewhere"), at("conf")).unwrap();
    staged.commit().unwrap().discard().unwrap();
    assert_eq!(fs::read(at("moved/app.toml")).unwrap(), b"new");
    assert_eq!(fs::read_dir(at("elsewhere")).unwrap().count(), 0);
}
