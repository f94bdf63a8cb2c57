use jiff::Timestamp;
use persist_backup::{Digest, Id, digest};
use proptest::prelude::*;

#[test]
fn the_name_says_it_all() {
    let taken: Timestamp = "2026-11-22T19:45:00.123456Z".parse().unwrap();
    let id = Id::new(7, taken, digest(b""));
    insta::assert_snapshot!(id, @"00000007-20261122T194500.123Z-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    insta::assert_snapshot!(id.short(), @"#7 e3b0c44298fc");
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<Id>(&json).unwrap(), id);
}

/// One snapshot, one name: whatever else reads like the same values is refused.
#[test]
fn other_spellings_are_refused() {
    let good = "00000007-20261122T194500.123Z-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    good.parse::<Id>().unwrap();
    for bad in [
        good.replace("00000007", "7"),
        good.replace("00000007", "+0000007"),
        good.replace("00000007", "99999999999999999999"),
        good.replace("1122", "1322"),
        good.replace(".123Z", ".123z"),
        good.replace("T19", "T24"),
        good.replace("e3b0", "E3B0"),
        good.replace("e3b0", "e3b"),
        good.replace("20261122T194500.123Z", "2026\u{e9}122T19450.123Z"),
        format!("{good} "),
        good.replace('-', "_"),
        String::new(),
    ] {
        bad.parse::<Id>().expect_err(&bad);
    }
}

#[test]
fn order_is_by_sequence_before_time() {
    let early: Timestamp = "2001-01-01T00:00:00Z".parse().unwrap();
    let late: Timestamp = "2031-01-01T00:00:00Z".parse().unwrap();
    assert!(Id::new(2, early, digest(b"")) > Id::new(1, late, digest(b"")));
    assert!(
        Id::new(1, Timestamp::MIN, digest(b""))
            .to_string()
            .starts_with("00000001-00000101T000000.000Z")
    );
}

proptest! {
    #[test]
    fn display_and_parse_agree(seq: u64, nanosecond in -377_705_023_201_000_000_000_i128..253_402_207_200_000_000_000, bytes: [u8; 32]) {
        let id = Id::new(seq, Timestamp::from_nanosecond(nanosecond).unwrap(), Digest::from_bytes(bytes));
        prop_assert_eq!(id.to_string().parse::<Id>().unwrap(), id);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[0-9]{0,9}-[0-9TZ.é]{0,21}-[0-9a-f]{0,65}", wild in ".*") {
        for text in [text, wild] {
            if let Ok(id) = text.parse::<Id>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
