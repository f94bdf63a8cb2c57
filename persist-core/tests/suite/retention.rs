//! What stays of a file's backups: good ones before bad ones, as somebody said for the file, and nothing missing in silence.

use std::fs;
use std::sync::Arc;

use persist_core::backup::retention::{Mark, Policy, Why};
use persist_core::journal::Event;
use persist_core::{Condition, ConfigFile, Manifest, PolicySource};

use crate::support::{by_hand, notices, open_with, records, saved, set, text};

fn backups(file: &ConfigFile) -> Vec<String> {
    let names = fs::read_dir(file.state_dir().join("backups")).expect("backups");
    let names = names.map(|name| name.expect("a name").file_name().into_string());
    let mut names: Vec<String> = names.map(|name| name.expect("text")).collect();
    names.sort();
    names
}

fn last_record(file: &ConfigFile) -> Event {
    let (record, _) = records(file).pop().expect("a record");
    record.event
}

/// Somebody breaks it by hand, again and again, and puts it right each time.
#[test]
fn bad_content_never_pushes_out_the_good() {
    let (_dir, file) = saved(&[2]);
    let file = open_with(file.path(), |o| {
        o.retention = Some(Policy {
            bad: 5,
            ..Policy::keep_last(3)
        });
    });
    let good = text(&file);
    for round in 0..30 {
        by_hand(file.path(), format!("width = [{round}\n"));
        file.restore("latest").ok();
        if text(&file) != good {
            let plan = file.retention().unwrap().plan;
            let last_good = plan.keep.iter().find(|(_, why)| *why == Why::LastGood);
            let (id, _) = last_good.expect("the good one is there");
            file.restore(id.digest().to_string()).unwrap();
        }
        assert_eq!(text(&file), good, "round {round}");
    }
    let plan = file.retention().unwrap().plan;
    assert!(plan.keep.len() <= 3 + 5 + 2, "{plan}");
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
}

#[test]
fn a_record_says_how_good_the_content_is() {
    let (_dir, file) = saved(&[2]);
    assert!(matches!(last_record(&file), Event::Intent(i) if i.mark == Mark::Parsed));
    let checked = open_with(file.path(), |o| o.check = Some(Arc::new(|_| Ok(()))));
    set(&checked, "width", 3).unwrap();
    assert!(matches!(last_record(&file), Event::Intent(i) if i.mark == Mark::Checked));
    by_hand(file.path(), "width = 4\n");
    file.adopt().unwrap();
    assert!(matches!(last_record(&file), Event::Adopted(a) if a.mark == Mark::Parsed));
    // What is put back is as good as it was found to be.
    file.undo().unwrap();
    assert!(matches!(last_record(&file), Event::Intent(i) if i.mark == Mark::Checked));
}

#[test]
fn what_is_said_for_the_file_holds_for_every_program() {
    let (_dir, file) = saved(&[2, 3, 4, 5, 6]);
    assert_eq!(backups(&file).len(), 5);
    let few = Policy::keep_last(2);
    file.keep(Some(few.clone())).unwrap();
    assert_eq!(file.read().unwrap().condition(), Condition::Clean);
    let another = open_with(file.path(), |o| o.retention = Some(Policy::keep_last(100)));
    assert_eq!(another.retention().unwrap().policy, few);
    set(&another, "width", 7).unwrap();
    assert_eq!(backups(&file).len(), 2);
    let dropped = match last_record(&file) {
        Event::Intent(intent) => intent.drops.expect("what goes"),
        other => panic!("{other:?}"),
    };
    assert_eq!(dropped.len(), 4, "the intent lists them");
    file.keep(None).unwrap();
    assert_eq!(another.retention().unwrap().policy, Policy::keep_last(100));
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
}

#[test]
fn a_missing_backup_that_nothing_has_let_go_is_told() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let name = backups(&file).remove(1);
    fs::remove_file(file.state_dir().join("backups").join(&name)).unwrap();
    assert_eq!(
        file.verify().unwrap().problems(),
        [format!(
            "the backup {name} is missing, though no save removed it; the next save records that"
        )]
    );
    let receipt = set(&file, "width", 5).unwrap();
    assert_eq!(
        notices(&receipt),
        [format!("backups missing that no save removed: {name}")]
    );
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    assert_eq!(
        notices(&set(&file, "width", 6).unwrap()),
        Vec::<String>::new()
    );
}

