//! serde's deserializer over a value.

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::behind::Behind;
use super::datetime::{FIELD, STRUCT};
use super::fault::Fault;
use super::key::Key;
use crate::path::Segment;
use crate::value::{Integer, Map, Value};

#[derive(Clone, Copy)]
pub(super) struct Deserializer<'a> {
    value: &'a Value,
    behind: Behind<'a>,
}

impl<'a> Deserializer<'a> {
    /// Of a value that must say all by itself.
    pub(super) fn of(value: &'a Value) -> Self {
        Self {
            value,
            behind: Behind::default(),
        }
    }

    /// Of a value behind which something stands for what it does not say.
    pub(super) fn before(value: &'a Value, behind: Behind<'a>) -> Self {
        Self { value, behind }
    }

    /// What stands under the tag.
    fn tagged(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }
}

/// Visits a number as the narrowest of serde's integers that holds it.
pub(super) fn visit_integer<'de, V: Visitor<'de>>(
    n: &Integer,
    visitor: V,
) -> Result<V::Value, Fault> {
    match (n.to_i64(), n.to_u64(), n.to_i128()) {
        (Some(i), _, _) => visitor.visit_i64(i),
        (_, Some(u), _) => visitor.visit_u64(u),
        (_, _, Some(i)) => visitor.visit_i128(i),
        _ => match n.to_string().parse() {
            Ok(u) => visitor.visit_u128(u),
            Err(_) => Err(Fault::invalid_type(
                Unexpected::Other("an integer of more than 128 bits"),
                &visitor,
            )),
        },
    }
}

