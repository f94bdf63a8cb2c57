//! The difference between two values: what was added, removed, modified and moved, where.

use std::fmt;

use crate::align::{align, increasing, unique_names};
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::value::{Map, Value};

/// What happened at one place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// There is something now; in a sequence it was inserted before the item at the index.
    Added(Value),
    /// What was there is gone.
    Removed(Value),
    /// It is another value.
    Modified {
        /// The value before.
        old: Value,
        /// The value after.
        new: Value,
    },
    /// An item of a sequence came here from another place of the same sequence.
    Moved {
        /// Where it was.
        from: KeyPath,
    },
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where.
    pub path: KeyPath,
    /// What.
    pub what: What,
}

/// A list of changes, to be made one after the other: the path of each is meant after the ones before it are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// The changes in order.
    pub changes: Vec<Change>,
}

/// The changes that make `new` out of `old`. The order of map entries is no difference. Takes time linear in the size of the values
/// (times their depth); moved items of sequences are found.
///
/// ```
/// use persist_format::{Value, diff};
/// let (old, new) = (Value::from_cli(r#"{"a": 1, "b": 2}"#), Value::from_cli(r#"{"a": 1, "b": 3}"#));
/// assert_eq!(diff::between(&old, &new).to_string(), "~ b: 2 -> 3\n");
/// ```
#[must_use]
pub fn between(old: &Value, new: &Value) -> Diff {
    let mut differ = Differ {
        path: KeyPath::root(),
        changes: Vec::new(),
    };
    differ.value(old, new);
    Diff {
        changes: differ.changes,
    }
}

/// For each item of the new sequence the old one that it is, as [`between`] sees it: the same, or changed; `None` for one that is
/// new.
///
/// ```
/// use persist_format::{Value, diff};
/// let list = |text| Value::from_cli(text).as_sequence().unwrap().to_vec();
/// let (old, new) = (list(r#"[{"id": 1, "x": 1}, {"id": 2}]"#), list(r#"[{"id": 2}, {"id": 1, "x": 3}, 5]"#));
/// assert_eq!(diff::items(&old, &new), [Some(1), Some(0), None]);
/// ```
#[must_use]
pub fn items(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    align(old, new)
}

/// For each item of a sequence the name that it alone bears there, by which [`items`] finds it again: what it has under `id`, `name` or
/// `key`.
///
/// ```
/// use persist_format::{Value, diff};
/// let list = Value::from_cli(r#"[{"id": 1}, {"name": "a"}, {"name": "a"}, 5]"#).as_sequence().unwrap().to_vec();
/// assert_eq!(diff::names(&list), [Some(("id", &Value::from(1))), None, None, None]);
/// ```
#[must_use]
pub fn names(sequence: &[Value]) -> Vec<Option<(&'static str, &Value)>> {
    let mut names = vec![None; sequence.len()];
    for (name, at) in unique_names(sequence) {
        names[at] = Some(name);
    }
    names
}

/// Beyond so many moves in one sequence they are told as removed and added.
const MOVES: usize = 64;

struct Differ {
    path: KeyPath,
    changes: Vec<Change>,
}

impl Differ {
    fn push(&mut self, segment: Option<Segment>, what: What) {
        let path = segment.map_or_else(|| self.path.clone(), |segment| self.path.join(segment));
        self.changes.push(Change { path, what });
    }

    fn value(&mut self, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Map(a), Value::Map(b)) if readable(a, b) && readable(b, a) => self.map(a, b),
            (Value::Sequence(a), Value::Sequence(b)) => self.sequence(a, b),
            (Value::Tagged(a), Value::Tagged(b)) if a.tag == b.tag => {
                self.value(&a.value, &b.value);
            }
            _ => self.push(
                None,
                What::Modified {
                    old: old.clone(),
                    new: new.clone(),
                },
            ),
        }
    }

    fn child(&mut self, segment: Segment, old: &Value, new: &Value) {
        self.path.push(segment);
        self.value(old, new);
        self.path.pop();
    }

    fn map(&mut self, old: &Map, new: &Map) {
        for (key, value) in old.iter() {
            let segment = Segment::Key(key.as_key_text().unwrap_or_default());
            match new.get_key(key) {
                None => self.push(Some(segment), What::Removed(value.clone())),
                Some(wanted) => self.child(segment, value, wanted),
            }
        }
        for (key, value) in new.iter().filter(|(key, _)| old.get_key(key).is_none()) {
            self.push(
                Some(Segment::Key(key.as_key_text().unwrap_or_default())),
                What::Added(value.clone()),
            );
        }
    }

    fn sequence(&mut self, old: &[Value], new: &[Value]) {
        let mut from = align(old, new);
        let moves = self.moves(&mut from);
        let mut kept = vec![false; old.len()];
        for index in from.iter().flatten() {
            kept[*index] = true;
        }
        for index in (0..old.len()).rev().filter(|&index| !kept[index]) {
            self.push(
                Some(Segment::Index(index)),
                What::Removed(old[index].clone()),
            );
        }
        for (start, end) in moves {
            let what = What::Moved {
                from: self.path.item(start),
            };
            self.push(Some(Segment::Index(end)), what);
        }
        for (at, _) in from.iter().enumerate().filter(|(_, place)| place.is_none()) {
            self.push(Some(Segment::Index(at)), What::Added(new[at].clone()));
        }
        for (at, index) in from.iter().enumerate() {
            if let Some(index) = index {
                self.child(Segment::Index(at), &old[*index], &new[at]);
            }
        }
    }

    /// The moves, as index before and after each, among the kept items alone. Too many are taken out of `from`.
    fn moves(&self, from: &mut [Option<usize>]) -> Vec<(usize, usize)> {
        let wanted: Vec<usize> = from.iter().flatten().copied().collect();
        let stays = increasing(&wanted);
        if stays.iter().filter(|stay| !**stay).count() > MOVES {
            let mut stays = stays.into_iter();
            for place in from.iter_mut().filter(|place| place.is_some()) {
                if !stays.next().unwrap_or(true) {
                    *place = None;
                }
            }
            return Vec::new();
        }
        let mut now = wanted.clone();
        now.sort_unstable();
        let mut moves = Vec::new();
        for (at, item) in wanted.iter().enumerate().filter(|(at, _)| !stays[*at]) {
            let start = now.iter().position(|i| i == item).unwrap_or(0);
            now.remove(start);
            let follows = at
                .checked_sub(1)
                .and_then(|before| now.iter().position(|i| *i == wanted[before]));
            let end = follows.map_or(0, |before| before + 1);
            now.insert(end, *item);
            moves.push((start, end));
        }
        moves
    }
}

