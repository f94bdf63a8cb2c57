//! The fallbacks, by letting the kernel refuse single calls (strace), and on file systems that share blocks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::child::{can_run, outcome, wait_for};

/// One save with the calls in `refused` failing; the previous version must be the backup.
fn check_save(refused: &[&str], expected: &str) {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let injections: Vec<String> = refused
        .iter()
        .map(|call| format!("inject={call}"))
        .collect();
    let mut wrapper = vec!["strace", "-f", "-o", "/dev/null"];
    for injection in &injections {
        wrapper.extend(["-e", injection]);
    }
    assert_eq!(outcome(&wrapper, "save", &path, &[]), expected);
    check_saved(&path);
}

fn check_saved(path: &Path) {
    let state = persist_lock::state_dir_for(path);
    assert_eq!(fs::read(path).unwrap(), b"new");
    assert_eq!(fs::read(state.join("backup")).unwrap(), b"old");
    let mut names: Vec<_> = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["backup", "lock"]);
}

#[test]
fn exchanges_where_it_can() {
    check_save(&[], "Exchange");
}

#[test]
fn without_exchange_the_old_file_gets_a_second_name() {
    check_save(&["renameat2:error=EINVAL"], "Link");
}

#[test]
fn without_exchange_or_links_the_old_content_is_copied() {
    check_save(
        &["renameat2:error=ENOSYS", "link,linkat:error=EPERM"],
        "Copy",
    );
}

