//! Two writers, one file: compare-and-swap, merges, conflicts, and strangers who take no lock.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persist_core::{ConfigFile, Document, Error, Notice, Outcome, Reading, Value};

use crate::support::{
    assign, by_hand, chain, folder, live, notices, open, open_with, records, saved, set, somewhere,
    text, with,
};

fn wanted(reading: &Reading, key: &str, value: impl Into<Value>) -> Document {
    let mut document = reading.document().expect("as the test set it up").clone();
    assign(&mut document, key, value);
    document
}

const START: &str = "# a person's\na = 1 # first\nb = 2\napi_key = \"s3cr3t-zero\"\n";

#[test]
fn what_was_read_is_replaced() {
    let (_dir, file) = with("app.toml", START);
    let base = file.read().unwrap();
    let receipt = file
        .commit(&base, &wanted(&base, "a", 5), Some("five is better"))
        .unwrap();
    assert_eq!(receipt.outcome, Outcome::Saved);
    assert_eq!(
        file.history().unwrap()[0].reason.as_deref(),
        Some("five is better")
    );
    assert_eq!(text(&file), START.replace("a = 1", "a = 5"));
}

#[test]
fn changes_of_different_keys_are_merged() {
    let (_dir, file) = with("app.toml", START);
    let base = file.read().unwrap();
    set(&open(file.path()), "b", 20).unwrap();
    let receipt = file.commit(&base, &wanted(&base, "a", 10), None).unwrap();
    assert_eq!(
        notices(&receipt),
        ["merged with changes that were made meanwhile"]
    );
    assert_eq!(
        receipt.changes.len(),
        1,
        "only ours is new: {:?}",
        receipt.changes
    );
    assert_eq!(
        text(&file),
        START.replace("a = 1", "a = 10").replace("b = 2", "b = 20")
    );
}

#[test]
fn a_hand_edit_since_the_reading_is_merged_too() {
    let (_dir, file) = with("app.toml", START);
    set(&file, "b", 3).unwrap();
    let base = file.read().unwrap();
    by_hand(
        file.path(),
        text(&file).replace("b = 3", "b = 33 # by hand"),
    );
    let receipt = file.commit(&base, &wanted(&base, "a", 10), None).unwrap();
    assert_eq!(receipt.notices.len(), 2, "{:?}", notices(&receipt));
    assert!(text(&file).contains("a = 10 # first\nb = 33 # by hand\n"));
}

#[test]
fn the_same_change_twice_is_no_conflict_and_no_write() {
    let (_dir, file) = with("app.toml", START);
    let base = file.read().unwrap();
    set(&file, "a", 10).unwrap();
    let receipt = file.commit(&base, &wanted(&base, "a", 10), None).unwrap();
    assert_eq!(receipt.outcome, Outcome::Unchanged);
    assert_eq!(notices(&receipt), Vec::<String>::new());
    assert_eq!(records(&file).len(), 1);
}

/// Also where nothing was to be written for it, and the text that was to be saved is the only one that has it.
#[test]
fn comments_that_a_merge_has_no_place_for_are_told_by_side() {
    let start = "a = 1\nb = 2\nc = 3\n";
    let theirs = |lines: &[usize]| Notice::CommentsLeftOut {
        file: Vec::new(),
        document: lines.to_vec(),
    };
    for (wanted, meanwhile, outcome, told) in [
        (
            "a = 1\nb = 2 # mine\nc = 3\n",
            "a = 1\nc = 3\n",
            Outcome::Unchanged,
            theirs(&[2]),
        ),
        (
            "a = 1\nb = 2 # mine\nc = 4\n",
            "a = 1\nc = 3\n",
            Outcome::Saved,
            theirs(&[2]),
        ),
        (
            "a = 1 # mine\nb = 2\nc = 4\n",
            "\na = 1 # its\nb = 2\nc = 3\n",
            Outcome::Saved,
            theirs(&[1]),
        ),
    ] {
        let (_dir, file) = with("app.toml", start);
        let base = file.read().unwrap();
        by_hand(file.path(), meanwhile);
        let wanted = file.document_of(wanted.as_bytes()).unwrap();
        let receipt = file.commit(&base, &wanted, None).unwrap();
        assert_eq!(receipt.outcome, outcome, "{receipt:?} {}", text(&file));
        assert!(
            receipt.notices.contains(&told),
            "{receipt:?}\n{}",
            text(&file)
        );
        if let (Outcome::Saved, Some(backup)) = (receipt.outcome, &receipt.backup) {
            let kept = fs::read_to_string(file.state_dir().join(backup.path())).unwrap();
            assert_eq!(kept, meanwhile);
        }
    }
}

