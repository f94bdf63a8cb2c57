//! A history that is not beside its file: found by everybody, never split, and never by somebody else's word.

use std::fs;
use std::path::{Path, PathBuf};

use persist_core::lock::{FileLock, Target};
use persist_core::{Condition, ConfigFile, Error, HistoryTrouble, Wait};
use tempfile::TempDir;

use crate::support::{folder, inventory, notices, open, open_with, saved, set, text, with};

const START: &str = "# pixels\nwidth = 1 # of the window\n";

/// A file and the folder `state` that its history of two saves is in.
struct Apart {
    dir: TempDir,
    path: PathBuf,
    state: PathBuf,
}

impl Apart {
    fn new() -> Apart {
        let (dir, file) = with("app.toml", START);
        let apart = Apart {
            path: file.path().to_path_buf(),
            state: dir.path().join("state"),
            dir,
        };
        set(&apart.named(), "width", 2).expect("a save");
        set(&apart.named(), "width", 3).expect("a save");
        apart
    }

    /// As the caller opens it who says where the history is.
    fn named(&self) -> ConfigFile {
        in_folder(&self.path, &self.state)
    }

    fn unnamed(&self) -> ConfigFile {
        open(&self.path)
    }

    fn beside(&self) -> PathBuf {
        self.dir.path().join(".app.toml.persist")
    }

    fn pointer(&self) -> PathBuf {
        self.beside().join("elsewhere")
    }

    /// The file is read; every change is refused by name, and leaves no trace.
    #[track_caller]
    fn refuses(&self, file: &ConfigFile, what: &str, expected: impl Fn(&Error) -> bool) {
        let before = inventory(self.dir.path());
        let reading = file.read().unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(reading.condition(), Condition::Unverified, "{what}");
        let info = file.info().unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!((info.changes, info.backups.count), (0, 0), "{what}");
        assert!(info.history_problem.is_some(), "{what}");
        for (how, error) in [
            ("set", set(file, "width", 7).err()),
            ("undo", file.undo().err()),
            ("restore", file.restore("1").err()),
            ("recover", file.recover(None).err()),
            ("adopt", file.adopt().err()),
            ("history", file.history().err()),
            ("verify", file.verify().err()),
        ] {
            let error = error.unwrap_or_else(|| panic!("{what}: {how} was not refused"));
            assert!(expected(&error), "{what}: {how}: {error:?}");
        }
        let backups = file.backups().list();
        assert!(
            !backups.is_ok_and(|b| b.is_empty()),
            "{what}: not as if none"
        );
        assert_eq!(inventory(self.dir.path()), before, "{what}");
    }
}

fn in_folder(path: &Path, state: &Path) -> ConfigFile {
    open_with(path, |o| o.state_dir = Some(state.to_path_buf()))
}

fn is(trouble: &str) -> impl Fn(&Error) -> bool {
    move |error| match error {
        Error::History { what, .. } => {
            trouble
                == match what {
                    HistoryTrouble::Elsewhere { .. } => "elsewhere",
                    HistoryTrouble::Gone { .. } => "gone",
                    HistoryTrouble::NotOurs { .. } => "not ours",
                    HistoryTrouble::Unclear { .. } => "unclear",
                    _ => "another",
                }
        }
        _ => false,
    }
}

#[test]
fn who_was_not_told_finds_it() {
    let apart = Apart::new();
    let file = apart.unnamed();
    assert_eq!(file.read().unwrap().condition(), Condition::Clean);
    assert_eq!(file.state_dir(), apart.state);
    assert_eq!(file.info().unwrap().state_dir.unwrap(), apart.state);
    assert_eq!(file.history().unwrap().len(), 2);
    assert_eq!(file.backups().list().unwrap().len(), 2);
    let receipt = set(&file, "width", 4).unwrap();
    let told = notices(&receipt);
    let state = std::path::absolute(&apart.state)
        .unwrap()
        .display()
        .to_string();
    assert!(told.iter().any(|n| n.contains(&state)), "{told:?}");
    let told = notices(&set(&apart.named(), "width", 5).unwrap());
    assert_eq!(told, [""; 0], "who says it knows it");
    for _ in 0..4 {
        apart.unnamed().undo().unwrap();
    }
    assert_eq!(text(&apart.named()), START);
    assert!(!apart.beside().join("journal").exists());
}

