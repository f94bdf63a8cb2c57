//! The hash chain: what a crash tears, what a medium flips, what is missing, and how it goes on.

use std::fs;

use persist_core::journal::{Event, Kind, Record, SEGMENT_LEN};
use persist_core::{Error, How, Outcome};

use crate::support::{
    Checkpoint, append, intent, line, live, notices, open, records, saved, segments, set, somewhere,
};

/// Under Wine each case is slow, and no other code.
const SPARSE: usize = if cfg!(windows) { 5 } else { 1 };

/// Every link holds, numbers have no gaps, and the first names nothing before it.
fn assert_chained(file: &persist_core::ConfigFile) {
    let records = records(file);
    let mut prev = persist_core::Digest::from_bytes([0; 32]);
    for (seq, (record, digest)) in (records[0].0.seq..).zip(&records) {
        assert_eq!(record.seq, seq);
        assert_eq!(
            record.prev, prev,
            "record {} names another before it",
            record.seq
        );
        prev = *digest;
    }
}

#[test]
fn a_record_is_one_line_of_json_with_its_digest() {
    let (_dir, file) = saved(&[2]);
    let text = fs::read_to_string(&segments(&file)[0]).unwrap();
    insta::assert_snapshot!(normalised(&file, &text), @r#"<digest> {"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","time":"<time>","actor":{"name":"test","pid":<pid>},"event":"intent","kind":"save","old":"<old>","new":"<new>","len":35,"mtime":"<mtime>","backup":"backups/00000001-<stamp>-<old>","mark":"parsed","drops":[],"changes":[{"path":"/width","old":"1","new":"2"}]}"#);
}

/// `text` with what differs from run to run replaced by its name.
fn normalised(file: &persist_core::ConfigFile, text: &str) -> String {
    let mut text = text.replace(
        &format!(r#""pid":{}"#, std::process::id()),
        r#""pid":<pid>"#,
    );
    for (record, digest) in records(file) {
        text = text.replace(&digest.to_string(), "<digest>");
        text = text.replace(&record.time.to_string(), "<time>");
        if let Event::Intent(intent) = record.event {
            let access = serde_json::to_string(&intent.access).expect("numbers");
            // Numbers of users, and only where there are any.
            text = text.replace(&format!(r#""access":{access},"#), "");
            let mtime = intent.mtime.map(|t| t.to_string());
            text = text.replace(&mtime.unwrap_or_default(), "<mtime>");
            let name = intent
                .backup
                .map_or_else(String::new, |backup| backup.to_string());
            text = text.replace(name.split('-').nth(1).unwrap_or_default(), "<stamp>");
            text = text.replace(&intent.new.to_string(), "<new>");
            text = text.replace(
                &intent.old.map(|d| d.to_string()).unwrap_or_default(),
                "<old>",
            );
        }
    }
    text
}

#[test]
fn records_are_chained() {
    let (_dir, file) = saved(&[2, 3, 4]);
    assert_eq!(records(&file).len(), 3);
    assert_chained(&file);
    let verification = file.verify().unwrap();
    assert!(verification.passed());
    assert_eq!(verification.records, 3);
}

/// A crash tears the last line at any byte: it is set aside and cut, and the next save works.
#[test]
fn a_torn_tail_is_set_aside_and_cut() {
    let (dir, file) = saved(&[2, 3]);
    let segment = segments(&file).remove(0);
    let whole = fs::read(&segment).unwrap();
    // A third save that got no further than its record.
    let announced = append(
        &file,
        Event::Intent(intent(&file, Some(&live(&file)), b"width = 9\n")),
    );
    let longer = fs::read(&segment).unwrap();
    let before = Checkpoint::of(dir.path());
    for len in (whole.len() + 1..longer.len()).step_by(SPARSE) {
        fs::write(&segment, &longer[..len]).unwrap();
        let torn = longer[whole.len()..len].to_vec();
        let verification = file.verify().unwrap();
        assert_eq!(verification.torn, torn.len(), "cut at {len}");
        assert_eq!(verification.faults, [], "cut at {len}");
        assert!(verification.passed(), "a torn tail heals by itself");
        if len % 7 == 0 {
            let receipt = set(&file, "width", 5).unwrap();
            assert_eq!(
                receipt.seq,
                Some(announced.seq),
                "the torn record never counted"
            );
            let set_aside = notices(&receipt);
            assert!(set_aside[0].starts_with("the journal's torn end, kept in quarantine/"));
            assert!(somewhere(&file.state_dir().join("quarantine"), &torn));
            assert_eq!(file.verify().unwrap().torn, 0);
            assert_chained(&file);
        }
        before.reset();
    }
}

/// A line that lost its end, while its segment is full already, doesn't become damage of a middle.
#[test]
fn a_torn_tail_of_a_full_segment_is_cut_too() {
    let (_dir, file) = saved(&[2]);
    let segment = fill(&file);
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend(b"0123456789abcdef torn");
    fs::write(&segment, bytes).unwrap();
    set(&file, "width", 3).unwrap();
    assert_eq!(segments(&file).len(), 2);
    let verification = file.verify().unwrap();
    assert_eq!(verification.problems(), Vec::<String>::new());
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(notices(&receipt), Vec::<String>::new());
    assert_chained(&file);
}

/// Pads the journal's only segment with adoptions until no more fits.
fn fill(file: &persist_core::ConfigFile) -> std::path::PathBuf {
    let segment = segments(file).pop().expect("as the test set it up");
    let long = "x".repeat(20_000);
    while fs::metadata(&segment).expect("as the test set it up").len() < SEGMENT_LEN {
        let mut padding = intent(file, Some(&live(file)), &live(file));
        padding.reason = Some(long.clone());
        append(file, Event::Intent(padding));
    }
    segment
}

#[test]
fn a_full_segment_is_followed_by_one_that_continues_its_chain() {
    let (_dir, file) = saved(&[2]);
    let first = fill(&file);
    let before = fs::read(&first).unwrap();
    for width in 3..6 {
        set(&file, "width", width).unwrap();
    }
    assert_eq!(segments(&file).len(), 2);
    assert_eq!(
        fs::read(&first).unwrap(),
        before,
        "a full segment is left alone"
    );
    assert_chained(&file);
    assert!(file.verify().unwrap().passed());
    let checkpoint = |record: &Record| matches!(record.event, Event::Checkpoint(_));
    let records = records(&file);
    assert_eq!(records.iter().filter(|(r, _)| checkpoint(r)).count(), 1);
    assert_eq!(file.history().unwrap().len(), records.len() - 1);
}

/// Any flipped bit is seen; the history goes on in a new segment or after a cut, and nothing panics.
#[test]
fn every_flipped_byte_is_detected_and_survived() {
    let (dir, file) = saved(&[2, 3, 4]);
    let segment = segments(&file).remove(0);
    let good = fs::read(&segment).unwrap();
    let content = live(&file);
    let last_line = good.len()
        - 1
        - good[..good.len() - 1]
            .iter()
            .rev()
            .position(|b| *b == b'\n')
            .unwrap();
    let before = Checkpoint::of(dir.path());
    for at in (0..good.len()).step_by(SPARSE) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&segment, &bytes).unwrap();
        let found = file.verify().unwrap();
        let detected = !found.passed() || found.torn > 0;
        assert!(detected, "byte {at} of {}", good.len());
        assert_eq!(file.read().unwrap().document().unwrap().bytes(), content);
        if at % 11 == 0 {
            let receipt = set(&file, "width", 5).unwrap();
            assert_eq!(receipt.outcome, Outcome::Saved);
            let count = segments(&file).len();
            if at < last_line {
                assert_eq!(count, 2, "byte {at}: the damaged segment is left as it is");
                assert_eq!(fs::read(&segment).unwrap(), bytes);
                let told = notices(&receipt);
                assert!(
                    told.iter()
                        .any(|n| n.starts_with("journal segment 00000001 is damaged"))
                );
                let breaks = records(&file).iter().filter(|(r, _)| {
                    matches!(r.event, Event::Break { segment: 1, found, after: Some(_) } if found == persist_core::digest(&bytes))
                }).count();
                assert_eq!(breaks, 1);
            }
            // From here on nothing new is wrong, and undo works.
            assert_eq!(
                notices(&set(&file, "width", 6).unwrap()),
                Vec::<String>::new()
            );
            file.undo().unwrap();
            assert_eq!(
                crate::support::text(&file),
                "# pixels\nwidth = 5 # of the window\n"
            );
        }
        before.reset();
    }
}

#[test]
fn damage_that_a_break_record_tells_of_is_no_news() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let segment = segments(&file).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[80] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let problems = file.verify().unwrap().problems();
    // The record itself, and the one after it, which names a record that can't be read.
    assert_eq!(problems.len(), 2);
    assert_eq!(
        problems[0],
        "the journal is damaged in segment 00000001 at byte 0: a damaged line"
    );
    set(&file, "width", 5).unwrap();
    let verification = file.verify().unwrap();
    assert!(verification.faults.iter().all(|f| f.known) && !verification.faults.is_empty());
    assert!(verification.passed());
}

#[test]
fn a_removed_segment_is_noticed() {
    let (_dir, file) = saved(&[2]);
    let first = fill(&file);
    for width in 3..6 {
        set(&file, "width", width).unwrap();
    }
    fs::remove_file(first).unwrap();
    assert_eq!(
        file.verify().unwrap().problems(),
        ["the journal is damaged in segment 00000002 at byte 0: records are missing before it"]
    );
    // The present doesn't depend on it.
    let receipt = set(&file, "width", 7).unwrap();
    assert_eq!(notices(&receipt), Vec::<String>::new());
    assert_eq!(
        file.history().unwrap().last().unwrap().changes[0].to_string(),
        "width: 5 -> 7"
    );
}

#[test]
fn a_removed_journal_starts_anew_and_the_file_stays() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_dir_all(file.state_dir().join("journal")).unwrap();
    // The second copy tells that it was saved here.
    let condition = file.read().unwrap().condition();
    assert_eq!(condition, persist_core::Condition::Unrecorded);
    let receipt = set(&file, "width", 4).unwrap();
    let gone = "the journal of this file is missing; a new one begins";
    assert_eq!(notices(&receipt), [gone]);
    assert_chained(&file);
    let how: Vec<_> = file.history().unwrap().iter().map(|e| e.how).collect();
    assert_eq!(how, [How::Unrecorded, How::Saved(Kind::Save)]);
    assert_eq!(records(&file)[0].0.seq, 3, "there are two backups already");
}

