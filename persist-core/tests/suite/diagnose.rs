//! Damage in all three formats, told from what people write.

use std::fs;

use persist_core::{Condition, ConfigFile, Damage, Error};
use tempfile::TempDir;

use crate::support::{
    Checkpoint, by_hand, chain, live, modified, notices, open, open_with, put, saved, set,
    somewhere, text, with,
};

const FORMATS: [(&str, &str); 3] = [
    (
        "app.toml",
        "# sizes\nwidth = 1 # pixels\n\n[editor]\nfont = \"mono\"\nrecent = [\"a\", \"b\"]\n",
    ),
    (
        "app.yaml",
        "# sizes\nwidth: 1 # pixels\neditor:\n  font: mono\n  recent:\n    - a\n    - b\n",
    ),
    (
        "app.json",
        "{\n  \"width\": 1,\n  \"editor\": {\n    \"font\": \"mono\",\n    \"recent\": [\"a\", \"b\"]\n  }\n}\n",
    ),
];

/// A file in each format, saved twice.
fn each(check: impl Fn(&TempDir, &ConfigFile)) {
    for (name, text) in FORMATS {
        let (dir, file) = with(name, text);
        set(&file, "width", 2).expect("as the test set it up");
        set(&file, "width", 3).expect("as the test set it up");
        check(&dir, &file);
    }
}

/// Each of so many damages is also recovered from; all of them where `PERSIST_CASES` is set.
fn recovers(at: usize) -> bool {
    std::env::var_os("PERSIST_CASES").is_some() || at.is_multiple_of(9)
}

/// What every damage comes to: reading refuses, recovering brings back the last saved content byte for
/// byte and keeps the damaged bytes, and undo goes on.
fn assert_recovered(dir: &TempDir, file: &ConfigFile, damaged: &[u8], good: &[u8], what: &str) {
    let receipt = file
        .recover(None)
        .unwrap_or_else(|e| panic!("{what}: {}", chain(&e)));
    assert_eq!(live(file), good, "{what}: {:?}", receipt.from);
    assert_eq!(
        receipt.from.as_deref(),
        Some("the content saved last (mirror)"),
        "{what}"
    );
    assert!(
        somewhere(dir.path(), damaged),
        "{what}: the damaged bytes are gone"
    );
}

#[test]
fn every_truncation_is_recovered() {
    each(|dir, file| {
        let good = live(file);
        let before = Checkpoint::of(dir.path());
        for len in 0..good.len() {
            // The system's own tools give a cut file a new time.
            by_hand(file.path(), &good[..len]);
            assert_recovered(
                dir,
                file,
                &good[..len],
                &good,
                &format!("{:?} cut to {len}", file.path()),
            );
            before.reset();
        }
    });
}

#[test]
fn every_truncation_by_the_medium_is_seen_when_reading() {
    each(|dir, file| {
        let good = live(file);
        let time = modified(file.path());
        let before = Checkpoint::of(dir.path());
        for len in 0..good.len() {
            put(file.path(), &good[..len], time);
            let found = file.read();
            let seen = matches!(&found, Err(Error::Damaged { damage, .. })
                if *damage == Damage::Empty || *damage == Damage::Truncated { len, of: good.len() });
            assert!(seen, "{:?} cut to {len}: {found:?}", file.path());
        }
        before.reset();
    });
}

#[test]
fn nuls_from_any_byte_on_are_seen_and_recovered() {
    each(|dir, file| {
        let good = live(file);
        let before = Checkpoint::of(dir.path());
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at..].fill(0);
            by_hand(file.path(), &bytes);
            let seen = matches!(file.read(), Err(Error::Damaged { damage: Damage::Nuls { offset }, .. }) if offset == at);
            assert!(seen, "NULs from {at}");
            if recovers(at) {
                assert_recovered(dir, file, &bytes, &good, &format!("NULs from {at}"));
            }
            before.reset();
        }
    });
}