#[test]
fn looking_writes_nothing() {
    let apart = Apart::new();
    let before = inventory(apart.dir.path());
    for file in [apart.unnamed(), apart.named()] {
        assert_eq!(file.read().unwrap().condition(), Condition::Clean);
        file.info().unwrap();
        assert!(file.verify().unwrap().passed());
        file.history().unwrap();
    }
    assert_eq!(inventory(apart.dir.path()), before);
}

#[test]
fn a_history_is_not_split() {
    let apart = Apart::new();
    let other = apart.dir.path().join("other");
    let elsewhere = is("elsewhere");
    apart.refuses(&in_folder(&apart.path, &other), "missing", &elsewhere);
    fs::create_dir(&other).unwrap();
    apart.refuses(&in_folder(&apart.path, &other), "empty", &elsewhere);
    // One that lies beside the file.
    let (dir, file) = saved(&[2, 3]);
    let apart = Apart {
        path: file.path().to_path_buf(),
        state: dir.path().join("state"),
        dir,
    };
    apart.refuses(&apart.named(), "beside", &elsewhere);
    assert!(!apart.state.exists());
    // By whichever path it is named, the folder beside the file is no other.
    let beside = in_folder(
        &apart.path,
        &apart.dir.path().join("../").join(apart.beside()),
    );
    set(&beside, "width", 4).unwrap();
    open(&apart.path).undo().unwrap();
    assert!(!apart.pointer().exists());
}

#[cfg_attr(
    windows,
    ignore = "the process has the lock open, so that the folder can't be moved or removed"
)]
#[test]
fn a_folder_that_was_moved_is_found_by_its_new_name() {
    let apart = Apart::new();
    let moved = apart.dir.path().join("moved");
    fs::rename(&apart.state, &moved).unwrap();
    apart.refuses(&apart.unnamed(), "not told", is("gone"));
    apart.refuses(&apart.named(), "told of the old one", is("gone"));
    let file = in_folder(&apart.path, &moved);
    file.undo().unwrap();
    assert_eq!(apart.unnamed().history().unwrap().len(), 3);
    apart.unnamed().undo().unwrap();
    assert_eq!(text(&file), START);
    // From beside the file to elsewhere, and back.
    let (dir, file) = saved(&[2, 3]);
    let (beside, there) = (file.state_dir(), dir.path().join("there"));
    fs::rename(beside, &there).unwrap();
    in_folder(file.path(), &there).undo().unwrap();
    assert_eq!(open(file.path()).history().unwrap().len(), 3);
    fs::remove_dir_all(beside).unwrap();
    fs::rename(&there, beside).unwrap();
    open(file.path()).undo().unwrap();
    assert_eq!(text(&file), START);
}

/// An empty mount point is no new beginning.
#[cfg_attr(
    windows,
    ignore = "the process has the lock open, so that the folder can't be moved or removed"
)]
#[test]
fn a_folder_that_is_not_mounted_is_no_new_history() {
    let apart = Apart::new();
    let (disk, away) = (apart.state.clone(), apart.dir.path().join("away"));
    fs::rename(&disk, &away).unwrap();
    fs::create_dir(&disk).unwrap();
    apart.refuses(&apart.unnamed(), "not told", is("gone"));
    apart.refuses(&apart.named(), "told", is("gone"));
    fs::remove_dir(&disk).unwrap();
    fs::rename(&away, &disk).unwrap();
    apart.unnamed().undo().unwrap();
    // To begin anew is to say so.
    fs::remove_dir_all(&disk).unwrap();
    apart.refuses(&apart.unnamed(), "lost", is("gone"));
    fs::remove_dir_all(apart.beside()).unwrap();
    set(&apart.unnamed(), "width", 9).unwrap();
    assert_eq!(apart.unnamed().state_dir(), apart.beside());
}

