//! Programs that have the replaced file open, and write into it after the save: the backup is another file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::Path;

use persist_core::{ConfigFile, Notice, Outcome, Receipt};

use crate::support::{notices, saved, set, text};

const OLD: &str = "# pixels\nwidth = 2 # of the window\n";

type Write = fn(&mut File) -> io::Result<()>;

/// What is done to the file that was open before the save, and what it holds then.
const WRITES: [(&str, Write, &str); 4] = [
    (
        "append",
        |file| file.write_all(b"late = true\n"),
        "# pixels\nwidth = 2 # of the window\nlate = true\n",
    ),
    (
        "rewrite",
        |file| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(b"width = 77\n")
        },
        "width = 77\n",
    ),
    ("truncate", |file| file.set_len(9), "# pixels\n"),
    ("empty", |file| file.set_len(0), ""),
];

/// A file of `OLD`, opened by somebody, replaced by a save, and then written into.
fn written_late(write: Write) -> (tempfile::TempDir, ConfigFile, Receipt) {
    let (dir, file) = saved(&[2]);
    assert_eq!(text(&file), OLD);
    let mut held = OpenOptions::new()
        .read(true)
        .append(true)
        .open(file.path())
        .expect("open");
    let receipt = set(&file, "width", 3).expect("a save");
    write(&mut held).expect("a write");
    (dir, file, receipt)
}

fn content(file: &ConfigFile, kept: impl AsRef<Path>) -> String {
    fs::read_to_string(file.state_dir().join(kept)).expect("what was kept")
}

/// Where the one notice says that late content is kept.
fn kept_late(receipt: &Receipt) -> &str {
    match &receipt.notices[..] {
        [Notice::WrittenLate { kept }] => kept,
        other => panic!("{other:?}"),
    }
}

fn well(file: &ConfigFile) {
    let problems = file.verify().expect("a verification").problems();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn the_backup_stays_as_it_is_and_the_next_save_tells_of_it_once() {
    for (what, write, late) in WRITES {
        let (_dir, file, receipt) = written_late(write);
        let backup = receipt.backup.expect("a backup");
        assert_eq!(content(&file, backup.path()), OLD, "{what}");
        well(&file);
        // What changes nothing looks at nothing.
        let receipt = set(&file, "width", 3).unwrap();
        assert_eq!(receipt.outcome, Outcome::Unchanged);
        assert_eq!(notices(&receipt), Vec::<String>::new(), "{what}");
        let receipt = set(&file, "width", 4).unwrap();
        assert_eq!(content(&file, kept_late(&receipt)), late, "{what}");
        well(&file);
        let receipt = set(&file, "width", 5).unwrap();
        assert_eq!(
            notices(&receipt),
            Vec::<String>::new(),
            "{what}: told twice"
        );
        well(&file);
        for width in [4, 3, 2] {
            file.undo().unwrap();
            assert_eq!(text(&file), OLD.replace('2', &width.to_string()), "{what}");
        }
        assert_eq!(content(&file, backup.path()), OLD, "{what}");
    }
}

#[test]
fn undo_gives_the_content_back_that_was_replaced() {
    for (what, write, late) in WRITES {
        let (_dir, file, _) = written_late(write);
        let receipt = file.undo().unwrap();
        assert_eq!(text(&file), OLD, "{what}");
        assert_eq!(content(&file, kept_late(&receipt)), late, "{what}");
        well(&file);
    }
}

/// Whoever still has the file open that a save has put in place writes into the live file, as ever: that is an edit.
#[test]
fn a_writer_of_the_new_file_edits_it() {
    let (_dir, file, _) = written_late(|_| Ok(()));
    let mut held = OpenOptions::new().append(true).open(file.path()).unwrap();
    held.write_all(b"height = 1\n").unwrap();
    let receipt = set(&file, "width", 4).unwrap();
    assert!(matches!(&receipt.notices[..], [Notice::Adopted { .. }]));
    assert_eq!(text(&file), OLD.replace('2', "4") + "height = 1\n");
}

/// The backups tell that the save took place, also where somebody has removed the journal.
#[test]
fn late_content_is_kept_where_the_journal_is_gone() {
    let (_dir, file, _) = written_late(WRITES[0].1);
    for segment in crate::support::segments(&file) {
        fs::remove_file(segment).expect("a segment");
    }
    let receipt = set(&file, "width", 4).expect("a save");
    match &receipt.notices[..] {
        [
            Notice::JournalBroken { segment: 0 },
            Notice::Quarantined { kept, .. },
        ] => {
            assert_eq!(content(&file, kept), WRITES[0].2);
        }
        other => panic!("{other:?}"),
    }
}

/// It never was live, so no recovery brings it back.
#[test]
fn late_content_is_no_rung_of_the_recovery() {
    let (_dir, file, _) = written_late(WRITES[1].1);
    fs::remove_file(file.state_dir().join("mirror")).expect("a mirror");
    fs::write(file.path(), [0; 20]).expect("damage");
    file.recover(None).expect("the backup is good");
    assert_eq!(text(&file), OLD);
}

/// It can't be read as this file's content, and must not be in the way of every save from then on.
#[test]
fn late_content_that_is_too_long_is_moved_aside() {
    let (dir, file) = saved(&[2]);
    let held = OpenOptions::new()
        .write(true)
        .open(file.path())
        .expect("open");
    set(&file, "width", 3).expect("a save");
    held.set_len(64 << 20).expect("it grows");
    let receipt = set(&file, "width", 4).expect("a save");
    assert!(
        matches!(&receipt.notices[..], [Notice::Quarantined { kept, .. }] if file.state_dir().join(kept).exists()),
        "{:?}",
        receipt.notices
    );
    let receipt = set(&file, "width", 5).expect("a save");
    assert_eq!(notices(&receipt), Vec::<String>::new());
    well(&file);
    drop(dir);
}
