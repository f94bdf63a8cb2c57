//! Writing values afresh.

use base64::Engine as _;

use super::quote::{self, Style};
use super::scalar;
use crate::error::{Error, ErrorKind};
use crate::value::{Float, Map, Value};

/// How new text is laid out: what an editor takes from the surroundings.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Columns per level of mappings, at least 1.
    pub(super) step: usize,
    /// Columns from a key to the `-` of the sequence under it: 0 or more.
    pub(super) dash: usize,
    /// How strings are written if they can be.
    pub(super) strings: Style,
    /// How keys are written if they can be.
    pub(super) keys: Style,
    /// How strings are written that can't be plain.
    pub(super) quotes: Style,
    /// Whether block scalars may be used.
    pub(super) literals: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            step: 2,
            dash: 2,
            strings: Style::Plain,
            keys: Style::Plain,
            quotes: Style::Double,
            literals: true,
        }
    }
}

/// A value's text: its first line follows `key:`, `-` or nothing, the others are whole lines of their own.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// What follows on the line of the key, without the space before it; empty if all is on the lines below.
    pub(super) inline: String,
    /// Whole lines, indented, without line breaks.
    pub(super) lines: Vec<String>,
    /// If `inline` is the first line of a block collection: the column where the collection's lines begin.
    pub(super) compact: Option<usize>,
}

impl Text {
    pub(super) fn inline(inline: String) -> Self {
        Self {
            inline,
            ..Self::default()
        }
    }

    fn lines(inline: String, lines: Vec<String>) -> Self {
        Self {
            inline,
            lines,
            compact: None,
        }
    }

    /// The lines of a block collection at a column; if `compact`, its first line goes on the line of a dash, unless that is a comment.
    pub(super) fn of_lines(mut lines: Vec<String>, column: usize, compact: bool) -> Self {
        let on_dash = compact
            && lines
                .first()
                .is_some_and(|line| !line.trim_start().starts_with('#'));
        if !on_dash {
            return Self::lines(String::new(), lines);
        }
        let first = lines.remove(0);
        Self {
            inline: first.trim_start().to_owned(),
            lines,
            compact: Some(column),
        }
    }

    /// Puts an anchor before the value.
    pub(super) fn anchored(mut self, anchor: &str) -> Self {
        // On the line of a compact mapping the anchor would be its first key's.
        if let Some(column) = self.compact.take() {
            self.lines
                .insert(0, format!("{}{}", " ".repeat(column), self.inline));
            self.inline = String::new();
        }
        let space = if self.inline.is_empty() { "" } else { " " };
        self.inline = format!("{anchor}{space}{}", self.inline);
        self
    }
}