#[test]
fn the_history_of_a_copied_or_renamed_file_stays_where_it_is() {
    let apart = Apart::new();
    let copy = apart.dir.path().join("copy.toml");
    fs::copy(&apart.path, &copy).unwrap();
    let beside = apart.dir.path().join(".copy.toml.persist");
    fs::create_dir(&beside).unwrap();
    for name in ["format", "elsewhere"] {
        fs::copy(apart.beside().join(name), beside.join(name)).unwrap();
    }
    let copied = Apart {
        path: copy.clone(),
        state: apart.state.clone(),
        dir: folder(),
    };
    copied.refuses(&open(&copy), "a copy", is("not ours"));
    // One that was renamed takes it along, if the caller says so.
    fs::remove_file(&apart.path).unwrap();
    copied.refuses(&open(&copy), "renamed", is("not ours"));
    in_folder(&copy, &apart.state).undo().unwrap();
    open(&copy).undo().unwrap();
    assert_eq!(fs::read(&copy).unwrap(), START.as_bytes());
    // What is made in the old place has no part in it.
    fs::write(&apart.path, "width = 5\n").unwrap();
    apart.refuses(&apart.unnamed(), "made anew", is("not ours"));
}

/// As before there were pointers.
#[cfg_attr(
    windows,
    ignore = "the process has the lock open, so that the folder can't be moved or removed"
)]
#[test]
fn an_older_state_folder_elsewhere_is_taken_as_it_is() {
    let apart = Apart::new();
    fs::remove_dir_all(apart.beside()).unwrap();
    assert_eq!(apart.named().history().unwrap().len(), 2);
    let before = inventory(apart.dir.path());
    assert_eq!(apart.named().read().unwrap().condition(), Condition::Clean);
    assert_eq!(inventory(apart.dir.path()), before);
    apart.named().undo().unwrap();
    let number = |folder: &Path| fs::read_to_string(folder.join("format")).unwrap();
    assert_eq!(
        (number(&apart.beside()), number(&apart.state)),
        ("3\n".into(), "2\n".into())
    );
    apart.unnamed().undo().unwrap();
    assert_eq!(text(&apart.unnamed()), START);
}

/// An older persist locks in the state folder alone.
#[test]
fn both_locks_are_held() {
    let apart = Apart::new();
    let target = Target::resolve(&apart.path).unwrap();
    let short = |file: &ConfigFile| {
        let file = open_with(file.path(), |o| {
            o.wait = Wait::No;
            o.state_dir.clone_from(&file.options().state_dir);
        });
        set(&file, "width", 9)
    };
    for state in [apart.beside(), apart.state.clone()] {
        // Of another file, as far as the rest of its place goes.
        let alone = Target::resolve(&state.join("../alone")).unwrap();
        let lock = FileLock::open(&alone, &state).unwrap();
        let guard = lock.read(Wait::No).unwrap();
        for file in [apart.named(), apart.unnamed()] {
            let error = short(&file).unwrap_err();
            let timeout = matches!(
                &error,
                Error::Lock {
                    source: persist_core::lock::Error::Timeout { .. },
                    ..
                }
            );
            assert!(timeout, "{}: {error:?}", state.display());
        }
        drop(guard);
    }
    let lock = FileLock::open(&target, &apart.state).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    assert!(
        FileLock::beside(&apart.path)
            .unwrap()
            .write(Wait::No)
            .is_err()
    );
    drop(guard);
    short(&apart.unnamed()).unwrap();
}

