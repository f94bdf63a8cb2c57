//! Random edits of many documents: nothing wrong, nothing lost, nearly nothing written anew.
//!
//! `PERSIST_YAML_DOCS` names a file that lists further documents, a path a line; `PERSIST_CASES` says how many edits per document.

use std::collections::BTreeMap;

use persist_format::{
    Document, Edit, Error, ErrorKind, Format, KeyPath, Map, Rung, Segment, Value,
};

use super::oracle::{self, Case};
use super::random::Random;

pub(super) const FIXTURES: &[&str] = &[
    include_str!("fixtures/compose.yaml"),
    include_str!("fixtures/workflow.yaml"),
    include_str!("fixtures/styles.yaml"),
    include_str!("fixtures/anchors.yaml"),
    include_str!("fixtures/windows.yaml"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    SetScalar,
    SetStructure,
    Insert,
    Append,
    Remove,
    Rename,
    Move,
}

pub(super) const KINDS: [Kind; 8] = [
    Kind::SetScalar,
    Kind::SetStructure,
    Kind::Insert,
    Kind::Insert,
    Kind::Append,
    Kind::Remove,
    Kind::Rename,
    Kind::Move,
];

pub(super) fn paths(value: &Value, at: &KeyPath, found: &mut Vec<KeyPath>) {
    found.push(at.clone());
    match untagged(value) {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                if let Some(key) = key.as_str() {
                    paths(value, &at.child(key), found);
                }
            }
        }
        Value::Sequence(items) => (0..)
            .zip(items)
            .for_each(|(i, value)| paths(value, &at.item(i), found)),
        _ => {}
    }
}

fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => untagged(&tagged.value),
        other => other,
    }
}

fn scalar(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => Value::from(true),
        2 => Value::from(i64::try_from(random.below(100_000)).expect("it is small")),
        3 => Value::from(2.5),
        4 => Value::from("no"),
        5 => Value::from("two\nlines\n"),
        6 => Value::from("a # b: c, 'd'"),
        _ => Value::from(format!("word{}", random.below(1000))),
    }
}

fn structure(random: &mut Random, depth: usize) -> Value {
    let child = |random: &mut Random| {
        if depth < 2 && random.below(3) == 0 {
            structure(random, depth + 1)
        } else {
            scalar(random)
        }
    };
    if random.below(2) == 0 {
        Value::Sequence((0..random.below(4)).map(|_| child(random)).collect())
    } else {
        Value::Map(
            (0..random.below(4))
                .map(|i| (format!("key{i}"), child(random)))
                .collect::<Map>(),
        )
    }
}

fn any(random: &mut Random) -> Value {
    if random.below(3) == 0 {
        structure(random, 0)
    } else {
        scalar(random)
    }
}

