//! Where things lie: the state folder beside the file, elsewhere, or not there yet.

use std::fs;
use std::path::Path;

use persist_core::{Condition, Error};

use crate::support::{folder, live, open, open_with, picture, saved, set, text, with};

#[test]
fn looking_creates_nothing() {
    let (dir, file) = with("app.toml", "width = 1\n");
    let before = picture(dir.path());
    file.read().unwrap();
    file.document().unwrap();
    file.info().unwrap();
    file.verify().unwrap();
    file.history().unwrap();
    file.last_good().unwrap();
    file.backup_info().unwrap();
    let absent = open(&dir.path().join("other.toml"));
    assert_eq!(absent.read().unwrap().condition(), Condition::Absent);
    absent.info().unwrap();
    absent.verify().unwrap();
    assert!(matches!(absent.document(), Err(Error::NotFound { .. })));
    assert_eq!(picture(dir.path()), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_fails_for_want_of_a_file_creates_nothing() {
    let dir = folder();
    let absent = open(&dir.path().join("app.toml"));
    for outcome in [
        absent.undo(),
        absent.restore("1"),
        absent.recover(None),
        absent.adopt(),
    ] {
        let error = outcome.unwrap_err();
        let said = matches!(error, Error::NotFound { .. } | Error::Backup { .. });
        assert!(said, "{error:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{error}");
    }
}

#[test]
fn the_state_folder_is_private_and_beside_the_file() {
    let (dir, file) = with("app.toml", "width = 1\n");
    set(&file, "width", 2).unwrap();
    assert_eq!(file.state_dir(), dir.path().join(".app.toml.persist"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.state_dir()), 0o700);
        for folder in ["journal", "backups"] {
            assert_eq!(mode(&file.state_dir().join(folder)), 0o700, "{folder}");
        }
        assert_eq!(mode(&file.state_dir().join("journal/00000001.log")), 0o600);
        assert_eq!(mode(&file.state_dir().join("mirror")), 0o600);
    }
}

/// On two file systems nothing can be renamed from one to the other: backups are copies.
#[test]
fn the_state_folder_may_be_on_another_file_system() {
    let here = tempfile::tempdir().unwrap();
    let there = folder();
    let path = here.path().join("app.toml");
    fs::write(&path, "# mine\nwidth = 1\n").unwrap();
    let file = open_with(&path, |o| o.state_dir = Some(there.path().join("state")));
    set(&file, "width", 2).unwrap();
    set(&file, "width", 3).unwrap();
    let mut beside = names(&here.path().join(".app.toml.persist"));
    beside.sort();
    assert_eq!(beside, [".gitignore", "elsewhere", "format", "lock"]);
    assert_eq!(names(here.path()).len(), 2, "nothing else is left there");
    assert!(file.verify().unwrap().passed());
    assert_eq!(file.backups().list().unwrap().len(), 2);
    fs::write(&path, [0; 9]).unwrap();
    file.recover(None).unwrap();
    assert_eq!(text(&file), "# mine\nwidth = 3\n");
    file.undo().unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "# mine\nwidth = 1\n");
}

fn names(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).expect("list").flatten();
    found
        .map(|entry| entry.file_name().into_string().expect("text"))
        .collect()
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_the_file_behind_it_is_saved() {
    let (dir, file) = with("real.toml", "width = 1\n");
    let link = dir.path().join("link.toml");
    std::os::unix::fs::symlink("real.toml", &link).unwrap();
    let linked = open(&link);
    set(&linked, "width", 2).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(text(&file), "width = 2\n");
    assert_eq!(linked.state_dir(), file.state_dir());
    assert_eq!(linked.info().unwrap().target.as_deref(), Some(file.path()));
}

#[test]
fn a_folder_in_the_files_place_is_refused() {
    let dir = folder();
    let error =
        persist_core::ConfigFile::open(dir.path(), persist_core::Options::default()).unwrap_err();
    assert!(matches!(error, Error::Lock { .. }), "{error}");
    // And when it comes after opening.
    let (_dir, file) = with("app.toml", "width = 1\n");
    fs::remove_file(file.path()).unwrap();
    fs::create_dir(file.path()).unwrap();
    assert!(file.read().is_err());
    assert!(set(&file, "width", 2).is_err());
    assert!(file.recover(None).is_err());
    assert!(file.path().is_dir());
}

