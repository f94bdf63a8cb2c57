//! Records of a newer persist in a folder of our format: nothing of them is torn, damaged or lost, whatever is in them.

use std::fs;

use persist_core::{Condition, ConfigFile, Digest, How, digest};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{by_hand, line, live, notices, saved, segments, set, text};

const SECOND: &str = "# pixels\nwidth = 2 # of the window\n";

/// What a newer persist could write: a name for the test, and all of a record but its place in the chain.
fn foreign(file: &ConfigFile) -> Vec<(&'static str, Value)> {
    let actor = json!({"name": "newer", "pid": 7});
    let new = digest(&live(file)).to_string();
    let intent = json!({
        "actor": actor, "event": "intent", "kind": "save", "old": new, "new": new, "len": 35,
        "mtime": null, "backup": null,
    });
    let changed = |changes: Value| {
        let mut record = intent.clone();
        let map = record.as_object_mut().expect("a map");
        map.extend(changes.as_object().expect("a map").clone());
        record
    };
    vec![
        (
            "an unknown event",
            json!({"actor": actor, "event": "sealed", "by": ["a", {"b": 1}]}),
        ),
        (
            "an actor of other fields",
            json!({"actor": {"id": [7]}, "event": "sealed"}),
        ),
        (
            "an actor that is a text",
            json!({"actor": "newer", "event": "sealed"}),
        ),
        ("no actor", json!({"event": "sealed"})),
        ("no event", json!({"actor": actor})),
        (
            "an event that is a map",
            json!({"actor": actor, "event": {"intent": {}}}),
        ),
        (
            "an intent with more fields",
            changed(json!({"signature": "x", "sizes": [1, 2]})),
        ),
        (
            "an intent with another actor",
            changed(json!({"actor": {"id": "x"}})),
        ),
        (
            "an intent of an unknown kind",
            changed(json!({"kind": "rotate"})),
        ),
        (
            "an intent of other kinds",
            changed(json!({"kind": ["save", "sign"]})),
        ),
        (
            "an intent with another digest",
            changed(json!({"new": {"sha512": "00"}})),
        ),
        (
            "an intent with another length",
            changed(json!({"len": "long"})),
        ),
        (
            "an intent with other access",
            changed(json!({"access": "rwxr-xr-x"})),
        ),
        (
            "an intent with other notes",
            changed(json!({"changes": {"/a": [1, 2]}})),
        ),
        (
            "an intent of nothing",
            json!({"actor": actor, "event": "intent"}),
        ),
        (
            "abandoned by name",
            json!({"actor": actor, "event": "abandoned", "intent": "1"}),
        ),
        (
            "adopted with less",
            json!({"actor": actor, "event": "adopted", "new": [new]}),
        ),
        (
            "removed with more than one",
            json!({"actor": actor, "event": "removed", "old": [new]}),
        ),
        (
            "a break of a range",
            json!({"actor": actor, "event": "break", "segment": [1, 2]}),
        ),
    ]
}

/// Every line of the journal, its digest proven, with its JSON.
fn lines(file: &ConfigFile) -> Vec<(Value, Digest)> {
    let mut found = Vec::new();
    for segment in segments(file) {
        for line in fs::read_to_string(segment).expect("text").lines() {
            let (claimed, json) = line.split_once(' ').expect("a digest and JSON");
            let digest = digest(json.as_bytes());
            assert_eq!(claimed, digest.to_string());
            found.push((serde_json::from_str(json).expect("JSON"), digest));
        }
    }
    found
}

#[track_caller]
fn assert_chained(name: &str, file: &ConfigFile) {
    let mut prev = Digest::from_bytes([0; 32]).to_string();
    for (seq, (record, digest)) in (1..).zip(lines(file)) {
        assert_eq!(record["seq"], seq, "{name}");
        assert_eq!(record["prev"], prev, "{name}: record {seq}");
        prev = digest.to_string();
    }
}

/// Appends a record of a newer persist, in its place. Returns the segment as it is now.
pub(crate) fn append(file: &ConfigFile, mut record: Value) -> Vec<u8> {
    let (last, digest) = lines(file).pop().expect("a record");
    record["seq"] = (last["seq"].as_u64().expect("a number") + 1).into();
    record["prev"] = digest.to_string().into();
    record["time"] = last["time"].clone();
    let segment = segments(file).pop().expect("a segment");
    let mut bytes = fs::read(&segment).expect("a segment");
    bytes.extend(line(&record.to_string()));
    fs::write(segment, &bytes).expect("write");
    bytes
}

fn each(check: impl Fn(&str, TempDir, ConfigFile, Value)) {
    for case in 0..foreign(&saved(&[2]).1).len() {
        let (dir, file) = saved(&[2]);
        let (name, record) = foreign(&file).swap_remove(case);
        check(name, dir, file, record);
    }
}

