//! A bind-mounted single file, as containers get their configuration.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use persist_lock::{Displaced, Error, FileLock, HardLinks, Options, Target, Wait, state_dir_for};

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

/// A file that a write in place was cut short in.
struct Cut {
    _folder: tempfile::TempDir,
    path: PathBuf,
    lock: FileLock,
}

impl Cut {
    /// While `before` was replaced by `after`; it holds `live` now.
    fn new(before: &str, after: &str, live: &str) -> Cut {
        let folder = in_memory();
        let path = folder.path().join("app.toml");
        fs::write(&path, live).unwrap();
        let lock = FileLock::beside(&path).unwrap();
        fs::write(lock.state_dir().join("old"), before).unwrap();
        fs::write(lock.state_dir().join("redo"), certified(after)).unwrap();
        Cut {
            _folder: folder,
            path,
            lock,
        }
    }

    fn heal(&self) {
        drop(self.lock.write(Wait::No).unwrap());
    }

    fn live(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.lock.state_dir().join(name)).is_ok()
    }

    /// What was written over, as the next writer is told of it.
    fn kept(&self) -> Vec<String> {
        let guard = self.lock.write(Wait::No).unwrap();
        let leftovers = guard.leftovers().unwrap().into_iter();
        let found = leftovers.filter(Displaced::was_written_over);
        let read = |left: Displaced<'_>| left.read(10_000).unwrap().unwrap();
        found
            .map(|left| String::from_utf8(read(left)).unwrap())
            .collect()
    }
}

