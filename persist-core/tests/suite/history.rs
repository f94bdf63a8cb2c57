//! The history against a simple model of it: any sequence of changes, then the same file and the same entries.

use std::fs;

use persist_core::journal::Kind;
use persist_core::{BackupFolder, BackupId, ConfigFile, Error, How, Outcome};
use proptest::prelude::*;

use crate::support::{by_hand, live, saved, set, text, with};

#[derive(Clone, Debug)]
enum Step {
    Set(u8, i64),
    Undo,
    /// Puts back the backup of the n-th newest change that has one.
    Restore(usize),
    HandEdit(i64),
    Adopt,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3u8, 0..4i64).prop_map(|(key, value)| Step::Set(key, value)),
        3 => Just(Step::Undo),
        1 => (0..4usize).prop_map(Step::Restore),
        2 => (0..5i64).prop_map(Step::HandEdit),
        1 => Just(Step::Adopt),
    ]
}

/// What happened, and the contents before and after.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    how: How,
    before: String,
    after: String,
    undone: bool,
}

/// The file and its history as they ought to be.
#[derive(Debug)]
struct Model {
    text: String,
    /// What the journal knows; another text is somebody's edit, which the next change takes in first.
    known: Option<String>,
    changes: Vec<Change>,
}

impl Model {
    fn adopt(&mut self) {
        if let Some(known) = self.known.replace(self.text.clone())
            && known != self.text
        {
            self.push(How::Outside, known, self.text.clone());
        }
    }

    fn save(&mut self, kind: Kind, after: String) {
        let managed = self.known.is_some();
        self.adopt();
        if self.text == after {
            if !managed {
                self.known = None; // nothing was written, so there still is no journal
            }
            return;
        }
        let before = std::mem::replace(&mut self.text, after.clone());
        self.push(How::Saved(kind), before, after.clone());
        self.known = Some(after);
    }

    fn push(&mut self, how: How, before: String, after: String) {
        self.changes.push(Change {
            how,
            before,
            after,
            undone: false,
        });
    }

    fn undo_target(&self) -> Option<usize> {
        let undo = How::Saved(Kind::Undo);
        let mut all = self.changes.iter();
        all.rposition(|c| c.how != undo && !c.undone)
    }
}

