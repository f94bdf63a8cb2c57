//! Violations in words, in the same words as the errors of typed access.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

pub(super) fn of(kind: &Kind, error: &ValidationError<'_>) -> String {
    match kind {
        Kind::Type { kind } => expected(&names(kind), error.instance()),
        Kind::Required { property } => {
            format!(
                "missing key `{}`",
                brief(property.as_str().unwrap_or_default())
            )
        }
        Kind::Enum { options } => format!("expected one of {}", listed(options)),
        Kind::Constant { expected_value } => {
            format!("expected {}", brief(&expected_value.to_string()))
        }
        Kind::Minimum { limit } => format!("expected at least {limit}"),
        Kind::Maximum { limit } => format!("expected at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}"),
        Kind::MinLength { limit } => format!("expected at least {limit} characters"),
        Kind::MaxLength { limit } => format!("expected at most {limit} characters"),
        Kind::MinItems { limit } => format!("expected at least {limit} items"),
        Kind::MaxItems { limit } => format!("expected at most {limit} items"),
        Kind::Pattern { pattern } => format!("expected text that matches `{}`", brief(pattern)),
        Kind::Format { format } => format!("expected text in the format `{}`", brief(format)),
        Kind::BacktrackLimitExceeded { .. } => {
            "matching the text with the schema's pattern takes too many steps".into()
        }
        Kind::UniqueItems => "duplicate item in the array".into(),
        Kind::FalseSchema => "no value is allowed here".into(),
        // Without the value, which may be a secret.
        _ => brief(&error.masked().to_string()),
    }
}

/// Characters of the schema's own words that are quoted.
const QUOTED: usize = 300;

/// Values of an `enum` that are named.
const NAMED: usize = 50;

/// A text of the schema, cut where it is too long to be read.
pub(super) fn brief(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn listed(options: &Json) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |option: &Json| match option {
        Json::String(text) => brief(text),
        other => brief(&other.to_string()),
    };
    let named = options.iter().take(NAMED);
    let named: Vec<_> = named.map(|option| format!("`{}`", text(option))).collect();
    match options.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

pub(super) fn expected(types: &[String], instance: &Json) -> String {
    format!("expected {}, found {}", types.join(" or "), found(instance))
}

/// The types that errors ask for, in order, each once.
pub(super) fn types<'a>(errors: impl Iterator<Item = &'a ValidationError<'static>>) -> Vec<String> {
    let mut types = Vec::new();
    for error in errors {
        if let Kind::Type { kind } = error.kind() {
            types.extend(names(kind));
        }
    }
    let mut once = Vec::new();
    types.into_iter().for_each(|name| {
        if !once.contains(&name) {
            once.push(name);
        }
    });
    once
}

fn names(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(name) => vec![in_our_words(&name.to_string())],
        TypeKind::Multiple(names) => names
            .iter()
            .map(|name| in_our_words(&name.to_string()))
            .collect(),
    }
}

fn in_our_words(json: &str) -> String {
    if json == "object" {
        "table".into()
    } else {
        json.into()
    }
}

fn found(instance: &Json) -> &'static str {
    match instance {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(n) if n.is_f64() => "float",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "table",
    }
}
