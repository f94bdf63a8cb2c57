//! Copies that somebody has removed: all of them, for good, told in the journal, and never the last good one by the way.

use std::fs;
use std::path::Path;

use persist_core::journal::Event;
use persist_core::{ConfigFile, Error, Foreign, HeadStatus, Purge, PurgePlan, Spared};

use crate::newer_records::append;
use crate::support::{by_hand, open, records, saved, set, text};

fn purge(before: bool, numbers: &[u64]) -> Purge {
    let far = "2999-01-01T00:00:00Z".parse().expect("a time");
    Purge {
        before: before.then_some(far),
        named: numbers.iter().map(|number| (*number).into()).collect(),
    }
}

/// Every file around `file` that holds those bytes.
fn holders(file: &ConfigFile, text: &str) -> Vec<String> {
    fn walk(folder: &Path, text: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            match path.is_dir() {
                true => walk(&path, text, found),
                false
                    if String::from_utf8_lossy(&fs::read(&path).expect("readable"))
                        .contains(text) =>
                {
                    found.push(
                        path.file_name()
                            .expect("a name")
                            .to_string_lossy()
                            .into_owned(),
                    );
                }
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(file.path().parent().expect("a folder"), text, &mut found);
    found
}

fn problems(file: &ConfigFile) -> Vec<String> {
    file.verify().expect("a check").problems()
}

#[test]
fn nothing_of_the_content_is_left() {
    let (_dir, file) = saved(&[2, 3]);
    // The backup of #2 and, if it is still there, the replaced file hold it.
    assert!(!holders(&file, "width = 2 ").is_empty());
    let plan = file.purge(&purge(false, &[2])).unwrap();
    assert_eq!(plan.copies.len(), 1);
    assert_eq!(holders(&file, "width = 2 "), Vec::<String>::new());
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    assert_eq!(problems(&file), Vec::<String>::new());
    let error = file.undo().unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("before change #2 was purged by test, 2"),
        "{error}"
    );
    set(&file, "width", 4).unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    assert_eq!(problems(&file), Vec::<String>::new());
}

#[test]
fn the_record_tells_who_and_what_and_an_older_head_is_contained() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let head = file.head().unwrap().unwrap();
    let plan = file.purge(&purge(true, &[])).unwrap();
    let names: Vec<String> = plan.copies.iter().map(ToString::to_string).collect();
    let (record, _) = records(&file).pop().unwrap();
    assert_eq!(
        record.event,
        Event::Purged {
            copies: names.clone(),
            foreign: Vec::new(),
        }
    );
    let purges = file.purges(None).unwrap();
    assert_eq!(
        (&purges[0].copies, &*purges[0].actor.name),
        (&names, "test")
    );
    assert_eq!(file.look_for_head(&head).unwrap(), HeadStatus::Contained);
    assert_eq!(file.history().unwrap().len(), 3);
}

#[test]
fn the_last_good_one_stays_unless_it_is_named() {
    let (_dir, file) = saved(&[2, 3]);
    by_hand(file.path(), "width = [\n");
    file.restore("2").unwrap();
    let newest_first = file.backups().list().unwrap();
    let numbers: Vec<u64> = newest_first.iter().map(|s| s.id.seq()).collect();
    assert_eq!(numbers, [4, 3, 2, 1], "the newest is the broken text");
    let planned = file.plan_purge(&purge(true, &[])).unwrap();
    let plan = file.purge(&purge(true, &[])).unwrap();
    assert_eq!(plan, planned);
    let spared: Vec<_> = plan
        .spared
        .iter()
        .map(|(c, why)| (c.id.seq(), *why))
        .collect();
    assert_eq!(spared, [(3, Spared::LastGood)]);
    let last = file.backups().list().unwrap();
    assert_eq!(last.iter().map(|s| s.id.seq()).collect::<Vec<_>>(), [3]);
    file.backups().verify(&last[0].id).unwrap();
    file.purge(&purge(false, &[3])).unwrap();
    assert_eq!(file.backups().list().unwrap().len(), 0);
    assert_eq!(problems(&file), Vec::<String>::new());
}

/// What a kill after the record has left, and what a power cut has brought back.
#[test]
fn an_interrupted_purge_is_finished_by_the_next_change() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let quarantine = file.state_dir().join("quarantine");
    let folder = file.state_dir().join("backups");
    fs::create_dir_all(&quarantine).unwrap();
    let first = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    fs::copy(first.path(), quarantine.join(first.file_name())).unwrap();
    let all = |folder: &Path| -> Vec<_> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        entries
            .map(|entry| (entry.path(), fs::read(entry.path()).unwrap()))
            .collect()
    };
    let before = [all(&folder), all(&quarantine)].concat();
    let plan = file.purge(&purge(true, &[1])).unwrap();
    let gone = || before.iter().filter(|(path, _)| !path.exists()).count();
    assert_eq!((plan.copies.len(), gone()), (3, 3));
    for (path, bytes) in &before {
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(problems(&file), Vec::<String>::new());
    // Also one that comes to nothing.
    set(&file, "width", 4).unwrap();
    assert_eq!(gone(), 3);
    for (path, bytes) in &before {
        fs::write(path, bytes).unwrap();
    }
    set(&open(file.path()), "width", 5).unwrap();
    assert_eq!(gone(), 3);
    assert_eq!(problems(&file), Vec::<String>::new());
}

