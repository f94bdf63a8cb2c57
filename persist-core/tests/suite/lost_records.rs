//! A journal that lost records of saves which were acknowledged: it is told, and nothing that depends on them is decided in silence.

use std::fs;
use std::sync::Arc;

use persist_core::backup::retention::Policy;
use persist_core::{Condition, ConfigFile, Error, HistoryMove, How, Manifest};

use crate::support::{
    Checkpoint, by_hand, chain, live, notices, open_with, saved, segments, set, text, with,
};

/// As many cases as are asked for, or one of so many.
fn sparse(of: usize) -> usize {
    match std::env::var_os("PERSIST_CASES") {
        Some(_) => 1,
        None if cfg!(windows) => 8 * of, // slow under Wine, and no other code
        None => of,
    }
}

/// Every bit of every record, the last included, and every length that the journal can be cut to: found, and a save goes on.
#[test]
fn every_bit_and_every_cut_is_found() {
    let (dir, file) = saved(&[]);
    let file = open_with(file.path(), |o| o.retention = Some(Policy::keep_last(3)));
    for width in 1..21 {
        set(&file, "width", width + 1).unwrap();
    }
    let segment = segments(&file).remove(0);
    let good = fs::read(&segment).unwrap();
    let content = live(&file);
    let before = Checkpoint::of(dir.path());
    let mut seen = 0;
    for bit in (0..8 * good.len()).step_by(sparse(61)) {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        found(
            &file,
            &segment,
            &bytes,
            &content,
            bit % 997 == 0,
            &format!("bit {bit}"),
        );
        before.reset();
        seen += 1;
    }
    for len in (0..good.len()).step_by(sparse(7)) {
        let told = format!("cut at {len} of {}", good.len());
        found(
            &file,
            &segment,
            &good[..len],
            &content,
            len % 131 == 0,
            &told,
        );
        before.reset();
        seen += 1;
    }
    // Between records, too: there nothing is torn.
    let ends = good.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    for end in ends.map(|(at, _)| at + 1).filter(|end| *end < good.len()) {
        found(
            &file,
            &segment,
            &good[..end],
            &content,
            true,
            &format!("record end {end}"),
        );
        before.reset();
        seen += 1;
    }
    println!("{seen} cases of {} bytes", good.len());
}

fn found(
    file: &ConfigFile,
    segment: &std::path::Path,
    bytes: &[u8],
    content: &[u8],
    save: bool,
    told: &str,
) {
    fs::write(segment, bytes).expect("as the test set it up");
    let verification = file.verify().expect("as the test set it up");
    assert!(!verification.passed(), "{told}");
    assert_eq!(verification.torn, 0, "{told}");
    assert_eq!(
        file.read()
            .expect("as the test set it up")
            .document()
            .expect("as the test set it up")
            .bytes(),
        content,
        "{told}"
    );
    if !save {
        return;
    }
    let receipt = set(file, "width", 77).expect("as the test set it up");
    assert!(
        notices(&receipt)[0].starts_with("journal segment 0000000"),
        "{told}"
    );
    assert_eq!(
        fs::read(segment).expect("as the test set it up"),
        bytes,
        "{told}: left as it is"
    );
    let receipt = set(file, "width", 78).expect("as the test set it up");
    assert_eq!(notices(&receipt), Vec::<String>::new(), "{told}");
    file.undo().expect("as the test set it up");
    file.undo().expect("as the test set it up");
    assert_eq!(live(file), content, "{told}");
    let gap = file.undo().expect_err("what is lost is not gone back to");
    assert!(matches!(gap, Error::JournalGap { .. }), "{told}: {gap}");
}

const LENS: &str = r#"{"remove": {"path": "/mfa", "value": false}}"#;

/// What is left of a journal, and where its last record starts.
type Break = fn(&[u8], usize) -> Vec<u8>;

