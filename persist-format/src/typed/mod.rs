//! Rust types from values and back, by serde, with errors that name the place.

mod behind;
mod datetime;
mod de;
mod fault;
mod fill;
mod key;
mod ser;
mod variant;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::Document;
use crate::error::Error;
use crate::value::Value;

pub use fill::Defaults;

/// The value of a Rust type. Integers of every width stay whole, `toml`'s datetimes stay datetimes; `None` is null, an enum is
/// its variant's name or a map from that to its content.
///
/// # Errors
///
/// [`ErrorKind::Type`](crate::ErrorKind::Type) if the type's own `Serialize` fails.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    value
        .serialize(ser::Serializer)
        .map_err(|fault| fault.into_error(None))
}

/// A Rust type from a value.
///
/// # Errors
///
/// [`ErrorKind::Type`](crate::ErrorKind::Type), with the key path of what doesn't fit.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(de::Deserializer::of(value)).map_err(|fault| fault.into_error(None))
}

impl Document {
    /// A Rust type from the document. Nothing is lost on the way: integers are whole, floats as precise as they were written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Type`](crate::ErrorKind::Type), `expected u16, found string at window.width`, with line and column.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(de::Deserializer::of(self.value()))
            .map_err(|fault| fault.into_error(Some(self)))
    }
}
