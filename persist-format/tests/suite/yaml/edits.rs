//! Random edits of a few fixtures. The storm over real documents is `tests/lossless`, which edits these fixtures too.

use persist_format::{Document, Edit, Error, KeyPath, Map, Segment, Value};

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
