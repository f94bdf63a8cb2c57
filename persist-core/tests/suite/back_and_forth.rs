//! Undo and redo, by so many and to a number.

use persist_core::backup::retention::Policy;
use persist_core::{ConfigFile, Error, HistoryMove, How, journal::Kind};
use proptest::prelude::*;

use crate::support::{by_hand, open_with, set, text, with};

fn file() -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = with("app.toml", "width = 0 # px\n");
    let file = open_with(file.path(), |o| o.retention = Some(Policy::keep_last(300)));
    (dir, file)
}

#[test]
fn a_hundred_steps_back_reach_the_first_bytes() {
    let (_dir, file) = file();
    let first = text(&file);
    for width in 1..=100 {
        set(&file, "width", width).unwrap();
    }
    for width in (1..100).rev() {
        file.undo().unwrap();
        assert_eq!(text(&file), format!("width = {width} # px\n"));
    }
    file.undo().unwrap();
    assert_eq!(text(&file), first);
    assert!(matches!(file.undo(), Err(Error::NotFound { .. })));
    file.go(HistoryMove::Redo(100)).unwrap();
    assert_eq!(text(&file), "width = 100 # px\n");
    file.go(HistoryMove::Undo(100)).unwrap();
    assert_eq!(text(&file), first);
}

#[test]
fn to_a_number_is_as_that_change_left_it() {
    let (_dir, file) = file();
    let numbers: Vec<u64> = (1..6)
        .map(|width| set(&file, "width", width).unwrap().seq.unwrap())
        .collect();
    file.go(HistoryMove::UndoTo(numbers[1])).unwrap();
    assert_eq!(text(&file), "width = 2 # px\n");
    let undone: Vec<bool> = file.history().unwrap().iter().map(|e| e.undone).collect();
    assert_eq!(undone, [false, false, true, true, true, false]);
    file.go(HistoryMove::Redo(2)).unwrap();
    assert_eq!(text(&file), "width = 4 # px\n");
    let undone: Vec<bool> = file.history().unwrap().iter().map(|e| e.undone).collect();
    assert_eq!(undone, [false, false, false, false, true, false, false]);
    let last = file.history().unwrap().pop().unwrap();
    assert_eq!(last.how, How::Saved(Kind::Redo));
    assert_eq!(last.changes[0].to_string(), "width: 2 -> 4");
    let error = file.go(HistoryMove::UndoTo(numbers[4])).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("there is no change after that one to undo")
    );
    set(&file, "width", 9).unwrap();
    let error = file.go(HistoryMove::Redo(1)).unwrap_err();
    assert!(
        error.to_string().ends_with("there is no change to redo"),
        "{error}"
    );
    let error = file.go(HistoryMove::Undo(50)).unwrap_err();
    assert_eq!(
        error.to_string(),
        said(&file, "only 5 changes can be undone")
    );
}

fn said(file: &ConfigFile, what: &str) -> String {
    format!("{}: {what}", file.path().display())
}

#[test]
fn how_many_can_be_undone_leaves_out_what_nothing_was_before() {
    let dir = tempfile::tempdir().unwrap();
    let file = open_with(&dir.path().join("app.toml"), |_| {});
    for width in 1..4 {
        set(&file, "width", width).unwrap();
    }
    for (count, told) in [
        (5, "only 2 changes can be undone"),
        (3, "change #1 created the file; there is nothing before it"),
    ] {
        let error = file.go(HistoryMove::Undo(count)).unwrap_err();
        assert_eq!(error.to_string(), said(&file, told));
    }
    file.undo().unwrap();
    let error = file.go(HistoryMove::Undo(9)).unwrap_err();
    assert_eq!(
        error.to_string(),
        said(&file, "only 1 change can be undone")
    );
    let error = file.preview_go(HistoryMove::Redo(2), false).unwrap_err();
    assert_eq!(
        error.to_string(),
        said(&file, "only 1 change can be redone")
    );
    file.undo().unwrap();
    let error = file.go(HistoryMove::Undo(9)).unwrap_err();
    assert_eq!(error.to_string(), said(&file, "there is no change to undo"));
}

/// That only so many changes can be undone, or redone.
fn too_few(file: &ConfigFile, possible: usize, what: &str) -> String {
    let ending = if what == "undo" { "undone" } else { "redone" };
    match possible {
        0 => said(file, &format!("there is no change to {what}")),
        1 => said(file, &format!("only 1 change can be {ending}")),
        _ => said(file, &format!("only {possible} changes can be {ending}")),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(u8),
    ByHand(u8),
    Undo(usize),
    Redo(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..9u8).prop_map(Step::Set),
        1 => (0..9u8).prop_map(Step::ByHand),
        4 => (1..4usize).prop_map(Step::Undo),
        3 => (1..4usize).prop_map(Step::Redo),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Against a list of contents and a place in it.
    #[test]
    fn any_way_back_and_forth(steps in steps()) {
        let (_dir, file) = file();
        // What was there before the first save is known with it.
        drop(set(&file, "width", 100).unwrap());
        let (mut contents, mut at) = (vec!["width = 0 # px\n".to_owned(), text(&file)], 1_usize);
        for step in steps {
            let expected = match step {
                Step::Set(_) | Step::ByHand(_) => None,
                Step::Undo(count) => Some(at.checked_sub(count)),
                Step::Redo(count) => Some(Some(at + count).filter(|to| *to < contents.len())),
            };
            match step {
                Step::Set(width) => drop(set(&file, "width", i64::from(width)).unwrap()),
                Step::ByHand(width) => {
                    let new = format!("width = {width} # px\n");
                    if new != contents[at] {
                        by_hand(file.path(), &new);
                        // Two in a row would be one change.
                        drop(file.adopt().unwrap());
                    }
                }
                Step::Undo(count) => {
                    let refused = expected.flatten().is_none().then(|| too_few(&file, at, "undo"));
                    prop_assert_eq!(file.go(HistoryMove::Undo(count)).err().map(|e| e.to_string()), refused);
                }
                Step::Redo(count) => {
                    let left = contents.len() - 1 - at;
                    let refused = expected.flatten().is_none().then(|| too_few(&file, left, "redo"));
                    prop_assert_eq!(file.go(HistoryMove::Redo(count)).err().map(|e| e.to_string()), refused);
                }
            }
            match expected {
                // Where the same content is nothing happens, and the place stays.
                Some(Some(to)) if contents[to] != contents[at] => at = to,
                Some(_) => {}
                None if text(&file) == contents[at] => {}
                None => {
                    contents.truncate(at + 1);
                    contents.push(text(&file));
                    at += 1;
                }
            }
            prop_assert_eq!(&text(&file), &contents[at]);
        }
        prop_assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    }
}
