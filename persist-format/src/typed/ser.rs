//! serde's serializer to a value.

use serde::ser::{self, Serialize};

use super::datetime::{FIELD, STRUCT};
use super::fault::Fault;
use crate::path::Segment;
use crate::value::{Map, Value};

pub(super) struct Serializer;

macro_rules! plain {
    ($($name:ident: $t:ty),*) => { $(
        fn $name(self, v: $t) -> Result<Value, Fault> { Ok(v.into()) }
    )* };
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Fault;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64, serialize_str: &str
    }

    fn serialize_char(self, c: char) -> Result<Value, Fault> {
        Ok(c.to_string().into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, Fault> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, Fault> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Fault> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Fault> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Fault> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Value, Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Fault> {
        let content = value
            .serialize(self)
            .map_err(|fault| fault.below(variant.into()))?;
        Ok(wrapped(Some(variant), content))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items, Fault> {
        Ok(Items {
            items: Vec::with_capacity(len.unwrap_or(0).min(1024)),
            variant: None,
        })
    }

    fn serialize_tuple(self, len: usize) -> Result<Items, Fault> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items, Fault> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Items, Fault> {
        Ok(Items {
            items: Vec::new(),
            variant: Some(variant),
        })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries, Fault> {
        Ok(Entries {
            map: Map::new(),
            key: None,
            variant: None,
            datetime: false,
        })
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Entries, Fault> {
        Ok(Entries {
            map: Map::new(),
            key: None,
            variant: None,
            datetime: name == STRUCT,
        })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Entries, Fault> {
        Ok(Entries {
            map: Map::new(),
            key: None,
            variant: Some(variant),
            datetime: false,
        })
    }
}

/// The content of a variant under its name.
fn wrapped(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        Some(name) => Map::from_iter([(name, content)]).into(),
        None => content,
    }
}

pub(super) struct Items {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let item = value
            .serialize(Serializer)
            .map_err(|fault| fault.below(Segment::Index(self.items.len())))?;
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Value {
        wrapped(self.variant, self.items.into())
    }
}

macro_rules! sequence_like {
    ($($trait:ident $method:ident),*) => { $(
        impl ser::$trait for Items {
            type Ok = Value;
            type Error = Fault;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> { self.push(value) }
            fn end(self) -> Result<Value, Fault> { Ok(self.finish()) }
        }
    )* };
}
sequence_like!(
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
);

pub(super) struct Entries {
    map: Map,
    key: Option<Value>,
    variant: Option<&'static str>,
    datetime: bool,
}

impl Entries {
    fn field<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<(), Fault> {
        let segment = Segment::Key(key.as_key_text().unwrap_or_default());
        let value = value
            .serialize(Serializer)
            .map_err(|fault| fault.below(segment.clone()))?;
        match self.map.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(Fault::new("the key is given twice").below(segment)),
        }
    }

    fn finish(self) -> Value {
        let text = self.map.get(FIELD).and_then(Value::as_str);
        match text.and_then(|text| text.parse().ok()) {
            Some(datetime) if self.datetime => Value::Datetime(datetime),
            _ => wrapped(self.variant, self.map.into()),
        }
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key = Some(key.serialize(Serializer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let key = self
            .key
            .take()
            .ok_or_else(|| Fault::new("a map's value was given before its key"))?;
        self.field(key, value)
    }

    fn end(self) -> Result<Value, Fault> {
        Ok(self.finish())
    }
}

macro_rules! struct_like {
    ($($trait:ident),*) => { $(
        impl ser::$trait for Entries {
            type Ok = Value;
            type Error = Fault;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Fault> {
                self.field(key.into(), value)
            }
            fn end(self) -> Result<Value, Fault> { Ok(self.finish()) }
        }
    )* };
}
struct_like!(SerializeStruct, SerializeStructVariant);
