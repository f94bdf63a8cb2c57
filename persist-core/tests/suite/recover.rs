//! Recovery, from each source in turn.

use std::fs;

use persist_core::journal::Event;
use persist_core::{
    BackupFolder, ConfigFile, Damage, Document, Error, Format, Notice, Outcome, RecoverySource,
};

use crate::support::{
    append, chain, forget_replaced, intent, live, notices, picture, records, saved, set, somewhere,
    text, with,
};

const LAST: &str = "# pixels\nwidth = 3 # of the window\n";

fn damage(file: &ConfigFile) {
    fs::write(file.path(), "wid\0\0\0\0\0").expect("as the test set it up");
}

/// Salvage and defaults, on bytes of which persist knows nothing.
fn salvage(name: &str, bytes: &[u8], defaults: &str) -> (String, String, Vec<String>) {
    let (_dir, file) = with(name, "");
    fs::write(file.path(), bytes).expect("as the test set it up");
    let format = Format::from_path(file.path()).expect("as the test set it up");
    let defaults = Document::parse(defaults.as_bytes(), format).expect("as the test set it up");
    let receipt = file
        .recover(Some(&defaults))
        .unwrap_or_else(|e| panic!("{}", chain(&e)));
    (
        receipt.from.clone().expect("as the test set it up"),
        text(&file),
        notices(&receipt),
    )
}

#[test]
fn the_mirror_is_the_first_rung() {
    let (_dir, file) = saved(&[2, 3]);
    damage(&file);
    let receipt = file.recover(None).unwrap();
    assert_eq!(
        receipt.from.as_deref(),
        Some("the content saved last (mirror)")
    );
    assert_eq!(text(&file), LAST);
    let kept = receipt.backup.unwrap();
    assert_eq!(kept.folder, BackupFolder::Quarantine);
    assert_eq!(
        fs::read(file.state_dir().join(kept.path())).unwrap(),
        b"wid\0\0\0\0\0"
    );
}

#[test]
fn without_a_mirror_the_newest_backup_that_verifies_is_taken() {
    for spoil in [None, Some(b"rubbish".as_slice())] {
        let (_dir, file) = saved(&[2, 3, 4]);
        let mirror = file.state_dir().join("mirror");
        match spoil {
            Some(bytes) => fs::write(&mirror, bytes).unwrap(),
            None => fs::remove_file(&mirror).unwrap(),
        }
        let newest = file.backups().list().unwrap().remove(0);
        fs::write(&newest.path, "width = 666\n").unwrap();
        forget_replaced(&file);
        damage(&file);
        let receipt = file.recover(None).unwrap();
        let from = receipt.from.unwrap();
        assert!(from.starts_with("backup #2 "), "{from}");
        assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
        assert_eq!(
            fs::read(&newest.path).unwrap(),
            b"width = 666\n",
            "left as it is"
        );
    }
}

/// What the last save has replaced is a third copy of its backup.
#[test]
fn a_rotten_backup_is_put_aside_and_made_again_of_the_replaced_file() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let newest = file.backups().list().unwrap().remove(0);
    let whole = fs::read(&newest.path).unwrap();
    fs::write(&newest.path, "width = 666\n").unwrap();
    set(&file, "width", 5).unwrap();
    assert_eq!(fs::read(&newest.path).unwrap(), whole);
    assert!(somewhere(
        &file.state_dir().join("quarantine"),
        b"width = 666\n"
    ));
    assert!(file.verify().unwrap().passed());
}

#[test]
fn a_backup_with_the_saved_content_stands_in_for_the_mirror() {
    let (_dir, file) = saved(&[2, 3]);
    file.undo().unwrap(); // `width = 2` again, which is also the content before change 2
    fs::remove_file(file.state_dir().join("mirror")).unwrap();
    damage(&file);
    let receipt = file.recover(None).unwrap();
    assert!(
        receipt
            .from
            .as_ref()
            .unwrap()
            .starts_with("the content saved last (backup #2 ")
    );
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
}