#[test]
fn every_silently_flipped_bit_is_seen_and_recovered() {
    each(|dir, file| {
        let good = live(file);
        let time = modified(file.path());
        let before = Checkpoint::of(dir.path());
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8);
            put(file.path(), &bytes, time);
            let found = file.read();
            assert!(
                matches!(found, Err(Error::Damaged { .. })),
                "byte {at}: {found:?}"
            );
            if recovers(at) {
                assert_recovered(dir, file, &bytes, &good, &format!("byte {at} flipped"));
            }
            before.reset();
        }
    });
}

#[test]
fn damage_is_never_saved_over() {
    each(|_, file| {
        fs::write(file.path(), [0; 64]).unwrap();
        for error in [set(file, "width", 9).unwrap_err(), file.undo().unwrap_err()] {
            let said = error.to_string();
            assert!(said.ends_with("is damaged: NUL bytes from offset 0; `recover` brings back the last good state and keeps the damaged bytes"), "{said}");
        }
        assert_eq!(live(file), [0; 64]);
    });
}

#[test]
fn a_valid_hand_edit_is_adopted() {
    for (name, start) in FORMATS {
        let (_dir, file) = with(name, start);
        set(&file, "width", 2).unwrap();
        let before = text(&file);
        let edited = before.replace("mono", "serif");
        by_hand(file.path(), &edited);
        assert_eq!(file.read().unwrap().condition(), Condition::ChangedOutside);
        let receipt = set(&file, "width", 3).unwrap();
        assert_eq!(
            notices(&receipt),
            ["recorded changes made outside persist (1 change)"]
        );
        let entries = file.history().unwrap();
        assert_eq!(
            entries[1].changes[0].to_string(),
            r#"editor.font: "mono" -> "serif""#
        );
        assert_eq!(file.content_before(&entries[1]).unwrap(), before.as_bytes());
        file.undo().unwrap();
        assert_eq!(text(&file), edited);
        file.undo().unwrap();
        assert_eq!(text(&file), before);
    }
}

/// The last lines deleted in an editor: a strict prefix of what was saved, and yet an edit.
#[test]
fn lines_deleted_by_hand_stay_deleted() {
    let (_dir, file) = with("app.toml", "width = 1\nheight = 1\n");
    set(&file, "width", 2).unwrap();
    by_hand(file.path(), "width = 2\n");
    let receipt = set(&file, "width", 3).unwrap();
    assert_eq!(
        notices(&receipt),
        ["recorded changes made outside persist (1 change)"]
    );
    assert_eq!(text(&file), "width = 3\n");
    file.undo().unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "width = 2\nheight = 1\n");
}

/// An older version put back by other means, from version control say.
#[test]
fn an_older_version_put_back_by_hand_is_adopted() {
    let (_dir, file) = with("app.toml", "width = 1\n");
    set(&file, "height", 2).unwrap();
    assert_eq!(text(&file), "width = 1\nheight = 2\n");
    by_hand(file.path(), "width = 1\n");
    assert_eq!(file.read().unwrap().condition(), Condition::ChangedOutside);
    set(&file, "width", 5).unwrap();
    assert_eq!(text(&file), "width = 5\n");
}

#[test]
fn a_broken_hand_edit_is_never_touched() {
    let broken = [
        ("app.toml", "width = 3\nheight = = 4\n", "app.toml:2:"),
        ("app.yaml", "width: 3\nheight: [4\n", "app.yaml:"),
        ("app.json", "{\n  \"width\": 3,,\n}\n", "app.json:2:"),
    ];
    for ((name, start), (_, edit, place)) in FORMATS.into_iter().zip(broken) {
        let (dir, file) = with(name, start);
        set(&file, "width", 2).unwrap();
        let backups = file.backups().list().unwrap().len();
        by_hand(file.path(), edit);
        for error in [
            file.read().unwrap_err(),
            set(&file, "width", 9).unwrap_err(),
            file.recover(None).unwrap_err(),
            file.adopt().unwrap_err(),
            set(&file, "width", 9).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Invalid(..)), "{error:?}");
            assert!(error.to_string().contains(place), "{error}");
        }
        assert_eq!(text(&file), edit);
        let (document, from) = file.last_good().unwrap().unwrap();
        assert_eq!(document.get(&"width".parse().unwrap()), Some(&2.into()));
        assert_eq!(from, "the content saved last (mirror)");
        let now = file.backups().list().unwrap().len();
        assert!(
            now <= backups + 1,
            "each refused change made another copy: {now}"
        );
        // The person mends it, and the broken text is part of nobody's history.
        by_hand(file.path(), start);
        set(&file, "width", 4).unwrap();
        drop(dir);
    }
}

