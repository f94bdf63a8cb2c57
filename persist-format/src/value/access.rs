//! Reaching into a value by key path.

use super::{Map, Value};
use crate::error::{Error, ErrorKind};
use crate::limits::DEEPEST;
use crate::path::{KeyPath, Segment};

impl Value {
    /// The value at a path, tags on the way passed through.
    #[must_use]
    pub fn get(&self, path: &KeyPath) -> Option<&Self> {
        path.segments().iter().try_fold(self, |value, segment| {
            value.child_at(segment.find_in(value)?)
        })
    }

    /// The path with each step as the value has it: `[-1]` and the digits of JSON Pointers become indexes. `None` if nothing is there.
    #[must_use]
    pub fn resolve(&self, path: &KeyPath) -> Option<KeyPath> {
        let mut value = self;
        let mut resolved = KeyPath::root();
        for segment in path.segments() {
            let index = segment.find_in(value)?;
            resolved.push(Segment::of_child(value, index));
            value = value.child_at(index)?;
        }
        Some(resolved)
    }

    /// The value at a path, to change it.
    #[must_use]
    pub fn get_mut(&mut self, path: &KeyPath) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |value, segment| {
            let index = segment.find_in(value)?;
            value.child_at_mut(index)
        })
    }

    /// How many children a container has; none if it is no container.
    pub(crate) fn children(&self) -> usize {
        match self.untagged() {
            Self::Sequence(items) => items.len(),
            Self::Map(map) => map.len(),
            _ => 0,
        }
    }

    /// Takes a child out, with its key if it has one.
    pub(crate) fn take_child(&mut self, index: usize) -> Option<(Option<Self>, Self)> {
        match self.untagged_mut() {
            Self::Sequence(items) if index < items.len() => Some((None, items.remove(index))),
            Self::Map(map) => map.remove_at(index).map(|(key, value)| (Some(key), value)),
            _ => None,
        }
    }

    /// Puts a child in at a place, in a map under a key that is free.
    pub(crate) fn put_child(&mut self, index: usize, key: Option<Self>, value: Self) {
        match (self.untagged_mut(), key) {
            (Self::Sequence(items), _) => items.insert(index.min(items.len()), value),
            (Self::Map(map), Some(key)) => drop(map.insert_at(index, key, value)),
            _ => {}
        }
    }

    pub(crate) fn child_at(&self, index: usize) -> Option<&Self> {
        match self.untagged() {
            Self::Sequence(items) => items.get(index),
            Self::Map(map) => map.entry_at(index).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn child_at_mut(&mut self, index: usize) -> Option<&mut Self> {
        match self.untagged_mut() {
            Self::Sequence(items) => items.get_mut(index),
            Self::Map(map) => map.value_at_mut(index),
            _ => None,
        }
    }

    /// Sets the value at a path. Missing maps on the way are made, also out of null; an item just after a
    /// sequence's last, or `[+]`, is appended.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] if the path leads through a scalar, or beyond the end of a sequence. Nothing is changed then.
    pub fn set(&mut self, path: &KeyPath, value: Self) -> Result<(), Error> {
        let mut here = self;
        for (depth, segment) in path.segments().iter().enumerate() {
            let fail = |why: String| {
                Error::new(ErrorKind::Path, why)
                    .with_path(path.segments()[..depth].iter().cloned().collect())
            };
            if let Some(index) = segment.find_in(here) {
                here = here
                    .child_at_mut(index)
                    .ok_or_else(|| fail("no such place".into()))?;
                continue;
            }
            let new = nested(&path.segments()[depth + 1..], value)
                .map_err(|e| e.with_path(path.clone()))?;
            return here.add(segment, new).map_err(fail);
        }
        *here = value;
        Ok(())
    }

    /// Puts a child where there was none.
    fn add(&mut self, segment: &Segment, new: Self) -> Result<(), String> {
        let here = self.untagged_mut();
        if matches!(here, Self::Null) {
            let mut made = if matches!(segment, Segment::Key(_)) {
                Self::Map(Map::new())
            } else {
                Self::Sequence(Vec::new())
            };
            made.add(segment, new)?; // refused, it leaves the null
            *here = made;
            return Ok(());
        }
        match (here, segment) {
            (Self::Map(map), Segment::Key(key)) => {
                map.insert(key.as_str(), new);
                Ok(())
            }
            (Self::Map(_), _) => Err("expected an array to index, found table".into()),
            (Self::Sequence(items), segment) => match segment.index_in(items.len()) {
                Some(index) if index == items.len() => {
                    items.push(new);
                    Ok(())
                }
                Some(index) => Err(format!(
                    "index {index} is beyond the end of an array of {}",
                    items.len()
                )),
                None => Err("expected an index, since this is an array".into()),
            },
            (other, _) => Err(format!(
                "expected a table or array to go into, found {}",
                other.kind()
            )),
        }
    }

    /// Removes what is at a path; `None` if nothing was there, and for the root.
    pub fn remove(&mut self, path: &KeyPath) -> Option<Self> {
        let (parent, last) = path.split_last()?;
        let parent = self.get_mut(&parent)?;
        let index = last.find_in(parent)?;
        match parent.untagged_mut() {
            Self::Sequence(items) => Some(items.remove(index)),
            Self::Map(map) => map.remove_at(index).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// A value wrapped in new maps (and one-item sequences) for the rest of a path.
pub(crate) fn nested(rest: &[Segment], value: Value) -> Result<Value, Error> {
    if rest.len() > DEEPEST {
        let message = format!("the key path would make tables more than {DEEPEST} deep");
        return Err(Error::new(ErrorKind::Path, message));
    }
    let mut value = value;
    for segment in rest.iter().rev() {
        value = match segment {
            Segment::Key(key) => Value::Map(Map::from_iter([(key.as_str(), value)])),
            Segment::Index(0) | Segment::Append => Value::Sequence(vec![value]),
            Segment::Index(_) | Segment::FromEnd(_) => {
                return Err(Error::new(
                    ErrorKind::Path,
                    "the array does not exist yet, so it has no such item",
                ));
            }
        };
    }
    Ok(value)
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $name:ident, $is:ident: $variant:ident => $t:ty;)*) => { impl Value { $(
        $(#[$doc])* #[must_use]
        pub fn $name(&self) -> Option<&$t> {
            match self { Self::$variant(v) => Some(v), _ => None }
        }
        /// True for this kind of value.
        #[must_use]
        pub fn $is(&self) -> bool {
            matches!(self, Self::$variant(_))
        }
    )* } };
}

accessors! {
    /// The text, of a string.
    as_str, is_string: String => str;
    /// The number, of an integer.
    as_integer, is_integer: Integer => super::Integer;
    /// The number, of a float.
    as_float, is_float: Float => super::Float;
    /// The items, of a sequence.
    as_sequence, is_sequence: Sequence => [Value];
    /// The entries, of a map.
    as_map, is_map: Map => Map;
}

impl Value {
    /// The truth value, of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// True for null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
