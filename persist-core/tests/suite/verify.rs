//! What `verify` complains of: damage, and nothing else. Not a save that is under way, and not what a power cut leaves.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persist_core::journal::Event;
use persist_core::{ConfigFile, Manifest, Verification};

use crate::support::{append, by_hand, intent, live, open_with, saved, segments, set, with};

fn verified(file: &ConfigFile) -> Verification {
    file.verify().expect("it can be read")
}

/// Passes, with these notes.
#[track_caller]
fn check_notes(file: &ConfigFile, expected: &[&str]) {
    let found = verified(file);
    assert_eq!(found.problems(), Vec::<String>::new());
    assert!(found.passed());
    let notes = found.notes();
    assert_eq!(notes.len(), expected.len(), "{notes:?}");
    for (note, expected) in notes.iter().zip(expected) {
        assert!(note.contains(expected), "{note} lacks {expected}");
    }
}

#[track_caller]
fn check_fails(file: &ConfigFile, expected: &str) {
    let problems = verified(file).problems();
    let says = problems.iter().any(|p| p.contains(expected));
    assert!(says, "{problems:?} lack {expected}");
}

fn mirror(file: &ConfigFile) -> std::path::PathBuf {
    file.state_dir().join("mirror")
}

/// The mirror is written when a save is complete, and not synced.
#[test]
fn a_mirror_that_a_cut_has_torn_is_a_note() {
    let (_dir, file) = with(
        "app.toml",
        &format!("width = 1\n{}", "# a comment\n".repeat(100)),
    );
    set(&file, "width", 2).expect("a save");
    set(&file, "width", 3).expect("a save");
    check_notes(&file, &[]);
    let whole = fs::read(mirror(&file)).expect("a mirror");
    let mut zeros = whole.clone();
    zeros[512..1024].fill(0);
    for torn in [&whole[..0], &whole[..700], &zeros, &vec![0; whole.len()]] {
        fs::write(mirror(&file), torn).expect("a mirror");
        check_notes(&file, &["is incomplete: the next save rewrites it"]);
    }
    fs::remove_file(mirror(&file)).expect("a mirror");
    check_notes(&file, &["is missing: the next save rewrites it"]);
    fs::write(
        mirror(&file),
        file.backups()
            .read(&file.backups().list().expect("backups")[0].id)
            .expect("a backup"),
    )
    .expect("a mirror");
    check_notes(&file, &["is from an earlier save: the next save"]);
    // What no cut leaves is damage.
    let mut rotten = whole.clone();
    rotten[600] ^= 1;
    fs::write(mirror(&file), rotten).expect("a mirror");
    check_fails(&file, "is damaged: the next save rewrites it");
    fs::write(mirror(&file), whole).expect("a mirror");
    check_notes(&file, &[]);
    // Where the file is not what was saved, the copy is what there is.
    fs::remove_file(mirror(&file)).expect("a mirror");
    by_hand(file.path(), "width = 77\n");
    check_fails(&file, "is missing");
}

#[test]
fn a_save_that_was_cut_off_is_a_note() {
    let (_dir, file) = saved(&[2, 3]);
    let old = live(&file);
    // Announced, and no more.
    let new = b"# pixels\nwidth = 4 # of the window\n";
    let next = intent(&file, Some(&old), new);
    let seq = append(&file, Event::Intent(next.clone())).seq;
    fs::write(file.state_dir().join(format!("stage-{seq}")), new).expect("a stage");
    check_notes(&file, &["was interrupted before it took effect"]);
    // Exchanged, without the backup's name: the copy still has the mirror's.
    fs::write(file.state_dir().join(format!("stage-{seq}")), &old).expect("a stage");
    fs::write(file.path(), new).expect("the file");
    check_notes(&file, &["was interrupted after it took effect"]);
    assert_eq!(verified(&file).interrupted.map(|i| i.seq), Some(seq));
    // The copy is gone, and what was replaced is still there.
    fs::remove_file(mirror(&file)).expect("a mirror");
    check_notes(&file, &["was interrupted after it took effect"]);
    // All of it is gone: what was replaced is lost.
    fs::remove_file(file.state_dir().join(format!("stage-{seq}"))).expect("a stage");
    check_fails(&file, "is missing");
    fs::write(file.state_dir().join("backup.new"), &old).expect("a copy");
    check_notes(&file, &["was interrupted after it took effect"]);
    file.recover(None).expect("finished");
    check_notes(&file, &[]);
}