#[test]
fn a_refused_commit_changes_nothing_and_leaves_nothing() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    for (error, name) in [
        ("EIO", "Io"),
        ("EBUSY", "Busy"),
        ("EACCES", "ReadOnly"),
        ("EROFS", "ReadOnly"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.toml");
        fs::write(&path, "old").unwrap();
        let inject = format!("inject=renameat2:error={error}");
        let said = outcome(
            &["strace", "-f", "-o", "/dev/null", "-e", &inject],
            "save",
            &path,
            &[],
        );
        assert!(said.starts_with(name), "{error}: {said}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let state = persist_lock::state_dir_for(&path);
        assert_eq!(
            fs::read_dir(state).unwrap().count(),
            1,
            "only the lock stays"
        );
    }
}

#[test]
fn a_failed_sync_is_reported_as_what_it_is() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    // The first sync is the new state folder's name, the second the stage, the third the live folder.
    for (when, name, live) in [(2, "SyncFailed", "old"), (3, "InPlaceNotDurable", "new")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.toml");
        fs::write(&path, "old").unwrap();
        let inject = format!("inject=fsync:error=EIO:when={when}");
        let said = outcome(
            &["strace", "-f", "-o", "/dev/null", "-e", &inject],
            "save",
            &path,
            &[],
        );
        assert!(said.starts_with(name), "{when}: {said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), live);
    }
}

#[test]
fn a_failed_sync_is_never_tried_again_on_the_same_file() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let wrapper = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "inject=fsync:error=EIO:when=2",
    ];
    let said = outcome(&wrapper, "sync-twice", &path, &[]);
    assert_eq!(said.matches("Err(SyncFailed").count(), 3, "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

/// The winner may appear in the last moment, after every look at the name.
#[test]
fn a_first_creation_never_overwrites() {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let stage = persist_lock::state_dir_for(&path).join("stage");
    let said = thread::scope(|scope| {
        let slow = [
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "inject=renameat2:delay_enter=600000",
        ];
        let path = &path;
        let child = scope.spawn(move || outcome(&slow, "save", path, &[]));
        wait_for(&stage);
        thread::sleep(Duration::from_millis(200));
        fs::write(path, "theirs").unwrap();
        child.join().unwrap()
    });
    assert!(said.starts_with("Changed"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"theirs");
}

/// What must be durable before what: the calls of one save that decide it, in order.
fn durable_calls(extra: &[&str]) -> Option<String> {
    if !can_run("strace", &["-o", "/dev/null", "true"]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = fs::canonicalize(folder.path()).unwrap().join("app.toml");
    fs::write(&path, "old").unwrap();
    let trace = folder.path().join("trace");
    let calls = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat";
    let mut wrapper = vec![
        "strace",
        "-f",
        "-y",
        "-o",
        trace.to_str().unwrap(),
        "-e",
        calls,
    ];
    wrapper.extend(extra);
    outcome(&wrapper, "save", &path, &[]);
    let names = [
        (persist_lock::state_dir_for(&path), "STATE"),
        (path.parent().unwrap().to_path_buf(), "FOLDER"),
    ];
    let seen: Vec<String> = fs::read_to_string(&trace)
        .unwrap()
        .lines()
        .filter(|line| line.contains("= 0"))
        .map(|line| short(line, &names))
        .collect();
    Some(seen.join("\n"))
}

#[test]
fn syncs_come_in_the_right_order() {
    let Some(calls) = durable_calls(&[]) else {
        return;
    };
    insta::assert_snapshot!(calls, @r"
    fsync FOLDER
    fsync STATE/stage
    renameat2 FOLDER/app.toml STATE/stage RENAME_EXCHANGE
    renameat2 STATE/stage STATE/backup RENAME_NOREPLACE
    fsync FOLDER
    fsync STATE
    ");
}

/// The second name of the old content is durable before the first is taken away.
#[test]
fn syncs_come_in_the_right_order_without_exchange() {
    let Some(calls) = durable_calls(&["-e", "inject=renameat2:error=EINVAL:when=1"]) else {
        return;
    };
    insta::assert_snapshot!(calls, @r"
    fsync FOLDER
    fsync STATE/stage
    link FOLDER/app.toml STATE/old
    fsync STATE
    rename STATE/stage FOLDER/app.toml
    rename STATE/old STATE/stage
    renameat2 STATE/stage STATE/backup RENAME_NOREPLACE
    fsync FOLDER
    fsync STATE
    ");
}

/// `12 fsync(3</tmp/x/stage>) = 0` as `fsync STATE/stage`.
fn short(line: &str, names: &[(PathBuf, &str)]) -> String {
    let call = line.split_once(' ').unwrap().1.trim();
    let (name, arguments) = call.split_once('(').unwrap();
    let mut text = arguments.rsplit_once(')').unwrap().0.to_owned();
    for (path, short) in names {
        text = text.replace(path.to_str().unwrap(), short);
    }
    // `5</tmp/x>, "stage"`: a name in an opened folder.
    text = text.replace(">, \"", "/").replace("/.\"", "\"");
    let parts: Vec<&str> = text
        .split(['<', '>', '"', ',', ' '])
        .filter(|part| {
            part.starts_with("STATE") || part.starts_with("FOLDER") || part.starts_with("RENAME")
        })
        .collect();
    // The same call goes by another name on another processor.
    let name = match name {
        "renameat" => "rename",
        "linkat" => "link",
        other => other,
    };
    format!("{name} {}", parts.join(" "))
}

/// A file system in a file, mounted while this lives.
struct Mounted {
    folder: tempfile::TempDir,
}

impl Mounted {
    fn new(kind: &str, options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        fs::File::create(&image)
            .unwrap()
            .set_len(320 << 20)
            .unwrap();
        let mount = folder.path().join("mount");
        fs::create_dir(&mount).unwrap();
        let (image, mount) = (image.to_str().unwrap(), mount.to_str().unwrap());
        let mut make = vec!["-q"];
        make.extend(options);
        make.push(image);
        let ready = can_run(&format!("mkfs.{kind}"), &make)
            && can_run("mount", &["-o", "loop", image, mount]);
        ready.then_some(Self { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mount")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        Command::new("umount").arg(self.path()).output().ok();
    }
}

#[test]
fn without_exchange_blocks_are_shared_where_they_can_be() {
    let Some(mounted) = Mounted::new("btrfs", &[]) else {
        return;
    };
    let path = mounted.path().join("app.toml");
    fs::write(&path, "old").unwrap();
    let wrapper = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "inject=renameat2:error=EINVAL",
    ];
    if can_run("strace", &["-o", "/dev/null", "true"]) {
        assert_eq!(outcome(&wrapper, "save", &path, &[]), "Reflink");
        check_saved(&path);
    }
}
