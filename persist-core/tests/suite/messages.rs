//! What people read: every error, every notice, notes, changelogs. Read aloud and written down here.

use std::fs;
use std::io;
use std::path::PathBuf;

use persist_core::format::merge::{Conflict, Places};
use persist_core::journal::Kind;
use persist_core::migrate::PlanError;
use persist_core::{Error, Notice, Value, VersionTrouble, changelog, lock};

use crate::support::{by_hand, chain, open_with, records, saved, set, with};

fn file() -> PathBuf {
    "app.toml".into()
}

fn cause() -> Box<io::Error> {
    Box::new(io::Error::other("no space left on device"))
}

fn conflict(path: &str, [base, ours, theirs]: [Option<i64>; 3]) -> Conflict {
    Conflict {
        path: path.parse().expect("a path"),
        base: base.map(Value::from),
        ours: ours.map(Value::from),
        theirs: theirs.map(Value::from),
        places: Places::default(),
    }
}

/// What is told of a file that can't be written, as it is locked and as it is saved.
fn told_of(cause: lock::ReadOnly) -> [String; 2] {
    let source = || lock::Error::ReadOnly {
        path: "dir/lock".into(),
        cause,
        source: Some(io::Error::other("the system's words")),
    };
    let locked = Error::Lock {
        file: file(),
        source: source(),
    };
    let saved = Error::NotSaved {
        file: file(),
        source: source().into(),
    };
    [locked, saved].map(|error| error.line())
}

#[test]
fn a_read_only_file_system_is_told_once() {
    let [locked, saved] = told_of(lock::ReadOnly::FileSystem);
    insta::assert_snapshot!(locked, @"app.toml could not be opened or locked; nothing was changed: dir/lock is on a read-only file system: remount it read-write, or keep the file elsewhere");
    insta::assert_snapshot!(saved, @"app.toml was not saved; the old content is in place: dir/lock is on a read-only file system: remount it read-write, or keep the file elsewhere");
    // Here the system's words say more.
    for told in told_of(lock::ReadOnly::Refused) {
        assert!(told.ends_with("refuses it: the system's words"), "{told}");
    }
}