#[test]
fn strict_mode_refuses_until_the_change_is_adopted() {
    let (_dir, file) = with("app.toml", "width = 1\n");
    set(&file, "width", 2).unwrap();
    by_hand(file.path(), "width = 30\n");
    let file = open_with(file.path(), |o| o.strict = true);
    let error = set(&file, "width", 4).unwrap_err();
    assert!(matches!(error, Error::ChangedOutside { .. }));
    assert_eq!(text(&file), "width = 30\n");
    let receipt = file.adopt().unwrap();
    assert_eq!(
        notices(&receipt),
        ["recorded changes made outside persist (1 change)"]
    );
    set(&file, "width", 4).unwrap();
    assert_eq!(text(&file), "width = 4\n");
}

#[test]
fn a_file_that_persist_never_saw_is_judged_by_its_bytes_alone() {
    let (_dir, file) = with("app.toml", "");
    assert_eq!(file.read().unwrap().condition(), Condition::Unmanaged);
    fs::write(file.path(), "a = \"\0\"\n").unwrap();
    assert!(matches!(
        file.read(),
        Err(Error::Damaged {
            damage: Damage::Nuls { offset: 5 },
            ..
        })
    ));
}

/// Somebody's letters, not damage: recovery would leave them out.
#[test]
fn a_file_in_another_encoding_is_refused_and_not_recovered() {
    let latin = b"a = \"caf\xe9\"\n";
    let (_dir, file) = with("app.toml", "");
    fs::write(file.path(), latin).unwrap();
    for refused in [file.read().map(drop), file.recover(None).map(drop)] {
        let Err(Error::Invalid(error)) = refused else {
            panic!("{refused:?}");
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(error.to_string().rsplit(['/', '\\']).next().unwrap(), @"app.toml:1:9: byte 0xe9 is not UTF-8");
        }
    }
    assert_eq!(fs::read(file.path()).unwrap(), latin);
}

#[test]
fn what_was_text_when_it_was_saved_is_damaged_when_it_is_none() {
    let (_dir, file) = saved(&[2]);
    fs::write(file.path(), b"width = 2 # \xFF\n").unwrap();
    assert!(matches!(
        file.read(),
        Err(Error::Damaged {
            damage: Damage::NotUtf8 { offset: 12 },
            ..
        })
    ));
    file.recover(None).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
}

#[test]
fn a_deleted_file_is_missing_until_somebody_says_otherwise() {
    let (_dir, file) = with("app.toml", "width = 1\n");
    set(&file, "width", 2).unwrap();
    fs::remove_file(file.path()).unwrap();
    assert!(matches!(
        file.read(),
        Err(Error::Damaged {
            damage: Damage::Missing,
            ..
        })
    ));
    assert!(matches!(
        set(&file, "width", 3),
        Err(Error::Damaged {
            damage: Damage::Missing,
            ..
        })
    ));
    file.adopt().unwrap();
    assert_eq!(
        open(file.path()).read().unwrap().condition(),
        Condition::Absent
    );
    set(&file, "height", 3).unwrap();
    assert_eq!(text(&file), "height = 3\n");
    assert!(somewhere(&file.state_dir().join("backups"), b"width = 2\n"));
    assert!(file.verify().unwrap().passed());
}

#[test]
fn utf_16_is_somebodys_text_and_refused_by_name() {
    let (_dir, file) = with("app.toml", "width = 1\n");
    set(&file, "width", 2).unwrap();
    let wide: Vec<u8> = "\u{FEFF}width = 2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    by_hand(file.path(), &wide);
    let error = set(&file, "width", 3).unwrap_err();
    assert!(matches!(error, Error::Invalid(..)), "{error:?}");
    assert_eq!(live(&file), wide);
}
