//! The parser's errors as ours.

use granit_parser::{ScanError, Span};

use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

pub(super) fn syntax_error(text: &str, limits: &Limits, error: &ScanError) -> Error {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let span = at..at + 1;
    match error.kind() {
        granit_parser::ErrorKind::RecursionLimitExceeded => Error::at(
            ErrorKind::Limit,
            format!("collections nested deeper than {}", limits.max_depth()),
            text,
            span,
        ),
        kind => {
            let wrong = Error::at(ErrorKind::Syntax, kind.to_string(), text, span);
            match remedy(kind) {
                Some(help) => wrong.with_help(help),
                None => wrong,
            }
        }
    }
}

/// What to do about the mistakes that people make most.
fn remedy(kind: &granit_parser::ErrorKind) -> Option<&'static str> {
    use granit_parser::ErrorKind as NodeKind;
    match kind {
        NodeKind::InvalidIndentation => {
            Some("indent what is in brackets further than its key, the closing bracket too")
        }
        NodeKind::MappingValueNotAllowed => Some("a text that contains `: ` has to be quoted"),
        NodeKind::UnknownAnchor => Some("an alias `*name` needs an anchor `&name` before it"),
        _ => None,
    }
}

pub(super) fn limit(text: &str, span: &Span, message: String) -> Error {
    Error::at(
        ErrorKind::Limit,
        message,
        text,
        span.byte_range().unwrap_or_default(),
    )
}
