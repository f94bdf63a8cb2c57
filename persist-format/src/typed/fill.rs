//! Reading a Rust type from a document that need not say all of it.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::behind::Behind;
use super::de::Deserializer;
use super::fault::{Fault, What};
use super::to_value;
use super::variant::FlattenedEnum;
use crate::document::Document;
use crate::error::Error;
use crate::path::KeyPath;
use crate::value::{Map, Value};

/// What a document that does not say all is read with: the settings that stand for its missing fields.
///
/// Only fields of structs are filled in. An entry of a map that is not there was removed, and a variant of an enum is not
/// completed from another one's default, flattened or not.
///
/// ```
/// use persist_format::{Defaults, Document, Format};
/// use serde::{Deserialize, Serialize};
/// use std::collections::BTreeMap;
///
/// #[derive(Serialize, Deserialize)]
/// struct Settings { width: u32, keys: BTreeMap<String, String> }
///
/// let keys = BTreeMap::from([("copy".into(), "ctrl+c".into())]);
/// let defaults = Defaults::new(&Settings { width: 800, keys })?;
/// let document = Document::parse(b"keys = {}", Format::Toml)?;
/// let settings: Settings = document.deserialize_with(&defaults)?;
/// assert_eq!((settings.width, settings.keys.len()), (800, 0));
/// # Ok::<(), persist_format::Error>(())
/// ```
#[derive(Clone)]
pub struct Defaults {
    values: Value,
    own: Option<Value>,
    aside: Option<KeyPath>,
    flattened: Vec<FlattenedEnum>,
}

/// Without the values, which may be secrets.
impl std::fmt::Debug for Defaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Defaults")
            .field("aside", &self.aside)
            .finish_non_exhaustive()
    }
}

impl Defaults {
    /// The defaults of a type.
    ///
    /// # Errors
    ///
    /// As [`to_value`].
    pub fn new<T: Serialize + DeserializeOwned>(values: &T) -> Result<Self, Error> {
        let mut defaults = Self {
            values: to_value(values)?,
            own: None,
            aside: None,
            flattened: Vec::new(),
        };
        defaults.own = defaults.tree::<T>();
        if let Some(own) = defaults.own.clone() {
            let mut skipped = Vec::new();
            more_than(&mut KeyPath::root(), &own, &defaults.values, &mut skipped);
            for (path, own) in skipped {
                defaults = defaults.saying_nothing::<T>(&path, own);
            }
        }
        if defaults.has_flattened::<T>() {
            defaults.flattened = FlattenedEnum::all::<T>(&defaults.values, defaults.own.as_ref());
        }
        Ok(defaults)
    }

    /// What a document that says nothing gives, as a value again.
    fn tree<T: Serialize + DeserializeOwned>(&self) -> Option<Value> {
        to_value(&self.read::<T>().ok()?).ok()
    }

    fn has_flattened<T: DeserializeOwned>(&self) -> bool {
        let flattened = Cell::new(false);
        let behind = Behind::new(&self.values, self.own.as_ref()).telling(&flattened);
        drop(T::deserialize(Deserializer::before(&self.values, behind)));
        flattened.get()
    }

    /// A field that writes nothing, though what the type gives for nothing is something: with nothing in words.
    fn saying_nothing<T: Serialize + DeserializeOwned>(self, path: &KeyPath, own: &Value) -> Self {
        let with = |nothing: Value| {
            let mut with = self.clone();
            with.values.set(path, nothing).ok()?;
            let is_so = with.tree::<T>()?.get(path).is_none();
            is_so.then_some(with)
        };
        let nothings = [Some(Value::Null), own.emptied()];
        nothings
            .into_iter()
            .flatten()
            .find_map(with)
            .unwrap_or(self)
    }

    /// Leaves a key out where the type does not know it: a schema version, which is not among its settings.
    #[must_use]
    pub fn leaving_aside(self, key: KeyPath) -> Self {
        let aside = Some(key);
        Self { aside, ..self }
    }

    /// The settings of a document that says nothing. A type that can't be read from nothing, an enum, is all of its default.
    ///
    /// # Errors
    ///
    /// As [`from_value`](super::from_value).
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let read = filled(self.nothing(), self).or_else(|_| filled(&self.values, self));
        read.map_err(|fault| fault.into_error(None))
    }

    /// The settings where there is no document: also the entries of maps, which nobody has removed.
    ///
    /// # Errors
    ///
    /// As [`from_value`](super::from_value).
    pub fn all<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // What the type writes and does not want to read is no obstacle.
        let read = filled(&self.values, self).or_else(|_| filled(self.nothing(), self));
        read.map_err(|fault| fault.into_error(None))
    }

    /// The settings that a value holds, with what it does not say from the defaults.
    ///
    /// # Errors
    ///
    /// As [`from_value`](super::from_value).
    pub fn fill<T: DeserializeOwned>(&self, value: &Value) -> Result<T, Error> {
        filled(value, self).map_err(|fault| fault.into_error(None))
    }

    fn nothing(&self) -> &Value {
        static NOTHING: LazyLock<Value> = LazyLock::new(|| Value::Map(Map::new()));
        match &self.values {
            Value::Map(_) => &NOTHING,
            other => other,
        }
    }
}

