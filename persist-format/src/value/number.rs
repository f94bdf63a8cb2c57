//! Numbers that lose nothing: integers of any size, floats with the spelling they were read with.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::error::{Error, ErrorKind};

/// A whole number of any size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(Repr);

/// `Digits` only holds what does not fit an `i64`, without leading zeros, so that equality of the parts is equality.
///
/// Few numbers are larger; an `i128` in here would make every value of a document half as large again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Fits(i64),
    Digits(Box<str>),
}

impl Integer {
    /// Reads decimal digits with an optional sign; leading zeros are dropped.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] if there is anything else in the text.
    pub fn from_decimal(text: &str) -> Result<Self, Error> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::new(
                ErrorKind::Syntax,
                format!("{text:?} is not a whole number"),
            ));
        }
        if let Ok(fits) = text.parse::<i64>() {
            return Ok(Self(Repr::Fits(fits)));
        }
        let digits = digits.trim_start_matches('0');
        let sign = if negative { "-" } else { "" };
        Ok(Self(Repr::Digits(format!("{sign}{digits}").into())))
    }

    /// The number, if it is within `i128`.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            Repr::Fits(n) => Some(i128::from(*n)),
            Repr::Digits(digits) => digits.parse().ok(),
        }
    }

    /// The number, if it is within `i64`.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Fits(n) => Some(n),
            Repr::Digits(_) => None,
        }
    }

    /// The number, if it is within `u64`.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        self.to_i128()?.try_into().ok()
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Fits(n) => n.fmt(f),
            Repr::Digits(digits) => f.write_str(digits),
        }
    }
}

macro_rules! integer_from {
    ($($t:ty),*) => { $(impl From<$t> for Integer {
        fn from(n: $t) -> Self {
            match i64::try_from(n) {
                Ok(fits) => Self(Repr::Fits(fits)),
                Err(_) => Self(Repr::Digits(n.to_string().into())),
            }
        }
    })* };
}
integer_from!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);

/// A floating point number, with the spelling it was read with.
///
/// Equality is that of the number, not of the spelling, and is total: NaN equals NaN, and `-0.0` differs
/// from `0.0`.
#[derive(Clone, Debug)]
pub struct Float {
    value: f64,
    spelling: Option<Box<str>>,
}

impl Float {
    /// A number that was spelled so in the text it was read from.
    #[must_use]
    pub fn spelled(value: f64, spelling: &str) -> Self {
        Self {
            value,
            spelling: Some(spelling.into()),
        }
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> f64 {
        self.value
    }

    /// How it was written where it was read.
    #[must_use]
    pub fn spelling(&self) -> Option<&str> {
        self.spelling.as_deref()
    }

    /// The bits that stand for the number: one NaN for all.
    fn bits(&self) -> u64 {
        if self.value.is_nan() {
            f64::NAN.to_bits()
        } else {
            self.value.to_bits()
        }
    }

    /// The shortest spelling that is a float, not an integer, in all formats; `NaN` and `inf` for those.
    pub(crate) fn plain(&self) -> String {
        // `{:?}` is the shortest text that reads back, always with a point or an exponent (`1.0`, `1e300`).
        // TOML and YAML want a point or sign nowhere else, so this serves all of them.
        format!("{:?}", self.value)
    }
}

impl From<f64> for Float {
    fn from(value: f64) -> Self {
        Self {
            value,
            spelling: None,
        }
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Float {}

impl Hash for Float {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}