/// A kill after the save, before what it let go is removed.
#[test]
fn what_was_let_go_and_is_still_there_goes_with_the_next_save() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let file = open_with(file.path(), |o| o.retention = Some(Policy::keep_last(2)));
    let name = backups(&file).remove(0);
    let path = file.state_dir().join("backups").join(&name);
    let bytes = fs::read(&path).unwrap();
    set(&file, "width", 5).unwrap();
    assert!(!path.exists());
    fs::write(&path, bytes).unwrap();
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    set(&file, "width", 6).unwrap();
    assert!(!path.exists());
    assert_eq!(backups(&file).len(), 2);
}

/// For the file, by the application, by the manifest, by default: the first that says anything.
#[test]
fn who_says_what_is_kept() {
    let manifest = |retention: &str| {
        let text = format!(r#"{{"app": "a", "versions": [], "retention": {retention}}}"#);
        Arc::new(Manifest::parse(&text).unwrap())
    };
    let (_dir, file) = saved(&[2]);
    let said = |file: &ConfigFile| {
        let found = file.retention().unwrap();
        (found.said, found.policy.last)
    };
    assert_eq!(said(&file), (PolicySource::Default, 10));
    let by_manifest = open_with(file.path(), |o| {
        o.manifest = Some(manifest(
            r#"{"last": 4, "max-bytes": "2K", "max-age": "90d"}"#,
        ));
    });
    assert_eq!(said(&by_manifest), (PolicySource::Manifest, 4));
    let policy = by_manifest.retention().unwrap().policy;
    assert_eq!((policy.daily, policy.max_bytes), (0, Some(2048)));
    assert_eq!(policy.max_age.map(|age| age.as_hours()), Some(90 * 24));
    let by_application = open_with(file.path(), |o| {
        o.manifest = Some(manifest(r#"{"last": 4}"#));
        o.retention = Some(Policy::keep_last(5));
    });
    assert_eq!(said(&by_application), (PolicySource::Application, 5));
    file.keep(Some(Policy::keep_last(6))).unwrap();
    assert_eq!(said(&by_application), (PolicySource::File, 6));
    file.keep(None).unwrap();
    for (wrong, told) in [
        (
            r#"{"lats": 4}"#,
            "`/retention/lats`: is not one of last, hourly, daily",
        ),
        (
            r#"{"last": -1}"#,
            "`/retention/last`: expected a number of backups",
        ),
        (
            r#"{"max-age": "3m"}"#,
            "`/retention/max-age`: `3m` is not an age",
        ),
        ("20", "`/retention`: expected what to keep"),
    ] {
        let file = open_with(file.path(), |o| o.manifest = Some(manifest(wrong)));
        let error = file.retention().unwrap_err();
        let cause = std::error::Error::source(&error)
            .expect("a cause")
            .to_string();
        assert!(cause.contains(told), "{cause}");
        assert!(set(&file, "width", 9).is_err(), "and nothing is let go");
    }
}

#[test]
fn what_undo_and_redo_need_stays() {
    let (_dir, file) = saved(&[2]);
    let file = open_with(file.path(), |o| {
        o.retention = Some(Policy {
            undo: 100,
            ..Policy::keep_last(1)
        });
    });
    for width in 3..23 {
        set(&file, "width", width).unwrap();
    }
    file.go(persist_core::HistoryMove::Undo(21)).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 1 # of the window\n");
    file.go(persist_core::HistoryMove::Redo(20)).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 21 # of the window\n");
    // After another change nothing leads forth any more.
    set(&file, "width", 1000).unwrap();
    let (_, why) = &file.retention().unwrap().plan.keep[1];
    assert_eq!(*why, Why::Undo);
}

/// Nobody can say that it is bad: it does not count as that.
#[test]
fn content_of_an_unknown_format_is_unchecked() {
    let (_dir, plain) = crate::support::with("app.data", "width = 1\n");
    let file = open_with(plain.path(), |o| {
        o.format = Some(persist_core::Format::Toml);
    });
    set(&file, "width", 2).unwrap();
    by_hand(plain.path(), "of no format: {[\n");
    let unknown = plain.restore("latest");
    drop(unknown);
    let adopted = records(&plain)
        .into_iter()
        .find_map(|(r, _)| match r.event {
            Event::Adopted(adopted) => Some(adopted.mark),
            _ => None,
        });
    assert_eq!(adopted, Some(Mark::Unchecked));
}
