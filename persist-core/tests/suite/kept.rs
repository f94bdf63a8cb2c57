//! A file that stays open keeps its folders open, too, and each save sees what has become of them meanwhile.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use persist_core::{ConfigFile, Error, Outcome};

use crate::support::{open, saved, set, text};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Saves that must have gone to the folders that have their names now.
#[track_caller]
fn saves_here(file: &ConfigFile, width: i64) {
    let state = file.state_dir();
    let before = fs::read(last_segment(state)).unwrap_or_default().len();
    let receipt = set(file, "width", width).expect("saved");
    let backup = receipt.backup.expect("a backup");
    assert!(state.join(backup.path()).exists(), "{backup}");
    assert!(fs::read(last_segment(state)).expect("a journal").len() > before);
    assert_eq!(
        fs::read(state.join("mirror")).expect("a mirror"),
        text(file).into_bytes()
    );
    // Who opens the file finds all that was saved.
    let again = open(file.path());
    assert_eq!(
        again.read().expect("readable").digest(),
        Some(receipt.digest)
    );
    assert!(again.verify().expect("verified").problems().is_empty());
}

fn last_segment(state: &Path) -> PathBuf {
    let journal = state.join("journal");
    let last = names(&journal).pop().expect("a segment");
    journal.join(last)
}

/// The state folder, or one in it.
fn folder_of(file: &ConfigFile, below: &str) -> PathBuf {
    match below {
        "" => file.state_dir().to_path_buf(),
        below => file.state_dir().join(below),
    }
}

fn moved_away(folder: &Path) -> PathBuf {
    let mut moved = folder.as_os_str().to_owned();
    moved.push("-moved");
    fs::rename(folder, &moved).expect("moved");
    PathBuf::from(moved)
}

/// A copy with other inodes.
fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([from, to])
        .status();
    assert!(copied.expect("cp").success());
}

/// Moves the folder away and puts a copy in its place; where it was moved to.
fn replace(folder: &Path) -> PathBuf {
    let moved = moved_away(folder);
    copy(&moved, folder);
    moved
}

#[test]
fn a_folder_that_was_replaced_is_left_alone() {
    for below in ["", "journal", "backups"] {
        let (_dir, file) = saved(&[2, 3]);
        set(&file, "width", 4).expect("saved");
        let folder = folder_of(&file, below);
        let moved = replace(&folder);
        let left = names(&moved);
        saves_here(&file, 5);
        assert_eq!(
            names(&moved),
            left,
            "nothing is written to {below:?} as it was"
        );
        saves_here(&file, 6);
    }
}

#[test]
fn so_is_the_folder_of_the_file() {
    let (dir, _) = saved(&[2, 3]);
    let conf = dir.path().join("conf");
    fs::create_dir(&conf).expect("a folder");
    fs::write(conf.join("app.toml"), "width = 1\n").expect("a file");
    let file = open(&conf.join("app.toml"));
    set(&file, "width", 2).expect("saved");
    set(&file, "width", 3).expect("saved");
    let moved = replace(&conf);
    saves_here(&file, 4);
    let old = fs::read_to_string(moved.join("app.toml")).expect("a file");
    assert_eq!(old, "width = 3\n");
}

#[test]
fn a_link_in_the_place_of_a_folder_is_not_followed() {
    for below in ["", "journal", "backups"] {
        let (_dir, file) = saved(&[2, 3]);
        set(&file, "width", 4).expect("saved");
        let folder = folder_of(&file, below);
        let moved = moved_away(&folder);
        // Leads to the very folder that was open.
        symlink(&moved, &folder).expect("a link");
        let left = names(&moved);
        let refused = set(&file, "width", 5);
        assert!(refused.is_err(), "{below:?}: {refused:?}");
        assert_eq!(names(&moved), left);
        assert_eq!(text(&file), "# pixels\nwidth = 4 # of the window\n");
    }
}