/// Writes a document.
pub(crate) fn emit(value: &Value) -> Result<String, Error> {
    let text = Layout::default().root(value)?;
    let mut out = String::new();
    if !text.inline.is_empty() {
        out = text.inline + "\n";
    }
    for line in text.lines {
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}

impl Layout {
    /// A document's root: what it has of lines begins at column 0.
    pub(super) fn root(&self, value: &Value) -> Result<Text, Error> {
        let mut text = match (properties(value), value.untagged()) {
            ((tag, _), Value::Sequence(items)) if !items.is_empty() => {
                Text::lines(tag, self.items(items, 0)?)
            }
            ((tag, _), Value::Map(map)) if !map.is_empty() => {
                Text::lines(tag, self.entries(map, 0)?)
            }
            _ => self.value(value, 0, 0)?,
        };
        if !text.inline.is_empty() && !text.lines.is_empty() {
            text.inline.insert_str(0, "--- ");
        }
        Ok(text)
    }

    /// A value after a key or `-` that stands at column `parent`, sequences at `dashes`.
    fn value(&self, value: &Value, parent: usize, dashes: usize) -> Result<Text, Error> {
        let (tag, inner) = (properties(value).0, value.untagged());
        match inner {
            Value::Sequence(items) if !items.is_empty() => {
                Ok(Text::lines(tag, self.items(items, dashes)?))
            }
            Value::Map(map) if !map.is_empty() => {
                Ok(Text::lines(tag, self.entries(map, parent + self.step)?))
            }
            Value::String(text) if self.literals => Ok(self.string(text, &tag, parent + self.step)),
            _ => Ok(Text::inline(self.flow(value)?)),
        }
    }

    /// A value under a mapping's key that stands at column `column`.
    pub(super) fn under_key(&self, value: &Value, column: usize) -> Result<Text, Error> {
        self.value(value, column, column + self.dash)
    }

    /// A value after a `-` that stands at column `column`. A mapping or sequence begins on the line of the dash.
    pub(super) fn under_dash(&self, value: &Value, column: usize) -> Result<Text, Error> {
        let inner = Self {
            step: 2,
            ..self.clone()
        };
        let mut text = match value.untagged() {
            // A mapping's keys stand just after the dash; deeper levels have the document's step again.
            Value::Map(map) if !map.is_empty() => {
                Text::lines(properties(value).0, self.entries(map, column + 2)?)
            }
            _ => inner.value(value, column, column + 2)?,
        };
        if text.inline.is_empty() && !text.lines.is_empty() {
            text.compact = Some(column + 2);
            text.inline = text.lines.remove(0).trim_start().to_owned();
        }
        Ok(text)
    }

    fn string(&self, text: &str, tag: &str, indent: usize) -> Text {
        let spaced = if tag.is_empty() {
            String::new()
        } else {
            format!("{tag} ")
        };
        match quote::literal(text) {
            Some((header, lines)) => {
                let pad = " ".repeat(indent);
                let indented = |line: &str| {
                    if line.is_empty() {
                        String::new()
                    } else {
                        format!("{pad}{line}")
                    }
                };
                Text::lines(
                    format!("{spaced}{header}"),
                    lines.into_iter().map(indented).collect(),
                )
            }
            None => Text::inline(format!(
                "{spaced}{}",
                quote::scalar(text, self.strings, self.quotes)
            )),
        }
    }

    /// The lines of a block mapping with its keys at `column`.
    pub(super) fn entries(&self, map: &Map, column: usize) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        for (key, value) in map.iter() {
            lines.extend(self.entry(key, value, column)?);
        }
        Ok(lines)
    }

    /// The lines of one entry.
    pub(super) fn entry(
        &self,
        key: &Value,
        value: &Value,
        column: usize,
    ) -> Result<Vec<String>, Error> {
        let pad = " ".repeat(column);
        let key = self.key(key)?;
        let text = self.under_key(value, column)?;
        let space = if text.inline.is_empty() { "" } else { " " };
        let first = if key.chars().count() > quote::LONGEST_KEY {
            format!("{pad}? {key}\n{pad}:{space}{}", text.inline)
        } else {
            format!("{pad}{key}:{space}{}", text.inline)
        };
        let mut lines: Vec<String> = first.split('\n').map(str::to_owned).collect();
        lines.extend(text.lines);
        Ok(lines)
    }

    /// The lines of a block sequence with its dashes at `column`.
    pub(super) fn items(&self, items: &[Value], column: usize) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        for item in items {
            lines.extend(self.item(item, column)?);
        }
        Ok(lines)
    }

    /// The lines of one item.
    pub(super) fn item(&self, value: &Value, column: usize) -> Result<Vec<String>, Error> {
        let text = self.under_dash(value, column)?;
        let mut lines = vec![format!("{}- {}", " ".repeat(column), text.inline)];
        lines.extend(text.lines);
        Ok(lines)
    }

    /// A key on one line, in flow style if it is a collection.
    pub(super) fn key(&self, key: &Value) -> Result<String, Error> {
        match key {
            Value::String(text) => Ok(quote::scalar(text, self.keys, self.quotes)),
            _ => self.flow(key),
        }
    }

    /// A value on one line.
    pub(super) fn flow(&self, value: &Value) -> Result<String, Error> {
        Ok(match value {
            Value::Null => "null".into(),
            Value::Bool(b) => b.to_string(),
            Value::Integer(n) => n.to_string(),
            Value::Float(x) => float(x),
            Value::String(text) => quote::scalar(text, self.strings, self.quotes),
            Value::Bytes(bytes) => format!(
                "!!binary \"{}\"",
                base64::engine::general_purpose::STANDARD.encode(bytes)
            ),
            Value::Datetime(datetime) => {
                quote::scalar(&datetime.to_string(), Style::Double, Style::Double)
            }
            Value::Sequence(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items?.join(", "))
            }
            Value::Map(map) => {
                let entries: Result<Vec<_>, _> = map
                    .iter()
                    .map(|(key, value)| self.pair(key, value))
                    .collect();
                format!("{{{}}}", entries?.join(", "))
            }
            Value::Tagged(_) => {
                let (tag, depth) = properties(value);
                if depth > 1 {
                    return Err(Error::new(
                        ErrorKind::Unrepresentable,
                        "YAML has one tag for a value, not two",
                    ));
                }
                let inner = self.flow(value.untagged())?;
                format!("{tag} {inner}")
            }
        })
    }

    /// An entry of a flow mapping.
    pub(super) fn pair(&self, key: &Value, value: &Value) -> Result<String, Error> {
        let key = self.key(key)?;
        let question = if key.chars().count() > quote::LONGEST_KEY {
            "? "
        } else {
            ""
        };
        Ok(format!("{question}{key}: {}", self.flow(value)?))
    }
}

/// The tag before a value, as text, and the number of tags.
fn properties(value: &Value) -> (String, usize) {
    let Value::Tagged(tagged) = value else {
        return (String::new(), 0);
    };
    (tag_text(&tagged.tag), 1 + properties(&tagged.value).1)
}

fn tag_text(tag: &str) -> String {
    let is_word = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b))
    };
    match (tag.strip_prefix('!'), tag.strip_prefix(scalar::CORE)) {
        (Some(name), _) if is_word(name) => tag.to_owned(),
        (_, Some(name)) if is_word(name) => format!("!!{name}"),
        _ => format!("!<{}>", percent_encoded(tag)),
    }
}

/// Characters that may not stand in a verbatim tag are percent-encoded, as in a URI.
fn percent_encoded(tag: &str) -> String {
    let mut out = String::new();
    for byte in tag.bytes() {
        if byte.is_ascii_alphanumeric() || b"-#;/?:@&=+$,_.!~*'()[]".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// With a point and a signed exponent, since readers of YAML 1.1 take `1e300` for a string.
fn float(x: &Float) -> String {
    if x.get().is_nan() {
        return ".nan".into();
    }
    if x.get().is_infinite() {
        return if x.get() > 0.0 {
            ".inf".into()
        } else {
            "-.inf".into()
        };
    }
    if let Some(spelling) = x.spelling().filter(|spelling| is_portable(spelling, x)) {
        return spelling.to_owned();
    }
    let shortest = x.plain();
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        return shortest;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// True if readers of YAML 1.1 and 1.2 both take the spelling for this number: digits, a point, digits, and an exponent with its sign.
fn is_portable(spelling: &str, x: &Float) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match spelling.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (spelling, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    mantissa
        .split_once('.')
        .is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
        && exponent.is_none_or(|exponent| exponent.strip_prefix(['+', '-']).is_some_and(digits))
        && spelling
            .parse::<f64>()
            .is_ok_and(|read| Float::from(read) == *x)
}
