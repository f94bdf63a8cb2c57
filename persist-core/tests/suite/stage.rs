//! Every state in which a killed save can leave a folder, made by hand, and what the next change makes of it.

use std::fs;
use std::path::{Path, PathBuf};

use persist_core::journal::{Event, Intent};
use persist_core::{BackupFolder, ConfigFile, Digest, digest};
use tempfile::TempDir;

use crate::support::{
    append, append_edited, by_hand, intent, live, notices, records, saved, set, somewhere, text,
};

const OLD: &str = "# pixels\nwidth = 2 # of the window\n";
const NEW: &str = "# pixels\nwidth = 3 # of the window\n";

/// A file that holds `OLD`, and the name of its stage.
fn old() -> (TempDir, ConfigFile, PathBuf) {
    let (dir, file) = saved(&[2]);
    assert_eq!(text(&file), OLD);
    let stage = file.state_dir().join("stage");
    (dir, file, stage)
}

fn announce(file: &ConfigFile) -> (u64, Intent) {
    let intent = intent(file, Some(OLD.as_bytes()), NEW.as_bytes());
    (append(file, Event::Intent(intent.clone())).seq, intent)
}

/// What a state folder may have at any time.
const ALWAYS: [&str; 7] = [
    ".gitignore",
    "backups",
    "format",
    "journal",
    "lock",
    "mirror",
    "quarantine",
];

/// After the next change: nothing lies about but what that has replaced, the journal is sound, and the two contents are in
/// their places.
fn assert_tidy(file: &ConfigFile) {
    let last = records(file).pop().expect("a record").0.seq;
    let left = format!("stage-{last}");
    let mut strays: Vec<String> = fs::read_dir(file.state_dir())
        .expect("as the test set it up")
        .map(|e| {
            e.expect("as the test set it up")
                .file_name()
                .into_string()
                .expect("as the test set it up")
        })
        .filter(|n| !ALWAYS.contains(&n.as_str()) && *n != left)
        .collect();
    strays.extend(
        file.backups()
            .strays()
            .expect("as the test set it up")
            .iter()
            .map(|p| p.display().to_string()),
    );
    assert_eq!(strays, Vec::<String>::new());
    assert_eq!(
        file.verify().expect("as the test set it up").problems(),
        Vec::<String>::new()
    );
}

fn backed_up(file: &ConfigFile) -> Vec<Digest> {
    let mut digests: Vec<Digest> = file
        .backups()
        .list()
        .expect("as the test set it up")
        .iter()
        .map(|s| s.id.digest())
        .collect();
    digests.reverse();
    digests
}

/// Texts of the changes in the history, oldest first.
fn changes(file: &ConfigFile) -> Vec<String> {
    let entries = file.history().expect("as the test set it up");
    entries
        .iter()
        .map(|e| {
            format!(
                "{} {}",
                e.how,
                e.new.map_or_else(|| "nothing".into(), |new| new.short())
            )
        })
        .collect()
}

fn short(text: &str) -> String {
    digest(text.as_bytes()).short()
}

#[test]
fn a_stage_without_an_intent_is_removed() {
    let (_dir, file, stage) = old();
    fs::write(&stage, NEW).unwrap();
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(
        notices(&receipt),
        Vec::<String>::new(),
        "nobody was told of it"
    );
    assert_eq!(receipt.changes[0].to_string(), "width: 2 -> 4");
    assert_tidy(&file);
}

/// Who is given a config file with its state folder must not be made to write elsewhere.
#[test]
fn a_backup_name_that_leads_out_of_the_state_folder_is_none() {
    for name in [
        "../../escaped",
        "backups/../../../escaped",
        "/tmp/escaped",
        "quarantine",
    ] {
        let (dir, file, stage) = old();
        let intent = intent(&file, Some(OLD.as_bytes()), NEW.as_bytes());
        let ours = intent.backup.expect("something was replaced").to_string();
        append_edited(&file, Event::Intent(intent), |json| {
            assert!(json.contains(&ours));
            json.replace(&ours, name)
        });
        fs::write(&stage, OLD).unwrap();
        by_hand(file.path(), NEW);
        set(&file, "width", 4).unwrap();
        assert_tidy(&file);
        assert!(somewhere(&file.state_dir().join("backups"), OLD.as_bytes()));
        let beside = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(beside, 2, "{name}");
        assert!(
            !dir.path().parent().unwrap().join("escaped").exists(),
            "{name}"
        );
    }
}

