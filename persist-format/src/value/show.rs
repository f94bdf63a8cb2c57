//! Values in words.

use std::fmt;

use super::Value;
use super::json::{base64, quoted};

impl fmt::Display for Value {
    /// Compact text for messages and diffs: JSON, with datetimes and non-finite floats as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => b.fmt(f),
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => f.write_str(x.spelling().unwrap_or(&x.plain())),
            Self::String(s) => f.write_str(&quoted(s)),
            Self::Bytes(b) => f.write_str(&quoted(&base64(b))),
            Self::Datetime(d) => d.fmt(f),
            Self::Sequence(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(map) => {
                f.write_str("{")?;
                for (i, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Self::Tagged(t) => write!(f, "{} {}", t.tag, t.value),
        }
    }
}
