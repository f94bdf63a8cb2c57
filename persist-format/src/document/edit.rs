//! The edits a caller asks for, as operations on the tree.

use super::{Document, Edit};
use crate::convert::Loss;
use crate::engine::{Op, Slot};
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::plan;
use crate::value::access::nested;
use crate::value::{Map, Value};

impl Document {
    /// Sets the value at a path. Missing maps on the way are made, also out of null; `[+]` appends. What is there
    /// already is changed only where it differs, so that its comments stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if the path leads through a scalar or beyond the end of an array; [`ErrorKind::Unrepresentable`] if the format
    /// can't say the value; [`ErrorKind::Refused`] if it can't be put in without loss. The document is as it was then.
    pub fn set(&mut self, path: &KeyPath, value: impl Into<Value>) -> Result<Edit, Error> {
        let value = value.into();
        let mut wanted = self.value().clone();
        wanted.set(path, value.clone())?;
        let ops = match self.get(path) {
            Some(old) => plan::between(path, old, &value),
            None => self.added(path, value)?,
        };
        self.change(&wanted, &ops)
    }

    /// Puts a value into an array before the item at the index (`[+]`: after the last), or into a map under a new key.
    ///
    /// # Errors
    ///
    /// As [`Document::set`], and [`ErrorKind::Path`] if the key is there already.
    pub fn insert(&mut self, path: &KeyPath, value: impl Into<Value>) -> Result<Edit, Error> {
        let value = value.into();
        let Some((parent, last)) = path.split_last() else {
            return self.set(path, value);
        };
        let Some(Value::Sequence(items)) = self.get(&parent).map(Value::untagged) else {
            if self.get(path).is_some() {
                return Err(taken(path));
            }
            return self.set(path, value);
        };
        let mut wanted = self.value().clone();
        crate::diff::insert(&mut wanted, path, value.clone())?;
        let mut slots: Vec<Slot> = (0..items.len()).map(Slot::keep).collect();
        slots.insert(
            last.index_in(items.len()).unwrap_or(items.len()),
            Slot::new(None, value),
        );
        self.change(
            &wanted,
            &[Op::Reshape {
                path: parent,
                slots,
            }],
        )
    }

    /// Removes what is at a path, with its own comments: those on its lines and those directly above.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if nothing is there or the path is the root; else as [`Document::set`].
    pub fn remove(&mut self, path: &KeyPath) -> Result<Edit, Error> {
        let mut wanted = self.value().clone();
        wanted
            .remove(path)
            .ok_or_else(|| nothing_at(self.value(), path))?;
        let ops: Vec<Op> = self.without(path).into_iter().collect();
        self.change(&wanted, &ops)
    }

    /// Gives a map's entry another key; its place, its value's text and its comments stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if nothing is there, it is no entry of a map, or the new key is taken; else as [`Document::set`].
    pub fn rename(&mut self, path: &KeyPath, key: &str) -> Result<Edit, Error> {
        let Some(index) = renamed(self.value(), path, key)? else {
            return Ok(Edit::unchanged());
        };
        let parent = path.parent().unwrap_or_default();
        let Some((container, Value::Map(map))) = self.get(&parent).map(|c| (c, c.untagged()))
        else {
            return Err(nothing_at(self.value(), path));
        };
        let mut slots = plan::keep_all(container);
        slots[index] = Slot::Old(index, Some(key.into()));
        let renamed = map
            .iter()
            .enumerate()
            .map(|(i, (k, v))| (if i == index { key.into() } else { k.clone() }, v.clone()));
        let renamed = Value::Map(renamed.collect::<Map>());
        let mut wanted = self.value().clone();
        if let Some(place) = wanted.get_mut(&parent) {
            *place.untagged_mut() = renamed;
        }
        self.change(
            &wanted,
            &[Op::Reshape {
                path: parent,
                slots,
            }],
        )
    }