/// Numbers that began anew would make every new backup the oldest, and the first to be pruned.
#[test]
fn backups_made_after_the_journal_was_lost_stay() {
    let widths: Vec<i64> = (2..15).collect();
    let (_dir, file) = saved(&widths);
    fs::write(&segments(&file)[0], "").unwrap();
    assert_eq!(
        file.verify().unwrap().problems(),
        [
            "the journal is damaged in segment 00000001 at byte 0: the record of the last save is damaged or missing",
            "the journal is missing although there are backups; the next save begins a new one"
        ]
    );
    set(&file, "width", 100).unwrap();
    set(&file, "width", 200).unwrap();
    file.undo().unwrap();
    assert_eq!(
        fs::read(file.path()).ok().as_deref(),
        Some(&b"# pixels\nwidth = 100 # of the window\n"[..])
    );
    assert!(file.verify().unwrap().passed());
}

/// Not on Windows: this process keeps the lock file open, and what is open can't be deleted there.
#[cfg(unix)]
#[test]
fn the_state_folder_may_vanish_between_two_saves() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_dir_all(file.state_dir()).unwrap();
    set(&file, "width", 4).unwrap();
    file.undo().unwrap();
    assert_eq!(
        crate::support::text(&file),
        "# pixels\nwidth = 3 # of the window\n"
    );
}

