//! What stands behind a value: the defaults for what it does not say, found by the way down to it.

use std::cell::Cell;

use serde::de::{Expected, Visitor};

use crate::value::{Map, Value};

/// The default of the place where a value stands, if there is one.
#[derive(Clone, Copy, Default)]
pub(super) struct Behind<'a> {
    default: Option<&'a Value>,
    /// What the type gives where it is given nothing. A key in it is a field, whatever its struct says.
    own: Option<&'a Value>,
    /// Is told of structs with flattened fields.
    flattened: Option<&'a Cell<bool>>,
}

impl<'a> Behind<'a> {
    pub(super) fn new(default: &'a Value, own: Option<&'a Value>) -> Self {
        Self {
            default: Some(default),
            own,
            flattened: None,
        }
    }

    /// Says in `flattened` whether there is a struct with flattened fields.
    pub(super) fn telling(self, flattened: &'a Cell<bool>) -> Self {
        let flattened = Some(flattened);
        Self { flattened, ..self }
    }

    pub(super) fn default_value(self) -> Option<&'a Value> {
        self.default
    }

    /// Behind what is under that key.
    pub(super) fn child(self, key: &str) -> Self {
        let under = |value: Option<&'a Value>| match value {
            Some(Value::Map(map)) => map.find(key).and_then(|at| map.entry_at(at)),
            _ => None,
        };
        let value = |value| under(value).map(|(_, value)| value);
        Self {
            default: value(self.default),
            own: value(self.own),
            flattened: self.flattened,
        }
    }

    /// Behind what is under that key, which need not be text.
    pub(super) fn child_at(self, key: &Value) -> Self {
        match (self.default, key) {
            (None, _) => Self::default(),
            (Some(_), Value::String(text)) => self.child(text),
            (Some(_), other) => other
                .as_key_text()
                .map_or_else(Self::default, |text| self.child(&text)),
        }
    }

    /// The fields that a map leaves to their defaults. Entries of a map type are never among them: those that are not there were
    /// removed.
    pub(super) fn fields(
        self,
        map: &Map,
        is_field: impl Fn(&str) -> bool,
    ) -> Vec<(&'a Value, Self)> {
        let Some(Value::Map(defaults)) = self.default else {
            return Vec::new();
        };
        let missing = defaults.keys().filter(|key| {
            key.as_str()
                .is_some_and(|name| is_field(name) && !map.contains_key(name))
        });
        missing.map(|key| (key, self.child_at(key))).collect()
    }

    /// The same of a struct that does not tell its fields: those that it fills in by itself, from other defaults than these. What
    /// it reports as missing is added by [`super::fill`].
    pub(super) fn own_fields<'de, V: Visitor<'de>>(
        self,
        map: &Map,
        visitor: &V,
    ) -> Vec<(&'a Value, Self)> {
        // The derived word for it; a map type says "a map".
        let is_struct = (visitor as &dyn Expected)
            .to_string()
            .starts_with("struct ");
        if !is_struct {
            return Vec::new();
        }
        if let Some(flattened) = self.flattened {
            flattened.set(true);
        }
        match self.own {
            Some(Value::Map(own)) => self.fields(map, |name| own.contains_key(name)),
            _ => Vec::new(),
        }
    }
}
