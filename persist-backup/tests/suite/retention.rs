//! The plan and its reasons, by tables. Laws and long histories are beside.

mod laws;
mod months;
mod restic;
mod rot;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use persist_backup::retention::{Candidate, Mark, Plan, Policy, Why, plan};
use persist_backup::{Backups, Digest, Id, Meta};

/// With a content of its own.
fn candidate(seq: u64, taken: Timestamp, len: u64) -> Candidate {
    of_content(seq, seq, taken, len)
}

fn of_content(seq: u64, content: u64, taken: Timestamp, len: u64) -> Candidate {
    let id = Id::new(seq, taken, digest_of(content));
    Candidate {
        len,
        ..Candidate::new(id)
    }
}

/// Plans compare digests and compute none.
fn digest_of(content: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&content.to_le_bytes());
    Digest::from_bytes(bytes)
}

fn marked(mark: Mark, candidate: Candidate) -> Candidate {
    Candidate { mark, ..candidate }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn day() -> Timestamp {
    at("2026-11-22T00:00:00Z")
}

/// A small generator (Marsaglia's xorshift), so that a seed gives the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn ids(side: &[(Id, Why)]) -> BTreeSet<Id> {
    side.iter().map(|(id, _)| *id).collect()
}

fn numbers(side: &[(Id, Why)]) -> Vec<u64> {
    side.iter().map(|(id, _)| id.seq()).collect()
}

/// `seq: reason` of all that stays.
fn kept(plan: &Plan) -> Vec<String> {
    let shown = |(id, why): &(Id, Why)| format!("{}: {why}", id.seq());
    plan.keep.iter().map(shown).collect()
}

/// Three a day for a month and a half, 100 bytes each.
fn history() -> Vec<Candidate> {
    let start = at("2026-10-08T06:00:00Z");
    let every = |n: i64| SignedDuration::from_hours(8 * n);
    (0_i64..136)
        .map(|n| candidate(n.unsigned_abs() + 1, start + every(n), 100))
        .collect()
}

