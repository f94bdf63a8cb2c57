//! Random edits, and what each is meant to do to the value, by the simplest means.

use persist_format::{Document, Edit, Error, Float, Format, KeyPath, Map, Segment, Value, diff};

use crate::random::Random;

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Set(KeyPath, Value),
    Insert(KeyPath, Value),
    Remove(KeyPath),
    Rename(KeyPath, String),
    Move(KeyPath, KeyPath),
    Apply(Value),
}

impl Act {
    /// Makes the edit on a document.
    pub(crate) fn make(&self, document: &mut Document) -> Result<Edit, Error> {
        match self {
            Self::Set(path, value) => document.set(path, value.clone()),
            Self::Insert(path, value) => document.insert(path, value.clone()),
            Self::Remove(path) => document.remove(path),
            Self::Rename(path, key) => document.rename(path, key),
            Self::Move(from, to) => document.move_to(from, to),
            Self::Apply(value) => document.apply(value),
        }
    }

    /// What the value is to be afterwards; `None` if the edit makes no sense there.
    pub(crate) fn meant(&self, value: &Value) -> Option<Value> {
        let mut wanted = value.clone();
        match self {
            Self::Set(path, new) => wanted.set(path, new.clone()).ok()?,
            Self::Insert(path, new) => insert(&mut wanted, path, new.clone())?,
            Self::Remove(path) => drop(wanted.remove(path)?),
            Self::Rename(path, key) => {
                let to = path.parent()?.child(key);
                if wanted.get(&to).is_some() {
                    return None;
                }
                let old = wanted.remove(path)?;
                wanted.set(&to, old).ok()?;
            }
            Self::Move(from, to) => {
                if to.starts_with(from) {
                    return None;
                }
                let old = wanted.remove(from)?;
                insert(&mut wanted, to, old)?;
            }
            Self::Apply(value) => wanted = value.clone(),
        }
        Some(wanted)
    }

    /// The place whose lines may change; comments elsewhere may not go.
    pub(crate) fn place(&self) -> Option<&KeyPath> {
        match self {
            Self::Set(path, _)
            | Self::Insert(path, _)
            | Self::Remove(path)
            | Self::Rename(path, _)
            | Self::Move(path, _) => Some(path),
            Self::Apply(_) => None,
        }
    }

    pub(crate) fn removes(&self) -> bool {
        matches!(self, Self::Remove(_) | Self::Move(..))
    }
}

fn insert(root: &mut Value, path: &KeyPath, new: Value) -> Option<()> {
    let (parent, last) = path.split_last()?;
    match (root.get_mut(&parent)?, last) {
        (Value::Sequence(items), Segment::Index(index)) if *index <= items.len() => {
            items.insert(*index, new);
        }
        (Value::Sequence(items), Segment::Append) => items.push(new),
        (Value::Map(map), Segment::Key(key)) if !map.contains_key(key) => {
            drop(map.insert(key.as_str(), new));
        }
        _ => return None,
    }
    Some(())
}

/// Every path of the value, the root's included, by string keys.
pub(crate) fn paths(value: &Value, at: &KeyPath, found: &mut Vec<KeyPath>) {
    found.push(at.clone());
    match value {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                if let Some(key) = key.as_str() {
                    paths(value, &at.child(key), found);
                }
            }
        }
        Value::Sequence(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, value)| paths(value, &at.item(i), found)),
        _ => {}
    }
}

const WORDS: &[&str] = &[
    "name",
    "x",
    "new key",
    "a.b",
    "",
    "true",
    "no",
    "12",
    "1e3",
    "~",
    "- x",
    "a: b",
    "#c",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "ünï",
    "日本",
    "\u{1f600}",
    "[",
    "{",
    "&a",
    "*a",
    "!t",
    "%d",
    "@at",
    "`",
    "null",
    "2024-05-01",
    "0x1f",
    " lead",
    "trail ",
    "<<",
    "=",
    ".nan",
    "key",
    "on",
    "\u{7f}",
    "\u{2028}",
    "cr\rhere",
    "'",
    "\"",
];