/// The content of version 2 and 1 in turn, the last record damaged or cut off.
fn switched(break_last: impl Fn(&[u8], usize) -> Vec<u8>) -> (tempfile::TempDir, ConfigFile) {
    let manifest = format!(
        r#"{{"app": "gate", "version_key": "version",
            "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
            "edges": [{{"from": "2.0.0", "to": "1.0.0", "lenses": [{LENS}]}}]}}"#
    );
    let manifest = Arc::new(Manifest::parse(&manifest).expect("a manifest"));
    let (dir, file) = with("gate.toml", "version = \"2.0.0\"\nmfa = false\n");
    let file = open_with(file.path(), |o| *o = o.clone().with_manifest(manifest));
    let to = |version: &str| {
        let version = version.parse().expect("a version");
        drop(file.migrate_to(&version).expect("a migration"));
    };
    to("1.0.0");
    to("2.0.0");
    set(&file, "mfa", true).expect("as the test set it up");
    to("1.0.0");
    let segment = segments(&file).remove(0);
    let good = fs::read(&segment).expect("as the test set it up");
    let ends = good[..good.len() - 1].iter().rposition(|b| *b == b'\n');
    fs::write(
        &segment,
        break_last(&good, ends.expect("as the test set it up") + 1),
    )
    .expect("as the test set it up");
    (dir, file)
}

/// The complement in force is the one that says so. An older one would turn the switch off.
#[test]
fn a_migration_brings_no_old_value_back() {
    let breaks: [(&str, Break); 4] = [
        ("a flipped bit", |good, last| {
            let mut bytes = good.to_vec();
            bytes[last + 200] ^= 4;
            bytes
        }),
        ("no line end", |good, _| good[..good.len() - 1].to_vec()),
        ("half of it", |good, last| {
            good[..last.midpoint(good.len())].to_vec()
        }),
        ("all of it", |good, last| good[..last].to_vec()),
    ];
    for (what, break_last) in breaks {
        let (dir, file) = switched(break_last);
        let before = Checkpoint::of(dir.path());
        assert_eq!(
            file.read().unwrap().condition(),
            Condition::Unrecorded,
            "{what}"
        );
        assert!(!file.verify().unwrap().passed(), "{what}");
        assert_eq!(file.info().unwrap().lost_after, Some(3), "{what}");
        let two = "2.0.0".parse().unwrap();
        let error = file.migrate_to(&two).unwrap_err();
        assert!(
            matches!(error, Error::JournalGap { after: 3, .. }),
            "{what}: {error}"
        );
        let path = file.path().display();
        assert_eq!(
            chain(&error),
            format!(
                "{path}: journal records are damaged or missing (the last readable one is #3), so what the last migration saved for migrating back is not \
                 known; `verify` shows where, `restore` brings back a backup, and `adopt` accepts the current file and gives up the lost records"
            )
        );
        assert_eq!(text(&file), "version = \"1.0.0\"\n", "{what}");
        // A save in between does not make it right.
        set(&file, "port", 1).unwrap();
        assert!(
            matches!(file.migrate_to(&two), Err(Error::JournalGap { .. })),
            "{what}"
        );
        let how: Vec<How> = file.history().unwrap().iter().map(|e| e.how).collect();
        assert!(how.contains(&How::Unrecorded), "{what}: {how:?}");
        // The content before is among the backups, with the switch on.
        file.restore("4").unwrap();
        assert_eq!(text(&file), "version = \"2.0.0\"\nmfa = true\n", "{what}");
        before.reset();
        // Or somebody says to go on.
        file.adopt().unwrap();
        assert_eq!(file.info().unwrap().lost_after, None, "{what}");
        file.migrate_to(&two).unwrap();
        assert!(file.verify().unwrap().passed(), "{what}");
    }
}

/// A journal whose second and third record are damaged, and the same content in the file as the first one has left.
fn holed() -> (tempfile::TempDir, ConfigFile) {
    switched(|good, _| {
        let text = String::from_utf8_lossy(good);
        let lines = text.split_inclusive('\n').enumerate();
        let damaged = lines.map(|(number, line)| match number {
            1 | 2 => line.replace("seq", "sEq"),
            _ => line.to_owned(),
        });
        damaged.collect::<String>().into_bytes()
    })
}

/// Not even one step: which change it would take back is not known.
#[test]
fn no_undo_passes_over_damage() {
    let (_dir, file) = holed();
    let content = live(&file);
    for to in [
        HistoryMove::Undo(1),
        HistoryMove::Undo(2),
        HistoryMove::UndoTo(1),
    ] {
        let error = file.go(to).unwrap_err();
        assert!(
            matches!(error, Error::JournalGap { after: 4, .. }),
            "{error}"
        );
    }
    assert_eq!(live(&file), content);
    file.adopt().unwrap();
    assert!(matches!(file.undo(), Err(Error::NotFound { .. })));
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
}