#[test]
fn a_conflict_about_all_of_it_is_named() {
    let (_dir, file) = with("app.yaml", "a: 1\n");
    let base = file.read().unwrap();
    by_hand(file.path(), "# nothing is left\n");
    let document = wanted(&base, "a", 2);
    let error = file.commit(&base, &document, None).unwrap_err();
    let said = chain(&error).replace(&file.path().display().to_string(), "app.yaml");
    insta::assert_snapshot!(said, @r#"app.yaml was not saved: it was changed meanwhile, and both sides changed the same keys: the whole document (in the file null, to be saved {"a":2}); load it again and repeat the change"#);
}

#[test]
fn changes_of_the_same_key_conflict_and_nothing_is_written() {
    let (_dir, file) = with("app.toml", START);
    let base = file.read().unwrap();
    set(&file, "a", 10).unwrap();
    set(&file, "api_key", "s3cr3t-one").unwrap();
    let before = live(&file);
    let mut document = wanted(&base, "a", 11);
    assign(&mut document, "api_key", "s3cr3t-two");
    let error = file.commit(&base, &document, None).unwrap_err();
    let said = chain(&error).replace(&file.path().display().to_string(), "app.toml");
    insta::assert_snapshot!(said, @r#"app.toml was not saved: it was changed meanwhile, and both sides changed the same keys: a (in the file 10, to be saved 11); api_key (in the file "[redacted]", to be saved "[redacted]"); load it again and repeat the change"#);
    assert!(!format!("{error:?}{said}").contains("s3cr3t"));
    assert_eq!(live(&file), before);
    assert_eq!(records(&file).len(), 2);
}

#[test]
fn a_file_deleted_since_the_reading_is_not_made_anew() {
    let (_dir, file) = with("app.toml", START);
    set(&file, "a", 2).unwrap();
    let base = file.read().unwrap();
    fs::remove_file(file.path()).unwrap();
    let error = file
        .commit(&base, &wanted(&base, "a", 3), None)
        .unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    assert!(!file.path().exists());
}

#[test]
fn a_file_created_since_the_reading_is_merged_into() {
    let dir = folder();
    let file = open(&dir.path().join("app.toml"));
    let base = file.read().unwrap();
    fs::write(file.path(), "# theirs\nb = 2\n").unwrap();
    let mut document = Document::parse(b"", persist_core::Format::Toml).unwrap();
    assign(&mut document, "a", 1);
    file.commit(&base, &document, None).unwrap();
    assert_eq!(text(&file), "# theirs\nb = 2\na = 1\n");
}

/// A save whose application check does `mischief` at the last moment before anything is staged.
fn overtaken(
    file: &ConfigFile,
    mischief: impl Fn() + Send + Sync + 'static,
) -> Result<persist_core::Receipt, Error> {
    let once = AtomicBool::new(false);
    let file = open_with(file.path(), |o| {
        o.check = Some(Arc::new(move |_: &Document| {
            if !once.swap(true, Ordering::SeqCst) {
                mischief();
            }
            Ok(())
        }));
    });
    set(&file, "width", 9)
}

#[test]
fn whoever_replaces_the_file_at_the_moment_of_saving_loses_nothing() {
    let (dir, file) = saved(&[2]);
    let path = file.path().to_path_buf();
    let receipt = overtaken(&file, move || {
        fs::write(&path, "width = 77 # theirs\n").unwrap();
    })
    .unwrap();
    assert!(notices(&receipt)[0].starts_with(
        "something else replaced the file during the save; that content is kept in backups/"
    ));
    assert!(somewhere(dir.path(), b"width = 77 # theirs\n"), "theirs");
    file.undo().unwrap();
    assert_eq!(
        text(&file),
        "# pixels\nwidth = 2 # of the window\n",
        "what was read is what undo brings back"
    );
    assert!(file.verify().unwrap().passed());
}

#[test]
fn whoever_deletes_the_file_at_the_moment_of_saving_deletes_no_history() {
    let (_dir, file) = saved(&[2]);
    let path = file.path().to_path_buf();
    let receipt = overtaken(&file, move || fs::remove_file(&path).unwrap()).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 9 # of the window\n");
    if let Some(backup) = &receipt.backup {
        assert!(
            file.backups()
                .list()
                .unwrap()
                .iter()
                .any(|s| s.id.digest() == backup.id.digest()),
            "the receipt names a backup that is not there"
        );
    }
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
    assert!(file.verify().unwrap().passed());
}

/// Created by a stranger after we found nothing and before we staged: theirs is kept.
#[test]
fn a_file_created_at_the_moment_of_creating_it_is_kept() {
    let dir = folder();
    let file = open(&dir.path().join("app.toml"));
    let path = file.path().to_path_buf();
    let receipt = overtaken(&file, move || fs::write(&path, "# theirs\n").unwrap()).unwrap();
    assert!(notices(&receipt)[0].starts_with("something else replaced the file during the save"));
    assert_eq!(text(&file), "width = 9\n");
    assert!(somewhere(dir.path(), b"# theirs\n"));
    assert!(file.verify().unwrap().passed());
}

#[test]
fn a_refused_save_changes_nothing_and_leaves_nothing() {
    let (_dir, file) = saved(&[2]);
    let refusing = open_with(file.path(), |o| {
        o.check = Some(Arc::new(|d: &Document| match d.get(&"width".parse()?) {
            Some(v) if *v == Value::from(13) => Err("thirteen is bad luck".into()),
            _ => Ok(()),
        }));
    });
    let before = crate::support::picture(&file.state_dir().join("journal"));
    let error = set(&refusing, "width", 13).unwrap_err();
    assert!(
        chain(&error).ends_with("thirteen is bad luck"),
        "{}",
        chain(&error)
    );
    assert_eq!(
        crate::support::picture(&file.state_dir().join("journal")),
        before
    );
    assert!(!file.state_dir().join("stage").exists());
    set(&refusing, "width", 14).unwrap();
}

/// An application that keeps trying over a hand edit it can't accept must not wear the backups out.
#[test]
fn refused_saves_over_a_hand_edit_do_not_pile_up_copies() {
    let (_dir, file) = saved(&[2, 3, 4]);
    by_hand(file.path(), "width = 50 # by hand\n");
    let refusing = open_with(file.path(), |o| {
        o.check = Some(Arc::new(|_: &Document| Err("no".into())));
    });
    let start = file.backups().list().unwrap().len();
    for width in 0..30 {
        set(&refusing, "width", width).unwrap_err();
    }
    assert!(file.backups().list().unwrap().len() <= start + 1);
    set(&file, "width", 51).unwrap();
    for _ in 0..5 {
        file.undo().unwrap();
    }
    assert_eq!(text(&file), "# pixels\nwidth = 1 # of the window\n");
}

#[test]
fn what_a_closure_refuses_is_not_saved() {
    let (_dir, file) = saved(&[2]);
    let error = file.edit(None, |document| {
        assign(document, "width", 5);
        Ok(document.remove(&"nothing".parse()?)?.warnings)
    });
    assert!(matches!(error, Err(Error::Invalid(..))));
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
}

#[test]
fn a_panic_in_a_closure_leaves_no_lock_and_no_change() {
    let (_dir, file) = saved(&[2]);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        drop(file.edit(None, |document| {
            assign(document, "width", 5);
            panic!("a bug in the application");
        }));
    }));
    assert!(panicked.is_err());
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
    let quick = open_with(file.path(), |o| o.wait = persist_core::Wait::No);
    set(&quick, "width", 6).unwrap();
    set(&file, "width", 7).unwrap();
}

