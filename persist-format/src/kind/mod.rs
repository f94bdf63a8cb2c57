//! What a text means that a person typed as the value of a setting: a value keeps its kind.
//!
//! `3.10` may be a number or a version, `no` an answer or a switch. Which one is meant is told by what is there: the kinds that a schema allows, the kind
//! of the value that is to be replaced, the kind of the items that an item is added to. [`read`] decides it, from those alone, and refuses what does not fit. What it
//! gives has the spelling as well, where that matters: `0xff` in TOML, `.7`, `True`, a plain `no` in YAML.
//!
//! YAML has two readers: those of YAML 1.2, as we are, and those of YAML 1.1, to whom plain `no`, `0755`, `12:30` and `2020-01-01` are no text. A plain scalar stays plain
//! where that keeps its meaning for both.
//!
//! ```
//! use persist_format::kind::{self, Kind, Place};
//! use persist_format::{Document, Format, Value};
//!
//! let doc = Document::parse(b"{\"version\": \"3.9\", \"port\": 8080}", Format::Json)?;
//! let version = doc.place(&"version".parse()?);
//! assert_eq!(kind::read("3.10", &version).map(|meant| meant.value), Ok(Value::from("3.10")));
//! let port = doc.place(&"port".parse()?);
//! assert_eq!(kind::read("8O80", &port).map_err(|misfit| misfit.wanted), Err(Kind::Number.into()));
//! # Ok::<(), persist_format::Error>(())
//! ```

mod kinds;
mod meant;
mod misfit;
mod note;
mod number;
mod place;
mod read;
mod switch;
mod tag;
mod yaml11;

pub use kinds::{Kind, Kinds};
pub use meant::Meant;
pub use misfit::{Because, Misfit};
pub use note::Note;
pub use place::{Held, Place};
pub use read::{read, read_content, read_json, read_text};
