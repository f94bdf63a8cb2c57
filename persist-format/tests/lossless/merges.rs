//! Merges of texts: every pair of edits on every small document, judged by what must be there afterwards.
//!
//! `PERSIST_NODES` says how many nodes a document has at most.

use std::collections::BTreeSet;

use persist_format::merge::{self, Merge};
use persist_format::{Document, Format, KeyPath, Map, Segment, Value};

const FORMATS: [Format; 4] = [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml];

/// How a value is built: each node's kind and children.
#[derive(Clone)]
enum Shape {
    Scalar,
    Map(Vec<Shape>),
    List(Vec<Shape>),
}

/// All shapes with so many nodes.
fn shapes(nodes: usize) -> Vec<Shape> {
    if nodes == 1 {
        return vec![
            Shape::Scalar,
            Shape::Map(Vec::new()),
            Shape::List(Vec::new()),
        ];
    }
    let children = forests(nodes - 1);
    let maps = children.iter().cloned().map(Shape::Map);
    maps.chain(children.iter().cloned().map(Shape::List))
        .collect()
}

/// All rows of shapes with so many nodes together, none of them empty.
fn forests(nodes: usize) -> Vec<Vec<Shape>> {
    if nodes == 0 {
        return vec![Vec::new()];
    }
    let mut rows = Vec::new();
    for first in 1..=nodes {
        for shape in shapes(first) {
            for rest in forests(nodes - first) {
                rows.push([vec![shape.clone()], rest].concat());
            }
        }
    }
    rows
}

/// The value, its scalars counted so that each is there once.
fn value(shape: &Shape, next: &mut i64) -> Value {
    match shape {
        Shape::Scalar => {
            *next += 1;
            Value::from(*next)
        }
        Shape::Map(children) => {
            let keys = ["a", "b", "c", "d"].into_iter();
            let entries = keys
                .zip(children)
                .map(|(key, child)| (key, value(child, next)));
            Value::Map(Map::from_iter(entries.collect::<Vec<_>>()))
        }
        Shape::List(children) => {
            Value::Sequence(children.iter().map(|child| value(child, next)).collect())
        }
    }
}

fn mark(format: Format) -> &'static str {
    match format {
        Format::Toml | Format::Yaml => "#",
        _ => "//",
    }
}

/// The document with another text, if that says the same.
fn rewritten(document: &Document, text: &str) -> Option<Document> {
    let other = Document::parse(text.as_bytes(), document.format()).ok()?;
    (other.value() == document.value()).then_some(other)
}

/// With a comment on a line above an entry.
fn with_comment(document: &Document, path: &KeyPath, comment: &str) -> Option<Document> {
    let text = document.text();
    let at = document.extent(path)?.start;
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent = &text[line..at];
    let comment = format!("{indent}{} {comment}\n", mark(document.format()));
    let is_line = indent.trim().is_empty();
    is_line.then(|| rewritten(document, &[&text[..line], &comment, &text[line..]].concat()))?
}

/// With a comment at the end of the line of an entry.
fn with_comment_beside(document: &Document, path: &KeyPath, comment: &str) -> Option<Document> {
    let text = document.text();
    let at = document.extent(path)?.end;
    let end = at + text[at..].find('\n')?;
    let comment = format!(" {} {comment}", mark(document.format()));
    rewritten(document, &[&text[..end], &comment, &text[end..]].concat())
}

/// All places but the root, outer ones first.
fn places(value: &Value) -> Vec<KeyPath> {
    fn below(value: &Value, path: &KeyPath, out: &mut Vec<KeyPath>) {
        let children: Vec<(Segment, &Value)> = match value {
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| (Segment::Key(key.as_str().unwrap_or_default().into()), value))
                .collect(),
            Value::Sequence(items) => (items.iter().enumerate())
                .map(|(at, item)| (Segment::Index(at), item))
                .collect(),
            _ => return,
        };
        for (segment, child) in children {
            let path = path.join(segment);
            out.push(path.clone());
            below(child, &path, out);
        }
    }
    let mut out = Vec::new();
    below(value, &KeyPath::root(), &mut out);
    out
}