/// The mirror of a complete save is the proof that it was complete.
#[test]
fn the_backup_of_a_complete_save_is_missed_whatever_else_holds_its_content() {
    let (_dir, file) = saved(&[2, 3]);
    let newest = file.backups().list().expect("backups").remove(0);
    assert!(file.state_dir().join("stage-2").exists());
    fs::remove_file(newest.path).expect("a backup");
    check_fails(&file, "is missing");
}

#[test]
fn a_torn_end_of_the_journal_is_a_note() {
    let (_dir, file) = saved(&[2, 3]);
    let last = segments(&file).pop().expect("a segment");
    let whole = fs::read(&last).expect("a segment");
    for end in [
        &b"0123"[..],
        &[0; 300],
        b"half a line that was never acknowledged",
    ] {
        fs::write(&last, [&whole[..], end].concat()).expect("a segment");
        check_notes(&file, &["an incomplete record"]);
    }
    set(&file, "width", 4).expect("a save");
    check_notes(&file, &[]);
}

#[test]
fn a_deleted_file_is_told_as_what_it_is() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_file(file.path()).expect("the file");
    check_fails(
        &file,
        "the file was deleted; `recover` brings it back, `adopt` accepts",
    );
}

/// What only a look at one moment would find: the file of a writer that takes no lock, while it is being written.
#[test]
fn a_file_that_is_being_written_by_hand_is_waited_for() {
    let (_dir, file) = saved(&[2, 3]);
    let path = file.path().to_path_buf();
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut width = 0;
            while !stop.load(Ordering::Relaxed) {
                width += 1;
                let file = fs::File::create(&path).expect("emptied");
                std::thread::sleep(std::time::Duration::from_millis(1));
                let text = format!("# pixels\nwidth = {width} # of the window\n");
                std::io::Write::write_all(&mut &file, text.as_bytes()).expect("written");
                std::thread::sleep(std::time::Duration::from_millis(30));
            }
        });
        let found: Vec<_> = (0..20).map(|_| file.verify()).collect();
        stop.store(true, Ordering::Relaxed); // before anything fails, or the writer goes on for ever
        for found in found {
            let problems = found.expect("it can be read").problems();
            assert_eq!(problems, Vec::<String>::new());
        }
    });
}

/// Looks at one file: a new one comes after them, whose journal is short again.
const LOOKS: usize = if cfg!(windows) { 5 } else { 50 };

/// Beside a saver that saves, migrates, undoes and adopts. `PERSIST_CASES` says how often.
#[test]
fn beside_a_saver_nothing_is_complained_of() {
    let cases = std::env::var("PERSIST_CASES").ok();
    let cases: usize = cases.and_then(|n| n.parse().ok()).unwrap_or(4 * LOOKS);
    let (mut alarms, mut changes) = (Vec::new(), 0);
    for _ in 0..cases.div_ceil(LOOKS) {
        changes += beside_a_saver(&mut alarms);
    }
    assert_eq!(alarms, Vec::<String>::new(), "of {cases} looks");
    println!("{cases} looks beside {changes} changes, no false alarm");
    assert!(
        changes > cases / 20,
        "{changes} changes during {cases} looks"
    );
}