/// A process that dies anywhere while it makes the folders leaves what the next one settles.
#[cfg_attr(
    windows,
    ignore = "the process has the lock open, so that the folder can't be moved or removed"
)]
#[test]
fn what_a_first_save_left_that_was_killed() {
    // Nothing but the folders; the sign; the pointer that does not count yet; all of it.
    for step in 0..4 {
        let apart = Apart::new();
        for folder in [apart.beside(), apart.state.clone()] {
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("lock"), "").unwrap();
        }
        for part in ["journal", "backups"] {
            fs::create_dir(apart.state.join(part)).unwrap();
        }
        fs::write(&apart.path, START).unwrap();
        if step >= 1 {
            fs::write(apart.state.join("of"), apart.path.to_str().unwrap()).unwrap();
        }
        if step >= 2 {
            fs::write(apart.pointer(), apart.state.to_str().unwrap()).unwrap();
        }
        if step >= 3 {
            fs::write(apart.beside().join("format"), "3\n").unwrap();
        }
        assert_eq!(
            apart.unnamed().read().unwrap().condition(),
            Condition::Unmanaged
        );
        // Whoever comes next begins the history, once.
        let (first, second) = match step % 2 {
            0 => (apart.unnamed(), apart.named()),
            _ => (apart.named(), apart.unnamed()),
        };
        set(&first, "width", 2).unwrap_or_else(|e| panic!("{step}: {e:?}"));
        let second = set(&second, "width", 3);
        assert_eq!(second.is_err(), step % 2 == 0, "{step}: {second:?}");
        first.undo().unwrap();
        let histories = [apart.beside(), apart.state.clone()].map(|folder| {
            let journal = folder.join("journal/00000001.log");
            usize::from(journal.exists())
        });
        assert_eq!(histories.iter().sum::<usize>(), 1, "{step}");
    }
}

/// Who comes later finds what came while the lock was waited for.
#[test]
fn a_pointer_that_comes_while_the_lock_is_waited_for_counts() {
    let (dir, file) = with("app.toml", START);
    let state = dir.path().join("state");
    let lock = FileLock::beside(file.path()).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let beside = file.state_dir().to_path_buf();
    std::thread::scope(|threads| {
        let waits = threads.spawn(|| set(&open(file.path()), "width", 7));
        while !beside.join("journal").exists() {
            std::thread::yield_now();
        }
        // What a save with a state folder of its own would have done meanwhile.
        let made = TempDir::new_in(dir.path()).unwrap();
        let other = made.path().join("app.toml");
        fs::write(&other, START).unwrap();
        set(&in_folder(&other, &state), "width", 2).unwrap();
        fs::write(state.join("of"), file.path().to_str().unwrap()).unwrap();
        for name in ["elsewhere", "format"] {
            fs::copy(
                made.path().join(".app.toml.persist").join(name),
                beside.join(name),
            )
            .unwrap();
        }
        fs::write(file.path(), "width = 2\n").unwrap();
        drop(guard);
        waits.join().unwrap().unwrap();
    });
    assert_eq!(open(file.path()).state_dir(), state);
    assert!(!beside.join("journal/00000001.log").exists());
}

#[test]
fn threads_that_name_it_differently_lose_nothing() {
    const EACH: i64 = 25;
    let apart = Apart::new();
    std::thread::scope(|threads| {
        for (who, file) in [
            ("a", apart.named()),
            ("b", apart.unnamed()),
            ("c", apart.named()),
            ("d", apart.unnamed()),
        ] {
            threads.spawn(move || {
                for n in 0..EACH {
                    set(&file, &format!("{who}{n}"), n).unwrap();
                }
            });
        }
    });
    let text = text(&apart.unnamed());
    for who in ["a", "b", "c", "d"] {
        for n in 0..EACH {
            assert!(
                text.contains(&format!("\n{who}{n} = {n}\n")),
                "{who}{n} is lost"
            );
        }
    }
}

/// Two who name two folders: one of them begins the history, and the other is told.
#[test]
fn two_folders_at_once_are_one_history() {
    for _ in 0..20 {
        let (dir, file) = with("app.toml", START);
        let saves = std::thread::scope(|threads| {
            let tries = ["left", "right"].map(|name| {
                let file = in_folder(file.path(), &dir.path().join(name));
                threads.spawn(move || set(&file, name, 1))
            });
            tries.map(|t| t.join().unwrap())
        });
        let done = saves.iter().filter(|save| save.is_ok()).count();
        assert_eq!(done, 1, "{saves:?}");
        let error = saves.into_iter().find_map(Result::err).unwrap();
        assert!(is("elsewhere")(&error), "{error:?}");
        assert_eq!(open(file.path()).history().unwrap().len(), 1);
    }
}