    /// Moves what is at a path to another, where nothing must be (in an array it goes before the item at the index, counted without the
    /// moved one). Its text and comments go along where the two places allow it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if nothing is there, the place is taken or lies within what is moved; else as [`Document::set`].
    pub fn move_to(&mut self, from: &KeyPath, to: &KeyPath) -> Result<Edit, Error> {
        if from == to {
            return Ok(Edit::unchanged());
        }
        if to.starts_with(from) {
            return Err(into_itself(to));
        }
        if let Some(key) = stays_in_its_map(self.value(), from, to)? {
            return self.rename(from, key);
        }
        let value = self
            .get(from)
            .cloned()
            .ok_or_else(|| nothing_at(self.value(), from))?;
        if let Some((mut grown, made)) = self.with_map_for(from, to) {
            let mut edit = grown.move_to(from, to)?;
            *self = grown;
            edit.extent = edit.extent.max(made.extent);
            edit.warnings.splice(0..0, made.warnings);
            return Ok(edit);
        }
        let mut wanted = self.value().clone();
        wanted.remove(from);
        let is_item = to.parent().and_then(|p| {
            wanted
                .get(&p)
                .map(|p| matches!(p.untagged(), Value::Sequence(_)))
        }) == Some(true);
        if !is_item && wanted.get(to).is_some() {
            return Err(taken(to));
        }
        crate::diff::insert(&mut wanted, to, value.clone())?;
        let ops = self.moved(from, to, value)?;
        self.change(&wanted, &ops)
    }

    /// Makes the document say `wanted`: the difference to what it says now, as edits of the text. All that didn't change stays byte for byte.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unrepresentable`] or [`ErrorKind::Refused`], as [`Document::set`]. The document is as it was then.
    pub fn apply(&mut self, wanted: &Value) -> Result<Edit, Error> {
        let (fitted, mut warnings) = crate::convert::fitted(wanted, self.format())?;
        warnings.retain(|warning| warning.loss != Loss::LargeInteger); // it is told of below
        let ops = plan::between(&KeyPath::root(), self.value(), &fitted);
        let mut edit = self.change(&fitted, &ops)?;
        edit.warnings.splice(0..0, warnings);
        Ok(edit)
    }

    /// The document with the map that something is to be moved into, if that is not there: what is there can be given lines and comments
    /// of another place. Not for items: without them the path may mean another place.
    fn with_map_for(&self, from: &KeyPath, to: &KeyPath) -> Option<(Self, Edit)> {
        let map = map_to_make(self.value(), from, to)?;
        let mut grown = self.clone();
        let made = grown.set(&map, Map::new()).ok()?;
        // What was appended is not there under the same path.
        is_map(grown.get(&map)).then_some((grown, made))
    }

    /// The operation that puts a value where there is nothing.
    fn added(&self, path: &KeyPath, value: Value) -> Result<Vec<Op>, Error> {
        let mut there = KeyPath::root();
        let mut rest = path.segments();
        while let Some((segment, after)) = rest.split_first() {
            let longer = there.join(segment.clone());
            if self.get(&longer).is_none() {
                break;
            }
            (there, rest) = (longer, after);
        }
        let container = self.get(&there).unwrap_or(&Value::Null);
        let Some((segment, after)) = rest.split_first() else {
            return Ok(Vec::new());
        };
        let new = nested(after, value)?;
        let slot = match (container.untagged(), segment) {
            (Value::Map(_), Segment::Key(key)) => Slot::new(Some(key.as_str().into()), new),
            (Value::Sequence(_), _) => Slot::new(None, new),
            // Null becomes the container that the path wants.
            _ => {
                return Ok(vec![Op::Replace {
                    path: there,
                    value: nested(std::slice::from_ref(segment), new)?,
                }]);
            }
        };
        let mut slots = plan::keep_all(container);
        slots.push(slot);
        Ok(vec![Op::Reshape { path: there, slots }])
    }

    fn without(&self, path: &KeyPath) -> Option<Op> {
        let (parent, last) = path.split_last()?;
        let container = self.get(&parent)?;
        let index = last.find_in(container)?;
        let mut slots = plan::keep_all(container);
        slots.remove(index);
        Some(Op::Reshape {
            path: parent,
            slots,
        })
    }