#[test]
fn an_unchanged_save_writes_and_syncs_nothing() {
    let (dir, file) = saved(&[2]);
    let before = crate::support::picture(dir.path());
    let receipt = set(&file, "width", 2).unwrap();
    assert_eq!(receipt.outcome, Outcome::Unchanged);
    assert_eq!((receipt.seq, receipt.backup), (None, None));
    let mut after = crate::support::picture(dir.path());
    after.retain(|path, _| !path.ends_with("lock"));
    assert!(
        after
            .iter()
            .all(|(path, file)| before.get(path) == Some(file))
    );
}

/// Readers and a writer at once, and a stranger who replaces the file without any lock.
#[test]
fn readers_see_whole_versions_while_writers_write() {
    let (_dir, file) = saved(&[2]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let reader = open(file.path());
                    let mut seen = 0;
                    while !done.load(Ordering::SeqCst) {
                        let reading = reader.read().unwrap();
                        assert_eq!(reading.condition(), persist_core::Condition::Clean);
                        assert!(
                            reading
                                .document()
                                .unwrap()
                                .get(&"width".parse().unwrap())
                                .is_some()
                        );
                        seen += 1;
                    }
                    seen
                })
            })
            .collect();
        for width in 3..60 {
            set(&file, "width", width).unwrap();
        }
        done.store(true, Ordering::SeqCst);
        assert!(
            readers.into_iter().all(|r| r.join().unwrap() > 0),
            "a reader never got through"
        );
    });
}

