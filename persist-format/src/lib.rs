#![doc = include_str!("../README.md")]

mod align;
mod budget;
pub mod convert;
pub mod diff;
mod document;
mod engine;
mod error;
mod escape;
mod format;
mod json;
pub mod kind;
mod limits;
mod lines;
mod list;
mod location;
pub mod merge;
mod path;
mod piece;
mod plan;
mod reading;
mod refusal;
#[cfg(feature = "schema")]
pub mod schema;
mod splice;
mod suggest;
mod toml;
mod tree;
mod typed;
mod value;
mod vocabulary;
mod yaml;

pub use convert::Warning;
pub use document::{Choice, Document, Edit, Edits, Extent, OnAlias, OnLoss};
pub use error::{Error, ErrorKind, Remedy};
pub use format::Format;
pub use limits::Limits;
pub use location::Location;
pub use path::{KeyPath, Segment};
pub use piece::{piece, piece_of};
pub use typed::{Defaults, from_value, to_value};
pub use value::{Datetime, Float, Integer, Map, Tagged, Value};
