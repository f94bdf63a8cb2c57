//! Files of 40 projects: another value of its own kind never changes a value's kind.

use std::path::{Path, PathBuf};

use persist_format::kind::{self, Kind};
use persist_format::{Document, ErrorKind, Format, KeyPath, Limits, Value};

use super::{oracle, put};

/// Texts of a kind; the place and the round choose one.
fn another(kind: Kind, format: Format, turn: usize) -> Option<&'static str> {
    let yaml = format == Format::Yaml;
    let of: &[&str] = match kind {
        Kind::Text => &[
            "other",
            "3.10",
            "no",
            "true",
            "12:30",
            "a: b # c",
            "null",
            "2020-01-01",
            "",
        ],
        Kind::Number => &["7", "2.5", "0", "-13"],
        Kind::Switch if yaml => &["true", "no", "On", "FALSE"],
        Kind::Switch => &["true", "false"],
        Kind::Date => &["1999-12-31"],
        _ => return None,
    };
    Some(of[turn % of.len()])
}

fn files() -> Vec<(PathBuf, Document)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/kind/real");
    let entries = folder.read_dir().expect("the folder of real files");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension() != Some("md".as_ref()))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a file");
        let document = Document::parse_named(&path, &bytes, &Limits::default());
        let document = document.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, document)
    };
    paths.into_iter().map(read).collect()
}

/// The paths of all scalars.
fn scalars(value: &Value, path: &KeyPath, found: &mut Vec<KeyPath>) {
    match value.untagged() {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let key = key.as_key_text().expect("keys are scalars");
                scalars(value, &path.child(&key), found);
            }
        }
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                scalars(value, &path.item(index), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

#[test]
fn another_value_of_its_own_kind_keeps_the_kind_in_real_files() {
    let mut texts = Vec::new();
    let mut names = Vec::new();
    let mut changed = 0;
    let files = files();
    assert!(files.len() >= 40, "{}", files.len());
    for (file, document) in &files {
        let name = file.file_name().expect("a name").to_string_lossy();
        let mut paths = Vec::new();
        scalars(document.value(), &KeyPath::root(), &mut paths);
        for round in 0..5 {
            let mut after = document.clone();
            let edited = after.edit(|edits| {
                for (at, path) in paths.iter().enumerate() {
                    let place = edits.place(path);
                    let kind = place.kind().expect("it is there");
                    let Some(text) = another(kind, document.format(), at + round) else {
                        continue;
                    };
                    let meant = kind::read(text, &place);
                    let meant = meant.unwrap_or_else(|e| panic!("{name} {path} {text}: {e:?}"));
                    // That an integer becomes a float is told.
                    let held = place.held.map(|held| held.value.untagged());
                    let was_integer = matches!(held, Some(Value::Integer(_)));
                    let is_float = matches!(meant.value.untagged(), Value::Float(_));
                    let told = place.changed(&meant).is_some();
                    assert_eq!(told, was_integer && is_float, "{name} {path} {text}");
                    match put(edits, path, meant) {
                        // What anchors share is not changed unasked.
                        Err(error) if error.kind() == ErrorKind::Refused => {}
                        done => done.unwrap_or_else(|e| panic!("{name} {path} {text}: {e}")),
                    }
                    changed += 1;
                }
                Ok(())
            });
            let edit = edited.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(edit.changed(), "{name}");
            let comments =
                |document: &Document| document.comments().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(comments(document), comments(&after), "{name}");
            texts.push((document.format(), document.text().to_owned()));
            texts.push((document.format(), after.text().to_owned()));
            names.push(name.clone());
        }
    }
    assert!(changed > 5_000, "{changed} values were set");
    let Some(seen) = oracle::seen(&texts) else {
        return;
    };
    for ((pair, texts), name) in seen.chunks(2).zip(texts.chunks(2)).zip(names) {
        let [Ok(before), Ok(after)] = pair else {
            panic!("{name}: {pair:?}\n{}", texts[1].1);
        };
        for (reader, before) in before {
            let pairs = before.iter().zip(&after[reader]);
            let other: Vec<_> = pairs.filter(|(before, after)| before != after).collect();
            assert_eq!(before.len(), after[reader].len(), "{name} to {reader}");
            assert_eq!(other, [], "{name} to {reader}\n{}", texts[1].1);
        }
    }
}