#[test]
fn the_folder_beside_another_file_is_that_files() {
    let apart = Apart::new();
    let other = apart.dir.path().join("other.toml");
    fs::write(&other, START).unwrap();
    for state in [
        apart.beside(),
        apart.dir.path().join(".absent.toml.persist"),
    ] {
        if state != apart.beside() {
            // Of a file that is gone, and it says that its history is elsewhere.
            fs::create_dir(&state).unwrap();
            for name in ["format", "elsewhere"] {
                fs::copy(apart.beside().join(name), state.join(name)).unwrap();
            }
        }
        let error = set(&in_folder(&other, &state), "width", 2).unwrap_err();
        assert!(matches!(error, Error::StateFolderTaken { .. }), "{error:?}");
        assert!(!apart.dir.path().join(".other.toml.persist").exists());
    }
}

#[test]
fn what_is_no_plain_path_leads_nowhere() {
    let apart = Apart::new();
    let relative = |path: &str| path.as_bytes().to_vec();
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("a relative path", relative("state")),
        ("a path from here", relative("./state")),
        (
            "a path up",
            format!("{}/../state", apart.beside().display()).into(),
        ),
        ("a long one", vec![b'/'; 100_000]),
        ("NULs", vec![0; 100]),
    ] {
        fs::write(apart.pointer(), bytes).unwrap();
        apart.refuses(&apart.unnamed(), what, is("unclear"));
    }
    fs::remove_file(apart.pointer()).unwrap();
    apart.refuses(&apart.unnamed(), "none", is("unclear"));
    // Who says where it is mends it.
    set(&apart.named(), "width", 4).unwrap();
    apart.unnamed().undo().unwrap();
    let there = |path: &Path| fs::write(apart.pointer(), path.to_str().unwrap()).unwrap();
    there(&apart.beside());
    apart.refuses(&apart.unnamed(), "to itself", is("not ours"));
    there(apart.dir.path());
    apart.refuses(&apart.unnamed(), "to a folder with no history", is("gone"));
}

/// Whoever may write beside the file must lead nobody to other files, nor hold anybody up.
#[cfg(unix)]
mod planted {
    use std::os::unix::fs::{MetadataExt, chown, symlink};

    use super::*;

    const ALICE: u32 = 61_001;
    const BOB: u32 = 61_002;

    #[test]
    fn links_and_fifos_are_no_pointers() {
        let apart = Apart::new();
        let aside = apart.dir.path().join("aside");
        fs::rename(apart.pointer(), &aside).unwrap();
        symlink(&aside, apart.pointer()).unwrap();
        apart.refuses(&apart.unnamed(), "a link", is("unclear"));
        fs::remove_file(apart.pointer()).unwrap();
        fs::hard_link(&aside, apart.pointer()).unwrap();
        apart.refuses(&apart.unnamed(), "another name", is("unclear"));
        fs::remove_file(apart.pointer()).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(apart.pointer())
            .status();
        assert!(made.unwrap().success());
        apart.refuses(&apart.unnamed(), "a FIFO", is("unclear"));
        fs::remove_file(apart.pointer()).unwrap();
        fs::create_dir(apart.pointer()).unwrap();
        apart.refuses(&apart.unnamed(), "a folder", is("unclear"));
    }

    #[test]
    fn a_name_that_is_no_text() {
        use std::os::unix::ffi::OsStrExt;
        let (dir, file) = with("app.toml", START);
        let state = dir.path().join(std::ffi::OsStr::from_bytes(b"st\xffte"));
        set(&in_folder(file.path(), &state), "width", 2).unwrap();
        let pointer = fs::read(dir.path().join(".app.toml.persist/elsewhere")).unwrap();
        assert_eq!(pointer, state.as_os_str().as_bytes(), "byte for byte");
        open(file.path()).undo().unwrap();
        assert_eq!(text(&file), START);
    }