#[test]
fn salvage_names_what_was_lost() {
    let bytes = b"title = \"mine\"\nwid\0th = 7\nheight = \xFF\n[editor]\nfont = \"mono\"\n";
    let defaults = "title = \"x\"\nwidth = 1\nheight = 2\n[editor]\nfont = \"x\"\nsize = 3\n";
    let (from, text, notices) = salvage("app.toml", bytes, defaults);
    assert_eq!(from, "3 readable fields of the damaged file");
    assert!(
        text.contains("title = \"mine\"")
            && text.contains("width = 7")
            && text.contains("font = \"mono\"")
    );
    assert_eq!(notices, ["lost: height, editor.size"]);
}

#[test]
fn salvage_reads_cut_json() {
    let bytes = b"{\"title\": \"mine\", \"width\": 7, \"editor\": {\"font\": \"mo\0\0\0\0";
    let (_, text, _) = salvage("app.json", bytes, "{\"height\": 2}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["title"], "mine");
    assert_eq!(value["width"], 7);
    assert_eq!(value["height"], 2);
}

/// A lost header must not hand its keys to the table before it.
#[test]
fn salvage_does_not_move_values_to_another_table() {
    let (_, text, _) = salvage(
        "app.toml",
        b"[a]\nx = 1\n[b\0\xFF[\nenabled = false\n[c]\ny = 2\n",
        "z = 0\n",
    );
    let document = Document::parse(text.as_bytes(), Format::Toml).unwrap();
    assert_eq!(document.get(&"a.enabled".parse().unwrap()), None, "{text}");
    assert_eq!(document.get(&"a.x".parse().unwrap()), Some(&1.into()));
    assert_eq!(document.get(&"c.y".parse().unwrap()), Some(&2.into()));
    let (_, text, _) = salvage(
        "app.yaml",
        b"a:\n  x: 1\nb\0: : [\n  enabled: false\nc:\n  y: 2\n",
        "z: 0\n",
    );
    let document = Document::parse(text.as_bytes(), Format::Yaml).unwrap();
    assert_eq!(document.get(&"a.enabled".parse().unwrap()), None, "{text}");
    assert_eq!(
        document.get(&"c.y".parse().unwrap()),
        Some(&2.into()),
        "{text}"
    );
}

#[test]
fn defaults_come_last_and_say_so() {
    let (from, text, _) = salvage("app.toml", &[0; 40], "width = 1\n");
    assert_eq!(from, "the defaults, because nothing better was left");
    assert_eq!(text, "width = 1\n");
}

#[test]
fn with_nothing_left_nothing_is_touched() {
    let (_dir, file) = with("app.toml", "");
    fs::write(file.path(), [0; 40]).unwrap();
    let error = file.recover(None).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NoGoodCopy {
                readable: 0,
                adoptable: false,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error.to_string().ends_with(
            "app.toml was not recovered and was left unchanged: NUL bytes from offset 0, and no good copy is left (nothing was ever saved here, there are no backups)"
        ),
        "{error}"
    );
    assert_eq!(live(&file), [0; 40]);
}

#[test]
fn a_healthy_file_is_left_alone() {
    let (dir, file) = saved(&[2, 3]);
    let before = picture(dir.path());
    let receipt = file.recover(None).unwrap();
    assert_eq!(receipt.outcome, persist_core::Outcome::Unchanged);
    let after = picture(dir.path());
    let differing = after
        .keys()
        .filter(|p| !p.ends_with("lock") && before.get(*p) != after.get(*p));
    assert_eq!(differing.count(), 0);
}

#[test]
fn a_missing_file_comes_back() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_file(file.path()).unwrap();
    let receipt = file.recover(None).unwrap();
    assert_eq!(text(&file), LAST);
    assert_eq!(receipt.backup, None);
    assert!(file.verify().unwrap().passed());
    assert!(matches!(
        crate::support::open(&file.path().with_file_name("other.toml")).recover(None),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn recovering_twice_is_recovering_once() {
    let (_dir, file) = saved(&[2, 3]);
    damage(&file);
    file.recover(None).unwrap();
    assert_eq!(
        file.recover(None).unwrap().outcome,
        persist_core::Outcome::Unchanged
    );
    set(&file, "width", 9).unwrap();
    assert!(file.verify().unwrap().passed());
}

/// Any rubbish at all: an answer, never a panic, and the bytes are kept or untouched.
#[test]
fn rubbish_never_panics() {
    use proptest::prelude::*;
    let run = |name: &str, bytes: &[u8]| {
        let (dir, file) = with(name, "");
        fs::write(file.path(), bytes).unwrap();
        let defaults = if !name.ends_with(".toml") {
            "{\"a\": 1}"
        } else {
            ""
        };
        let format = Format::from_path(file.path()).unwrap();
        let defaults = Document::parse(defaults.as_bytes(), format).unwrap();
        drop(file.read());
        drop(file.info().unwrap());
        drop(file.verify().unwrap());
        drop(file.recover(Some(&defaults)));
        assert!(crate::support::somewhere(dir.path(), bytes));
    };
    let names = ["app.toml", "app.yaml", "app.json", "app.jsonc"];
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let bytes = proptest::collection::vec(
        prop_oneof![
            any::<u8>(),
            Just(0u8),
            proptest::sample::select(b"\n:=[]{}\"' -#,ab1".to_vec())
        ],
        0..120,
    );
    proptest!(config, |(bytes in bytes, which in 0..4usize)| run(names[which], &bytes));
}

/// An older content says which changes it is without.
#[test]
fn a_backup_that_is_older_than_the_last_save_names_what_is_lost() {
    let (_dir, file) = saved(&[2, 3, 4]);
    fs::remove_file(file.state_dir().join("mirror")).expect("a mirror");
    damage(&file);
    let receipt = file.recover(None).expect("there are backups");
    assert_eq!(text(&file), LAST);
    assert_eq!(
        notices(&receipt).last().map(String::as_str),
        Some("lost: width (save #3)")
    );
}

/// Cut at the end of a line it may be somebody's edit, and there is nothing to tell it by: it is taken, but not in silence.
#[test]
fn a_file_that_nothing_good_is_left_of_is_not_taken_in_silence() {
    let (_dir, file) = saved(&[2, 3]);
    fs::write(file.state_dir().join("mirror"), "rubbish").expect("a mirror");
    for snapshot in file.backups().list().expect("backups") {
        fs::write(snapshot.path, "rubbish").expect("a backup");
    }
    forget_replaced(&file);
    let problems = file.verify().expect("it can be read").problems();
    assert!(
        problems.iter().any(|p| p.contains("mirror")),
        "{problems:?}"
    );
    let undo = chain(&file.undo().expect_err("no good backup"));
    assert!(undo.contains("damaged"), "{undo}");
    fs::write(file.path(), "# pixels\n").expect("a file");
    let told = notices(&file.recover(None).expect("taken as it is"));
    assert!(told.iter().any(|n| n.contains("no good copy")), "{told:?}");
}

#[test]
fn verify_misses_the_backup_of_the_last_change_and_what_the_mirror_held() {
    let (_dir, file) = saved(&[2, 3]);
    assert!(file.verify().expect("it can be read").passed());
    let mirror = file.state_dir().join("mirror");
    let whole = fs::read(&mirror).expect("a mirror");
    fs::write(&mirror, "rubbish").expect("a mirror");
    let found = file.verify().expect("it can be read");
    assert!(!found.passed() && found.mirror.is_some(), "{found:?}");
    fs::remove_file(&mirror).expect("a mirror");
    fs::create_dir(&mirror).expect("a folder in its place");
    let found = file.verify().expect("it can be read");
    assert!(!found.passed() && !found.obstacles.is_empty(), "{found:?}");
    fs::remove_dir(&mirror).expect("a folder");
    // As a crash leaves it between the save and the mirror.
    fs::write(&mirror, "# pixels\nwidth = 2 # of the window\n").expect("a mirror");
    assert!(file.verify().expect("it can be read").passed());
    fs::write(&mirror, whole).expect("a mirror");
    let newest = file.backups().list().expect("backups").remove(0);
    fs::remove_file(newest.path).expect("a backup");
    let found = file.verify().expect("it can be read");
    assert!(!found.passed() && found.backup_gone.is_some(), "{found:?}");
}

/// What somebody saved at the moment of a save was overruled by that save: it is newer than the backup, and no good copy.
#[cfg(unix)]
#[test]
fn an_overtaken_copy_is_not_taken_before_the_one_that_the_journal_names() {
    let (_dir, file) = saved(&[2]);
    let path = file.path().to_path_buf();
    let meanwhile = crate::support::open_with(&path.clone(), |options| {
        options.check = Some(std::sync::Arc::new(move |_| {
            fs::write(&path, "width = 77 # theirs\n")?;
            Ok(())
        }));
    });
    let receipt = set(&meanwhile, "width", 3).expect("a save");
    assert_eq!(receipt.notices.len(), 1, "{:?}", receipt.notices);
    assert_eq!(file.backups().list().expect("backups").len(), 3);
    fs::remove_file(file.state_dir().join("mirror")).expect("a mirror");
    damage(&file);
    file.recover(None).expect("there are backups");
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
    // Two backups have the number of that save.
    let error = chain(&file.restore("2").expect_err("ambiguous"));
    assert!(
        error.contains("name one by its digest") && error.contains("saved by something else"),
        "{error}"
    );
    let theirs = persist_core::digest(b"width = 77 # theirs\n")
        .short()
        .to_string();
    assert!(error.contains(&theirs), "{error}");
    file.restore(&theirs).expect("named by its digest");
    assert_eq!(text(&file), "width = 77 # theirs\n");
}

/// The source in the receipt, and how far each call goes.
#[test]
fn a_recovery_goes_no_further_than_it_may() {
    let (_dir, file) = saved(&[2, 3]);
    damage(&file);
    let receipt = file
        .recover_up_to(RecoverySource::Copy, None)
        .expect("the mirror");
    assert_eq!(
        (receipt.recovered_from, text(&file).as_str()),
        (Some(RecoverySource::Copy), LAST)
    );
    assert_eq!(
        file.recover(None).expect("nothing to do").recovered_from,
        None
    );

    let damaged = b"width = 5\nhei\0\0";
    let defaults = Document::parse(b"height = 7\n", Format::Toml).expect("a document");
    let (_dir, file) = with("app.toml", "");
    fs::write(file.path(), damaged).expect("a file");
    for (lowest, defaults) in [
        (RecoverySource::Copy, None),
        (RecoverySource::Copy, Some(&defaults)),
    ] {
        let error = file.recover_up_to(lowest, defaults).expect_err("no copy");
        assert!(
            matches!(error, Error::NoGoodCopy { readable: 1, .. }),
            "{error:?}"
        );
        assert_eq!(live(&file), damaged);
    }
    let receipt = file
        .recover_up_to(RecoverySource::Salvage, Some(&defaults))
        .expect("a field");
    assert_eq!(
        (receipt.recovered_from, text(&file).as_str()),
        (Some(RecoverySource::Salvage), "width = 5\n")
    );

    let (_dir, file) = with("app.toml", "");
    fs::write(file.path(), [0; 9]).expect("a file");
    let error = file
        .recover_up_to(RecoverySource::Salvage, Some(&defaults))
        .expect_err("no field");
    assert!(
        matches!(error, Error::NoGoodCopy { readable: 0, .. }),
        "{error:?}"
    );
    let receipt = file.recover(Some(&defaults)).expect("the defaults");
    assert_eq!(
        (receipt.recovered_from, text(&file).as_str()),
        (Some(RecoverySource::Defaults), "height = 7\n")
    );
}

#[test]
fn what_is_no_document_is_put_back_only_if_that_is_said() {
    let (_dir, file) = saved(&[2]);
    let broken = "width = [\n";
    crate::support::by_hand(file.path(), broken);
    file.restore("1").expect("a good backup");
    let good = text(&file);
    for error in [file.undo(), file.restore("latest")] {
        let error = error.expect_err("no document");
        assert!(matches!(error, Error::Unparsable { .. }), "{error:?}");
        assert!(chain(&error).contains("is not a valid document"), "{error}");
    }
    assert_eq!(text(&file), good);
    file.go_even_unparsable(persist_core::HistoryMove::Undo(1))
        .expect("as was said");
    assert_eq!(text(&file), broken);
    file.restore("1").expect("a good backup");
    file.restore_even_unparsable("latest").expect("as was said");
    assert_eq!(text(&file), broken);
}

#[test]
fn a_deletion_is_accepted_and_told() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_file(file.path()).expect("the file");
    let error = file.read().expect_err("deleted").to_string();
    assert!(
        error.contains("was deleted; `recover` brings back"),
        "{error}"
    );
    assert_eq!(file.info().expect("told").condition, Err(Damage::Missing));
    let receipt = file.adopt().expect("accepted");
    assert_eq!(receipt.outcome, Outcome::Adopted);
    let [Notice::Deleted { kept: Some(kept) }] = &receipt.notices[..] else {
        panic!("{:?}", receipt.notices);
    };
    assert_eq!(
        fs::read_to_string(file.state_dir().join(kept)).expect("kept"),
        LAST
    );
    assert_eq!(
        file.adopt().expect("accepted already").outcome,
        Outcome::Unchanged
    );
    assert!(file.verify().expect("it can be read").passed());
    file.restore("latest").expect("kept");
    assert_eq!(text(&file), LAST);
}

/// On a medium that nothing can be written to, what needs nothing succeeds.
#[cfg(target_os = "linux")]
#[test]
fn nothing_to_do_is_done_on_a_read_only_mount() {
    let (dir, file) = saved(&[2, 3]);
    let bind = |arguments: &[&str]| {
        let mut mount = std::process::Command::new("mount");
        mount
            .args(arguments)
            .arg(dir.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let path = dir.path().display().to_string();
    if !bind(&["--bind", &path]) {
        println!("skipped: mounting is not allowed here");
        return;
    }
    let is_read_only = bind(&["-o", "remount,ro,bind"]);
    let file = crate::support::open(file.path());
    let (adopted, recovered, changed) = (file.adopt(), file.recover(None), set(&file, "width", 9));
    drop(file); // it keeps its folders open
    let unmounted = std::process::Command::new("umount")
        .arg(dir.path())
        .status();
    assert!(is_read_only && unmounted.is_ok_and(|status| status.success()));
    assert_eq!(
        adopted.expect("nothing to adopt").outcome,
        Outcome::Unchanged
    );
    assert_eq!(
        recovered.expect("nothing to recover").outcome,
        Outcome::Unchanged
    );
    assert!(changed.is_err());
}

#[test]
fn a_receipt_names_the_backup_that_is_put_back() {
    let (_dir, file) = saved(&[2]);
    let two = text(&file);
    let backup = set(&file, "width", 3).unwrap().backup.expect("a backup");
    set(&file, "width", 4).unwrap();
    file.restore(backup).expect("as the receipt names it");
    assert_eq!(text(&file), two);
    set(&file, "width", 5).unwrap();
    file.restore(backup.to_string().as_str())
        .expect("as the log prints it");
    assert_eq!(text(&file), two);
    // What is in quarantine was damaged, and is no backup.
    fs::write(file.path(), "wid\0\0").unwrap();
    let damaged = file.recover(None).unwrap().backup.expect("set aside");
    assert_eq!(damaged.folder, BackupFolder::Quarantine);
    let error = file.restore(damaged).expect_err("not a backup");
    assert!(matches!(error, Error::Backup { .. }), "{error:?}");
}

/// What a save would have changed that was announced, and never was live, is not lost.
#[test]
fn a_save_that_did_not_happen_loses_nothing() {
    let (_dir, file) = saved(&[2, 3]);
    let mut announced = intent(&file, Some(&live(&file)), b"# pixels\nwidth = 4\n");
    let records = records(&file);
    let Some((last, Event::Intent(saved))) = records.last().map(|(r, _)| (r, &r.event)) else {
        panic!("the last record is a save");
    };
    announced.changes = saved.changes.clone();
    let saved = last.seq;
    append(&file, Event::Intent(announced));
    forget_replaced(&file);
    fs::remove_file(file.state_dir().join("mirror")).unwrap();
    damage(&file);
    let receipt = file.recover(None).unwrap();
    let lost = receipt.notices.iter().find_map(|notice| match notice {
        Notice::Lost { keys } => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(lost, Some(vec![format!("width (save #{saved})")]));
}