/// Whatever stands at the name that a save announced for its backup: nothing is waited for, and the content gets another.
#[cfg(unix)]
#[test]
fn what_stands_at_an_announced_backup_name_is_no_obstacle() {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    let fifo = |at: &Path| {
        let made = std::process::Command::new("mkfifo").arg(at).status();
        assert!(made.unwrap().success());
    };
    let plants: [&dyn Fn(&Path); 4] = [
        &fifo,
        &|at| symlink("/etc/hostname", at).unwrap(),
        &|at| fs::create_dir(at).unwrap(),
        &|at| fs::File::create(at).unwrap().set_len(60 << 30).unwrap(),
    ];
    for plant in plants {
        let (_dir, file, stage) = old();
        let (_, intent) = announce(&file);
        let at = file.state_dir().join(intent.backup.unwrap().path());
        plant(&at);
        fs::write(&stage, OLD).unwrap();
        by_hand(file.path(), NEW);
        set(&file, "width", 4).unwrap();
        let backups = file.backups();
        let kept = backups.list().unwrap().into_iter();
        let mut kept = kept.filter(|kept| kept.id.digest() == digest(OLD.as_bytes()));
        assert!(kept.any(|kept| kept.path != at && backups.verify(&kept.id).is_ok()));
    }
}

/// The content that a recovery replaced is damaged, and goes where its intent says, whenever the recovery is finished.
#[test]
fn a_recovery_that_took_effect_puts_the_damaged_bytes_into_quarantine() {
    let (_dir, file, stage) = old();
    let damaged = [0; 40];
    let mut intent = intent(&file, Some(&damaged), NEW.as_bytes());
    let backup = intent.backup.as_mut().expect("something was replaced");
    backup.folder = BackupFolder::Quarantine;
    append(&file, Event::Intent(intent));
    fs::write(&stage, damaged).unwrap();
    by_hand(file.path(), NEW);
    set(&file, "width", 4).unwrap();
    assert_tidy(&file);
    assert!(somewhere(&file.state_dir().join("quarantine"), &damaged));
    assert!(!somewhere(&file.state_dir().join("backups"), &damaged));
}

#[test]
fn an_announced_save_that_never_happened_is_rolled_back() {
    let (_dir, file, stage) = old();
    fs::write(&stage, NEW).unwrap();
    let (seq, _) = announce(&file);
    // Readers see the old content, and nothing amiss.
    assert_eq!(
        file.read().unwrap().condition(),
        persist_core::Condition::Clean
    );
    assert_eq!(file.history().unwrap().len(), 1);
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(
        notices(&receipt),
        [format!(
            "save #{seq} had been interrupted before taking effect; the previous content was kept"
        )]
    );
    assert_eq!(
        changes(&file),
        [
            format!("save {}", short(OLD)),
            format!("save {}", short(&text(&file))),
        ]
    );
    assert!(
        records(&file)
            .iter()
            .any(|(r, _)| matches!(r.event, Event::Abandoned { intent } if intent == seq))
    );
    assert_tidy(&file);
    file.undo().unwrap();
    assert_eq!(text(&file), OLD);
}

#[test]
fn an_announced_save_whose_stage_is_gone_is_rolled_back() {
    let (_dir, file, _) = old();
    let (seq, _) = announce(&file);
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(
        notices(&receipt),
        [format!(
            "save #{seq} had been interrupted before taking effect; the previous content was kept"
        )]
    );
    assert_tidy(&file);
}