/// The checkpoint of a new segment is what later reading begins with: it tells of the gap, wherever its writer was killed.
#[test]
fn a_kill_before_the_break_record_does_not_close_the_gap() {
    let tails: [fn(&ConfigFile); 2] = [
        |file| {
            let segment = segments(file).remove(0);
            let text = fs::read_to_string(&segment).expect("a segment");
            fs::write(&segment, text.replacen("\"seq\":2", "\"sEq\":2", 1)).expect("written");
        },
        |file| {
            let segment = segments(file).remove(0);
            let text = fs::read_to_string(&segment).expect("a segment");
            let kept: String = text.split_inclusive('\n').take(3).collect();
            fs::write(&segment, kept).expect("written");
        },
    ];
    for damage in tails {
        let (_dir, file) = switched(|good, _| good.to_vec());
        damage(&file);
        let content = live(&file);
        set(&file, "port", 1).unwrap();
        let new = segments(&file).pop().unwrap();
        let text = fs::read_to_string(&new).unwrap();
        let checkpoint: String = text.split_inclusive('\n').take(1).collect();
        fs::write(&new, checkpoint).unwrap();
        by_hand(file.path(), content);
        let two = "2.0.0".parse().unwrap();
        let error = file.migrate_to(&two).unwrap_err();
        assert!(matches!(error, Error::JournalGap { .. }), "{error}");
        let checkpoints = file.verify().unwrap().problems();
        let mut checkpoints = checkpoints.iter();
        assert!(
            !checkpoints.any(|p| p.contains("checkpoint")),
            "{checkpoints:?}"
        );
    }
}

