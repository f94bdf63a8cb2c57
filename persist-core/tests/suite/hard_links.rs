//! Folders copied by hard links (`cp -al`, as some backup tools do), and names of other people's files among ours.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use persist_core::journal::Event;
use persist_core::lock::{self, HardLinks};
use persist_core::{ConfigFile, Outcome, digest};
use tempfile::TempDir;

use crate::support::{
    append, folder, inventory, live, notices, open_with, records, saved, segments, set, text,
};

const FIRST: &str = "# pixels\nwidth = 1 # of the window\n";

fn width(width: i64) -> String {
    FIRST.replace('1', &width.to_string())
}

/// `cp -al`: folders are made, files get a second name.
fn copy_by_links(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    let mode = fs::metadata(from).expect("metadata").permissions();
    fs::set_permissions(to, mode).expect("a mode");
    for entry in fs::read_dir(from).expect("list").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy_by_links(&from, &to),
            false => fs::hard_link(from, to).expect("a link"),
        }
    }
}

/// An original and its copy.
struct Pair {
    _dir: TempDir,
    files: [ConfigFile; 2],
    /// The content of every file at the time of copying, by its inode.
    copied: BTreeMap<u64, Vec<u8>>,
}

impl Pair {
    /// `app.toml`, saved with 2 and 3 and prepared further, copied.
    fn new(prepare: impl FnOnce(&ConfigFile)) -> Pair {
        let (original, file) = saved(&[2, 3]);
        prepare(&file);
        drop(file);
        let dir = folder();
        let here = dir.path().join("original");
        // The same file system, whatever `folder` chose.
        fs::create_dir(&here).expect("a folder");
        move_all(original.path(), &here);
        let there = dir.path().join("copy");
        copy_by_links(&here, &there);
        let mut copied = BTreeMap::new();
        for path in files_below(&here) {
            let inode = fs::metadata(&path).expect("metadata").ino();
            copied.insert(inode, fs::read(&path).expect("read"));
        }
        // Else neither could be saved: each has the other's live file.
        let part = lock::Options::new().hard_links(HardLinks::Part);
        let open = |dir: PathBuf| open_with(&dir.join("app.toml"), |options| options.allow = part);
        let files = [here, there].map(open);
        Pair {
            _dir: dir,
            files,
            copied,
        }
    }

    /// Does something to one of the two; the other stays as it is to the last byte, and nothing that both have is written.
    #[track_caller]
    fn to<T>(&self, which: usize, act: impl FnOnce(&ConfigFile) -> T) -> T {
        let other = self.files[1 - which].path().parent().expect("a folder");
        let before = contents(other);
        let done = act(&self.files[which]);
        assert_eq!(contents(other), before, "the other one changed");
        for file in &self.files {
            for path in files_below(file.path().parent().expect("a folder")) {
                let meta = fs::metadata(&path).expect("metadata");
                if let Some(then) = self.copied.get(&meta.ino())
                    && meta.nlink() > 1
                {
                    let now = fs::read(&path).expect("read");
                    assert_eq!(&now, then, "{} was written into", path.display());
                }
            }
        }
        done
    }
}

fn move_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("list").flatten() {
        fs::rename(entry.path(), to.join(entry.file_name())).expect("rename");
    }
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let all = inventory(dir).into_keys();
    all.filter(|path| path.is_file()).collect()
}

/// What is there and what it holds; a lock file is written into while it is held, by whoever has it open.
fn contents(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u64)> {
    let files = files_below(dir).into_iter();
    files
        .map(|path| {
            let inode = fs::metadata(&path).expect("metadata").ino();
            (path.clone(), (fs::read(&path).expect("read"), inode))
        })
        .collect()
}

fn well(file: &ConfigFile) {
    let verification = file.verify().expect("a verification");
    assert_eq!(verification.problems(), Vec::<String>::new());
    assert!(verification.passed());
}

#[test]
fn both_go_on_being_saved_and_undone() {
    let pair = Pair::new(|_| {});
    for round in 0..3 {
        for which in [0, 1] {
            let value = 10 * (i64::try_from(which).unwrap() + 1) + round;
            let receipt = pair.to(which, |file| set(file, "width", value)).unwrap();
            assert_eq!(receipt.outcome, Outcome::Saved);
            assert_eq!(notices(&receipt), Vec::<String>::new());
            pair.to(which, well);
            pair.to(1 - which, well);
            assert_eq!(text(&pair.files[which]), width(value));
        }
    }
    for which in [0, 1] {
        let history = pair.to(which, ConfigFile::history).unwrap();
        let changes: Vec<String> = history
            .iter()
            .flat_map(|entry| entry.changes.iter().map(ToString::to_string))
            .collect();
        let tens = which + 1;
        assert_eq!(
            changes,
            [
                "width: 1 -> 2".to_owned(),
                "width: 2 -> 3".to_owned(),
                format!("width: 3 -> {tens}0"),
                format!("width: {tens}0 -> {tens}1"),
                format!("width: {tens}1 -> {tens}2"),
            ]
        );
    }
    for which in [1, 0] {
        for _ in 0..5 {
            pair.to(which, ConfigFile::undo).unwrap();
        }
        assert_eq!(text(&pair.files[which]), FIRST);
        pair.to(which, well);
    }
    well(&pair.files[1]);
}