#[test]
fn every_error_says_what_where_and_what_to_do() {
    let (dir, saved) = saved(&[2]);
    let invalid = {
        by_hand(saved.path(), "width = = 2\n");
        saved.read().unwrap_err()
    };
    let errors = [
        invalid,
        Error::Refused {
            file: file(),
            source: "thirteen is bad luck".into(),
        },
        Error::Damaged {
            file: file(),
            damage: persist_core::Damage::Truncated { len: 3, of: 9 },
        },
        Error::ChangedOutside { file: file() },
        Error::Conflict {
            file: file(),
            conflicts: vec![
                conflict("width", [Some(0), Some(1), Some(2)]),
                conflict("x", [None, None, Some(3)]),
            ],
            documents: Vec::new(),
        },
        Error::Conflict {
            file: file(),
            conflicts: Vec::new(),
            documents: vec![1, 3],
        },
        Error::Version {
            file: file(),
            what: VersionTrouble::Missing {
                key: "schema_version".into(),
                known: vec!["1.0.0".parse().unwrap(), "1.2.0".parse().unwrap()],
            },
        },
        Error::Version {
            file: file(),
            what: VersionTrouble::Unparsable {
                key: "schema_version".into(),
                location: None,
                text: "one".into(),
            },
        },
        Error::Version {
            file: file(),
            what: VersionTrouble::Newer {
                found: "2.0.0".parse().unwrap(),
                known: "1.2.0".parse().unwrap(),
            },
        },
        Error::Version {
            file: file(),
            what: VersionTrouble::Unlisted {
                key: "schema_version".into(),
                found: "1.1.0".parse().unwrap(),
                known: vec!["1.0.0".parse().unwrap(), "1.2.0".parse().unwrap()],
            },
        },
        Error::Version {
            file: file(),
            what: VersionTrouble::NoManifest,
        },
        Error::Migration {
            file: file(),
            source: PlanError::Unreachable {
                from: "1.0.0".parse().unwrap(),
                to: "3.0.0".parse().unwrap(),
            }
            .into(),
        },
        Error::NotFound {
            file: file(),
            what: "there is no change to undo".into(),
        },
        Error::NotSaved {
            file: file(),
            source: (*cause()).into(),
        },
        Error::Io {
            op: "read",
            path: file(),
            source: *cause(),
        },
    ];
    let said: Vec<String> = errors
        .iter()
        .map(|e| chain(e).replace(&dir.path().display().to_string(), "~"))
        .map(|said| said.replace("~\\", "~/")) // Windows'
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    ~/app.toml:1:9: extra `=`, expected nothing
    app.toml was not saved: the new content failed the application's check: thirteen is bad luck
    app.toml is damaged: cut off after 3 of 9 bytes; `recover` brings back the last good state and keeps the damaged bytes
    app.toml was changed outside persist since the last save; `adopt` accepts the change
    app.toml was not saved: it was changed meanwhile, and both sides changed the same keys: width (in the file 1, to be saved 2); x (in the file absent, to be saved 3); load it again and repeat the change
    app.toml was not saved: it was changed meanwhile, and documents 1 and 3 were changed here as well, but only the chosen document can be merged; load it again and change one document at a time
    app.toml: no schema version at `schema_version`; set it to the file's version (1.0.0 or 1.2.0), or pass the version to assume
    app.toml: `one` at `schema_version` is not a valid version; write three numbers, as in 1.2.0
    app.toml: schema version 2.0.0 is newer than 1.2.0, the newest known here; the file can be opened read-only
    app.toml: schema version 1.1.0 at `schema_version` is not known; known versions: 1.0.0 and 1.2.0; correct it if the file has one of these, or use a manifest that lists it
    app.toml: no config_versions.json was found beside the file or above it; name one
    app.toml was not migrated: no migration leads from 1.0.0 to 3.0.0
    app.toml: there is no change to undo
    app.toml was not saved; the old content is in place: no space left on device
    could not read app.toml: no space left on device
    ");
    for said in &said {
        assert!(!said.ends_with('.') && !said.contains(".\n"), "{said}");
        let first = said.chars().next().unwrap();
        assert!(!first.is_uppercase(), "{said}");
        assert!(said.contains("app.toml"), "{said}");
    }
    // The cause is told once.
    for error in &errors {
        let said = chain(error);
        let mut parts: Vec<&str> = said.split(": ").collect();
        let all = parts.len();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), all, "told twice: {said}");
    }
}