pub(super) fn edit(
    doc: &mut Document,
    kind: Kind,
    random: &mut Random,
) -> Option<(KeyPath, Result<Edit, Error>)> {
    let mut all = Vec::new();
    paths(doc.value(), &KeyPath::root(), &mut all);
    let pick = |random: &mut Random| all[random.below(all.len())].clone();
    let path = pick(random);
    let container = |path: &KeyPath| doc.get(path).map(untagged).cloned();
    let fresh = format!("new{}", random.below(1000));
    match kind {
        Kind::SetScalar => {
            let scalars: Vec<&KeyPath> = all
                .iter()
                .filter(|path| !doc.get(path).is_some_and(Value::is_container))
                .collect();
            let path = (*scalars.get(random.below(scalars.len().max(1)))?).clone();
            let new = scalar(random);
            Some((path.clone(), doc.set(&path, new)))
        }
        Kind::SetStructure => {
            (!path.is_root()).then(|| (path.clone(), doc.set(&path, structure(random, 0))))
        }
        Kind::Insert => match container(&path)? {
            Value::Sequence(items) => {
                let at = path.item(random.below(items.len() + 1));
                Some((at.clone(), doc.insert(&at, any(random))))
            }
            Value::Map(map) if map.get(&fresh).is_none() => {
                let at = path.child(&fresh);
                Some((at.clone(), doc.set(&at, any(random))))
            }
            _ => None,
        },
        Kind::Append => match container(&path)? {
            Value::Sequence(_) => {
                let at = path.join(Segment::Append);
                Some((at.clone(), doc.insert(&at, any(random))))
            }
            _ => None,
        },
        Kind::Remove => (!path.is_root()).then(|| (path.clone(), doc.remove(&path))),
        Kind::Rename => {
            let (parent, last) = path.split_last()?;
            let is_key =
                matches!(container(&parent)?, Value::Map(_)) && matches!(last, Segment::Key(_));
            is_key.then(|| (path.clone(), doc.rename(&path, &fresh)))
        }
        Kind::Move => {
            let to = pick(random);
            if path.is_root() || to.starts_with(&path) {
                return None;
            }
            let to = match container(&to)? {
                Value::Map(map) if map.get(&fresh).is_none() => to.child(&fresh),
                Value::Sequence(items) => to.item(random.below(items.len() + 1)),
                _ => return None,
            };
            if !to.starts_with(&path)
                && to.parent() != path.parent()
                && to.split_last()?.0.segments().len() > path.segments().len()
            {
                // The removal may move the place.
                return None;
            }
            Some((path.clone(), doc.move_to(&path, &to)))
        }
    }
}

fn comments(text: &str) -> Vec<String> {
    let options = granit_parser::options! { strict_indentation: true, max_buffered_comment_events: usize::MAX };
    granit_parser::Parser::new_from_str_with_options(text, options)
        .filter_map(Result::ok)
        .filter(|(event, _)| matches!(event, granit_parser::Event::Comment(..)))
        .filter_map(|(_, span)| span.slice(text).map(str::to_owned))
        .collect()
}

/// How many of the first are not in the second, as often.
fn missing<T: Ord>(
    before: impl IntoIterator<Item = T>,
    after: impl IntoIterator<Item = T>,
) -> usize {
    let mut counts: BTreeMap<T, isize> = BTreeMap::new();
    before
        .into_iter()
        .for_each(|item| *counts.entry(item).or_default() += 1);
    after
        .into_iter()
        .for_each(|item| *counts.entry(item).or_default() -= 1);
    counts
        .values()
        .filter(|&&count| count > 0)
        .map(|&count| count.unsigned_abs())
        .sum()
}

#[derive(Debug, Default)]
struct Tally {
    edits: usize,
    rungs: BTreeMap<Rung, usize>,
    refused: usize,
    aliased: usize,
    comments_lost: usize,
    lines_lost: usize,
}

