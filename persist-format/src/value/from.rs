//! Values from Rust's own types and from a command line.

use super::{Datetime, Float, Integer, Map, Value};

macro_rules! value_from {
    ($($t:ty => $variant:ident),* $(,)?) => { $(impl From<$t> for Value {
        fn from(v: $t) -> Self { Self::$variant(v.into()) }
    })* };
}

value_from! {
    i8 => Integer, i16 => Integer, i32 => Integer, i64 => Integer, i128 => Integer,
    u8 => Integer, u16 => Integer, u32 => Integer, u64 => Integer, u128 => Integer, Integer => Integer,
    f64 => Float, Float => Float, bool => Bool, &str => String, String => String, &String => String,
    Datetime => Datetime, Vec<Value> => Sequence, Map => Map,
}

impl From<f32> for Value {
    /// The shortest decimal that reads back as the same `f32`: `0.1f32` is `0.1`, not `0.10000000149011612`.
    fn from(x: f32) -> Self {
        Self::from(format!("{x:?}").parse::<f64>().unwrap_or(f64::from(x)))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// Reads a value from text that stands alone: JSON (`12`, `true`, `null`, `[1, 2]`, `{"a": 1}`, `"text"`), a number or
    /// datetime as TOML writes them (`0xff`, `1_000`, `inf`, `2024-05-01`), and everything else as the string it is.
    /// What a person types as the value of a setting is for [`kind::read`](crate::kind::read), which knows what is there.
    ///
    /// ```
    /// use persist_format::Value;
    /// assert_eq!(Value::from_cli("1280"), Value::from(1280));
    /// assert_eq!(Value::from_cli("dark mode"), Value::from("dark mode"));
    /// assert_eq!(Value::from_cli("\"1280\""), Value::from("1280"));
    /// ```
    #[must_use]
    pub fn from_cli(text: &str) -> Self {
        if let Ok(doc) = crate::Document::parse(text.as_bytes(), crate::Format::Json) {
            return doc.into_value();
        }
        toml_scalar(text).unwrap_or_else(|| Self::from(text))
    }
}

fn toml_scalar(text: &str) -> Option<Value> {
    let starts_so = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | 'i' | 'n');
    if text.contains(['\n', '\r', '#']) || !text.starts_with(starts_so) {
        return None;
    }
    let doc = crate::Document::parse(format!("v = {text}").as_bytes(), crate::Format::Toml).ok()?;
    let Value::Map(mut map) = doc.into_value() else {
        return None;
    };
    map.remove("v")
        .filter(|v| map.is_empty() && !v.is_container())
        // `1e400` is no infinity to anybody but a float.
        .filter(|v| !matches!(v, Value::Float(f) if f.get().is_infinite()) || text.contains("inf"))
}
