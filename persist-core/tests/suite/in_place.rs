//! Files that no other file can take the place of, written into themselves because that was allowed.

use std::fs;
use std::os::unix::fs::MetadataExt;

use persist_core::journal::Event;
use persist_core::lock::{self, HardLinks};
use persist_core::{Condition, ConfigFile, Error, Notice, Receipt};

use crate::support::{
    append, by_hand, folder, forget_replaced, intent, notices, open, open_with, set, text,
};

/// A file with two names, which both are to show what is saved.
fn with_two_names() -> (tempfile::TempDir, ConfigFile) {
    let dir = folder();
    let path = dir.path().join("app.toml");
    fs::write(&path, "width = 1\nheight = 2\n").expect("write");
    fs::hard_link(&path, dir.path().join("other.toml")).expect("link");
    let allow = lock::Options::new()
        .in_place(true)
        .hard_links(HardLinks::Follow);
    let file = open_with(&path, |options| options.allow = allow);
    (dir, file)
}

#[test]
fn saved_undone_and_verified_as_any_other_file() {
    let (dir, file) = with_two_names();
    set(&file, "width", 1280).unwrap();
    let other = dir.path().join("other.toml");
    assert_eq!(
        fs::read_to_string(&other).unwrap(),
        "width = 1280\nheight = 2\n"
    );
    set(&file, "height", 720).unwrap();
    assert_eq!(file.read().unwrap().condition(), Condition::Clean);
    assert!(file.verify().unwrap().passed());
    file.undo().unwrap();
    file.undo().unwrap();
    assert_eq!(
        fs::read_to_string(&other).unwrap(),
        "width = 1\nheight = 2\n"
    );
    assert_eq!(fs::metadata(&other).unwrap().nlink(), 2);
}

/// A configuration in which each of three sectors has a value.
fn text_of(width: i64) -> String {
    let part = |n: usize| format!("width{n} = {width}\n# {}\n", "about it ".repeat(58));
    (0..3).map(part).collect()
}

/// A save of 10 for 25 that was cut in the middle of its write in place, with what it had durable by then beside it, and the
/// file as it is found.
fn cut(live: &str) -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = with_two_names();
    fs::write(file.path(), text_of(1)).expect("as the test set it up");
    set(&file, "width0", 25).expect("as the test set it up");
    set(&file, "width1", 25).expect("as the test set it up");
    set(&file, "width2", 25).expect("as the test set it up");
    let (before, after) = (text_of(25), text_of(10));
    assert_eq!(text(&file), before);
    let announced = intent(&file, Some(before.as_bytes()), after.as_bytes());
    let save = append(&file, Event::Intent(announced)).seq;
    forget_replaced(&file);
    let at = |name: &str| file.state_dir().join(name);
    let proof = persist_core::digest(after.as_bytes());
    fs::write(at("redo"), format!("persist-redo {proof}\n{after}")).expect("as the test set it up");
    fs::write(at("old"), &before).expect("as the test set it up");
    fs::write(at(&format!("stage-{save}")), &after).expect("as the test set it up");
    by_hand(file.path(), live);
    (dir, file)
}

/// The first sector is new, the others are old.
fn torn() -> String {
    text_of(10)[..512].to_owned() + &text_of(25)[512..]
}

/// Where the receipt says that content is kept.
fn kept_in(receipt: &Receipt) -> Option<&str> {
    receipt.notices.iter().find_map(|notice| match notice {
        Notice::WrittenOver { kept } => Some(&**kept),
        _ => None,
    })
}

fn names(file: &ConfigFile) -> Vec<String> {
    let entries = fs::read_dir(file.state_dir())
        .expect("as the test set it up")
        .flatten();
    entries
        .map(|entry| {
            entry
                .file_name()
                .into_string()
                .expect("as the test set it up")
        })
        .filter(|name| ["old", "redo"].contains(&&**name) || name.starts_with("found"))
        .collect()
}

