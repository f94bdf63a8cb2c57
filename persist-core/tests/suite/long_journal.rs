//! A journal of years: what the present needs of it is at its end, and what is let go is told of.

use std::fs;

#[cfg(target_os = "linux")]
use persist_core::backup::retention::Policy;
use persist_core::journal::{Actor, Event, Intent, Record, SEGMENT_LEN};
use persist_core::{ConfigFile, Digest, HeadStatus, HistoryMove};

use crate::support::{intent, line, live, notices, open_with, saved, segments, set, text};

/// Puts `count` records before those that are there, as an older persist has written them: segments without a checkpoint.
fn grown(count: u64) -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = saved(&[2]);
    let journal = file.state_dir().join("journal");
    let (old, new) = (&b"width = 8\n"[..], &b"width = 9\n"[..]);
    let swap = [intent(&file, Some(old), new), intent(&file, Some(new), old)];
    let last = intent(&file, Some(&live(&file)), &live(&file));
    let (mut prev, mut bytes, mut number) = (Digest::from_bytes([0; 32]), Vec::new(), 1);
    let record = |seq: u64, prev: Digest, intent: &Intent| Record {
        seq,
        prev,
        time: jiff::Timestamp::UNIX_EPOCH,
        actor: Actor::named("years ago"),
        event: Event::Intent(intent.clone()),
    };
    for seq in 1..=count {
        let intent = match seq == count {
            true => &last,
            false => &swap[usize::try_from(seq % 2).expect("small")],
        };
        let json = serde_json::to_string(&record(seq, prev, intent)).expect("a record");
        let text = line(&json);
        prev = String::from_utf8_lossy(&text[..64])
            .parse()
            .expect("a digest");
        bytes.extend(text);
        if bytes.len() as u64 >= SEGMENT_LEN || seq == count {
            fs::write(journal.join(format!("{number:08}.log")), &bytes).expect("a segment");
            (bytes, number) = (Vec::new(), number + 1);
        }
    }
    (dir, file)
}

/// Bytes that this thread reads while `act` runs, the least of some runs.
#[cfg(target_os = "linux")]
fn reads(mut act: impl FnMut()) -> u64 {
    let so_far = || {
        let io = fs::read_to_string("/proc/thread-self/io").expect("counters");
        let read = io.lines().find_map(|line| line.strip_prefix("rchar: "));
        read.and_then(|n| n.parse::<u64>().ok()).expect("a number")
    };
    let runs = (0..20).map(|_| {
        let before = so_far();
        act();
        so_far() - before
    });
    runs.min().expect("some runs")
}

/// However long the history is, the present costs the same: at 10,000 records, or at `PERSIST_RECORDS`.
#[cfg(target_os = "linux")]
#[test]
fn the_present_is_read_from_the_end() {
    let cost = |records| {
        let (dir, file) = grown(records);
        // The first save of a persist that makes checkpoints.
        set(&file, "width", 3).unwrap();
        assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
        let mut width = 10;
        let fresh = || open_with(file.path(), |o| o.retention = Some(Policy::keep_last(100)));
        let costs = [
            reads(|| drop(fresh().read().unwrap())),
            reads(|| drop(fresh().info().unwrap())),
            reads(|| drop(fresh().last_changes(20).unwrap())),
            reads(|| {
                width += 1;
                drop(set(&fresh(), "width", width).unwrap());
            }),
            reads(|| drop(fresh().undo().unwrap())),
        ];
        drop(dir);
        costs
    };
    let most = std::env::var("PERSIST_RECORDS").ok();
    let most = most.and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let (few, many) = (cost(1_000), cost(most));
    println!("bytes read at 1000 records: {few:?}, at {most}: {many:?}");
    for (few, many) in few.into_iter().zip(many) {
        // Numbers in records have more digits.
        assert!(many < few + few / 2 + 4096, "{few} bytes became {many}");
        assert!(many < 3 * SEGMENT_LEN + 40_000, "{many} bytes");
    }
}