/// Not on Windows: nobody can replace a file there that somebody has open, so that readers hold the
/// stranger up.
#[cfg(unix)]
#[test]
fn a_stranger_who_never_stops_replacing_the_file_does_not_hold_readers_up() {
    let (dir, file) = saved(&[2]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let new = dir.path().join("new");
            for n in 0.. {
                fs::write(&new, format!("width = {n} # a stranger's\n")).unwrap();
                fs::rename(&new, file.path()).unwrap();
                if done.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        for _ in 0..20 {
            file.read().unwrap();
        }
        set(&file, "mine", 1).unwrap();
        done.store(true, Ordering::SeqCst);
    });
    assert!(file.verify().unwrap().live.is_ok());
    let empty = persist_core::digest(b"");
    assert_ne!(empty, file.read().unwrap().digest().unwrap());
}

/// What a violation offers as a remedy is part of what is said.
#[test]
fn a_misspelt_key_is_refused_with_the_likely_one() {
    let schema = serde_json::json!({"properties": {"width": {}}, "additionalProperties": false});
    let manifest = serde_json::json!({
        "app": "t",
        "versions": [{"version": "1.0.0", "schema": schema}],
    });
    let manifest = persist_core::Manifest::parse(&manifest.to_string()).unwrap();
    let (dir, _) = with("app.toml", "schema_version = \"1.0.0\"\n");
    let path = dir.path().join("app.toml");
    let file = open_with(&path, |options| {
        *options = std::mem::take(options).with_manifest(Arc::new(manifest));
    });
    let error = set(&file, "widht", 1).unwrap_err();
    let said = chain(&error);
    assert!(said.ends_with("; did you mean `width`?"), "{said}");
}

/// Of a file that no name tells the format of, the content does: an edit must not make another format of it.
#[test]
fn an_edit_that_would_turn_the_text_into_another_format_is_refused() {
    let (_dir, file) = with("settings", "x = 1\n[1]\n");
    let before = live(&file);
    let removed = file.edit(None, |document| {
        Ok(document.remove(&"x".parse()?)?.warnings)
    });
    assert!(removed.is_err(), "it would read as a JSON array");
    assert_eq!(live(&file), before);
}