impl Document {
    /// As [`deserialize`](Self::deserialize), with what the document does not say from the defaults.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn deserialize_with<T: DeserializeOwned>(&self, defaults: &Defaults) -> Result<T, Error> {
        filled(self.value(), defaults).map_err(|fault| fault.into_error(Some(self)))
    }
}

/// What is done about a fault, so that reading is tried again. Each is done once, since the place is another one afterwards.
enum Remedy {
    /// A missing field comes from the defaults.
    Fill(KeyPath, Value),
    /// A default is of no use: the document says the same under an alias, or it does not read back.
    Drop(KeyPath),
    /// The key that the type does not know is not shown to it.
    LeaveAside(KeyPath),
}

fn filled<T: DeserializeOwned>(value: &Value, defaults: &Defaults) -> Result<T, Fault> {
    // All of it is missing: YAML's empty file.
    let mut value = match (value, &defaults.values) {
        (Value::Null, Value::Map(_)) => Cow::Owned(Value::Map(Map::new())),
        _ => Cow::Borrowed(value),
    };
    let mut values = Cow::Borrowed(&defaults.values);
    for flattened in &defaults.flattened {
        for field in flattened.unfit(&value, &defaults.values) {
            drop(values.to_mut().remove(field));
        }
    }
    loop {
        let behind = Behind::new(&values, defaults.own.as_ref());
        let fault = match T::deserialize(Deserializer::before(&value, behind)) {
            Ok(read) => return Ok(read),
            Err(fault) => fault,
        };
        match remedy(&fault, &value, &values, defaults.aside.as_ref()) {
            None => return Err(fault),
            Some(Remedy::Fill(path, default)) => {
                if value.to_mut().set(&path, default).is_err() {
                    return Err(fault);
                }
            }
            Some(Remedy::Drop(path)) => drop(values.to_mut().remove(&path)),
            Some(Remedy::LeaveAside(path)) => leave_aside(value.to_mut(), path),
        }
    }
}

fn remedy(
    fault: &Fault,
    value: &Value,
    defaults: &Value,
    aside: Option<&KeyPath>,
) -> Option<Remedy> {
    let place = fault.path();
    let is_default = |path: &KeyPath| value.get(path).is_none() && defaults.get(path).is_some();
    match fault.what() {
        What::Unknown(key) => {
            let path = match fault.is_at_key() {
                true => place,
                false => place.child(key),
            };
            let aside = aside.filter(|aside| aside.starts_with(&path));
            let aside = aside.filter(|aside| value.get(aside).is_some());
            return aside.cloned().map(Remedy::LeaveAside);
        }
        What::Missing(field) if fault.is_in_map() => {
            let path = place.child(field);
            if let (None, Some(default)) = (value.get(&path), defaults.get(&path)) {
                return Some(Remedy::Fill(path, default.clone()));
            }
        }
        What::Duplicate(field) => {
            let path = place.child(field);
            if is_default(&path) {
                return Some(Remedy::Drop(path));
            }
        }
        _ => {}
    }
    // A fault within what came from the defaults.
    let mut path = KeyPath::root();
    for segment in place.segments() {
        path.push(segment.clone());
        if is_default(&path) {
            return Some(Remedy::Drop(path));
        }
    }
    None
}

/// What is in `own` and not in `values`.
fn more_than<'a>(
    path: &mut KeyPath,
    own: &'a Value,
    values: &Value,
    more: &mut Vec<(KeyPath, &'a Value)>,
) {
    let (Value::Map(own), Value::Map(values)) = (own, values) else {
        return;
    };
    for (key, own) in own.iter() {
        path.push(key.as_key_text().unwrap_or_default());
        match values.get_key(key) {
            Some(values) => more_than(path, own, values, more),
            None => more.push((path.clone(), own)),
        }
        path.pop();
    }
}

/// With the maps that hold nothing else.
fn leave_aside(value: &mut Value, path: KeyPath) {
    let mut path = Some(path);
    while let Some(at) = path.filter(|at| !at.is_root()) {
        drop(value.remove(&at));
        let parent = at.parent();
        let is_bare = |at: &KeyPath| matches!(value.get(at).map(Value::untagged), Some(Value::Map(map)) if map.is_empty());
        path = parent.filter(is_bare);
    }
}