impl<'de> serde::Deserializer<'de> for Deserializer<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Integer(n) => visit_integer(n, visitor),
            Value::Float(x) => visitor.visit_f64(x.get()),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Datetime(d) => visitor.visit_string(d.to_string()),
            Value::Sequence(items) => sequence(items, visitor),
            Value::Map(map) => Entries::of(map, self.behind).visited_by(visitor),
            Value::Tagged(t) => self.tagged(&t.value).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Value::Datetime(d) if name == STRUCT => visitor.visit_map(One(Some(d.to_string()))),
            Value::Map(map) => {
                let missing = self.behind.fields(map, |key| fields.contains(&key));
                Entries::of(map, self.behind)
                    .and(missing)
                    .visited_by(visitor)
            }
            Value::Tagged(t) => self
                .tagged(&t.value)
                .deserialize_struct(name, fields, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    /// A struct with flattened fields comes by here, too, and does not say which fields it has.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Map(map) => {
                let missing = self.behind.own_fields(map, &visitor);
                let visited = Entries::of(map, self.behind)
                    .and(missing)
                    .visited_by(visitor);
                visited.map_err(Fault::in_map)
            }
            Value::Tagged(t) => self.tagged(&t.value).deserialize_map(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    /// A whole number serves where a float is wanted: people write `1` for `1.0`.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value.untagged() {
            Value::Integer(n) => visitor.visit_f64(n.to_f64()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_byte_buf(visitor)
    }

    /// Where the format has no bytes, they are base64 in a string; see [`crate::convert`].
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        use base64::Engine as _;
        if let Value::String(text) = self.value
            && let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text)
        {
            return visitor.visit_byte_buf(bytes);
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Value::Map(map) if map.len() == 1 => visitor.visit_enum(Variant::of(map, self.behind)),
            Value::Map(map) => Err(Fault::new(format!(
                "expected a table with one key, the variant's name, found one with {}",
                map.len()
            ))),
            Value::Tagged(t) => {
                let name = t.tag.trim_start_matches('!');
                if variants.contains(&name) {
                    visitor.visit_enum(Variant {
                        name: name.to_owned(),
                        content: Deserializer::before(&t.value, self.behind.child(name)),
                        way: None,
                    })
                } else {
                    self.tagged(&t.value)
                        .deserialize_enum(_name, variants, visitor)
                }
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string unit unit_struct seq tuple tuple_struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Deserializer<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn sequence<'de, V: Visitor<'de>>(items: &'de [Value], visitor: V) -> Result<V::Value, Fault> {
    let mut access = Items { items, next: 0 };
    let expected = access.items.len();
    let value = visitor.visit_seq(&mut access)?;
    if access.next < expected {
        return Err(Fault::new(format!(
            "expected an array of {} items, found {expected}",
            access.next
        )));
    }
    Ok(value)
}

struct Items<'a> {
    items: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else {
            return Ok(None);
        };
        let at = self.next;
        self.next += 1;
        seed.deserialize(Deserializer::of(item))
            .map(Some)
            .map_err(|fault| fault.below(Segment::Index(at)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

fn segment(key: &Value) -> Segment {
    Segment::Key(key.as_key_text().unwrap_or_else(|| key.to_string()))
}

/// The entries of a map, and after them those that come from behind it.
struct Entries<'a> {
    map: &'a Map,
    missing: Vec<(&'a Value, Deserializer<'a>)>,
    behind: Behind<'a>,
    next: usize,
}

impl<'a> Entries<'a> {
    fn of(map: &'a Map, behind: Behind<'a>) -> Self {
        Self {
            map,
            missing: Vec::new(),
            behind,
            next: 0,
        }
    }

    fn and(self, missing: Vec<(&'a Value, Behind<'a>)>) -> Self {
        let entry = |(key, behind): (&'a Value, Behind<'a>)| {
            Some((key, Deserializer::before(behind.default_value()?, behind)))
        };
        Self {
            missing: missing.into_iter().filter_map(entry).collect(),
            ..self
        }
    }

    fn visited_by<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self)
    }

    fn entry(&self, at: usize) -> Option<(&'a Value, Deserializer<'a>)> {
        match self.map.entry_at(at) {
            Some((key, value)) => {
                let behind = self.behind.child_at(key);
                Some((key, Deserializer::before(value, behind)))
            }
            None => self.missing.get(at - self.map.len()).copied(),
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.entry(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(Key(key))
            .map(Some)
            .map_err(|fault| fault.at_key(segment(key)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let entry = self.next.checked_sub(1).and_then(|at| self.entry(at));
        let (key, value) =
            entry.ok_or_else(|| Fault::new("a value was asked for before its key"))?;
        seed.deserialize(value)
            .map_err(|fault| fault.below(segment(key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.map.len() + self.missing.len() - self.next)
    }
}

/// A datetime as the `toml` crates want it: a map of one magic field.
struct One(Option<String>);

impl<'de> MapAccess<'de> for One {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        match self.0 {
            Some(_) => seed
                .deserialize(BorrowedStrDeserializer::new(FIELD))
                .map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(StringDeserializer::new(self.0.take().unwrap_or_default()))
    }
}

/// An enum's variant with content.
struct Variant<'a> {
    name: String,
    content: Deserializer<'a>,
    /// The key on the way to the content, if it is one.
    way: Option<Segment>,
}

impl<'a> Variant<'a> {
    fn of(map: &'a Map, behind: Behind<'a>) -> Self {
        let (key, content) = map.entry_at(0).unwrap_or((&Value::Null, &Value::Null));
        Self {
            name: key.as_key_text().unwrap_or_default(),
            content: Deserializer::before(content, behind.child_at(key)),
            way: Some(segment(key)),
        }
    }

    fn below<T>(way: Option<Segment>, result: Result<T, Fault>) -> Result<T, Fault> {
        result.map_err(|fault| match way {
            Some(segment) => fault.below(segment),
            None => fault,
        })
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name = seed.deserialize(StringDeserializer::<Fault>::new(self.name.clone()));
        let name = name.map_err(|fault| match self.way.clone() {
            Some(segment) => fault.at_key(segment),
            None => fault,
        })?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.content.value {
            Value::Null => Ok(()),
            other => Self::below(
                self.way,
                Err(Fault::new(format!(
                    "expected null for a variant without content, found {}",
                    other.kind()
                ))),
            ),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        Self::below(self.way, seed.deserialize(self.content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Fault> {
        Self::below(
            self.way,
            serde::Deserializer::deserialize_seq(self.content, visitor),
        )
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Self::below(
            self.way,
            serde::Deserializer::deserialize_struct(self.content, "", fields, visitor),
        )
    }
}
