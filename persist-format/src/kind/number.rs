//! Numbers as people type them.

use super::note::Note;
use super::yaml11::{self, Seen};
use crate::document::Document;
use crate::format::Format;
use crate::value::{Float, Integer, Value};

/// A number, how it is to be spelled, and what is to be said of it.
pub(super) struct Number {
    pub(super) value: Value,
    pub(super) spelling: Option<String>,
    pub(super) notes: Vec<Note>,
}

/// The number that a text says in the notation of the format, or else of another: `.5`, `0xff`, `1_000`. It is kept as it was typed where all who have read what is there
/// (`held`, a plain scalar of YAML) take it for a number, as they did before.
pub(super) fn read(typed: &str, held: Option<&str>, format: Format) -> Option<Number> {
    let typed = typed.trim();
    if let Some(value) = native(typed, format) {
        let before = held.map_or(Seen::Number, yaml11::seen);
        let alike = format != Format::Yaml || yaml11::seen(typed) == before;
        let mut notes = differently(typed, &value, format);
        if !alike {
            notes.insert(0, respelled(typed));
        }
        let spelling = alike.then(|| typed.to_owned());
        return Some(Number {
            value,
            spelling,
            notes,
        });
    }
    let value = foreign(typed, format)?;
    Some(Number {
        value,
        spelling: None,
        notes: vec![respelled(typed)],
    })
}

fn respelled(typed: &str) -> Note {
    Note::Respelled {
        typed: typed.to_owned(),
    }
}

fn native(typed: &str, format: Format) -> Option<Value> {
    // What is more than one scalar is no number, whatever the format makes of it.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
    if typed.is_empty() || !typed.chars().all(plain) {
        return None;
    }
    let value = match format {
        Format::Toml => toml(typed)?,
        _ => Document::parse(typed.as_bytes(), format).ok()?.into_value(),
    };
    let overflown =
        |x: &Float| x.get().is_infinite() && !typed.to_ascii_lowercase().contains("inf");
    match &value {
        Value::Integer(_) => Some(value),
        Value::Float(x) if !overflown(x) => Some(value),
        _ => None,
    }
}

fn toml(typed: &str) -> Option<Value> {
    let document = Document::parse(format!("v = {typed}").as_bytes(), Format::Toml).ok()?;
    let Value::Map(mut map) = document.into_value() else {
        return None;
    };
    map.remove("v")
}

/// A number in another format's notation. `0644` is none of these: it is one number here and another there.
fn foreign(typed: &str, format: Format) -> Option<Value> {
    let digits = typed.trim_start_matches(['-', '+']);
    let mut second = digits.bytes();
    let padded = second.next() == Some(b'0') && second.next().is_some_and(|b| b.is_ascii_digit());
    if padded {
        return None;
    }
    let others = [Format::Json, Format::Toml, Format::Yaml];
    let value = others.into_iter().find_map(|other| native(typed, other))?;
    let finite = match &value {
        Value::Float(x) => x.get().is_finite() || format.vocabulary().non_finite,
        Value::Integer(n) => n.to_i64().is_some() || format.vocabulary().wide_integers,
        _ => false,
    };
    // Without the other format's spelling.
    finite.then(|| match value {
        Value::Float(x) => Value::from(x.get()),
        other => other,
    })
}

/// Whether it is an integer that the format has no room for.
pub(super) fn is_too_large(typed: &str, format: Format) -> bool {
    let read = native(typed.trim(), Format::Json).or_else(|| native(typed.trim(), Format::Yaml));
    let large = |value: Value| matches!(value, Value::Integer(n) if n.to_i64().is_none());
    format == Format::Toml && read.is_some_and(large)
}

/// Whether it is a number in digits that no float holds, such as `1e400`.
pub(super) fn is_out_of_range(typed: &str) -> bool {
    let digits = typed.trim().replace('_', "");
    let first = digits.trim_start_matches(['-', '+', '.']).bytes().next();
    let is_number = first.is_some_and(|first| first.is_ascii_digit());
    is_number && digits.parse().is_ok_and(f64::is_infinite)
}

/// A number without a fraction as an integer, where that is exact.
pub(super) fn whole(value: &Value) -> Option<Integer> {
    /// Beyond, floats are further apart than integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Value::Float(x) = value else {
        return None;
    };
    let x = x.get();
    let exact = x.fract() == 0.0 && x.abs() <= EXACT;
    let digits = exact.then(|| format!("{x:.0}"))?;
    digits.parse::<i64>().ok().map(Integer::from)
}

/// What programs may make of a number that was typed so.
pub(super) fn differently(typed: &str, value: &Value, format: Format) -> Vec<Note> {
    let typed_so = || typed.to_owned();
    match value {
        Value::Integer(n) => {
            let mut notes = Vec::new();
            let octal = yaml11::octal(typed).filter(|octal| Some(*octal) != n.to_i128());
            notes.extend(
                octal
                    .filter(|_| format == Format::Yaml)
                    .map(|octal| Note::Octal {
                        typed: typed_so(),
                        decimal: n.to_string(),
                        octal: octal.to_string(),
                    }),
            );
            // Of larger ones the writer warns.
            let fits = n.to_i64().is_some() || n.to_u64().is_some();
            let json = matches!(format, Format::Json | Format::Jsonc) && fits;
            notes.extend(as_float(n).filter(|_| json).map(|read| Note::Float {
                typed: n.to_string(),
                read,
            }));
            notes
        }
        Value::Float(x) if x.get().is_finite() => {
            let read = x.plain();
            let note = if figures(typed) != figures(&read) {
                Note::Float {
                    typed: typed_so(),
                    read,
                }
            } else if drops_zeros(typed) {
                Note::Number {
                    typed: typed_so(),
                    read,
                }
            } else {
                return Vec::new();
            };
            vec![note]
        }
        _ => Vec::new(),
    }
}

/// What an integer becomes where all numbers are floats, if that is another.
fn as_float(n: &Integer) -> Option<String> {
    let read = format!("{:.0}", n.to_f64());
    (read != n.to_string()).then_some(read)
}

/// The digits that count, without sign, point, exponent and zeros around.
fn figures(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

/// `3.10`, but not `3.0`.
fn drops_zeros(typed: &str) -> bool {
    let mantissa = typed.split(['e', 'E']).next().unwrap_or_default();
    let fraction = mantissa
        .split_once('.')
        .map_or("", |(_, fraction)| fraction);
    fraction.len() > 1 && fraction.ends_with('0')
}