    /// A state folder can't be a link; the folders above it may be, and are named without.
    #[test]
    fn links_on_the_way_are_resolved_once() {
        let (dir, file) = with("app.toml", START);
        let (disk, link) = (dir.path().join("disk"), dir.path().join("link"));
        fs::create_dir(&disk).unwrap();
        symlink("disk", &link).unwrap();
        set(&in_folder(file.path(), &link.join("state")), "width", 2).unwrap();
        fs::remove_file(&link).unwrap();
        assert_eq!(open(file.path()).state_dir(), disk.join("state"));
        open(file.path()).undo().unwrap();
        assert_eq!(text(&file), START);
    }

    /// Gives all below a folder away, and the folder. Says so where that can't be done.
    #[expect(
        clippy::print_stdout,
        reason = "who runs the tests is told of what was not tested"
    )]
    fn given_to(user: u32, folder: &Path) -> bool {
        let mut paths: Vec<_> = inventory(folder).into_keys().collect();
        paths.push(folder.to_path_buf());
        let given = paths
            .iter()
            .all(|path| chown(path, Some(user), None).is_ok());
        if !given {
            println!("skipped: only root can give a folder away");
        }
        given
    }

    /// She says that what root keeps is hers. Its content would come back into a file that she can read.
    #[test]
    fn nobody_leads_root_to_what_they_may_not_enter() {
        let apart = Apart::new();
        let secrets = folder();
        let kept = secrets.path().join("kept");
        fs::rename(&apart.state, &kept).unwrap();
        if !given_to(ALICE, apart.dir.path()) {
            return;
        }
        fs::write(apart.pointer(), kept.to_str().unwrap()).unwrap();
        chown(apart.pointer(), Some(ALICE), None).unwrap();
        for owner in [0, BOB] {
            given_to(owner, &kept);
            let before = inventory(secrets.path());
            apart.refuses(&apart.unnamed(), "of somebody else", is("not ours"));
            assert_eq!(inventory(secrets.path()), before);
        }
        // Her own, she may name; and it stays hers.
        given_to(ALICE, &kept);
        set(&apart.unnamed(), "width", 8).unwrap();
        apart.unnamed().undo().unwrap();
        for path in inventory(&kept)
            .into_keys()
            .chain(inventory(&apart.beside()).into_keys())
        {
            let owner = fs::symlink_metadata(&path).unwrap().uid();
            assert_eq!(owner, ALICE, "{}", path.display());
        }
    }

    /// Where its owner is not the owner of the folder, it was moved or linked there.
    #[test]
    fn a_pointer_of_somebody_elses_leads_nowhere() {
        let apart = Apart::new();
        if chown(apart.pointer(), Some(BOB), None).is_err() {
            println!("skipped: only root can give a file away");
            return;
        }
        apart.refuses(&apart.unnamed(), "of Bob's", is("unclear"));
        // Also of the file's owner, in a folder of root's.
        chown(&apart.path, Some(ALICE), None).unwrap();
        chown(apart.pointer(), Some(ALICE), None).unwrap();
        apart.refuses(&apart.unnamed(), "of Alice's", |_| true);
    }

    #[test]
    fn system_folders_are_no_histories() {
        let apart = Apart::new();
        for (place, expected) in [
            ("/etc", "gone"),
            ("/dev", "gone"),
            ("/nowhere/at/all", "gone"),
            ("/dev/null", "not ours"),
            ("/proc/self/cwd", "not ours"),
        ] {
            fs::write(apart.pointer(), place).unwrap();
            apart.refuses(&apart.unnamed(), place, is(expected));
        }
        for made in ["journal", "lock", "of", "backups"] {
            assert!(!Path::new("/etc").join(made).exists());
        }
    }

    /// Somebody's folder beside the file is not believed, and does not keep anybody from having a history elsewhere.
    #[test]
    fn a_folder_beside_of_somebody_elses_says_nothing() {
        let apart = Apart::new();
        if !given_to(BOB, &apart.beside()) {
            return;
        }
        // Set aside by root, who says anew where the history is.
        let receipt = set(&apart.named(), "width", 4).unwrap();
        let told = notices(&receipt);
        assert!(told.iter().any(|n| n.contains("-of-61002-1")), "{told:?}");
        apart.unnamed().undo().unwrap();
        assert_eq!(apart.unnamed().history().unwrap().len(), 4);
    }
}
