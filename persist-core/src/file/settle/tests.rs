use jiff::Timestamp;
use persist_backup::{Id, digest};

use super::*;
use crate::backup_id::{BackupFolder, BackupId};
use crate::checkpoint::Checkpoint;
use crate::journal::Actor;
use crate::journal::{Event, Intent, Kind, Record};

const SAVE: u64 = 7;

fn content(text: &str) -> Digest {
    digest(text.as_bytes())
}

/// A journal that ends with the announcement of save 7: of `new` for `old`.
fn announced(old: Option<&str>) -> JournalState {
    let record = |seq, old: Option<&str>, new: &str| Record {
        seq,
        prev: content("the record before"),
        time: Timestamp::UNIX_EPOCH,
        actor: Actor::default(),
        event: Event::Intent(Intent {
            kind: Kind::Save,
            old: old.map(content),
            new: content(new),
            len: 3,
            mtime: None,
            access: None,
            backup: old.map(|old| {
                let id = Id::new(seq, Timestamp::UNIX_EPOCH, content(old));
                BackupId::new(BackupFolder::Backups, id)
            }),
            version: None,
            reason: None,
            undoes: None,
            redoes: None,
            from: None,
            complement: None,
            mark: persist_backup::retention::Mark::Unchecked,
            drops: None,
            changes: Vec::new(),
        }),
    };
    let first = old.map(|old| record(SAVE - 1, Some("older"), old));
    let records = first.into_iter().chain([record(SAVE, old, "new")]);
    Checkpoint::of(&records.collect::<Vec<_>>()).known
}

fn left(number: u64, text: &str) -> Left {
    Left {
        number: Some(number).filter(|number| *number > 0),
        digest: content(text),
        own: true,
        shared: false,
        kept: false,
        written_over: false,
    }
}

struct Case<'c> {
    live: &'c str,
    named: bool,
    mirror: &'c str,
    left: &'c [Left],
}

fn case<'c>(live: &'c str, named: bool, mirror: &'c str, left: &'c [Left]) -> Case<'c> {
    Case {
        live,
        named,
        mirror,
        left,
    }
}

fn check(case: &Case<'_>, roll_back: bool, secure: Option<Source>, fates: &[Fate]) {
    let known = announced(Some("old"));
    let evidence = Evidence {
        live: Some(content(case.live)),
        known: &known,
        recorded: SAVE,
        sound: true,
        named: case.named,
        name_taken: case.named,
        mirror: Some(content(case.mirror)),
        spare: None,
    };
    let expected = Plan {
        roll_back,
        secure,
        fates: fates.to_vec(),
    };
    let what = (case.live, case.named, case.mirror, case.left);
    assert_eq!(plan(&evidence, case.left), expected, "{what:?}");
}

#[test]
fn what_an_interrupted_save_left() {
    use Fate::{Overtaken, Remove};
    let (mirror, copied) = (Some(Source::Mirror), Some(Source::Leftover(0)));
    // Before the exchange: whole, torn, or not there.
    for torn in ["new", "ne", "\0\0\0"] {
        check(
            &case("old", false, "old", &[left(SAVE, torn)]),
            true,
            None,
            &[Remove],
        );
    }
    check(&case("old", false, "old", &[]), true, None, &[]);
    // Its intent never was durable.
    for text in ["newer", "torn"] {
        check(
            &case("new", true, "new", &[left(SAVE + 1, text)]),
            false,
            None,
            &[Remove],
        );
    }
    // After it.
    check(
        &case("new", false, "old", &[left(SAVE, "old")]),
        false,
        mirror,
        &[Remove],
    );
    check(
        &case("new", false, "rot", &[left(SAVE, "old")]),
        false,
        copied,
        &[Remove],
    );
    check(&case("new", false, "old", &[]), false, mirror, &[]);
    check(
        &case("new", true, "new", &[left(SAVE, "old")]),
        false,
        None,
        &[Remove],
    );
    // Somebody saved at the same moment; what the save had read is in the mirror.
    check(
        &case("new", false, "old", &[left(SAVE, "theirs")]),
        false,
        mirror,
        &[Overtaken],
    );
    // Somebody has edited the file since: the old content, or the new.
    check(
        &case("edit", false, "old", &[left(SAVE, "new")]),
        true,
        None,
        &[Remove],
    );
    check(&case("edit", false, "old", &[]), true, None, &[]);
    check(
        &case("edit", false, "old", &[left(SAVE, "old")]),
        false,
        mirror,
        &[Remove],
    );
    check(
        &case("edit", false, "rot", &[left(SAVE, "old")]),
        false,
        copied,
        &[Remove],
    );
    check(
        &case("edit", true, "new", &[left(SAVE, "old")]),
        false,
        None,
        &[Remove],
    );
}