fn keyed(text: &str, key: u8, value: i64) -> String {
    let start = format!("k{key} = ");
    let lines = text.lines().map(|line| match line.starts_with(&start) {
        true => format!("{start}{value} # note {key}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

fn run(file: &ConfigFile, model: &mut Model, step: &Step) {
    match step {
        Step::Set(key, value) => {
            let receipt = set(file, &format!("k{key}"), *value).expect("as the test set it up");
            let wanted = keyed(&model.text, *key, *value);
            let same = wanted == model.text;
            assert_eq!(receipt.outcome == Outcome::Unchanged, same);
            model.save(Kind::Save, wanted);
        }
        Step::Undo => {
            if model.known.is_some() {
                model.adopt();
            }
            match (model.undo_target(), file.undo()) {
                (Some(at), Ok(_)) => {
                    model.changes[at].undone = true;
                    let before = model.changes[at].before.clone();
                    model.save(Kind::Undo, before);
                }
                (None, Err(Error::NotFound { .. })) => {}
                (target, outcome) => panic!("{target:?}: {outcome:?}"),
            }
        }
        Step::Restore(nth) => {
            let entries = file.history().expect("as the test set it up");
            let kept = entries.iter().rev().filter_map(|e| e.backup);
            let in_backups = |copy: &BackupId| copy.folder == BackupFolder::Backups;
            let Some(backup) = kept.clone().nth(*nth).filter(in_backups) else {
                return;
            };
            let at = entries
                .iter()
                .rposition(|e| e.backup == Some(backup))
                .expect("as the test set it up");
            let wanted = model.changes[at].before.clone();
            file.restore(backup).expect("as the test set it up");
            model.save(Kind::Restore, wanted);
        }
        Step::HandEdit(value) => {
            // Another length each time, so that no edit looks like damage.
            let text = format!(
                "{}# by hand {}\n",
                keyed(&model.text, 0, *value),
                "!".repeat(model.text.len() % 7)
            );
            by_hand(file.path(), &text);
            model.text = text;
        }
        Step::Adopt => {
            file.adopt().expect("as the test set it up");
            if model.known.is_some() {
                model.adopt();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PERSIST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_changes_leaves_what_the_model_says(steps in proptest::collection::vec(step(), 1..14)) {
        let start = "# by a person\nk0 = 0 # note 0\nk1 = 0 # note 1\nk2 = 0 # note 2\n";
        let (_dir, mut file) = with("app.toml", start);
        file = crate::support::open_with(file.path(), |o| {
            o.retention = Some(persist_core::backup::retention::Policy::keep_last(1000));
        });
        let mut model = Model { text: start.into(), known: None, changes: Vec::new() };
        for (at, step) in steps.iter().enumerate() {
            run(&file, &mut model, step);
            prop_assert_eq!(text(&file), &model.text[..], "after step {} {:?}", at, step);
            let entries = file.history().unwrap();
            let found: Vec<Change> = entries.iter().zip(&model.changes).map(|(entry, change)| Change {
                how: entry.how,
                before: String::from_utf8(file.content_before(entry).unwrap()).unwrap(),
                after: if entry.new == Some(persist_core::digest(change.after.as_bytes())) { change.after.clone() } else { format!("{:?}", entry.new) },
                undone: entry.undone,
            }).collect();
            prop_assert_eq!(entries.len(), model.changes.len(), "after step {} {:?}", at, step);
            prop_assert_eq!(found, model.changes.clone(), "after step {} {:?}", at, step);
        }
        prop_assert!(file.verify().unwrap().passed());
    }
}

#[test]
fn undo_goes_back_to_the_first_byte_and_then_says_so() {
    let (_dir, file) = saved(&[]);
    let start = live(&file);
    for width in 2..6 {
        set(&file, "width", width).unwrap();
    }
    set(&file, "new.deep", "x").unwrap();
    for _ in 0..5 {
        file.undo().unwrap();
    }
    assert_eq!(live(&file), start);
    let error = file.undo().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("app.toml: there is no change to undo"),
        "{error}"
    );
}

#[test]
fn a_created_file_has_nothing_before_it() {
    let dir = crate::support::folder();
    let file = crate::support::open(&dir.path().join("app.toml"));
    set(&file, "width", 1).unwrap();
    assert_eq!(file.history().unwrap()[0].how, How::Saved(Kind::Create));
    let error = file.undo().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("change #1 created the file; there is nothing before it"),
        "{error}"
    );
    assert_eq!(text(&file), "width = 1\n");
}

#[test]
fn a_pruned_backup_is_named_as_the_reason() {
    let (_dir, file) = saved(&[2, 3, 4]);
    let file = crate::support::open_with(file.path(), |o| {
        o.retention = Some(persist_core::backup::retention::Policy::keep_last(1));
    });
    set(&file, "width", 5).unwrap();
    file.undo().unwrap();
    let error = file.undo().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the content before change #3 is no longer among the backups"),
        "{error}"
    );
    assert_eq!(text(&file), "# pixels\nwidth = 4 # of the window\n");
}

/// Undoing is no way to get damaged bytes back in place.
#[test]
fn undo_steps_over_a_recovery() {
    let (_dir, file) = saved(&[2, 3]);
    fs::write(file.path(), [0; 40]).unwrap();
    file.recover(None).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 1 # of the window\n");
}

#[test]
fn undo_goes_on_after_a_missing_file_came_back() {
    let (_dir, file) = saved(&[2, 3]);
    fs::remove_file(file.path()).unwrap();
    file.recover(None).unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 3 # of the window\n");
    file.undo().unwrap();
    assert_eq!(text(&file), "# pixels\nwidth = 2 # of the window\n");
}
