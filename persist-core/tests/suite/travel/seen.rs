//! What a reader sees of a document: its lines, with the key each belongs to, and its comments.

use std::collections::{BTreeMap, BTreeSet};

use persist_core::{Document, Format, KeyPath, Value};

use super::written::SECTIONS;

/// A line that has a key, by the key's path; or one that is a comment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) text: String,
}

/// The lines of a document in order, each with the versions that have it: from this one on.
pub(super) fn lines(document: &Document) -> Vec<(Line, usize)> {
    let mut paths: BTreeMap<usize, String> = BTreeMap::new();
    owners(document, document.value(), &KeyPath::root(), &mut paths);
    let text = document.text();
    let comments: BTreeSet<&str> = document.comments().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let owner = paths
            .range(at..at + line.len())
            .next()
            .map(|(_, path)| path.clone());
        at += line.len();
        let shown = shown(line, document.format());
        match owner {
            Some(path) => found.push((Line { path, text: shown }, true)),
            None if comments.contains(line.trim()) => {
                found.push((
                    Line {
                        path: String::new(),
                        text: shown,
                    },
                    false,
                ));
            }
            None => {}
        }
    }
    dated(&found)
}

/// A comment line belongs to the keys above and below, so it must be there where both are.
fn dated(found: &[(Line, bool)]) -> Vec<(Line, usize)> {
    let dates: Vec<_> = found
        .iter()
        .map(|(line, key)| key.then(|| since(&line.path)))
        .collect();
    let near = |dates: &mut dyn Iterator<Item = &Option<usize>>| {
        dates.flatten().next().copied().unwrap_or(0)
    };
    let date = |index: usize| {
        dates[index].unwrap_or_else(|| {
            near(&mut dates[..index].iter().rev()).max(near(&mut dates[index..].iter()))
        })
    };
    (0..found.len())
        .map(|index| (found[index].0.clone(), date(index)))
        .collect()
}

/// Commas are not told: whether an entry has one depends on its neighbours.
fn shown(line: &str, format: Format) -> String {
    let line = line.trim_end_matches(['\n', '\r']);
    match format {
        Format::Json | Format::Jsonc => line.replace(',', ""),
        _ => line.to_owned(),
    }
}

/// The first version that has a key.
pub(super) fn since(path: &str) -> usize {
    let section = path.split('.').next().unwrap_or_default();
    SECTIONS
        .iter()
        .find(|(name, ..)| *name == section)
        .map_or(0, |(_, since, _)| *since)
}

fn owners(
    document: &Document,
    value: &Value,
    path: &KeyPath,
    owners: &mut BTreeMap<usize, String>,
) {
    let Value::Map(map) = value else { return };
    for (key, value) in map.iter() {
        let path = path.join(persist_core::format::Segment::Key(
            key.as_key_text().expect("a string"),
        ));
        if let Some(extent) = document.extent(&path) {
            owners
                .entry(extent.start)
                .or_insert_with(|| path.to_string());
        }
        self::owners(document, value, &path, owners);
    }
}

/// Each comment, and how often it is there.
pub(super) fn comments(document: &Document) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for comment in document.comments() {
        *counted.entry(comment.to_owned()).or_default() += 1;
    }
    counted
}
