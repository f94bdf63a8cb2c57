//! Somebody who takes no lock changes the file between our reading and our commit: theirs is kept and told of, ours is live, and
//! what we read is the backup.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use persist_core::lock::{self, HardLinks};
use persist_core::{ConfigFile, Notice, Receipt};

use crate::support::{notices, open_with, saved, set, somewhere, text};

const OLD: &str = "# pixels\nwidth = 2 # of the window\n";
const NEW: &str = "# pixels\nwidth = 3 # of the window\n";
const THEIRS: &str = "width = 77 # theirs\n";

/// Saves 3 for 2, while `act` is done to the file.
fn while_saving(
    allow: lock::Options,
    act: impl Fn(&Path) + Send + Sync + 'static,
) -> (tempfile::TempDir, ConfigFile, Receipt) {
    let (dir, file) = saved(&[2]);
    assert_eq!(text(&file), OLD);
    let path = file.path().to_path_buf();
    // It is asked when all has been read, and nothing been written.
    let file = open_with(&path.clone(), |options| {
        options.allow = allow;
        options.check = Some(Arc::new(move |_| {
            act(&path);
            Ok(())
        }));
    });
    let receipt = set(&file, "width", 3).expect("a save");
    // From now on nobody disturbs.
    let file = open_with(file.path(), |options| options.allow = allow);
    (dir, file, receipt)
}

/// As most editors do.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("write");
    fs::set_permissions(&new, fs::metadata(path).expect("metadata").permissions()).expect("a mode");
    fs::rename(new, path).expect("rename");
}

/// Ours is live, what was read is the backup, and the save after has nothing to tell.
#[track_caller]
fn check_ours(file: &ConfigFile, receipt: &Receipt) {
    assert_eq!(text(file), NEW);
    let backup = file
        .state_dir()
        .join(receipt.backup.expect("a backup").path());
    assert_eq!(fs::read_to_string(backup).expect("the backup"), OLD);
    let problems = file.verify().expect("a verification").problems();
    assert_eq!(problems, Vec::<String>::new());
    let next = set(file, "width", 4).expect("a save");
    assert_eq!(notices(&next), Vec::<String>::new());
    for expected in [NEW, OLD] {
        file.undo().expect("undo");
        assert_eq!(text(file), expected);
    }
}

#[test]
fn what_they_wrote_is_kept_and_told_of() {
    type Write = fn(&Path, &str);
    let ways: [(&str, Write); 2] = [
        ("into the file", |path, text| fs::write(path, text).unwrap()),
        ("another file", replace),
    ];
    for (how, write) in ways {
        for theirs in [THEIRS, NEW, "", "no = [document"] {
            let (_dir, file, receipt) =
                while_saving(lock::Options::new(), move |path| write(path, theirs));
            let [Notice::Overtaken { kept }] = &receipt.notices[..] else {
                panic!("{how}, {theirs:?}: {:?}", receipt.notices);
            };
            let kept = fs::read_to_string(file.state_dir().join(kept)).unwrap();
            assert_eq!(kept, theirs, "{how}");
            check_ours(&file, &receipt);
            assert!(somewhere(file.state_dir(), theirs.as_bytes()), "{how}");
        }
    }
}

/// Nothing of theirs could be lost.
#[test]
fn the_same_content_once_more_is_nothing_to_tell_of() {
    for write in [
        |path: &Path, text: &str| fs::write(path, text).unwrap(),
        replace,
    ] {
        let (_dir, file, receipt) =
            while_saving(lock::Options::new(), move |path| write(path, OLD));
        assert_eq!(notices(&receipt), Vec::<String>::new());
        check_ours(&file, &receipt);
    }
}

#[test]
fn a_file_that_was_removed_is_there_again_which_is_told() {
    let (_dir, file, receipt) =
        while_saving(lock::Options::new(), |path| fs::remove_file(path).unwrap());
    assert_eq!(receipt.notices, [Notice::Recreated]);
    check_ours(&file, &receipt);
}

/// Where the file is written into, too.
#[test]
fn what_was_there_before_a_write_in_place_is_kept() {
    let allow = lock::Options::new()
        .in_place(true)
        .hard_links(HardLinks::Follow);
    let (dir, file, receipt) = while_saving(allow, |path| {
        fs::write(path, THEIRS).unwrap();
        fs::hard_link(path, path.with_extension("second")).unwrap();
    });
    let [Notice::Overtaken { kept }] = &receipt.notices[..] else {
        panic!("{:?}", receipt.notices);
    };
    let kept = fs::read_to_string(file.state_dir().join(kept)).unwrap();
    assert_eq!(kept, THEIRS);
    assert_eq!(
        fs::read_to_string(dir.path().join("app.second")).unwrap(),
        NEW
    );
    check_ours(&file, &receipt);
}

/// What becomes of the other names is not for us to say.
#[test]
fn a_name_that_came_since_is_not_parted_in_silence() {
    let (_dir, file) = saved(&[2]);
    let path = file.path().to_path_buf();
    let file = open_with(&path.clone(), |options| {
        options.check = Some(Arc::new(move |_| {
            fs::hard_link(&path, path.with_extension("second"))?;
            Ok(())
        }));
    });
    let error = set(&file, "width", 3).unwrap_err();
    assert!(crate::support::chain(&error).contains("2 names"), "{error}");
    assert_eq!(text(&file), OLD);
}