/// True if paths can name the entries: the text of the keys tells them apart, and none that is no string comes or goes, since one that is
/// put back by its text would be a string.
fn readable(map: &Map, other: &Map) -> bool {
    map.keys().all(|key| {
        key.is_string()
            || other.get_key(key).is_some()
                && key
                    .as_key_text()
                    .is_some_and(|text| !map.contains_key(&text))
    })
}

impl Diff {
    /// True if nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Makes the changes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if a change doesn't fit: what it removes or modifies is not there, or is another value than it says. The
    /// changes before it are made then.
    pub fn apply(&self, value: &mut Value) -> Result<(), Error> {
        self.changes
            .iter()
            .try_for_each(|change| change.apply(value))
    }

    /// The changes that take these back.
    #[must_use]
    pub fn invert(&self) -> Self {
        Self {
            changes: self.changes.iter().rev().map(Change::invert).collect(),
        }
    }
}

impl Change {
    fn invert(&self) -> Self {
        let path = self.path.clone();
        match &self.what {
            What::Added(value) => Self {
                path,
                what: What::Removed(value.clone()),
            },
            What::Removed(value) => Self {
                path,
                what: What::Added(value.clone()),
            },
            What::Modified { old, new } => Self {
                path,
                what: What::Modified {
                    old: new.clone(),
                    new: old.clone(),
                },
            },
            What::Moved { from } => Self {
                path: from.clone(),
                what: What::Moved { from: path },
            },
        }
    }

    fn apply(&self, root: &mut Value) -> Result<(), Error> {
        let stale = || {
            Error::new(ErrorKind::Path, "the change does not match the content")
                .with_path(self.path.clone())
        };
        match &self.what {
            What::Added(value) => insert(root, &self.path, value.clone()),
            What::Removed(value) if root.get(&self.path) == Some(value) => {
                root.remove(&self.path).map(drop).ok_or_else(stale)
            }
            What::Modified { old, new } => match root.get_mut(&self.path) {
                Some(there) if there == old => {
                    *there = new.clone();
                    Ok(())
                }
                _ => Err(stale()),
            },
            What::Moved { from } => {
                let item = root.remove(from).ok_or_else(stale)?;
                insert(root, &self.path, item)
            }
            What::Removed(_) => Err(stale()),
        }
    }
}

/// Puts a value into a map, or before an item of a sequence.
pub(crate) fn insert(root: &mut Value, path: &KeyPath, value: Value) -> Result<(), Error> {
    if let Some((parent, last)) = path.split_last()
        && let Some(Value::Sequence(items)) = root.get_mut(&parent).map(Value::untagged_mut)
    {
        let index = last
            .index_in(items.len())
            .filter(|&index| index <= items.len());
        let index = index.ok_or_else(|| {
            Error::new(
                ErrorKind::Path,
                format!("there is no such place in an array of {}", items.len()),
            )
            .with_path(path.clone())
        })?;
        items.insert(index, value);
        return Ok(());
    }
    root.set(path, value)
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes
            .iter()
            .try_for_each(|change| writeln!(f, "{change}"))
    }
}

impl fmt::Display for Change {
    /// One line: `+ path: value`, `- path: value`, `~ path: old -> new`, `> path: moved from path`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Added(value) => write!(f, "+ {}: {value}", self.path),
            What::Removed(value) => write!(f, "- {}: {value}", self.path),
            What::Modified { old, new } => write!(f, "~ {}: {old} -> {new}", self.path),
            What::Moved { from } => write!(f, "> {}: moved from {from}", self.path),
        }
    }
}