#[test]
fn what_a_late_writer_left_is_kept() {
    let kept = Left {
        kept: true,
        ..left(SAVE, "late")
    };
    let foreign = Left {
        own: false,
        ..left(SAVE, "late")
    };
    let linked = Left {
        shared: true,
        ..foreign
    };
    for (left, fate) in [
        (left(SAVE, "late"), Fate::Late),
        (left(SAVE - 2, "late"), Fate::Late),
        (left(SAVE - 2, "new"), Fate::Remove),
        (kept, Fate::Remove),
        (foreign, Fate::Aside),
        (linked, Fate::Remove),
    ] {
        check(&case("new", true, "new", &[left]), false, None, &[fate]);
    }
}

/// It is told of and kept, whatever else there is; and says nothing of how far the save came.
#[test]
fn what_a_write_in_place_was_finished_over() {
    let found = |text| Left {
        written_over: true,
        ..left(0, text)
    };
    let mirror = Some(Source::Mirror);
    let kept = [Fate::WrittenOver];
    check(
        &case("new", false, "old", &[found("torn")]),
        false,
        mirror,
        &kept,
    );
    check(
        &case("new", true, "new", &[found("torn")]),
        false,
        None,
        &kept,
    );
    let backed_up = Left {
        kept: true,
        ..found("torn")
    };
    check(&case("new", true, "new", &[backed_up]), false, None, &kept);
    check(
        &case("new", true, "new", &[found("new")]),
        false,
        None,
        &[Fate::Remove],
    );
    let foreign = Left {
        own: false,
        ..found("torn")
    };
    check(
        &case("new", true, "new", &[foreign]),
        false,
        None,
        &[Fate::Aside],
    );
    // Edited since: by what was written over nobody can tell that the save never happened.
    check(
        &case("edit", false, "old", &[found("new")]),
        true,
        None,
        &kept,
    );
}

/// By a persist that gave its stages no numbers.
#[test]
fn what_an_older_persist_left() {
    use Fate::{Overtaken, Remove};
    let (mirror, unnumbered) = (Some(Source::Mirror), |text| left(0, text));
    check(
        &case("old", false, "old", &[unnumbered("new")]),
        true,
        None,
        &[Remove],
    );
    check(
        &case("new", false, "old", &[unnumbered("old")]),
        false,
        mirror,
        &[Remove],
    );
    check(
        &case("new", true, "new", &[unnumbered("next, never announced")]),
        false,
        None,
        &[Remove],
    );
    check(
        &case("new", false, "old", &[unnumbered("theirs")]),
        false,
        mirror,
        &[Overtaken],
    );
}

#[test]
fn without_a_sound_journal_nothing_unknown_is_removed() {
    let known = JournalState::default();
    let evidence = Evidence {
        live: Some(content("new")),
        known: &known,
        recorded: 0,
        sound: false,
        named: false,
        name_taken: false,
        mirror: None,
        spare: None,
    };
    let found = [left(SAVE, "old"), left(0, "old"), left(SAVE, "new")];
    let fates = plan(&evidence, &found).fates;
    assert_eq!(fates, [Fate::Unknown, Fate::Unknown, Fate::Remove]);
}

/// With nothing else of the save left, the name of its backup is the proof that it took place, whatever has become of the content.
#[test]
fn a_rotten_backup_proves_the_save_that_it_was_made_for() {
    let known = announced(Some("old"));
    let evidence = |name_taken| Evidence {
        live: Some(content("unknown")),
        known: &known,
        recorded: SAVE,
        sound: true,
        named: false,
        name_taken,
        mirror: None,
        spare: None,
    };
    assert!(plan(&evidence(false), &[]).roll_back);
    assert!(!plan(&evidence(true), &[]).roll_back);
}

#[test]
fn a_creation_that_never_happened() {
    let known = announced(None);
    let evidence = |live: Option<&str>| Evidence {
        live: live.map(content),
        known: &known,
        recorded: SAVE,
        sound: true,
        named: false,
        name_taken: false,
        mirror: None,
        spare: None,
    };
    let stage = [left(SAVE, "new")];
    assert!(plan(&evidence(None), &stage).roll_back);
    assert!(plan(&evidence(Some("by hand")), &stage).roll_back);
    assert!(!plan(&evidence(Some("new")), &[]).roll_back);
    assert_eq!(
        plan(&evidence(Some("by hand")), &stage).fates,
        [Fate::Remove]
    );
}