#[test]
fn a_torn_write_is_finished_by_the_next_writer() {
    let (_dir, file) = cut(&torn());
    let receipt = set(&file, "width0", 11).unwrap();
    let expected = text_of(10).replacen("10", "11", 1);
    assert_eq!(text(&file), expected);
    // Whether it was torn or edited nobody can tell for sure: it is kept, and told of.
    let kept = kept_in(&receipt).expect("a notice");
    assert!(kept.starts_with("quarantine/"), "{kept}");
    assert_eq!(
        fs::read_to_string(file.state_dir().join(kept)).unwrap(),
        torn()
    );
    assert_eq!(names(&file), Vec::<String>::new());
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    let receipt = set(&file, "width0", 12).unwrap();
    assert_eq!(notices(&receipt), Vec::<String>::new(), "told of once");
    for expected in [expected, text_of(10), text_of(25)] {
        file.undo().unwrap();
        assert_eq!(text(&file), expected);
    }
}

/// Killed when the content was in quarantine, and before anybody was told of it.
#[test]
fn what_a_write_was_finished_over_is_kept_once() {
    let (_dir, file) = cut(&torn());
    let lock = lock::FileLock::open_with(
        &lock::Target::resolve(file.path()).unwrap(),
        file.state_dir(),
        file.options().allow,
    );
    drop(lock.unwrap().write(lock::Wait::No).unwrap());
    assert_eq!(text(&file), text_of(10));
    let kept = persist_core::backup::Id::new(
        9,
        jiff::Timestamp::now(),
        persist_core::digest(torn().as_bytes()),
    );
    let quarantine = file.state_dir().join("quarantine");
    fs::create_dir_all(&quarantine).unwrap();
    fs::write(quarantine.join(kept.to_string()), torn()).unwrap();
    let receipt = set(&file, "width0", 11).unwrap();
    assert_eq!(kept_in(&receipt), Some(&*format!("quarantine/{kept}")));
    assert_eq!(fs::read_dir(quarantine).unwrap().count(), 1);
    assert_eq!(names(&file), Vec::<String>::new());
}

/// The case that was seen: after the crash somebody put one value back, and made another one of both.
#[test]
fn an_edit_after_a_crash_is_adopted() {
    for edited in [
        torn().replacen("10", "15", 1),
        text_of(25).replacen("25", "15", 1),
        text_of(10).replacen("10", "20", 1),
        torn() + "height = 2\n",
        "width0 = 25\n".to_owned(),
    ] {
        let (_dir, file) = cut(&edited);
        let receipt = set(&file, "width0", 11).unwrap();
        assert_eq!(kept_in(&receipt), None);
        assert_eq!(names(&file), Vec::<String>::new());
        file.undo().unwrap();
        assert_eq!(text(&file), edited);
        file.undo().unwrap();
        assert_eq!(text(&file), text_of(25), "what was acknowledged before");
        assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    }
}

/// A change that fills a sector looks like the write that was cut. What it looked like can be had back.
#[test]
fn an_edit_that_looks_like_a_cut_can_be_had_back() {
    let edited = text_of(25).replace("width1 = 25", "width1 = 10");
    let (_dir, file) = cut(&edited);
    let receipt = set(&file, "width0", 11).unwrap();
    let kept = kept_in(&receipt).expect("a notice");
    assert_eq!(
        fs::read_to_string(file.state_dir().join(kept)).unwrap(),
        edited
    );
}

#[test]
fn readers_wait_for_a_write_in_place() {
    let (_dir, file) = with_two_names();
    set(&file, "width", 1280).unwrap();
    let whole = fs::read(file.path()).unwrap();
    let guard = lock::FileLock::open(
        &lock::Target::resolve(file.path()).unwrap(),
        file.state_dir(),
    )
    .unwrap()
    .write(lock::Wait::default())
    .unwrap();
    fs::write(file.path(), &whole[..9]).unwrap();
    std::thread::scope(|threads| {
        let reader = threads.spawn(|| file.read());
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::write(file.path(), &whole).unwrap();
        drop(guard);
        let reading = reader.join().unwrap().unwrap();
        assert_eq!(reading.condition(), Condition::Clean);
    });
    // Who was not told of writing in place takes what is there for damage.
    fs::write(file.path(), &whole[..9]).unwrap();
    let error = open(file.path()).read().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}