#[test]
fn reasons_can_be_read() {
    let policy = Policy {
        hourly: 4,
        daily: 3,
        weekly: 3,
        monthly: 2,
        yearly: 1,
        ..Policy::keep_last(3)
    };
    let mut shown = plan(&history(), at("2026-11-22T19:45:00Z"), &policy);
    shown.drop.truncate(2);
    insta::assert_snapshot!(shown, @"
    keep 8, drop 2
      keep  136  2026-11-22T06:00:00Z  880000000000  the newest
      keep  135  2026-11-21T22:00:00Z  870000000000  number 2 of the last
      keep  134  2026-11-21T14:00:00Z  860000000000  number 3 of the last
      keep  133  2026-11-21T06:00:00Z  850000000000  newest of 2026-11-21 06:00 to 06:59
      keep  132  2026-11-20T22:00:00Z  840000000000  newest of 2026-11-20
      drop  131  2026-11-20T14:00:00Z  830000000000  no rule keeps it
      drop  130  2026-11-20T06:00:00Z  820000000000  no rule keeps it
      keep  117  2026-11-15T22:00:00Z  750000000000  newest of the week of 2026-11-09
      keep   96  2026-11-08T22:00:00Z  600000000000  newest of the week of 2026-11-02
      keep   72  2026-10-31T22:00:00Z  480000000000  newest of 2026-10
    ");
}

#[test]
fn the_other_reasons_can_be_read() {
    let hours = |n: i64| day() + SignedDuration::from_hours(n);
    let version = |version: &str, candidate| Candidate {
        version: Some(version.into()),
        ..candidate
    };
    let candidates = [
        candidate(1, hours(0), 1),
        version("1.0.0", candidate(2, hours(1), 1)),
        Candidate {
            wanted_by_undo: true,
            ..candidate(3, hours(2), 1)
        },
        version("1.1.0", candidate(4, hours(3), 1)),
        candidate(5, hours(4), 1),
        version("1.1.0", candidate(6, hours(5), 1)),
        marked(Mark::Rotten, candidate(7, hours(6), 1)),
        marked(Mark::Checked, candidate(8, hours(7), 1)),
        marked(Mark::Bad, candidate(9, hours(8), 1)),
        marked(Mark::Bad, candidate(10, hours(9), 1)),
        marked(Mark::Bad, candidate(11, hours(10), 1)),
    ];
    let policy = Policy {
        pinned: BTreeSet::from([1]),
        bad: 2,
        versions: true,
        undo: 1,
        ..Policy::keep_last(0)
    };
    insta::assert_snapshot!(plan(&candidates, day(), &policy), @"
    keep 7, drop 4
      keep   11  2026-11-22T10:00:00Z  0b0000000000  the newest
      keep   10  2026-11-22T09:00:00Z  0a0000000000  number 2 of the last that were not good
      drop    9  2026-11-22T08:00:00Z  090000000000  no rule keeps it
      keep    8  2026-11-22T07:00:00Z  080000000000  the last good one
      drop    7  2026-11-22T06:00:00Z  070000000000  damaged: its content does not match the digest in its name
      keep    6  2026-11-22T05:00:00Z  060000000000  the last of schema version 1.1.0
      drop    5  2026-11-22T04:00:00Z  050000000000  no rule keeps it
      drop    4  2026-11-22T03:00:00Z  040000000000  no rule keeps it
      keep    3  2026-11-22T02:00:00Z  030000000000  undo needs it
      keep    2  2026-11-22T01:00:00Z  020000000000  the last of schema version 1.0.0
      keep    1  2026-11-22T00:00:00Z  010000000000  pinned
    ");
}

/// The file was left as it is on the 20th, and is replaced again and again on the 22nd.
#[test]
fn a_copy_counts_for_the_time_from_which_it_was_live() {
    let minutes = |n: i64| day() + SignedDuration::from_mins(n);
    let since = |since: Timestamp, candidate| Candidate {
        since: Some(since),
        ..candidate
    };
    let mut candidates = vec![since(
        at("2026-11-20T17:00:00Z"),
        candidate(1, minutes(0), 1),
    )];
    candidates.extend((2..9).map(|n: u64| {
        let taken = minutes(n.cast_signed());
        since(minutes(n.cast_signed() - 1), candidate(n, taken, 1))
    }));
    let policy = Policy {
        daily: 2,
        max_age: Some(SignedDuration::from_hours(24)),
        ..Policy::keep_last(1)
    };
    let shown = plan(&candidates, minutes(10), &policy);
    assert_eq!(kept(&shown), ["8: the newest", "1: newest of 2026-11-20"]);
    for candidate in &mut candidates {
        candidate.since = None;
    }
    assert_eq!(
        kept(&plan(&candidates, minutes(10), &policy)),
        ["8: the newest"]
    );
}

#[test]
fn limits_take_from_the_oldest_end() {
    let policy = Policy {
        max_age: Some(SignedDuration::from_hours(72)),
        max_bytes: Some(350),
        pinned: BTreeSet::from([1]),
        ..Policy::keep_last(10)
    };
    let shown = plan(&history(), at("2026-11-22T19:45:00Z"), &policy);
    let expected = ["136: the newest", "135: number 2 of the last", "1: pinned"];
    assert_eq!(kept(&shown), expected);
    let reasons: BTreeSet<_> = shown.drop.iter().map(|(_, why)| why.to_string()).collect();
    assert_eq!(reasons.len(), 3, "surplus, too old, no room: {reasons:?}");
}

#[test]
fn a_clock_set_back_makes_nothing_old() {
    let policy = Policy {
        max_age: Some(SignedDuration::from_hours(1)),
        ..Policy::default()
    };
    let future = [
        candidate(1, at("2031-01-01T00:00:00Z"), 1),
        candidate(2, at("2026-01-01T00:00:00Z"), 1),
    ];
    let shown = plan(&future, at("2026-01-01T00:00:00Z"), &policy);
    assert!(shown.drop.is_empty());
}

/// A dozen changes, then as many steps back as there are backups for: each step backs up content that is there already.
#[test]
fn going_back_does_not_push_out_what_is_gone_back_to() {
    let contents = (0_u64..12).chain((4..=12).rev());
    let candidates: Vec<_> = (1_u64..)
        .zip(contents)
        .map(|(seq, content)| of_content(seq, content, day(), 1))
        .collect();
    for steps in 0..=8 {
        let kept = plan(&candidates[..12 + steps], day(), &Policy::keep_last(10)).keep;
        let next = (11 - steps) as u64;
        let wanted = digest_of(next);
        assert!(
            kept.iter().any(|(id, _)| id.digest() == wanted),
            "{next} is gone"
        );
    }
}

#[test]
fn a_few_contents_in_turn_do_not_pile_up() {
    let in_turn: Vec<_> = (1_u64..=100)
        .map(|seq| of_content(seq, seq % 2, day(), 1))
        .collect();
    let shown = plan(&in_turn, day(), &Policy::keep_last(10));
    assert_eq!(shown.keep.len(), 10);
}

/// One a day; the last ten days back and forth between two contents.
#[test]
fn a_few_contents_in_turn_use_up_no_days() {
    let days = |n: u64| day() + SignedDuration::from_hours(24 * i64::try_from(n).expect("few"));
    let content = |n: u64| if n > 10 { 100 + n % 2 } else { n };
    let candidates: Vec<_> = (1_u64..=20)
        .map(|n| of_content(n, content(n), days(n), 1))
        .collect();
    let policy = Policy {
        daily: 4,
        ..Policy::keep_last(0)
    };
    let shown = plan(&candidates, day(), &policy);
    assert_eq!(numbers(&shown.keep), [20, 19, 10, 9]);
}

/// The content of yesterday evening came back today for a moment: that copy is no reason to drop yesterday's.
#[test]
fn what_stands_for_an_older_copy_stays_itself() {
    let candidates = [
        of_content(1, 1, at("2026-11-21T20:00:00Z"), 1),
        of_content(2, 2, at("2026-11-22T10:00:00Z"), 1),
        of_content(3, 1, at("2026-11-22T10:05:00Z"), 1),
        of_content(4, 3, at("2026-11-22T10:10:00Z"), 1),
    ];
    let policy = Policy {
        hourly: 1,
        daily: 2,
        ..Policy::keep_last(0)
    };
    assert_eq!(
        numbers(&plan(&candidates, day(), &policy).keep),
        [4, 1],
        "number 3 is not kept, so it stands for nothing"
    );
}

#[test]
fn what_is_empty_has_no_room_either() {
    let candidates = [
        candidate(1, day(), 0),
        candidate(2, day(), 0),
        candidate(3, day(), 9),
    ];
    for max_bytes in [0, 8] {
        let policy = Policy {
            max_bytes: Some(max_bytes),
            ..Policy::keep_last(3)
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(plan(&candidates, day(), &policy), @"
            keep 1, drop 2
              keep    3  2026-11-22T00:00:00Z  030000000000  the newest
              drop    2  2026-11-22T00:00:00Z  020000000000  over the size limit
              drop    1  2026-11-22T00:00:00Z  010000000000  over the size limit
            ");
        }
    }
}

/// Four hours of three copies each, the second hour with a large one: only that hour is thinned, down to its newest.
#[test]
fn a_large_copy_displaces_its_own_hour() {
    let minutes = |n: i64| day() + SignedDuration::from_mins(n);
    let mut candidates: Vec<_> = (0_u64..12)
        .map(|n| candidate(n + 1, minutes(20 * i64::try_from(n).expect("few")), 10))
        .collect();
    let policy = |max_bytes| Policy {
        max_bytes: Some(max_bytes),
        ..Policy::keep_last(12)
    };
    // The newest of its hour.
    candidates[5].len = 1000;
    let kept = numbers(&plan(&candidates, day(), &policy(1090)).keep);
    assert_eq!(kept, [12, 11, 10, 9, 8, 7, 6, 3, 2, 1]);
    // Not the newest of its hour: it goes itself, after what is older, and the others have room.
    (candidates[4].len, candidates[5].len) = (1000, 10);
    let kept = numbers(&plan(&candidates, day(), &policy(1100)).keep);
    assert_eq!(kept, [12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1]);
    let kept = numbers(&plan(&candidates, day(), &policy(1099)).keep);
    assert_eq!(kept, [12, 11, 10, 9, 8, 7, 6, 3, 2, 1]);
}

/// What an hour has given counts no longer: the next is taken from another that has more by then.
#[test]
fn hours_with_as_many_bytes_take_turns() {
    let minutes = |n: i64| day() + SignedDuration::from_mins(n);
    let candidates: Vec<_> = (0_u64..12)
        .map(|n| candidate(n + 1, minutes(20 * i64::try_from(n).expect("few")), 10))
        .collect();
    let policy = Policy {
        max_bytes: Some(100),
        ..Policy::keep_last(12)
    };
    let dropped = numbers(&plan(&candidates, day(), &policy).drop);
    assert_eq!(dropped, [4, 1]);
}

#[test]
fn what_is_just_as_old_as_may_be_stays() {
    let hour = SignedDuration::from_hours(1);
    let candidates = [candidate(1, day(), 1), candidate(2, day() + hour, 1)];
    let policy = Policy {
        max_age: Some(hour),
        ..Policy::keep_last(2)
    };
    assert!(plan(&candidates, day() + hour, &policy).drop.is_empty());
    let later = day() + hour + SignedDuration::from_millis(1);
    assert_eq!(numbers(&plan(&candidates, later, &policy).drop), [1]);
}

#[test]
fn without_steps_to_undo_nothing_is_kept_for_it() {
    let wanted = Candidate {
        wanted_by_undo: true,
        ..candidate(1, day(), 1)
    };
    let candidates = [
        wanted,
        candidate(2, day() + SignedDuration::from_hours(1), 1),
    ];
    let kept = |undo| {
        let policy = Policy {
            undo,
            ..Policy::keep_last(1)
        };
        numbers(&plan(&candidates, day(), &policy).keep)
    };
    assert_eq!((kept(0), kept(1)), (vec![2], vec![2, 1]));
}

/// Hours are thinned to one each before days are, days before months, and then the oldest go.
#[test]
fn thinned_by_hours_then_days_then_months() {
    let times = [
        "2026-09-01T10:00:00Z",
        "2026-09-20T10:00:00Z",
        "2026-10-05T10:00:00Z",
        "2026-10-05T10:30:00Z",
        "2026-10-05T15:00:00Z",
        "2026-11-22T10:00:00Z",
    ];
    let candidates: Vec<_> = (1..)
        .zip(times)
        .map(|(seq, time)| candidate(seq, at(time), 10))
        .collect();
    let steps: [(u64, &[u64]); 6] = [
        (60, &[6, 5, 4, 3, 2, 1]),
        (50, &[6, 5, 4, 2, 1]),
        (40, &[6, 5, 2, 1]),
        (30, &[6, 5, 2]),
        (20, &[6, 5]),
        (0, &[6]),
    ];
    for (max_bytes, expected) in steps {
        let policy = Policy {
            max_bytes: Some(max_bytes),
            ..Policy::keep_last(6)
        };
        let shown = plan(&candidates, day(), &policy);
        assert_eq!(numbers(&shown.keep), expected, "{max_bytes} bytes");
    }
}

#[test]
fn lengths_that_nobody_can_add_up() {
    let candidates: Vec<_> = (1..=3).map(|seq| candidate(seq, day(), u64::MAX)).collect();
    let shown = plan(&candidates, day(), &Policy::default());
    assert_eq!(numbers(&shown.keep), [3]);
}

#[test]
fn all_copies_of_a_pinned_number_stay() {
    let candidates = [
        candidate(1, day(), 50),
        marked(Mark::Rotten, of_content(1, 7, day(), 50)),
        marked(Mark::Bad, of_content(1, 8, day(), 50)),
        candidate(2, day(), 50),
        candidate(3, day(), 50),
    ];
    let policy = Policy {
        pinned: BTreeSet::from([1]),
        max_bytes: Some(0),
        ..Policy::keep_last(5)
    };
    assert_eq!(
        numbers(&plan(&candidates, day(), &policy).keep),
        [3, 1, 1, 1]
    );
}

#[test]
fn bad_ones_take_what_the_good_leave() {
    let bad = |seq| marked(Mark::Bad, candidate(seq, day(), 40));
    let good = |seq| candidate(seq, day(), 40);
    let candidates = [good(1), good(2), bad(3), bad(4), bad(5)];
    let policy = |max_bytes| Policy {
        bad: 5,
        max_bytes: Some(max_bytes),
        ..Policy::keep_last(5)
    };
    let kept = |max_bytes| numbers(&plan(&candidates, day(), &policy(max_bytes)).keep);
    assert_eq!(kept(200), [5, 4, 3, 2, 1]);
    assert_eq!(kept(160), [5, 4, 2, 1]);
    assert_eq!(
        kept(80),
        [5, 2, 1],
        "the newest stays, and costs no good one"
    );
    assert_eq!(kept(79), [5, 2]);
    assert_eq!(kept(0), [5, 2]);
}

#[test]
fn nothing_at_all() {
    let shown = plan(&[], Timestamp::UNIX_EPOCH, &Policy::default());
    assert_eq!(shown, Plan::default());
    assert_eq!(shown.to_string(), "keep 0, drop 0\n");
}

#[test]
fn a_policy_is_written_as_it_is_read() {
    let policy = Policy {
        pinned: BTreeSet::from([12, 3]),
        max_age: Some(SignedDuration::from_hours(36)),
        ..Policy::default()
    };
    let text = serde_json::to_string(&policy).unwrap();
    insta::assert_snapshot!(text, @r#"{"last":10,"hourly":24,"daily":30,"weekly":0,"monthly":12,"yearly":0,"versions":true,"undo":100,"bad":5,"pinned":[3,12],"max-age":"PT36H","max-bytes":67108864}"#);
    assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
    let read = |text| serde_json::from_str::<Policy>(text);
    assert_eq!(read("{}").unwrap(), Policy::keep_last(0));
    let later = read(r#"{"last": 3, "keep-forever": true}"#).unwrap();
    assert_eq!(later, Policy::keep_last(3));
    for wrong in [
        r#"{"last": -1}"#,
        r#"{"last": "many"}"#,
        r#"{"max-age": 3}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    let marks = [
        Mark::Checked,
        Mark::Parsed,
        Mark::Unchecked,
        Mark::Bad,
        Mark::Rotten,
    ];
    let text = serde_json::to_string(&marks).unwrap();
    assert_eq!(text, r#"["checked","parsed","unchecked","bad","rotten"]"#);
}

#[test]
fn a_snapshot_tells_its_version_and_length() {
    let dir = tempfile::tempdir().unwrap();
    let backups = Backups::at(dir.path());
    let meta = Meta {
        schema_version: Some("1.2.0".into()),
        ..Meta::default()
    };
    let id = backups.create(b"port = 80\n", &meta).unwrap().id;
    let found = Candidate::from(&backups.list().unwrap()[0]);
    let expected = Candidate {
        len: 10,
        version: Some("1.2.0".into()),
        ..Candidate::new(id)
    };
    assert_eq!(found, expected);
}
