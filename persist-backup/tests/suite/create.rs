use std::fs;

use persist_backup::{Backups, Error, Id, Meta, digest};
use proptest::prelude::*;

use crate::{scratch, settings};

#[test]
fn nothing_is_touched_before_the_first_snapshot() {
    let (_dir, backups) = scratch();
    assert!(backups.list().unwrap().is_empty());
    assert!(backups.strays().unwrap().is_empty());
    assert!(!backups.dir().exists());
}

#[test]
fn a_snapshot_says_who_when_and_why() {
    let (_dir, backups) = scratch();
    let meta = Meta {
        actor: Some("eve".to_owned()),
        schema_version: Some("1.2.0".to_owned()),
        ..Meta::because("tidy up")
    };
    let made = backups.create(b"port = 80\n", &meta).unwrap();
    let listed = backups.find("latest").unwrap();
    assert_eq!(listed, made);
    assert_eq!(
        listed.meta.unwrap(),
        Meta {
            plain_len: Some(10),
            ..meta
        }
    );
    assert_eq!(made.id.seq(), 1);
    assert_eq!(made.stored_len, 10);
}

#[test]
fn sequence_numbers_go_on_after_the_highest() {
    let (_dir, backups) = scratch();
    let far = Id::new(41, jiff::Timestamp::now(), digest(b"x"));
    backups.create_as(far, b"x", &Meta::default()).unwrap();
    assert_eq!(backups.create(b"y", &Meta::default()).unwrap().id.seq(), 42);
}

#[test]
fn long_content_is_compressed_and_short_is_not() {
    let (_dir, backups) = scratch();
    let short = backups
        .create(&settings(10 * 1024), &Meta::default())
        .unwrap();
    let long = backups
        .create(&settings(10 * 1024 + 1), &Meta::default())
        .unwrap();
    assert!(!short.compressed);
    assert!(long.compressed && long.stored_len < 10 * 1024);
    let never = backups.clone().compress_above(u64::MAX);
    assert!(
        !never
            .create(&settings(20_000), &Meta::default())
            .unwrap()
            .compressed
    );
}

#[test]
fn a_file_is_never_replaced() {
    let (_dir, backups) = scratch();
    let made = backups.create(b"one", &Meta::default()).unwrap();
    let again = backups.create_as(made.id, b"one", &Meta::default());
    let Err(Error::Io { source, .. }) = again else {
        panic!("{again:?}")
    };
    assert_eq!(source.kind(), std::io::ErrorKind::AlreadyExists);
    assert!(
        backups.strays().unwrap().is_empty(),
        "the refused file is gone again"
    );
}

#[test]
fn an_identity_that_is_not_of_the_bytes_is_refused() {
    let (_dir, backups) = scratch();
    let id = Id::new(1, jiff::Timestamp::now(), digest(b"other"));
    assert!(matches!(
        backups.create_as(id, b"bytes", &Meta::default()),
        Err(Error::Corrupt { .. })
    ));
    assert!(backups.list().unwrap().is_empty());
}

#[test]
fn content_beyond_the_limit_is_refused() {
    let (_dir, backups) = scratch();
    let refused = backups.max_len(3).create(b"four", &Meta::default());
    assert!(matches!(refused, Err(Error::TooLarge { limit: 3, .. })));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, backups) = scratch();
    let made = backups.create(b"secret", &Meta::default()).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(backups.dir()), 0o700);
    assert_eq!(mode(&made.path), 0o600);
    let copy = dir.path().join("copy");
    backups.restore(&made.id, &copy).unwrap();
    assert_eq!(mode(&copy), 0o600);
}

#[test]
fn restore_gives_the_bytes_and_never_replaces() {
    let (dir, backups) = scratch();
    let bytes = settings(30_000);
    let made = backups.create(&bytes, &Meta::default()).unwrap();
    let copy = dir.path().join("copy");
    assert_eq!(backups.restore(&made.id, &copy).unwrap(), 30_000);
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    fs::write(&copy, "mine").unwrap();
    assert!(backups.restore(&made.id, &copy).is_err());
    assert_eq!(fs::read(&copy).unwrap(), b"mine");
}

#[test]
fn a_file_renamed_into_place_is_a_snapshot() {
    let (dir, backups) = scratch();
    backups.create(b"first", &Meta::default()).unwrap();
    let displaced = dir.path().join("displaced");
    fs::write(&displaced, "second").unwrap();
    let id = Id::new(
        backups.next_seq().unwrap(),
        jiff::Timestamp::now(),
        digest(b"second"),
    );
    fs::rename(&displaced, backups.path_for(&id)).unwrap();
    backups.describe(&id, &Meta::because("displaced")).unwrap();
    assert_eq!(backups.read(&id).unwrap(), b"second");
    assert_eq!(backups.find("2").unwrap().meta.unwrap().reason, "displaced");
}

#[test]
fn sweep_removes_what_an_interrupted_call_left() {
    let (_dir, backups) = scratch();
    backups.create(b"one", &Meta::default()).unwrap();
    fs::write(backups.dir().join(".new-a1b2c3"), "half").unwrap();
    fs::write(backups.dir().join("mine.txt"), "not ours").unwrap();
    let note = backups.create(b"two", &Meta::default()).unwrap();
    fs::remove_file(&note.path).unwrap();
    assert_eq!(backups.sweep().unwrap(), 2);
    assert_eq!(backups.strays().unwrap(), [backups.dir().join("mine.txt")]);
    assert_eq!(Backups::at("/nonexistent").sweep().unwrap(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out(bytes in prop::collection::vec(any::<u8>(), 0..40_000), above in 0_u64..30_000) {
        let (_dir, backups) = scratch();
        let backups = backups.compress_above(above);
        let made = backups.create(&bytes, &Meta::default()).unwrap();
        prop_assert_eq!(backups.read(&made.id).unwrap(), bytes);
    }
}
