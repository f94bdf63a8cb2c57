//! JSON, TOML and YAML documents that keep what a person wrote.

mod budget;
mod document;
mod engine;
mod error;
mod format;
mod json;
mod limits;
mod location;
mod path;
mod toml;
mod tree;
mod value;
mod yaml;

pub use document::Document;
pub use error::{Error, ErrorKind};
pub use format::Format;
pub use limits::Limits;
pub use location::Location;
pub use path::{KeyPath, Segment};
pub use value::{Datetime, Float, Integer, Map, Tagged, Value};