/// The content that a save replaces is the other's live file: whatever is written there is no business of this one's backup.
#[test]
fn a_backup_shares_nothing_with_the_other_live_file() {
    let pair = Pair::new(|_| {});
    pair.to(0, |file| set(file, "width", 4)).unwrap();
    fs::write(pair.files[1].path(), "width = 999\n").unwrap(); // as some editors do, into the file itself
    well(&pair.files[0]);
    pair.to(0, ConfigFile::undo).unwrap();
    assert_eq!(text(&pair.files[0]), width(3));
    assert_eq!(text(&pair.files[1]), "width = 999\n");
    pair.to(1, |file| set(file, "width", 5)).unwrap();
    pair.to(1, ConfigFile::undo).unwrap();
    pair.to(1, ConfigFile::undo).unwrap();
    assert_eq!(text(&pair.files[1]), width(3));
}

#[test]
fn each_gets_a_number_of_its_own() {
    let pair = Pair::new(|file| fs::write(file.state_dir().join("format"), "1\n").unwrap());
    pair.to(0, |file| set(file, "width", 4)).unwrap();
    let number = |which: usize| fs::read(pair.files[which].state_dir().join("format")).unwrap();
    assert_eq!((number(0), number(1)), (b"2\n".to_vec(), b"1\n".to_vec()));
    pair.to(1, |file| set(file, "width", 5)).unwrap();
    assert_eq!(number(1), b"2\n");
}

/// Retention, compression, recovery and adoption write and remove as well.
#[test]
fn everything_else_that_writes() {
    let long = format!("# {}\n{FIRST}", "long ".repeat(4000));
    let pair = Pair::new(|file| {
        fs::write(file.path(), &long).unwrap();
        set(file, "width", 4).unwrap();
        set(file, "width", 5).unwrap();
    });
    for which in [0, 1] {
        for value in 6..20 {
            pair.to(which, |file| set(file, "width", value)).unwrap();
        }
        pair.to(which, |file| file.restore("latest")).unwrap();
        pair.to(which, |file| {
            fs::remove_file(file.path()).unwrap();
            fs::write(file.path(), [0; 99]).unwrap();
            file.recover(None).unwrap();
        });
        pair.to(which, |file| {
            fs::remove_file(file.path()).unwrap();
            file.adopt().unwrap();
            fs::write(file.path(), FIRST).unwrap();
            file.adopt().unwrap();
        });
        pair.to(which, well);
    }
    pair.to(0, well);
}

/// Copied while a save had no more to do than to give the old content its name.
#[test]
fn an_interrupted_save_is_finished_in_both() {
    let new = width(9);
    let pair = Pair::new(|file| {
        let old = live(file);
        let intent = crate::support::intent(file, Some(&old), new.as_bytes());
        append(file, Event::Intent(intent));
        fs::rename(file.path(), file.state_dir().join("stage")).unwrap();
        fs::write(file.path(), &new).unwrap();
    });
    for which in [0, 1] {
        let receipt = pair.to(which, |file| set(file, "width", 10)).unwrap();
        let told = notices(&receipt);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(!pair.files[which].state_dir().join("stage").exists());
        pair.to(which, well);
        for back in [9, 3, 2, 1] {
            pair.to(which, ConfigFile::undo).unwrap();
            assert_eq!(text(&pair.files[which]), width(back));
        }
    }
}