/// No word of a fault, a cut or a quarantine; the journal begins with `bytes`.
#[track_caller]
fn assert_kept(name: &str, file: &ConfigFile, bytes: &[u8]) {
    let verification = file.verify().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(verification.problems(), Vec::<String>::new(), "{name}");
    assert_eq!(verification.torn, 0, "{name}");
    assert_eq!(verification.faults, [], "{name}");
    assert_eq!(verification.records, lines(file).len(), "{name}");
    let segments = segments(file);
    assert_eq!(segments.len(), 1, "{name}");
    let found = fs::read(&segments[0]).unwrap_or_default();
    assert!(found.starts_with(bytes), "{name}: the record was cut");
    let quarantine = file.state_dir().join("quarantine");
    assert!(!quarantine.exists(), "{name}");
    assert_chained(name, file);
}

#[test]
fn as_the_last_record() {
    each(|name, _dir, file, record| {
        let bytes = append(&file, record);
        assert_kept(name, &file, &bytes);
        assert_eq!(file.read().unwrap().condition(), Condition::Clean, "{name}");
        let receipt = set(&file, "width", 3).unwrap();
        assert_eq!(receipt.seq, Some(3), "{name}");
        assert_eq!(notices(&receipt), Vec::<String>::new(), "{name}");
        assert_kept(name, &file, &bytes);
        file.undo().unwrap();
        assert_eq!(text(&file), SECOND, "{name}");
        assert_kept(name, &file, &bytes);
    });
}

#[test]
fn among_other_records() {
    each(|name, _dir, file, record| {
        let before = digest(&live(&file));
        append(&file, record.clone());
        set(&file, "width", 3).unwrap();
        // What it says of the file is true then, too.
        let record = record.to_string();
        let now = record.replace(&before.to_string(), &digest(&live(&file)).to_string());
        let record: Value = serde_json::from_str(&now).unwrap();
        append(&file, record.clone());
        let bytes = append(&file, record);
        set(&file, "width", 4).unwrap();
        assert_kept(name, &file, &bytes);
        let widths: Vec<String> = file
            .history()
            .unwrap()
            .iter()
            .filter(|e| e.how == How::Saved(persist_core::journal::Kind::Save))
            .flat_map(|e| e.changes.iter().map(ToString::to_string))
            .collect();
        assert_eq!(
            widths,
            ["width: 1 -> 2", "width: 2 -> 3", "width: 3 -> 4"],
            "{name}"
        );
        file.undo().unwrap();
        file.undo().unwrap();
        assert_eq!(text(&file), SECOND, "{name}");
        assert_kept(name, &file, &bytes);
    });
}

/// The newer persist has saved, in words that can't be read here: what is in the file counts, and is taken over.
#[test]
fn of_a_save_that_can_not_be_read() {
    each(|name, _dir, file, record| {
        by_hand(file.path(), "# newer\nwidth = 9\n");
        let bytes = append(&file, record);
        assert!(file.read().is_ok(), "{name}");
        set(&file, "width", 10).unwrap();
        assert_kept(name, &file, &bytes);
        file.undo().unwrap();
        assert_eq!(text(&file), "# newer\nwidth = 9\n", "{name}");
        file.undo().unwrap();
        assert_eq!(text(&file), SECOND, "{name}");
        assert_kept(name, &file, &bytes);
    });
}

/// As `as_the_last_record` where the file is gone: what is known of it comes back, the record stays.
#[test]
fn before_a_recovery() {
    each(|name, _dir, file, record| {
        let bytes = append(&file, record);
        fs::write(file.path(), [0; 35]).unwrap();
        file.recover(None).unwrap();
        assert_eq!(text(&file), SECOND, "{name}");
        let found = fs::read(&segments(&file)[0]).unwrap();
        assert!(found.starts_with(&bytes), "{name}: the record was cut");
        assert_chained(name, &file);
        assert!(file.verify().unwrap().passed(), "{name}");
    });
}

/// Still what it always was: half a line is torn, and a record that names another before it is a fault.
#[test]
fn only_whole_and_in_its_place() {
    each(|name, _dir, file, record| {
        let whole = append(&file, record.clone());
        let segment = &segments(&file)[0];
        fs::write(segment, &whole[..whole.len() - 2]).unwrap();
        assert_ne!(file.verify().unwrap().torn, 0, "{name}");
        let mut moved = record;
        moved["seq"] = 2.into();
        moved["prev"] = digest(b"another").to_string().into();
        moved["time"] = lines(&saved(&[2]).1)[0].0["time"].clone();
        let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
        fs::write(
            segment,
            [&whole[..first], &line(&moved.to_string())].concat(),
        )
        .unwrap();
        assert_eq!(file.verify().unwrap().faults.len(), 1, "{name}");
    });
}
