//! Writing values as JSON.

use crate::value::Value;
use crate::value::json::quoted;

/// The value as a fresh document: two spaces of indentation, a newline at the end.
pub(crate) fn emit(value: &Value) -> String {
    let mut out = String::new();
    write(
        value,
        &Layout::Lines {
            indent: String::new(),
            unit: "  ".into(),
        },
        &mut out,
    );
    out.push('\n');
    out
}

/// How the parts of a container are laid out.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// On one line, with a space after `:` and `,`.
    Line,
    /// A line for each child; `indent` is that of the container's own line.
    Lines { indent: String, unit: String },
}

impl Layout {
    fn deeper(&self) -> Self {
        match self {
            Self::Line => Self::Line,
            Self::Lines { indent, unit } => Self::Lines {
                indent: format!("{indent}{unit}"),
                unit: unit.clone(),
            },
        }
    }

    fn open(&self, first: bool, out: &mut String) {
        match self {
            Self::Line if first => {}
            Self::Line => out.push_str(", "),
            Self::Lines { indent, unit } => {
                out.push_str(if first { "\n" } else { ",\n" });
                out.push_str(indent);
                out.push_str(unit);
            }
        }
    }

    fn close(&self, out: &mut String) {
        if let Self::Lines { indent, .. } = self {
            out.push('\n');
            out.push_str(indent);
        }
    }
}

pub(super) fn write(value: &Value, layout: &Layout, out: &mut String) {
    match value {
        Value::Sequence(items) if items.is_empty() => out.push_str("[]"),
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::Sequence(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                layout.open(i == 0, out);
                write(item, &layout.deeper(), out);
            }
            layout.close(out);
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                layout.open(i == 0, out);
                out.push_str(&key_text(key));
                out.push_str(": ");
                write(item, &layout.deeper(), out);
            }
            layout.close(out);
            out.push('}');
        }
        scalar => out.push_str(&scalar_text(scalar)),
    }
}

pub(super) fn key_text(key: &Value) -> String {
    quoted(&key.as_key_text().unwrap_or_else(|| key.to_string()))
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::Float(x) => match x.spelling() {
            Some(spelling) if is_json_float(spelling) => spelling.to_owned(),
            _ => x.plain(),
        },
        other => other.to_string(),
    }
}

/// True for what JSON reads as a float again (and not as an integer).
fn is_json_float(spelling: &str) -> bool {
    let read = super::read::read(
        spelling,
        super::dialect::Dialect::Strict,
        &crate::Limits::default(),
    );
    read.is_ok_and(|tree| tree.value.is_float())
}
