use std::fs;

use persist_backup::{Backups, Error, Meta};

use crate::{filled, scratch};

#[test]
fn newest_first() {
    let (_dir, backups) = filled(&[b"a", b"b", b"c"]);
    let seqs: Vec<_> = backups
        .list()
        .unwrap()
        .iter()
        .map(|snapshot| snapshot.id.seq())
        .collect();
    assert_eq!(seqs, [3, 2, 1]);
}

#[test]
fn what_is_not_ours_is_reported_and_left_alone() {
    let (_dir, backups) = filled(&[b"a"]);
    let made = backups.find("latest").unwrap();
    let odd = ["README", "00000001.lz4", ".new-zzz"].map(|name| backups.dir().join(name));
    for path in &odd {
        fs::write(path, "x").unwrap();
    }
    let orphan = backups.dir().join(format!(
        "{}.json",
        made.id.to_string().replace("00000001", "00000009")
    ));
    fs::write(&orphan, "{}").unwrap();
    let folder = backups
        .dir()
        .join(made.id.to_string().replace("00000001", "00000008"));
    fs::create_dir(&folder).unwrap();
    assert_eq!(backups.list().unwrap().len(), 1);
    let mut expected = vec![
        odd[2].clone(),
        odd[1].clone(),
        folder,
        orphan,
        odd[0].clone(),
    ];
    expected.sort();
    assert_eq!(backups.strays().unwrap(), expected);
}

/// A link with a backup's name could lead a restore to any file.
#[cfg(unix)]
#[test]
fn links_are_not_snapshots() {
    let (dir, backups) = filled(&[b"a"]);
    let made = backups.find("latest").unwrap();
    fs::rename(&made.path, dir.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &made.path).unwrap();
    assert!(backups.list().unwrap().is_empty());
}

#[test]
fn a_damaged_note_costs_only_the_note() {
    let (_dir, backups) = filled(&[b"a"]);
    let made = backups.find("latest").unwrap();
    for note in ["", "{", "[]", "{\"reason\": 7}"] {
        fs::write(backups.dir().join(format!("{}.json", made.id)), note).unwrap();
        let listed = backups.find("latest").unwrap();
        assert!(
            listed.meta.is_none() || note == "[]",
            "{note}: {:?}",
            listed.meta
        );
        assert_eq!(backups.read(&listed.id).unwrap(), b"a");
    }
}

#[track_caller]
fn check_find(backups: &Backups, what: &str, seq: u64) {
    assert_eq!(backups.find(what).expect(what).id.seq(), seq, "{what}");
}

#[test]
fn found_by_number_digest_or_latest() {
    let (_dir, backups) = filled(&[b"a", b"b"]);
    let first = backups.list().unwrap().remove(1).id;
    check_find(&backups, "latest", 2);
    check_find(&backups, "1", 1);
    check_find(&backups, "#2", 2);
    check_find(&backups, "ca978112", 1);
    check_find(&backups, "CA97", 1);
    check_find(&backups, &first.to_string(), 1);
    for absent in ["ca9", "3", "", "#", "earliest"] {
        assert!(
            matches!(backups.find(absent), Err(Error::NotFound { .. })),
            "{absent}"
        );
    }
}

#[test]
fn the_same_content_twice_is_one_by_its_digest() {
    let (_dir, backups) = filled(&[b"a", b"b", b"a"]);
    assert_eq!(backups.find("ca97").unwrap().id.seq(), 3);
}

#[test]
fn the_start_of_two_digests_is_ambiguous() {
    let (_dir, backups) = filled(&[b"157", b"251", b"157"]);
    let Err(Error::Ambiguous { matches, .. }) = backups.find("c75d") else {
        panic!("not ambiguous")
    };
    let wanted = ["#3 c75de23d89df", "#2 c75d3f1f5bcd", "#1 c75de23d89df"];
    assert_eq!(matches, wanted);
    assert_eq!(backups.find("c75de").unwrap().id.seq(), 3);
}

#[test]
fn verify_all_names_the_bad_one() {
    let (_dir, backups) = filled(&[b"a", b"b", b"c"]);
    fs::write(&backups.find("2").unwrap().path, "x").unwrap();
    let bad: Vec<_> = backups
        .verify_all()
        .unwrap()
        .into_iter()
        .filter(|(_, outcome)| outcome.is_err())
        .map(|(id, _)| id.seq())
        .collect();
    assert_eq!(bad, [2]);
    fs::remove_file(&backups.find("3").unwrap().path).unwrap();
    assert_eq!(backups.create(b"d", &Meta::default()).unwrap().id.seq(), 3);
}

#[test]
fn a_snapshot_that_is_gone_is_not_found() {
    let (_dir, backups) = scratch();
    let made = backups.create(b"a", &Meta::default()).unwrap();
    fs::remove_file(&made.path).unwrap();
    assert!(matches!(
        backups.read(&made.id),
        Err(Error::NotFound { .. })
    ));
}