#[test]
fn every_format_keeps_what_a_person_wrote() {
    for (name, start) in [
        (
            "app.toml",
            "\u{FEFF}# t\r\nwidth = 1 # w\r\n\r\n[a] # table\r\nb=2",
        ),
        ("app.yaml", "# t\nwidth:   1 # w\na: &x\n  b: 2\nc: *x\n"),
        ("app.json", "{ \"width\" : 1,\n\t\"a\": {\"b\":2} }"),
        (
            "app.jsonc",
            "// t\n{ \"width\": 1, // w\n \"a\": [1,2,], }\n",
        ),
    ] {
        let (_dir, file) = with(name, start);
        set(&file, "width", 1024).unwrap();
        assert_eq!(text(&file), start.replacen('1', "1024", 1), "{name}");
        file.undo().unwrap();
        assert_eq!(live(&file), start.as_bytes());
    }
}

#[test]
fn a_state_folder_serves_one_file() {
    let (dir, _) = with("a.toml", "a = 1\n");
    let path = |name: &str| dir.path().join(name);
    fs::write(path("b.toml"), "b = 1\n").unwrap();
    let opened = |name| open_with(&path(name), |o| o.state_dir = Some(path("state")));
    set(&opened("a.toml"), "a", 2).unwrap();
    let refused = set(&opened("b.toml"), "b", 2).unwrap_err();
    assert!(
        matches!(&refused, Error::StateFolderTaken { other, .. } if *other == path("a.toml")),
        "{refused:?}"
    );
    assert!(opened("b.toml").undo().is_err());
    assert_eq!(fs::read(path("b.toml")).unwrap(), b"b = 1\n");
    fs::rename(path("a.toml"), path("moved.toml")).unwrap();
    opened("moved.toml").undo().unwrap();
    assert_eq!(fs::read(path("moved.toml")).unwrap(), b"a = 1\n");
}