/// What is adopted is live before it is announced: a record of it that is torn proves nothing.
#[test]
fn a_torn_record_of_an_adoption_is_a_plain_crash() {
    let torn = {
        let (_dir, file) = saved(&[2]);
        by_hand(file.path(), "width = 9\n");
        set(&file, "width", 10).unwrap();
        let text = fs::read_to_string(segments(&file).remove(0)).unwrap();
        let adopted = text.lines().nth(1).unwrap().to_owned();
        assert!(adopted.contains(r#""event":"adopted""#));
        adopted
    };
    for len in [torn.len() / 2, torn.len() - 1, torn.len()] {
        let (_dir, file) = saved(&[2]);
        by_hand(file.path(), "width = 9\n");
        let segment = segments(&file).remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        bytes.extend(&torn.as_bytes()[..len]);
        fs::write(&segment, bytes).unwrap();
        let condition = file.read().unwrap().condition();
        assert_eq!(condition, Condition::ChangedOutside, "{len}");
        set(&file, "width", 11).unwrap();
        assert_eq!(file.info().unwrap().lost_after, None, "{len}");
        file.undo().unwrap();
        assert_eq!(text(&file), "width = 9\n");
    }
}

/// The mirror of a file that was deleted is no proof of anything that came after it.
#[test]
fn a_deleted_file_can_be_put_back_by_hand() {
    let (_dir, file) = saved(&[2]);
    let content = live(&file);
    fs::remove_file(file.path()).unwrap();
    file.adopt().unwrap();
    by_hand(file.path(), &content);
    assert_eq!(file.read().unwrap().condition(), Condition::Unmanaged);
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    set(&file, "width", 3).unwrap();
    file.undo().unwrap();
    assert_eq!(live(&file), content);
}

/// The file may hold what an earlier record left, or what somebody has edited since: the backups tell that records are missing.
#[test]
fn backups_tell_of_lost_records_whatever_is_live() {
    let edits: [Option<&str>; 2] = [None, Some("version = \"1.0.0\"\nport = 1\n")];
    for (kept, edit) in [(1, 0), (1, 1), (2, 1), (3, 1), (0, 1)].map(|(k, e)| (k, edits[e])) {
        let (_dir, file) = switched(|good, _| {
            let text = String::from_utf8_lossy(good);
            let lines = text.split_inclusive('\n').take(kept);
            lines.collect::<String>().into_bytes()
        });
        if let Some(edit) = edit {
            by_hand(file.path(), edit);
        }
        let content = live(&file);
        assert!(!file.verify().unwrap().passed(), "{kept} {edit:?}");
        let info = file.info().unwrap();
        assert_eq!(info.lost_after, Some(kept as u64), "{edit:?}");
        let left: Vec<u64> = info
            .lost_backups
            .iter()
            .map(persist_core::backup::Id::seq)
            .collect();
        let all: Vec<u64> = (kept as u64 + 1..=4).collect();
        assert_eq!(left, all, "{edit:?}");
        assert_eq!(file.gaps(None).unwrap()[0].backups, info.lost_backups);
        let two = "2.0.0".parse().unwrap();
        for result in [file.migrate_to(&two), file.undo(), file.migrate_to(&two)] {
            let gap = result.unwrap_err();
            assert!(matches!(gap, Error::JournalGap { .. }), "{kept}: {gap}");
        }
        assert_eq!(live(&file), content);
        file.restore("4").unwrap();
        assert_eq!(text(&file), "version = \"2.0.0\"\nmfa = true\n");
    }
}

/// Nobody has changed the file: that is not what is said.
#[test]
fn strict_mode_says_what_is_lost() {
    let (_dir, file) = switched(|good, last| good[..last].to_vec());
    let strict = open_with(file.path(), |o| o.strict = true);
    let error = set(&strict, "port", 1).unwrap_err();
    assert!(
        matches!(error, Error::JournalGap { after: 3, .. }),
        "{error}"
    );
    let path = file.path().display();
    assert_eq!(
        chain(&error),
        format!(
            "{path}: journal records are damaged or missing (the last readable one is #3), so whether the file matches the last save is \
             not known; `verify` shows where, `restore` brings back a backup, and `adopt` accepts the current file and gives up the lost records"
        )
    );
    strict.adopt().unwrap();
    set(&strict, "port", 1).unwrap();
}

/// It is taken before its record, and its note is not durable.
#[test]
fn the_copy_of_an_adoption_that_was_cut_off_tells_of_nothing() {
    for with_note in [true, false] {
        let (_dir, file) = saved(&[2]);
        let before = segments(&file).remove(0);
        let journal = fs::read(&before).unwrap();
        let mirror = live(&file);
        by_hand(file.path(), "width = 9\n");
        file.adopt().unwrap();
        fs::write(&before, journal).unwrap();
        fs::write(file.state_dir().join("mirror"), mirror).unwrap();
        for entry in fs::read_dir(file.state_dir().join("backups")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json") && !with_note {
                fs::remove_file(path).unwrap();
            }
        }
        assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
        set(&file, "width", 10).unwrap();
        assert_eq!(file.info().unwrap().lost_after, None);
        file.go(HistoryMove::Undo(2)).unwrap();
    }
}

/// A new file after an accepted deletion has nothing to do with what a migration of the old one has set aside.
#[test]
fn a_new_file_gets_nothing_of_a_deleted_one() {
    let (_dir, file) = switched(|good, _| good.to_vec());
    fs::remove_file(file.path()).unwrap();
    file.adopt().unwrap();
    fs::write(file.path(), "version = \"1.0.0\"\n").unwrap();
    file.migrate_to(&"2.0.0".parse().unwrap()).unwrap();
    assert_eq!(text(&file), "version = \"2.0.0\"\nmfa = false\n");
}

/// The journal has lost the last save, and somebody has edited its content away: the mirror alone still has it.
#[test]
fn content_whose_record_is_lost_is_kept_before_the_mirror_goes() {
    let (_dir, file) = saved(&[2, 3]);
    let content = live(&file);
    let segment = segments(&file).remove(0);
    let good = fs::read(&segment).unwrap();
    let last = good[..good.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    fs::write(&segment, &good[..last]).unwrap();
    fs::write(file.path(), "width = 9\n").unwrap();
    let receipt = set(&file, "width", 10).unwrap();
    let told = notices(&receipt);
    assert!(
        told.iter().any(|n| n
            .starts_with("the second copy of a save whose record is lost, kept in quarantine/")),
        "{told:?}"
    );
    let quarantine = file.state_dir().join("quarantine");
    let kept = fs::read_dir(quarantine)
        .unwrap()
        .flatten()
        .map(|entry| fs::read(entry.path()).unwrap());
    assert!(kept.into_iter().any(|bytes| bytes == content));
}
