//! Dates and times as TOML has them (RFC 3339, and its date-only, time-only and offset-less forms).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A date, a time, or both, with or without an offset from UTC. Fractions finer than nanoseconds are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub struct Datetime(toml::value::Datetime);

impl fmt::Display for Datetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Hash for Datetime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}

impl FromStr for Datetime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // `12:30` is `12:30:00`, by TOML 1.1.
        let parsed = text.parse().map(|mut parsed: toml::value::Datetime| {
            if let Some(time) = &mut parsed.time {
                time.second.get_or_insert(0);
            }
            Self(parsed)
        });
        parsed.map_err(|e: toml::value::DatetimeParseError| {
            Error::new(
                ErrorKind::Syntax,
                format!("{text:?} is not a date or time: {e}"),
            )
        })
    }
}