#[test]
fn a_folder_that_somebody_else_was_given_is_not_believed() {
    let (_dir, file) = saved(&[2, 3]);
    set(&file, "width", 4).expect("saved");
    let journal = file.state_dir().join("journal");
    let me = fs::metadata(&journal).expect("a folder").uid();
    if me != 0 {
        return; // only root can give it away
    }
    std::os::unix::fs::chown(&journal, Some(1234), None).expect("given");
    let refused = set(&file, "width", 5);
    assert!(matches!(refused, Err(Error::Lock { .. })), "{refused:?}");
    std::os::unix::fs::chown(&journal, Some(me), None).expect("given back");
    saves_here(&file, 6);
}

#[test]
fn a_mode_that_was_changed_is_seen() {
    let (_dir, file) = saved(&[2, 3]);
    set(&file, "width", 4).expect("saved");
    let state = file.state_dir();
    fs::set_permissions(state, fs::Permissions::from_mode(0o500)).expect("a mode");
    let is_root = fs::metadata(state).expect("a folder").uid() == 0;
    let outcome = set(&file, "width", 5);
    assert_eq!(outcome.is_ok(), is_root, "{outcome:?}");
    fs::set_permissions(state, fs::Permissions::from_mode(0o700)).expect("a mode");
    saves_here(&file, 6);
}

/// The number is looked at by its file's marks, which two files of one length share but for their inode and their times.
#[test]
fn a_newer_format_of_the_same_length_is_seen() {
    for replaced in [true, false] {
        let (_dir, file) = saved(&[2, 3]);
        sleep(Duration::from_millis(150)); // young files are read each time
        set(&file, "width", 4).expect("saved");
        set(&file, "width", 5).expect("saved");
        let format = file.state_dir().join("format");
        let modified = fs::metadata(&format).and_then(|meta| meta.modified());
        if replaced {
            let new = format.with_extension("new");
            fs::write(&new, "9\n").expect("written");
            fs::rename(&new, &format).expect("renamed");
        } else {
            fs::write(&format, "9\n").expect("written");
        }
        let file_of = fs::File::options().write(true).open(&format);
        let set_back = file_of.and_then(|file| file.set_modified(modified?));
        set_back.expect("the time of before");
        let refused = set(&file, "width", 6);
        assert!(
            matches!(refused, Err(Error::NewerState { .. })),
            "{refused:?}"
        );
        assert_eq!(text(&file), "# pixels\nwidth = 5 # of the window\n");
    }
}

/// Where nobody else has had the lock, a change that is none reads nothing but the file.
#[test]
fn a_change_that_is_none_looks_again_after_another_has_saved() {
    let (_dir, file) = saved(&[2, 3]);
    let mirror = file.state_dir().join("mirror");
    let unchanged = || {
        let receipt = set(&file, "width", 3).expect("nothing to do");
        assert_eq!((receipt.outcome, receipt.seq), (Outcome::Unchanged, None));
    };
    unchanged();
    unchanged();
    // The content is as it was, but what the other has done may need to be finished.
    let other = open(file.path());
    set(&other, "width", 4).expect("saved");
    set(&other, "width", 3).expect("saved");
    fs::remove_file(&mirror).expect("a mirror");
    unchanged();
    assert_eq!(fs::read_to_string(&mirror).expect("a mirror"), text(&file));
}

/// More files than keep their folders open.
#[test]
fn many_files_are_saved_alike() {
    let (dir, _) = saved(&[2]);
    let path = |number: i64| dir.path().join(format!("many-{number}.toml"));
    let files: Vec<ConfigFile> = (0..40)
        .map(|number| {
            fs::write(path(number), "width = 1\n").expect("a file");
            open(&path(number))
        })
        .collect();
    for width in 2..5 {
        for file in &files {
            set(file, "width", width).expect("saved");
        }
    }
    #[cfg(target_os = "linux")]
    assert!(fs::read_dir("/proc/self/fd").expect("a list").count() < 900);
    for file in &files {
        saves_here(file, 9);
    }
}
