//! Several documents in one file: a change goes into the one that it was made for, whatever became of the others meanwhile.

use std::fs;
use std::path::Path;

use persist_core::backup::retention::Mark;
use persist_core::journal::Event;
use persist_core::{ConfigFile, Document, Error, HistoryMove, Note, Notice, Outcome, Store};
use serde::{Deserialize, Serialize};

use crate::support::{
    assign, by_hand, chain, folder, modified, open, open_with, put, records, set, text, with,
};

const TWO: &str = "kind: ConfigMap\n---\nkind: Deployment\nreplicas: 1\n";

fn choosing(path: &Path, doc: &str) -> ConfigFile {
    open_with(path, |o| {
        o.doc = Some(doc.parse().expect("as the test set it up"));
    })
}

/// Reads, changes the text to `meanwhile`, and commits `zone: eu` for the document that `doc` or else `choice` chooses.
fn committed(
    doc: Option<&str>,
    choice: &str,
    meanwhile: &str,
) -> (Result<Vec<Notice>, Error>, String) {
    let dir = folder();
    let path = dir.path().join("k.yaml");
    fs::write(&path, TWO).expect("as the test set it up");
    let file = match doc {
        Some(doc) => choosing(&path, doc),
        None => open(&path),
    };
    let base = file.read().expect("as the test set it up");
    let read = base.document().expect("as the test set it up");
    let mut wanted: Document = match doc {
        Some(_) => read.clone(),
        None => read.choose(&choice.parse().expect("a choice")).expect("it"),
    };
    assign(&mut wanted, "zone", "eu");
    by_hand(file.path(), meanwhile);
    let done = file.commit(&base, &wanted, None).map(|r| r.notices);
    (done, text(&file))
}

#[test]
fn what_a_document_holds_tells_which_it_is_after_others_came_or_went() {
    let changed = |text: &str| text.replace("replicas: 1\n", "replicas: 1\nzone: eu\n");
    for meanwhile in [
        format!("kind: Namespace\n---\n{TWO}"),
        "kind: Deployment\nreplicas: 1\n".to_owned(),
        format!("kind: Namespace\n---\n{TWO}---\nkind: Other\n"),
        TWO.replace("ConfigMap", "Secret"),
    ] {
        let (done, text) = committed(Some("kind=Deployment"), "", &meanwhile);
        assert!(done.unwrap().contains(&Notice::Merged), "{meanwhile}");
        assert_eq!(text, changed(&meanwhile));
    }
}

#[test]
fn a_number_tells_it_only_as_long_as_there_are_as_many_and_the_same_before() {
    for (doc, choice) in [(Some("2"), "2"), (None, "2"), (None, "kind=Deployment")] {
        for meanwhile in [
            format!("kind: Namespace\n---\n{TWO}"),
            format!("{TWO}---\nkind: Other\n"),
            "kind: Deployment\nreplicas: 1\n---\nkind: ConfigMap\n".to_owned(),
            "kind: Deployment\nreplicas: 1\n".to_owned(),
        ] {
            let (done, text) = committed(doc, choice, &meanwhile);
            match done.unwrap_err() {
                error @ Error::Conflict { .. } => {
                    assert!(
                        error.to_string().contains("its documents have changed"),
                        "{error}"
                    );
                }
                Error::Invalid(error) if doc.is_some() => {
                    assert!(error.to_string().contains("no document 2"), "{error}");
                }
                other => panic!("{other}"),
            }
            assert_eq!(text, meanwhile);
        }
        let meanwhile = TWO.replace("replicas: 1", "replicas: 2");
        let (done, text) = committed(doc, choice, &meanwhile);
        assert!(done.unwrap().contains(&Notice::Merged));
        assert_eq!(text, format!("{meanwhile}zone: eu\n"));
    }
}

/// Commits `zone: eu` in document 2 of `wanted`, a change of `start`, to a file that holds `meanwhile` by now.
fn committed_beside(
    start: &str,
    wanted: &str,
    meanwhile: &str,
) -> (Result<Vec<Notice>, Error>, String) {
    let (_dir, file) = with("k.yaml", start);
    let base = file.read().expect("as the test set it up");
    let wanted = file.document_of(wanted.as_bytes()).expect("a document");
    let mut wanted = wanted.choose(&"2".parse().expect("a choice")).expect("it");
    assign(&mut wanted, "zone", "eu");
    by_hand(file.path(), meanwhile);
    let done = file.commit(&base, &wanted, None).map(|r| r.notices);
    (done, text(&file))
}

