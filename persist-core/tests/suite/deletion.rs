//! A deletion that was accepted is a change like any other: the history tells of it, and it can be taken back.

use std::fs;

use persist_core::{ConfigFile, Error, HistoryMove, How};

use crate::support::{open, open_with, saved, set, text};

/// `width` 1, 2, 3, then the file is deleted, which somebody means.
fn deleted() -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = saved(&[2, 3]);
    fs::remove_file(file.path()).expect("it can be done");
    let meant = open_with(file.path(), |o| o.reason = Some("moved away".into()));
    meant.adopt().expect("it can be done");
    (dir, file)
}

fn width(file: &ConfigFile) -> String {
    let document = file.document().expect("it can be done");
    let width = document.get(&"width".parse().expect("it can be done"));
    width.map_or_else(|| "none".into(), |width| width.to_json().to_string())
}

fn refusal(result: Result<persist_core::Receipt, Error>) -> String {
    result.expect_err("a refusal").to_string()
}

#[test]
fn it_is_in_the_history_with_its_reason_and_its_backup() {
    let (_dir, file) = deleted();
    let history = file.history().unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.seq, last.how), (3, How::Deleted));
    assert_eq!(last.reason.as_deref(), Some("moved away"));
    assert_eq!(last.new, None);
    assert_eq!(last.old, history[1].new);
    let before = file.content_before(last).unwrap();
    assert_eq!(before, b"# pixels\nwidth = 3 # of the window\n");
    assert!(file.verify().unwrap().passed());
}

#[test]
fn undo_takes_it_back_first() {
    let (_dir, file) = deleted();
    let preview = file.preview_go(HistoryMove::Undo(1), false).unwrap();
    assert_eq!(preview.to_string(), "width: added 3\n");
    let receipt = file.undo().unwrap();
    assert_eq!(width(&file), "3");
    assert_eq!(receipt.changes.len(), 1, "{receipt:?}");
    assert!(file.history().unwrap()[2].undone);
    file.undo().unwrap();
    assert_eq!(width(&file), "2");
    file.redo().unwrap();
    assert_eq!(width(&file), "3");
    // The file is there, and so it stays.
    assert_eq!(
        refusal(file.redo()).rsplit(": ").next().unwrap().to_owned(),
        "delete it, then run `adopt`"
    );
    assert_eq!(width(&file), "3");
    assert!(file.verify().unwrap().passed());
}

/// No file is what no way stops at: what was deleted comes back with what was made in its place going.
#[test]
fn what_was_before_it_is_in_reach_of_what_came_after() {
    let (_dir, file) = deleted();
    set(&file, "depth", 1).unwrap();
    set(&file, "depth", 2).unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "depth = 1\n");
    file.undo().unwrap();
    assert_eq!(width(&file), "3");
    file.undo().unwrap();
    assert_eq!(width(&file), "2");
    file.redo().unwrap();
    file.redo().unwrap();
    assert_eq!(text(&file), "depth = 1\n");
    file.go(HistoryMove::Redo(1)).unwrap();
    assert_eq!(text(&file), "depth = 2\n");
    file.go(HistoryMove::Undo(3)).unwrap();
    assert_eq!(width(&file), "2");
    assert!(file.verify().unwrap().passed());
}

#[test]
fn going_back_to_it_is_refused_with_what_to_do() {
    let (_dir, file) = deleted();
    set(&file, "depth", 1).unwrap();
    let said = refusal(file.go(HistoryMove::UndoTo(3)));
    assert!(
        said.ends_with(
            "change #3 deleted the file, and persist does not delete files: delete it, then run `adopt`"
        ),
        "{said}"
    );
    file.go(HistoryMove::UndoTo(2)).unwrap();
    assert_eq!(width(&file), "3");
}

#[test]
fn what_a_restore_has_put_back_is_not_taken_back_to_itself() {
    let (_dir, file) = deleted();
    file.restore("latest").unwrap();
    assert_eq!(width(&file), "3");
    file.undo().unwrap();
    assert_eq!(width(&file), "2");
}

#[test]
fn twice_deleted_is_twice_taken_back() {
    let (_dir, file) = deleted();
    set(&file, "depth", 1).unwrap();
    fs::remove_file(file.path()).unwrap();
    file.adopt().unwrap();
    file.undo().unwrap();
    assert_eq!(text(&file), "depth = 1\n");
    file.undo().unwrap();
    assert_eq!(width(&file), "3");
}

/// Through a checkpoint, which must add up to the same.
#[test]
fn a_long_journal_keeps_it() {
    let (_dir, file) = deleted();
    for depth in 0..90 {
        let long = format!("{depth:0900}");
        set(&file, "depth", long.as_str()).unwrap();
    }
    let file = open(file.path());
    let segments = fs::read_dir(file.state_dir().join("journal")).unwrap();
    assert!(segments.count() > 1);
    file.go(HistoryMove::UndoTo(2)).unwrap();
    assert_eq!(width(&file), "3");
    assert!(file.verify().unwrap().passed());
}
