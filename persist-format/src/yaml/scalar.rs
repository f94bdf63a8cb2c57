//! The core schema of YAML 1.2.2 (chapter 10.3): what plain scalars stand for.

use base64::Engine as _;
use granit_parser::ScalarStyle;

use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::value::{Float, Integer, Value};

/// Why a scalar has no value.
pub(super) struct Wrong {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

impl Wrong {
    fn syntax(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Syntax,
            message: message.into(),
        }
    }
}

/// The namespace that `!!` stands for.
pub(crate) const CORE: &str = "tag:yaml.org,2002:";

/// The value of an untagged plain scalar.
pub(super) fn plain(text: &str, limits: &Limits) -> Result<Value, Wrong> {
    let untyped = || Ok(Value::from(text));
    match text.as_bytes().first() {
        None => return Ok(Value::Null),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => {}
        Some(_) => return Ok(word(text).unwrap_or_else(|| Value::from(text))),
    }
    if is_integer(text) {
        return integer(text, limits);
    }
    match float(text) {
        Some(_) if text.len() > limits.digits => Err(too_long(limits.digits)),
        Some(x) => Ok(Float::spelled(x, text).into()),
        None => untyped(),
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_integer(text: &str) -> bool {
    let all =
        |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.as_bytes().iter().all(is);
    all(unsigned(text), u8::is_ascii_digit)
        || text
            .strip_prefix("0o")
            .is_some_and(|digits| all(digits, |b| matches!(b, b'0'..=b'7')))
        || text
            .strip_prefix("0x")
            .is_some_and(|digits| all(digits, u8::is_ascii_hexdigit))
}

fn too_long(most: usize) -> Wrong {
    Wrong {
        kind: ErrorKind::Limit,
        message: format!("a number longer than {most} digits"),
    }
}

fn integer(text: &str, limits: &Limits) -> Result<Value, Wrong> {
    let other = text.strip_prefix("0x").map(|hex| (hex, 16));
    let other = other.or_else(|| text.strip_prefix("0o").map(|octal| (octal, 8)));
    // Decimal digits are kept as they are; others are converted.
    let most = limits.digits / if other.is_some() { 4 } else { 1 };
    if text.len() > most {
        return Err(too_long(most));
    }
    let digits = match other {
        Some((digits, radix)) => to_decimal(digits, radix),
        None => text.to_owned(),
    };
    Integer::from_decimal(&digits)
        .map(Value::Integer)
        .map_err(|e| Wrong::syntax(e.message()))
}

/// Schoolbook conversion, for digits that were checked; quadratic, which the limit of digits bounds.
fn to_decimal(text: &str, radix: u32) -> String {
    /// What fits the chunks, and as many digits of either radix as are taken in at once (a u64 holds fifteen of sixteen).
    const CHUNK: u128 = 1_000_000_000_000_000_000;
    const AT_ONCE: usize = 15;
    let mut chunks: Vec<u64> = vec![0];
    for digits in text.as_bytes().chunks(AT_ONCE) {
        let value = digits
            .iter()
            .filter_map(|&b| char::from(b).to_digit(radix))
            .fold(0, |sum, digit| sum * u128::from(radix) + u128::from(digit));
        let scale = digits.iter().fold(1, |scale, _| scale * u128::from(radix));
        let mut carry = value;
        for chunk in &mut chunks {
            let sum = u128::from(*chunk) * scale + carry;
            *chunk = u64::try_from(sum % CHUNK).expect("a remainder is less than its divisor");
            carry = sum / CHUNK;
        }
        while carry > 0 {
            chunks
                .push(u64::try_from(carry % CHUNK).expect("a remainder is less than its divisor"));
            carry /= CHUNK;
        }
    }
    chunks
        .iter()
        .rev()
        .map(|chunk| format!("{chunk:018}"))
        .collect()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, infinities and NaN.
fn float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned(text).split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(unsigned(exponent))),
        None => (unsigned(text), None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    let valid = has_digits
        && digits(whole)
        && digits(fraction)
        && exponent.is_none_or(|e| !e.is_empty() && digits(e));
    if valid { text.parse().ok() } else { None }
}

/// The value of a scalar under a tag, or in quotes, or in a block.
pub(super) fn resolve(
    text: &str,
    style: ScalarStyle,
    tag: Option<&str>,
    limits: &Limits,
) -> Result<Value, Wrong> {
    let content = || {
        if style == ScalarStyle::Plain {
            plain(text, limits)
        } else {
            Ok(Value::from(text))
        }
    };
    let Some(tag) = tag else { return content() };
    let Some(core) = tag.strip_prefix(CORE) else {
        return if tag == "!" {
            Ok(Value::from(text))
        } else {
            content().map(|value| tagged(tag, value))
        };
    };
    // Without the text, which may be a secret.
    let wrong = |what: &str| {
        Err(Wrong::syntax(format!(
            "not {what}, although its tag says so"
        )))
    };
    match core {
        "str" => Ok(Value::from(text)),
        "binary" => {
            binary(text).map_or_else(|| wrong("base64 data"), |bytes| Ok(Value::Bytes(bytes)))
        }
        "seq" => wrong("a sequence"),
        "map" => wrong("a mapping"),
        "null" | "bool" | "int" | "float" => match (core, plain(text, limits)?) {
            ("null", value @ Value::Null)
            | ("bool", value @ Value::Bool(_))
            | ("int", value @ Value::Integer(_))
            | ("float", value @ Value::Float(_)) => Ok(value),
            ("float", Value::Integer(n)) => Ok(Float::spelled(n.to_f64(), text).into()),
            ("null", _) => wrong("null"),
            ("bool", _) => wrong("a boolean"),
            ("int", _) => wrong("an integer"),
            _ => wrong("a float"),
        },
        _ => content().map(|value| tagged(tag, value)),
    }
}

fn binary(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(packed)
        .ok()
}

/// The value under an application's tag.
pub(super) fn tagged(tag: &str, value: Value) -> Value {
    Value::Tagged(Box::new(crate::value::Tagged {
        tag: tag.to_owned(),
        value,
    }))
}