/// Only one of them is merged, and nothing that was written may be lost unsaid.
#[test]
fn changes_beside_the_chosen_document_are_a_conflict_where_the_file_has_changed() {
    let meanwhile = TWO.replace("replicas: 1", "replicas: 2");
    for (number, wanted) in [
        (1, TWO.replace("ConfigMap", "Secret")),
        (1, TWO.replace("ConfigMap", "'ConfigMap'")),
        (3, format!("{TWO}---\nkind: Other\n")),
    ] {
        let (done, text) = committed_beside(TWO, &wanted, &meanwhile);
        let error = done.unwrap_err();
        assert!(
            matches!(&error, Error::Conflict { documents, .. } if *documents == [number]),
            "{error}"
        );
        let told = format!("document {number} was changed here as well");
        assert!(error.to_string().contains(&told), "{error}");
        assert_eq!(text, meanwhile);
    }
    // A comment alone is no conflict, and said to be left out.
    let (done, text) = committed_beside(TWO, &TWO.replace("Map", "Map # mine"), &meanwhile);
    let left_out = Notice::CommentsLeftOut {
        file: Vec::new(),
        document: vec![1],
    };
    assert!(done.unwrap().contains(&left_out), "{text}");
    assert_eq!(text, format!("{meanwhile}zone: eu\n"));
}

#[test]
fn what_is_in_the_file_already_is_no_conflict() {
    let start = format!("{TWO}---\nkind: Other\n");
    let wanted = start.replace("Other", "Another");
    let there = wanted.replace("replicas: 1\n", "replicas: 1\nzone: eu\n");
    let (done, text) = committed_beside(&start, &wanted, &there);
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(text, there);
}

#[test]
fn a_document_is_merged_into_a_file_that_came_meanwhile() {
    let dir = folder();
    let file = choosing(&dir.path().join("k.yaml"), "kind=Deployment");
    let base = file.read().unwrap();
    fs::write(file.path(), "kind: Deployment\nreplicas: 1\n").unwrap();
    let wanted = file.document_of(b"kind: Deployment\nzone: eu\n").unwrap();
    let receipt = file.commit(&base, &wanted, None).unwrap();
    assert!(receipt.notices.contains(&Notice::Merged));
    assert_eq!(text(&file), "kind: Deployment\nreplicas: 1\nzone: eu\n");
}

#[test]
fn a_store_saves_into_the_document_that_it_chooses() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    #[serde(default)]
    struct Settings {
        replicas: u32,
        zone: Option<String>,
    }
    let dir = folder();
    let path = dir.path().join("k.yaml");
    fs::write(&path, TWO).unwrap();
    let store = Store::<Settings>::builder(&path)
        .options(|o| o.doc = Some("kind=Deployment".parse().unwrap()))
        .open()
        .unwrap();
    let loaded = store.load().unwrap();
    let mut wanted = loaded.value().clone();
    wanted.zone = Some("eu".into());
    fs::write(&path, format!("kind: Namespace\n---\n{TWO}")).unwrap();
    let receipt = store.save(&loaded, &wanted).unwrap();
    assert!(receipt.notices.contains(&Notice::Merged));
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, format!("kind: Namespace\n---\n{TWO}zone: eu\n"));
}

