//! How a file's condition, or its damage, stands in JSON: a word for either, and with damage a second entry that says which.

use serde::ser::{SerializeMap as _, Serializer};

use super::Condition;
use crate::damage::Damage;

// What `serialize_with` names, on fields that are flattened into the object around them.

pub(super) fn condition<S: Serializer>(
    verdict: &Result<Condition, Damage>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    entries("condition", verdict, serializer)
}

pub(super) fn live<S: Serializer>(
    verdict: &Result<Condition, Damage>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    entries("live", verdict, serializer)
}

fn entries<S: Serializer>(
    key: &str,
    verdict: &Result<Condition, Damage>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    match verdict {
        Ok(condition) => map.serialize_entry(key, condition)?,
        Err(damage) => {
            map.serialize_entry(key, "damaged")?;
            map.serialize_entry("damage", damage)?;
        }
    }
    map.end()
}