#[test]
fn a_torn_end_with_two_names_is_neither_cut_nor_copied() {
    let torn = "0123456789abcdef torn";
    let pair = Pair::new(|file| {
        let segment = segments(file).pop().unwrap();
        let mut bytes = fs::read(&segment).unwrap();
        bytes.extend(torn.as_bytes());
        fs::write(segment, bytes).unwrap();
    });
    for which in [0, 1] {
        let file = &pair.files[which];
        let segment = segments(file).remove(0);
        let before = fs::read(&segment).unwrap();
        let verification = pair.to(which, ConfigFile::verify).unwrap();
        assert_eq!((verification.torn, verification.faults.len()), (0, 1));
        assert!(!verification.passed());
        let receipt = pair.to(which, |file| set(file, "width", 4)).unwrap();
        assert_eq!(
            notices(&receipt),
            [
                "journal segment 00000001 is damaged; it is kept as it is, and the journal continues in a new segment"
            ]
        );
        assert_eq!(fs::read(&segment).unwrap(), before);
        assert!(!file.state_dir().join("quarantine").exists());
        assert_eq!(copies_of(torn.as_bytes(), file.state_dir()), [segment]);
        pair.to(which, well);
        assert_eq!(file.history().unwrap().len(), 3);
        let receipt = pair.to(which, |file| set(file, "width", 5)).unwrap();
        assert_eq!(notices(&receipt), Vec::<String>::new());
        for back in [4, 3, 2, 1] {
            pair.to(which, ConfigFile::undo).unwrap();
            assert_eq!(text(file), width(back));
        }
    }
}

/// Files below `dir` with that text in them.
fn copies_of(text: &[u8], dir: &Path) -> Vec<PathBuf> {
    let files = files_below(dir).into_iter();
    files
        .filter(|path| {
            let bytes = fs::read(path).expect("read");
            bytes.windows(text.len()).any(|part| part == text)
        })
        .collect()
}

const SECRET: &str = "root:$6$a-secret-of-somebody-else:19000:0:99999:7:::\n";

/// Somebody who may write in the state folder gives a file that they can't read a name there. Returns what became of it
/// all, with the secret in no other file, and the secret's own as it was.
fn planted(name: &str, secret: &str, act: impl Fn(&ConfigFile)) {
    let (dir, file) = saved(&[2, 3]);
    let precious = dir.path().join("precious");
    fs::write(&precious, secret).expect("as the test set it up");
    let inode = fs::metadata(&precious)
        .expect("as the test set it up")
        .ino();
    let place = file.state_dir().join(name);
    fs::create_dir_all(place.parent().expect("as the test set it up"))
        .expect("as the test set it up");
    fs::remove_file(&place).ok();
    fs::hard_link(&precious, &place).expect("as the test set it up");
    act(&file);
    assert_eq!(
        fs::read_to_string(&precious).expect("as the test set it up"),
        secret,
        "{name}"
    );
    assert_eq!(
        fs::metadata(&precious)
            .expect("as the test set it up")
            .ino(),
        inode,
        "{name}"
    );
    for path in copies_of(secret.trim_end().as_bytes(), dir.path()) {
        let found = fs::metadata(&path).expect("as the test set it up").ino();
        assert_eq!(found, inode, "{name}: {} has its text", path.display());
    }
    // Nor its digest, by which a short secret can be guessed.
    let told = digest(secret.as_bytes()).to_string();
    for path in files_below(dir.path()) {
        let text = fs::read(&path).expect("as the test set it up");
        let text = format!("{} {}", path.display(), String::from_utf8_lossy(&text));
        assert!(!text.contains(&told), "{name}: {text}");
    }
}

#[test]
fn the_text_of_a_foreign_segment_is_not_taken() {
    for secret in [SECRET, SECRET.trim_end()] {
        for name in ["journal/00000001.log", "journal/00000002.log"] {
            planted(name, secret, |file| {
                assert!(
                    !file
                        .verify()
                        .unwrap()
                        .problems()
                        .concat()
                        .contains("secret")
                );
                let receipt = set(file, "width", 4).unwrap();
                assert!(!notices(&receipt).concat().contains("secret"));
                assert!(!file.state_dir().join("quarantine").exists());
                assert_eq!(segments(file).len(), if name.contains('2') { 3 } else { 2 });
                set(file, "width", 5).unwrap();
                file.undo().unwrap();
                assert_eq!(text(file), width(4));
                fs::write(file.path(), [0; 9]).unwrap();
                file.recover(None).unwrap();
                assert!(file.verify().unwrap().passed());
                assert!(records(file).len() >= 4);
            });
        }
    }
}

#[test]
fn nor_that_of_a_file_under_any_other_name() {
    for name in [
        "mirror",
        "mirror.new",
        "stage",
        "old",
        "redo",
        "found-1",
        "format",
        "format.new",
        "lock",
        ".gitignore",
        "journal/00000003.log",
        "notes",
    ] {
        planted(name, SECRET, |file| {
            let outcome = set(file, "width", 4);
            assert_eq!(outcome.is_err(), name == "format", "{name}: {outcome:?}");
            drop(file.undo());
            drop(set(file, "width", 5));
            fs::write(file.path(), [0; 9]).unwrap();
            drop(file.recover(None));
        });
    }
}
