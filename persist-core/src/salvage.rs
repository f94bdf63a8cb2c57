//! The last rung but one: fields that can still be read in damaged bytes.

use persist_format::{Document, Format, KeyPath, Value};

/// Attempts at dropping an unreadable line before giving up.
const TRIES: usize = 200;

/// What could be read.
#[derive(Clone, Debug)]
pub(crate) struct Salvaged {
    pub(crate) document: Document,
    /// How many values were found.
    pub(crate) fields: usize,
    /// Keys of the defaults that had to be filled in.
    pub(crate) lost: Vec<String>,
}

/// Reads as many fields as there are: NULs and broken characters are blanked, then lines that
/// can't be read are left out one by one. Fields that `defaults` has and the rest has not are filled in.
///
/// `None` where not one field is left.
pub(crate) fn salvage(bytes: &[u8], format: Format, defaults: Option<&Value>) -> Option<Salvaged> {
    let text: String = String::from_utf8_lossy(bytes).replace(['\0', '\u{FFFD}'], "");
    let mut document = readable(&text, format)?;
    let fields = leaves(document.value());
    if fields == 0 {
        return None;
    }
    let mut lost = Vec::new();
    if let Some(defaults) = defaults {
        fill(&mut document, &KeyPath::root(), defaults, &mut lost);
    }
    Some(Salvaged {
        document,
        fields,
        lost,
    })
}

fn readable(text: &str, format: Format) -> Option<Document> {
    let mut text = text.to_owned();
    for _ in 0..TRIES {
        let error = match Document::parse(text.as_bytes(), format) {
            Ok(document) => return Some(document).filter(|d| matches!(d.value(), Value::Map(_))),
            Err(error) => error,
        };
        if let Some(closed) = close(&text, format) {
            return Some(closed);
        }
        let line = error.location()?.line;
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.is_empty() {
            return None;
        }
        let at = line.clamp(1, lines.len()) - 1;
        drop_line(&mut lines, at, format);
        text = lines.concat();
    }
    None
}

/// Drops a line, and with a header or a key that opens a block what stands under it: it must not end
/// up under another.
fn drop_line(lines: &mut Vec<&str>, at: usize, format: Format) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth = indent(lines[at]);
    let header = lines[at].trim_start().starts_with('[');
    let below = |line: &&&str| match format {
        Format::Toml => header && !line.trim_start().starts_with('['),
        Format::Yaml => line.trim().is_empty() || indent(line) > depth,
        _ => false,
    };
    let under = lines[at + 1..].iter().take_while(below).count();
    lines.drain(at..=at + under);
}

/// Cut-off JSON: drops what follows the last complete value and closes what is open.
fn close(text: &str, format: Format) -> Option<Document> {
    if !matches!(format, Format::Json | Format::Jsonc) {
        return None;
    }
    let ends = text
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, ',' | '{' | '['));
    for (at, c) in ends.take(TRIES) {
        let kept = if c == ',' { &text[..at] } else { &text[..=at] };
        let closed = format!("{kept}\n{}\n", closers(kept));
        if let Ok(document) = Document::parse(closed.as_bytes(), format) {
            return Some(document);
        }
    }
    None
}

/// The brackets that are open at the end of a JSON text, closed in order.
fn closers(text: &str) -> String {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open.push('}'),
            '[' if !quoted => open.push(']'),
            '}' | ']' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open.iter().rev().collect()
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Map(map) => map.values().map(leaves).sum(),
        Value::Sequence(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

fn fill(document: &mut Document, at: &KeyPath, defaults: &Value, lost: &mut Vec<String>) {
    let Value::Map(map) = defaults else {
        return;
    };
    for (key, value) in map.iter() {
        let path = at.child(&key.as_key_text().unwrap_or_else(|| key.to_string()));
        match document.get(&path) {
            Some(Value::Map(_)) => fill(document, &path, value, lost),
            Some(_) => {}
            None => {
                if document.set(&path, value.clone()).is_ok() {
                    lost.push(path.to_string());
                }
            }
        }
    }
}