#[test]
fn a_save_that_took_effect_is_finished() {
    let (_dir, file, stage) = old();
    let (seq, intent) = announce(&file);
    fs::write(&stage, OLD).unwrap();
    fs::write(file.path(), NEW).unwrap();
    assert_eq!(
        file.read().unwrap().condition(),
        persist_core::Condition::Clean
    );
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(
        notices(&receipt),
        [format!(
            "finished save #{seq}, which had been interrupted after taking effect"
        )]
    );
    let name = intent.backup.unwrap().path();
    assert_eq!(
        fs::read_to_string(file.state_dir().join(name)).unwrap(),
        OLD
    );
    assert_tidy(&file);
    file.undo().unwrap();
    assert_eq!(text(&file), NEW);
    file.undo().unwrap();
    assert_eq!(text(&file), OLD);
}

#[test]
fn a_save_that_lacked_only_its_mirror_is_complete() {
    let (_dir, file, _) = old();
    let (_, intent) = announce(&file);
    fs::write(file.state_dir().join(intent.backup.unwrap().path()), OLD).unwrap();
    fs::write(file.path(), NEW).unwrap();
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(notices(&receipt), Vec::<String>::new());
    assert_tidy(&file);
    file.undo().unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), OLD);
}

/// Where a backup is a copy, a kill can leave the copy whole or cut short beside the original.
#[test]
fn a_copy_that_got_its_name_before_the_original_went_is_no_obstacle() {
    for copied in [OLD.len(), 7, 0] {
        let (_dir, file, stage) = old();
        let (seq, intent) = announce(&file);
        let name = file.state_dir().join(intent.backup.unwrap().path());
        fs::write(&name, &OLD[..copied]).unwrap();
        fs::write(&stage, OLD).unwrap();
        fs::write(file.path(), NEW).unwrap();
        let receipt = set(&file, "width", 4)
            .unwrap_or_else(|e| panic!("{copied}: {}", crate::support::chain(&e)));
        assert!(receipt.seq > Some(seq));
        assert_eq!(fs::read_to_string(&name).unwrap(), OLD);
        assert_tidy(&file);
    }
}

/// The exchange displaced what a third party had written after we read: theirs is kept.
#[test]
fn a_displaced_third_content_is_kept() {
    let (_dir, file, stage) = old();
    announce(&file);
    fs::write(&stage, "width = 77 # theirs\n").unwrap();
    fs::write(file.path(), NEW).unwrap();
    let receipt = set(&file, "width", 4).unwrap();
    assert!(notices(&receipt)[1].starts_with(
        "something else replaced the file during the save; that content is kept in backups/"
    ));
    assert!(backed_up(&file).contains(&digest(b"width = 77 # theirs\n")));
    // And so is what that save has read, although it was displaced by them: the mirror had it.
    assert!(backed_up(&file).contains(&digest(OLD.as_bytes())));
    assert_tidy(&file);
}

/// Killed before the exchange, then edited by hand: what had been acknowledged before is still there.
#[test]
fn a_hand_edit_over_an_interrupted_save_keeps_the_last_acknowledged_content() {
    let (_dir, file, stage) = old();
    fs::write(&stage, NEW).unwrap();
    announce(&file);
    by_hand(file.path(), "width = 50 # by hand\n");
    set(&file, "width", 51).unwrap();
    assert_tidy(&file);
    assert!(
        backed_up(&file).contains(&digest(OLD.as_bytes())),
        "the acknowledged content has no name"
    );
    file.undo().unwrap();
    assert_eq!(text(&file), "width = 50 # by hand\n");
    file.undo().unwrap();
    assert_eq!(text(&file), OLD);
}

/// Killed after the exchange, then edited by hand.
#[test]
fn a_hand_edit_over_an_unfinished_save_loses_neither() {
    let (_dir, file, stage) = old();
    announce(&file);
    fs::write(&stage, OLD).unwrap();
    by_hand(file.path(), "width = 50 # by hand\n");
    set(&file, "width", 51).unwrap();
    assert!(backed_up(&file).contains(&digest(OLD.as_bytes())));
    assert_tidy(&file);
    file.undo().unwrap();
    assert_eq!(text(&file), "width = 50 # by hand\n");
}