fn scalars(value: &Value) -> BTreeSet<i64> {
    match value {
        Value::Map(map) => map.values().flat_map(scalars).collect(),
        Value::Sequence(items) => items.iter().flat_map(scalars).collect(),
        Value::Integer(number) => number.to_i64().into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

/// Every edit that is looked at, the new values from `number` on, the new comments with `who`.
fn edits(base: &Document, number: i64, who: &str) -> Vec<Document> {
    let mut out = Vec::new();
    let mut number = (number..).map(Value::from);
    let mut edit = |change: &dyn Fn(&mut Document, Value) -> Option<()>| {
        let mut edited = base.clone();
        let value = number.next().expect("there are enough");
        out.extend(change(&mut edited, value).map(|()| edited));
    };
    let mut all = places(base.value());
    all.insert(0, KeyPath::root());
    for path in &all {
        match base.get(path) {
            Some(Value::Map(_)) => {
                edit(&|document, value| document.set(&path.child("x"), value).ok().map(drop));
                edit(&|document, value| {
                    let comment = format!("{who} new");
                    document.set(&path.child("x"), value).ok().map(drop)?;
                    *document = with_comment(document, &path.child("x"), &comment)?;
                    Some(())
                });
            }
            Some(Value::Sequence(items)) => {
                edit(&|document, value| {
                    let end = path.join(Segment::Append);
                    document.insert(&end, value).ok().map(drop)
                });
                edit(&|document, value| document.insert(&path.item(0), value).ok().map(drop));
                if items.len() > 1 {
                    edit(&|document, _| {
                        document
                            .move_to(&path.item(0), &path.item(1))
                            .ok()
                            .map(drop)
                    });
                }
            }
            _ => {}
        }
        if !path.is_root() {
            edit(&|document, value| document.set(path, value).ok().map(drop));
            edit(&|document, _| document.remove(path).ok().map(drop));
            let above = format!("{who} above");
            edit(&|document, _| {
                *document = with_comment(document, path, &above)?;
                Some(())
            });
            let beside = format!("{who} beside");
            edit(&|document, _| {
                *document = with_comment_beside(document, path, &beside)?;
                Some(())
            });
        }
    }
    for extent in base.comment_extents() {
        for text in [
            format!("{} {who} reworded", mark(base.format())),
            String::new(),
        ] {
            let (before, after) = (&base.text()[..extent.start], &base.text()[extent.end..]);
            out.extend(rewritten(base, &[before, &text, after].concat()));
        }
    }
    out.retain(|document| document.text() != base.text());
    out
}

/// What is wrong with a merge, if anything is.
fn fault(base: &Document, ours: &Document, theirs: &Document, merge: &Merge) -> Option<String> {
    let result = &merge.document;
    match Document::parse(&result.bytes(), result.format()) {
        Ok(read) if read.value() == result.value() => {}
        other => return Some(format!("it reads as {other:?}")),
    }
    let [old, mine, other, there] =
        [base, ours, theirs, result].map(|document| scalars(document.value()));
    let in_conflict = |number: &i64| {
        merge.conflicts.iter().any(|conflict| {
            let sides = [&conflict.base, &conflict.ours, &conflict.theirs];
            sides
                .into_iter()
                .flatten()
                .any(|value| scalars(value).contains(number))
        })
    };
    let all: BTreeSet<i64> = [&old, &mine, &other]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    for number in &all {
        let here = [&old, &mine, &other].map(|side| side.contains(number));
        let wanted = match here {
            [true, mine, other] => mine && other,
            [false, ..] => true,
        };
        if wanted != there.contains(number) && !in_conflict(number) {
            return Some(format!(
                "{number} is {}there",
                if wanted { "not " } else { "" }
            ));
        }
    }
    let comments = |document: &Document| {
        document
            .comments()
            .map(|comment| comment.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let [old, mine, other, there] = [base, ours, theirs, result].map(comments);
    let named: Vec<&String> = merge.comments.iter().map(|comment| &comment.text).collect();
    for comment in mine.iter().chain(&other) {
        let kept = mine.contains(comment) && other.contains(comment) || !old.contains(comment);
        if kept && !there.contains(comment) && !named.contains(&comment) {
            return Some(format!("`{comment}` is not there, and not named"));
        }
    }
    for comment in &there {
        let count = |all: &[String]| all.iter().filter(|one| *one == comment).count();
        if count(&there) > count(&mine).max(count(&other)) {
            return Some(format!("`{comment}` is there too often"));
        }
    }
    None
}

/// Whether two changes of the base have nothing to do with each other: no place that one has changed is, or is in, one that the other has.
fn apart(base: &Document, ours: &Document, theirs: &Document) -> bool {
    let changed = |side: &Document| {
        let all = persist_format::diff::between(base.value(), side.value()).changes;
        all.into_iter()
            .map(|change| change.path)
            .collect::<Vec<_>>()
    };
    let (mine, other) = (changed(ours), changed(theirs));
    let in_list = |path: &KeyPath| {
        path.segments()
            .iter()
            .any(|s| !matches!(s, Segment::Key(_)))
    };
    let meet =
        |a: &KeyPath, b: &KeyPath| a.starts_with(b) || b.starts_with(a) || in_list(a) && in_list(b);
    !mine.iter().any(|a| other.iter().any(|b| meet(a, b)))
}

#[derive(Default, Debug)]
struct Tally {
    merges: usize,
    conflicts: usize,
    comments: usize,
    faults: Vec<String>,
}

fn every_pair(format: Format, nodes: usize) -> Tally {
    let mut tally = Tally::default();
    for shape in (1..=nodes).flat_map(shapes) {
        let Ok((plain, _)) = Document::encode(&value(&shape, &mut 0), format) else {
            continue;
        };
        let commented = places(plain.value()).first().cloned().and_then(|first| {
            let above = with_comment(&plain, &first, "base above").unwrap_or_else(|| plain.clone());
            let last = places(plain.value()).last().cloned()?;
            with_comment_beside(&above, &last, "base beside").or(Some(above))
        });
        let base = commented.unwrap_or(plain);
        let (mine, other) = (edits(&base, 100, "ours"), edits(&base, 200, "theirs"));
        for ours in &mine {
            for theirs in other.iter().chain([ours]) {
                let merge = merge::three_way(&base, ours, theirs).unwrap_or_else(|error| {
                    panic!(
                        "{error}\n{}--\n{}--\n{}",
                        base.text(),
                        ours.text(),
                        theirs.text()
                    )
                });
                let told = || {
                    let texts = [&base, ours, theirs, &merge.document].map(Document::text);
                    format!(
                        "{format}\n{}\n{:?} {:?}",
                        texts.join("----\n"),
                        merge.conflicts,
                        merge.comments
                    )
                };
                if let Some(fault) = fault(&base, ours, theirs, &merge) {
                    tally.faults.push(format!("{fault}: {}", told()));
                }
                if ours.text() == theirs.text() {
                    assert_eq!(merge.document.text(), ours.text());
                }
                let conflicts = !merge.conflicts.is_empty();
                assert!(
                    !(conflicts && apart(&base, ours, theirs)),
                    "no conflict: {}",
                    told()
                );
                tally.merges += 1;
                tally.conflicts += usize::from(conflicts);
                tally.comments += merge.comments.len();
            }
        }
    }
    tally
}

#[test]
fn every_pair_of_edits_on_every_small_document() {
    let nodes = std::env::var("PERSIST_NODES").ok();
    let nodes = nodes.and_then(|nodes| nodes.parse().ok()).unwrap_or(2);
    let run = |format| std::thread::spawn(move || (format, every_pair(format, nodes)));
    let mut wrong = Vec::new();
    for run in FORMATS.map(run) {
        let (format, tally) = run.join().expect("no merge panics");
        let (faults, first) = (tally.faults.len(), tally.faults.first());
        println!(
            "{format}: {} merges, {} conflicts, {} comments without a place, {faults} faults",
            tally.merges, tally.conflicts, tally.comments
        );
        wrong.extend(first.map(|first| format!("{format}: {faults} faults, such as {first}")));
        assert!(tally.merges > 50 && tally.conflicts > 0 && tally.conflicts < tally.merges / 2);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