fn scalar(random: &mut Random, format: Format) -> Value {
    match random.below(9) {
        0 => Value::from(random.below(2) == 0),
        1 => Value::from(i64::try_from(random.next() % 100_000).expect("it is small") - 50_000),
        2 => Value::from(i64::MIN),
        3 => Value::from(Float::from(
            [0.5, -0.0, 1e300, 1.0, 2.5e-8][random.below(5)],
        )),
        4 if format != Format::Toml => Value::Null,
        5 if format == Format::Toml => {
            Value::Datetime("1979-05-27T07:32:00Z".parse().expect("it is a datetime"))
        }
        _ => Value::from(word(random)),
    }
}

fn structure(random: &mut Random, format: Format, depth: usize) -> Value {
    match random.below(if depth > 2 { 1 } else { 4 }) {
        0 | 1 => scalar(random, format),
        2 => (0..random.below(4))
            .map(|_| structure(random, format, depth + 1))
            .collect::<Vec<_>>()
            .into(),
        _ => {
            let mut map = Map::new();
            for _ in 0..random.below(4) {
                map.insert(word(random), structure(random, format, depth + 1));
            }
            map.into()
        }
    }
}

/// A random edit of the document; it may make no sense there.
pub(crate) fn act(random: &mut Random, document: &Document) -> Act {
    let format = document.format();
    let mut all = Vec::new();
    paths(document.value(), &KeyPath::root(), &mut all);
    let path = random.pick(&all).clone();
    let new = if random.below(3) == 0 {
        structure(random, format, 0)
    } else {
        scalar(random, format)
    };
    match random.below(16) {
        0..=4 if !path.is_root() => Act::Set(path, new),
        5 | 6 => Act::Set(path.child(word(random)), new),
        7 | 8 => match document.get(&path) {
            Some(Value::Sequence(items)) => {
                Act::Insert(path.item(random.below(items.len() + 1)), new)
            }
            _ => Act::Insert(path.child(word(random)), new),
        },
        9 => Act::Insert(path.join(Segment::Append), new),
        10..=12 => Act::Remove(path),
        13 => Act::Rename(path, word(random).to_owned()),
        14 => {
            let target = random.pick(&all).clone();
            let is_list = document.get(&target).is_some_and(Value::is_sequence);
            let to = if is_list {
                target.item(random.below(3))
            } else {
                target.child(word(random))
            };
            Act::Move(path, to)
        }
        _ => Act::Apply(mixed(random, document)),
    }
}

/// The document's value after a few changes at once.
fn mixed(random: &mut Random, document: &Document) -> Value {
    let mut value = document.value().clone();
    for _ in 0..4 {
        let mut all = Vec::new();
        paths(&value, &KeyPath::root(), &mut all);
        let path = random.pick(&all).clone();
        let _ = match random.below(3) {
            0 if !path.is_root() => value.set(&path, scalar(random, document.format())).is_ok(),
            1 => value.remove(&path).is_some(),
            _ => match value.get_mut(&path) {
                Some(Value::Sequence(items)) if !items.is_empty() => {
                    let (a, b) = (random.below(items.len()), random.below(items.len()));
                    items.swap(a, b);
                    true
                }
                _ => value
                    .set(&path.child(word(random)), scalar(random, document.format()))
                    .is_ok(),
            },
        };
    }
    // Any value is as good as the difference that leads to it says.
    let diff = diff::between(document.value(), &value);
    let mut again = document.value().clone();
    diff.apply(&mut again)
        .expect("a difference applies to what it was taken from");
    assert_eq!(again, value, "a difference leads where it was taken to");
    diff.invert()
        .apply(&mut again)
        .expect("a difference can be taken back");
    assert_eq!(
        again,
        *document.value(),
        "a difference taken back leads to the start"
    );
    value
}

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}
