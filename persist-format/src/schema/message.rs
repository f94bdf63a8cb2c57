//! Violations in words, in the same words as the errors of typed access.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

pub(super) fn of(kind: &Kind, error: &ValidationError<'_>) -> String {
    match kind {
        Kind::Type { kind } => expected(&names(kind), error.instance()),
        Kind::Required { property } => {
            format!("missing key `{}`", property.as_str().unwrap_or_default())
        }
        Kind::Enum { options } => format!("expected one of {}", listed(options)),
        Kind::Constant { expected_value } => format!("expected {expected_value}"),
        Kind::Minimum { limit } => format!("expected at least {limit}"),
        Kind::Maximum { limit } => format!("expected at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}"),
        Kind::MinLength { limit } => format!("expected at least {limit} characters"),
        Kind::MaxLength { limit } => format!("expected at most {limit} characters"),
        Kind::MinItems { limit } => format!("expected at least {limit} items"),
        Kind::MaxItems { limit } => format!("expected at most {limit} items"),
        Kind::Pattern { pattern } => format!("expected text that matches `{pattern}`"),
        Kind::Format { format } => format!("expected text in the format `{format}`"),
        Kind::UniqueItems => "an item stands twice in the array".into(),
        Kind::FalseSchema => "nothing may stand here".into(),
        // Without the value, which may be a secret.
        _ => error.masked().to_string(),
    }
}

fn listed(options: &Json) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options
        .iter()
        .map(|option| {
            format!(
                "`{}`",
                option
                    .as_str()
                    .map_or_else(|| option.to_string(), str::to_owned)
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
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