/// Where no document can be chosen the defaults have no place, and why is said as it is.
#[test]
fn defaults_go_into_no_stream_that_lacks_the_chosen_document() {
    let dir = folder();
    let path = dir.path().join("k.yaml");
    let store = Store::<Vec<u8>>::builder(&path).options(|o| o.doc = Some("2".parse().unwrap()));
    let store = store.open().unwrap();
    let reset = || chain(&store.reset().unwrap_err());
    assert!(reset().contains("the file does not exist"), "{}", reset());
    for (broken, why) in [
        ("a: 1\n---\na: [\n", "k.yaml:"),
        ("a: 1\n", "no document 2"),
    ] {
        fs::write(&path, broken).unwrap();
        let told = reset();
        assert!(
            told.contains(why) && !told.contains("does not exist"),
            "{told}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
    fs::write(&path, "\0\0\0\0").unwrap();
    let recovered = store.recover().unwrap_err();
    assert!(matches!(recovered, Error::NoGoodCopy { .. }), "{recovered}");
}

#[test]
fn whole_contents_come_back_whichever_document_is_asked_for() {
    let (_dir, file) = with("k.yaml", "kind: ConfigMap\n");
    set(&file, "a", 1).unwrap();
    let before = text(&file);
    by_hand(file.path(), format!("{before}---\nkind: Deployment\n"));
    let chosen = choosing(file.path(), "kind=Deployment");
    set(&chosen, "replicas", 2).unwrap();
    chosen.undo().unwrap();
    let preview = chosen.preview_go(HistoryMove::Undo(1), false).unwrap();
    let receipt = chosen.undo().unwrap(); // what was done by hand
    assert_eq!(text(&file), before);
    assert_eq!(
        told(&receipt.changes),
        [r#"kind (document 2): removed "Deployment""#]
    );
    assert_eq!(
        (preview.changes, preview.is_text_alone),
        (receipt.changes, false)
    );
    assert_eq!(receipt.version, None);
    let preview = chosen.preview_go(HistoryMove::Redo(1), false).unwrap();
    let receipt = chosen.redo().unwrap();
    assert_eq!(text(&file), format!("{before}---\nkind: Deployment\n"));
    assert_eq!(
        told(&receipt.changes),
        [r#"kind (document 2): added "Deployment""#]
    );
    assert_eq!(
        (preview.changes, preview.is_text_alone),
        (receipt.changes, false)
    );
    // Nothing is damaged because it is another document.
    by_hand(file.path(), "kind: ConfigMap\na: 7\n");
    assert_eq!(chosen.adopt().unwrap().outcome, Outcome::Adopted);
    let left = chosen.recover(None).unwrap();
    assert_eq!((left.outcome, left.version), (Outcome::Unchanged, None));
    assert_eq!(text(&file), "kind: ConfigMap\na: 7\n");
}

fn told(notes: &[Note]) -> Vec<String> {
    notes.iter().map(ToString::to_string).collect()
}

#[test]
fn what_something_else_made_of_another_document_is_told() {
    let (_dir, file) = with("k.yaml", TWO);
    let chosen = choosing(file.path(), "2");
    set(&chosen, "zone", "eu").unwrap();
    by_hand(file.path(), text(&file).replace("ConfigMap", "Secret"));
    let changes = [r#"kind (document 1): "ConfigMap" -> "Secret""#];
    let preview = chosen.preview(|document| Ok(document.set(&"zone".parse()?, "us")?.warnings));
    let receipt = set(&chosen, "zone", "us").unwrap();
    for notices in [preview.unwrap().notices, receipt.notices] {
        assert!(
            matches!(&notices[..], [Notice::Adopted { changes: found }] if told(found) == changes),
            "{notices:?}"
        );
    }
    let entries = file.history().unwrap();
    assert_eq!(told(&entries[entries.len() - 2].changes), changes);
    // The same bytes on the medium are damage, which is put right.
    let damaged = text(&file).replace("Secret", "Sacret");
    put(file.path(), damaged.as_bytes(), modified(file.path()));
    let receipt = chosen.recover(None).unwrap();
    let changes = [r#"kind (document 1): "Sacret" -> "Secret""#];
    assert_eq!(told(&receipt.changes), changes);
}

#[test]
fn documents_to_choose_from_are_told_as_the_file_has_them() {
    let (_dir, file) = with("k.yaml", TWO);
    let changed = file.document_of(TWO.replace("ConfigMap", "Secret").as_bytes());
    let changed = changed.unwrap();
    let refused = file.edit(None, |document| {
        *document = changed;
        Ok(Vec::new())
    });
    let error = chain(&refused.unwrap_err());
    assert!(error.contains("1 (kind=ConfigMap)"), "{error}");
    // Of one there is none to choose.
    let (_dir, file) = with("k.yaml", "kind: ConfigMap\n");
    let changed = file.document_of(TWO.as_bytes()).unwrap();
    let refused = file.edit(None, |document| {
        *document = changed;
        Ok(Vec::new())
    });
    let error = chain(&refused.unwrap_err());
    assert!(error.contains("2 (kind=Deployment)"), "{error}");
}

#[test]
fn content_without_the_chosen_document_is_no_worse_for_it() {
    let without = "kind: ConfigMap\nversion: 1.0.0\n";
    let dir = folder();
    let file = open_with(&dir.path().join("k.yaml"), |o| {
        o.doc = Some("kind=Deployment".parse().unwrap());
        o.version_key = Some("version".parse().unwrap());
    });
    fs::write(file.path(), without).unwrap();
    for receipt in [file.adopt(), file.recover(None)] {
        let receipt = receipt.unwrap();
        assert_eq!(
            (receipt.outcome, receipt.version),
            (Outcome::Unchanged, None)
        );
        assert!(!file.state_dir().exists());
    }
    fs::write(file.path(), TWO).unwrap();
    set(&file, "zone", "eu").unwrap();
    by_hand(file.path(), without);
    assert_eq!(file.adopt().unwrap().outcome, Outcome::Adopted);
    let (last, _) = records(&file).pop().unwrap();
    let Event::Adopted(adopted) = last.event else {
        panic!("{last:?}");
    };
    assert_eq!((adopted.mark, adopted.version), (Mark::Parsed, None));
}