/// What a later version of this library wrote is not torn: its digest proves it.
#[test]
fn a_record_of_an_unknown_kind_is_kept() {
    let (_dir, file) = saved(&[2]);
    let segment = segments(&file).remove(0);
    let (last, digest) = records(&file).pop().unwrap();
    let mut json = serde_json::to_value(&last).unwrap();
    json["seq"] = 2.into();
    json["prev"] = serde_json::to_value(digest).unwrap();
    json["event"] = "sealed".into();
    let unknown = line(&json.to_string());
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend(&unknown);
    fs::write(&segment, &bytes).unwrap();
    assert_eq!(file.verify().unwrap().torn, 0);
    let receipt = set(&file, "width", 3).unwrap();
    assert_eq!(receipt.seq, Some(3));
    assert!(
        fs::read(&segment).unwrap().starts_with(&bytes),
        "the record was cut"
    );
}

/// Failed saves announce and abandon; they don't make the journal forget what the file should be.
#[test]
fn abandoned_saves_do_not_hide_what_was_saved_before() {
    let (_dir, file) = saved(&[2]);
    fill(&file);
    set(&file, "width", 3).unwrap();
    for _ in 0..2 {
        let failed = append(
            &file,
            Event::Intent(intent(&file, Some(&live(&file)), b"never")),
        );
        append(&file, Event::Abandoned { intent: failed.seq });
    }
    // Only what failed is left in the last segment.
    let last = segments(&file).pop().unwrap();
    let all = fs::read_to_string(&last).unwrap();
    let (saved, failed) = all.split_once('\n').unwrap();
    let first = segments(&file).remove(0);
    let mut longer = fs::read(&first).unwrap();
    longer.extend(format!("{saved}\n").as_bytes());
    fs::write(&first, longer).unwrap();
    fs::write(&last, failed).unwrap();
    assert!(file.verify().unwrap().passed());
    assert_eq!(
        file.read().unwrap().condition(),
        persist_core::Condition::Clean
    );
    fs::remove_file(file.path()).unwrap();
    let error = open(file.path()).read().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn only_names_that_persist_writes_are_segments() {
    let (_dir, file) = saved(&[2]);
    let journal = file.state_dir().join("journal");
    for name in [
        "2.log",
        "+3.log",
        "18446744073709551615.log",
        "00000001.log~",
        "notes.txt",
    ] {
        fs::write(journal.join(name), "mine\n").unwrap();
    }
    set(&file, "width", 3).unwrap();
    assert!(file.verify().unwrap().passed());
    assert_eq!(file.history().unwrap().len(), 2);
}