/// The backup is the proof that a save took place where its old content is live again. Purged, it is missing, and proves nothing.
#[test]
fn a_purged_backup_does_not_unmake_its_save() {
    let (_dir, file) = saved(&[2]);
    let first = "# pixels\nwidth = 1 # of the window\n";
    file.purge(&purge(false, &[1])).unwrap();
    assert_eq!(holders(&file, "width = 1 "), Vec::<String>::new());
    fs::remove_file(file.state_dir().join("mirror")).unwrap();
    by_hand(file.path(), first);
    let receipt = set(&file, "width", 3).unwrap();
    let notices = crate::support::notices(&receipt);
    assert!(
        !notices
            .iter()
            .any(|n| n.contains("interrupted before taking effect")),
        "{notices:?}"
    );
    let history = file.history().unwrap();
    let kinds: Vec<String> = history.iter().map(|e| e.how.to_string()).collect();
    assert_eq!(kinds, ["save", "outside", "save"]);
    assert_eq!(problems(&file), Vec::<String>::new());
}

#[test]
fn a_number_that_is_not_there_changes_nothing() {
    let (_dir, file) = saved(&[2, 3]);
    let before = records(&file).len();
    assert!(matches!(
        file.purge(&purge(true, &[12])),
        Err(Error::Backup { .. })
    ));
    assert_eq!(records(&file).len(), before);
    assert_eq!(file.backups().list().unwrap().len(), 2);
    assert_eq!(file.purge(&purge(false, &[])).unwrap().copies, []);
    assert_eq!(records(&file).len(), before);
}

/// What a save has moved away as it was tells by its name when, not what.
#[cfg(unix)]
#[test]
fn files_of_somebody_else_in_quarantine_go_by_their_time() {
    let (dir, file) = saved(&[2, 3]);
    let quarantine = file.state_dir().join("quarantine");
    fs::create_dir_all(&quarantine).unwrap();
    let put = |name: &str, text: &str| fs::write(quarantine.join(name), text).unwrap();
    put("foreign-1-1000", "of long ago");
    put("foreign-2-2000", "width = 2 # of another name\n");
    fs::hard_link(
        quarantine.join("foreign-2-2000"),
        dir.path().join("elsewhere"),
    )
    .unwrap();
    put("foreign-2-99999999999999", "of a time to come");
    let left = ["foreign-01-1000", "foreign-x", "foreign-1-1000.bak"];
    left.iter().for_each(|name| put(name, "no name of ours"));
    fs::create_dir(quarantine.join("foreign-3-3000")).unwrap();

    let early = Purge {
        before: Some("1970-01-02T00:00:00Z".parse().unwrap()),
        named: Vec::new(),
    };
    let planned = file.plan_purge(&early).unwrap();
    let told = |plan: &PurgePlan| -> Vec<String> {
        let one = |f: &Foreign| format!("{} {} {:?}", f.name, f.len, f.sha256.is_some());
        plan.foreign.iter().map(one).collect()
    };
    let wanted = [
        "quarantine/foreign-1-1000 11 true",
        "quarantine/foreign-2-2000 28 false", // it has another name: whose content it is can't be told
    ];
    assert_eq!(
        (told(&planned), planned.copies.len()),
        (wanted.map(str::to_owned).to_vec(), 0)
    );
    let done = file.purge(&early).unwrap();
    assert_eq!(done, planned);
    let (record, _) = records(&file).pop().unwrap();
    let names: Vec<String> = planned.foreign.iter().map(|one| one.name.clone()).collect();
    let Event::Purged { copies, foreign } = record.event else {
        panic!("{record:?}");
    };
    assert_eq!((copies, &foreign), (names, &planned.foreign));
    assert_eq!(
        foreign[0].sha256,
        Some(persist_core::digest(b"of long ago"))
    );
    assert_eq!(file.purges(None).unwrap()[0].foreign, planned.foreign);
    let there = |name: &str| quarantine.join(name).exists();
    assert!(!there("foreign-1-1000") && !there("foreign-2-2000"));
    assert!(there("foreign-2-99999999999999") && there("foreign-3-3000"));
    assert!(left.iter().all(|name| there(name)));
    assert!(dir.path().join("elsewhere").exists());

    // What a kill has left goes with the next session, and none of what is not ours.
    put("foreign-1-1000", "of long ago");
    assert_eq!(problems(&file), Vec::<String>::new());
    set(&open(file.path()), "width", 5).unwrap();
    assert!(!there("foreign-1-1000") && left.iter().all(|name| there(name)));
    // By its number.
    let plan = file.purge(&purge(false, &[2])).unwrap();
    assert_eq!(plan.foreign.len(), 1);
    assert!(!there("foreign-2-99999999999999"));
    assert_eq!(problems(&file), Vec::<String>::new());
}

/// A journal that says so leads to nothing outside of the quarantine.
#[test]
fn no_name_in_a_record_leads_elsewhere() {
    let (dir, file) = saved(&[2, 3]);
    fs::write(dir.path().join("foreign-1-1"), "mine").unwrap();
    for name in [
        "quarantine/../../foreign-1-1",
        "backups/foreign-1-1",
        "../foreign-1-1",
    ] {
        drop(append(
            &file,
            serde_json::json!({"event": "purged", "copies": [name]}),
        ));
        set(&open(file.path()), "width", 9).unwrap();
        set(&open(file.path()), "width", 3).unwrap();
        assert!(dir.path().join("foreign-1-1").exists(), "{name}");
    }
}
