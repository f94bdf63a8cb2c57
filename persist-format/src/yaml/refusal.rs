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
            let (kind, span) = match tab(text, at, kind) {
                Some((kind, at)) => (kind, at..at + 1),
                None => (kind, span),
            };
            let wrong = Error::at(ErrorKind::Syntax, kind.to_string(), text, span);
            match remedy(kind) {
                Some(help) => wrong.with_help(help),
                None => wrong,
            }
        }
    }
}

/// The tab in an indent that an error is about, with the error that names it: the parser stops before it, where the line above begins, or after it.
fn tab<'k>(
    text: &str,
    at: usize,
    kind: &'k granit_parser::ErrorKind,
) -> Option<(&'k granit_parser::ErrorKind, usize)> {
    use granit_parser::ErrorKind as NodeKind;
    let (before, after) = text.split_at_checked(at)?;
    let in_indent = |line: &str| {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        line[..indent].find('\t')
    };
    let start = before.rfind('\n').map_or(0, |feed| feed + 1);
    let here = || Some(start + in_indent(&text[start..])?);
    match kind {
        NodeKind::TabInPlainScalar => {
            let mut lines = after.match_indices('\n').map(|(feed, _)| at + feed + 1);
            let tab = lines.find_map(|line| Some(line + in_indent(&text[line..])?));
            Some((kind, tab?))
        }
        NodeKind::TabInBlockIndentation | NodeKind::TabNotAllowed => Some((kind, here()?)),
        NodeKind::MappingValueNotAllowed | NodeKind::ExpectedBlockMappingKey => {
            Some((&NodeKind::TabInIndentation, here()?))
        }
        _ => None,
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