#[test]
fn a_first_save_that_never_happened_leaves_no_file() {
    let dir = crate::support::folder();
    let file = crate::support::open(&dir.path().join("app.toml"));
    fs::create_dir_all(file.state_dir().join("journal")).unwrap();
    fs::write(file.state_dir().join("journal/00000001.log"), "").unwrap();
    append(&file, Event::Intent(intent(&file, None, NEW.as_bytes())));
    fs::write(file.state_dir().join("stage"), NEW).unwrap();
    assert_eq!(
        file.read().unwrap().condition(),
        persist_core::Condition::Absent
    );
    let receipt = set(&file, "width", 4).unwrap();
    assert_eq!(
        notices(&receipt),
        ["save #1 had been interrupted before taking effect; the previous content was kept"]
    );
    assert_eq!(text(&file), "width = 4\n");
    assert_tidy(&file);
}

#[test]
fn an_undo_that_took_effect_counts_as_made() {
    let (_dir, file) = saved(&[2, 3]);
    let mut undo = intent(&file, Some(NEW.as_bytes()), OLD.as_bytes());
    undo.kind = persist_core::journal::Kind::Undo;
    undo.undoes = Some(2);
    append(&file, Event::Intent(undo));
    fs::write(file.state_dir().join("stage"), NEW).unwrap();
    fs::write(file.path(), OLD).unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 1 # of the window\n");
    assert_tidy(&file);
}

#[test]
fn an_undo_that_never_happened_is_still_to_be_made() {
    let (_dir, file) = saved(&[2, 3]);
    let mut undo = intent(&file, Some(NEW.as_bytes()), OLD.as_bytes());
    undo.kind = persist_core::journal::Kind::Undo;
    undo.undoes = Some(2);
    append(&file, Event::Intent(undo));
    fs::write(file.state_dir().join("stage"), OLD).unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), OLD);
    assert_tidy(&file);
}

/// Damaged after a complete save, and a recovery killed at its stage: the save still counts.
#[test]
fn a_stage_beside_a_damaged_file_does_not_undo_an_acknowledged_save() {
    for left in [NEW, OLD, "wid\0\0", ""] {
        let (_dir, file, stage) = old();
        set(&file, "width", 3).unwrap();
        assert_eq!(text(&file), NEW);
        fs::write(file.path(), [0; 30]).unwrap();
        fs::write(&stage, left).unwrap();
        let receipt = file.recover(None).unwrap();
        assert_eq!(text(&file), NEW, "{left:?}: {:?}", receipt.notices);
        assert!(
            !notices(&receipt)
                .iter()
                .any(|n| n.contains("interrupted before"))
        );
        assert_tidy(&file);
    }
}

/// What a kill leaves of writing the mirror or a backup does not stay for ever.
#[test]
fn unfinished_copies_are_swept() {
    let (_dir, file, _) = old();
    fs::write(file.state_dir().join("backups/.new-abc123"), "half").unwrap();
    set(&file, "width", 4).unwrap();
    assert_tidy(&file);
}

/// A damaged journal must not make a leftover look like rubbish that it is not.
#[test]
fn a_leftover_without_a_readable_journal_is_not_lost() {
    let (_dir, file, stage) = old();
    announce(&file);
    fs::write(&stage, OLD).unwrap();
    fs::write(file.path(), NEW).unwrap();
    for segment in crate::support::segments(&file) {
        let mut bytes = fs::read(&segment).unwrap();
        bytes.iter_mut().for_each(|b| *b ^= 0x55);
        fs::write(segment, bytes).unwrap();
    }
    // The mirror and the backups could have gone with the journal's disk.
    fs::remove_file(file.state_dir().join("mirror")).unwrap();
    set(&file, "width", 4).unwrap();
    assert!(kept(&file, OLD), "the replaced content was removed unread");
}

fn kept(file: &ConfigFile, content: &str) -> bool {
    let dir: &Path = file.path().parent().expect("as the test set it up");
    somewhere(dir, content.as_bytes())
}

#[test]
fn the_file_is_whole_at_every_step() {
    let (_dir, file, _) = old();
    assert_eq!(live(&file), OLD.as_bytes());
    assert_eq!(
        backed_up(&file),
        [digest(b"# pixels\nwidth = 1 # of the window\n")]
    );
}