/// What was complained of, and how often something was changed meanwhile.
fn beside_a_saver(alarms: &mut Vec<String>) -> usize {
    let dir = crate::support::folder();
    let path = dir.path().join("app.toml");
    let comments = "# a comment\n".repeat(50);
    let text = format!("schema_version = \"1.0.0\"\nwidth = 1\nonly_new = 0\n{comments}");
    fs::write(&path, text).expect("a file");
    let manifest = Arc::new(Manifest::parse(MANIFEST).expect("a manifest"));
    let opened = |path: &Path| {
        open_with(path, |options| {
            *options = std::mem::take(options).with_manifest(Arc::clone(&manifest));
        })
    };
    set(&opened(&path), "width", 2).expect("a save");
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let saver = threads.spawn(|| {
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) {
                rounds += 1;
                change(&opened(&path), rounds);
                // Under Wine a change takes longer, and whoever looks gets fewer turns.
                let pause = if cfg!(windows) { 20_000 } else { 500 };
                std::thread::sleep(std::time::Duration::from_micros(pause));
            }
            rounds
        });
        let file = opened(&path);
        for _ in 0..LOOKS {
            match file.verify() {
                Ok(found) => alarms.extend([found.problems(), found.notes()].concat()),
                Err(error) => alarms.push(crate::support::chain(&error)),
            }
        }
        stop.store(true, Ordering::Relaxed);
        saver.join().expect("a saver")
    })
}

const MANIFEST: &str = r#"{
  "app": "test",
  "versions": [{ "version": "1.0.0" }, { "version": "1.1.0" }],
  "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [{ "remove": { "path": "/only_new", "value": 0 } }] }]
}"#;

/// One of the changes that there are.
fn change(file: &ConfigFile, round: usize) {
    let done = match round % 8 {
        0 => file.migrate_to(&persist_core::Version::new(1, 1, 0)),
        1 => file.migrate_to(&persist_core::Version::new(1, 0, 0)),
        2 => file.undo(),
        3 => {
            let text = fs::read_to_string(file.path()).expect("the file");
            // As an editor does it that replaces the file.
            let new = file.path().with_extension("new");
            fs::write(&new, format!("{text}# round {round}\n")).expect("a file");
            // An editor there tries again while somebody reads.
            while let Err(error) = fs::rename(&new, file.path()) {
                let is_read = cfg!(windows) && error.kind() == std::io::ErrorKind::PermissionDenied;
                assert!(is_read, "exchanged: {error}");
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            file.adopt()
        }
        _ => set(file, "width", i64::try_from(round).expect("few")),
    };
    done.unwrap_or_else(|error| panic!("round {round}: {}", crate::support::chain(&error)));
}

/// Something else has a name that persist needs: every operation says so, and how to go on.
#[cfg(unix)]
#[test]
fn what_stands_in_the_way_is_named() {
    use std::os::unix::fs::symlink;
    for name in [
        "stage-3",
        "stage-2",
        "lock",
        "backup.new",
        "journal",
        "backups",
        "quarantine",
        "mirror",
    ] {
        for kind in ["a folder", "a symbolic link"] {
            let (dir, file) = saved(&[2, 3]);
            let at = file.state_dir().join(name);
            let is_folder = ["journal", "backups", "quarantine"].contains(&name);
            if is_folder && kind == "a folder" {
                continue;
            }
            let aside = dir.path().join("aside");
            if fs::rename(&at, &aside).is_err() {
                fs::write(&aside, "mine").expect("a file");
            }
            match kind {
                "a folder" => fs::create_dir(&at).expect("a folder"),
                _ => symlink(&aside, &at).expect("a link"),
            }
            let path = at.display().to_string();
            let file = crate::support::open(file.path());
            let problems = verified(&file).problems().join("\n");
            let says = |text: &str| {
                text.contains(&path) && text.contains(kind) && text.contains("move it away")
            };
            assert!(says(&problems), "{name} {kind}: {problems}");
            match set(&file, "width", 9) {
                Err(error) => {
                    let text = crate::support::chain(&error);
                    assert!(
                        matches!(error, persist_core::Error::Obstacle { .. }) && says(&text),
                        "{name} {kind}: {text}"
                    );
                    assert!(crate::support::text(&file).contains("width = 3"));
                }
                // A link at the name of a copy is replaced by the copy, a folder is told of.
                Ok(receipt) => assert!(["backup.new", "mirror"].contains(&name), "{receipt:?}"),
            }
        }
    }
}
