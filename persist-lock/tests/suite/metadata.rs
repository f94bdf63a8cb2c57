//! What a save must not lose: owner, mode, access lists, attributes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use persist_lock::{
    FileLock, Fresh, Options, Provenance, Site, Target, Wait, replace, state_dir_for,
};
use rustix::fs::{XattrFlags, lgetxattr, lsetxattr};
use rustix::io::Errno;

use crate::child::{can_run, outcome};

fn save(path: &Path) {
    let lock = FileLock::beside(path).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let staged = guard.stage(b"new").unwrap();
    staged.commit().unwrap().discard().unwrap();
}

/// The same where the file was read under the lock, and is still open from that; `between` is done before it is staged.
fn save_what_was_read(path: &Path, between: impl FnOnce()) -> Vec<u8> {
    let target = Target::resolve(path).unwrap();
    let mut site = Site::without_state(&target, &state_dir_for(target.path())).unwrap();
    site.create_state(Provenance::Caller).unwrap();
    let lock = FileLock::at(&site, Options::new()).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let live = site.open_live().unwrap().unwrap();
    live.read(1000).unwrap();
    guard.keep_open(live);
    between();
    let displaced = guard.stage(b"new").unwrap().commit().unwrap();
    let read = displaced.read_judged(1000).unwrap().unwrap();
    assert!(read.own);
    displaced.discard().unwrap();
    read.bytes
}

/// All ways to replace a file must keep what `prepare` gave it, as `look` sees it.
fn check_kept<T: PartialEq + std::fmt::Debug>(prepare: impl Fn(&Path), look: impl Fn(&Path) -> T) {
    for way in [
        save as fn(&Path),
        |path| assert_eq!(save_what_was_read(path, || {}), b"old"),
        |path| drop(replace(path, b"new", &Options::new()).unwrap()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.toml");
        fs::write(&path, "old").unwrap();
        prepare(&path);
        let (before, inode) = (look(&path), fs::metadata(&path).unwrap().ino());
        way(&path);
        assert_eq!(look(&path), before);
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_ne!(
            fs::metadata(&path).unwrap().ino(),
            inode,
            "replaced, not rewritten"
        );
    }
}

fn attribute(path: &Path, name: &str) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; 4096];
    let length = lgetxattr(path, name, &mut buffer[..])?;
    buffer.truncate(length);
    Ok(buffer)
}

/// What counts is the file that is replaced, not the one that was read.
#[test]
fn of_a_file_that_came_since_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "theirs").unwrap();
    fs::set_permissions(&other, Permissions::from_mode(0o640)).unwrap();
    let set = lsetxattr(&other, "user.note", b"theirs", XattrFlags::empty());
    let displaced = save_what_was_read(&path, || fs::rename(&other, &path).unwrap());
    assert_eq!(displaced, b"theirs");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
    if set.is_ok() {
        assert_eq!(attribute(&path, "user.note").unwrap(), b"theirs");
    }
}

/// Also what is written into the file that was read, before it is replaced.
#[test]
fn of_a_file_that_was_written_since_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let displaced = save_what_was_read(&path, || {
        fs::write(&path, "longer than before").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o604)).unwrap();
    });
    assert_eq!(displaced, b"longer than before");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o604);
}

#[test]
fn mode() {
    for mode in [0o600, 0o644, 0o640, 0o777, 0o2755] {
        check_kept(
            |path| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap(),
            |path| fs::metadata(path).unwrap().mode(),
        );
    }
}

/// A new file is like those of other programs only where that is asked for, and never has what the folder hands down.
#[test]
fn a_new_file_has_the_mode_that_it_is_to_have() {
    let made = |folder: &Path, fresh: Fresh<'_>| {
        let path = folder.join(format!("{}.toml", name_for(fresh)));
        let lock = FileLock::beside(&path).unwrap();
        let guard = lock.write(Wait::No).unwrap();
        let staged = guard.stage_as(b"new", 1, fresh).unwrap();
        staged.commit().unwrap().discard().unwrap();
        fs::metadata(path).unwrap().mode() & 0o7777
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    let plain = fs::metadata(folder.path().join("plain")).unwrap().mode() & 0o7777;
    assert_eq!(made(folder.path(), Fresh::Umask), plain);
    assert_eq!(made(folder.path(), Fresh::Private), 0o600);
}

fn name_for(fresh: Fresh<'_>) -> &'static str {
    match fresh {
        Fresh::Umask => "umask",
        _ => "private",
    }
}

#[test]
fn owner() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    check_kept(
        |path| chown(path, Some(12345), Some(54321)).unwrap(),
        |path| {
            (
                fs::metadata(path).unwrap().uid(),
                fs::metadata(path).unwrap().gid(),
            )
        },
    );
}

#[test]
fn attributes() {
    check_kept(
        |path| lsetxattr(path, "user.note", b"mine", XattrFlags::empty()).unwrap(),
        |path| attribute(path, "user.note").unwrap(),
    );
}

#[test]
fn access_list() {
    let listed = |path: &Path| attribute(path, "system.posix_acl_access");
    if !can_run("setfacl", &["--version"]) {
        return;
    }
    check_kept(
        |path| {
            assert!(can_run(
                "setfacl",
                &["-m", "u:1234:rw,g:77:r", path.to_str().unwrap()]
            ));
        },
        |path| listed(path).unwrap(),
    );
    // A file without a list must not catch the one that its folder hands to new files.
    check_kept(
        |path| {
            let folder = path.parent().unwrap().to_str().unwrap();
            assert!(can_run("setfacl", &["-d", "-m", "u:1234:rwx", folder]));
        },
        |path| (listed(path), fs::metadata(path).unwrap().mode()),
    );
}

/// Where modes can't be changed, the new file must have the right one by itself.
#[test]
fn a_mode_that_cannot_be_set_must_be_there_already() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    for error in ["EPERM", "ENOSYS", "EOPNOTSUPP", "EINVAL"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.toml");
        fs::write(&path, "old").unwrap();
        let inject = format!("inject=chmod,fchmod,fchmodat:error={error}");
        let refused = ["strace", "-f", "-o", "/dev/null", "-e", &inject];
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let said = outcome(&refused, "save", &path, &[]);
        assert!(said.starts_with("NotKept"), "{error}: {said}");
        assert!(said.contains("would lose its mode"), "{error}: {said}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(outcome(&refused, "save", &path, &[]), "Exchange", "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_owner_that_cannot_be_kept_is_an_error_or_written_in_place() {
    let nobody = [
        "setpriv",
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
    ];
    if !can_run(nobody[0], &[&nobody[1..], &["true"]].concat()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let said = outcome(&nobody, "save", &path, &[]);
    assert!(said.starts_with("NotKept"), "{said}");
    assert!(said.contains("would lose its owner"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(outcome(&nobody, "save", &path, &["in-place"]), "InPlace");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().uid(), 0);
}