#[test]
fn old_segments_are_let_go_a_checkpoint_after_it_was_said() {
    let (_dir, file) = saved(&[2]);
    let most = 3 * SEGMENT_LEN;
    let file = open_with(file.path(), |o| o.journal_bytes = Some(most));
    let first = file.head().unwrap().unwrap();
    let mut kept = first;
    for width in 3..700 {
        set(&file, "width", width).unwrap();
        if width == 690 {
            kept = file.head().unwrap().unwrap();
        }
    }
    let there = segments(&file);
    assert!(!there[0].ends_with("00000001.log"), "{there:?}");
    let len: u64 = there.iter().map(|s| fs::metadata(s).unwrap().len()).sum();
    assert!(len < most + 3 * SEGMENT_LEN, "{len} bytes");
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    assert_eq!(file.look_for_head(&first).unwrap(), HeadStatus::LetGo);
    assert_eq!(file.look_for_head(&kept).unwrap(), HeadStatus::Contained);
    assert_eq!(file.info().unwrap().changes, 698);
    let begins = file.first_record().unwrap().expect("older ones went");
    assert!(begins > 1 && file.history().unwrap()[0].seq > begins);
    file.go(HistoryMove::Undo(5)).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 694 # of the window\n");
    // One more than was said.
    fs::remove_file(&there[0]).unwrap();
    fs::remove_file(&there[1]).unwrap();
    let problems = file.verify().unwrap().problems();
    assert!(
        problems[0].ends_with("records are missing before it"),
        "{problems:?}"
    );
}

