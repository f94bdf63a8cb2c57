//! A journal that lost records of saves which were acknowledged: it is told, and nothing that depends on them is decided in silence.

use std::fs;
use std::sync::Arc;

use persist_core::backup::retention::Policy;
use persist_core::{Condition, ConfigFile, Error, How, Manifest};

use crate::support::{
    Checkpoint, chain, live, notices, open_with, saved, segments, set, text, with,
};

/// As many cases as are asked for, or one of so many.
fn sparse(of: usize) -> usize {
    match std::env::var_os("PERSIST_CASES") {
        Some(_) => 1,
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
                "{path}: the journal's records after #3 are damaged or missing, so what the last migration has set aside is not \
                 known; `verify` shows where, `restore` brings back a backup, and `adopt` goes on with the file as it is, without what is lost"
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
