//! What the messages say.

use std::fs;

use persist_backup::{Backups, Meta};

use crate::{filled, scratch};

/// The message and its causes, without what changes from run to run.
fn message(backups: &Backups, error: &persist_backup::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text.replace(&backups.dir().display().to_string(), "DIR")
        .replace('\\', "/") // Windows'
}

#[test]
fn a_damaged_snapshot() {
    let (_dir, backups) = scratch();
    let taken = "2026-11-22T19:45:00.123Z".parse().unwrap();
    let id = persist_backup::Id::new(3, taken, persist_backup::digest(b"a"));
    let made = backups.create_as(id, b"a", &Meta::default()).unwrap();
    fs::write(&made.path, "b").unwrap();
    insta::assert_snapshot!(message(&backups, &backups.read(&id).unwrap_err()), @"DIR/00000003-20261122T194500.123Z-ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb: damaged backup: expected SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb, found 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d in 1 bytes; restore another backup (this file is left unchanged)");
    fs::rename(&made.path, format!("{}.lz4", made.path.display())).unwrap();
    insta::assert_snapshot!(message(&backups, &backups.read(&id).unwrap_err()), @"DIR/00000003-20261122T194500.123Z-ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb.lz4: damaged backup: expected an LZ4 frame of SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb, found one that cannot be decoded: the frame is cut short; restore another backup (this file is left unchanged)");
}

#[test]
fn nothing_or_too_much_found() {
    let (_dir, backups) = filled(&[b"157", b"b", b"251"]);
    insta::assert_snapshot!(message(&backups, &backups.find("9").unwrap_err()), @"there is no backup 9; backups 1 to 3 exist");
    let (_one, single) = filled(&[b"only"]);
    insta::assert_snapshot!(message(&single, &single.find("latest8").unwrap_err()), @"there is no backup latest8; only backup 1 exists");
    // One that was read is looked for by all of its name, for another may have its number.
    let gone = persist_backup::Id::new(
        2,
        backups.list().unwrap()[0].id.taken(),
        persist_backup::digest(b"gone"),
    );
    let other = message(&backups, &backups.read(&gone).unwrap_err());
    insta::assert_snapshot!(other.replace(&gone.to_string(), "NAME"), @"there is no backup NAME; backups 1 to 3 exist");
    let gone = persist_backup::Id::new(8, gone.taken(), gone.digest());
    insta::assert_snapshot!(message(&backups, &backups.read(&gone).unwrap_err()), @"there is no backup #8; backups 1 to 3 exist");
    insta::assert_snapshot!(message(&backups, &backups.find("c75d").unwrap_err()), @"c75d matches 2 backups: #3 c75d3f1f5bcd, #1 c75de23d89df; name one by its number");
    // Whoever saved at the moment of a save has the number of that.
    let at = |time: &str, bytes: &[u8], meta: &Meta| {
        let id = persist_backup::Id::new(4, time.parse().unwrap(), persist_backup::digest(bytes));
        backups.create_as(id, bytes, meta).unwrap();
    };
    at("2026-11-22T19:45:00Z", b"ours", &Meta::default());
    at(
        "2026-11-22T19:45:01Z",
        b"theirs",
        &Meta::because("saved by something else"),
    );
    insta::assert_snapshot!(message(&backups, &backups.find("4").unwrap_err()), @"4 matches 2 backups: #4 4c55a8552a2c (2026-11-22 19:45:01 UTC, saved by something else), #4 ae0bec9e9d33 (2026-11-22 19:45:00 UTC); name one by its digest");
    assert_eq!(
        backups.find("4c55a").unwrap().id.digest(),
        persist_backup::digest(b"theirs")
    );
    // One content under one number is one backup, whichever file it is read from.
    at("2026-11-22T19:45:02Z", b"theirs", &Meta::default());
    assert!(backups.find("4c55a").is_ok());
    let none = Backups::at(backups.dir().join("none"));
    insta::assert_snapshot!(message(&backups, &none.find("latest").unwrap_err()), @"there are no backups");
}

#[test]
fn limits_and_refusals() {
    let (_dir, backups) = filled(&[b"aaa", b"bbb"]);
    let small = backups.clone().max_len(2);
    insta::assert_snapshot!(message(&backups, &small.create(b"ccc", &Meta::default()).unwrap_err()), @"DIR: content is larger than the limit of 2 bytes; raise max_len to allow it");
    let file = backups.dir().join("file");
    fs::write(&file, "").unwrap();
    let inside = Backups::at(file.join("backups"));
    let refused = inside.create(b"x", &Meta::default()).unwrap_err();
    assert!(
        message(&backups, &refused).starts_with("cannot "),
        "{refused}"
    );
    let id = backups.find("1").unwrap().id;
    let refused = message(&backups, &backups.restore(&id, &file).unwrap_err());
    // In the words of the system, on this one.
    #[cfg(unix)]
    insta::assert_snapshot!(refused, @"cannot create DIR/file: File exists (os error 17)");
    assert!(refused.starts_with("cannot create DIR"), "{refused}");
}