    fn moved(&self, from: &KeyPath, to: &KeyPath, value: Value) -> Result<Vec<Op>, Error> {
        let same_parent = from.parent() == to.parent();
        if same_parent && let Some(Op::Reshape { path, mut slots }) = self.without(from) {
            let parent = self.get(&path).unwrap_or(&Value::Null);
            let old = from
                .segments()
                .last()
                .and_then(|s| s.find_in(parent))
                .unwrap_or(0);
            let index = to
                .segments()
                .last()
                .and_then(|s| s.index_in(slots.len()))
                .unwrap_or(slots.len());
            slots.insert(index.min(slots.len()), Slot::keep(old));
            return Ok(vec![Op::Reshape { path, slots }]);
        }
        let path = to.parent().unwrap_or_default();
        let container = self.get(&path).unwrap_or(&Value::Null);
        let place = match (container.untagged(), to.segments().last()) {
            (Value::Map(map), Some(Segment::Key(key))) => {
                Some((Some(key.as_str().into()), map.len()))
            }
            (Value::Sequence(items), Some(last)) => Some((
                None,
                last.index_in(items.len())
                    .unwrap_or(items.len())
                    .min(items.len()),
            )),
            _ => None,
        };
        let mut ops = match place {
            Some((key, index)) => {
                let mut slots = plan::keep_all(container);
                slots.insert(index, Slot::moved(key, from.clone(), value));
                vec![Op::Reshape { path, slots }]
            }
            None => self.added(to, value)?,
        };
        ops.extend(self.without(from));
        // An item that comes before the one with the old place in it would shift that.
        if container.is_sequence() && from.starts_with(&to.parent().unwrap_or_default()) {
            ops.reverse();
        }
        Ok(ops)
    }
}

/// Which child of its map a rename is about; `None` if it has that key.
pub(super) fn renamed(root: &Value, path: &KeyPath, key: &str) -> Result<Option<usize>, Error> {
    let wrong = |why: &str| Error::new(ErrorKind::Path, why).with_path(path.clone());
    let (parent, last) = path
        .split_last()
        .ok_or_else(|| wrong("the root has no key to rename"))?;
    let container = root.get(&parent).ok_or_else(|| nothing_at(root, path))?;
    let index = last
        .find_in(container)
        .ok_or_else(|| nothing_at(root, path))?;
    let Value::Map(map) = container.untagged() else {
        return Err(wrong("array items have no keys to rename"));
    };
    match map.find(key) {
        Some(at) if at == index => Ok(None),
        Some(_) => Err(wrong(&format!("the key {key:?} already exists"))),
        None => Ok(Some(index)),
    }
}

/// The new key of what is moved to another place of the same map.
pub(super) fn stays_in_its_map<'p>(
    root: &Value,
    from: &KeyPath,
    to: &'p KeyPath,
) -> Result<Option<&'p str>, Error> {
    if root.get(from).is_none() {
        return Err(nothing_at(root, from));
    }
    Ok(match (from.split_last(), to.segments().split_last()) {
        (Some((a, _)), Some((Segment::Key(key), b)))
            if a.segments() == b && is_map(root.get(&a)) =>
        {
            Some(key)
        }
        _ => None,
    })
}

/// The map that an entry of another is to be moved into, if it is not there: see [`Document::with_map_for`].
pub(super) fn map_to_make(root: &Value, from: &KeyPath, to: &KeyPath) -> Option<KeyPath> {
    let map = to.parent()?;
    let missing = root.get(&map).is_none_or(Value::is_null);
    let entry = from
        .parent()
        .is_some_and(|parent| is_map(root.get(&parent)));
    (missing && entry).then_some(map)
}

fn is_map(value: Option<&Value>) -> bool {
    value.is_some_and(|value| matches!(value.untagged(), Value::Map(_)))
}

pub(super) fn taken(path: &KeyPath) -> Error {
    Error::new(ErrorKind::Path, "a value already exists").with_path(path.clone())
}

pub(super) fn into_itself(path: &KeyPath) -> Error {
    Error::new(ErrorKind::Path, "a value can't be moved into itself").with_path(path.clone())
}

pub(super) fn nothing_at(root: &Value, path: &KeyPath) -> Error {
    let error = Error::new(ErrorKind::Path, "nothing found").with_path(path.clone());
    let parent = path
        .split_last()
        .and_then(|(parent, last)| Some((root.get(&parent)?, last)));
    match parent {
        Some((Value::Map(map), Segment::Key(key))) => {
            match crate::suggest::nearest(key, map.keys().filter_map(Value::as_str)) {
                Some(near) => error.with_help(format!("did you mean `{near}`?")),
                None => error,
            }
        }
        _ => error,
    }
}