fn storm(
    name: &str,
    text: &str,
    rounds: usize,
    tally: &mut BTreeMap<Kind, Tally>,
    cases: &mut Vec<Case>,
    verbose: bool,
) {
    let Ok(start) = Document::parse(text.as_bytes(), Format::Yaml) else {
        return;
    };
    if !start.value().is_container() || start.documents() != 1 {
        return;
    }
    cases.push(Case {
        document: name.to_owned(),
        text: text.to_owned(),
        documents: vec![start.value().clone()],
    });
    let mut random = Random::new(text.len() as u64);
    let mut chained = start.clone();
    for round in 0..rounds {
        // Every other edit goes on from the one before.
        let mut doc = if round % 2 == 0 {
            start.clone()
        } else {
            chained.clone()
        };
        let kind = KINDS[random.below(KINDS.len())];
        let before = doc.clone();
        let Some((path, done)) = edit(&mut doc, kind, &mut random) else {
            continue;
        };
        let tally = tally.entry(kind).or_default();
        tally.edits += 1;
        match done {
            // A place that is not there any more.
            Err(e) if e.kind() == ErrorKind::Path => tally.edits -= 1,
            // By the alias rule.
            Err(e) if e.to_string().contains("alias") => tally.aliased += 1,
            Err(e) => {
                tally.refused += 1;
                assert_eq!(doc.text(), before.text(), "a refused edit changes nothing");
                if verbose {
                    println!(
                        "storm refused {name} {kind:?} {path}: {e}\n{}",
                        if text.len() < 40_000 {
                            before.text()
                        } else {
                            ""
                        }
                    );
                }
            }
            Ok(edit) => {
                *tally.rungs.entry(edit.rung).or_default() += 1;
                let lost = missing(comments(before.text()), comments(doc.text()));
                let lines = missing(before.text().lines(), doc.text().lines());
                let may_lose = matches!(kind, Kind::Remove | Kind::SetStructure | Kind::Move);
                tally.comments_lost += if may_lose { 0 } else { lost };
                let old_lines = before
                    .get(&path)
                    .filter(|_| kind == Kind::SetScalar)
                    .map_or(1, |old| 1 + old.as_str().map_or(0, str::len));
                let too_many = !may_lose && lines > old_lines;
                tally.lines_lost += usize::from(too_many);
                if verbose
                    && (edit.rung > Rung::Splice || (!may_lose && lost > 0) || too_many)
                    && before.text().len() < 1500
                {
                    println!(
                        "storm {name} {kind:?} {path} {:?} comments {lost} lines {lines}\n{}\n=====>\n{}\n-----",
                        edit.rung,
                        before.text(),
                        doc.text()
                    );
                }
                assert!(
                    doc.text().ends_with('\n') == before.text().ends_with('\n')
                        || before.text().contains(['|', '>']),
                    "{name} {path}\n{}",
                    doc.text()
                );
                cases.push(Case {
                    document: name.to_owned(),
                    text: doc.text().to_owned(),
                    documents: vec![doc.value().clone()],
                });
                chained = doc;
            }
        }
        if round % 30 == 29 {
            chained = start.clone();
        }
    }
}

#[test]
fn edit_storm() {
    let rounds = super::cases(24);
    let verbose = std::env::var("PERSIST_VERBOSE").is_ok();
    let (mut tally, mut cases) = (BTreeMap::new(), Vec::new());
    for (at, text) in FIXTURES.iter().enumerate() {
        storm(
            &format!("fixture {at}"),
            text,
            rounds,
            &mut tally,
            &mut cases,
            verbose,
        );
    }
    if let Ok(list) = std::env::var("PERSIST_YAML_DOCS") {
        for file in std::fs::read_to_string(list).expect("the list").lines() {
            if let Ok(text) = std::fs::read_to_string(file) {
                storm(file, &text, rounds, &mut tally, &mut cases, verbose);
            }
        }
    }
    let sum = |of: fn(&Tally) -> usize| tally.values().map(of).sum::<usize>();
    let edits = sum(|t| t.edits);
    for (kind, tally) in &tally {
        println!("storm {kind:?}: {tally:?}");
    }
    let differing = oracle::disagreements(&cases).unwrap_or_default();
    // Where Python reads the unedited text otherwise, it is no judge of the edited one.
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        first.entry(&case.document).or_insert(at);
    }
    let unfit: Vec<&str> = differing
        .iter()
        .map(|(at, _)| cases[*at].document.as_str())
        .filter(|name| differing.iter().any(|(at, _)| *at == first[name]))
        .collect();
    let wrong: Vec<_> = differing
        .iter()
        .filter(|(at, _)| !unfit.contains(&cases[*at].document.as_str()))
        .collect();
    for (at, seen) in wrong.iter().take(5) {
        println!("storm: Python sees {seen} in\n{}", cases[*at].text);
    }
    let anew = sum(|t| {
        t.rungs
            .iter()
            .filter(|(rung, _)| **rung > Rung::Splice)
            .map(|(_, n)| n)
            .sum()
    });
    println!(
        "storm: {} documents, {edits} edits, {} refused, {anew} rendered anew, {} wrong by Python",
        first.len(),
        sum(|t| t.refused),
        wrong.len()
    );
    assert!(sum(|t| t.refused) + anew <= (edits / 500).max(1));
    assert_eq!(sum(|t| t.comments_lost), 0);
    assert_eq!(sum(|t| t.lines_lost), 0);
    assert_eq!(wrong.len(), 0);
}
