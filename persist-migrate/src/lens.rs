//! One reversible migration step, as data.

mod apply;
mod convert;
mod describe;
mod examples;
mod loss;
mod validate;
mod values;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::apply::{Change, LensError};
pub use self::convert::{ConvertError, Type};
pub use self::examples::LensExample;
pub(crate) use self::loss::lossy_paths;
pub use self::validate::InvalidLens;
use crate::Path;

/// One reversible step between two schema versions.
///
/// Every lens has an inverse that is derived, never written by hand. What a lens cannot bring back by itself is kept
/// in the [`Complement`](crate::Complement). Where the node a lens works on is absent, it does nothing: fields that
/// are missing in a file stay missing.
///
/// Paths may hold `*`, which stands for every element of an array. In lenses with several paths these must be the
/// same up to the last `*`.
///
/// In `config_versions.json` a lens is a map of one entry: `{"rename": {"path": "/editor/fontSize", "to": "font_size"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "snake_case",
    deny_unknown_fields,
    expecting = "a lens such as {\"remove\": {\"path\": \"/old\"}}"
)]
#[non_exhaustive]
pub enum Lens {
    /// A new field. Going back removes it.
    ///
    /// A field of that name that is already there is kept as it is. Without `value` nothing is added: the field
    /// is optional in the new version.
    Add {
        /// The new field.
        path: Path,
        /// Its first value.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        value: Option<Value>,
    },
    /// A field is no more. Going back adds it, with `value` where the old one is not known.
    Remove {
        /// The old field.
        path: Path,
        /// Its value for documents that never had one.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        value: Option<Value>,
    },
    /// A field gets another key in the same map.
    Rename {
        /// The field under its old key.
        path: Path,
        /// The new key.
        to: String,
    },
    /// A field goes elsewhere. Missing containers are made, emptied ones removed.
    Move {
        /// The old place.
        from: Path,
        /// The new place.
        to: Path,
    },
    /// A value `v` becomes the map `{key: v}`, or without `key` the array `[v]`.
    Wrap {
        /// The value.
        path: Path,
        /// The key in the new map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// The map `{key: v}`, or without `key` the array `[v]`, becomes the value `v`.
    Unwrap {
        /// The map or array.
        path: Path,
        /// The key in the map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// An entry of the map at `path` goes up, beside that map. A map that this empties is removed.
    Hoist {
        /// The map.
        path: Path,
        /// The entry.
        key: String,
    },
    /// A neighbour of the map at `path` goes down into it. The map is made where it is missing.
    Plunge {
        /// The map.
        path: Path,
        /// The neighbour.
        key: String,
    },
    /// Values are replaced by a table; values that are not in it stay.
    Map {
        /// The field.
        path: Path,
        /// Pairs of old and new value. Of several pairs with the same side the first counts.
        table: Vec<(Value, Value)>,
    },
    /// A scalar gets another type.
    Convert {
        /// The field.
        path: Path,
        /// Its old type.
        from: Type,
        /// Its new type.
        to: Type,
        /// Taken for a value that cannot be converted; without it that is an error.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        otherwise: Option<Value>,
        /// The same for the way back.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        otherwise_back: Option<Value>,
    },
    /// A string is cut at a separator: into an array at the same place, or into several fields.
    ///
    /// The last field gets the rest; fields for which nothing is left are not made.
    Split {
        /// The string.
        path: Path,
        /// What stands between the parts; not empty.
        separator: String,
        /// The fields; empty for an array.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        into: Vec<Path>,
    },
    /// Scalars are put together to one string: those of an array at the same place, or of several fields.
    Join {
        /// The string.
        path: Path,
        /// What to put between the parts; not empty.
        separator: String,
        /// The fields; empty for an array.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<Path>,
    },
    /// A field that both versions know must be there from now on: absent or null becomes `value`.
    Default {
        /// The field.
        path: Path,
        /// Its value where there is none.
        value: Value,
    },
    /// The way back of [`Lens::Default`]: the field need not be there any more. Changes nothing.
    Optional {
        /// The field.
        path: Path,
        /// Its value where there was none.
        value: Value,
    },
}

/// Tells `"value": null` (which is a value) from no `value`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Lens {
    /// The lens that undoes this one, as far as it can be undone without a complement.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::Add { path, value } => Self::Remove { path, value },
            Self::Remove { path, value } => Self::Add { path, value },
            Self::Rename { path, to } => invert_rename(&path, &to),
            Self::Move { from, to } => Self::Move { from: to, to: from },
            Self::Wrap { path, key } => Self::Unwrap { path, key },
            Self::Unwrap { path, key } => Self::Wrap { path, key },
            Self::Hoist { path, key } => Self::Plunge { path, key },
            Self::Plunge { path, key } => Self::Hoist { path, key },
            Self::Map { path, table } => Self::Map {
                path,
                table: table.into_iter().map(|(from, to)| (to, from)).collect(),
            },
            Self::Convert {
                path,
                from,
                to,
                otherwise,
                otherwise_back,
            } => Self::Convert {
                path,
                from: to,
                to: from,
                otherwise: otherwise_back,
                otherwise_back: otherwise,
            },
            Self::Split {
                path,
                separator,
                into,
            } => Self::Join {
                path,
                separator,
                from: into,
            },
            Self::Join {
                path,
                separator,
                from,
            } => Self::Split {
                path,
                separator,
                into: from,
            },
            Self::Default { path, value } => Self::Optional { path, value },
            Self::Optional { path, value } => Self::Default { path, value },
        }
    }

    /// Every path that it names.
    pub(crate) fn paths_mut(&mut self) -> Vec<&mut Path> {
        match self {
            Self::Add { path, .. }
            | Self::Remove { path, .. }
            | Self::Rename { path, .. }
            | Self::Wrap { path, .. }
            | Self::Unwrap { path, .. }
            | Self::Hoist { path, .. }
            | Self::Plunge { path, .. }
            | Self::Map { path, .. }
            | Self::Convert { path, .. }
            | Self::Default { path, .. }
            | Self::Optional { path, .. } => vec![path],
            Self::Move { from, to } => vec![from, to],
            Self::Split {
                path, into: parts, ..
            }
            | Self::Join {
                path, from: parts, ..
            } => std::iter::once(path).chain(parts).collect(),
        }
    }

    /// Whether going on and back again may, without a complement, give another document.
    pub fn is_lossy(&self) -> bool {
        match self {
            Self::Remove { .. } | Self::Unwrap { .. } | Self::Split { .. } | Self::Join { .. } => {
                true
            }
            Self::Map { table, .. } => !is_injective(table),
            Self::Convert {
                from,
                to,
                otherwise,
                ..
            } => otherwise.is_some() || !from.survives(*to),
            _ => false,
        }
    }
}

fn invert_rename(path: &Path, to: &str) -> Lens {
    let old = path
        .last()
        .and_then(crate::Step::key)
        .unwrap_or_default()
        .into_owned();
    Lens::Rename {
        path: path.parent().unwrap_or_default().child(to),
        to: old,
    }
}

/// Each old value comes back, and no value outside of the table lands on one of its new values.
fn is_injective(table: &[(Value, Value)]) -> bool {
    let comes_back = |(old, new): &(Value, Value)| {
        table
            .iter()
            .find(|(_, other)| other == new)
            .is_some_and(|(first, _)| first == old)
    };
    let is_old = |(_, new): &(Value, Value)| table.iter().any(|(old, _)| old == new);
    table.iter().all(|pair| comes_back(pair) && is_old(pair))
}

/// The lenses that undo `lenses`, in the order to apply them.
pub fn inverse(lenses: &[Lens]) -> Vec<Lens> {
    lenses.iter().rev().map(Lens::inverse).collect()
}