/// A kill between the steps of beginning a segment leaves it empty, or with half of a checkpoint.
#[test]
fn a_segment_that_was_begun_by_a_killed_writer_gets_its_checkpoint() {
    for begun in ["", "0123"] {
        let (_dir, file) = saved(&[]);
        let full = |file: &ConfigFile, to| {
            for width in 0.. {
                let last = segments(file).pop();
                let len = last.map_or(0, |last| fs::metadata(last).expect("a segment").len());
                if segments(file).len() == to && len >= SEGMENT_LEN {
                    break;
                }
                let why = "x".repeat(9000);
                let edited = file.edit(Some(&why), |document| {
                    Ok(document.set(&"width".parse()?, 100 + width % 7)?.warnings)
                });
                drop(edited.expect("a save"));
            }
        };
        full(&file, 2);
        let last = segments(&file).pop().unwrap();
        let new = last.with_file_name("00000003.log");
        fs::copy(&last, &new).unwrap(); // of the same mode
        fs::write(&new, begun).unwrap();
        set(&file, "width", 1).unwrap();
        let first = fs::read_to_string(&new).unwrap();
        assert!(first[65..].contains(r#""event":"checkpoint""#), "{first}");
        assert_eq!(segments(&file).len(), 3);
        let most = 2 * SEGMENT_LEN;
        let file = open_with(file.path(), |o| o.journal_bytes = Some(most));
        for to in 3..5 {
            full(&file, to.min(segments(&file).len()));
            set(&file, "width", 50 + to as i64).unwrap();
            assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
        }
    }
}

/// An older persist that goes on with a journal begins segments without one.
#[test]
fn a_journal_may_begin_with_a_segment_that_has_no_checkpoint() {
    let (_dir, file) = grown(600);
    let file = open_with(file.path(), |o| o.journal_bytes = Some(3 * SEGMENT_LEN));
    for width in 3..400 {
        set(&file, "width", width).unwrap();
        if width % 20 == 0 {
            let problems = file.verify().unwrap().problems();
            assert_eq!(problems, Vec::<String>::new(), "{:?}", segments(&file));
        }
    }
    assert!(!segments(&file)[0].ends_with("00000001.log"));
}

/// Changes the checkpoint that opens the last segment. Whoever forges it makes the chain right again. The segment's number.
fn rewritten(file: &ConfigFile, change: impl Fn(&str) -> String) -> String {
    let last = segments(file).pop().expect("a segment");
    let text = fs::read_to_string(&last).expect("text");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(lines[0].contains(r#""event":"checkpoint""#));
    let mut prev = None::<String>;
    for line in &mut lines {
        let mut json = line[65..].to_owned();
        match &prev {
            None => json = change(&json),
            Some(prev) => {
                let at = json.find(r#""prev":""#).expect("a link") + 8;
                json.replace_range(at..at + 64, prev);
            }
        }
        *line = String::from_utf8(crate::support::line(&json)).expect("text");
        prev = Some(line[..64].to_owned());
        line.pop();
    }
    fs::write(&last, lines.join("\n") + "\n").expect("written");
    let number = last.file_stem().expect("a name");
    number.to_string_lossy().into_owned()
}

/// A checkpoint is added up again, and never believed by `verify`.
#[test]
fn a_checkpoint_that_says_other_things_is_found() {
    let (_dir, file) = grown(300);
    set(&file, "width", 3).unwrap();
    let number = rewritten(&file, |json| {
        let changes = r#""changes":299"#;
        assert!(json.contains(changes));
        json.replace(changes, r#""changes":298"#)
    });
    assert_eq!(
        file.verify().unwrap().problems(),
        [format!(
            "the journal is damaged in segment {number} at byte 0: a checkpoint disagrees with the records before it"
        )]
    );
}

/// Two segments, the second opened by a checkpoint and with some saves in it, and that checkpoint damaged at a byte.
fn with_damaged_checkpoint(at: impl Fn(&str) -> usize) -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = grown(300);
    for width in 3..7 {
        set(&file, "width", width).expect("a save");
    }
    let last = segments(&file).pop().expect("a segment");
    let mut bytes = fs::read(&last).expect("a segment");
    let at = at(&String::from_utf8_lossy(&bytes));
    bytes[at] ^= 1;
    fs::write(&last, bytes).expect("written");
    (dir, file)
}

/// It is no record of a change, and the records before it add up to the same.
#[test]
fn a_damaged_checkpoint_is_no_gap() {
    for at in [0, 70, 300] {
        let (_dir, file) = with_damaged_checkpoint(|_| at);
        let problems = file.verify().unwrap().problems();
        assert_eq!(problems.len(), 1, "{at}: {problems:?}");
        let told = "at byte 0: a damaged checkpoint (no record is lost)";
        assert!(problems[0].ends_with(told), "{at}: {problems:?}");
        assert_eq!(file.info().unwrap().lost_after, None, "{at}");
        assert_eq!(file.gaps(None).unwrap(), [], "{at}");
        let notices = notices(&set(&file, "width", 20).unwrap());
        assert!(notices[0].contains("damaged"), "{at}: {notices:?}");
        assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
        file.go(HistoryMove::Undo(4)).unwrap();
        assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    }
}

/// Where a change may be lost with it, it is.
#[test]
fn a_checkpoint_that_is_damaged_with_a_record_is_a_gap() {
    let end = |text: &str| text.find('\n').expect("a line");
    let (_dir, file) = with_damaged_checkpoint(end);
    assert!(file.info().unwrap().lost_after.is_some());
    let problems = file.verify().unwrap().problems();
    assert!(
        problems.iter().any(|p| p.contains("a damaged line")),
        "{problems:?}"
    );
    assert!(matches!(
        file.undo(),
        Err(persist_core::Error::JournalGap { .. })
    ));
}

/// It did not note since when a backup was live.
#[test]
fn a_checkpoint_of_an_earlier_persist_is_right() {
    let (_dir, file) = saved(&[2]);
    for width in 3.. {
        set(&file, "width", width).unwrap();
        if segments(&file).len() == 2 {
            break;
        }
    }
    rewritten(&file, |json| {
        let mut parts = json.split(r#","since":""#);
        let first = parts.next().unwrap_or_default().to_owned();
        let rest: Vec<&str> = parts.collect();
        assert!(rest.len() > 5, "{json}");
        let after = |part: &&str| part.split_once('"').map(|(_, after)| after.to_owned());
        first + &rest.iter().filter_map(after).collect::<String>()
    });
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    set(&file, "width", 1).unwrap();
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
}

#[test]
fn a_head_that_was_kept_elsewhere_tells_what_became_of_the_journal() {
    let (dir, file) = saved(&[2, 3]);
    let early = file.head().unwrap().unwrap();
    let before = crate::support::Checkpoint::of(dir.path());
    set(&file, "width", 4).unwrap();
    let late = file.head().unwrap().unwrap();
    assert_eq!(late.to_string().parse(), Ok(late));
    assert_eq!(file.look_for_head(&early).unwrap(), HeadStatus::Contained);
    assert_eq!(file.look_for_head(&late).unwrap(), HeadStatus::Contained);
    before.reset();
    assert_eq!(file.look_for_head(&late).unwrap(), HeadStatus::RolledBack);
    let receipt = set(&file, "width", 5).unwrap();
    assert_eq!(notices(&receipt), Vec::<String>::new());
    assert_eq!(file.look_for_head(&late).unwrap(), HeadStatus::Diverged);
    assert_eq!(file.look_for_head(&early).unwrap(), HeadStatus::Contained);
}

/// The present does not depend on it, and no save reads it again: somebody says that it is known.
#[test]
fn damage_of_years_ago_is_accepted_by_adopt() {
    let (_dir, file) = grown(300);
    set(&file, "width", 3).unwrap();
    let first = segments(&file).remove(0);
    let mut bytes = fs::read(&first).unwrap();
    bytes[100] ^= 1;
    fs::write(&first, bytes).unwrap();
    set(&file, "width", 4).unwrap();
    assert!(!file.verify().unwrap().passed());
    file.adopt().unwrap();
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    assert_eq!(file.info().unwrap().lost_after, None);
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
}