/// The tests of every cut make thousands of files.
fn in_memory() -> tempfile::TempDir {
    match Path::new("/dev/shm").is_dir() {
        true => tempfile::tempdir_in("/dev/shm").unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

const SECTOR: usize = 512;

/// A configuration in which each of three sectors has a value.
fn three_sectors(width: &str) -> String {
    let part = |n: usize| format!("width{n} = {width}\n# {}\n", "about it ".repeat(58));
    (0..3).map(part).collect()
}

/// Sectors of the one or of the other, as the bits of `which` say; what is not there reads as zeros.
fn torn(before: &str, after: &str, which: usize, len: usize) -> String {
    let byte = |at: usize| {
        let new = (which >> (at / SECTOR)) & 1 == 1;
        let from = if new { after } else { before };
        from.as_bytes().get(at).copied().unwrap_or(0)
    };
    String::from_utf8((0..len).map(byte).collect()).unwrap()
}

/// Each subset of the sectors can have reached the medium, with the old length or the new.
#[test]
fn an_interrupted_write_is_finished_by_the_next_writer() {
    for (before, after) in [("25", "10"), ("25", "1024"), ("1024", "10")] {
        let (before, after) = (three_sectors(before), three_sectors(after));
        for which in 0..1 << before.len().max(after.len()).div_ceil(SECTOR) {
            for len in [before.len(), after.len()] {
                let live = torn(&before, &after, which, len);
                let cut = Cut::new(&before, &after, &live);
                cut.heal();
                let untouched = live == before;
                let expected = if untouched { &before } else { &after };
                assert_eq!(cut.live(), *expected, "sectors {which:b} of {len}");
                assert!(!cut.has("redo"));
                // What was written over can be read again, whatever it was.
                let whole = untouched || live == after;
                let kept = if whole { vec![] } else { vec![live] };
                assert_eq!(cut.kept(), kept, "sectors {which:b} of {len}");
            }
        }
    }
}

#[test]
fn an_interrupted_write_of_a_small_file_is_finished() {
    let check = |before: &str, live: &str, after: &str| {
        let cut = Cut::new(before, after, live);
        cut.heal();
        assert_eq!(cut.live(), after);
        assert_eq!(cut.kept(), [live]);
        assert!(!cut.has("redo"));
    };
    check("aaaa", "bbbb", "bbbbbb"); // the length was not durable
    check("aaaa", "aaaa\0\0", "bbbbbb"); // the length alone was
    check("aaaa", "\0\0\0\0\0\0", "bbbbbb");
    check("aaaaaa", "bbbbaa", "bbbb"); // not cut off yet
    check("aaaaaa", "aaaa", "bbbb"); // cut off, the bytes were not durable
}

/// What a person makes of a file of `before` and `after` is no cut, whatever it was made of.
#[test]
fn an_edit_of_what_a_cut_left_is_never_written_over() {
    type Edit = fn(&str) -> String;
    let edits: [(&str, Edit); 6] = [
        ("a value as before", |text| text.replacen("10", "25", 1)),
        ("a value as meant", |text| text.replacen("25", "10", 1)),
        ("a value of both", |text| text.replacen("25", "15", 1)),
        ("another value", |text| text.replacen(" = ", " = 7", 1)),
        ("lines removed", |text| text.replacen("height", "", 1)),
        ("a line more", |text| format!("{text}depth = 1\n")),
    ];
    // Two values in each sector, of which one is edited.
    let small = |n: &str| format!("width = {n}\nheight = {n}\n");
    let large = |n: &str| three_sectors(n).replace("# ", &format!("height = {n}\n# "));
    let mut made = 0;
    for text in [&small as &dyn Fn(&str) -> String, &large] {
        let (before, after) = (text("25"), text("10"));
        for which in 0..1 << before.len().div_ceil(SECTOR) {
            let left = torn(&before, &after, which, before.len());
            for (what, edit) in &edits {
                let edited = edit(&left);
                if edited == left {
                    continue; // there was nothing of the kind
                }
                made += 1;
                let cut = Cut::new(&before, &after, &edited);
                cut.heal();
                assert_eq!(cut.live(), edited, "{what}, of sectors {which:b}");
                assert!(!cut.has("redo"));
                assert_eq!(cut.kept(), Vec::<String>::new());
            }
        }
    }
    assert!(made > 80, "{made} edits");
}

/// A change of a value that has a sector to itself looks like a cut. Then it is not lost.
#[test]
fn an_edit_that_looks_like_a_cut_is_kept() {
    let (before, after) = (three_sectors("25"), three_sectors("10"));
    let edited = before.replace("width1 = 25", "width1 = 10");
    let cut = Cut::new(&before, &after, &edited);
    cut.heal();
    assert_eq!(cut.live(), after);
    assert_eq!(cut.kept(), [edited]);
}

/// The process that finishes a write can be killed, too, and what it left be edited.
#[test]
fn finishing_twice_does_nothing_and_loses_nothing() {
    let (before, after) = (three_sectors("25"), three_sectors("10"));
    let first = torn(&before, &after, 0b001, before.len());
    let second = torn(&before, &after, 0b011, before.len());
    let cut = Cut::new(&before, &after, &first);
    let at = |name: &str| cut.lock.state_dir().join(name);
    let again = |live: &str| {
        fs::write(&cut.path, live).unwrap();
        fs::write(at("redo"), certified(&after)).unwrap();
        cut.heal();
        assert_eq!(cut.live(), after);
    };
    cut.heal();
    again(&first); // killed when it had kept it
    assert_eq!(cut.kept(), [&*first]);
    again(&second); // killed while it wrote
    again(&after); // killed when it had written
    again(&first);
    assert_eq!(cut.kept(), [&*first, &*second]);
    // Killed while it kept it, or so it looks: what proves nothing is no copy, and is left alone.
    fs::write(at("found-1"), "persist-found 12").unwrap();
    again(&first);
    assert_eq!(cut.kept(), ["persist-found 12", &*second, &*first]);
}

/// The old content is durable before the file is touched, so that without it nobody knows what the file was.
#[test]
fn without_the_old_content_nothing_is_written() {
    let (before, after) = (three_sectors("25"), three_sectors("10"));
    for live in [
        torn(&before, &after, 0b010, before.len()),
        before.clone(),
        after.clone(),
    ] {
        let cut = Cut::new(&before, &after, &live);
        fs::remove_file(cut.lock.state_dir().join("old")).unwrap();
        cut.heal();
        assert_eq!(cut.live(), live);
        // What was to be written is told of, unless it was.
        assert_eq!(cut.has("redo"), live != after);
        let guard = cut.lock.write(Wait::No).unwrap();
        for left in guard.leftovers().unwrap() {
            let read = left.read(10_000).unwrap();
            assert_eq!(read, Some(after.clone().into_bytes()));
        }
    }
}

/// As a writer leaves it: under a line that proves it.
fn certified(content: impl AsRef<[u8]>) -> Vec<u8> {
    use sha2::Digest as _;
    let hex = |byte: u8| format!("{byte:02x}");
    let digest = sha2::Sha256::digest(&content).into_iter().map(hex);
    let line = format!("persist-redo {}\n", digest.collect::<String>());
    [line.as_bytes(), content.as_ref()].concat()
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
    for (name, text) in [("old", b"aaaa".to_vec()), ("redo", certified("bbbb"))] {
        let at = lock.state_dir().join(name);
        fs::write(&at, text).unwrap();
        chown(&at, Some(1234), Some(1234)).unwrap();
    }
    fs::write(&other, [0; 4]).unwrap(); // torn, as far as bytes tell
    fs::rename(&other, &path).unwrap();
    drop(lock.write(Wait::No).unwrap());
    assert_eq!(fs::read(&path).unwrap(), [0; 4], "root's");
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
