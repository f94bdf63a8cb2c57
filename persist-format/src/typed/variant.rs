//! Which defaults are those of a flattened enum, and of no use to a document that says another variant.
//!
//! serde reads a flattened enum from a copy of its struct's map, where nothing is said of its fields. They are found by what reading
//! complains of: a tag says that it is none where it is made a boolean, and where it names no variant, then no other value that belongs
//! to the enum is looked at before that is said. A field that is complained of first, where it is made a value of a wrong kind, is
//! another part's.

use serde::de::DeserializeOwned;

use super::behind::Behind;
use super::de::Deserializer;
use super::fault::{Fault, What};
use crate::path::KeyPath;
use crate::value::{Map, Value};

/// An internally tagged enum that is flattened into a struct.
#[derive(Clone, Debug)]
pub(super) struct FlattenedEnum {
    tag: KeyPath,
    fields: Vec<KeyPath>,
}

impl FlattenedEnum {
    /// Of all that are in the defaults.
    pub(super) fn all<T: DeserializeOwned>(values: &Value, own: Option<&Value>) -> Vec<Self> {
        let mut probe = Probe {
            values,
            own,
            tried: values.clone(),
        };
        let tags = probe.tags::<T>();
        tags.into_iter().map(|tag| probe.of_tag::<T>(tag)).collect()
    }

    /// The defaults that are of no use to a document.
    pub(super) fn unfit(&self, document: &Value, values: &Value) -> &[KeyPath] {
        match document.get(&self.tag) {
            Some(tag) if Some(tag) != values.get(&self.tag) => &self.fields,
            _ => &[],
        }
    }
}

struct Probe<'a> {
    values: &'a Value,
    own: Option<&'a Value>,
    tried: Value,
}

impl Probe<'_> {
    /// What reading says of the defaults with other values in them.
    fn complaint<T: DeserializeOwned>(&mut self, others: &[(&KeyPath, Value)]) -> Option<Fault> {
        let mut is_set = true;
        for (path, value) in others {
            is_set &= self.tried.set(path, value.clone()).is_ok();
        }
        let behind = Behind::new(self.values, self.own);
        let read = T::deserialize(Deserializer::before(&self.tried, behind));
        for (path, _) in others {
            let value = self.values.get(path).cloned().unwrap_or(Value::Null);
            is_set &= self.tried.set(path, value).is_ok();
        }
        read.err().filter(|_| is_set)
    }

    fn tags<T: DeserializeOwned>(&mut self) -> Vec<KeyPath> {
        let mut texts = Vec::new();
        if let Value::Map(map) = self.values {
            texts_in(&mut KeyPath::root(), map, &mut texts);
        }
        texts.retain(|text| {
            let fault = self.complaint::<T>(&[(text, Value::Bool(true))]);
            fault.is_some_and(|fault| {
                matches!(fault.what(), What::NoVariant) && Some(fault.path()) == text.parent()
            })
        });
        texts
    }

    fn of_tag<T: DeserializeOwned>(&mut self, tag: KeyPath) -> FlattenedEnum {
        let around = tag.parent().unwrap_or_default();
        let fields = match self.values.get(&around) {
            Some(Value::Map(map)) => map.keys().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let fields = fields.into_iter().map(|key| around.child(key));
        let mut fields: Vec<KeyPath> = fields.filter(|field| *field != tag).collect();
        let wrong_kinds = [Value::Bool(true), Value::Sequence(Vec::new()), 0.5.into()];
        fields.retain(|field| {
            wrong_kinds.iter().all(|wrong| {
                let no_variant = Value::from("\u{0}");
                let fault = self.complaint::<T>(&[(&tag, no_variant), (field, wrong.clone())]);
                fault.is_some_and(|fault| {
                    matches!(fault.what(), What::NoVariant) && fault.path() == around
                })
            })
        });
        FlattenedEnum { tag, fields }
    }
}

/// The places of the texts in maps.
fn texts_in(path: &mut KeyPath, map: &Map, texts: &mut Vec<KeyPath>) {
    for (key, value) in map.iter() {
        let Some(key) = key.as_str() else { continue };
        path.push(key);
        match value {
            Value::String(_) => texts.push(path.clone()),
            Value::Map(map) => texts_in(path, map, texts),
            _ => {}
        }
        path.pop();
    }
}