#[test]
fn damage_in_words() {
    use persist_core::Damage::*;
    let said: Vec<String> = [
        Missing,
        Empty,
        Nuls { offset: 4096 },
        NotUtf8 { offset: 7 },
        Truncated { len: 10, of: 20 },
        SilentChange,
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    the file was deleted
    the file is empty
    NUL bytes from offset 4096
    invalid UTF-8 at offset 7
    cut off after 10 of 20 bytes
    the content changed while length and modification time did not
    "#);
}

#[test]
fn notices_in_words() {
    let kept = || "backups/7".to_owned();
    let keys = || vec!["a.b".to_owned(), "c".to_owned()];
    let said: Vec<String> = [
        Notice::Finished { seq: 7 },
        Notice::RolledBack { seq: 7 },
        Notice::Adopted {
            changes: Vec::new(),
        },
        Notice::Merged,
        Notice::CommentsLeftOut {
            file: vec![3],
            document: Vec::new(),
        },
        Notice::CommentsLeftOut {
            file: vec![3, 5],
            document: (1..8).collect(),
        },
        Notice::Overtaken { kept: kept() },
        Notice::Quarantined {
            what: "the journal's torn end".into(),
            kept: "quarantine/7".into(),
        },
        Notice::JournalBroken { segment: 3 },
        Notice::Lost { keys: keys() },
        Notice::Dropped { keys: keys() },
        Notice::Format {
            warning: "a: null can't be written".into(),
        },
        Notice::Afterwards {
            problem: "could not write mirror".into(),
        },
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    finished save #7, which had been interrupted after taking effect
    save #7 had been interrupted before taking effect; the previous content was kept
    recorded changes made outside persist
    merged with changes that were made meanwhile
    the merge dropped 1 comment of the file (line 3; kept in the backup)
    the merge dropped 2 comments of the file (lines 3, 5; kept in the backup) and 7 comments of the new content (lines 1, 2, 3, 4, 5 and 2 more; no copy is kept)
    something else replaced the file during the save; that content is kept in backups/7
    the journal's torn end, kept in quarantine/7
    journal segment 00000003 is damaged; it is kept as it is, and the journal continues in a new segment
    lost: a.b, c
    saved for migrating back: a.b, c
    a: null can't be written
    saved; a later step failed: could not write mirror
    "#);
}

#[test]
fn a_long_value_is_cut_and_many_changes_are_counted() {
    let (_dir, file) = with("app.toml", "a = 1\n");
    let receipt = set(&file, "text", "é".repeat(500)).unwrap();
    let note = receipt.changes[0].to_string();
    assert!(note.ends_with('…') && note.chars().count() < 150, "{note}");
    let receipt = file
        .edit(None, |document| {
            for n in 0..250 {
                drop(document.set(&format!("k{n}").parse()?, n)?);
            }
            Ok(Vec::new())
        })
        .unwrap();
    assert_eq!(receipt.changes.len(), 201);
    assert_eq!(receipt.changes[200].to_string(), "and 50 more changes");
    let log = changelog("app.toml", &file.history().unwrap());
    assert!(log.contains("and 50 more changes"), "{log}");
}

#[test]
fn odd_keys_are_readable_in_notes() {
    let (_dir, file) = with("app.json", "{}");
    let receipt = file
        .edit(None, |document| {
            let path: persist_core::KeyPath = "/a.b/c~1d/0".parse()?;
            Ok(document.set(&path, Value::from("x\ny"))?.warnings)
        })
        .unwrap();
    insta::assert_snapshot!(receipt.changes[0], @r#""a.b": added {"c/d":{"0":"x\ny"}}"#);
}

#[test]
fn the_changelog_tells_everything_that_took_effect_newest_first() {
    let (_dir, file) = with("app.toml", "schema_version = \"1.2.0\"\nwidth = 1\n");
    let done = file.edit(Some("wider screens"), |document| {
        Ok(document.set(&"width".parse()?, 2)?.warnings)
    });
    done.unwrap();
    by_hand(
        file.path(),
        "schema_version = \"1.2.0\"\nwidth = 3\ntitle = \"by hand\"\n",
    );
    file.edit(None, |document| {
        Ok(document.remove(&"title".parse()?)?.warnings)
    })
    .unwrap();
    file.undo().unwrap();
    fs::write(file.path(), [0; 50]).unwrap();
    file.recover(None).unwrap();
    let entries = file.history().unwrap();
    let mut log = changelog("app.toml", &entries);
    for (record, digest) in records(&file) {
        log = log
            .replace(
                &record.time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                "<time>",
            )
            .replace(&digest.short(), "<digest>");
    }
    insta::assert_snapshot!(log, @r#"
    # Changes of app.toml

    ## #5 recover (<time> UTC, test, schema 1.2.0)

    > NUL bytes from offset 0

    From the content saved last (mirror).

    - no change of values

    ## #4 undo (<time> UTC, test, schema 1.2.0)

    From the content before change #3.

    - `title` added: "by hand"

    ## #3 save (<time> UTC, test, schema 1.2.0, undone later)

    - `title` removed, was "by hand"

    ## #2 changed outside persist (<time> UTC, test)

    - `width`: 2 → 3
    - `title` added: "by hand"

    ## #1 save (<time> UTC, test, schema 1.2.0)

    > wider screens

    - `width`: 1 → 2
    "#);
}

#[test]
fn a_timeout_names_who_holds_the_lock() {
    let (_dir, file) = saved(&[2]);
    let hasty = open_with(file.path(), |o| o.wait = persist_core::Wait::No);
    let outcome = file.edit(None, |_| {
        let error = std::thread::scope(|s| {
            s.spawn(|| set(&hasty, "width", 3).unwrap_err())
                .join()
                .unwrap()
        });
        assert!(matches!(error, Error::Lock { .. }));
        let said = chain(&error);
        assert!(said.contains(&std::process::id().to_string()), "{said}");
        Ok(Vec::new())
    });
    assert_eq!(outcome.unwrap().outcome, persist_core::Outcome::Unchanged);
}

#[test]
fn kinds_read_as_words() {
    let kinds = [
        Kind::Create,
        Kind::Save,
        Kind::Undo,
        Kind::Restore,
        Kind::Migrate,
        Kind::Recover,
    ];
    let said: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(said.join(" "), "create save undo restore migrate recover");
}
