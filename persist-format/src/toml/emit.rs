//! Writing values as TOML.

use crate::error::{Error, ErrorKind};
use crate::escape::Escapes;
use crate::value::{Map, Value};

/// The value as a fresh document: in each table plain values first, then sub-tables under headers.
pub(crate) fn emit(value: &Value) -> Result<String, Error> {
    let Value::Map(map) = value else {
        return Err(Error::new(
            ErrorKind::Unrepresentable,
            "a TOML document is a table",
        ));
    };
    let mut out = String::new();
    table(&mut Vec::new(), map, &mut out);
    Ok(out)
}

/// True for what is written as `[[key]]` tables rather than inline.
pub(super) fn is_tables(value: &Value) -> bool {
    value.as_sequence().is_some_and(|items| {
        !items.is_empty() && items.iter().all(|item| item.is_map() && !is_empty(item))
    })
}

fn is_empty(value: &Value) -> bool {
    value.as_map().is_some_and(Map::is_empty)
}

/// The body of a table and all tables below it, without its header.
pub(super) fn table(path: &mut Vec<String>, map: &Map, out: &mut String) {
    for (name, value) in map
        .iter()
        .filter(|(_, value)| !value.is_map() && !is_tables(value))
    {
        out.push_str(&format!("{} = {}\n", key(name), inline(value)));
    }
    for (name, value) in map.iter() {
        if value.is_map() || is_tables(value) {
            section(path, name, value, out);
        }
    }
}

/// A table, or an array of tables, under a key, with headers.
pub(super) fn section(path: &mut Vec<String>, name: &Value, value: &Value, out: &mut String) {
    path.push(key(name));
    match value {
        Value::Map(map) => {
            // A table that only holds tables needs no header.
            let only_tables =
                !map.is_empty() && map.values().all(|value| value.is_map() || is_tables(value));
            if !only_tables {
                header(path, "[", "]", out);
            }
            table(path, map, out);
        }
        Value::Sequence(items) => {
            for item in items {
                element(path, item, out);
            }
        }
        _ => {}
    }
    path.pop();
}

/// One element of an array of tables.
pub(super) fn element(path: &mut Vec<String>, item: &Value, out: &mut String) {
    header(path, "[[", "]]", out);
    if let Value::Map(map) = item {
        table(path, map, out);
    }
}

fn header(path: &[String], open: &str, close: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{open}{}{close}\n", path.join(".")));
}

/// A key as it is written, bare if it can be.
pub(super) fn key(key: &Value) -> String {
    let text = key.as_key_text().unwrap_or_else(|| key.to_string());
    let bare = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { text } else { ESCAPES.quoted(&text) }
}

/// A value on one line.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Float(x) => float(x),
        Value::Sequence(items) => format!(
            "[{}]",
            items.iter().map(inline).collect::<Vec<_>>().join(", ")
        ),
        Value::Map(map) if map.is_empty() => "{}".into(),
        Value::Map(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // Null, bytes and tags never come here: the value was fitted to the format.
        other => other.to_string(),
    }
}

fn float(x: &crate::value::Float) -> String {
    let number = x.get();
    if number.is_nan() {
        return "nan".into();
    }
    let same = |spelling: &&str| {
        spelling.contains(['.', 'e', 'E'])
            && !spelling.starts_with('.')
            && reads_as(spelling, number)
    };
    x.spelling()
        .filter(same)
        .map_or_else(|| x.plain(), str::to_owned)
}

fn reads_as(spelling: &str, number: f64) -> bool {
    let read = ::toml::from_str::<::toml::Table>(&format!("x = {spelling}"));
    read.is_ok_and(|table| {
        table
            .get("x")
            .and_then(::toml::Value::as_float)
            .is_some_and(|x| x.to_bits() == number.to_bits())
    })
}

/// A literal string where that spares escapes, else a basic one.
fn string(text: &str) -> String {
    let literal =
        text.contains(['\\', '"']) && !text.contains(|c: char| c == '\'' || c.is_control());
    if literal {
        format!("'{text}'")
    } else {
        ESCAPES.quoted(text)
    }
}

/// Everything is escaped that some reader might take amiss.
const ESCAPES: Escapes = Escapes {
    short: &[
        ('\n', 'n'),
        ('\r', 'r'),
        ('\t', 't'),
        ('\u{8}', 'b'),
        ('\u{c}', 'f'),
    ],
    must: |c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'),
    bytes: false,
};