/// Backups hold secrets of long ago, and `git add .` would take them.
#[test]
fn a_new_state_folder_is_kept_out_of_version_control() {
    let (_dir, file) = with("app.toml", "width = 1\n");
    set(&file, "width", 2).unwrap();
    assert_eq!(fs::read(ignored(&file)).unwrap(), b"*\n");
    // Elsewhere, and with the lock beside the file.
    let (dir, file) = with("app.toml", "width = 1\n");
    let (chosen, beside) = (dir.path().join("chosen"), ignored(&file));
    let file = open_with(file.path(), |o| o.state_dir = Some(chosen));
    set(&file, "width", 3).unwrap();
    assert_eq!(fs::read(ignored(&file)).unwrap(), b"*\n");
    assert_eq!(fs::read(beside).unwrap(), b"*\n");
    // Reading and what is refused make none.
    let (dir, file) = with("app.toml", "width = 1\n");
    file.verify().unwrap();
    file.restore("1").unwrap_err();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

fn ignored(file: &persist_core::ConfigFile) -> std::path::PathBuf {
    file.state_dir().join(".gitignore")
}

#[test]
fn what_somebody_ignores_there_stays_their_choice() {
    let (_dir, file) = saved(&[2]);
    for text in ["", "*.log\n!backups\n"] {
        fs::write(ignored(&file), text).unwrap();
        let before = picture(file.state_dir())[&ignored(&file)].clone();
        set(&file, "width", 3).unwrap();
        file.undo().unwrap();
        assert_eq!(picture(file.state_dir())[&ignored(&file)], before);
    }
    fs::remove_file(ignored(&file)).unwrap();
    set(&file, "width", 4).unwrap();
    assert!(!ignored(&file).exists(), "removed on purpose");
}

/// A folder that was there may hold other things, which are to be in version control.
#[test]
fn a_folder_that_was_there_is_given_no_gitignore() {
    let (dir, file) = with("app.toml", "width = 1\n");
    let chosen = dir.path().join("chosen");
    fs::create_dir(&chosen).unwrap();
    fs::write(chosen.join("notes.txt"), "mine\n").unwrap();
    let moved = open_with(file.path(), |o| o.state_dir = Some(chosen.clone()));
    set(&moved, "width", 2).unwrap();
    set(&moved, "width", 3).unwrap();
    assert!(!ignored(&moved).exists());
    assert_eq!(fs::read(chosen.join("notes.txt")).unwrap(), b"mine\n");
    // Beside the file as well, whoever made it.
    let (_dir, file) = with("app.toml", "width = 1\n");
    fs::create_dir(file.state_dir()).unwrap();
    set(&file, "width", 4).unwrap();
    assert!(!ignored(&file).exists());
}

/// Whoever may write in the folder must not lead us to other files, nor hold us up.
#[cfg(unix)]
mod planted {
    use std::os::unix::fs::{MetadataExt, chown, symlink};
    use std::process::Command;

    use super::*;
    use crate::support::{by_hand, chain, saved};

    const NAMES: [&str; 3] = ["mirror.new", "mirror", "journal/00000001.log"];

    /// What is under these names is somebody else's; afterwards it is as it was.
    fn plant(what: impl Fn(&std::path::Path, &std::path::Path)) {
        for name in NAMES {
            let (dir, file) = saved(&[2]);
            let precious = dir.path().join("precious");
            fs::write(&precious, "precious").expect("write");
            let path = file.state_dir().join(name);
            let there = fs::remove_file(&path).is_ok();
            what(&precious, &path);
            let outcome = set(&file, "width", 3).map(drop).map_err(|e| chain(&e));
            assert_eq!(fs::read(&precious).expect("read"), b"precious", "{name}");
            match outcome {
                Ok(()) => assert_ne!(name, "journal/00000001.log"),
                Err(error) => {
                    assert!(there, "{name}: {error}");
                    assert!(error.contains("not a regular file"), "{name}: {error}");
                    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
                }
            }
        }
    }

    #[test]
    fn links_in_the_state_folder_are_not_followed() {
        plant(|precious, path| symlink(precious, path).unwrap());
    }

    #[test]
    fn nobody_waits_for_a_fifo_in_the_state_folder() {
        plant(|_, path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()));
    }

    const NOBODY: u32 = 65534;

    /// Gives the folder and all that is kept in it to somebody else, and the file or not. Says so where that can't be done.
    #[expect(
        clippy::print_stdout,
        reason = "who runs the tests is told of what was not tested"
    )]
    fn given_away(
        dir: &tempfile::TempDir,
        file: &persist_core::ConfigFile,
        and_file: bool,
    ) -> bool {
        let mut theirs = walk(file.state_dir());
        theirs.push(dir.path().to_owned());
        theirs.extend(and_file.then(|| file.path().to_owned()));
        let given = theirs
            .iter()
            .all(|path| chown(path, Some(NOBODY), None).is_ok());
        if !given {
            println!("skipped: only root can give a folder away");
        }
        given
    }

    /// In `/tmp`, say: who made the folder could read what is kept there.
    #[test]
    fn a_state_folder_of_somebody_else_is_set_aside_by_root() {
        let (_dir, file) = with("app.toml", "width = 1\n");
        fs::create_dir(file.state_dir()).unwrap();
        if chown(file.state_dir(), Some(NOBODY), None).is_err() {
            println!("skipped: only root can give a folder away");
            return;
        }
        fs::write(file.state_dir().join("mirror"), "theirs").unwrap();
        assert_eq!(file.read().unwrap().condition(), Condition::Unverified);
        let receipt = set(&file, "width", 2).unwrap();
        let aside = file
            .state_dir()
            .with_file_name(".app.toml.persist-of-65534-1");
        assert_eq!(fs::read(aside.join("mirror")).unwrap(), b"theirs");
        assert_eq!(
            fs::read_dir(&aside).unwrap().count(),
            1,
            "nothing was kept there"
        );
        let told = receipt.notices.iter().map(ToString::to_string);
        assert!(
            told.into_iter().any(|n| n.contains("-of-65534-1")),
            "{receipt:?}"
        );
        assert_eq!(fs::metadata(file.state_dir()).unwrap().uid(), 0);
        file.undo().unwrap();
        assert_eq!(text(&file), "width = 1\n");
    }

    /// Whoever owns the folder around could have put it there, with a history of their own.
    #[test]
    fn the_history_of_somebody_else_is_not_put_into_a_file() {
        let (dir, file) = saved(&[2, 3]);
        if !given_away(&dir, &file, false) {
            return;
        }
        assert!(file.undo().is_err(), "there is nothing of our own to undo");
        assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
        fs::write(file.path(), "").unwrap();
        assert!(file.recover(None).is_err() || text(&file).is_empty());
    }

    /// The owner of the folder exchanges the file for another while its lock is waited for.
    #[test]
    fn what_is_kept_is_kept_for_the_owner_of_what_was_read() {
        let (dir, file) = saved(&[2]);
        if !given_away(&dir, &file, true) {
            return;
        }
        let secret = dir.path().join("secret");
        fs::write(&secret, "width = 1 # of root alone\n").unwrap();
        let target = persist_core::lock::Target::resolve(file.path()).unwrap();
        let lock = persist_core::lock::FileLock::open(&target, file.state_dir()).unwrap();
        let guard = lock.write(persist_core::lock::Wait::default()).unwrap();
        std::thread::scope(|threads| {
            let writer = threads.spawn(|| set(&open(file.path()), "width", 7));
            std::thread::sleep(std::time::Duration::from_millis(200));
            fs::rename(&secret, file.path()).unwrap();
            drop(guard);
            writer.join().unwrap().unwrap();
        });
        assert_eq!(text(&file), "width = 7 # of root alone\n");
        for path in walk(dir.path()) {
            let meta = fs::symlink_metadata(&path).unwrap();
            if meta.is_file() && meta.uid() == NOBODY {
                let bytes = fs::read(&path).unwrap();
                let told = String::from_utf8_lossy(&bytes);
                assert!(!told.contains("root alone"), "{}", path.display());
            }
        }
    }

    /// A private file of root's that lies in the folder. Its digest would be all it takes to have it taken for a backup.
    #[test]
    fn a_file_that_was_moved_in_the_way_of_a_save_is_told_nothing_of() {
        let (dir, file) = saved(&[2]);
        if !given_away(&dir, &file, true) {
            return;
        }
        let secret = "width = 9 # of root alone\n";
        let digest = persist_core::digest(secret.as_bytes());
        fs::write(file.state_dir().join("stage"), secret).unwrap();
        fs::write(file.path(), "width = 4\n").unwrap(); // so that the last save is no measure
        let receipt = set(&file, "width", 5).unwrap();
        assert!(
            format!("{:?}", receipt.notices).contains("foreign-"),
            "{receipt:?}"
        );
        let told = |what: &str| {
            for path in walk(file.state_dir()) {
                let name = path.display().to_string();
                assert!(!name.contains(&digest.to_string()), "{what}: {name}");
                let meta = fs::symlink_metadata(&path).unwrap();
                if meta.is_file() && meta.uid() == NOBODY {
                    let bytes = fs::read(&path).unwrap();
                    let text = String::from_utf8_lossy(&bytes);
                    assert!(!text.contains("root alone"), "{what}: {name}");
                    assert!(!text.contains(&digest.to_string()), "{what}: {name}");
                }
            }
        };
        told("the save");
        // Guessed all the same.
        let backups = file.state_dir().join("backups");
        for kept in fs::read_dir(&backups).unwrap().flatten() {
            fs::remove_file(kept.path()).unwrap();
        }
        let moved = fs::read_dir(file.state_dir().join("quarantine")).unwrap();
        let moved = moved.flatten().next().unwrap().path();
        let id = persist_core::backup::Id::new(9, jiff::Timestamp::now(), digest);
        fs::rename(moved, backups.join(id.to_string())).unwrap();
        fs::remove_file(file.state_dir().join("mirror")).unwrap();
        crate::support::forget_replaced(&file);
        fs::write(file.path(), "").unwrap();
        assert!(file.recover(None).is_err());
        assert!(file.restore("9").is_err());
        assert_eq!(text(&file), "");
    }

    /// It would be swept there of what looks unfinished.
    #[test]
    fn a_folder_of_roots_that_was_moved_here_is_not_ours() {
        let (dir, file) = saved(&[2]);
        if !given_away(&dir, &file, true) {
            return;
        }
        for name in ["complements", "quarantine", "backups"] {
            let roots = file.state_dir().join(name);
            fs::remove_dir_all(&roots).unwrap_or(());
            fs::create_dir(&roots).unwrap();
            fs::write(roots.join(".new-important"), "root's").unwrap();
            let outcome = set(&file, "width", 3);
            assert_eq!(outcome.is_err(), name == "backups", "{name}");
            assert!(roots.join(".new-important").exists(), "{name}");
        }
    }

    /// Made to fill memory: nothing in them is a record.
    #[test]
    fn a_hundred_sparse_segments_are_not_all_read() {
        let (_dir, file) = saved(&[2]);
        for number in 2..102 {
            let at = file.state_dir().join(format!("journal/{number:08}.log"));
            fs::File::create(at).unwrap().set_len(16 << 20).unwrap();
        }
        // The second copy tells that it was saved here.
        assert_eq!(file.read().unwrap().condition(), Condition::Unrecorded);
        set(&file, "width", 3).unwrap();
        file.undo().unwrap();
    }

    #[test]
    fn what_root_keeps_for_a_user_is_the_users() {
        let (dir, file) = with("app.toml", "width = 1\n");
        if chown(dir.path(), Some(NOBODY), None).is_err() {
            println!("skipped: only root can act for a user");
            return;
        }
        chown(file.path(), Some(NOBODY), None).unwrap();
        set(&file, "width", 2).unwrap();
        set(&file, "width", 3).unwrap();
        let kept = walk(file.state_dir());
        assert!(kept.len() >= 7, "{kept:?}");
        for path in kept {
            let owner = fs::symlink_metadata(&path).unwrap().uid();
            assert_eq!(owner, NOBODY, "{}", path.display());
        }
    }

    /// Whoever owns the folder can exchange what is in it anyway, and root hands its state folder to them.
    #[test]
    fn a_file_of_root_in_the_folder_of_a_user_can_be_saved() {
        let (dir, file) = with("app.toml", "width = 1\n");
        if chown(dir.path(), Some(NOBODY), None).is_err() {
            println!("skipped: only root can act for a user");
            return;
        }
        set(&file, "width", 2).unwrap();
        set(&file, "width", 3).unwrap();
        assert_eq!(text(&file), "width = 3\n");
    }

    fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut found = vec![folder.to_owned()];
        for entry in fs::read_dir(folder).expect("list").flatten() {
            match entry.path().is_dir() {
                true => found.extend(walk(&entry.path())),
                false => found.push(entry.path()),
            }
        }
        found
    }

    #[test]
    fn a_folder_in_the_place_of_a_copy_is_no_copy() {
        let (_dir, file) = saved(&[2]);
        fs::remove_file(file.state_dir().join("mirror")).unwrap();
        fs::create_dir(file.state_dir().join("mirror")).unwrap();
        by_hand(file.path(), "width = 7\n");
        assert_eq!(file.read().unwrap().condition(), Condition::ChangedOutside);
    }
}

/// What is kept about a file is not for editing: its lock must stay the same file.
#[test]
fn nothing_in_a_state_folder_is_changed() {
    let (_dir, file) = saved(&[2, 3]);
    let before = picture(file.state_dir());
    for name in ["lock", "mirror", "backups/new.toml"] {
        let inside = open_with(&file.state_dir().join(name), |o| {
            o.format = Some(persist_core::Format::Toml);
        });
        let refused = set(&inside, "width", 4).expect_err("it is in a state folder");
        assert!(
            matches!(&refused, Error::InStateFolder { folder, .. } if folder == file.state_dir()),
            "{refused}"
        );
    }
    assert_eq!(picture(file.state_dir()), before);
}
